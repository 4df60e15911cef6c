"""Choosing tables, and what is offered in place of one that is taken, against a model that looks at everything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import allocation
from hub.domain.allocation import choose, free_combinations
from hub.domain.calendar import Slot
from hub.domain.day import DayView
from hub.domain.events import TABLES as FLOOR
from hub.domain.events import ApplyResult, Event
from hub.domain.floor import FloorView, Table, Unit
from hub.errors import NotFound, SlotTaken, TableTooSmall
from tests.pure.hub.domain.day_model import (
    CHANGES,
    COMBINATIONS,
    DAY,
    HALL,
    OPENS,
    QUARTER,
    QUARTERS,
    ROOM,
    TABLES,
    TERRACE,
    Day,
    at,
    entry_of,
    live,
    moved,
)
from tests.pure.hub.domain.rules import make_rules

LENGTH = 4
RULES = make_rules(slot=LENGTH * QUARTER)
NOBODY = DayView(DAY, 0, {})


def alone(table: Table) -> Unit:
    return Unit((table,), table.seats)


QUESTION = st.tuples(
    st.integers(0, QUARTERS - LENGTH),
    st.sampled_from([0, 0, 5]),
    st.integers(1, 9),
    st.none() | st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.integers(-1, QUARTERS),
    st.integers(0, 3),
    st.sampled_from([None, None, HALL, TERRACE]),
).map(lambda asked: (*asked[:-1], asked[-1] if asked[3] is None else None))
"""Tables are named, or an area, or neither."""


def ask(
    view: DayView,
    quarter: int,
    minutes: int,
    guests: int,
    table_ids: list[int] | None,
    now: int,
    but: int,
    area_id: int | None = None,
    beside: Any = (),
) -> Any:
    start = at(quarter) + timedelta(minutes=minutes)
    wanted = Slot(start, start + LENGTH * QUARTER, DAY)
    try:
        return choose(
            allocation.Day(view, beside),
            ROOM,
            wanted,
            guests=guests,
            table_ids=table_ids,
            rules=RULES,
            now=at(now),
            but=but,
            area_id=area_id,
        )
    except (NotFound, TableTooSmall) as refusal:
        return type(refusal)
    except SlotTaken as refusal:
        return refusal.extra["alternatives"]


def expected(
    day: Day,
    quarter: int,
    minutes: int,
    guests: int,
    table_ids: list[int] | None,
    now: int,
    but: int,
    area_id: int | None,
) -> Any:
    fits = [alone(table) for table in sorted(TABLES, key=lambda t: (t.seats, t.id)) if table.seats >= guests]
    fits += [
        Unit(tuple(TABLES[table - 1] for table in each.tables), each.max_guests)
        for each in sorted(COMBINATIONS, key=lambda each: (each.max_guests, len(each.tables), each.id))
        if each.min_guests <= guests <= each.max_guests
    ]
    fits = [unit for unit in fits if area_id is None or {table.area_id for table in unit.tables} == {area_id}]
    if table_ids is not None:
        if 5 in table_ids:
            return NotFound
        named = [each for each in COMBINATIONS if set(each.tables) == set(table_ids) and len(each.tables) > 1]
        wants = sorted(set(table_ids), key=(sorted(table_ids) if named else table_ids).index)
        tables = tuple(TABLES[table - 1] for table in wants)
        seats = max((each.max_guests for each in named), default=sum(table.seats for table in tables))
        fits.insert(0, Unit(tables, seats))
    if not fits or fits[0].seats < guests:
        return TableTooSmall
    wanted = at(quarter) + timedelta(minutes=minutes)

    def is_free(unit: Unit, start: Any) -> bool:
        end = start + LENGTH * QUARTER
        rows = day.rows(("booking", but))
        return not any(t in unit.ids and at(s) < end and start < at(e) for t, s, e in rows)

    for unit in fits if table_ids is None else fits[:1]:
        if is_free(unit, wanted):
            return unit
    found = []
    starts = [at(q) for q in range(QUARTERS - LENGTH + 1)]
    for start in sorted(starts, key=lambda start: (abs(start - wanted), start)):
        free = [unit for unit in fits if is_free(unit, start)]
        if start > at(now) and free:
            found.append((Slot(start, start + LENGTH * QUARTER, DAY), free[0]))
    return found[:3]


@given(CHANGES, st.lists(QUESTION, min_size=1, max_size=5))
def test_the_table_or_the_nearest_starts_with_one_at_any_time_of_a_day_that_changes(
    changes: list[Any], questions: list[Any]
) -> None:
    """The same view is asked after each change, so nothing that it remembers may outlive what it was true of."""
    day, view = Day(), DayView(DAY, 0, {})
    for change in changes:
        known = len(day.events)
        live([change], day)
        for event in day.events[known:]:
            assert view.apply(event) is ApplyResult.APPLIED
        for question in questions:
            answer = expected(day, *question)
            assert ask(view, *question) == answer
            assert ask(view.copy(), *question) == answer
            assert ask(view, *question, beside=[NOBODY]) == answer


def full() -> DayView:
    """Every table is taken all day."""
    return DayView(
        DAY, 1, {table.id: entry_of(None, [(table.id, 0, QUARTERS)], 2, "booked") for table in TABLES}, head=1
    )


def test_what_reaches_in_from_the_day_beside_takes_a_table() -> None:
    beside = DayView(DAY - timedelta(days=1), 1, {9: entry_of(None, [(1, 0, 6), (2, 0, 8)], 2, "booked")})
    assert ask(NOBODY, 0, 0, 2, None, -1, 0) == alone(TABLES[0])
    assert ask(NOBODY, 0, 0, 2, None, -1, 0, beside=[beside]) == alone(TABLES[2])
    assert [slot.starts_at for slot, _ in ask(NOBODY, 0, 0, 2, [1], -1, 0, beside=[beside])] == [at(0), at(1), at(2)]


def test_a_table_that_replaces_another_is_offered_at_once() -> None:
    view, room = full(), FloorView(1, TABLES, head=1)
    wanted = Slot(at(4), at(4 + LENGTH), DAY)

    def find() -> Unit:
        return choose(allocation.Day(view), room, wanted, guests=2, table_ids=None, rules=RULES, now=OPENS)

    for _ in range(2):
        with pytest.raises(SlotTaken):
            find()
    for table, entry in ((4, None), (9, {"name": "T9", "seats": 2, "revision": 1})):  # as many tables as before
        kind, data = "table_removed" if entry is None else "table_added", {"table": table, "entry": entry}
        event = Event(FLOOR, room.version + 1, kind, data, OPENS, id=room.head + 1, previous=room.head)
        assert room.apply(event) is ApplyResult.APPLIED
    assert find().ids == (9,)


def test_those_who_are_refused_on_the_same_day_share_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    is_free = allocation.is_free
    monkeypatch.setattr(allocation, "is_free", lambda *given: looks.append(given) or is_free(*given))
    view = full()
    assert ask(view, 8, 0, 2, None, -1, 0) == []
    first = len(looks)
    assert first == len(TABLES) * (QUARTERS - LENGTH + 1)
    for number in range(32):
        assert ask(view, 8, 0, 1 + number % 2, None, -1, 0) == []
    assert len(looks) == first
    view.put(5, entry_of(None, [(1, QUARTERS, QUARTERS + 1)], 2, "booked"))
    assert ask(view, 8, 0, 2, None, -1, 0) == []
    assert len(looks) == 2 * first


def test_what_is_kept_of_a_day_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "MOST_KEPT", 10)
    view = full()
    for minutes in range(60):
        ask(view, 0, minutes, 2, None, -1, 0)
        assert len(view.answers) <= 10


@given(CHANGES)
def test_free_combinations_are_those_of_which_every_table_is_free(changes: list[Any]) -> None:
    day = live(changes)
    view, slot = moved(day), Slot(at(8), at(8 + LENGTH), DAY)
    for guests in range(1, 13):
        meant = [each for each in COMBINATIONS if each.min_guests <= guests <= each.max_guests]
        free = [
            each.tables
            for each in sorted(meant, key=lambda each: (each.max_guests, len(each.tables), each.id))
            if not day.collides([(table, 8, 8 + LENGTH) for table in each.tables], None)
        ]
        assert [unit.ids for unit in free_combinations(ROOM, slot, guests, [view])] == free


def test_those_who_can_be_given_the_same_are_alike_and_no_others() -> None:
    units = [ROOM.units(guests) for guests in range(14)]
    least = [ROOM.least_alike(guests) for guests in range(14)]
    assert [units.index(each) for each in units] == [units.index(units[each]) for each in least]
    assert least == [0, 0, 0, 3, 4, 5, 6, 7, 7, 9, 9, 9, 9, 13]
