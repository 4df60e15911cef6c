"""Which tables for which party: the only place. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from hub.domain.calendar import Slot
from hub.domain.day import DayView, Interval
from hub.domain.floor import FloorView, Table


def free_tables(floor: FloorView, slot: Slot, guests: int, days: Sequence[DayView]) -> list[Table]:
    """The tables of the floor that seat ``guests`` and are free for the whole slot, smallest first, then by id.

    ``days`` are the slot's service day, and the days before and after where bookings of theirs may reach into it.
    """
    free = floor.fitting(guests)
    for day in days:
        free = [t for t in free if is_free(day.taken.get(t.id, ()), slot.starts_at, slot.ends_at)]
    return free


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
