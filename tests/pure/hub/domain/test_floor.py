"""The floor: whatever was added, changed and removed, it equals the floor made from what is left."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events import TABLES, ApplyResult, Event
from hub.domain.floor import PARTS, Area, Combination, FloorView, Place, Table

AT = datetime(2026, 11, 24, tzinfo=UTC)
NAMES, NUMBERS = st.text(min_size=1, max_size=8), st.integers(1, 20)
SIZES = st.integers(1, 1000)
PLACES = st.builds(
    Place, st.integers(0, 1000), st.integers(0, 1000), SIZES, SIZES, st.sampled_from(["rect", "round"]),
    st.sampled_from([0, 45, 90, 135]),
)  # fmt: skip
TABLE_ENTRIES = st.fixed_dictionaries({"name": NAMES, "seats": NUMBERS}) | st.builds(
    Table, st.just(1), NAMES, NUMBERS, NUMBERS, st.none() | st.integers(1, 3), st.none() | PLACES
).map(Table.entry)
"""Of this release, and of one that knew neither revisions nor places."""
AREA_ENTRIES = st.builds(Area, st.just(1), NAMES, NUMBERS, NUMBERS).map(Area.entry)
COMBINATION_ENTRIES = st.builds(
    Combination, st.just(1), NAMES, st.lists(st.integers(1, 8), min_size=2, unique=True).map(sorted).map(tuple),
    st.integers(1, 8), st.integers(8, 40), NUMBERS,
).map(Combination.entry)  # fmt: skip
CHANGES = st.lists(
    st.tuples(st.just("table"), st.integers(1, 8), st.none() | TABLE_ENTRIES)
    | st.tuples(st.just("area"), st.integers(1, 3), st.none() | AREA_ENTRIES)
    | st.tuples(st.just("combination"), st.integers(1, 4), st.none() | COMBINATION_ENTRIES),
    max_size=30,
)
"""(what, its id, what it is from now on, or None: gone)."""
Changes = list[tuple[str, int, Any]]
CHANGED = {"table": "table_changed", "area": "area_changed", "combination": "combo_changed"}


def events(changes: Changes, first: int = 1) -> list[Event]:
    return [
        Event(TABLES, version, CHANGED[what], json.loads(json.dumps({what: key, "entry": entry})), AT)
        for version, (what, key, entry) in enumerate(changes, first)
    ]


def left(changes: Changes, what: str) -> dict[int, Any]:
    last = {(kind, key): entry for kind, key, entry in changes}
    return {key: entry for (kind, key), entry in last.items() if kind == what and entry is not None}


def built(changes: Changes) -> FloorView:
    """The floor made at once from what is left after all changes."""
    return FloorView(
        len(changes),
        (Table.parse(key, entry) for key, entry in left(changes, "table").items()),
        0,
        (Area.parse(key, entry) for key, entry in left(changes, "area").items()),
        (Combination.parse(key, entry) for key, entry in left(changes, "combination").items()),
    )


def moved(changes: Changes) -> FloorView:
    """The floor that took each change."""
    floor = FloorView(0, ())
    for event in events(changes):
        assert floor.apply(event) is ApplyResult.APPLIED
    return floor


@given(CHANGES)
def test_room_that_took_every_event_equals_one_built_at_the_end(changes: Changes) -> None:
    floor = moved(changes)
    assert floor.checkpoint() == built(changes).checkpoint()
    assert floor.project() == built(changes).project()
    assert floor.by_size == sorted(floor.tables.values(), key=lambda t: (t.seats, t.id))


@given(CHANGES, st.data())
def test_event_that_is_known_changes_nothing(changes: Changes, data: st.DataObject) -> None:
    floor = moved(changes)
    before = floor.checkpoint()
    version = data.draw(st.integers(0, floor.version))
    assert floor.apply(events([("table", 1, {"name": "other", "seats": 4})], version)[0]) is ApplyResult.KNOWN
    assert floor.checkpoint() == before


@given(CHANGES, st.integers(2, 100))
def test_event_after_a_gap_changes_nothing(changes: Changes, ahead: int) -> None:
    floor = moved(changes)
    before = floor.checkpoint()
    assert floor.apply(events([("table", 1, None)], floor.version + ahead)[0]) is ApplyResult.GAP
    assert floor.checkpoint() == before


@given(CHANGES)
def test_restore_of_a_checkpoint_is_the_same_floor(changes: Changes) -> None:
    floor = moved(changes)
    restored = FloorView.restore(json.loads(json.dumps(floor.checkpoint())))
    assert restored.checkpoint() == floor.checkpoint()
    assert (restored.version, restored.tables, restored.by_size) == (floor.version, floor.tables, floor.by_size)
    assert (restored.areas, restored.combinations) == (floor.areas, floor.combinations)


@given(CHANGES, CHANGES)
def test_update_of_the_touched_tables_brings_an_old_projection_up_to_date(old: Changes, new: Changes) -> None:
    floor = moved(old)
    shown = floor.project()
    touched = set()
    for event in events(new, floor.version + 1):
        touched.add(floor.touched(event))
        floor.apply(event)
    update = floor.project(sorted(touched))
    assert update.keys() == {PARTS[what] for what, _ in touched}
    for part, values in update.items():
        for key, value in values.items():
            shown[part].pop(key, None)
            if value is not None:
                shown[part][key] = value
    assert shown == floor.project()


@given(CHANGES, st.integers(1, 20))
def test_fitting_tables_come_smallest_first_then_by_id(changes: Changes, guests: int) -> None:
    floor = moved(changes)
    large = {key: entry["seats"] for key, entry in left(changes, "table").items() if entry["seats"] >= guests}
    assert [t.id for t in floor.fitting(guests)] == sorted(large, key=lambda key: (large[key], key))


@given(CHANGES, st.integers(1, 40))
def test_combinations_come_after_the_tables_and_only_while_all_of_theirs_are_there(
    changes: Changes, guests: int
) -> None:
    floor, tables = moved(changes), left(changes, "table")
    meant = {
        key: entry
        for key, entry in left(changes, "combination").items()
        if entry["min_guests"] <= guests <= entry["max_guests"] and set(entry["tables"]) <= tables.keys()
    }
    order = sorted(meant, key=lambda key: (meant[key]["max_guests"], len(meant[key]["tables"]), key))
    for _ in range(2):  # the second time from memory
        found = floor.units(guests)
        singles = [unit for unit in found if len(unit.tables) == 1]
        assert [unit.tables[0] for unit in singles] == floor.fitting(guests)
        combined = [(list(unit.ids), unit.seats) for unit in found[len(singles) :]]
        assert combined == [(meant[key]["tables"], meant[key]["max_guests"]) for key in order]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("unheard_of", {"table": 1, "entry": None}),
        ("table_changed", {"table": 1, "entry": {"seats": 2}}),
        ("table_changed", {"table": "one", "entry": None}),
        ("table_changed", {}),
        ("table_changed", {"area": 1, "entry": None}),
        ("table_changed", {"table": 1, "entry": {"name": "T", "seats": 2, "place": {"x": 1}}}),
        ("area_changed", {"area": 1, "entry": {"name": "Hall"}}),
        ("combined", {"combination": 1, "entry": {"name": "Both", "tables": 3}}),
    ],
)
def test_event_that_this_release_cannot_read_changes_nothing(kind: str, data: dict[str, Any]) -> None:
    floor = moved([("table", 1, {"name": "T2-1", "seats": 2})])
    before = floor.checkpoint()
    assert floor.apply(Event(TABLES, 2, kind, data, AT)) is ApplyResult.UNREADABLE
    assert floor.checkpoint() == before


def test_table_is_told_without_what_is_ours() -> None:
    assert Table(1, "T2-1", 2, 5).as_json() == {"id": 1, "name": "T2-1", "seats": 2}


def test_a_table_is_shown_with_its_area_and_place_or_null() -> None:
    place = Place(100, 150, 80, 60, "round", 45)
    floor = FloorView(
        3, [Table(1, "T1", 2), Table(2, "T2", 4, 3, 5, place)], 0, [Area(5, "Hall", 2)],
        [Combination(7, "Both", (1, 2), 5, 6)],
    )  # fmt: skip
    shown = {"x": 100, "y": 150, "width": 80, "height": 60, "shape": "round", "turn": 45}
    assert floor.project() == {
        "tables": {
            "1": {"name": "T1", "seats": 2, "area_id": None, "place": None},
            "2": {"name": "T2", "seats": 4, "area_id": 5, "place": shown},
        },
        "areas": {"5": {"name": "Hall", "rank": 2}},
        "combinations": {"7": {"name": "Both", "tables": [1, 2], "min_guests": 5, "max_guests": 6}},
    }
    assert floor.project([]) == {} and floor.project([("area", 9)]) == {"areas": {"9": None}}
