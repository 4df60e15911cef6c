"""The pending frames of all sessions, written once a tick: a session's frames of one tick go out in one write.

A write is the most expensive part of a delivery, then the memory that is touched for each session: so what is pending
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
from hub.live.send_queue import Reply
from hub.live.subscriptions import Socket, Subscriber
from hub.metrics import Metrics

AT_ONCE = 256  # writes in one turn of the loop: about two milliseconds
log = logs.get("hub.live.write_batcher")


class WriteBatcher:
    """The way out of all sessions of one process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._pending: dict[Subscriber, bytes | list[bytes]] = {}
        self._flushing = False
        self._began: float | None = None
        self._written = 0
        self._since: list[datetime] = []
        self.took = 0.0
        """Seconds from the last changes' first frame until nothing was pending."""
        self.shared_bytes = 0
        """Bytes of all frames that were for many: no session was given more of them."""
        self.full: set[Subscriber] = set()
        """Sessions whose line is slow, or takes no bytes at the moment: their frames wait in their send queue."""

    def enqueue(self, subscriber: Subscriber, frame: bytes) -> None:
        """Enqueue a frame for a session: it goes out at the end of this tick."""
        subscriber.given_bytes += len(frame)
        pending = self._pending.get(subscriber)
        if pending is None:
            self._pending[subscriber] = frame
        elif isinstance(pending, list):
            pending.append(frame)
        else:
            self._pending[subscriber] = [pending, frame]
        self._flush_soon()

    def enqueue_all(self, subscribers: Iterable[Subscriber], frame: bytes, *, since: datetime | None = None) -> None:
        """Enqueue a frame for each of these sessions. ``since``: when the oldest change in it was committed, whose way
        to the last write is measured."""
        if since is not None:
            self._since.append(since)
            if self._began is None:
                self._began = asyncio.get_running_loop().time()
        self.shared_bytes += len(frame)
        pending = self._pending
        for subscriber in subscribers:
            if subscriber in pending:
                self.enqueue(subscriber, frame)
            else:
                pending[subscriber] = frame
        self._flush_soon()

    def send(self, subscriber: Subscriber, message: dict[str, Any]) -> None:
        """Answer one session: this frame is never thrown away in favour of a newer state."""
        self.enqueue(subscriber, Reply(text_frame(message)))

    def send_at_once(self, subscriber: Subscriber, frame: Reply) -> None:
        """Answer one session at once, before the pending frames of others; after its own, and where it is
        full, as any other frame. It is counted with those that are written next."""
        if subscriber in self._pending or subscriber in self.full:
            self.enqueue(subscriber, frame)
            return
        subscriber.given_bytes += len(frame)
        self._written += 1
        try:
            write(subscriber, deflated(frame) if subscriber.deflates else frame)
        except Exception:
            _fault(subscriber)

    def take(self, subscriber: Subscriber) -> list[bytes]:
        """Take a session's pending frames: from here on the caller writes them."""
        pending = self._pending.pop(subscriber, [])
        return pending if isinstance(pending, list) else [pending]

    def flush(self, subscriber: Subscriber) -> None:
        """Write a session's pending frames now: what follows depends on whether its transport is full then."""
        if subscriber in self._pending:
            self._deliver(subscriber)

    def forget(self, subscriber: Subscriber) -> None:
        """A session has ended."""
        self._pending.pop(subscriber, None)
        self.full.discard(subscriber)

    def _flush_soon(self) -> None:
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush_all)

    def _flush_all(self) -> None:
        """Write to those with pending frames, so many at a time that the rest of the loop gets its turn in between."""
        try:
            for subscriber in list(islice(self._pending, AT_ONCE)):
                self._deliver(subscriber)
        finally:
            self._metrics.deliveries.inc(self._written)
            self._written, self._flushing = 0, False
            if self._pending:
                self._flush_soon()
            elif self._began is not None:
                self._measure()

    def _deliver(self, subscriber: Subscriber) -> None:
        frames = self._pending.pop(subscriber, None)
        if frames is None:
            return  # it was sent away by what befell one before it
        try:
            if subscriber in self.full:
                subscriber.keep(frames if isinstance(frames, list) else [frames])
            elif isinstance(frames, list):
                self._written += len(frames)
                write(subscriber, b"".join(map(deflated, frames) if subscriber.deflates else frames))
            else:
                self._written += 1
                write(subscriber, deflated(frames) if subscriber.deflates else frames)
        except Exception:  # one session's fault may not silence the others
            _fault(subscriber)

    def _measure(self) -> None:
        assert self._began is not None
        self.took, self._began = asyncio.get_running_loop().time() - self._began, None
        since, self._since = self._since, []
        now = datetime.now(UTC)
        for at in since:
            self._metrics.commit_to_write.observe(max(0.0, (now - at).total_seconds()))


def _fault(subscriber: Subscriber) -> None:
    log.exception("the hub could not write to a session")
    subscriber.end("internal", "something went wrong on our side")


def write(subscriber: Socket, data: bytes) -> None:
    """Write to a session that is not full: straight to its socket, and what that does not take to its transport."""
    sent = 0
    if subscriber.fd >= 0:
        try:
            sent = os.write(subscriber.fd, data)
        except OSError:  # full or broken: the transport finds out which
            sent = 0
    if sent < len(data):
        subscriber.write(data[sent:])
