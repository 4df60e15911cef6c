"""A view in a process's memory, with its last changes; and the observer of such changes.

What moves it is hub.views.updater; what it shows is hub.domain.day's and hub.domain.floor's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from hub.domain.day import DayView
from hub.domain.events import Event, venue_of
from hub.domain.floor import FloorView
from hub.views.step import Step

HISTORY = 200
"""How many of a view's last changes are remembered for those who resume."""
HISTORY_AGE = timedelta(minutes=10)
NEVER = datetime.min.replace(tzinfo=UTC)
NOT_YET = float("-inf")


@dataclass(slots=True)
class CachedView:
    """A view (or the floor) in memory, with its last changes and when it was used. ``epoch`` is the database's that it
    was loaded from."""

    stream: str
    view: DayView | FloorView
    used_at: float
    epoch: str = ""
    verified_at: datetime = NEVER
    """When it was the database's state last, by this machine's clock read before the database was asked."""
    verified_loop: float = NOT_YET
    """The same by the loop's clock, which nobody sets."""
    consistent: bool = True
    """False from an event on that could not be applied until the view is loaded anew: nobody is given it."""
    history: deque[Step] = field(default_factory=lambda: deque(maxlen=HISTORY))
    reorder_buffer: dict[int, Event] = field(default_factory=dict)
    """Events that arrived before the one that precedes them."""
    waiting: asyncio.TimerHandle | None = None
    catching_up: asyncio.Task[None] | None = None
    reloading: asyncio.Task[None] | None = None
    watchers: int = 0

    @property
    def version(self) -> int:
        return self.view.version

    @property
    def head(self) -> int:
        """The id of the last event that it shows; 0 before the first."""
        return self.view.head

    @property
    def venue_id(self) -> int:
        return venue_of(self.stream)

    @property
    def day_view(self) -> DayView:
        assert isinstance(self.view, DayView)
        return self.view

    @property
    def floor_view(self) -> FloorView:
        assert isinstance(self.view, FloorView)
        return self.view


class ViewObserver(Protocol):
    """Is called for each change of a view: the live channel's broadcaster."""

    def changed(self, cached: CachedView, steps: Sequence[Step]) -> None: ...
    def replaced(self, cached: CachedView, reason: str) -> None: ...
    def failed(self, cached: CachedView) -> None: ...
    def verified(self, at: datetime) -> None: ...
    def ended(self, sessions: set[int], users: set[int]) -> None: ...
    def retired(self, venues: set[int]) -> None: ...
