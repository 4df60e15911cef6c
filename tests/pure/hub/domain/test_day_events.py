"""What single events do to the view of a day, and what it makes of those that it can't read."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.day import NOTED, RENAMED, DayView
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from tests.pure.hub.domain.day_model import (
    DAY,
    OPENS,
    PEOPLE,
    at,
    entry_of,
    live,
    moved,
    render,
)


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
    assert (view.noted, view.entries[1].revision) == ({1: 2}, 2)
    assert 2 not in view.renamed.values()


def test_copy_with_a_block_is_changed_by_itself() -> None:
    view = moved(live([("block", 0, 1, 0, 8, 2), ("wait", 0, 1, 0, 8, 2)]))
    saved, other = view.checkpoint(), view.copy()
    other.put(1, None, "block")
    other.put(1, None, "wait")
    assert (other.blocks, other.waitlist, other.taken) == ({}, {}, {})
    assert view.checkpoint() == saved and view.blocks and view.waitlist
