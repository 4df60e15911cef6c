"""Another place in the queue, and the last step of a party taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.domain.change import Window
from hub.domain.events import MAIN
from hub.domain.lifecycle import UNDO_TIME
from hub.domain.queue_order import arranged
from hub.domain.waitlist import SeenEntry
from hub.errors import AlreadyWaiting, Changed, Conflict, NotAsSeen, NotAtThisTime
from tests.pure.hub.domain.waiting_room import NOW, TONIGHT, Evening, full, minutes

SECOND = timedelta(seconds=1)


def four(evening: Evening) -> list[int]:
    return [evening.joined(guest=guest) for guest in range(1, 5)]


# ── another place ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("places", "id", "place", "found"),
    [
        ({1: 1, 2: 2, 3: 3}, 3, 1, {3: 1, 1: 2, 2: 3}),
        ({1: 1, 2: 2, 3: 3}, 1, 3, {1: 3, 3: 2, 2: 1}),
        ({1: 1, 2: 2, 3: 3}, 2, 1, {2: 1, 1: 2}),
        ({1: 2, 2: 5, 3: 7, 4: 9}, 4, 5, {4: 5, 2: 6}),
        ({1: 2, 2: 5, 3: 7, 4: 9}, 1, 7, {1: 7, 3: 6}),
        ({1: 2, 2: 5}, 2, 1, {2: 1}),
        ({1: 2, 2: 5}, 1, 4, {1: 4}),
        ({1: 3, 2: 4}, 9, 3, {9: 3, 1: 4, 2: 5}),  # who comes back to the list
    ],
)
def test_who_gets_which_place(places: dict[int, int], id: int, place: int, found: dict[int, int]) -> None:
    assert arranged(places, id, place) == found


def test_a_move_is_a_revision_of_its_party_alone_and_says_why() -> None:
    evening = full()
    first, second, third, fourth = four(evening)
    quoted = {id: row.quoted_until for id, row in evening.rows.items()}
    change = evening.move(fourth, 2, "needs")
    assert change.wait is not None
    assert (change.wait.id, change.wait.place, change.wait.revision) == (fourth, 2, 2)
    assert change.events[0].kind == "queue_moved"
    assert change.events[0].data == {"wait": fourth, "entry": change.wait.entry(), "reason": "needs"}
    assert {event.kind for event in change.events[1:]} == {"queue_changed"}
    assert {row.id: (row.place, row.revision) for row in change.more_waits} == {second: (3, 1), third: (4, 1)}
    evening.commit(change)
    assert evening.queue() == [first, fourth, second, third]
    assert evening.rows[fourth].quoted_until < quoted[fourth]  # type: ignore[operator]
    assert evening.rows[third].quoted_until > quoted[third]  # type: ignore[operator]
    assert evening.rows[third].promised_until == quoted[third]


def test_refusals_of_a_move() -> None:
    evening = full()
    first, second = evening.joined(guest=1), evening.joined(guest=2)
    for place in (1, 3):  # its own; and one behind the last
        with pytest.raises(Conflict):
            evening.move(first, place)
    with pytest.raises(Changed):
        evening.move(first, 2, seen=evening.seen(first, frozenset({2})))
    with pytest.raises(NotAsSeen):
        evening.move(first, 2, seen=SeenEntry(first, MAIN, TONIGHT, "waiting", 2))
    evening.commit(evening.step("leave", first))
    with pytest.raises(Conflict):
        evening.move(first, 2)
    assert evening.queue() == [second]


# ── undo ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("steps", [["ready"], ["here"], ["ready", "here"], ["leave"], ["ready", "leave"]])
def test_the_last_step_is_taken_back_and_the_place_is_the_old_one(steps: list[str]) -> None:
    evening = full()
    first, second, third, fourth = four(evening)
    for what in steps:
        before = evening.rows[second]
        evening.commit(evening.step(what, second))
    evening.now += minutes(9)
    change = evening.undo(second)
    assert change.wait is not None
    assert (change.wait.status, change.wait.place) == (before.status, before.place)
    assert change.wait.revision == before.revision + 2
    assert (change.wait.joined_at, change.wait.promised_until) == (before.joined_at, before.promised_until)
    assert change.events[0].kind == "queue_undone"
    assert change.window == Window(until=NOW + UNDO_TIME)
    evening.commit(change)
    assert evening.queue() == [first, second, third, fourth]
    with pytest.raises(Conflict):
        evening.undo(second)  # a step taken back is none


def test_who_comes_back_is_ahead_of_those_who_came_later_again() -> None:
    evening = full()
    ids = four(evening)
    before = evening.rows[ids[3]].quoted_until
    evening.commit(evening.step("leave", ids[0]))
    assert evening.rows[ids[3]].quoted_until < before  # type: ignore[operator]
    evening.commit(evening.undo(ids[0]))
    assert evening.rows[ids[3]].quoted_until == before


def test_a_move_is_taken_back_and_ready_keeps_the_place_that_others_gave_it() -> None:
    evening = full()
    first, second, third, fourth = four(evening)
    evening.commit(evening.move(fourth, 1))
    evening.commit(evening.step("ready", first))
    evening.commit(evening.undo(fourth))
    assert evening.queue() == [first, second, third, fourth]
    with pytest.raises(Conflict):
        evening.undo(fourth)
    evening.commit(evening.step("ready", second))
    evening.commit(evening.move(third, 2))
    evening.commit(evening.undo(second))
    assert evening.queue() == [first, third, second, fourth]
    assert evening.rows[second].status == "waiting"


def test_undo_ends_with_its_time_and_with_the_evening() -> None:
    evening = full()
    id, other = evening.joined(guest=1), evening.joined(guest=2)
    evening.commit(evening.step("leave", id))
    evening.now = NOW + UNDO_TIME - SECOND
    assert evening.undo(id).wait is not None
    evening.now = NOW + UNDO_TIME
    with pytest.raises(NotAtThisTime):
        evening.undo(id)
    evening.now = NOW.replace(hour=23, minute=59)
    evening.commit(evening.step("leave", other))
    evening.now += minutes(2)
    with pytest.raises(Conflict):
        evening.undo(other)


def test_refusals_of_undo() -> None:
    evening = full()
    id, _ = evening.joined(guest=1), evening.joined(guest=2)
    with pytest.raises(Conflict):
        evening.undo(id)  # it did nothing but join
    evening.commit(evening.step("ready", id))
    with pytest.raises(Changed):
        evening.undo(id, evening.seen(id, frozenset({1})))
    with pytest.raises(NotAsSeen):
        evening.undo(id, replace(evening.seen(id), revision=3))
    evening.commit(evening.step("leave", id))
    with pytest.raises(NotAsSeen):
        evening.undo(id, replace(evening.seen(id), service_date=TONIGHT - timedelta(days=1)))
    back = evening.joined(guest=1)
    with pytest.raises(AlreadyWaiting) as refusal:
        evening.undo(id)
    assert refusal.value.extra == {"waitlist_id": back}
    evening.commit(evening.step("leave", back))
    seen = evening.seen(id)
    evening.commit(evening.undo(id))
    with pytest.raises(NotAsSeen):
        evening.undo(id, seen)  # another host was first
    evening.commit(evening.step("leave", id))
    with pytest.raises(NotAsSeen):
        evening.undo(id, seen)  # and the party has left anew: that is another step than the one that was seen


def test_who_was_seated_is_not_brought_back_so() -> None:
    evening = full()
    id = evening.joined(guest=1)
    evening.view.put(1, None)
    evening.commit(evening.seat(id))
    with pytest.raises(Conflict):
        evening.undo(id)
