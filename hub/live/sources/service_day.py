"""The service day that is on, with what anybody may know of a venue: the states of the channels ``venue``.

Its version is the service day's number, so every process is at the same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from hub.domain import venue
from hub.domain.events import prefix
from hub.live.projections.projection import Channel
from hub.live.sources.source import ChannelState, Listener, Source
from hub.views.context import Context, VenueContext
from hub.views.step import Step

LOOK_SECONDS = 60.0
"""The longest wait for the end of a service day: the machine's clock may be set meanwhile."""
ALWAYS = datetime.max.replace(tzinfo=UTC)


class VenueState:
    """A venue's state. It is of no database, so it is current whenever it is asked for."""

    history: Sequence[Step] = ()
    verified_at = ALWAYS

    def __init__(self, context: VenueContext) -> None:
        self.context = context
        self.stream = f"{prefix(context.id)}venue"
        self.watchers = 0
        self.version = self.day[0].toordinal()

    @property
    def day(self) -> tuple[date, datetime]:
        """The service day that is on, and when it ends."""
        return venue.current_day(self.context.now(), self.context.rules)

    @property
    def epoch(self) -> str:
        return self.context.epoch

    @property
    def view(self) -> dict[str, Any]:
        """What GET /venue says."""
        return venue.facts(self.context.venue, self.context.rules, self.context.now())


class ServiceDay(Source):
    """The states of all venues that somebody watches."""

    def __init__(self, context: Context, listener: Listener) -> None:
        self._context = context
        self._listener = listener
        self._timer: asyncio.TimerHandle | None = None
        self._states: dict[int, VenueState] = {}

    def start(self) -> None:
        self._look()

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        for venue_id in [venue_id for venue_id, state in self._states.items() if not state.watchers]:
            del self._states[venue_id]
        ends = [self._go_on(state) for state in self._states.values()]
        self._timer = None
        self._look_when(min(ends, default=ALWAYS))

    def _look_when(self, ends_at: datetime) -> None:
        """Look again when a service day ends, if not sooner."""
        loop, wait = asyncio.get_running_loop(), max(0.01, (ends_at - self._context.now()).total_seconds())
        if self._timer is None or self._timer.when() > loop.time() + wait:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_later(min(LOOK_SECONDS, wait), self._look)

    def _go_on(self, state: VenueState) -> datetime:
        """Tell of each service day that has begun; returns when the one that is on ends."""
        day, ends_at = state.day
        steps = [
            Step(version, datetime.now(UTC), frozenset(), frozenset())
            for version in range(state.version + 1, day.toordinal() + 1)
        ]
        if steps:
            state.version = steps[-1].version
            self._listener.changed(state, steps)
        return ends_at

    async def read(self, channel: Channel, *, at_least: int) -> ChannelState:
        state = self._states.get(channel.venue_id)
        if state is None:
            state = self._states[channel.venue_id] = VenueState(self.venue(channel.venue_id))
            self._look_when(state.day[1])
        else:
            self._go_on(state)
        return state

    def keeps(self, state: ChannelState) -> bool:
        return any(held is state for held in self._states.values())
