"""The view by properties: a day of random bookings, blocks, holds and waiting parties against a model that can't be
wrong.

The model (:class:`Day`) holds whole entries and asks nothing of the view: a table is taken when some of them says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.allocation import free_tables, is_free
from hub.domain.calendar import Slot
from hub.domain.day import NOTED, RENAMED, DayView, Interval
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from hub.domain.floor import Area, Combination, FloorView, Table
from hub.domain.held import OTHERS
from hub.domain.shown import PARTS

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


@given(CHANGES)
def test_view_that_took_every_event_equals_one_built_at_the_end(changes: list[Any]) -> None:
    day = live(changes)
    day_view, built = moved(day), day.view()
    assert day_view.checkpoint() == json.loads(json.dumps(built.checkpoint()))
    assert day_view.taken == built.taken
    assert (day_view.entries, day_view.others) == (built.entries, built.others)
    assert day_view.availability(render) == built.availability(render)
    assert day_view.floor(render, PEOPLE) == built.floor(render, PEOPLE)


@given(CHANGES)
def test_taken_intervals_are_those_of_the_bookings_sorted_and_disjoint(changes: list[Any]) -> None:
    day = live(changes)
    day_view = moved(day)
    assert day_view.taken == {t.id: found for t in TABLES if (found := day.taken(t.id))}
    for intervals in day_view.taken.values():
        assert all(end <= start for (_, end), (start, _) in pairwise(intervals))


@given(CHANGES, st.integers(0, QUARTERS), st.integers(1, 12), st.integers(1, 8))
def test_free_tables_are_those_that_no_booking_overlaps(
    changes: list[Any], start: int, length: int, guests: int
) -> None:
    day = live(changes)
    slot = Slot(at(start), at(start + length), DAY)
    expected = [
        table
        for table in sorted(TABLES, key=lambda t: (t.seats, t.id))
        if table.seats >= guests and not day.collides([(table.id, start, start + length)], None)
    ]
    assert free_tables(ROOM, slot, guests, [moved(day)]) == expected


@given(CHANGES, st.data())
def test_event_that_is_known_changes_nothing(changes: list[Any], data: st.DataObject) -> None:
    day = live([("book", 0, 1, 0, 4, 2), *changes])
    day_view = moved(day)
    before, taken = day_view.checkpoint(), {key: list(rows) for key, rows in day_view.taken.items()}
    assert day_view.apply(data.draw(st.sampled_from(day.events))) is ApplyResult.KNOWN
    assert (day_view.checkpoint(), day_view.taken) == (before, taken)


@given(CHANGES, st.data())
def test_event_after_a_gap_is_said_and_changes_nothing(changes: list[Any], data: st.DataObject) -> None:
    day = live([("book", 0, 1, 0, 4, 2), ("move", 0, 2, 8, 4, 2), *changes])
    held = data.draw(st.integers(0, len(day.events) - 2))
    day_view = moved(day, held)
    before, taken = day_view.checkpoint(), {key: list(rows) for key, rows in day_view.taken.items()}
    for event in day.events[held + 1 :]:
        assert day_view.apply(event) is ApplyResult.GAP
    assert (day_view.checkpoint(), day_view.taken) == (before, taken)
    for event in day.events[held:]:
        assert day_view.apply(event) is ApplyResult.APPLIED
    assert day_view.checkpoint() == moved(day).checkpoint()


@given(CHANGES)
def test_restore_of_a_checkpoint_is_the_same_view(changes: list[Any]) -> None:
    day_view = moved(live(changes))
    saved = json.loads(json.dumps(day_view.checkpoint()))
    restored = DayView.restore(DAY, saved)
    assert restored.checkpoint() == saved == day_view.checkpoint()
    assert (restored.day, restored.version) == (day_view.day, day_view.version)
    assert (restored.entries, restored.others, restored.taken) == (day_view.entries, day_view.others, day_view.taken)


@given(CHANGES, CHANGES)
def test_restored_view_goes_on_as_the_one_that_was_saved(first: list[Any], then: list[Any]) -> None:
    day = live(first)
    restored = DayView.restore(DAY, json.loads(json.dumps(moved(day).checkpoint())))
    saved = len(day.events)
    live(then, day)
    for event in day.events[saved:]:
        assert restored.apply(event) is ApplyResult.APPLIED
    assert restored.checkpoint() == moved(day).checkpoint()
    assert restored.taken == moved(day).taken


def patch(shown: dict[str, Any], update: dict[str, Any], gone: Any) -> dict[str, Any]:
    """What a client holds after an update: absolute values, ``gone`` for what is no longer there."""
    after = {**shown, **update}
    return {key: value for key, value in after.items() if value != gone}


@given(CHANGES, CHANGES)
def test_update_of_what_was_touched_brings_old_projections_up_to_date(first: list[Any], then: list[Any]) -> None:
    day = live(first)
    day_view = moved(day)
    availability = day_view.availability(render)["tables"]
    floor = day_view.floor(render, PEOPLE)
    old = len(day.events)
    live(then, day)
    bookings: set[int] = set()
    others: set[tuple[str, int]] = set()
    tables: set[int] = set()
    every = [table.id for table in TABLES]
    for event in day.events[old:]:
        subject, id, named = day_view.touched(event)
        if subject == "booking":
            bookings.add(id)
        else:
            others.add((subject, id))
        tables |= named
        before = day_view.availability(render, every)["tables"]
        day_view.apply(event)
        after = day_view.availability(render, every)["tables"]
        assert named == {table for table in every if before[str(table)] != after[str(table)]}
    told = day_view.availability(render, tables)["tables"]
    assert patch(availability, told, []) == day_view.availability(render)["tables"]
    news, now = day_view.floor(render, PEOPLE, bookings, others=others), day_view.floor(render, PEOPLE)
    assert {part: patch(shown, news.get(part, {}), None) for part, shown in floor.items()} == now
    assert {part for part in news if news[part]} == ({"bookings"} if bookings else set()) | {
        PARTS[subject] for subject, _ in others
    }
    # Absolute data: a copy does no harm.
    assert patch(patch(availability, told, []), told, []) == day_view.availability(render)["tables"]


@given(CHANGES)
def test_availability_shows_times_alone(changes: list[Any]) -> None:
    day = live(changes)
    shown = moved(day).availability(render)
    assert shown == {
        "tables": {
            str(t.id): [[render(start), render(end)] for start, end in day.taken(t.id)]
            for t in TABLES
            if day.taken(t.id)
        }
    }


def test_booking_moves_between_days_by_two_events() -> None:
    entry = {key: value for key, value in entry_of(None, [(1, 0, 8)], 2, "booked").items() if key != "quarters"}
    before, after, stream = DayView(DAY, 1, {5: entry}), DayView(DAY, 0, {}), stream_of(MAIN, DAY)
    assert before.apply(Event(stream, 2, "moved_away", {"booking": 5, "entry": None}, OPENS)) is ApplyResult.APPLIED
    assert after.apply(Event(stream, 1, "moved_here", {"booking": 5, "entry": entry}, OPENS)) is ApplyResult.APPLIED
    assert (list(before.entries), before.taken.get(1, [])) == ([], [])
    assert list(after.entries) == [5] and after.taken[1] == [(at(0), at(8))]


def test_floor_with_a_guest_whom_nobody_knows_is_refused() -> None:
    day_view = moved(live([("book", 0, 1, 0, 4, 2)]))
    with pytest.raises(KeyError):
        day_view.floor(render, {})


INTERVALS = st.lists(st.integers(0, QUARTERS), unique=True, max_size=12).map(
    lambda marks: [(at(a), at(b)) for a, b in zip(*[iter(sorted(marks))] * 2, strict=False)]
)


@given(INTERVALS, st.integers(-2, QUARTERS + 2), st.integers(1, 12))
def test_is_free_is_half_open(taken: list[Interval], start: int, length: int) -> None:
    wanted = [start + n for n in range(length)]
    clash = any(begin <= at(quarter) < end for quarter in wanted for begin, end in taken)
    assert is_free(taken, at(start), at(start + length)) is not clash


def test_is_free_between_two_that_touch_it() -> None:
    taken = [(at(0), at(4)), (at(8), at(12))]
    assert is_free(taken, at(4), at(8))
    assert not is_free(taken, at(4) - timedelta(seconds=1), at(8))
    assert not is_free(taken, at(4), at(8) + timedelta(seconds=1))
    assert not is_free(taken, at(5), at(6) + timedelta(hours=1))


def renamed(version: int, booking: int, entry: Any, kind: str = RENAMED) -> Event:
    return Event(stream_of(MAIN, DAY), version, kind, {"booking": booking, "entry": entry}, OPENS)


def test_new_name_of_a_guest_is_remembered_and_takes_no_other_table() -> None:
    view = moved(live([("book", 0, 1, 0, 8, 2)]))
    event = renamed(2, 1, dict(view.raw[1]))
    assert view.touched(event) == ("booking", 1, frozenset())
    before = view.taken
    assert view.apply(event) is ApplyResult.APPLIED
    assert (view.renamed, view.taken) == ({70: 2}, before)


def test_booking_of_a_guest_without_an_account_is_shown_by_the_guest() -> None:
    """Two guests whom staff wrote down are two people, though neither has an account."""
    entry = entry_of(None, [(1, 0, 8)], 2, "booked") | {"user_id": None}
    day_view = DayView(
        DAY, 2, {1: entry, 2: entry_of(None, [(2, 0, 8)], 2, "booked") | {"user_id": None, "guest_id": 71}}
    )
    assert [(shown.guest_id, shown.user_id) for shown in day_view.entries.values()] == [(70, None), (71, None)]
    shown = day_view.floor(render, PEOPLE | {71: ("Eve Guest", None)})["bookings"]
    assert [(each["guest_name"], each["phone_number"]) for each in shown.values()] == [PEOPLE[70], ("Eve Guest", None)]
    assert day_view.apply(renamed(3, 1, entry)) is ApplyResult.APPLIED
    assert day_view.renamed == {70: 3}


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("unheard_of", None), ("booked", {"guest_id": 1, "user_id": 1}), ("booked", 5), (RENAMED, None),
        ("blocked", None), ("queue_left", None),
    ],
)  # fmt: skip
def test_event_that_this_release_cannot_read_leaves_the_version(kind: str, entry: Any) -> None:
    view = moved(live([("book", 0, 1, 0, 8, 2)]))
    assert view.apply(renamed(2, 2, entry, kind)) is ApplyResult.UNREADABLE
    assert view.version == 1 and set(view.entries) == {1}


def test_copy_is_changed_by_itself() -> None:
    view = moved(live([("book", 0, 1, 0, 8, 2)]))
    saved = view.checkpoint()
    other = view.copy()
    assert other.checkpoint() == saved and other.taken == view.taken
    other.put(1, None)
    assert (other.entries, other.taken) == ({}, {})
    assert view.checkpoint() == saved and list(view.taken) == [1]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("booked", {"block": 1, "entry": None}),
        ("blocked", {"hold": 1, "entry": {"tables": [1]}}),
        ("queued", {"entry": None}),
        ("blocked", {"block": "one", "entry": None}),
    ],
)
def test_event_of_what_stands_beside_the_bookings_that_cannot_be_read_leaves_the_version(
    kind: str, data: dict[str, Any]
) -> None:
    view = moved(live([("book", 0, 1, 0, 8, 2)]))
    before = view.checkpoint()
    assert view.apply(Event(stream_of(MAIN, DAY), 2, kind, data, OPENS)) is ApplyResult.UNREADABLE
    assert view.checkpoint() == before


def test_new_notes_of_a_booking_are_remembered_and_take_no_other_table() -> None:
    view = moved(live([("book", 0, 1, 0, 8, 2)]))
    event = renamed(2, 1, dict(view.raw[1]) | {"revision": 2}, NOTED)
    assert view.touched(event) == ("booking", 1, frozenset())
    assert view.apply(event) is ApplyResult.APPLIED
    assert (view.noted, view.renamed, view.entries[1].revision) == ({1: 2}, {}, 2)


def test_copy_with_a_block_is_changed_by_itself() -> None:
    view = moved(live([("block", 0, 1, 0, 8, 2), ("wait", 0, 1, 0, 8, 2)]))
    saved, other = view.checkpoint(), view.copy()
    other.put(1, None, "block")
    other.put(1, None, "wait")
    assert (other.blocks, other.waitlist, other.taken) == ({}, {}, {})
    assert view.checkpoint() == saved and view.blocks and view.waitlist
