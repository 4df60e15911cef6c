"""When a party that waits will sit: the evening played forward, many times, each with other stays. Pure.

In each draw every party that sits stays on for a time that fits how long it has sat, bookings come when they said, and
those who wait are seated in their order, each at the first tables that are free for its whole time. The quote is what
35 and 80 of 100 draws say, rounded outwards. Draws are the same numbers each time: a party's is chosen by its id, so a
quote moves when the room does, and not by chance.

A party more that is seated makes no table free earlier. So who joins behind a queue is told no less than who would have
joined before its last, and the quotes of those ahead stay as they are: an evening that was played for a queue is played
on from there for a longer one, and rewound only to where two queues part.
"""

from __future__ import annotations

import math
import random
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from hub.domain import calendar
from hub.domain.allocation import Day, units_in
from hub.domain.day import Entry
from hub.domain.floor import FloorView, Unit
from hub.domain.held import Waiting
from hub.domain.rules import Rules
from hub.domain.stays import NORMAL, Stays

DRAWS = 40
EARLY, LATE = 0.35, 0.8
"""The quantiles that are told."""
STEP = timedelta(minutes=5)
NEVER = math.inf
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS = 128


def _draws() -> list[list[float]]:
    """Rows of DRAWS shares between 0 and 1: each row has one of each fortieth, in an order of its own."""
    shuffled = random.Random(7)  # noqa: S311 no secret, and the same each time
    strata = [(number + 0.5) / DRAWS for number in range(DRAWS)]
    return [shuffled.sample(strata, DRAWS) for _ in range(_ROWS)]


SHARES = _draws()
DEVIATIONS = [[NORMAL.inv_cdf(share) for share in row] for row in SHARES]
Interval = tuple[float, float]
"""In minutes from now."""


@dataclass(frozen=True, slots=True)
class Quote:
    """When a party will sit: ``since`` and ``until`` are what it is told, ``likely`` is the middle of the draws."""

    since: datetime
    until: datetime
    likely: datetime


@dataclass(frozen=True, slots=True)
class Waiter:
    """Who waits: how many, and in which area; None: anywhere."""

    id: int
    guests: int
    area_id: int | None = None


def queue_of(waitlist: Iterable[tuple[int, Waiting]]) -> list[Waiter]:
    """Those who wait, first come first."""
    return [
        Waiter(id, each.guests, each.area_id)
        for id, each in sorted(waitlist, key=lambda item: (item[1].place, item[0]))
    ]  # fmt: skip


