"""A model of a service day that can't be wrong, what happens to it at random, and the view that took each event.

The model (:class:`Day`) holds whole entries and asks nothing of the view: a table is taken when some of them says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from hub.domain.day import DayView, Interval
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from hub.domain.floor import Area, Combination, FloorView, Table
from hub.domain.held import OTHERS

DAY = date(2026, 11, 24)
OPENS = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
QUARTERS = 40
HALL, TERRACE = 1, 2
TABLES = [
    Table(1, "T2-1", 2, area_id=HALL),
    Table(2, "T2-2", 2, area_id=HALL),
    Table(3, "T3-1", 3, area_id=TERRACE),
    Table(4, "T6-1", 6),
]
COMBINATIONS = [
    Combination(1, "Twos", (1, 2), 3, 4),
    Combination(2, "Threes", (1, 3), 4, 4),
    Combination(3, "All", (1, 2, 3, 4), 7, 12),
    Combination(4, "Large", (2, 4), 7, 8),
    Combination(5, "Twos, close", (1, 2), 5, 5),
]
ROOM = FloorView(11, TABLES, areas=[Area(HALL, "Hall"), Area(TERRACE, "Terrace")], combinations=COMBINATIONS)


def at(quarter: int) -> datetime:
    return OPENS + quarter * QUARTER


def text(quarter: int) -> str:
    return at(quarter).strftime("%Y-%m-%dT%H:%M:%SZ")


def render(instant: datetime) -> str:
    return instant.isoformat()


@dataclass(slots=True)
class Day:
    """The day as it should be: booking → entry, the same of what else stands on it, and the events that led there."""

    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    others: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {subject: {} for subject in OTHERS})
    events: list[Event] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("booking", *OTHERS), 0))

    def put(self, id: int, entry: dict[str, Any] | None, subject: str = "booking") -> None:
        shown = self.entries if subject == "booking" else self.others[subject]
        shown.pop(id, None)
        if entry is not None:
            shown[id] = entry
        data = json.loads(json.dumps({subject: id, "entry": entry}))
        kind = KINDS_OF[subject][entry is None]
        self.events.append(Event(stream_of(MAIN, DAY), len(self.events) + 1, kind, data, OPENS))

    def new(self, subject: str) -> int:
        """The id of one that is made: each kind counts its own, so that the same id means several things."""
        self.made[subject] += 1
        return self.made[subject]

    def rows(self, but: tuple[str, int] | None = None) -> Iterator[tuple[int, int, int]]:
        """All (table, from, until) but those of one (subject, id)."""
        for subject, shown in {"booking": self.entries, **self.others}.items():
            for id, entry in shown.items():
                if (subject, id) != but:
                    yield from entry["quarters"]

    def collides(self, occupied: Iterable[tuple[int, int, int]], but: tuple[str, int] | None) -> bool:
        held = list(self.rows(but))
        return any(t == table and s < end and start < e for table, start, end in occupied for t, s, e in held)

    def taken(self, table: int) -> list[Interval]:
        return sorted((at(start), at(end)) for t, start, end in self.rows() if t == table)

    def view(self) -> DayView:
        """The view that is built at once."""
        return DayView(DAY, len(self.events), self.entries, others=self.others)


KINDS_OF = {
    "booking": ("rescheduled", "canceled"),
    "block": ("blocked", "unblocked"),
    "hold": ("held", "released"),
    "wait": ("queue_changed", "queue_left"),
}
"""Kinds of events of each subject: that it is there, and that it is gone."""
BOOK, OTHER = ["book", "book", "book", "move", "move", "cancel", "shorten", "join", "leave"], [*OTHERS, "change", "end"]
CHANGE = st.tuples(
    st.sampled_from(BOOK + OTHER),
    st.integers(0, 30),
    st.integers(1, 4),
    st.integers(0, QUARTERS - 1),
    st.integers(1, 12),
    st.integers(1, 6),
)
CHANGES = st.lists(CHANGE, max_size=40)


def entry_of(
    old: dict[str, Any] | None, occupied: list[tuple[int, int, int]], guests: int, status: str
) -> dict[str, Any]:
    occupied = sorted(occupied)
    tables = list(dict.fromkeys(row[0] for row in occupied))
    entry = {
        "guest_id": 70,
        "user_id": 7,
        "table_id": occupied[0][0] if occupied else old["table_id"] if old else 1,
        "guests": guests,
        "starts_at": text(occupied[0][1]) if occupied else text(0),
        "ends_at": text(occupied[0][2]) if occupied else text(8),
        "status": status,
        "revision": old["revision"] + 1 if old else 1,
        "occupied": [[t, text(s), text(e)] for t, s, e in occupied],
        "quarters": occupied,
    }
    return entry | {"tables": tables} if len(tables) > 1 else entry


def other_of(subject: str, rows: list[tuple[int, int, int]], guests: int, revision: int = 1) -> dict[str, Any]:
    """A block, a hold or a waiting party that stands on the day."""
    if subject == "wait":
        waiting: dict[str, Any] = {
            "guest_id": 70, "guests": guests, "status": "waiting" if revision == 1 else "ready", "place": guests,
            "joined_at": text(0), "quoted_from": None, "quoted_until": text(4), "promised_until": text(4),
            "area_id": None, "revision": revision,
        }  # fmt: skip
        return waiting | {"quarters": []}
    held = {
        "tables": [table for table, *_ in rows], "starts_at": text(rows[0][1]), "ends_at": text(rows[0][2]),
        "quarters": rows,
    }  # fmt: skip
    if subject == "block":
        return held | {"revision": revision}
    return held | {"guests": guests, "expires_at": text(0), "made_by": 7}


def change_other(day: Day, what: str, which: int, rows: list[tuple[int, int, int]], guests: int) -> None:
    """Put a block, a hold or a waiting party there, change one, or end one, where that is possible."""
    if what in OTHERS:
        if what == "wait" or not day.collides(rows, None):
            day.put(day.new(what), other_of(what, rows, guests), what)
        return
    there = [(subject, id) for subject, shown in day.others.items() for id in shown]
    if not there:
        return
    subject, id = there[which % len(there)]
    if what == "end":
        day.put(id, None, subject)
    elif subject == "wait" or not day.collides(rows, (subject, id)):
        day.put(id, other_of(subject, rows, guests, 2), subject)


def live(changes: Iterable[tuple[str, int, int, int, int, int]], day: Day | None = None) -> Day:
    """Carry out the changes that are possible; those that would collide are what the database refuses."""
    day = day or Day()
    for what, which, table, start, length, guests in changes:
        occupied = [(table, start, start + length)]
        if what in OTHER:
            both = sorted({table, guests % len(TABLES) + 1})
            change_other(day, what, which, [(each, start, start + length) for each in both], guests)
            continue
        if what == "book":
            if not day.collides(occupied, None):
                day.put(day.new("booking"), entry_of(None, occupied, guests, "booked"))
            continue
        if not day.entries:
            continue
        booking = sorted(day.entries)[which % len(day.entries)]
        old = day.entries[booking]
        rows = old["quarters"]
        if what == "cancel":
            day.put(booking, None)
            continue
        if what == "shorten":
            rows = [(t, s, max(s + 1, e - length)) for t, s, e in rows]
        elif what == "leave":  # finished: nothing is taken any more, and it is still shown
            rows = []
        elif what == "join":
            own = any(t == table and s < start + length and start < e for t, s, e in rows)
            rows = rows if own else [*rows, *occupied]
        else:
            rows = occupied
        if not day.collides(rows, ("booking", booking)):
            day.put(booking, entry_of(old, rows, guests, "finished" if what == "leave" else "booked"))
    return day


def moved(day: Day, until: int | None = None) -> DayView:
    """A view that took each event."""
    day_view = DayView(DAY, 0, {})
    for event in day.events[:until]:
        assert day_view.apply(event) is ApplyResult.APPLIED
    return day_view


PEOPLE = {70: ("Ada Guest", "+71234567890")}
