"""What the client of one socket hears: the frames that a step waits for, and how the hub closes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.servers import PATIENCE


@dataclass(slots=True)
class Socket:
    """What one client has heard and not looked at yet, and the positions that it holds."""

    connection: ClientConnection
    heard: list[dict[str, Any]] = field(default_factory=list)
    positions: dict[str, str] = field(default_factory=dict)

    async def hear(self, wanted: Iterable[str], passed_over: Iterable[str]) -> list[dict[str, Any]]:
        """The frames that are wanted, in this order, and behind them all others that came before the last of them.
        AssertionError when one does not come."""
        missing, found, beside = list(wanted), dict[str, dict[str, Any]](), list[dict[str, Any]]()
        try:
            async with asyncio.timeout(PATIENCE):
                while missing:
                    frame = orjson.loads(await self.connection.recv())
                    name = name_of(frame)
                    if "position" in frame:
                        self.positions[frame["channel"]] = frame["position"]
                    if name == "update mine" and not frame["data"]:
                        continue  # which version it comes with is chance
                    if name in missing:
                        missing.remove(name)
                        found[name] = frame
                    elif frame["op"] not in passed_over:
                        beside.append(frame)
        except (TimeoutError, ConnectionClosed) as error:
            raise AssertionError(f"not heard: {missing}; but {beside}, {error!r}") from None
        return [found[name] for name in wanted] + beside

    async def end(self) -> dict[str, Any]:
        """How the hub closes; what it says before that was heard already."""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionClosed):
                while (frame := orjson.loads(await self.connection.recv()))["op"] in ("fresh", "pong"):
                    pass
                raise AssertionError(f"not closed, but {frame}")
        return {"code": self.connection.close_code, "reason": self.connection.close_reason}


def name_of(frame: Any) -> str:
    """What it is about: "op" or "op channel"."""
    return f"{frame['op']} {frame['channel']}" if "channel" in frame else str(frame["op"])
