"""What becomes of a session whose line, or client, takes frames more slowly than they come.

Frames then wait, first in its queue (hub.live.send_queue) and no more than 4 KB of them in the kernel. When more waits
than the bound allows, or for longer, the session is suspended: what waits is thrown away, and when there is room again
each channel is told anew by its newest state. One who takes nothing at all for a while is cut off.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hub.live.send_queue import KERNEL_UNSENT, Reply, SendQueue

if TYPE_CHECKING:
    from hub.live.session import LiveSession
    from hub.live.sessions import Sessions

AGAIN_SECONDS = 0.025
"""How often it is looked whether a slow line has room."""
NARROW_SECONDS = 5.0


class Backpressure:
    """One session's pace."""

    __slots__ = (
        "_again",
        "_calm_bytes",
        "_draining_queue",
        "_narrow_until",
        "_queue",
        "_session",
        "_sessions",
        "_slow_at",
    )

    def __init__(self, session: LiveSession, sessions: Sessions, queue: SendQueue) -> None:
        self._session = session
        self._sessions = sessions
        self._queue = queue
        self._note_unsent(0)
        self._slow_at: float | None = None
        """Since when it is suspended."""
        self._again: asyncio.TimerHandle | None = None
        self._narrow_until = 0.0
        self._draining_queue = False

    def keep(self, frames: list[bytes]) -> None:
        """The line is slow, or full: frames wait for it."""
        if not (self._queue.busy or self._session.lagging):
            self._queue.rest(self._sessions.now())  # until now the client had nothing to take
        fits = self._queue.keep(frames, self._sessions.now(), anew=self._draining_queue)
        if not self._draining_queue:
            self._drain_queue()
        if not fits and self._queue.busy:
            self._suspend()

    def full(self) -> None:
        """The transport takes no more for now."""
        self._queue.fill(self._sessions.now())
        self._slow_down()

    def drained(self) -> None:
        """The transport takes bytes again: what waited goes out, and what was thrown away is told anew."""
        self._queue.drained()
        self._drain_queue()

    def _slow_down(self) -> None:
        """From here on all waits for room in the kernel, until the line has been fast for a while."""
        self._narrow_until = self._sessions.now() + NARROW_SECONDS
        self._sessions.broadcaster.writer.full.add(self._session)

    def _drain_queue(self) -> None:
        """Write what waits as the line takes it; then tell anew what was thrown away, one channel after the other,
        each when the one before it has left: what is told into a full line is old when it arrives."""
        session, broadcaster = self._session, self._sessions.broadcaster
        lagging = session.lagging
        self._draining_queue = True
        try:
            while not session.is_ending and not self._queue.full:
                if self._queue.pump() or (lagging and self._queue.unsent() > KERNEL_UNSENT):
                    self._drain_queue_later()
                    return
                if self._queue.full or not lagging:
                    break
                subscription = lagging.pop()
                before = len(lagging)
                broadcaster.resync(session, subscription, "slow")
                broadcaster.writer.flush(session)
                if len(lagging) > before:
                    return  # it waits for names, and is told when they are read
        finally:
            self._draining_queue = False
        if not lagging:
            self._slow_at = None

    def _drain_queue_later(self) -> None:
        self.close()
        self._again = asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._drain_queue)

    def _suspend(self) -> None:
        """Too slow: what waits is replaced by one snapshot a channel, once there is room."""
        session, broadcaster = self._session, self._sessions.broadcaster
        if self._slow_at is None:
            self._slow_at = self._sessions.now()
            self._sessions.metrics.slow.labels("resync").inc()
        self._queue.discard_data()
        answers: list[bytes] = [frame for frame in broadcaster.writer.take(session) if isinstance(frame, Reply)]
        self._queue.keep(answers, self._slow_at)
        broadcaster.suspend(session)
        self._drain_queue_later()
        if self._queue.overfull:  # answers alone: it asks and asks, and does not read
            self._cut_off()

    def _note_unsent(self, unsent: int) -> None:
        """The kernel has not sent so many bytes. It never holds more than that and what was written since: so of an
        idle session it is asked once a minute, and not every second."""
        self._session.given_bytes = 0
        self._calm_bytes = KERNEL_UNSENT - unsent + self._sessions.broadcaster.writer.shared_bytes

    @property
    def is_calm(self) -> bool:
        """Whether nothing waits, and the kernel can't hold too much of what was written to this session and to all."""
        session, writer = self._session, self._sessions.broadcaster.writer
        given = writer.shared_bytes + session.given_bytes
        return given <= self._calm_bytes and not (self._queue.busy or session.lagging or session in writer.full)

    def mind(self, now: float) -> None:
        """Look whether what is given to the session leaves it. While it is calm, it may be left out."""
        if self.is_calm:
            self._slow_at = None
            self._queue.rest(now)
            return
        session, queue, writer = self._session, self._queue, self._sessions.broadcaster.writer
        bounds = self._sessions.bounds
        unsent = queue.unsent()
        self._note_unsent(unsent)
        if unsent > KERNEL_UNSENT:
            self._slow_down()
        waits = queue.busy or bool(session.lagging)
        if not waits:
            self._slow_at = None  # told anew meanwhile
            if now > self._narrow_until and not unsent:
                writer.full.discard(session)
        idle = queue.idle_for(now) if waits else queue.rest(now)
        if 0 < bounds.stuck_seconds < idle:
            self._cut_off()
        elif self._slow_at is None and queue.is_too_old(now):
            self._suspend()

    def _cut_off(self) -> None:
        self._sessions.metrics.slow.labels("closed").inc()
        self._queue.discard_all()
        self._session.end("slow_consumer", "the client does not read")

    def close(self) -> None:
        """Look no more by itself."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
