"""Which tables for which party: the only place. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.domain import calendar
from hub.domain.calendar import Slot
from hub.domain.day import DayView, Interval
from hub.domain.floor import FloorView, Table, Unit
from hub.domain.rules import Rules
from hub.errors import NotFound, SlotTaken, TableTooSmall

MOST_KEPT = 512
"""Answers that are kept with one view: some party sizes at each start of a day."""


@dataclass(frozen=True, slots=True)
class Day:
    """A service day to decide on. ``beside`` are days whose bookings may reach into it."""

    day_view: DayView
    beside: Sequence[DayView] = ()
    played: dict[Hashable, Any] = field(default_factory=dict)
    """What hub.domain.quote played of this room, whoever waits for it."""

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

    def is_unit_free(self, unit: Unit, slot: Slot, but: int = 0) -> bool:
        return all(self.is_free(table, slot, but) for table in unit.tables)

    def kept(self, but: int) -> dict[Hashable, Unit | None]:
        """Answers that hold for this day without ``but``: those that its view keeps, until it changes.

        Many ask the same of a day that is nearly full.
        """
        return {} if self.beside or but in self.day_view.entries else self.day_view.answers


def free_tables(
    floor: FloorView, slot: Slot, guests: int, days: Sequence[DayView], oversize: int | None = None
) -> list[Table]:
    """The tables of the floor that seat ``guests``, with at most ``oversize`` seats more (None: any number), and are
    free for the whole slot, smallest first, then by id.

    ``days`` are the slot's service day, and the days before and after where bookings of theirs may reach into it.
    """
    day = Day(days[0], days[1:])
    most = _most_seats(guests, oversize)
    return [table for table in floor.fitting(guests) if table.seats <= most and day.is_free(table, slot)]


def free_combinations(
    floor: FloorView, slot: Slot, guests: int, days: Sequence[DayView], oversize: int | None = None
) -> list[Unit]:
    """The combinations for ``guests``, and at most ``oversize`` more, all of whose tables are free for the whole slot,
    in the order of choice."""
    day = Day(days[0], days[1:])
    most = _most_seats(guests, oversize)
    return [unit for unit in floor.combined(guests) if unit.seats <= most and day.is_unit_free(unit, slot)]


def _most_seats(guests: int, oversize: int | None) -> float:
    return math.inf if oversize is None else guests + oversize


def choose(
    day: Day,
    floor: FloorView,
    slot: Slot,
    *,
    guests: int,
    table_ids: Sequence[int] | None,
    rules: Rules,
    now: datetime,
    but: int = 0,
    area_id: int | None = None,
    oversize: int | None = None,
    exceed: Collection[str] | None = None,
) -> Unit:
    """The tables for ``guests`` over ``slot``: those that are named, or the first unit of the floor that fits and is
    free: single tables, then combinations. ``area_id``: only in that area. ``oversize``: none of more seats than so
    many beyond the party (None: of any number), also where it is named.

    ``but`` is a booking that is left out of account because it is moved; ``exceed`` is as of :func:`check_seats`.
    Raises NotFound for a table or an area that is not there, and for a named table outside the area, TableTooSmall when
    none, or not the named ones, has so many seats, and SlotTaken with alternatives.
    """
    most = _most_seats(guests, oversize)
    named = None if table_ids is None else named_unit(floor, table_ids)
    if area_id is not None:
        if area_id not in floor.areas:
            raise NotFound("There is no such area.")
        if named is not None and not named.is_in(area_id):
            raise NotFound("There is no such table in this area.")
    if named is not None:
        check_seats(named, guests, exceed)
        if named.seats <= most and day.is_unit_free(named, slot, but):
            return named
    fitting = units_in(floor, guests, area_id)
    if named is None and not fitting:
        raise TableTooSmall()
    fitting = not_oversized(fitting, guests, oversize)

    taken: dict[int, Sequence[Interval]] = {}
    kept = day.kept(but)
    alike = (floor.least_alike(guests), None) if oversize is None else (guests, oversize)

    def is_free_at(unit: Unit, start: Slot) -> bool:
        for table in unit.tables:
            if table.id not in taken:
                taken[table.id] = day.taken(table.id, but)
            if not is_free(taken[table.id], start.starts_at, start.ends_at):
                return False
        return True

    def unit_at(start: Slot) -> Unit | None:
        if named is not None and named.seats <= most and is_free_at(named, start):
            return named
        key = (floor, floor.version, alike, area_id, start.starts_at, start.ends_at)
        if key not in kept:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            kept[key] = next((unit for unit in fitting if is_free_at(unit, start)), None)
        return kept[key]

    unit = None if named is not None else unit_at(slot)
    if unit is None:
        starts = calendar.grid(slot.day, rules)
        raise SlotTaken(alternatives=alternatives(slot, starts=starts, unit_at=unit_at, now=now))
    return unit


def units_in(floor: FloorView, guests: int, area_id: int | None) -> list[Unit]:
    """What a party can be given, in the order of choice; in one area, where it wants that."""
    units = floor.units(guests)
    if area_id is None:
        return units
    return [unit for unit in units if unit.is_in(area_id)]


def not_oversized(units: list[Unit], guests: int, oversize: int | None) -> list[Unit]:
    """Those that have at most ``oversize`` seats more than the party (None: any number), in their order."""
    if oversize is None:
        return units
    return [unit for unit in units if unit.seats <= guests + oversize]


def named_unit(floor: FloorView, table_ids: Sequence[int]) -> Unit:
    """Just these tables: for as many as the largest combination of them is meant for, else as they have seats. Raises
    NotFound."""
    tables = []
    for table_id in dict.fromkeys(table_ids):
        if (table := floor.tables.get(table_id)) is None:
            raise NotFound("There is no such table.")
        tables.append(table)
    wanted = tuple(sorted(table.id for table in tables))
    if (combined := floor.largest(wanted)) is not None:
        return Unit(tuple(floor.tables[id] for id in wanted), combined)
    return Unit(tuple(tables), sum(table.seats for table in tables))


SEATS = "seats"
"""How a call of staff names the rule that tables have seats enough, which it may exceed where it names them."""


def check_seats(unit: Unit, guests: int, exceed: Collection[str] | None) -> None:
    """Raises TableTooSmall where named tables are for fewer than ``guests``, unless staff ``exceed`` that; None: who
    asks may not. To staff the refusal says that they may."""
    if unit.seats >= guests or (exceed is not None and SEATS in exceed):
        return
    refusal = TableTooSmall()
    if exceed is not None:
        refusal.extra["exceed"] = [*exceed, SEATS]
    raise refusal


def is_free(taken: Sequence[Interval], start: datetime, end: datetime) -> bool:
    """Whether [start, end) overlaps none of the sorted, disjoint, half-open intervals; touching is not overlapping."""
    at = bisect_left(taken, (end,))
    return at == 0 or taken[at - 1][1] <= start


def alternatives(
    wanted: Slot, *, starts: Sequence[Slot], unit_at: Callable[[Slot], Unit | None], now: datetime, most: int = 3
) -> list[tuple[Slot, Unit]]:
    """Up to ``most`` other starts of the day with the tables that are offered at each, nearest first (of two as near,
    the earlier).

    ``starts`` is the day's grid, by time; one that is past is left out. The wanted start itself counts when it is on
    the grid and ``unit_at`` offers other tables there.
    """
    found: list[tuple[Slot, Unit]] = []
    after = bisect_left(starts, wanted.starts_at, key=lambda slot: slot.starts_at)
    before = after - 1
    while len(found) < most and (before >= 0 or after < len(starts)):
        earlier = before >= 0 and (
            after == len(starts)
            or wanted.starts_at - starts[before].starts_at <= starts[after].starts_at - wanted.starts_at
        )
        slot = starts[before if earlier else after]
        before, after = (before - 1, after) if earlier else (before, after + 1)
        if slot.starts_at > now and (unit := unit_at(slot)) is not None:
            found.append((slot, unit))
    return found
