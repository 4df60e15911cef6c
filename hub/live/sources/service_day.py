"""The service day that is on, with what anybody may know of the venue: the state of the channel ``venue``.

Its version is the service day's number, so every process is at the same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from hub.domain import venue
from hub.live.projections.projection import Channel
from hub.live.sources.source import Source, State
from hub.views.context import Context
from hub.views.step import Step

LOOK_SECONDS = 60.0
"""The longest wait for the end of a service day: the machine's clock may be set meanwhile."""
ALWAYS = datetime.max.replace(tzinfo=UTC)


class VenueState:
    """The one state. It is of no database, so it is current whenever it is asked for."""

    history: Sequence[Step] = ()
    verified_at = ALWAYS

    def __init__(self, context: Context, version: int) -> None:
        self._context = context
        self.stream = "venue"
        self.watchers = 0
        self.version = version

    @property
    def epoch(self) -> str:
        return self._context.epoch

    @property
    def view(self) -> dict[str, Any]:
        """What GET /venue says."""
        settings = self._context.settings
        return venue.facts(
            settings.venue,
            settings.rules,
            self._context.now(),
            website=settings.public_url,
            language=settings.default_language,
        )


class ServiceDay(Source):
    """``changed`` is told of each new service day."""

    def __init__(self, context: Context, changed: Callable[[State, Sequence[Step]], None]) -> None:
        self._context = context
        self._changed = changed
        self._timer: asyncio.TimerHandle | None = None
        self._state = VenueState(context, venue.current_day(context.now(), context.rules)[0].toordinal())

    def start(self) -> None:
        self._look()

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        wait = min(LOOK_SECONDS, max(0.01, (self._go_on() - self._context.now()).total_seconds()))
        self._timer = asyncio.get_running_loop().call_later(wait, self._look)

    def _go_on(self) -> datetime:
        """Tell of each service day that has begun; returns when the one that is on ends."""
        day, ends_at = venue.current_day(self._context.now(), self._context.rules)
        steps = [
            Step(version, datetime.now(UTC), frozenset(), frozenset())
            for version in range(self._state.version + 1, day.toordinal() + 1)
        ]
        if steps:
            self._state.version = steps[-1].version
            self._changed(self._state, steps)
        return ends_at

    async def read(self, channel: Channel, *, at_least: int) -> State:
        self._go_on()
        return self._state

    def keeps(self, state: State) -> bool:
        return True
