"""The channel ``tables``: what is told of areas, combinations and places brings what was shown before up to date."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

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


@given(CHANGES)
def test_combinations_that_may_be_offered_are_the_units_after_the_single_tables(
    changes: list[tuple[Any, bool]],
) -> None:
    floor = moved(changes)
    for guests in range(1, 10):
        assert floor.units(guests)[len(floor.fitting(guests)) :] == floor.combined(guests)
        assert all(len(unit.tables) > 1 for unit in floor.combined(guests))
