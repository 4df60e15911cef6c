"""All sessions of one process: what they share, how many there may be, the sweep that minds the time, and the drain."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any, Protocol

from hub import logs
from hub.config import LiveBounds, Settings
from hub.live.broadcaster import Broadcaster
from hub.metrics import Metrics
from hub.security import Tokens
from hub.views.subscriber import EventSubscriber

log = logs.get("hub.live.sessions")
SPREAD_SECONDS = 0.5, 1.5
"""Over how long sessions are sent away at a stop, so that they do not all come back in one moment: the least, in which
whoever asks hears that this hub is not ready, and the most."""
SESSION_SECONDS = 0.01
"""How much longer that takes for each of them."""
SLICE_SECONDS = 0.05
SWEEP_SECONDS = 1.0
LATE_SECONDS = 0.5
"""A sweep that comes later than this was held up: what arrived meanwhile is read before anybody is judged."""
MILLISECONDS = [b".%03d" % number for number in range(1000)]
AT_ONCE = 512  # sessions that are minded in one turn of the loop


class RegisteredSession(Protocol):
    """A session, as its registry sees it."""

    gone: asyncio.Future[None]

    @property
    def user_id(self) -> int: ...
    def mind(self, now: float, wall: float) -> None: ...
    def end(self, name: str, reason: str) -> None: ...
    def abort(self) -> None: ...


class Sessions:
    """The sessions of this process, by who and from where."""

    def __init__(
        self,
        settings: Settings,
        tokens: Tokens,
        broadcaster: Broadcaster,
        event_subscriber: EventSubscriber,
        metrics: Metrics,
    ) -> None:
        self.settings = settings
        self.bounds: LiveBounds = settings.live
        self.tokens = tokens
        self.broadcaster = broadcaster
        self.event_subscriber = event_subscriber
        self.metrics = metrics
        self.open: set[RegisteredSession] = set()
        self.newcomers: defaultdict[str, dict[RegisteredSession, None]] = defaultdict(dict)
        """Those that have not connected yet, by address, the oldest first: they count apart."""
        self.addresses: Counter[str] = Counter()
        self.visitors: Counter[str] = Counter()
        self.users: defaultdict[int, dict[RegisteredSession, None]] = defaultdict(dict)
        """The sessions of each user, the oldest first."""
        self.draining = False
        self.waiting = False
        """Whether the process still waits for PostgreSQL: nobody is let in before it knows whose session has ended."""
        self._sweeper: asyncio.Task[Any] | None = None
        self._own = 0.0
        self._second, self._second_parts = 0, (b"", b"")
        self._loop = asyncio.get_running_loop()
        self._swept_at = self._loop.time()

    def start(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep(), name="sessions")

    async def stop(self) -> None:
        """End what looks after the sessions; they themselves were drained."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)

    def now(self) -> float:
        """Seconds that this process has had to read what its clients say: while it stood still, none passed."""
        return self._own + min(self._loop.time() - self._swept_at, SWEEP_SECONDS + LATE_SECONDS)

    def time_text(self) -> str:
        """This machine's clock in the restaurant's local time, to the millisecond."""
        return b"".join(self.time_parts()).decode()

    def time_parts(self) -> tuple[bytes, bytes, bytes]:
        """The same in parts that need no formatting: only the milliseconds differ within a second, and it is asked for
        hundreds of times in one."""
        second, millisecond = divmod(time.time_ns() // 1_000_000, 1000)
        if second != self._second:
            shown = datetime.fromtimestamp(second, self.settings.rules.zone).isoformat(timespec="seconds").encode()
            self._second, self._second_parts = second, (shown[:19], shown[19:])
        before, offset = self._second_parts
        return before, MILLISECONDS[millisecond], offset

    def enter(self, member: RegisteredSession, address: str) -> None:
        """Take a connection that was made. Of those from its address that have not connected, the oldest makes room."""
        newcomers = self.newcomers[address]
        most = self.bounds.unconnected_per_address
        if most and len(newcomers) >= most:
            oldest = next(iter(newcomers))
            self._connected(oldest, address)
            oldest.end("overloaded", "too many connections of this address have not connected")
        self.newcomers[address][member] = None
        self.open.add(member)
        self.metrics.sessions.inc()

    def admit(self, member: RegisteredSession, address: str, user_id: int) -> tuple[str, str] | None:
        """Take a session that connects, as a user's or (``user_id`` 0) as a visitor's; or why it is refused.

        Of a user that has too many, the oldest leaves.
        """
        bounds = self.bounds
        counted = self.addresses if user_id else self.visitors
        if bounds.sessions_per_address and counted[address] >= bounds.sessions_per_address:
            return "too_many", "too many sessions from this address"
        if not user_id and bounds.visitors and self.visitors.total() >= bounds.visitors:
            return "overloaded", "too many visitors"
        if user_id:
            own = self.users[user_id]
            if bounds.sessions_per_user and len(own) >= bounds.sessions_per_user:
                next(iter(own)).end("too_many", "too many sessions of this user: a newer one took the place")
            self.users[user_id][member] = None
        self._connected(member, address)
        counted[address] += 1
        return None

    def _connected(self, member: RegisteredSession, address: str) -> None:
        newcomers = self.newcomers.get(address)
        if newcomers is not None:
            newcomers.pop(member, None)
            if not newcomers:
                del self.newcomers[address]

    def dismiss(self, member: RegisteredSession, address: str, user_id: int) -> None:
        """A session that was admitted takes no place any more."""
        counted = self.addresses if user_id else self.visitors
        counted[address] -= 1
        if not counted[address]:
            del counted[address]
        if user_id:
            own = self.users[user_id]
            own.pop(member, None)
            if not own:
                del self.users[user_id]

    def leave(self, member: RegisteredSession, address: str) -> None:
        """Forget a connection that is gone; a second time does nothing."""
        if member not in self.open:
            return
        self.open.discard(member)
        self._connected(member, address)
        self.metrics.sessions.dec()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            # Timers run before what has arrived is read: let it be read first.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            now = loop.time()
            late = now - self._swept_at > SWEEP_SECONDS + LATE_SECONDS
            self._own, self._swept_at = self.now(), now
            if late:
                continue
            wall = time.time()
            for number, session in enumerate(list(self.open), 1):
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
                try:
                    session.mind(self._own, wall)
                except Exception:  # one session's fault may not end the deadlines of all
                    log.exception("the check of a session's deadlines failed, and the session is closed")
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
