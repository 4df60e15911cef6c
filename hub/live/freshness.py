"""What all sessions of a process are told of how fresh it is: one frame, shared by all whose state it is true of.

It goes out soon after data, with the next frame where there is one, and at least every FRESH_SECONDS. A session that
waits for a part of what it watches is told what was true for it before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Set
from datetime import UTC, datetime

from hub.live import messages
from hub.live.frames import text_frame
from hub.live.projections.projection import ChannelKey
from hub.live.send_queue import Fresh
from hub.live.subscriptions import Subscriber, Subscription
from hub.live.write_batcher import WriteBatcher

FRESH_SECONDS = 1.9
"""How rarely a session is told how fresh what it holds is: every 2 s is promised."""
FRESH_WAIT_SECONDS = 0.05
"""How long it waits for a frame to go out with, in the same write: alone it would hold up what comes next."""


class FreshnessBroadcaster:
    """``tell``: what is not told yet of a channel goes out before it."""

    def __init__(
        self,
        subscribers: Set[Subscriber],
        subscriptions: Mapping[ChannelKey, Subscription],
        writer: WriteBatcher,
        send: Callable[[Subscription], None],
    ) -> None:
        self._subscribers = subscribers
        self._subscriptions = subscriptions
        self._writer = writer
        self._broadcast = send
        self._frame = Fresh(text_frame(messages.fresh(None)))
        """Says when all that is held was equal to the database."""
        self._verified_at = datetime.min.replace(tzinfo=UTC)
        self._sent = self._frame
        self.due = False
        """Whether data went out after it: it is said anew with the next time that is verified."""
        self._soon = False
        """Whether it goes out with the next frame."""
        self._timer: asyncio.TimerHandle | None = None
        self._lagging: dict[Subscriber, bytes] = {}
        """Sessions that wait for a part of what they watch, and the last frame that was true for them."""
        self._sent_alone: dict[Subscriber, bytes] = {}
        """Sessions that were told it by themselves since all were."""

    def start(self) -> None:
        self._send_within(FRESH_SECONDS)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a session."""
        self._sent_alone.pop(subscriber, None)
        self._lagging.pop(subscriber, None)

    def verified(self, at: datetime, frame: Fresh) -> None:
        """All that is held was compared with the database at ``at``, which ``frame`` says."""
        self._verified_at, self._frame = at, frame
        if self.due:
            # What is told from now on may be newer than this: it makes another one due.
            self.due, self._soon = False, True
            self._send_within(FRESH_WAIT_SECONDS)

    def go_with_data(self) -> None:
        """Frames go out now: where it is to be said soon, it goes with them."""
        if self._soon:
            self.send()

    def _send_within(self, seconds: float) -> None:
        """Tell it after so many seconds, or when it is to be told anyway, should that be sooner."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self.send)

    def send(self) -> None:
        """How fresh it is, to every session; to one that waits for a part of it, what was true before."""
        self.stop()
        self._soon = False
        self._send_within(FRESH_SECONDS)
        waiting: set[Subscriber] = set()
        for subscription in list(self._subscriptions.values()):
            if subscription.has_news:
                # What is not told yet goes out before it, or those who still wait for it are told what was true before.
                if subscription.is_ready:
                    self._broadcast(subscription)
                else:
                    waiting |= subscription.subscribers
            if not subscription.is_verified(self._verified_at):
                waiting |= subscription.subscribers
        self.due |= bool(waiting)
        lagging: dict[Subscriber, bytes] = {}
        told = []
        for subscriber in self._subscribers:
            if subscriber.lagging or subscriber in waiting:
                lagging[subscriber] = self._sent_alone.get(subscriber) or self._lagging.get(subscriber) or self._sent
            else:
                told.append(subscriber)
        self._lagging, self._sent = lagging, self._frame
        self._sent_alone.clear()
        self._writer.enqueue_all(told, self._frame)
        for subscriber, frame in lagging.items():
            if subscriber not in self._writer.full:
                self._writer.enqueue(subscriber, frame)

    def send_to(self, subscriber: Subscriber) -> None:
        """The same to one session that was just told a channel's state."""
        for subscription in list(subscriber.subscriptions.values()):
            if subscription.has_news:
                if not subscription.is_ready:
                    self.due = True
                    return
                self._broadcast(subscription)
        if subscriber.lagging or not all(
            subscription.is_verified(self._verified_at) for subscription in subscriber.subscriptions.values()
        ):
            self.due = True
        else:
            self._sent_alone[subscriber] = self._frame
            self._writer.enqueue(subscriber, self._frame)
