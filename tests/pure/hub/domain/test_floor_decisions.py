"""What each verb does to the floor: the change in full, what the floor is after it, and every refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import combinations, floor_decisions
from hub.domain.change import NEW, Change, NewEvent
from hub.domain.events import MAIN, TABLES, ApplyResult, Event
from hub.domain.floor import Area, Combination, FloorView, Place, Table
from hub.errors import Changed, CombinationInvalid, HubError, NameTaken, NotFound, TableInUse

AT = datetime(2026, 11, 24, tzinfo=UTC)
BAR, ROOM = 1, 2
BY_THE_DOOR = Place(10, 20, 100, 100, "round", 45)


def a_floor() -> FloorView:
    """Two fours and a two in the room: all of them are combined, and the fours; other fours at the bar and nowhere."""
    return FloorView(
        9,
        [
            Table(1, "A", 4, area_id=ROOM), Table(2, "B", 4, area_id=ROOM, place=BY_THE_DOOR),
            Table(3, "C", 2, area_id=ROOM), Table(4, "D", 4, area_id=BAR), Table(5, "E", 4),
        ],
        areas=[Area(BAR, "Bar"), Area(ROOM, "Room", 1)],
        combinations=[Combination(1, "A + B", (1, 2), 5, 8), Combination(2, "The long one", (1, 2, 3), 7, 10)],
    )  # fmt: skip


def committed(floor: FloorView, change: Change, new: int = 99) -> FloorView:
    """The floor after a change, whose new row gets this id."""
    for event in change.events:
        data = {key: new if key != "entry" and value is None else value for key, value in event.data.items()}
        version = floor.version + 1
        made = Event(event.stream, version, event.kind, data, AT, id=version, previous=floor.head)
        assert floor.apply(made) is ApplyResult.APPLIED
    return floor


def kinds(change: Change) -> list[str]:
    return [event.kind for event in change.events]


# -- tables


def test_a_table_is_added_with_its_area_and_place() -> None:
    change = floor_decisions.add_table(a_floor(), 17, name="F", seats=6, area_id=BAR, place=BY_THE_DOOR)
    assert change.table == Table(NEW, "F", 6, 1, BAR, BY_THE_DOOR)
    [event] = change.events
    assert (event.stream, event.kind, event.data["table"]) == ("17/tables", "table_added", None)
    assert committed(a_floor(), change).tables[99] == Table(99, "F", 6, 1, BAR, BY_THE_DOOR)


def test_what_a_change_of_a_table_does_not_mention_stays() -> None:
    change = floor_decisions.change_table(a_floor(), MAIN, 2, seats=3 + 1, name="Bee")
    assert change.table == Table(2, "Bee", 4, 2, ROOM, BY_THE_DOOR)
    assert floor_decisions.change_table(a_floor(), MAIN, 2, name="B", area_id=ROOM).events == ()
    gone = floor_decisions.change_table(a_floor(), MAIN, 2, place=None)
    assert gone.table == Table(2, "B", 4, 2, ROOM)
    assert committed(a_floor(), gone).tables[2] == gone.table
    assert floor_decisions.change_table(a_floor(), MAIN, 4, area_id=None).table == Table(4, "D", 4, 2)


def test_only_a_smaller_table_asks_who_is_to_have_it() -> None:
    assert floor_decisions.change_table(a_floor(), MAIN, 4, seats=2).free == (4, 2)
    assert floor_decisions.change_table(a_floor(), MAIN, 4, seats=6).free is None
    assert floor_decisions.remove_table(a_floor(), MAIN, 4).free == (4, 0)


def test_a_combination_that_is_named_by_its_tables_keeps_up_with_their_names() -> None:
    change = floor_decisions.change_table(a_floor(), MAIN, 2, name="Window", seats=5)
    assert kinds(change) == ["table_changed", "combo_changed"]
    floor = committed(a_floor(), change)
    assert floor.combinations[1] == Combination(1, "A + Window", (1, 2), 5, 8, 2)
    assert floor.combinations[2] == a_floor().combinations[2]
    assert list(change.combinations) == [floor.combinations[1]] and not change.retired


def test_a_retired_table_takes_its_combinations_with_it() -> None:
    change = floor_decisions.remove_table(a_floor(), MAIN, 3, frozenset({1}))
    assert change.retired
    assert change.events == [
        NewEvent(TABLES, "combo_removed", {"combination": 2, "entry": None}),
        NewEvent(TABLES, "table_removed", {"table": 3, "entry": None}),
    ]
    assert [each.id for each in change.combinations] == [2]
    floor = committed(a_floor(), change)
    assert set(floor.tables) == {1, 2, 4, 5} and set(floor.combinations) == {1}
    assert kinds(floor_decisions.remove_table(a_floor(), MAIN, 1)) == ["combo_removed"] * 2 + ["table_removed"]


def test_a_clamped_combination_is_for_as_many_as_its_tables_still_seat() -> None:
    change = floor_decisions.change_table(a_floor(), MAIN, 2, seats=2, name="Window", clamp=True)
    assert kinds(change) == ["table_changed", "combo_changed", "combo_changed"] and change.free == (2, 2)
    floor = committed(a_floor(), change)
    assert floor.combinations[1] == Combination(1, "A + Window", (1, 2), 5, 6, 2)
    assert floor.combinations[2] == Combination(2, "The long one", (1, 2, 3), 7, 8, 2)
    same = floor_decisions.change_table(a_floor(), MAIN, 2, seats=5, clamp=True)
    assert kinds(same) == ["table_changed"]  # what still fits is as it was


@pytest.mark.parametrize(
    ("seats", "rule"), [(1, "guests"), (8, "needed")], ids=["fewer than its least", "no more than one table takes"]
)
def test_where_clamping_does_not_help_the_rule_is_told(seats: int, rule: str) -> None:
    floor = a_floor()
    floor.combinations[1] = replace(floor.combinations[1], min_guests=6)
    with pytest.raises(CombinationInvalid) as refused:
        floor_decisions.change_table(floor, MAIN, 1, seats=seats, clamp=True)
    assert refused.value.extra == {"rule": rule, "combination": refused.value.extra["combination"]}


@pytest.mark.parametrize(
    ("change", "rule", "combination"),
    [
        ({"seats": 3}, "seats", 1),
        ({"seats": 8}, "needed", 1),
        ({"area_id": BAR}, "one_area", 1),
        ({"area_id": None}, "one_area", 1),
    ],
)
def test_a_change_of_a_table_that_breaks_a_combination_names_it(
    change: dict[str, Any], rule: str, combination: int
) -> None:
    with pytest.raises(CombinationInvalid) as refused:
        floor_decisions.change_table(a_floor(), MAIN, 1, **change)
    clamped = {"clamped_to": 7} if rule == "seats" else {}
    assert refused.value.extra == {"rule": rule, "combination": a_floor().combinations[combination], **clamped}
    assert "A + B" in refused.value.message and combinations.RULES[rule] in refused.value.message


# -- areas


def test_an_area_is_added_changed_and_removed() -> None:
    floor = a_floor()
    added = floor_decisions.add_area(floor, 17, name="Garden", rank=7)
    assert added.area == Area(NEW, "Garden", 7)
    assert added.events[0].stream == "17/tables"
    assert committed(floor, added).areas[99] == Area(99, "Garden", 7)
    changed = floor_decisions.change_area(floor, MAIN, 99, name="GARDEN", revisions=frozenset({1}))
    assert committed(floor, changed).areas[99] == Area(99, "GARDEN", 7, 2) == changed.area
    assert floor_decisions.change_area(floor, MAIN, 99, rank=8).area == Area(99, "GARDEN", 8, 3)
    assert floor_decisions.change_area(floor, MAIN, 99, rank=7, name="GARDEN").events == ()
    removed = floor_decisions.remove_area(floor, MAIN, 99)
    assert removed.retired and 99 not in committed(floor, removed).areas


# -- combinations


def test_a_combination_is_added_and_named_by_its_tables() -> None:
    floor = a_floor()
    change = floor_decisions.add_combination(floor, 17, table_ids=(3, 1, 3), min_guests=3, max_guests=6)
    [made] = change.combinations
    assert made == Combination(NEW, "A + C", (1, 3), 3, 6)
    assert change.events == [NewEvent("17/tables", "combined", {"combination": None, "entry": made.entry()})]
    assert committed(floor, change).combinations[99] == Combination(99, "A + C", (1, 3), 3, 6)


@pytest.mark.parametrize(
    ("combination", "wanted", "expected"),
    [
        (1, {"max_guests": 7}, Combination(1, "A + B", (1, 2), 5, 7, 2)),
        (1, {"min_guests": 8}, Combination(1, "A + B", (1, 2), 8, 8, 2)),
        (1, {"table_ids": [3, 2], "max_guests": 6}, Combination(1, "B + C", (2, 3), 5, 6, 2)),
        (1, {"name": "The square"}, Combination(1, "The square", (1, 2), 5, 8, 2)),
        (2, {"name": None}, Combination(2, "A + B + C", (1, 2, 3), 7, 10, 2)),
        (2, {"table_ids": [1, 3], "min_guests": 1, "max_guests": 6}, Combination(2, "The long one", (1, 3), 1, 6, 2)),
        (1, {"table_ids": [2, 1], "name": None}, Combination(1, "A + B", (1, 2), 5, 8)),
    ],
)
def test_what_a_change_of_a_combination_does_not_mention_stays(
    combination: int, wanted: dict[str, Any], expected: Combination
) -> None:
    floor = a_floor()
    change = floor_decisions.change_combination(floor, MAIN, combination, revisions=frozenset({1}), **wanted)
    assert list(change.combinations) == [expected]
    assert committed(floor, change).combinations[combination] == expected
    assert bool(change.events) == (expected.revision == 2)


def test_a_combination_is_removed_alone() -> None:
    change = floor_decisions.remove_combination(a_floor(), MAIN, 1)
    assert change.retired and change.table is None and change.free is None
    assert set(committed(a_floor(), change).combinations) == {2}


NINE = [Table(id, f"T{id}", 2) for id in range(1, 10)]


@pytest.mark.parametrize(
    ("tables", "guests", "rule"),
    [
        ((1,), (1, 4), "members"),
        ((1, 1), (1, 4), "members"),
        ((), (1, 4), "members"),
        ((1, 77), (1, 5), "retired"),
        ((1, 4), (5, 8), "one_area"),
        ((1, 5), (5, 8), "one_area"),
        ((1, 3), (0, 6), "guests"),
        ((1, 3), (6, 5), "guests"),
        ((1, 3), (1, 4), "needed"),
        ((1, 3), (5, 7), "seats"),
        ((2, 1), (5, 6), "once"),
    ],
)
def test_a_combination_keeps_the_rules(tables: tuple[int, ...], guests: tuple[int, int], rule: str) -> None:
    with pytest.raises(CombinationInvalid) as refused:
        floor_decisions.add_combination(
            a_floor(), MAIN, table_ids=tables, min_guests=guests[0], max_guests=guests[1], name="X"
        )
    assert refused.value.extra == {"rule": rule}
    assert refused.value.message == combinations.RULES[rule]
    with pytest.raises(CombinationInvalid):
        floor_decisions.change_combination(
            a_floor(), MAIN, 2, table_ids=tables, min_guests=guests[0], max_guests=guests[1]
        )


def test_of_nine_tables_none_is_a_combination_and_of_eight_there_is_one() -> None:
    floor = FloorView(9, NINE)
    with pytest.raises(CombinationInvalid):
        floor_decisions.add_combination(floor, MAIN, table_ids=range(1, 10), min_guests=1, max_guests=18)
    change = floor_decisions.add_combination(floor, MAIN, table_ids=range(1, 9), min_guests=1, max_guests=16)
    assert [each.tables for each in change.combinations] == [tuple(range(1, 9))]


def test_a_made_name_has_its_length() -> None:
    tables = {id: Table(id, "x" * 30, 2) for id in (1, 2, 3)}
    name = combinations.made_name((1, 2, 3), tables)
    assert len(name) == combinations.NAME_CHARACTERS and name.endswith("…")
    assert combinations.made_name((1, 9), tables) == "x" * 30


CALLS: list[tuple[Callable[[FloorView], Change], type[HubError]]] = [
    (lambda floor: floor_decisions.add_table(floor, MAIN, name="a", seats=2), NameTaken),
    (lambda floor: floor_decisions.add_table(floor, MAIN, name="F", seats=2, area_id=9), NotFound),
    (lambda floor: floor_decisions.change_table(floor, MAIN, 9, seats=2), NotFound),
    (lambda floor: floor_decisions.change_table(floor, MAIN, 4, name="a"), NameTaken),
    (lambda floor: floor_decisions.change_table(floor, MAIN, 4, area_id=9), NotFound),
    (lambda floor: floor_decisions.change_table(floor, MAIN, 4, seats=2, revisions=frozenset({2})), Changed),
    (lambda floor: floor_decisions.remove_table(floor, MAIN, 9), NotFound),
    (lambda floor: floor_decisions.remove_table(floor, MAIN, 4, frozenset({2})), Changed),
    (lambda floor: floor_decisions.add_area(floor, MAIN, name="bar"), NameTaken),
    (lambda floor: floor_decisions.change_area(floor, MAIN, 9, rank=2), NotFound),
    (lambda floor: floor_decisions.change_area(floor, MAIN, ROOM, name="BAR"), NameTaken),
    (lambda floor: floor_decisions.change_area(floor, MAIN, ROOM, rank=2, revisions=frozenset({2})), Changed),
    (lambda floor: floor_decisions.remove_area(floor, MAIN, 9), NotFound),
    (lambda floor: floor_decisions.remove_area(floor, MAIN, ROOM), TableInUse),
    (lambda floor: floor_decisions.remove_area(floor, MAIN, ROOM, frozenset({2})), Changed),
    (lambda floor: floor_decisions.change_combination(floor, MAIN, 9, min_guests=5), NotFound),
    (lambda floor: floor_decisions.change_combination(floor, MAIN, 1, revisions=frozenset({2})), Changed),
    (lambda floor: floor_decisions.remove_combination(floor, MAIN, 9), NotFound),
    (lambda floor: floor_decisions.remove_combination(floor, MAIN, 1, frozenset({2})), Changed),
]


@pytest.mark.parametrize(("ask", "error"), CALLS)
def test_a_change_is_refused(ask: Callable[[FloorView], Change], error: type[HubError]) -> None:
    with pytest.raises(error) as refused:
        ask(a_floor())
    if error is Changed:
        assert refused.value.extra["present"].revision == 1


# -- any order of verbs


NAMES = st.sampled_from("ABCDEFG")
AREAS = st.none() | st.integers(1, 3)
VERBS = st.one_of(
    st.tuples(st.just("add_table"), st.fixed_dictionaries(
        {"name": NAMES, "seats": st.integers(1, 6)}, optional={"area_id": AREAS, "place": st.just(BY_THE_DOOR)})),
    st.tuples(st.just("change_table"), st.fixed_dictionaries(
        {"table_id": st.integers(1, 8)}, optional={"name": NAMES, "seats": st.integers(1, 6), "area_id": AREAS})),
    st.tuples(st.just("remove_table"), st.fixed_dictionaries({"table_id": st.integers(1, 8)})),
    st.tuples(st.just("add_area"), st.fixed_dictionaries({"name": NAMES})),
    st.tuples(st.just("remove_area"), st.fixed_dictionaries({"area_id": st.integers(1, 3)})),
    st.tuples(st.just("add_combination"), st.fixed_dictionaries(
        {"table_ids": st.lists(st.integers(1, 8), max_size=3), "min_guests": st.integers(1, 4),
         "max_guests": st.integers(2, 12)})),
    st.tuples(st.just("change_combination"), st.fixed_dictionaries(
        {"combination_id": st.integers(1, 20)}, optional={
            "table_ids": st.lists(st.integers(1, 8), min_size=2, max_size=3), "max_guests": st.integers(2, 12)})),
    st.tuples(st.just("remove_combination"), st.fixed_dictionaries({"combination_id": st.integers(1, 20)})),
)  # fmt: skip


@given(st.lists(VERBS, max_size=40))
def test_no_order_of_verbs_leaves_a_combination_that_breaks_a_rule(verbs: list[tuple[str, dict[str, Any]]]) -> None:
    floor = FloorView(0, [])
    for number, (verb, wanted) in enumerate(verbs, 1):
        before = floor.checkpoint()
        try:
            change = getattr(floor_decisions, verb)(floor, MAIN, **wanted)
        except HubError:
            assert floor.checkpoint() == before
            continue
        committed(floor, change, number)
        for each in floor.combinations.values():
            assert combinations.broken_rule(each, floor.tables, floor.combinations.values()) is None
        assert all(table.area_id is None or table.area_id in floor.areas for table in floor.tables.values())
        assert FloorView.restore(floor.checkpoint()).checkpoint() == floor.checkpoint()
