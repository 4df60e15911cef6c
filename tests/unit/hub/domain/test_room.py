"""The room: whatever was added, changed and removed, it equals the room made from what is left."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.event import TABLES, Event, Heard
from hub.domain.room import Room, Table

AT = datetime(2026, 11, 24, tzinfo=UTC)
ENTRIES = st.none() | st.fixed_dictionaries({"name": st.text(min_size=1, max_size=8), "seats": st.integers(1, 20)})
CHANGES = st.lists(st.tuples(st.integers(1, 8), ENTRIES), max_size=30)
"""(table's id, what it is from now on, or None: gone)."""


def events(changes: list[tuple[int, Any]], first: int = 1) -> list[Event]:
    return [
        Event(TABLES, version, "table_changed", {"table": key, "entry": entry}, AT)
        for version, (key, entry) in enumerate(changes, first)
    ]


def built(changes: list[tuple[int, Any]]) -> Room:
    """The room made at once from what is left after all changes."""
    left = {key: entry for key, entry in dict(changes).items() if entry is not None}
    return Room(len(changes), (Table(key, entry["name"], entry["seats"]) for key, entry in left.items()))


def moved(changes: list[tuple[int, Any]]) -> Room:
    """The room that took each change."""
    room = Room(0, ())
    for event in events(changes):
        assert room.apply(event) is Heard.APPLIED
    return room


@given(CHANGES)
def test_room_that_took_every_event_equals_one_built_at_the_end(changes: list[tuple[int, Any]]) -> None:
    room = moved(changes)
    assert room.checkpoint() == built(changes).checkpoint()
    assert room.project() == built(changes).project()
    assert room.by_size == sorted(room.tables.values(), key=lambda t: (t.seats, t.id))


@given(CHANGES, st.data())
def test_event_that_is_known_changes_nothing(changes: list[tuple[int, Any]], data: st.DataObject) -> None:
    room = moved(changes)
    before = room.checkpoint()
    version = data.draw(st.integers(0, room.version))
    assert room.apply(events([(1, {"name": "other", "seats": 4})], version)[0]) is Heard.KNOWN
    assert room.checkpoint() == before


@given(CHANGES, st.integers(2, 100))
def test_event_after_a_gap_changes_nothing(changes: list[tuple[int, Any]], ahead: int) -> None:
    room = moved(changes)
    before = room.checkpoint()
    assert room.apply(events([(1, None)], room.version + ahead)[0]) is Heard.GAP
    assert room.checkpoint() == before


@given(CHANGES)
def test_restore_of_a_checkpoint_is_the_same_room(changes: list[tuple[int, Any]]) -> None:
    room = moved(changes)
    restored = Room.restore(json.loads(json.dumps(room.checkpoint())))
    assert restored.checkpoint() == room.checkpoint()
    assert (restored.version, restored.tables, restored.by_size) == (room.version, room.tables, room.by_size)


@given(CHANGES, CHANGES)
def test_update_of_the_touched_tables_brings_an_old_projection_up_to_date(
    old: list[tuple[int, Any]], new: list[tuple[int, Any]]
) -> None:
    room = moved(old)
    shown = room.project()["tables"]
    touched = set()
    for event in events(new, room.version + 1):
        touched.add(room.touched(event))
        room.apply(event)
    for key, value in room.project(touched)["tables"].items():
        shown.pop(key, None)
        if value is not None:
            shown[key] = value
    assert shown == room.project()["tables"]


@given(CHANGES, st.integers(1, 20))
def test_fitting_tables_come_smallest_first_then_by_id(changes: list[tuple[int, Any]], guests: int) -> None:
    room = moved(changes)
    left = {key: entry for key, entry in dict(changes).items() if entry is not None and entry["seats"] >= guests}
    assert [t.id for t in room.fitting(guests)] == sorted(left, key=lambda key: (left[key]["seats"], key))
