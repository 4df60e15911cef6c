"""What the channels have in common that show one service day. Pure."""

from __future__ import annotations

from hub.domain import day
from hub.domain.day import TEXTS
from hub.domain.events import Event, stream_of
from hub.domain.held import subject_of
from hub.live.projections.projection import Channel, Projection, View
from hub.views.step import Step, step_of


class OfDay(Projection[View]):
    """A kind of channels with one for each service day, at the versions of its stream."""

    dated = True
    resumable = True

    def stream(self, channel: Channel) -> str:
        assert channel.day is not None
        return stream_of(channel.venue_id, channel.day)

    def step_of(self, event: Event, tables: frozenset[int]) -> Step | None:
        if event.kind not in day.KINDS:
            return None
        # What the event freed is not in it, so every table is told anew, removed ones too: its values are absolute.
        subject = subject_of(event.data)
        touched = frozenset[int]() if event.kind in TEXTS else tables
        return step_of(event, subject, int(event.data[subject]), touched)
