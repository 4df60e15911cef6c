"""For parties of which sizes each start of a service day is free: what a guest would be given now. Pure.

A start is free for a size just where hub.domain.allocation finds tables for a guest's booking that names none. No clock
is asked: whether a start is past changes without an event, so nobody who watches would be told of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

from hub.domain import calendar
from hub.domain.allocation import Day, is_free, not_oversized, units_in
from hub.domain.calendar import Slot
from hub.domain.day import DayView
from hub.domain.floor import FloorView
from hub.domain.rules import Rules
from hub.domain.venue import GUESTS_MAX, GUESTS_MIN

DIGEST_BYTES = 6
VERSIONS_KEPT = 8
"""Of how many versions of a day what is free is remembered."""
Sizes = tuple[int, ...]
"""Sizes of parties, ascending."""
Free = Mapping[str, Sizes]
"""By start: for which sizes it is free."""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """Which tables may be given to parties of which sizes: the same on every day."""

    units: Mapping[Sizes, Sizes]
    """By the tables of a unit: the sizes of the parties that may be given it."""
    tables: frozenset[int]
    digest: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What decides beside the day itself which starts are free. Two with the same ``digest`` decide alike."""

    slots: Mapping[str, Slot]
    """The starts, by their wall times (HH:MM), in the order of time. After midnight they go on: 00:30 is later."""
    served: Served
    beside: Sequence[DayView]
    """The days whose bookings may reach into this one."""
    digest: str


def served(floor: FloorView, rules: Rules) -> Served:
    """What a venue of these rules may give of these tables."""
    units: dict[tuple[int, ...], set[int]] = {}
    for guests in range(GUESTS_MIN, GUESTS_MAX + 1):
        for unit in not_oversized(units_in(floor, guests, None), guests, rules.oversize):
            units.setdefault(unit.ids, set()).add(guests)
    found = {ids: tuple(sorted(units[ids])) for ids in sorted(units)}
    return Served(found, frozenset(table for ids in found for table in ids), _digest(list(found.items())))


def slots_of(day: date, rules: Rules) -> Mapping[str, Slot]:
    """The starts of a service day, by their wall times."""
    # A mark that the clock shows twice is on the grid once, and no day has more than 24 hours of them.
    return {f"{calendar.local_date_time(slot.starts_at, rules)[1]:%H:%M}": slot for slot in calendar.grid(day, rules)}


def offer(slots: Mapping[str, Slot], given: Served, beside: Sequence[DayView] = ()) -> Offer:
    """What is offered at these starts of a day, where these tables may be given."""
    grid = [(start, _seconds(slot.starts_at), _seconds(slot.ends_at)) for start, slot in slots.items()]
    decides = (grid, given.digest, _reaching(slots, beside, given.tables))
    return Offer(slots, given, beside, _digest(decides).hex())


def _digest(decides: object) -> bytes:
    return blake2b(repr(decides).encode(), digest_size=DIGEST_BYTES).digest()


def _reaching(
    slots: Mapping[str, Slot], beside: Sequence[DayView], tables: Set[int]
) -> list[tuple[int, list[tuple[int, int]]]]:
    """By table, when it is taken on the days beside by what reaches into these slots."""
    if not slots:
        return []
    begins, ends = min(slot.starts_at for slot in slots.values()), max(slot.ends_at for slot in slots.values())
    found = []
    for table in sorted(tables):
        taken = sorted(
            (_seconds(start), _seconds(end))
            for view in beside
            for start, end in view.taken.get(table, ())
            if start < ends and end > begins
        )
        if taken:
            found.append((table, taken))
    return found


def _seconds(at: datetime) -> int:
    return round(at.timestamp())


def free(offer: Offer, day_view: DayView) -> Free:
    """For which sizes each start is free. What it costs follows the tables that are taken at some time of the day."""
    day, units = Day(day_view, offer.beside), offer.served.units
    taken = {table: times for table in offer.served.tables if (times := day.taken(table, 0))}
    always: set[int] = set()
    for ids, sizes in units.items():
        if taken.keys().isdisjoint(ids):
            always.update(sizes)
    others = [(ids, sizes) for ids, sizes in units.items() if not always.issuperset(sizes)]
    at_any_time, found = tuple(sorted(always)), {}
    for start, slot in offer.slots.items():
        not_there = {table for table, times in taken.items() if not is_free(times, slot.starts_at, slot.ends_at)}
        more = [sizes for ids, sizes in others if not_there.isdisjoint(ids)]
        found[start] = tuple(sorted(always.union(*more))) if more else at_any_time
    return found


class DayStarts:
    """The starts of a day as its view stands. What is free is worked out once a version, when it is asked for."""

    def __init__(self, day_view: DayView, offer: Offer) -> None:
        self.day_view = day_view
        self.offer = offer
        self._known: dict[int, Free] = {}
        """By version, in their order."""

    def free(self) -> Free:
        found = self._known.get(self.day_view.version)
        if found is None:
            found = self._keep(free(self.offer, self.day_view))
        return found

    def changed_since(self, version: int, *, touched: bool) -> Free:
        """The starts that are free for other sizes than at an earlier version of the day, or all where that version is
        not remembered. ``touched``: since then a table was taken at other times."""
        before = self._known.get(version)
        if not touched:
            if before is not None:
                self._keep(before)
            return {}
        now = self.free()
        return now if before is None else {start: sizes for start, sizes in now.items() if sizes != before[start]}

    def _keep(self, found: Free) -> Free:
        self._known[self.day_view.version] = found
        while len(self._known) > VERSIONS_KEPT:
            del self._known[next(iter(self._known))]
        return found
