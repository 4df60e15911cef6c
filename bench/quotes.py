"""How good the waitlist's quotes are: evenings that are played by a clock of their own, the same with each run.

A room of 16 tables, parties that walk in, some bookings, and stays that are lognormal. Each party that has to wait is
quoted when it joins; what it was told is compared with when it sat. The hub's quotes know what a venue knows: the
stays of evenings before, which are played from another seed, and the evening's view.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, median, stdev
from zoneinfo import ZoneInfo

from bench import report
from hub.domain.allocation import Day
from hub.domain.change import instant_text
from hub.domain.day import DayView
from hub.domain.floor import FloorView, Table
from hub.domain.quote import Evening, Waiter
from hub.domain.rules import Rules
from hub.domain.stays import LEAST, LONGEST, SHORTEST, SIZES, Measured, Stay, Stays, fitted, size_of

SEATS = [2] * 7 + [3] * 6 + [6] * 3
TABLES = [Table(id, f"T{id}", seats) for id, seats in enumerate(SEATS, 1)]
TONIGHT = date(2026, 11, 27)
OPENS = datetime(2026, 11, 27, 17, tzinfo=UTC)
RULES = Rules(
    ZoneInfo("UTC"), timedelta(hours=17), timedelta(hours=24), timedelta(hours=2), timedelta(hours=1), 400
)  # fmt: skip
LAST_SEATING = 300.0
"""Minutes after the opening."""
GUESTS = {1: 0.05, 2: 0.57, 3: 0.20, 4: 0.10, 5: 0.04, 6: 0.04}
STAY = {1: (75, 0.33), 2: (85, 0.36), 3: (95, 0.33), 4: (105, 0.33), 5: (115, 0.30), 6: (120, 0.30)}
"""The true median in minutes, and the spread, by guests."""
RUSH = ((0.0, 0.10), (60.0, 0.20), (210.0, 0.08), (LAST_SEATING, 0.0))
"""From which minute on how many parties walk in a minute."""
BOOKINGS = 8
MOST_WAITING = 14
"""With more before it a party goes elsewhere."""
CLASSES = len(SIZES)


@dataclass(slots=True)
class Guests:
    """A party of an evening: when it came and, in minutes after the opening, when it sat."""

    id: int
    guests: int
    stay: float
    came: float
    sat: float = math.nan
    ahead: int = 0
    """How many of its size were waiting when it came."""
    told: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """By method: from, until, and the middle."""


class Room:
    """One evening, moved forward from event to event."""

    def __init__(self, seed: int, quote: Callable[[Room, Guests], None] | None = None) -> None:
        self._chance = random.Random(seed)
        self._quote = quote
        self.now = 0.0
        self.sitting: dict[int, tuple[Guests, float]] = {}
        """By table: who sits, and when they leave."""
        self.booked: dict[int, list[tuple[float, Guests]]] = {}
        self.queue: list[Guests] = []
        self.waited: list[Guests] = []
        self.seated: list[Guests] = []

    def play(self) -> Room:
        events = self._arrivals()
        while events:
            self.now = events[0][0]
            while events and events[0][0] == self.now:
                _, _, what, party = heapq.heappop(events)
                if what == "leaves":
                    self.sitting = {table: each for table, each in self.sitting.items() if each[0] is not party}
                elif what == "comes":
                    self._comes(party)
            for party in self._seat_all():
                heapq.heappush(events, (party.sat + party.stay, party.id, "leaves", party))
        return self

    def _arrivals(self) -> list[tuple[float, int, str, Guests]]:
        events: list[tuple[float, int, str, Guests]] = []
        for number in range(BOOKINGS):
            table = self._chance.choice([each for each in TABLES if each.id not in self.booked])
            at = 15.0 * self._chance.randint(4, 14)
            party = self._party(number + 1, at, self._chance.randint(max(1, table.seats - 1), table.seats))
            self.booked[table.id] = [(at, party)]
            events.append((at, party.id, "booked", party))
        at, number = 0.0, BOOKINGS
        while at < LAST_SEATING:
            rate = next(rate for since, rate in reversed(RUSH) if at >= since)
            at += self._chance.expovariate(rate)
            number += 1
            guests = self._chance.choices(list(GUESTS), list(GUESTS.values()))[0]
            if at < LAST_SEATING:
                events.append((at, number, "comes", self._party(number, at, guests)))
        heapq.heapify(events)
        return events

    def _party(self, id: int, at: float, guests: int) -> Guests:
        middle, spread = STAY[guests]
        return Guests(id, guests, min(max(middle * math.exp(self._chance.gauss(0, spread)), 20), 300), at)

    def _comes(self, party: Guests) -> None:
        self.queue.append(party)
        if self._free_table(party) is None or len(self.queue) > 1:
            party.ahead = sum(size_of(each.guests) == size_of(party.guests) for each in self.queue[:-1])
            if len(self.queue) > MOST_WAITING:
                self.queue.pop()
            elif self._free_table(party) is None:
                if self._quote is not None:
                    self._quote(self, party)
                    if party.told.get(FITTED, (0.0, math.inf, 0.0))[1] > LAST_SEATING:
                        self.queue.pop()  # the list is closed to it
                        return
                self.waited.append(party)

    def _free_table(self, party: Guests) -> int | None:
        for table in TABLES:
            coming = self.booked.get(table.id, [])
            free = table.id not in self.sitting and all(at >= self.now + 120 for at, _ in coming)
            if table.seats >= party.guests and free:
                return table.id
        return None

    def _seat_all(self) -> list[Guests]:
        seated = []
        for table, coming in self.booked.items():
            if coming and coming[0][0] <= self.now and table not in self.sitting:
                seated.append(self._sit(coming.pop(0)[1], table))
        for party in list(self.queue) if self.now < LAST_SEATING + 60 else []:
            free = self._free_table(party)
            if free is not None:
                self.queue.remove(party)
                seated.append(self._sit(party, free))
        return seated

    def _sit(self, party: Guests, table: int) -> Guests:
        party.sat = self.now
        self.sitting[table] = party, self.now + party.stay
        self.seated.append(party)
        return party

    def view(self) -> DayView:
        """The room as the hub would show it."""
        entries = {}
        for table, (party, _) in self.sitting.items():
            entries[party.id] = _entry(table, party.guests, party.sat, "seated")
        for table, coming in self.booked.items():
            for at, party in coming:
                entries[party.id] = _entry(table, party.guests, at, "booked")
        return DayView(TONIGHT, 0, entries)


def _entry(table: int, guests: int, at: float, status: str) -> dict[str, object]:
    since, until = instant_text(_at(at)), instant_text(_at(at) + RULES.slot)
    entry: dict[str, object] = {
        "guest_id": 1, "user_id": None, "table_id": table, "guests": guests, "starts_at": since, "ends_at": until,
        "status": status, "revision": 1, "occupied": [[table, since, until]],
    }  # fmt: skip
    return entry | ({"seated_at": since} if status == "seated" else {})


def _at(minutes: float) -> datetime:
    return OPENS + timedelta(minutes=minutes)


def _minutes(at: datetime) -> float:
    return (at - OPENS).total_seconds() / 60


def learn(rooms: Sequence[Room]) -> tuple[Stays, dict[int, float]]:
    """What earlier evenings taught: the stays by size as hub.views.venue_stays measures them, and for the rule of thumb
    the average time between two seatings of a size while somebody of that size waits."""
    stays: dict[int, list[float]] = defaultdict(list)
    between: dict[int, list[float]] = defaultdict(list)
    for room in rooms:
        for party in room.seated:
            if SHORTEST <= party.stay <= LONGEST:
                stays[size_of(party.guests)].append(party.stay)
        for size in range(CLASSES):
            sat = sorted(party.sat for party in room.waited if size_of(party.guests) == size and party.sat > 0)
            between[size] += [after - before for before, after in itertools.pairwise(sat)]
    measured = {
        size: Measured(len(found), median(found), stdev(map(math.log, found)))
        for size, found in stays.items()
        if len(found) >= LEAST
    }
    return fitted(measured, RULES.slot), {size: fmean(found) for size, found in between.items() if found}


def quoting(methods: Mapping[str, Stays], between: Mapping[int, float]) -> Callable[[Room, Guests], None]:
    floor = FloorView(0, TABLES)

    def quote(room: Room, party: Guests) -> None:
        queue = [Waiter(each.id, each.guests) for each in room.queue]
        for name, stays in methods.items():
            evening = Evening(Day(room.view()), floor, stays=stays, rules=RULES, now=_at(room.now))
            found = evening.play(queue)[party.id]
            if found is not None:
                party.told[name] = _minutes(found.since), _minutes(found.until), _minutes(found.likely)
        told = room.now + (party.ahead + 1) * between.get(size_of(party.guests), 20.0)
        party.told[THUMB] = told, told, told

    return quote


THUMB = "rule of thumb: ahead in one's size × the average between two seatings"
MIDDLE = "the view played forward, each party leaving at its median"
FITTED = "the hub's quote, with the venue's own stays"
BY_SLOT = "the hub's quote, with a slot of two hours alone"


def measure(*, quick: bool) -> str:
    nights, before = (20, 20) if quick else (100, 60)
    stays, between = learn([Room(10_000 + seed).play() for seed in range(before)])
    exact = Stays(tuple(Stay(each.median, 1e-4) for each in stays.of_sizes))
    methods = {MIDDLE: exact, BY_SLOT: fitted({}, RULES.slot), FITTED: stays}
    rooms = [Room(seed, quoting(methods, between)).play() for seed in range(nights)]
    waited = [party for room in rooms for party in room.waited if party.sat > 0 and len(party.told) == 4]
    rows = [_row(name, waited) for name in (THUMB, *methods)]
    average = fmean(party.sat - party.came for party in waited)
    head = (
        f"{len(waited):,} parties on {nights} evenings waited {average:.0f} min on average", "mean error, min",
        "off by > 10 min", "seated later than told", "within the range", "earlier", "range, min",
    )  # fmt: skip
    return report.table("Quotes of the waitlist, when a party joins", head, rows)


def _row(name: str, waited: Sequence[Guests]) -> list[str]:
    told = [(party.sat, *party.told[name]) for party in waited]
    errors = [abs(sat - likely) for sat, _, _, likely in told]
    point = name == THUMB
    later = sum(sat > until + (0 if point else 1e-9) for sat, _, until, _ in told) / len(told)
    earlier = sum(sat < since for sat, since, _, _ in told) / len(told)
    return [
        name,
        f"{fmean(errors):.1f}",
        f"{sum(error > 10 for error in errors) / len(errors):.0%}",
        f"{later:.0%}",
        "–" if point else f"{1 - later - earlier:.0%}",
        f"{earlier:.0%}",
        "–" if point else f"{fmean(until - since for _, since, until, _ in told):.0f}",
    ]
