"""What was written of a party that waits is put right."""

from __future__ import annotations

import pytest

from hub.domain.change import NewGuest, NewName, Window
from hub.domain.events import MAIN
from hub.domain.queue_correction import Who
from hub.domain.waitlist import SeenEntry
from hub.errors import AlreadyWaiting, Changed, Conflict, NotAsSeen, TableTooSmall
from tests.pure.hub.domain.waiting_room import TONIGHT, full

IDA = NewGuest(7, "Ida Waits", "+4915550000001", None, "en")
CALLED = NewName("Ida Waits", "+4915550000001")


def test_more_guests_keep_place_and_promise_and_the_quotes_count_with_them() -> None:
    evening = full()
    first, second, third = [evening.joined(guest=guest) for guest in (1, 2, 3)]
    told = dict(evening.rows)
    change = evening.correct(second, 6)
    assert change.wait is not None and change.window == Window()
    assert (change.wait.guests, change.wait.place, change.wait.revision) == (6, 2, 2)
    assert change.events[0].kind == "queue_corrected"
    assert change.events[0].data == {"wait": second, "entry": change.wait.entry(), "fields": ["guests"]}
    assert {event.kind for event in change.events[1:]} == {"queue_changed"}
    assert third in [row.id for row in change.more_waits] and first not in [row.id for row in change.more_waits]
    evening.commit(change)
    assert evening.queue() == [first, second, third]
    assert evening.rows[second].quoted_until != told[second].quoted_until
    assert evening.rows[second].promised_until == told[second].promised_until == told[second].quoted_until
    assert evening.rows[third].revision == 1


def test_guest_who_is_known_of_this_alone_is_called_otherwise() -> None:
    evening = full()
    id = evening.joined(guest=7)
    change = evening.correct(id, 3, who=Who(7, None, CALLED, ("name", "phone")))
    assert change.wait is not None
    assert (change.named, change.wait.guest_id, change.wait.new_guest) == (CALLED, 7, None)
    assert change.events[0].data["fields"] == ["guests", "name", "phone"]
    assert "Ida" not in str(change.events)
    before = evening.view.renamed[7]
    evening.commit(change)
    assert evening.view.renamed[7] > before  # so the name is read again


@pytest.mark.parametrize("new", [None, IDA])
def test_guest_who_is_called_otherwise_keeps_the_entry_whoever_else_is_called_so(new: NewGuest | None) -> None:
    evening = full()
    change = evening.correct(evening.joined(guest=1), who=Who(7, new, CALLED, ("name", "phone")))
    assert change.wait is not None
    assert (change.named, change.wait.guest_id, change.wait.new_guest) == (CALLED, 1, None)


@pytest.mark.parametrize("new", [None, IDA])
def test_party_becomes_another_guest(new: NewGuest | None) -> None:
    evening = full()
    id = evening.joined(guest=1)
    change = evening.correct(id, who=Who(7, new, None, ("name",)))
    assert change.wait is not None
    assert (change.named, change.wait.guest_id, change.wait.new_guest) == (None, 7, new)
    evening.commit(change)
    assert evening.view.waitlist[id].guest_id == 7 and evening.view.renamed[7] == evening.view.version


def test_what_changes_nothing_is_no_event_and_no_revision() -> None:
    evening = full()
    id = evening.joined(2)
    for change in (evening.correct(id, 2), evening.correct(id)):
        assert change.wait is not None and (change.wait.revision, change.events) == (1, ())


def test_refusals() -> None:
    evening = full()
    id, other = evening.joined(guest=1), evening.joined(guest=2)
    with pytest.raises(TableTooSmall):
        evening.correct(id, 7)
    for named in (None, CALLED):
        with pytest.raises(AlreadyWaiting) as refusal:
            evening.correct(id, who=Who(2, None, named, ("phone",)))
        assert refusal.value.extra == {"waitlist_id": other}
    with pytest.raises(Changed):
        evening.correct(id, 3, seen=evening.seen(id, frozenset({2})))
    with pytest.raises(NotAsSeen):
        evening.correct(id, 3, seen=SeenEntry(id, MAIN, TONIGHT, "waiting", 2))
    evening.commit(evening.step("leave", id))
    with pytest.raises(Conflict):
        evening.correct(id, 3)


def test_party_that_no_table_fits_any_more_may_still_be_called_otherwise() -> None:
    evening = full()
    id = evening.joined(6, guest=7)
    del evening.floor.tables[4]
    assert evening.correct(id, who=Who(7, None, CALLED, ("name",))).named == CALLED
