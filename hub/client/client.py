"""A client of the live channel, typed, asynchronous: it reconnects, resumes and knows how old what it holds may be.

    async with LiveClient("http://127.0.0.1:8000", token) as live:
        async for state in live.watch("availability:2026-11-24"):
            print(state.position, state.fresh, state.data)

One connection carries every channel. It needs the package ``websockets`` and the standard library, and nothing that
the hub itself needs. This file goes from connection to connection; one connection is hub.client.connection's.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from hub.client.connection import CONNECT_SECONDS, LARGEST, Connection, Line, clocks
from hub.client.renewal import Renew, SessionEnded, refresher
from hub.client.retry import CALM_MS, after_close, backoff
from hub.client.watched import Freshness, LiveRefused, Shared, State, Watched
from hub.live.registry import SUBPROTOCOL

__all__ = ["LiveClient", "LiveClosed", "LiveRefused", "State"]
UNAUTHENTICATED, EXPIRED = 4001, 4200
log = logging.getLogger(__name__)


class LiveClosed(Exception):
    """The hub closed for good: not again with the same token, or not again by this program."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class LiveClient:
    """``url`` is the hub's (http, https, ws or wss), with /v/{slug} for another venue than the first.

    Without a token it is a visitor. ``renew`` gets a new token, by POST /auth/refresh if it is not given.
    """

    def __init__(
        self, url: str, token: str | None = None, *, renew: Renew | None = None, origin: str | None = None
    ) -> None:
        parts = urlsplit(url)
        secure = parts.scheme in ("https", "wss")
        path = parts.path.rstrip("/").removesuffix("/live")
        self._address = urlunsplit(("wss" if secure else "ws", parts.netloc, path + "/live", "", ""))
        http = urlunsplit(("https" if secure else "http", parts.netloc, "", "", ""))
        self._origin = origin
        self._shared = Shared(token)
        self._watched = self._shared.watched
        self._renew = renew or refresher(http, lambda: self.token or "")
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._closed: LiveClosed | None = None
        self.connections = 0
        """How often a connection was made."""

    async def __aenter__(self) -> LiveClient:
        self._task = asyncio.create_task(self._run(), name="live client")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [task for task in (self._task, self._renewing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- what users see

    @property
    def token(self) -> str | None:
        """The token that the next connection begins with."""
        return self._shared.token

    @property
    def roles(self) -> Mapping[str, str]:
        """Venue → role, as the hub said last."""
        return self._shared.roles

    @property
    def venue(self) -> Mapping[str, Any] | None:
        """The venue as the hub sent it: slug, name, zone, service_day, day_ends_at."""
        return self._shared.venue

    @property
    def fresh(self) -> Freshness:
        """Whether all that is watched is live."""
        self._look()
        watched = self._watched.values()
        return "live" if watched and all(each.live for each in watched) else "stale"

    async def watch(self, channel: str) -> AsyncIterator[State]:
        """The channel's states, the newest each time: a slow consumer skips those in between, never goes back.

        A state comes again when its freshness changes, by itself. Raises LiveRefused when the channel is refused,
        LiveClosed when the hub closed for good.
        """
        watched = self._watched.get(channel)
        if watched is None:
            watched = self._watched[channel] = Watched(channel)
            if self._connection is not None:
                await self._connection.ask([watched])
        watched.users += 1
        seen = None
        try:
            while True:
                self._look()
                while watched.refused is None and self._closed is None and watched.seen in (seen, (0, False)):
                    await watched.news()
                if self._closed is not None:
                    raise self._closed
                if watched.refused is not None:
                    raise watched.refused
                self._look()
                seen = watched.seen
                yield watched.state(clocks().wall)
        finally:
            watched.users -= 1
            if not watched.users and self._watched.get(channel) is watched:
                del self._watched[channel]
                if self._connection is not None:
                    await self._connection.send("unsubscribe", channel=channel)

    def _look(self) -> None:
        if self._connection is not None:
            self._connection.look()

    # -- from connection to connection

    async def _run(self) -> None:
        attempt, renewed = 0, False
        while self._closed is None:
            connection = Connection(self._shared, self._expiring)
            code, reason, at_least = await self._connect(connection)
            self._leave()
            if connection.lasted_ms() >= CALM_MS:
                attempt, renewed = 0, False
            newer = self.token != connection.offered
            following = after_close(code, connection.bye, attempt=attempt, renewed=renewed, random=random.random)
            if newer and not renewed and following.code in (UNAUTHENTICATED, EXPIRED):
                renewed = True  # it was renewed meanwhile: what the hub refused was the token before it
                continue
            if following.act == "stop":
                self._close(following.code, str((connection.bye or {}).get("reason") or reason))
                return
            attempt += 1
            await asyncio.sleep(max(following.pause_ms / 1000, at_least))
            if following.act == "renew" and self.token is not None:
                renewed = True
                while not await self._renewed():
                    await asyncio.sleep(backoff(attempt, random.random) / 1000)
                    attempt += 1

    async def _connect(self, connection: Connection) -> tuple[int, str, float]:
        """One connection to its end: the close code (1006: none), the reason, and seconds to wait at least."""
        try:
            async with connect(
                self._address,
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                origin=self._origin,  # type: ignore[arg-type]
                create_connection=Line,
                max_size=LARGEST,
                ping_interval=None,  # the protocol's own pings do it, and say more
                open_timeout=CONNECT_SECONDS,
                close_timeout=2,
            ) as line:
                assert isinstance(line, Line)
                self.connections += 1
                self._connection = connection
                await connection.run(line)
                return line.close_code or 1006, line.close_reason or "", 0
        except ConnectionClosed as error:
            received = error.rcvd
            return (received.code, received.reason, 0) if received else (1006, "", 0)
        except InvalidStatus as error:
            wait = error.response.headers.get("Retry-After", "")
            return 1006, str(error), float(wait) if wait.isascii() and wait.isdigit() else 0
        except (OSError, InvalidHandshake, TimeoutError) as error:
            return 1006, str(error), 0

    def _leave(self) -> None:
        """A connection has ended: nothing is live, and what was asked on it is asked again on the next one."""
        self._connection = None
        for watched in self._watched.values():
            watched.forget_questions()
            watched.wake()

    def _close(self, code: int, reason: str) -> None:
        self._closed = LiveClosed(code, reason)
        for watched in self._watched.values():
            watched.wake()

    # -- the token

    async def _renewed(self) -> bool:
        """Get a new token after the old one ended. False: not for now. When there will be none: closed."""
        try:
            self._shared.token = await self._renew()
        except SessionEnded as error:
            self._close(UNAUTHENTICATED, str(error))
        except OSError:
            return False
        except Exception as error:  # the caller's own renew
            self._close(UNAUTHENTICATED, f"the token could not be renewed: {error}")
        return True

    def _expiring(self) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew_in_time(), name="live client's renewal")

    async def _renew_in_time(self) -> None:
        try:
            self._shared.token = await self._renew()
        except Exception as error:
            # The close with 4200 tries again, and says what is wrong if it stays so.
            log.info("the client could not renew its token in time: %s", error)
            return
        if self._connection is not None:
            await self._connection.refresh()
