"""Which tables for which party: the only place. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.domain import calendar
from hub.domain.calendar import Slot
from hub.domain.day import DayView, Interval
from hub.domain.floor import FloorView, Table
from hub.domain.rules import Rules
from hub.errors import NotFound, SlotTaken, TableTooSmall


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


def free_tables(floor: FloorView, slot: Slot, guests: int, days: Sequence[DayView]) -> list[Table]:
    """The tables of the floor that seat ``guests`` and are free for the whole slot, smallest first, then by id.

    ``days`` are the slot's service day, and the days before and after where bookings of theirs may reach into it.
    """
    day = Day(days[0], days[1:])
    return [table for table in floor.fitting(guests) if day.is_free(table, slot)]


def choose(
    day: Day,
    room: FloorView,
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
    if table_id is not None:
        if (named := room.tables.get(table_id)) is None:
            raise NotFound("There is no such table.")
        candidates = [named] if named.seats >= guests else []
    else:
        candidates = room.fitting(guests)
    if not candidates:
        raise TableTooSmall()
    for table in candidates:
        if day.is_free(table, slot, but):
            return table
    raise SlotTaken(
        alternatives=alternatives(
            slot,
            guests=guests,
            table_id=table_id,
            tables=room.by_size,
            taken={table.id: day.taken(table.id, but) for table in room.fitting(guests)},
            starts=calendar.grid(slot.day, rules),
            now=now,
        )
    )


def is_free(taken: Sequence[Interval], start: datetime, end: datetime) -> bool:
    """Whether [start, end) overlaps none of the sorted, disjoint, half-open intervals; touching is not overlapping."""
    at = bisect_left(taken, (end,))
    return at == 0 or taken[at - 1][1] <= start


def alternatives(
    wanted: Slot,
    *,
    guests: int,
    table_id: int | None,
    tables: Iterable[Table],
    taken: Mapping[int, Sequence[Interval]],
    starts: Iterable[Slot],
    now: datetime,
    most: int = 3,
) -> list[tuple[Slot, Table]]:
    """Up to ``most`` other starts of the day, nearest first (of two as near, the earlier).

    ``starts`` is the day's grid; one that is past is left out. At each start the named table comes first, then the
    smallest that fits and is free. The wanted start itself counts when it is on the grid and another table is free.
    """
    fitting = sorted((t for t in tables if t.seats >= guests), key=lambda t: (t.id != table_id, t.seats, t.id))
    found: list[tuple[Slot, Table]] = []
    for slot in sorted(starts, key=lambda s: (abs(s.starts_at - wanted.starts_at), s.starts_at)):
        if slot.starts_at <= now:
            continue
        free = next((t for t in fitting if is_free(taken.get(t.id, ()), slot.starts_at, slot.ends_at)), None)
        if free is not None:
            found.append((slot, free))
            if len(found) == most:
                break
    return found
