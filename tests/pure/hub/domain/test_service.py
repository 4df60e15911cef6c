"""A booking in the room, verb by verb: what it holds, until when, and who is in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.domain import service
from hub.domain.change import Change, Window
from hub.domain.room import Room
from hub.domain.service import NEAR
from hub.errors import (
    AlreadyCanceled,
    AlreadyOver,
    Changed,
    Conflict,
    NotAsSeen,
    NotAtThisTime,
    NotFound,
    OutsideOpeningHours,
    SlotTaken,
    TableTooSmall,
)
from tests.pure.hub.domain.house import AROUND_THE_CLOCK, TUESDAY, WEDNESDAY, slot
from tests.pure.hub.domain.rules import make_rules
from tests.pure.hub.domain.service_evening import MINUTE, Evening, at, come, held, refused


@pytest.fixture
def house() -> Evening:
    return Evening()


# -- walk-ins


def test_walk_in_sits_now_at_the_smallest_table_for_as_long_as_everybody(house: Evening) -> None:
    house.now = at("18:07:09.5")
    change = house.walk_in()
    booking = house.commit(change)
    entry = house.entry(booking)
    assert (entry.status, entry.seated_at, entry.starts_at) == ("seated", at("18:07:09"), at("18:07:09"))
    assert held(house, booking) == [(1, "18:07", "20:07")]
    assert (change.mail, [event.kind for event in change.events]) == (None, ["walked_in"])
    assert change.window == Window(at("18:07:09") - NEAR, at("18:07:09") + NEAR)


def test_walk_in_is_cut_where_the_next_booking_begins_and_gets_the_table_that_is_free_longest(house: Evening) -> None:
    house.booked(slot("18:30"), table=1)
    house.booked(slot("19:00"), table=2)
    come(house, "18:00")
    assert held(house, house.commit(house.walk_in(tables=[1]))) == [(1, "18:00", "18:30")]
    assert held(house, house.commit(house.walk_in())) == [(3, "18:00", "20:00")]
    house.commit(house.walk_in(4))
    assert held(house, house.commit(house.walk_in())) == [(2, "18:00", "19:00")]


def test_walk_in_of_many_gets_a_combination(house: Evening) -> None:
    come(house, "18:00")
    house.commit(house.walk_in(4))
    house.commit(house.walk_in(4))
    pair = house.commit(house.walk_in(4))
    assert house.entry(pair).tables == (1, 2) and [table for table, *_ in held(house, pair)] == [1, 2]
    refused(SlotTaken, house.walk_in)


@pytest.mark.parametrize("minutes", [None, 240])
def test_walk_in_leaves_at_closing_and_has_a_quarter_of_an_hour_at_least(house: Evening, minutes: int | None) -> None:
    come(house, "21:00")
    assert held(house, house.commit(house.walk_in(minutes=minutes))) == [(1, "21:00", "22:00")]
    come(house, "21:59:58")
    late = house.walk_in(minutes=minutes)
    assert held(house, house.commit(late)) == [(2, "21:59", "22:14")]
    assert late.window.until == at("22:00")


def test_walk_in_for_some_minutes(house: Evening) -> None:
    come(house, "18:00")
    assert held(house, house.commit(house.walk_in(minutes=5))) == [(1, "18:00", "18:05")]


def test_walk_in_refused(house: Evening) -> None:
    booked = house.booked(slot("18:10"), table=1)
    come(house, "18:00")
    refused(TableTooSmall, house.walk_in, 7)
    assert refused(TableTooSmall, house.walk_in, 3, [1]).extra == {}  # from the waitlist nobody passes over that
    refused(NotFound, house.walk_in, 2, [99])
    assert refused(SlotTaken, house.walk_in, 2, [1]).extra == {"in_the_way": [("booking", booked)]}
    refused(NotAsSeen, house.walk_in, day=WEDNESDAY)
    for closed in ("11:59", "22:00"):
        refused(OutsideOpeningHours, come(house, closed).walk_in)


# -- arrive, seat


def test_arrive_keeps_what_is_booked(house: Evening) -> None:
    booking = house.booked()
    change = come(house, "17:50").step("arrive", booking)
    house.commit(change)
    entry = house.entry(booking)
    assert (entry.status, entry.arrived_at, entry.seated_at) == ("arrived", at("17:50"), None)
    assert held(house, booking) == [(1, "18:00", "20:00")] and change.mail is None
    refused(Conflict, house.step, "arrive", booking)


@pytest.mark.parametrize(
    ("clock", "until"),
    [("17:30", "20:00"), ("18:00", "20:00"), ("18:40", "20:40"), ("21:00", "22:00"), ("21:55", "22:10")],
)
def test_seat_early_or_late_moves_what_is_held(house: Evening, clock: str, until: str) -> None:
    booking = house.booked()
    change = come(house, clock).step("seat", booking)
    house.commit(change)
    entry = house.entry(booking)
    assert (entry.status, entry.seated_at, entry.starts_at) == ("seated", at(clock), at("18:00"))
    assert held(house, booking) == [(1, clock, until)] and entry.ends_at == at(until)
    assert change.mail is None and change.window.holds(house.now)


def test_seat_late_is_cut_where_the_next_booking_begins_but_not_below_what_was_booked(house: Evening) -> None:
    booking, too_late = house.booked(slot("16:00"), table=1), house.booked(slot("16:00"), table=2)
    house.booked(slot("18:10"), table=1)
    following = house.booked(slot("18:00"), table=2)
    come(house, "16:40").does("seat", booking)
    assert held(house, booking) == [(1, "16:40", "18:10")]
    error = refused(SlotTaken, come(house, "17:50").step, "seat", too_late)
    assert error.extra == {"in_the_way": [("booking", following)]}


def test_seat_early_at_a_table_where_others_sit_names_them(house: Evening) -> None:
    before, booking = house.booked(slot("16:00"), table=1), house.booked(table=1)
    come(house, "16:05").does("seat", before)
    error = refused(SlotTaken, come(house, "17:50").step, "seat", booking)
    assert error.extra == {"in_the_way": [("booking", before)]}
    house.does("finish", before)
    assert come(house, "17:51").does("seat", booking).seated_at == at("17:51")


def test_seat_where_a_party_sits_longer_than_planned_names_it(house: Evening) -> None:
    late, booking = house.booked(slot("16:00"), table=1), house.booked(table=1)
    come(house, "16:00").does("seat", late)
    come(house, "18:05")
    for call in (house.step, lambda *_: house.walk_in(2, [1])):
        assert refused(SlotTaken, call, "seat", booking).extra["in_the_way"][0] == ("booking", late)
    assert house.entry(house.commit(house.walk_in())).table_id == 2  # nobody is led to it


def test_seat_at_other_tables(house: Evening) -> None:
    booking = house.booked()
    come(house, "18:00")
    refused(TableTooSmall, house.step, "seat", house.booked(slot("18:30"), 4, 4), [1])
    refused(NotFound, house.step, "seat", booking, [99])
    entry = house.does("seat", booking, [3, 2])
    assert entry.tables == (3, 2) and {table for table, *_ in entry.occupied} == {2, 3}


def test_seat_for_less_than_was_booked_only_at_named_tables_and_where_that_is_said(house: Evening) -> None:
    come(house, "18:00")
    house.booked(slot("19:00"), table=2)
    booking = house.booked(slot("18:01"), table=1)
    refused(SlotTaken, house.step, "seat", booking, [2])
    refused(
        SlotTaken, come(house, "18:46").step, "seat", booking, [2], short=True
    )  # for less than a quarter of an hour
    house.commit(come(house, "18:45").step("seat", booking, [2], short=True))
    assert held(house, booking) == [(2, "18:45", "19:00")]


def test_seat_no_show_who_comes_after_all(house: Evening) -> None:
    booking = house.booked()
    come(house, "18:20").does("no_show", booking)
    assert held(house, booking) == []
    assert come(house, "18:25").does("seat", booking).table_id == 1
    house.does("undo", booking)
    house.commit(house.walk_in(2, [1]))
    entry = house.does("seat", booking)
    assert (entry.table_id, entry.status) == (2, "seated") and held(house, booking) == [(2, "18:25", "20:25")]


def midnight(house: Evening) -> Evening:
    house.now = at("00:00", WEDNESDAY)
    return house


def test_seat_and_arrive_are_of_their_day(house: Evening) -> None:
    booking = house.booked()
    for what in ("arrive", "seat"):
        house.now = at("12:00", TUESDAY) - timedelta(hours=2, seconds=1)
        refused(NotAtThisTime, house.step, what, booking)
        house.now += timedelta(seconds=1)
        house.step(what, booking)
        come(house, "23:59:59").step(what, booking)  # closed, and the day is on
        refused(OutsideOpeningHours, midnight(house).step, what, booking)
    early, late = come(house, "18:00").step("arrive", booking), come(house, "23:59:58").step("seat", booking)
    assert early.window == Window(at("17:59:55"), at("18:00:05")) and late.window.until == at("00:00", WEDNESDAY)


def test_who_is_seated_after_the_closing_sits_for_a_while_and_leaves(house: Evening) -> None:
    booking = house.booked()
    come(house, "22:10").does("arrive", booking)
    come(house, "22:20").does("seat", booking)
    assert held(house, booking) == [(1, "22:20", "22:35")]
    assert come(house, "22:50").does("finish", booking).status == "finished"
    assert house.does("undo", booking).status == "seated"


def test_nobody_is_seated_into_the_next_service_day(house: Evening) -> None:
    house.rules = make_rules(opens=0, closes=23)
    booking = house.booked()
    assert come(house, "23:50").does("seat", booking).ends_at == at("00:00", WEDNESDAY)


def test_seat_across_midnight_where_it_never_closes() -> None:
    house = Evening(rules=AROUND_THE_CLOCK)
    booking = house.booked(slot("00:00", WEDNESDAY, AROUND_THE_CLOCK))
    house.now = at("23:50")
    assert house.does("seat", booking).occupied == ((1, at("23:50"), at("02:00", WEDNESDAY)),)
    refused(SlotTaken, house.walk_in, 2, [1])  # on the day before


# -- finish, no-show


def test_finish_frees_the_table_at_once(house: Evening) -> None:
    booking = house.booked()
    come(house, "18:00").does("seat", booking)
    entry = come(house, "18:45").does("finish", booking)
    assert (entry.status, entry.left_at) == ("finished", at("18:45")) and held(house, booking) == [
        (1, "18:00", "18:45")
    ]
    assert house.entry(house.commit(house.walk_in())).table_id == 1


def test_finish_after_the_end_takes_nothing_of_who_follows(house: Evening) -> None:
    late, following = house.booked(slot("16:00"), table=1), house.booked(table=1)
    come(house, "16:00").does("seat", late)
    entry = come(house, "18:20").does("finish", late)
    assert entry.left_at == at("18:20") and held(house, late) == [(1, "16:00", "18:00")]
    come(house, "18:21").does("seat", following)


def test_finish_in_the_second_of_sitting_down_holds_nothing(house: Evening) -> None:
    booking = house.commit(come(house, "18:00").walk_in())
    assert house.does("finish", booking).occupied == ()


def test_no_show_is_late_first(house: Evening) -> None:
    booking = house.booked()
    refused(NotAtThisTime, come(house, "17:59:59").step, "no_show", booking)
    change = come(house, "18:00").step("no_show", booking)
    house.commit(change)
    assert change.window.since == at("18:00") and change.mail is None
    assert (house.entry(booking).status, held(house, booking)) == ("no_show", [])


@pytest.mark.parametrize("when", ["18:30", "20:30"])
def test_party_that_arrived_and_left_without_sitting_is_finished_also_after_its_end(house: Evening, when: str) -> None:
    booking = house.booked()
    come(house, "18:05").does("arrive", booking)
    change = come(house, when).step("finish", booking)
    house.commit(change)
    entry = house.entry(booking)
    assert (entry.status, entry.left_at, entry.seated_at, change.mail) == ("finished", at(when), None, None)
    assert held(house, booking) == [(1, "18:00", min(when, "20:00"))]


def test_party_that_leaves_before_its_start_held_nothing(house: Evening) -> None:
    booking = house.booked()
    come(house, "17:40").does("arrive", booking)
    come(house, "17:50").does("finish", booking)
    assert held(house, booking) == []


def test_party_that_was_taken_for_another_is_a_no_show_and_has_not_arrived(house: Evening) -> None:
    booking = house.booked()
    come(house, "17:50").does("arrive", booking)
    refused(NotAtThisTime, come(house, "17:59:59").step, "no_show", booking)
    entry = come(house, "20:30").does("no_show", booking)
    assert (entry.status, entry.arrived_at, held(house, booking)) == ("no_show", None, [])


# -- extend


def test_extend_from_the_plan_or_from_now_when_that_is_later(house: Evening) -> None:
    booking = house.booked()
    come(house, "18:00").does("seat", booking)
    assert come(house, "18:30").does("extend", booking, minutes=15).ends_at == at("20:15")
    change = come(house, "20:20").step("extend", booking, minutes=15)
    house.commit(change)
    assert house.entry(booking).ends_at == at("20:35") and change.mail is None
    assert held(house, booking) == [(1, "18:00", "20:35")]


def test_extend_names_who_is_next_and_where_they_could_go(house: Evening) -> None:
    booking, following = house.booked(table=1), house.booked(slot("20:00"), table=1)
    come(house, "18:00").does("seat", booking)
    extra = refused(SlotTaken, house.step, "extend", booking, minutes=15).extra
    assert extra == {"in_the_way": [("booking", following)], "next": (following, house.entry(following), [2])}
    for guests, table in ((2, 2), (4, 3), (6, 4)):
        house.booked(slot("20:00"), guests, table)
    assert refused(SlotTaken, house.step, "extend", booking, minutes=15).extra["next"][2] == []


def test_extend_of_a_combination_sends_nobody_to_its_own_tables(house: Evening) -> None:
    booking, following = house.booked(guests=4, table=(1, 2)), house.booked(slot("20:00"), table=1)
    come(house, "18:00").does("seat", booking)
    assert refused(SlotTaken, house.step, "extend", booking).extra["next"] == (following, house.entry(following), [3])


def test_extend_where_who_is_next_sits_already_or_is_no_booking(house: Evening) -> None:
    late, following = house.booked(slot("16:00"), table=1), house.booked(table=1)
    come(house, "16:00").does("seat", late)
    view = house.view(TUESDAY)
    view.put(following, {**view.raw[following], "status": "seated", "seated_at": "2026-11-24T18:00:00Z"})
    come(house, "18:01")
    assert refused(SlotTaken, house.step, "extend", late).extra["next"] == (following, view.entries[following], [])
    view.put(following, None)
    view.put(5, {"tables": [1], "starts_at": "2026-11-24T18:00:00Z", "ends_at": "2026-11-24T19:00:00Z", "revision": 1},
             "block")  # fmt: skip
    assert refused(SlotTaken, house.step, "extend", late).extra == {"in_the_way": [("block", 5)], "next": None}


def test_extend_beyond_closing_but_not_into_the_next_service_day(house: Evening) -> None:
    booking = house.booked(slot("20:00"))
    come(house, "20:00").does("seat", booking)
    assert house.does("extend", booking, minutes=1440).ends_at == at("12:00", WEDNESDAY)
    refused(OutsideOpeningHours, house.step, "extend", booking)


def test_free_until_leaves_bookings_out(house: Evening) -> None:
    booking, day = house.booked(table=1), house.day(TUESDAY)
    assert Room(day, at("17:00")).free_until([1, 2], at("17:00"), at("19:00")) == at("18:00")
    assert Room(day, at("17:00"), (booking,)).free_until([1, 2], at("17:00"), at("19:00")) == at("19:00")


# -- every verb


VERBS = ("arrive", "seat", "finish", "no_show", "extend")


@pytest.mark.parametrize("verb", [*VERBS, "undo"])
def test_every_verb_is_decided_on_what_was_read(house: Evening, verb: str) -> None:
    booking = house.booked()
    come(house, "18:00")
    house.seen[booking] = replace(house.seen[booking], revisions=frozenset({7}))
    refused(Changed, house.step, verb, booking)
    house.seen[booking] = replace(house.seen[booking], revisions=None, revision=7)
    refused(NotAsSeen, house.step, verb, booking)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_of_a_booking_that_has_ended(house: Evening, verb: str) -> None:
    over, canceled = house.booked(), house.booked()
    come(house, "18:00").does("seat", over)
    house.does("finish", over)
    house.commit(house.step("cancel", canceled))
    refused(AlreadyOver, house.step, verb, over)
    refused(AlreadyCanceled, house.step, verb, canceled)


def test_seconds_are_whole_and_windows_near(house: Evening) -> None:
    moment = datetime(2026, 11, 24, 18, 0, 0, 999999, UTC)
    assert service.whole(moment) == at("18:00:00")
    assert service.near(moment) == Window(at("18:00:00") - NEAR, at("18:00:00") + NEAR)
    booking = house.booked()
    house.now = moment + MINUTE
    change: Change = house.step("seat", booking)
    assert change.booking is not None and change.booking.seated_at == at("18:01:00")
