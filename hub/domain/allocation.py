"""Which tables for which party: the only place. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.domain import calendar
from hub.domain.calendar import Slot
from hub.domain.day import DayView, Interval
from hub.domain.floor import FloorView, Table
from hub.domain.rules import Rules
from hub.errors import NotFound, SlotTaken, TableTooSmall

MOST_KEPT = 512
"""Answers that are kept with one view: some party sizes at each start of a day."""


@dataclass(frozen=True, slots=True)
class Day:
    """A service day to decide on. ``beside`` are days whose bookings may reach into it."""

    day_view: DayView
    beside: Sequence[DayView] = ()

    def taken(self, table_id: int, but: int) -> list[Interval]:
        """When a table is taken by other bookings than ``but``: sorted, half-open; not to be changed."""
        if not self.beside and but not in self.day_view.entries:
            return self.day_view.taken.get(table_id, [])
        found: list[Interval] = []
        for day_view in (self.day_view, *self.beside):
            found += day_view.taken.get(table_id, ())
            if (entry := day_view.entries.get(but)) is not None:
                for table, start, end in entry.occupied:
                    if table == table_id:
                        found.remove((start, end))
        return sorted(found)

    def is_free(self, table: Table, slot: Slot, but: int = 0) -> bool:
        """Whether a table is taken by no other booking than ``but`` at any time of the slot."""
        return is_free(self.taken(table.id, but), slot.starts_at, slot.ends_at)

    def kept(self, but: int) -> dict[Hashable, Table | None]:
        """Answers that hold for this day without ``but``: those that its view keeps, until it changes.

        Many ask the same of a day that is nearly full.
        """
        return {} if self.beside or but in self.day_view.entries else self.day_view.answers


def free_tables(floor: FloorView, slot: Slot, guests: int, days: Sequence[DayView]) -> list[Table]:
    """The tables of the floor that seat ``guests`` and are free for the whole slot, smallest first, then by id.

    ``days`` are the slot's service day, and the days before and after where bookings of theirs may reach into it.
    """
    day = Day(days[0], days[1:])
    return [table for table in floor.fitting(guests) if day.is_free(table, slot)]


def choose(
    day: Day,
    floor: FloorView,
    slot: Slot,
    *,
    guests: int,
    table_id: int | None,
    rules: Rules,
    now: datetime,
    but: int = 0,
) -> Table:
    """The table for ``guests`` over ``slot``: the one that is named, or the smallest that fits and is free.

    ``but`` is a booking that is left out of account because it is moved. Raises NotFound for a table that is not there,
    TableTooSmall when none, or not the named one, has so many seats, and SlotTaken with alternatives.
    """
    fitting, named = floor.fitting(guests), None
    if table_id is not None and (named := floor.tables.get(table_id)) is None:
        raise NotFound("There is no such table.")
    if not fitting or (named is not None and named.seats < guests):
        raise TableTooSmall()

    taken: dict[int, Sequence[Interval]] = {}
    kept = day.kept(but)

    def is_free_at(table: Table, start: Slot) -> bool:
        if table.id not in taken:
            taken[table.id] = day.taken(table.id, but)
        return is_free(taken[table.id], start.starts_at, start.ends_at)

    def table_at(start: Slot) -> Table | None:
        if named is not None and is_free_at(named, start):
            return named
        key = (floor, floor.version, len(fitting), start.starts_at, start.ends_at)
        if key not in kept:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            kept[key] = next((table for table in fitting if is_free_at(table, start)), None)
        return kept[key]

    table = table_at(slot)
    if table is None or (named is not None and table is not named):
        starts = calendar.grid(slot.day, rules)
        raise SlotTaken(alternatives=alternatives(slot, starts=starts, table_at=table_at, now=now))
    return table


def is_free(taken: Sequence[Interval], start: datetime, end: datetime) -> bool:
    """Whether [start, end) overlaps none of the sorted, disjoint, half-open intervals; touching is not overlapping."""
    at = bisect_left(taken, (end,))
    return at == 0 or taken[at - 1][1] <= start


def alternatives(
    wanted: Slot, *, starts: Sequence[Slot], table_at: Callable[[Slot], Table | None], now: datetime, most: int = 3
) -> list[tuple[Slot, Table]]:
    """Up to ``most`` other starts of the day with the table that is offered at each, nearest first (of two as near, the
    earlier).

    ``starts`` is the day's grid, by time; one that is past is left out. The wanted start itself counts when it is on
    the grid and ``table_at`` offers another table there.
    """
    found: list[tuple[Slot, Table]] = []
    after = bisect_left(starts, wanted.starts_at, key=lambda slot: slot.starts_at)
    before = after - 1
    while len(found) < most and (before >= 0 or after < len(starts)):
        earlier = before >= 0 and (
            after == len(starts)
            or wanted.starts_at - starts[before].starts_at <= starts[after].starts_at - wanted.starts_at
        )
        slot = starts[before if earlier else after]
        before, after = (before - 1, after) if earlier else (before, after + 1)
        if slot.starts_at > now and (table := table_at(slot)) is not None:
            found.append((slot, table))
    return found
