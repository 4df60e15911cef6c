"""All sessions of one process: what they share, how many there may be, the sweep that minds the time, and the drain."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any, Protocol

from hub import logs
from hub.config import LiveBounds, Settings
from hub.live.fanout import Fanout
from hub.live.feed import Feed
from hub.metrics import Metrics
from hub.security import Tokens

log = logs.get("hub.live.sessions")
SPREAD_SECONDS = 0.5, 1.5
"""Over how long sessions are sent away at a stop, so that they do not all come back in one moment: the least, in which
whoever asks hears that this hub is not ready, and the most."""
SESSION_SECONDS = 0.01
"""How much longer that takes for each of them."""
SLICE_SECONDS = 0.05
AT_ONCE = 512  # sessions that are minded in one turn of the loop


class Member(Protocol):
    """A session, as its registry sees it."""

    gone: asyncio.Future[None]

    def mind(self, now: float, wall: float) -> None: ...
    def end(self, name: str, reason: str) -> None: ...
    def abort(self) -> None: ...


class Sessions:
    """The sessions of this process, by who and from where."""

    def __init__(self, settings: Settings, tokens: Tokens, fanout: Fanout, feed: Feed, metrics: Metrics) -> None:
        self.settings = settings
        self.bounds: LiveBounds = settings.live
        self.tokens = tokens
        self.fanout = fanout
        self.feed = feed
        self.metrics = metrics
        self.open: set[Member] = set()
        self.addresses: Counter[str] = Counter()
        self.users: Counter[int] = Counter()
        self.draining = False
        self._sweeper: asyncio.Task[Any] | None = None

    def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep(), name="sessions")

    async def stop(self) -> None:
        """End what looks after the sessions; they themselves were drained."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)

    def enter(self, member: Member, address: str) -> None:
        self.open.add(member)
        self.addresses[address] += 1
        self.metrics.sessions.inc()

    def leave(self, member: Member, address: str) -> None:
        """Forget a session whose connection is gone; a second time does nothing."""
        if member not in self.open:
            return
        self.open.discard(member)
        self.addresses[address] -= 1
        if not self.addresses[address]:
            del self.addresses[address]
        self.metrics.sessions.dec()

    def forget_user(self, user_id: int) -> None:
        self.users[user_id] -= 1
        if not self.users[user_id]:
            del self.users[user_id]

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now, wall = asyncio.get_running_loop().time(), time.time()
            for number, session in enumerate(list(self.open), 1):
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
                try:
                    session.mind(now, wall)
                except Exception:  # one session's fault may not end the deadlines of all
                    log.exception("a session could not be minded")
                    session.abort()

    async def drain(self, *, within: float) -> None:
        """Refuse new sessions, send all away one after the other, and wait until they are gone, at most ``within``
        seconds. What they watch is told to them until it is their turn."""
        self.draining = True
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        leaving = list(self.open)
        least, most = SPREAD_SECONDS
        spread = min(most, least + SESSION_SECONDS * len(leaving))
        slices = round(spread / SLICE_SECONDS) if leaving else 0
        for index in range(slices):
            await asyncio.sleep(spread / slices)
            for session in leaving[len(leaving) * index // slices : len(leaving) * (index + 1) // slices]:
                session.end("restart", "the hub restarts")
        if self.open and (left := until - loop.time()) > 0:
            await asyncio.wait([session.gone for session in self.open], timeout=left)
        for session in list(self.open):
            session.abort()
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
