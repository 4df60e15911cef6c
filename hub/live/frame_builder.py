"""The frames of a channel: its snapshot and its updates, each built once for all who watch, and none too large."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hub import logs
from hub.domain.events import MAIN
from hub.errors import Unavailable
from hub.live import messages
from hub.live.frames import Frame, text_frame
from hub.live.projections.projection import ChannelKey
from hub.live.registry import LARGEST_FRAME
from hub.live.subscriptions import Subscription
from hub.metrics import Metrics
from hub.views.context import Context
from hub.views.step import Step

OVERSIZED_SECONDS = 60
"""When to ask again for a channel whose state is larger than a frame may be: it can't change soon."""
MOST_OVERSIZED = 1000
log = logs.get("hub.live.frame_builder")


class Oversized(Unavailable):
    """What a channel shows does not fit into a frame: no client is sent what it need not take."""

    message = "This channel shows more than a frame may hold."
    retry_after = OVERSIZED_SECONDS


class FrameBuilder:
    """Builds the frames of all subscriptions of one process."""

    def __init__(self, context: Context, metrics: Metrics) -> None:
        self._context = context
        self._metrics = metrics
        self._oversized: dict[ChannelKey, str] = {}
        """Channels whose state was larger than a frame may be, and the position at which that was found last."""

    def moment(self, at: datetime, venue_id: int = MAIN) -> str:
        """An instant as a venue's frames say it."""
        venue = self._context.venue(venue_id) or self._context.main
        return at.astimezone(venue.rules.zone).isoformat(timespec="milliseconds")

    def snapshot(self, subscription: Subscription) -> Frame:
        """The channel's whole state as a frame, built once a version. The subscription has told all its changes.

        Raises Oversized where it does not fit.
        """
        position = subscription.position
        if subscription.snapshot is None or subscription.snapshot[0] != position:
            channel = subscription.channel
            if self._oversized.get(channel.key) == position:
                raise Oversized()  # it was built once, and that is enough
            data = subscription.snapshot_data()
            message = messages.snapshot(channel.name, position, self.moment(datetime.now(UTC), channel.venue_id), data)
            frame = self._fitting(subscription, text_frame(message))
            if frame is None:
                self._oversized[channel.key] = position
                raise Oversized()
            self._oversized.pop(channel.key, None)
            subscription.snapshot = (position, frame)
            self._metrics.frames.labels("snapshot").inc()
        return subscription.snapshot[1]

    def update(self, subscription: Subscription, previous: str, at: datetime, steps: Sequence[Step]) -> Frame | None:
        """What these steps changed since ``previous``; None where it does not fit into a frame."""
        channel = subscription.channel
        moment = self.moment(at, channel.venue_id)
        message = messages.update(
            channel.name, previous, subscription.position, moment, subscription.update_data(steps)
        )
        return self._fitting(subscription, text_frame(message))

    def _fitting(self, subscription: Subscription, frame: Frame) -> Frame | None:
        if len(frame) <= LARGEST_FRAME:
            return frame
        key = subscription.channel.key
        self._metrics.frames.labels("oversized").inc()
        if key not in self._oversized:
            log.error(
                "a channel's state is larger than a frame may be", channel=subscription.channel.name, bytes=len(frame)
            )
            if len(self._oversized) >= MOST_OVERSIZED:
                self._oversized.clear()
            self._oversized[key] = ""
        return None
