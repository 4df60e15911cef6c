"""What all sessions of a process are told of how fresh it is: one frame, shared by all whose state it is true of.

It goes out soon after data, with the next frame where there is one, and at least every FRESH_SECONDS. A session that
waits for a part of what it watches is told what was true for it before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Set
from datetime import UTC, datetime

from hub.live import protocol
from hub.live.frames import text_frame
from hub.live.outbox import Fresh
from hub.live.topics import Sink, Topic
from hub.live.writer import Writer

FRESH_SECONDS = 1.9
"""How rarely a session is told how fresh what it holds is: every 2 s is promised."""
FRESH_WAIT_SECONDS = 0.05
"""How long it waits for a frame to go out with, in the same write: alone it would hold up what comes next."""


class FreshTeller:
    """``tell``: what is not told yet of a channel goes out before it."""

    def __init__(
        self, sinks: Set[Sink], topics: Mapping[str, Topic], writer: Writer, tell: Callable[[Topic], None]
    ) -> None:
        self._sinks = sinks
        self._topics = topics
        self._writer = writer
        self._tell_topic = tell
        self._frame = Fresh(text_frame(protocol.fresh(None)))
        """Says when all that is held was equal to the database."""
        self._verified_at = datetime.min.replace(tzinfo=UTC)
        self._told = self._frame
        self.due = False
        """Whether data went out after it: it is said anew with the next time that is verified."""
        self._soon = False
        """Whether it goes out with the next frame."""
        self._timer: asyncio.TimerHandle | None = None
        self._lagging: dict[Sink, bytes] = {}
        """Sessions that wait for a part of what they watch, and the last frame that was true for them."""
        self._told_alone: dict[Sink, bytes] = {}
        """Sessions that were told it by themselves since all were."""

    def start(self) -> None:
        self._tell_within(FRESH_SECONDS)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def leave(self, sink: Sink) -> None:
        """Forget a session."""
        self._told_alone.pop(sink, None)
        self._lagging.pop(sink, None)

    def verified(self, at: datetime, frame: Fresh) -> None:
        """All that is held was compared with the database at ``at``, which ``frame`` says."""
        self._verified_at, self._frame = at, frame
        if self.due:
            # What is told from now on may be newer than this: it makes another one due.
            self.due, self._soon = False, True
            self._tell_within(FRESH_WAIT_SECONDS)

    def go_with_data(self) -> None:
        """Frames go out now: where it is to be said soon, it goes with them."""
        if self._soon:
            self.tell()

    def _tell_within(self, seconds: float) -> None:
        """Tell it after so many seconds, or when it is to be told anyway, should that be sooner."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self.tell)

    def tell(self) -> None:
        """How fresh it is, to every session; to one that waits for a part of it, what was true before."""
        self.stop()
        self._soon = False
        self._tell_within(FRESH_SECONDS)
        waiting: set[Sink] = set()
        for topic in list(self._topics.values()):
            if topic.steps:
                # What is not told yet goes out before it, or those who still wait for it are told what was true before.
                if topic.is_ready:
                    self._tell_topic(topic)
                else:
                    waiting |= topic.sinks
            if not topic.is_verified(self._verified_at):
                waiting |= topic.sinks
        self.due |= bool(waiting)
        lagging: dict[Sink, bytes] = {}
        told = []
        for sink in self._sinks:
            if sink.behind or sink in waiting:
                lagging[sink] = self._told_alone.get(sink) or self._lagging.get(sink) or self._told
            else:
                told.append(sink)
        self._lagging, self._told = lagging, self._frame
        self._told_alone.clear()
        self._writer.owe_all(told, self._frame)
        for sink, frame in lagging.items():
            if sink not in self._writer.full:
                self._writer.owe(sink, frame)

    def tell_to(self, sink: Sink) -> None:
        """The same to one session that was just told a channel's state."""
        for topic in list(sink.topics.values()):
            if topic.steps:
                if not topic.is_ready:
                    self.due = True
                    return
                self._tell_topic(topic)
        if sink.behind or not all(topic.is_verified(self._verified_at) for topic in sink.topics.values()):
            self.due = True
        else:
            self._told_alone[sink] = self._frame
            self._writer.owe(sink, self._frame)
