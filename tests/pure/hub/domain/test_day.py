"""The view by properties: a day of random bookings, blocks, holds and waiting parties against a model of it."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.allocation import free_tables
from hub.domain.calendar import Slot
from hub.domain.day import DayView
from hub.domain.events import ApplyResult
from hub.domain.shown import PARTS
from tests.pure.hub.domain.day_model import (
    CHANGES,
    DAY,
    PEOPLE,
    QUARTERS,
    ROOM,
    TABLES,
    at,
    live,
    moved,
    render,
)


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
