"""The channel ``venue``: what GET /venue says, live. It changes when the service day does.

Its version is the service day's number, so every process is at the same one. A client that comes back always gets the
whole state: what the settings say may have changed with a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from hub.domain import venue
from hub.live.channels import Channel
from hub.live.projections import Source, WithoutHistory
from hub.views.cached_view import Step
from hub.views.context import Context

LOOK_SECONDS = 60.0
"""The longest wait for the end of a service day: the machine's clock may be set meanwhile."""


class VenueState:
    """The one state of this channel."""

    def __init__(self, version: int) -> None:
        self.stream = "venue"
        self.watchers = 0
        self.version = version


class Venue(WithoutHistory):
    """The projection. ``changed`` is told of each new service day."""

    def __init__(self, context: Context, changed: Callable[[Source, Sequence[Step]], None]) -> None:
        self._context = context
        self._changed = changed
        self._timer: asyncio.TimerHandle | None = None
        self._state = VenueState(venue.current_day(context.now(), context.rules)[0].toordinal())

    def start(self) -> None:
        self._look()

    def stop(self) -> None:
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

    async def read(self, channel: Channel, *, at_least: int) -> Source:
        self._go_on()
        return self._state

    def keeps(self, source: Source) -> bool:
        return True

    def snapshot(self, source: Source) -> dict[str, Any]:
        settings = self._context.settings
        return venue.facts(
            settings.venue,
            settings.rules,
            self._context.now(),
            website=settings.public_url,
            language=settings.default_language,
        )

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        facts = self.snapshot(source)
        return {name: facts[name] for name in ("service_day", "day_ends_at", "shifts")}

    def is_verified(self, source: Source, at: datetime) -> bool:
        return True

    def forget(self) -> None: ...
