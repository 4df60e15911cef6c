"""One hub for all statements of the live protocol, and a client that shares no code with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests import servers as made
from tests.conftest import SECRET_KEY
from tests.servers import HubServer, Servers

PATIENCE = 20.0


@dataclass(slots=True)
class House:
    """The hub, and two people's tokens."""

    hub: HubServer
    token: str
    host: str
    sockets: contextlib.ExitStack

    def open(self, **how: Any) -> Talker:
        how.setdefault("subprotocols", ["booking.v1.json"])
        calm = {"compression": None, "ping_interval": None, "proxy": None, "close_timeout": 2}
        return Talker(self.sockets.enter_context(connect(self.hub.live_url, **calm, **how)))

    def joined(self, token: str | None = None, **since: Any) -> Talker:
        talker = self.open()
        talker.say("connect", id=1, token=token or self.token, **since)
        assert talker.hears("connected")["id"] == 1
        return talker


class Talker:
    """One socket: says frames, and hears them one by one."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, op: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"op": op, **fields}))

    def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self.socket.recv(timeout=PATIENCE))
        return frame

    def hears(self, op: str, fits: Callable[[dict[str, Any]], bool] = lambda frame: True) -> dict[str, Any]:
        """The next frame of this kind; what comes before it is passed over."""
        while True:
            frame = self.next()
            if frame["op"] == op and fits(frame):
                return frame

    def answer(self, id: Any) -> dict[str, Any]:
        """The next frame that carries this id."""
        while (frame := self.next()).get("id", ...) != id:
            pass
        return frame

    def end(self) -> tuple[int | None, dict[str, Any] | None]:
        """The close code, and the bye before it."""
        bye = None
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = self.next()
                bye = frame if frame["op"] == "bye" else bye
        return self.socket.close_code, bye


@pytest.fixture(scope="module")
def house(servers: Servers, template: str, folder: Path) -> Iterator[House]:
    with asyncio.Runner() as runner:
        database = made.cloned_database(servers, template)
        url = runner.run(database.__aenter__())
        environ = made.environment(DATABASE_URL=url, REDIS_URL=servers.redis_url(7), SECRET_KEY=SECRET_KEY)
        environ |= {"LIVE_SESSIONS_PER_USER": "0", "LIVE_SESSIONS_PER_ADDRESS": "0"}
        hub = runner.run(made.start_hub(folder / "conformance", environ))
        try:
            guest, host = runner.run(hub.register()), runner.run(hub.staff("host"))
            yield House(hub, guest.token, host.token, contextlib.ExitStack())
        finally:
            runner.run(hub.stop())
            runner.run(database.__aexit__(None, None, None))


@pytest.fixture(autouse=True)
def hung_up(house: House) -> Iterator[None]:
    """Nobody stays connected after a test."""
    yield
    house.sockets.close()
