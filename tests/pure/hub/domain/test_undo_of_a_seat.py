"""Who was seated from the waitlist by mistake waits again, as before; and nobody was ever at that table."""

from __future__ import annotations

import pytest

from hub.errors import AlreadyWaiting, Conflict
from tests.pure.hub.domain.waiting_room import NOW, full, minutes

WHOLE = NOW.replace(microsecond=0)


@pytest.mark.parametrize("steps", [[], ["ready"], ["ready", "here"]])
def test_undo_of_a_seat_is_its_inverse(steps: list[str]) -> None:
    evening = full()
    first, id, last = (evening.joined(guest=number, force=True) for number in (1, 7, 3))
    for step in steps:
        evening.commit(evening.step(step, id))
    evening.view.put(1, None)  # somebody left
    before, waits = evening.rows[id], dict(evening.view.raw_others["wait"])
    evening.commit(evening.seat(id, tables=[1]))
    number, taken = evening.seated[id], evening.view.taken[1]
    assert id not in evening.view.waitlist and taken
    evening.now += minutes(9)
    change = evening.undo_seat(id)
    assert change.mail is None and change.window.until == WHOLE + minutes(10)
    assert [event.kind for event in change.events][:2] == ["undone", "queue_undone"]
    assert change.booking is not None and (change.booking.id, change.booking.status) == (number, "canceled")
    evening.commit(change)
    after = evening.rows[id]
    assert (after.status, after.place, after.promised_until, after.joined_at, after.guest_id, after.revision) == (
        before.status, before.place, before.promised_until, before.joined_at, 7, before.revision + 2,
    )  # fmt: skip
    assert evening.queue() == [first, id, last] and waits.keys() == evening.view.waitlist.keys()
    assert number not in evening.view.entries and 1 not in evening.view.taken
    with pytest.raises(Conflict):
        evening.undo(id)  # nobody takes that back


def test_undo_of_a_seat_sends_who_has_that_place_by_now_on() -> None:
    evening = full()
    first, second = evening.joined(guest=1, force=True), evening.joined(guest=2, force=True)
    evening.view.put(1, None)
    evening.commit(evening.seat(first, tables=[1]))
    evening.commit(evening.move(second, 1))
    evening.commit(evening.undo_seat(first))
    assert evening.queue() == [first, second]
    assert [evening.rows[id].place for id in (first, second)] == [1, 2]


def test_undo_of_a_seat_of_who_joined_anew() -> None:
    evening = full()
    id = evening.joined(guest=7, force=True)
    evening.view.put(1, None)
    evening.commit(evening.seat(id, tables=[1]))
    anew = evening.joined(guest=7, force=True)
    with pytest.raises(AlreadyWaiting) as told:
        evening.undo_seat(id)
    assert told.value.extra == {"waitlist_id": anew}


def test_nobody_waits_again_on_an_evening_that_is_over() -> None:
    evening = full()
    id = evening.joined(force=True)
    evening.view.put(1, None)
    evening.now = NOW.replace(hour=23, minute=55)
    evening.commit(evening.seat(id, tables=[1]))
    evening.now += minutes(6)
    with pytest.raises(Conflict, match="is over"):
        evening.undo_seat(id)
