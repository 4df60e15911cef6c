"""What sessions are owed, written once a tick: frames that meet in it go out in one write to each.

A write is the dearest part of a delivery, and after it the memory that is touched for each session: so what is owed
lies here, not with the session, and frames go straight to the socket (docs/decisions/0008). What the kernel does not
take is the transport's: it is then full until it has written all of it, and nothing is written past it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from hub import logs
from hub.live.frames import deflated, text_frame
from hub.live.outbox import Answer
from hub.live.topics import Sink, Socket
from hub.metrics import Metrics

AT_ONCE = 256  # writes in one turn of the loop: about two milliseconds
log = logs.get("hub.live.writer")


class Writer:
    """The way out of all sessions of one process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._owed: dict[Sink, bytes | list[bytes]] = {}
        self._paying = False
        self._began: float | None = None
        self._written = 0
        self._since: list[datetime] = []
        self.took = 0.0
        """Seconds from the last changes' first frame until nothing was owed."""
        self.shared_bytes = 0
        """Bytes of all frames that were owed to many: no session was given more of them."""
        self.full: set[Sink] = set()
        """Sessions whose line is slow, or takes no bytes at the moment: what they are owed waits in their outbox."""

    def owe(self, sink: Sink, frame: bytes) -> None:
        """Owe a frame to a session: it goes out at the end of this tick."""
        sink.given_bytes += len(frame)
        owed = self._owed.get(sink)
        if owed is None:
            self._owed[sink] = frame
        elif isinstance(owed, list):
            owed.append(frame)
        else:
            self._owed[sink] = [owed, frame]
        self._pay_soon()

    def owe_all(self, sinks: Iterable[Sink], frame: bytes, *, since: datetime | None = None) -> None:
        """Owe a frame to each of these sessions. ``since``: when the oldest change in it was committed, whose way to
        the last write is measured."""
        if since is not None:
            self._since.append(since)
            if self._began is None:
                self._began = asyncio.get_running_loop().time()
        self.shared_bytes += len(frame)
        owed = self._owed
        for sink in sinks:
            if sink in owed:
                self.owe(sink, frame)
            else:
                owed[sink] = frame
        self._pay_soon()

    def say(self, sink: Sink, message: dict[str, Any]) -> None:
        """Answer one session: this frame is never thrown away in favour of a newer state."""
        self.owe(sink, Answer(text_frame(message)))

    def answer(self, sink: Sink, frame: Answer) -> None:
        """Answer one session at once, in front of what others are owed; behind what is owed to it, and where it is
        full, as any other frame. It is counted with those that are written next."""
        if sink in self._owed or sink in self.full:
            self.owe(sink, frame)
            return
        sink.given_bytes += len(frame)
        self._owed[sink] = frame
        self._deliver(sink)

    def take(self, sink: Sink) -> list[bytes]:
        """What a session is owed at the moment: from here on it is the caller's to write."""
        owed = self._owed.pop(sink, [])
        return owed if isinstance(owed, list) else [owed]

    def pay(self, sink: Sink) -> None:
        """Write what a session is owed now: what follows depends on whether its transport is full then."""
        if sink in self._owed:
            self._deliver(sink)

    def forget(self, sink: Sink) -> None:
        """A session has ended."""
        self._owed.pop(sink, None)
        self.full.discard(sink)

    def _pay_soon(self) -> None:
        if not self._paying:
            self._paying = True
            asyncio.get_running_loop().call_soon(self._pay)

    def _pay(self) -> None:
        """Write to those who are owed, so many at a time that the rest of the loop gets its turn in between."""
        try:
            for sink in list(islice(self._owed, AT_ONCE)):
                self._deliver(sink)
        finally:
            self._metrics.deliveries.inc(self._written)
            self._written, self._paying = 0, False
            if self._owed:
                self._pay_soon()
            elif self._began is not None:
                self._measure()

    def _deliver(self, sink: Sink) -> None:
        frames = self._owed.pop(sink, None)
        if frames is None:
            return  # it was sent away by what befell one before it
        try:
            if sink in self.full:
                sink.keep(frames if isinstance(frames, list) else [frames])
            elif isinstance(frames, list):
                self._written += len(frames)
                write(sink, b"".join(map(deflated, frames) if sink.deflates else frames))
            else:
                self._written += 1
                write(sink, deflated(frames) if sink.deflates else frames)
        except Exception:  # one session's fault may not silence the others
            log.exception("a session could not be written to")
            sink.end("internal", "something went wrong on our side")

    def _measure(self) -> None:
        assert self._began is not None
        self.took, self._began = asyncio.get_running_loop().time() - self._began, None
        since, self._since = self._since, []
        now = datetime.now(UTC)
        for at in since:
            self._metrics.commit_to_write.observe(max(0.0, (now - at).total_seconds()))


def write(sink: Socket, data: bytes) -> None:
    """Write to a session that is not full: straight to its socket, and what that does not take to its transport."""
    sent = 0
    if sink.fd >= 0:
        try:
            sent = os.write(sink.fd, data)
        except OSError:  # full or broken: the transport finds out which
            sent = 0
    if sent < len(data):
        sink.write(data[sent:])