class Evening:
    """The room from now until it closes, once for each draw."""

    def __init__(self, day: Day, floor: FloorView, *, stays: Stays, rules: Rules, now: datetime) -> None:
        self._stays = stays
        self.now = now
        self._floor = floor
        self._need = rules.slot.total_seconds() / 60
        self._end = self._minutes(calendar.occupied_range(day.day_view.day, rules)[1])
        self._units: list[Unit] = []
        self._places: dict[tuple[int, ...], int] = {}
        self._by_table: dict[int, list[int]] = {}
        self._chosen: dict[tuple[int, int | None], tuple[list[int], Callable[..., tuple[float, ...]]] | None] = {}
        self._busy: list[dict[int, list[Interval]]] = [{} for _ in range(DRAWS)]
        self._fill(day)
        self._first: list[list[float]] = [[] for _ in range(DRAWS)]
        """By draw and unit: when it is free first for the whole time of a party."""
        self._seated: list[Waiter] = []
        self._told: list[Quote | None] = []
        self._taken: list[list[tuple[int, int, Interval]]] = []
        """Of each who was seated: in a draw, which unit and when."""

    def _minutes(self, at: datetime) -> float:
        return (at - self.now).total_seconds() / 60

    def _fill(self, day: Day) -> None:
        """What takes tables: parties that sit, bookings that are to come, blocks and holds."""
        coming: list[tuple[float, int, Entry]] = []
        fixed: list[tuple[int, float, float]] = []
        for view in (day.day_view, *day.beside):
            for id, entry in view.entries.items():
                if entry.status == "seated":
                    self._add_seated(id, entry)
                elif entry.status in ("booked", "arrived") and entry.ends_at > self.now:
                    coming.append((self._minutes(entry.starts_at), id, entry))
            held = [each.occupied for each in view.holds.values() if each.expires_at > self.now]
            for occupied in (*(each.occupied for each in view.blocks.values()), *held):
                fixed += [(table, self._minutes(since), self._minutes(until)) for table, since, until in occupied]
        for table, since, until in fixed:
            if until > 0:
                for busy in self._busy:
                    insort(busy.setdefault(table, []), (since, until))
        for starts, id, entry in sorted(coming, key=lambda item: item[:2]):
            self._add_coming(starts, id, entry)

    def _add_seated(self, id: int, entry: Entry) -> None:
        stay = self._stays.of(entry.guests)
        sat = -self._minutes(entry.seated_at or entry.starts_at)
        for busy, until in zip(self._busy, stay.remaining(sat, SHARES[id % _ROWS]), strict=True):
            for table in entry.tables:
                busy.setdefault(table, []).append((0.0, until))

    def _add_coming(self, starts: float, id: int, entry: Entry) -> None:
        """A booking sits when it said, or when who sits there has left; one that is late, now."""
        stay = self._stays.of(entry.guests)
        for busy, deviations in zip(self._busy, DEVIATIONS[id % _ROWS], strict=True):
            since = max(starts, 0.0)
            for table in entry.tables:
                for begins, ends in busy.get(table, ()):
                    if begins <= since < ends:
                        since = ends
            for table in entry.tables:
                # From its promised start: nobody else is to be put there when it is late for its table.
                insort(busy.setdefault(table, []), (min(starts, since), since + stay.minutes(deviations)))

    # -- asking

    def play(self, queue: Sequence[Waiter]) -> dict[int, Quote | None]:
        """The quote of each party of a queue, by its id; None: there will be no table for it tonight. All but the last
        are seated then."""
        same = 0
        for seated, party in zip(self._seated, queue[:-1], strict=False):
            if seated != party:
                break
            same += 1
        while len(self._seated) > same:
            self._unseat()
        for party in queue[same:-1]:
            self.seat(party)
        found = {party.id: quote for party, quote in zip(queue, self._told, strict=False)}
        for party in queue[-1:]:
            found[party.id] = _quote(self.times(party.guests, party.area_id), self.now)
        return found

    def planned(self, id: int) -> Unit:
        """The tables that a party which was seated in the play, and has a quote, gets most often."""
        place = next(place for place, party in enumerate(self._seated) if party.id == id)
        [(unit, _)] = Counter(unit for _, unit, _ in self._taken[place]).most_common(1)
        return self._units[unit]

    def times(self, guests: int, area_id: int | None) -> list[float]:
        """In each draw the minutes until tables for such a party are free for all of its time; NEVER: not tonight."""
        chosen = self._choice(guests, area_id)
        if chosen is None:
            return [NEVER] * DRAWS
        pick = chosen[1]
        return [min(pick(first)) for first in self._first]

    def free_now(self, guests: int, area_id: int | None) -> list[Unit]:
        """The tables that such a party can have at once, in the order of choice. They are the same in each draw."""
        chosen = self._choice(guests, area_id)
        return [self._units[unit] for unit in chosen[0] if self._first[0][unit] <= 0] if chosen is not None else []

    def seat(self, party: Waiter) -> None:
        """Let a party have the first tables that are free for it, in each draw; they are its quote."""
        chosen = self._choice(party.guests, party.area_id)
        times, taken = [NEVER] * DRAWS, []
        if chosen is not None:
            order, pick = chosen
            stay, deviations = self._stays.of(party.guests), DEVIATIONS[-1 - party.id % _ROWS]
            for draw, first in enumerate(self._first):
                options = pick(first)
                times[draw] = at = min(options)
                if at != NEVER:
                    unit, interval = order[options.index(at)], (at, at + stay.minutes(deviations[draw]))
                    for table in self._units[unit].ids:
                        insort(self._busy[draw].setdefault(table, []), interval)
                    self._look_again(draw, unit)
                    taken.append((draw, unit, interval))
        self._seated.append(party)
        self._taken.append(taken)
        self._told.append(_quote(times, self.now))

    def _unseat(self) -> None:
        """Take back that the last party was seated."""
        self._seated.pop()
        self._told.pop()
        for draw, unit, interval in self._taken.pop():
            for table in self._units[unit].ids:
                self._busy[draw][table].remove(interval)
            self._look_again(draw, unit)

    def _look_again(self, draw: int, unit: int) -> None:
        """When each unit that has a table of this one is free first."""
        busy, first = self._busy[draw], self._first[draw]
        for table in self._units[unit].ids:
            for other in self._by_table[table]:
                first[other] = self._first_of(busy, other)

    def _choice(self, guests: int, area_id: int | None) -> tuple[list[int], Callable[..., tuple[float, ...]]] | None:
        """The units for such a party by their numbers, in the order of choice, and what picks their values."""
        if (guests, area_id) not in self._chosen:
            order = [self._number(unit) for unit in units_in(self._floor, guests, area_id)]
            pick = itemgetter(*order) if len(order) > 1 else (lambda first: (first[order[0]],))
            self._chosen[guests, area_id] = (order, pick) if order else None
        return self._chosen[guests, area_id]

    def _number(self, unit: Unit) -> int:
        number = self._places.get(unit.ids)
        if number is None:
            number = self._places[unit.ids] = len(self._units)
            self._units.append(unit)
            for table in unit.ids:
                self._by_table.setdefault(table, []).append(number)
            for busy, first in zip(self._busy, self._first, strict=True):
                first.append(self._first_of(busy, number))
        return number

    def _first_of(self, busy: dict[int, list[Interval]], unit: int) -> float:
        tables = self._units[unit].ids
        taken = busy.get(tables[0], ())
        if len(tables) > 1:
            taken = sorted(interval for table in tables for interval in busy.get(table, ()))
        at = 0.0
        for since, until in taken:
            if since >= min(at + self._need, self._end):
                break
            at = max(at, until)
        return at if at < self._end else NEVER


def evening_of(day: Day, floor: FloorView, *, stays: Stays, rules: Rules, now: datetime) -> Evening:
    """The evening of a day, which those who are decided on one after the other, at one moment, play on."""
    key = (day.day_view.day, stays, rules, now)
    if key not in day.played:
        day.played.clear()
        day.played[key] = Evening(day, floor, stays=stays, rules=rules, now=now)
    evening: Evening = day.played[key]
    return evening


def _quote(times: Sequence[float], now: datetime) -> Quote | None:
    ordered = sorted(times)

    def at(share: float) -> datetime | None:
        minutes = ordered[math.ceil(share * DRAWS) - 1]
        return None if minutes == NEVER else now + timedelta(minutes=minutes)

    early, middle, late = at(EARLY), at(0.5), at(LATE)
    if early is None or middle is None or late is None:
        return None
    return Quote(_EPOCH + (early - _EPOCH) // STEP * STEP, _EPOCH - (_EPOCH - late) // STEP * STEP, middle)
