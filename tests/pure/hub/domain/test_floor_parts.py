"""Areas, combinations and places on the floor: whatever happens to them, it equals the floor made from what is left.

And what the channel is told of it brings up to date what it showed before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from hub.domain.events import TABLES, ApplyResult, Event
from hub.domain.floor import Area, Combination, FloorView, Place, Table
from hub.live import channels
from hub.live.asyncapi import SCHEMAS
from hub.live.projections.projection import Rendering
from hub.views.step import Step

AT = datetime(2026, 11, 24, tzinfo=UTC)
RENDERING = Rendering(lambda at: at.isoformat(), {})
NAMES = st.text("abc", min_size=1, max_size=3)
IDS = st.integers(1, 4)
PLACES = st.builds(
    Place, st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 1000), st.integers(1, 1000),
    st.sampled_from(("rect", "round")), st.sampled_from((0, 45, 90, 135)),
)  # fmt: skip
ITEMS: st.SearchStrategy[Table | Area | Combination] = st.one_of(
    st.builds(Table, IDS, NAMES, st.integers(1, 20), st.just(1), st.none() | IDS, st.none() | PLACES),
    st.builds(Area, IDS, NAMES, st.integers(0, 9)),
    st.builds(
        Combination, IDS, NAMES, st.lists(IDS, min_size=2, max_size=4, unique=True).map(lambda ids: tuple(sorted(ids))),
        st.integers(1, 4), st.integers(4, 60),
    ),
)  # fmt: skip
CHANGES = st.lists(st.tuples(ITEMS, st.booleans()), max_size=30)
"""(what it is from now on, whether it is gone)."""
SUBJECTS: dict[type, tuple[str, str]] = {
    Table: ("table", "table_changed"), Area: ("area", "area_changed"), Combination: ("combination", "combo_changed"),
}  # fmt: skip


def events(changes: list[tuple[Any, bool]], first: int = 1) -> list[Event]:
    made = []
    for version, (item, gone) in enumerate(changes, first):
        subject, kind = SUBJECTS[type(item)]
        data = json.loads(json.dumps({subject: item.id, "entry": None if gone else item.entry()}))
        made.append(Event(TABLES, version, kind, data, AT, version, version - 1))
    return made


def moved(changes: list[tuple[Any, bool]]) -> FloorView:
    """The floor that took each change."""
    floor = FloorView(0, ())
    for event in events(changes):
        assert floor.apply(event) is ApplyResult.APPLIED
    return floor


def built(changes: list[tuple[Any, bool]]) -> FloorView:
    """The floor made at once from what is left after all changes."""
    last = {(type(item), item.id): (item, gone) for item, gone in changes}
    left = [item for item, gone in last.values() if not gone]
    tables, areas, combinations = ([item for item in left if type(item) is kind] for kind in SUBJECTS)
    return FloorView(len(changes), tables, len(changes), areas, combinations)


@given(CHANGES)
def test_floor_that_took_every_event_equals_one_built_at_the_end(changes: list[tuple[Any, bool]]) -> None:
    floor, at_once = moved(changes), built(changes)
    assert floor.checkpoint() == at_once.checkpoint()
    assert (floor.tables, floor.areas, floor.combinations) == (at_once.tables, at_once.areas, at_once.combinations)
    restored = FloorView.restore(json.loads(json.dumps(floor.checkpoint())))
    assert (restored.tables, restored.areas, restored.combinations) == (floor.tables, floor.areas, floor.combinations)
    for guests in range(1, 10):
        assert floor.units(guests) == at_once.units(guests) == restored.units(guests)
        singles = [unit for unit in floor.units(guests) if len(unit.tables) == 1]
        assert [unit.tables[0] for unit in singles] == floor.fitting(guests)
        assert floor.units(guests) == singles + floor.combined(guests)


@given(CHANGES, CHANGES)
def test_what_the_channel_is_told_brings_it_up_to_date_and_is_as_it_is_described(
    old: list[tuple[Any, bool]], new: list[tuple[Any, bool]]
) -> None:
    kind, floor, steps = channels.TABLES, moved(old), []
    shown = kind.snapshot(floor, RENDERING)
    for event in events(new, floor.version + 1):
        touched = floor.touched(event)
        step = kind.step_of(event, frozenset())
        assert step is not None and step.others == {touched}
        steps.append(step)
        assert floor.apply(event) is ApplyResult.APPLIED
    update = kind.update(floor, steps, RENDERING)
    assert set(update) == {f"{subject}s" for item, _ in new for subject, _ in (SUBJECTS[type(item)],)}
    for schema, data in ((kind.data, shown), (kind.changes, update)):
        Draft7Validator({"allOf": [schema], "components": {"schemas": SCHEMAS}}).validate(data)
    merged = {part: {**whole, **update.get(part, {})} for part, whole in shown.items()}
    merged = {part: {id: each for id, each in whole.items() if each is not None} for part, whole in merged.items()}
    assert merged == kind.snapshot(floor, RENDERING)


def test_the_channel_shows_where_a_table_stands_and_of_what_a_combination_is() -> None:
    place = Place(1, 2, 30, 40, "round", 45)
    tables = [Table(1, "A", 2, 3, 7, place), Table(2, "B", 4)]
    floor = FloorView(5, tables, 5, [Area(7, "Bar", 1)], [Combination(9, "A + B", (1, 2), 5, 6)])
    shown = {"x": 1, "y": 2, "width": 30, "height": 40, "shape": "round", "turn": 45}
    assert channels.TABLES.snapshot(floor, RENDERING) == {
        "tables": {
            "1": {"name": "A", "seats": 2, "area_id": 7, "place": shown},
            "2": {"name": "B", "seats": 4, "area_id": None, "place": None},
        },
        "areas": {"7": {"name": "Bar", "rank": 1}},
        "combinations": {"9": {"name": "A + B", "tables": [1, 2], "min_guests": 5, "max_guests": 6}},
    }
    step = Step(6, AT, frozenset(), frozenset(), frozenset({("combination", 9), ("area", 8)}))
    assert channels.TABLES.update(floor, [step], RENDERING) == {
        "areas": {"8": None},
        "combinations": {"9": {"name": "A + B", "tables": [1, 2], "min_guests": 5, "max_guests": 6}},
    }


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("combined", {"combination": 1, "entry": {"name": "A", "min_guests": 1, "max_guests": 4, "revision": 1}}),
        ("combined", {"table": 1, "entry": None}),
        ("area_added", {"area": 1, "entry": {"name": "Bar"}}),
        ("table_added", {"table": 1, "entry": {"name": "A", "seats": 2, "place": {"z": 1}}}),
        ("area_merged", {"area": 1, "entry": None}),
    ],
)
def test_event_that_this_release_cannot_read_changes_nothing(kind: str, data: dict[str, Any]) -> None:
    floor = moved([(Table(1, "A", 2), False)])
    before = floor.checkpoint()
    assert floor.apply(Event(TABLES, 2, kind, data, AT, 2, 1)) is ApplyResult.UNREADABLE
    assert floor.checkpoint() == before


def test_a_combination_without_one_of_its_tables_is_given_to_nobody() -> None:
    """Between two events of one change a table may be gone already."""
    whole = FloorView(1, [Table(1, "A", 2), Table(2, "B", 2)], combinations=[Combination(1, "A + B", (1, 2), 3, 4)])
    assert [unit.ids for unit in whole.units(3)] == [(1, 2)]
    del whole.tables[2]
    assert FloorView(1, whole.tables.values(), combinations=whole.combinations.values()).units(3) == []


def test_what_few_tables_have_is_in_an_entry_only_where_they_have_it() -> None:
    table = Table(1, "A", 2)
    assert table.entry() == {"name": "A", "seats": 2, "revision": 1}
    for more in ({"area_id": 3}, {"place": Place(0, 0, 1, 1)}):
        changed = replace(table, **more)
        assert Table.parse(1, json.loads(json.dumps(changed.entry()))) == changed
    assert Table.parse(1, {"name": "A", "seats": 2}) == table
