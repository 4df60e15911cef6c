"""What each verb of the waitlist decides: the change in full, every refusal, and that each entry ends once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.domain import waitlist
from hub.domain.allocation import Day
from hub.domain.change import Change, Window
from hub.domain.day import DayView
from hub.domain.events import MAIN
from hub.domain.waitlist import ENDS, TRANSITIONS, Estimate, SeenEntry
from hub.errors import (
    AlreadyWaiting,
    Changed,
    Conflict,
    NotAsSeen,
    NotFound,
    NoWait,
    SlotTaken,
    TableTooSmall,
    WaitlistClosed,
)
from tests.pure.hub.domain.waiting_room import NOW, RULES, TONIGHT, Evening, booking, full, minutes

WHOLE = NOW.replace(microsecond=0)
LAST_SEATING = NOW.replace(hour=22, minute=0, second=0, microsecond=0)


def kinds(change: Change) -> list[str]:
    return [event.kind for event in change.events]


# ── join ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_joining_is_a_row_with_a_promise_and_an_event() -> None:
    evening = full()
    change = evening.join(2, guest=7)
    row = change.wait
    assert row is not None
    assert (row.guest_id, row.guests, row.status, row.place, row.revision) == (7, 2, "waiting", 1, 1)
    assert (row.joined_at, row.service_date, row.venue_id) == (WHOLE, TONIGHT, MAIN)
    assert row.quoted_from is not None and row.quoted_until is not None
    assert NOW < row.quoted_until == row.promised_until
    [event] = change.events
    assert (event.kind, event.stream, event.data) == ("queued", row.stream, {"wait": None, "entry": row.entry()})
    assert change.window == Window(until=NOW.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1))
    assert (change.booking, change.mail, change.more_waits) == (None, None, [])


def test_who_joins_later_stands_behind_and_moves_nobody() -> None:
    evening = full()
    first, second = evening.joined(guest=1), evening.joined(guest=2)
    assert [evening.view.waitlist[id].place for id in (first, second)] == [1, 2]
    assert evening.rows[first].quoted_until <= evening.rows[second].quoted_until  # type: ignore[operator]


def test_quotes_that_have_moved_by_then_go_with_it() -> None:
    evening = full()
    first = evening.joined(guest=1)
    told = evening.rows[first]
    evening.now += minutes(50)
    change = evening.join(guest=2)
    assert kinds(change) == ["queued", "queue_changed"]
    [row] = change.more_waits
    assert (row.id, row.revision, row.promised_until) == (first, 1, told.promised_until)
    assert row.quoted_until > told.quoted_until  # type: ignore[operator]
    evening.commit(change)


def test_area_is_kept_with_the_entry() -> None:
    evening = full()
    change = evening.join(area=1)
    assert change.wait is not None and change.wait.area_id == 1
    with pytest.raises(NotFound):
        evening.join(area=2)
    with pytest.raises(TableTooSmall):
        evening.join(4, area=1)


def test_no_table_is_large_enough() -> None:
    with pytest.raises(TableTooSmall):
        full().join(7)


def test_the_same_guest_waits_once() -> None:
    evening = full()
    id = evening.joined(guest=1)
    with pytest.raises(AlreadyWaiting) as refused:
        evening.join(guest=1)
    assert refused.value.extra["waitlist_id"] == id
    with pytest.raises(AlreadyWaiting):  # by another guest of that name and number
        evening.join(guest=2, alike={1, 2})
    evening.commit(evening.step("leave", id))
    evening.joined(guest=1)


def test_nobody_waits_where_a_table_is_free_but_by_force() -> None:
    evening = Evening({1: booking(1, NOW - minutes(10))})
    with pytest.raises(NoWait) as refused:
        evening.join()
    assert [unit.ids for unit in refused.value.extra["free"]] == [(2,), (3,), (4,)]
    first = evening.joined(guest=1, force=True)
    assert evening.rows[first].quoted_from <= NOW  # type: ignore[operator]
    with pytest.raises(NoWait) as refused:
        evening.join(guest=2)
    assert [unit.ids for unit in refused.value.extra["free"]] == [(3,), (4,)]


@pytest.mark.parametrize("hour", [16, 21, 23])
def test_the_list_is_closed_before_the_opening_and_when_no_table_is_free_by_the_last_seating(hour: int) -> None:
    now = NOW.replace(hour=hour)
    sitting = {number: booking(number, now - minutes(5), guests=2) for number in (1, 2, 3, 4)}
    evening = Evening(sitting, now=now)
    with pytest.raises(WaitlistClosed):
        evening.join()
    assert waitlist.estimate(evening.day, evening.floor, guests=2, **evening.how).state == "closed"


def test_a_party_that_no_table_will_be_free_for_is_told_so() -> None:
    evening = full(others={"block": {1: {
        "tables": [4], "starts_at": "2026-11-24T17:00:00Z", "ends_at": "2026-11-25T00:00:00Z", "revision": 1,
    }}})  # fmt: skip
    with pytest.raises(WaitlistClosed):
        evening.join(6)


def test_a_promise_never_lies_past_the_last_seating() -> None:
    evening, refused = full(), False
    for guest in range(1, 40):
        try:
            id = evening.joined(guest=guest)
        except WaitlistClosed:
            refused = True
            break
        promised = evening.rows[id].promised_until
        assert promised is not None and promised <= LAST_SEATING
    assert refused


def test_a_day_without_starts_has_no_list() -> None:
    """One that is shorter than a slot."""
    evening = full(rules=RULES.__class__(**{**_fields(RULES), "closes": timedelta(hours=20)}))
    evening.rules = RULES.__class__(**{**_fields(RULES), "slot": timedelta(hours=8)})
    assert waitlist.last_seating(TONIGHT, evening.rules) is None
    with pytest.raises(WaitlistClosed):
        evening.join()
    assert waitlist.estimate(evening.day, evening.floor, guests=2, **evening.how) == Estimate("closed", 0)


def _fields(rules: Any) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in rules.__dataclass_fields__}


def test_joining_a_day_that_is_over_is_decided_anew() -> None:
    with pytest.raises(NotAsSeen):
        full().join(day=Day(DayView(TONIGHT - timedelta(days=1), 0, {})))


# ── the estimate ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_estimate_is_what_joining_would_promise() -> None:
    evening = full()
    evening.joined(guest=1)
    found = waitlist.estimate(evening.day, evening.floor, guests=2, **evening.how)
    assert (found.state, found.ahead) == ("open", 1)
    assert found.quote is not None
    row = evening.join(guest=2).wait
    assert row is not None
    assert (row.quoted_from, row.quoted_until) == (found.quote.since, found.quote.until)


def test_estimate_without_a_wait_and_without_a_table() -> None:
    evening = Evening()
    assert waitlist.estimate(evening.day, evening.floor, guests=2, **evening.how) == Estimate("no_wait", 0)
    assert waitlist.estimate(evening.day, evening.floor, guests=7, **evening.how) == Estimate("closed", 0)
    assert waitlist.estimate(evening.day, evening.floor, guests=3, area_id=1, **evening.how).state == "closed"


# ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", ["waiting", "ready", "here", "seated", "left"])
@pytest.mark.parametrize("step", ["ready", "here", "seat", "leave"])
def test_after_for_every_pair(status: str, step: Any) -> None:
    expected = TRANSITIONS.get((status, step))
    if expected is None:
        with pytest.raises(Conflict):
            waitlist.after(status, step)
    else:
        assert waitlist.after(status, step) == expected
    assert (expected is None) == (status in ENDS or (status, step) in {
        ("ready", "ready"), ("here", "ready"), ("here", "here"),
    })  # fmt: skip


def test_a_step_is_a_row_at_the_next_revision_and_an_event() -> None:
    evening = full()
    id = evening.joined()
    for revision, what in ((2, "ready"), (3, "here")):
        change = evening.step(what, id)
        assert change.wait is not None
        assert (change.wait.status, change.wait.revision, kinds(change)) == (what, revision, ["queue_changed"])
        evening.commit(change)
    change = evening.step("leave", id)
    [event] = change.events
    assert (event.kind, event.data) == ("queue_left", {"wait": id, "entry": None})
    evening.commit(change)
    assert (evening.ends, evening.view.waitlist) == ([(id, "left")], {})


@pytest.mark.parametrize("what", ["ready", "here"])
def test_a_step_that_changes_nobodys_turn_is_not_played(what: str) -> None:
    evening = full()
    first, _ = evening.joined(guest=1), evening.joined(guest=2)
    evening.now += minutes(50)  # the quotes have moved: the keeper writes them
    day = evening.day
    change = waitlist.step(evening.seen(first), day, evening.floor, what, **evening.how)  # type: ignore[arg-type]
    assert (kinds(change), change.more_waits, day.played) == (["queue_changed"], [], {})


def test_who_is_behind_one_that_leaves_moves_up() -> None:
    evening = full()
    ids = [evening.joined(guest=guest) for guest in range(1, 7)]
    before = evening.rows[ids[-1]]
    evening.commit(evening.step("leave", ids[0]))
    after = evening.rows[ids[-1]]
    assert after.quoted_until < before.quoted_until  # type: ignore[operator]
    assert (after.promised_until, after.revision) == (before.promised_until, 1)


def test_who_joins_in_the_same_commit_has_no_id_and_is_quoted_anew_later() -> None:
    evening = full()
    first, second = evening.joined(guest=1), evening.joined(guest=2)
    [event] = evening.join(guest=3).events
    evening.view.put(-1, event.data["entry"], "wait")
    assert [row.id for row in evening.step("leave", first).more_waits] == [second]
    with pytest.raises(NotAsSeen):
        evening.move(first, evening.view.waitlist[-1].place)


def test_refusals_of_a_step() -> None:
    evening = full()
    id = evening.joined()
    seen = evening.seen(id, frozenset({2}))
    with pytest.raises(Changed):
        evening.step("ready", id, seen)
    with pytest.raises(Changed):
        evening.seat(id, seen=seen)
    with pytest.raises(NotAsSeen):
        evening.step("ready", id, SeenEntry(id, MAIN, TONIGHT, "waiting", 2))
    with pytest.raises(NotAsSeen):
        evening.step("ready", id, SeenEntry(id + 1, MAIN, TONIGHT, "waiting", 1))
    with pytest.raises(NotAsSeen):
        evening.step("ready", id, SeenEntry(id, MAIN, TONIGHT - timedelta(days=1), "waiting", 1))
    for end in ENDS:
        with pytest.raises(Conflict):
            evening.step("ready", id, SeenEntry(id, MAIN, TONIGHT, end, 2))
    evening.commit(evening.step("ready", id))
    with pytest.raises(Conflict):
        evening.step("ready", id)


# ── seat ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_seating_is_a_booking_and_the_end_of_the_entry_in_one_change() -> None:
    evening = Evening({1: booking(1, NOW - minutes(10))})
    id = evening.joined(guest=7, force=True)
    change = evening.seat(id)
    assert change.booking is not None and change.wait is not None
    assert (change.booking.status, change.booking.party.channel, change.booking.table.id) == ("seated", "waitlist", 2)
    assert (change.booking.seated_at, change.booking.guests, change.booking.party.guest_id) == (WHOLE, 2, 7)
    assert (change.wait.status, change.wait.revision, change.wait.booking) == ("seated", 2, True)
    assert kinds(change) == ["walked_in", "queue_left"]
    assert change.events[1].data == {"wait": id, "entry": None, "end": "seated"}
    evening.commit(change)
    assert evening.ends == [(id, "seated")]


def test_the_staff_may_name_the_tables_and_the_area_is_kept_to() -> None:
    evening = Evening({1: booking(2, NOW - minutes(10))})
    id = evening.joined(force=True, area=1)
    assert [table.id for table in evening.seat(id).booking.tables] == [1]  # type: ignore[union-attr]
    assert [table.id for table in evening.seat(id, tables=[3]).booking.tables] == [3]  # type: ignore[union-attr]
    with pytest.raises(SlotTaken):
        evening.seat(id, tables=[2])


def test_of_two_for_the_last_table_the_other_is_quoted_anew() -> None:
    evening = full()
    evening.commit(Change())
    del evening.view
    evening.view = DayView(TONIGHT, 0, {number: booking(number, NOW - minutes(10)) for number in (2, 3, 4)})
    first, second = evening.joined(guest=1, force=True), evening.joined(guest=2, force=True)
    change = evening.seat(second)
    assert [row.id for row in change.more_waits] == [first]
    assert kinds(change) == ["walked_in", "queue_left", "queue_changed"]
    assert change.more_waits[0].quoted_from > NOW  # type: ignore[operator]
    evening.commit(change)


def test_nobody_is_seated_on_an_evening_that_is_over() -> None:
    evening = full()
    id = evening.joined()
    evening.now += timedelta(days=1)
    with pytest.raises(Conflict):
        evening.seat(id)


# ── what is kept true ───────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_written_while_nothing_has_moved() -> None:
    evening = full()
    assert evening.keep() == Change(more_waits=[], events=[])
    evening.joined(guest=1)
    evening.joined(guest=2)
    assert evening.keep().events == []


def test_nothing_is_quoted_before_the_opening() -> None:
    evening = full()
    evening.joined()
    evening.now -= timedelta(hours=12)
    assert evening.keep() == Change()


def test_a_table_that_is_freed_moves_the_quotes() -> None:
    evening = full()
    id = evening.joined()
    evening.view.put(1, booking(1, NOW - minutes(20), status="finished", occupied=[]))
    change = evening.keep()
    assert kinds(change) == ["queue_changed"]
    assert change.more_waits[0].quoted_from <= NOW  # type: ignore[operator]
    evening.commit(change)
    assert evening.keep().events == []
    assert evening.rows[id].promised_until != evening.rows[id].quoted_until


def test_a_party_without_any_hope_is_told_no_time() -> None:
    evening = full()
    id = evening.joined(6)
    evening.now = NOW.replace(hour=23, minute=55)
    evening.view.put(4, booking(4, evening.now - minutes(5), guests=6))
    evening.commit(evening.keep())
    row = evening.rows[id]
    assert (row.quoted_from, row.quoted_until) == (None, None)
    assert row.promised_until is not None


def test_who_still_waits_when_the_day_is_over_has_left() -> None:
    evening = full()
    ids = [evening.joined(guest=guest) for guest in (1, 2)]
    evening.commit(evening.step("ready", ids[1]))
    evening.now = NOW.replace(hour=0) + timedelta(days=1)
    change = evening.keep()
    assert kinds(change) == ["queue_left", "queue_left"]
    assert [row.revision for row in change.more_waits] == [2, 3]
    evening.commit(change)
    assert evening.ends == [(id, "left") for id in ids]
    assert evening.keep().events == []


def test_time_is_told_in_the_whole_seconds_of_rows() -> None:
    assert datetime.fromisoformat(full().join().wait.entry()["joined_at"]) == WHOLE  # type: ignore[index,union-attr]
