"""A write: what somebody asks for, the views that it is decided on, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from hub.domain.allocation import Day
from hub.domain.change import Change
from hub.domain.day import DayView
from hub.domain.events import Event, day_of, floor_of
from hub.domain.floor import FloorView
from hub.domain.held import subject_of
from hub.errors import HubError
from hub.manage_links import Link
from hub.store.commit import Written
from hub.store.keys import Key
from hub.store.orders import Bounds, Notifications
from hub.views.cached_view import CachedView


class Cache(Protocol):
    """What a commit needs of the cache (hub.views.cache)."""

    def is_ready(self, stream: str) -> bool: ...
    async def to_write(self, stream: str) -> CachedView: ...
    async def bring_to_head(self, stream: str) -> None: ...
    async def reload(self, stream: str) -> None: ...
    async def verify(self) -> None: ...
    def verify_now(self) -> None: ...
    def apply(self, events: Sequence[Event]) -> None: ...


@dataclass(slots=True)
class WorkingViews:
    """The views of a venue that a batch is decided on, and how they will be with what was decided so far."""

    cached: dict[str, CachedView]
    venue_id: int
    beside: dict[str, tuple[str, ...]]
    drafts: dict[str, DayView] = field(default_factory=dict)
    played: dict[Hashable, Any] = field(default_factory=dict)
    """See hub.domain.allocation: forgotten when anything but the waitlist is drafted."""

    @property
    def floor(self) -> FloorView:
        return self.cached[floor_of(self.venue_id)].floor_view

    def day_view(self, stream: str) -> DayView:
        return self.drafts.get(stream) or self.cached[stream].day_view

    def day(self, stream: str) -> Day:
        return Day(self.day_view(stream), [self.day_view(name) for name in self.beside.get(stream, ())], self.played)

    def draft(self, change: Change, number: int) -> None:
        """Show what was decided to those who are decided after it. A new booking has no id yet: ``-number``."""
        for event in change.events:
            if day_of(event.stream) is None:
                continue
            if event.stream not in self.drafts:
                self.drafts[event.stream] = self.cached[event.stream].day_view.copy()
            subject = subject_of(event.data)
            if subject != "wait":
                self.played.clear()
            self.drafts[event.stream].put(event.data[subject] or -number, event.data["entry"], subject)


@dataclass(frozen=True, slots=True)
class Write:
    """A change that somebody asks for. ``streams``, all of one venue, get its events. ``decide`` is pure and may be
    asked several times; what it raises is the answer."""

    streams: tuple[str, ...]
    decide: Callable[[WorkingViews, datetime], Change]
    actor: int
    request_id: str | None = None
    bounds: Bounds | None = None
    notifications: Callable[[Change], Notifications | None] = lambda change: None
    key: Key | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided for one write: a change, or a refusal."""

    change: Change | None
    refusal: HubError | None = None

    @property
    def wrote(self) -> bool:
        return self.change is not None and bool(self.change.events)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided at ``now``: what is due by then, and in its order what was asked for."""

    now: datetime
    due: list[Change]
    asked: list[Decided]

    @property
    def streams(self) -> set[str]:
        """Those that get events."""
        asked = [each.change for each in self.asked if each.change is not None]
        return {event.stream for change in (*self.due, *asked) for event in change.events}


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a write: what was decided, and what the database says of it. ``written`` is None when nothing was
    to be written; ``versions`` is where each stream that it names stands with it."""

    change: Change
    written: Written | None
    epoch: str
    versions: dict[str, int]


@dataclass(eq=False, slots=True)
class PendingWrite:
    """A write whose caller waits for the answer."""

    write: Write
    answer: asyncio.Future[Done]
    until: float
    """How long it may wait until its commit begins, by the loop's clock."""
    patience: asyncio.TimerHandle
    """Ends the wait of one whose commit has not begun."""
    busy: bool = False
    """Whether another commit held what is this guest's, when it was tried last."""
    alone: bool = False
    """Whether nobody else is to go with it: what stands in its way is no other's."""
    attempts: int = 0
    unknown: int = 0
    """How often nobody said what became of its commit."""

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def by_streams(batch: Sequence[PendingWrite]) -> dict[tuple[str, ...], list[PendingWrite]]:
    """Those who are to be committed together where each day is committed apart, in their order."""
    found: dict[tuple[str, ...], list[PendingWrite]] = {}
    for waiting in batch:
        found.setdefault(tuple(sorted(set(waiting.write.streams))), []).append(waiting)
    return found
