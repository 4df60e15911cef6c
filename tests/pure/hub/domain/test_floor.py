"""The floor: whatever was added, changed and removed, it equals the floor made from what is left."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events import TABLES, ApplyResult, Event
from hub.domain.floor import FloorView, Table

AT = datetime(2026, 11, 24, tzinfo=UTC)
ENTRIES = st.none() | st.fixed_dictionaries({"name": st.text(min_size=1, max_size=8), "seats": st.integers(1, 20)})
CHANGES = st.lists(st.tuples(st.integers(1, 8), ENTRIES), max_size=30)
"""(table's id, what it is from now on, or None: gone)."""


def events(changes: list[tuple[int, Any]], first: int = 1) -> list[Event]:
    return [
        Event(TABLES, version, "table_changed", {"table": key, "entry": entry}, AT)
        for version, (key, entry) in enumerate(changes, first)
    ]


def built(changes: list[tuple[int, Any]]) -> FloorView:
    """The floor made at once from what is left after all changes."""
    left = {key: entry for key, entry in dict(changes).items() if entry is not None}
    return FloorView(len(changes), (Table(key, entry["name"], entry["seats"]) for key, entry in left.items()))


def moved(changes: list[tuple[int, Any]]) -> FloorView:
    """The floor that took each change."""
    floor = FloorView(0, ())
    for event in events(changes):
        assert floor.apply(event) is ApplyResult.APPLIED
    return floor


@given(CHANGES)
def test_room_that_took_every_event_equals_one_built_at_the_end(changes: list[tuple[int, Any]]) -> None:
    floor = moved(changes)
    assert floor.checkpoint() == built(changes).checkpoint()
    assert floor.project() == built(changes).project()
    assert floor.by_size == sorted(floor.tables.values(), key=lambda t: (t.seats, t.id))


@given(CHANGES, st.data())
def test_event_that_is_known_changes_nothing(changes: list[tuple[int, Any]], data: st.DataObject) -> None:
    floor = moved(changes)
    before = floor.checkpoint()
    version = data.draw(st.integers(0, floor.version))
    assert floor.apply(events([(1, {"name": "other", "seats": 4})], version)[0]) is ApplyResult.KNOWN
    assert floor.checkpoint() == before


@given(CHANGES, st.integers(2, 100))
def test_event_after_a_gap_changes_nothing(changes: list[tuple[int, Any]], ahead: int) -> None:
    floor = moved(changes)
    before = floor.checkpoint()
    assert floor.apply(events([(1, None)], floor.version + ahead)[0]) is ApplyResult.GAP
    assert floor.checkpoint() == before


@given(CHANGES)
def test_restore_of_a_checkpoint_is_the_same_floor(changes: list[tuple[int, Any]]) -> None:
    floor = moved(changes)
    restored = FloorView.restore(json.loads(json.dumps(floor.checkpoint())))
    assert restored.checkpoint() == floor.checkpoint()
    assert (restored.version, restored.tables, restored.by_size) == (floor.version, floor.tables, floor.by_size)


@given(CHANGES, CHANGES)
def test_update_of_the_touched_tables_brings_an_old_projection_up_to_date(
    old: list[tuple[int, Any]], new: list[tuple[int, Any]]
) -> None:
    floor = moved(old)
    shown = floor.project()["tables"]
    touched = set()
    for event in events(new, floor.version + 1):
        touched.add(floor.touched(event))
        floor.apply(event)
    for key, value in floor.project(touched).get("tables", {}).items():
        shown.pop(key, None)
        if value is not None:
            shown[key] = value
    assert shown == floor.project()["tables"]


@given(CHANGES, st.integers(1, 20))
def test_fitting_tables_come_smallest_first_then_by_id(changes: list[tuple[int, Any]], guests: int) -> None:
    floor = moved(changes)
    left = {key: entry for key, entry in dict(changes).items() if entry is not None and entry["seats"] >= guests}
    assert [t.id for t in floor.fitting(guests)] == sorted(left, key=lambda key: (left[key]["seats"], key))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("unheard_of", {"table": 1, "entry": None}),
        ("table_changed", {"table": 1, "entry": {"seats": 2}}),
        ("table_changed", {"table": "one", "entry": None}),
        ("table_changed", {}),
    ],
)
def test_event_that_this_release_cannot_read_changes_nothing(kind: str, data: dict[str, Any]) -> None:
    floor = moved([(1, {"name": "T2-1", "seats": 2})])
    before = floor.checkpoint()
    assert floor.apply(Event(TABLES, 2, kind, data, AT)) is ApplyResult.UNREADABLE
    assert floor.checkpoint() == before


def test_table_is_told_without_what_is_ours() -> None:
    assert Table(1, "T2-1", 2, 5).as_json() == {"id": 1, "name": "T2-1", "seats": 2}
