"""Which tables a party gets, where tables are combined: against a judge that looks at every unit of the floor."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import allocation, calendar
from hub.domain.allocation import Day, choose, free_combinations, free_tables, named_unit
from hub.domain.calendar import Slot
from hub.domain.day import DayView
from hub.domain.floor import Area, Combination, FloorView, Table
from hub.errors import NotFound, SlotTaken, TableTooSmall
from tests.pure.hub.domain.floors import floors
from tests.pure.hub.domain.rules import make_rules

DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
EARLIER = NOON - timedelta(days=1)
HOUR = timedelta(hours=1)
RULES = make_rules()
HOURS = 9


TAKEN = st.lists(st.tuples(st.integers(1, 7), st.integers(0, HOURS), st.integers(1, 3)), max_size=12)
GUESTS = st.integers(1, 12)
START = st.integers(0, HOURS - 2)


def view_of(taken: list[tuple[int, int, int]], first: int = 1, held: set[tuple[int, int]] | None = None) -> DayView:
    """A day on which tables are taken at these hours, by one booking each, numbered from ``first``; those that would
    meet one another, or what is ``held`` (table, hour) already, are left out. What they take is added to that."""
    held = set() if held is None else held
    entries: dict[int, Any] = {}
    for table, start, length in taken:
        hours = {(table, hour) for hour in range(start, start + length)}
        if held.isdisjoint(hours):
            held |= hours
            since, until = text(start), text(start + length)
            entries[len(entries) + first] = {
                "guest_id": 1, "user_id": None, "table_id": table, "guests": 1, "starts_at": since, "ends_at": until,
                "status": "booked", "revision": 1, "occupied": [[table, since, until]],
            }  # fmt: skip
    return DayView(DAY, 1, entries, 1)


def text(hour: int) -> str:
    return (NOON + hour * HOUR).isoformat()


def slot(hour: int) -> Slot:
    return Slot(NOON + hour * HOUR, NOON + (hour + 2) * HOUR, DAY)


def best(
    floor: FloorView,
    view: DayView,
    at: Slot,
    guests: int,
    area: int | None,
    beside: DayView | None = None,
    but: int = 0,
    oversize: int = 99,
) -> tuple[int, ...] | None:
    """The tables of the least of all units that are meant for so many and free, by the key of the rules."""
    held = [
        row
        for each in (view, beside)
        if each is not None
        for id, entry in each.entries.items()
        if id != but
        for row in entry.occupied
    ]

    def is_free(id: int) -> bool:
        return not any(table == id and since < at.ends_at and at.starts_at < until for table, since, until in held)

    keyed = [
        ((False, table.seats - guests, 1, table.id), (table.id,))
        for table in floor.tables.values()
        if table.seats >= guests
    ] + [
        ((True, each.max_guests - guests, len(each.tables), each.id), each.tables)
        for each in floor.combinations.values()
        if each.min_guests <= guests <= each.max_guests
    ]
    free = [
        (key, ids)
        for key, ids in keyed
        if key[1] <= oversize and all(is_free(id) and (area is None or floor.tables[id].area_id == area) for id in ids)
    ]
    return min(free)[1] if free else None


def chosen(
    floor: FloorView,
    view: DayView,
    at: Slot,
    guests: int,
    area: int | None = None,
    beside: DayView | None = None,
    but: int = 0,
    oversize: int | None = None,
) -> Any:
    day = Day(view, () if beside is None else (beside,))
    try:
        return choose(
            day, floor, at, guests=guests, table_ids=None, rules=RULES, now=EARLIER, area_id=area, but=but,
            oversize=oversize,
        ).ids  # fmt: skip
    except (SlotTaken, TableTooSmall) as refusal:
        return refusal


@given(
    floors(),
    TAKEN,
    START,
    GUESTS,
    st.sampled_from((None, None, 1, 2)),
    st.none() | TAKEN,
    st.sampled_from((0, 0, 1, 2)),
)
def test_the_choice_is_the_least_of_all_units_and_else_there_is_none(
    floor: FloorView, taken: list[Any], hour: int, guests: int, area: int | None, before: list[Any] | None, but: int
) -> None:
    """``before`` is how bookings of the day before reach into it, ``but`` a booking of this day that is moved."""
    held: set[tuple[int, int]] = set()
    view, beside = view_of(taken, held=held), None if before is None else view_of(before, first=101, held=held)

    def expected(start: Slot) -> tuple[int, ...] | None:
        return best(floor, view, start, guests, area, beside, but)

    found = chosen(floor, view, slot(hour), guests, area, beside, but)
    if expected(slot(hour)) is not None:
        assert found == expected(slot(hour))
        return
    assert isinstance(found, SlotTaken | TableTooSmall)
    offers = found.extra.get("alternatives", [])
    assert [unit.ids for _, unit in offers] == [expected(start) for start, _ in offers]
    open_starts = [each for each in calendar.grid(DAY, RULES) if expected(each)]
    nearest = sorted(open_starts, key=lambda each: (abs(each.starts_at - slot(hour).starts_at), each.starts_at))
    assert [start for start, _ in offers] == nearest[:3]


@given(floors(), TAKEN, START, st.lists(st.tuples(GUESTS, st.none() | st.integers(0, 4)), min_size=1, max_size=4))
def test_a_guests_tables_have_no_more_seats_than_they_may(
    floor: FloorView, taken: list[Any], hour: int, asked: list[tuple[int, int | None]]
) -> None:
    """Asked one after the other, of one view: what is kept for one answers nobody else."""
    view = view_of(taken)
    for guests, oversize in asked:
        bound = 99 if oversize is None else oversize
        expected = best(floor, view, slot(hour), guests, None, oversize=bound)
        found = chosen(floor, view, slot(hour), guests, oversize=oversize)
        free = [(table.id,) for table in free_tables(floor, slot(hour), guests, [view], oversize)]
        free += [unit.ids for unit in free_combinations(floor, slot(hour), guests, [view], oversize)]
        assert all(named_unit(floor, ids).seats - guests <= bound for ids in free if len(ids) == 1)
        assert (free[0] if free else None) == expected
        if expected is not None:
            assert found == expected
            continue
        for start, unit in found.extra.get("alternatives", []):
            assert unit.seats - guests <= bound and unit.ids == best(floor, view, start, guests, None, oversize=bound)
        for table in floor.fitting(guests):
            if table.seats - guests > bound:
                with pytest.raises(SlotTaken):
                    choose(
                        Day(view), floor, slot(hour), guests=guests, table_ids=[table.id], rules=RULES, now=EARLIER,
                        oversize=oversize,
                    )  # fmt: skip


@given(floors(), TAKEN, START, GUESTS)
def test_what_is_offered_is_what_is_chosen_from(floor: FloorView, taken: list[Any], hour: int, guests: int) -> None:
    view = view_of(taken)
    singles = free_tables(floor, slot(hour), guests, [view])
    combined = free_combinations(floor, slot(hour), guests, [view])
    found = chosen(floor, view, slot(hour), guests)
    offered = [(table.id,) for table in singles] + [unit.ids for unit in combined]
    assert (found if isinstance(found, tuple) else None) == (offered[0] if offered else None)


@given(floors(), TAKEN, START, GUESTS)
def test_tables_of_a_free_combination_are_sold_alone(
    floor: FloorView, taken: list[Any], hour: int, guests: int
) -> None:
    view = view_of(taken)
    for unit in free_combinations(floor, slot(hour), guests, [view]):
        for table in unit.tables:
            assert table in free_tables(floor, slot(hour), table.seats, [view])
            alone = choose(Day(view), floor, slot(hour), guests=1, table_ids=[table.id], rules=RULES, now=EARLIER)
            assert alone.ids == (table.id,)


@given(floors(), TAKEN, START, GUESTS)
def test_no_free_unit_of_its_kind_has_fewer_seats_to_spare_than_the_one_that_is_chosen(
    floor: FloorView, taken: list[Any], hour: int, guests: int
) -> None:
    view = view_of(taken)
    singles = free_tables(floor, slot(hour), guests, [view])
    combined = free_combinations(floor, slot(hour), guests, [view])
    found = chosen(floor, view, slot(hour), guests)
    if isinstance(found, tuple):
        of_its_kind = [table.seats for table in singles] or [unit.seats for unit in combined]
        seats = floor.tables[found[0]].seats if len(found) == 1 else named_unit(floor, found).seats
        assert seats - guests == min(of_its_kind) - guests >= 0


# -- by example


PAIR = FloorView(
    1,
    [Table(1, "A", 4, area_id=1), Table(2, "B", 4, area_id=1), Table(3, "C", 8, area_id=2)],
    areas=[Area(1, "Bar"), Area(2, "Room"), Area(3, "Garden")],
    combinations=[Combination(1, "A + B", (1, 2), 5, 7)],
)
NOBODY = view_of([])


def test_a_single_table_comes_before_a_combination_that_fits_better() -> None:
    assert chosen(PAIR, NOBODY, slot(0), 7) == (3,)
    assert chosen(PAIR, view_of([(3, 0, 2)]), slot(0), 7) == (1, 2)
    assert chosen(PAIR, NOBODY, slot(0), 7, area=1) == (1, 2)


def test_a_combination_is_not_for_fewer_or_more_than_it_is_meant_for() -> None:
    taken = view_of([(3, 0, HOURS + 1)])
    assert isinstance(chosen(PAIR, taken, slot(0), 8), SlotTaken)
    assert chosen(PAIR, taken, slot(0), 4) == (1,)
    assert isinstance(chosen(PAIR, view_of([(3, 0, 9), (1, 0, 9)]), slot(0), 5), SlotTaken)


def test_one_table_of_a_combination_that_is_taken_takes_it_all() -> None:
    for table in (1, 2):
        assert [unit.ids for unit in free_combinations(PAIR, slot(2), 5, [view_of([(table, 3, 1)])])] == []
        assert [unit.ids for unit in free_combinations(PAIR, slot(4), 5, [view_of([(table, 3, 1)])])] == [(1, 2)]


def test_an_alternative_may_be_a_combination() -> None:
    refusal = chosen(PAIR, view_of([(3, 0, HOURS + 1), (1, 0, 2)]), slot(0), 7)
    assert isinstance(refusal, SlotTaken)
    assert [unit.ids for _, unit in refusal.extra["alternatives"]] == [(1, 2)] * 3
    assert refusal.extra["alternatives"][0][0].starts_at.time() == time(14)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"area_id": 9}, NotFound),
        ({"area_id": 2, "table_ids": [1]}, NotFound),
        ({"area_id": 1, "table_ids": [9]}, NotFound),
        ({"area_id": 3}, TableTooSmall),
        ({"table_ids": [1, 2], "guests": 8}, TableTooSmall),
        ({"table_ids": [1, 9]}, NotFound),
    ],
)
def test_what_is_not_there_or_not_enough(wanted: dict[str, Any], error: type[Exception]) -> None:
    given: dict[str, Any] = {"guests": 2, "table_ids": None, "rules": RULES, "now": EARLIER}
    with pytest.raises(error):
        choose(Day(NOBODY), PAIR, slot(0), **given | wanted)


def test_tables_that_are_named_are_taken_in_whatever_order() -> None:
    for ids, seats in (((2, 1), 7), ((1, 2, 1), 7), ((3, 1), 12), ((1,), 4)):
        unit = named_unit(PAIR, ids)
        assert (set(unit.ids), unit.seats) == (set(ids), seats)
    inside = choose(Day(NOBODY), PAIR, slot(0), guests=7, table_ids=[2, 1], rules=RULES, now=EARLIER, area_id=1)
    assert inside.ids == (1, 2)


def test_what_is_kept_of_a_day_is_forgotten_before_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "MOST_KEPT", 3)
    view = view_of([])
    for hour in range(8):
        assert chosen(PAIR, view, slot(hour), 7) == (3,)
        assert len(view.answers) <= 3
