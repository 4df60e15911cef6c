"""What each verb decides: the change in full, and every refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.domain import calendar, decisions, lifecycle
from hub.domain.change import NEW, Change, NewEvent, Party, Window
from hub.domain.events import MAIN, stream_of
from hub.domain.floor import Area, Combination, FloorView
from hub.domain.floor_decisions import add_table, change_table, remove_table
from hub.errors import (
    AlreadyCanceled,
    AlreadyOver,
    Changed,
    Conflict,
    Forbidden,
    HubError,
    InThePast,
    NotAsSeen,
    NotFound,
    SlotTaken,
    TableTooSmall,
    TooFarAhead,
    TooLateToCancel,
    TooLateToChange,
)
from tests.pure.hub.domain.house import (
    ADA,
    AROUND_THE_CLOCK,
    NOW,
    PLAN,
    RULES,
    THURSDAY,
    TUESDAY,
    WALK_IN,
    WEDNESDAY,
    House,
    slot,
)
from tests.pure.hub.domain.rules import HOUR, MINUTE, TICK


@pytest.fixture
def house() -> House:
    return House()


# ── book ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_booking_is_a_row_an_event_and_a_confirmation(house: House) -> None:
    change = house.book(slot(), 2)
    assert change.booking is not None
    entry = {
        "guest_id": ADA.guest_id,
        "user_id": ADA.user_id,
        "table_id": 1,
        "guests": 2,
        "starts_at": "2026-11-24T18:00:00Z",
        "ends_at": "2026-11-24T20:00:00Z",
        "status": "booked",
        "revision": 1,
        "occupied": [[1, "2026-11-24T18:00:00Z", "2026-11-24T20:00:00Z"]],
    }
    assert change.booking.entry() == entry
    assert change.events == [NewEvent(stream_of(MAIN, TUESDAY), "booked", {"booking": None, "entry": entry})]
    assert (change.booking.id, change.mail, change.table, change.free) == (NEW, "confirmed", None, None)
    assert change.window == Window(*calendar.bookable_between(slot(), RULES))
    assert (change.booking.venue_id, change.booking.party) == (MAIN, ADA)


def test_table_is_the_smallest_that_is_free_or_the_one_that_is_named(house: House) -> None:
    tables = [house.view(TUESDAY).entries[house.booked()].table_id for _ in range(3)]
    assert tables == [1, 2, 3]
    with pytest.raises(SlotTaken) as refused:
        house.book(slot())
    offered = refused.value.extra["alternatives"]
    assert [each for each, _ in offered] == [slot("16:00"), slot("20:00"), slot("15:45")]
    assert house.book(slot("14:00"), table=3).booking.table.id == 3  # type: ignore[union-attr]
    with pytest.raises(SlotTaken):
        house.book(slot("17:00"), table=2)


@pytest.mark.parametrize(
    ("asks", "error"),
    [
        (lambda house: house.book(slot(), table=99), NotFound),
        (lambda house: house.book(slot(), 3, table=1), TableTooSmall),
        (lambda house: house.book(slot(), 7), TableTooSmall),
        (lambda house: house.book(slot(day=date(2026, 11, 22))), InThePast),
        (lambda house: house.book(slot(day=date(2028, 11, 24))), TooFarAhead),
    ],
)
def test_booking_is_refused(house: House, asks: Callable[[House], Change], error: type[HubError]) -> None:
    with pytest.raises(error):
        asks(house)


def test_booking_of_the_day_before_reaches_into_this_day() -> None:
    house = House(rules=AROUND_THE_CLOCK, room=FloorView(1, PLAN[:1]))
    house.booked(slot("23:00", rules=AROUND_THE_CLOCK))
    with pytest.raises(SlotTaken):
        house.book(slot("00:45", WEDNESDAY, AROUND_THE_CLOCK))
    house.booked(slot("01:00", WEDNESDAY, AROUND_THE_CLOCK))


def test_several_tables_are_one_booking_that_takes_all_of_them(house: House) -> None:
    booking = house.booked(guests=4, table=(2, 1))
    entry = house.view(TUESDAY).entries[booking]
    assert (entry.table_id, entry.tables) == (2, (2, 1))
    assert house.view(TUESDAY).taken.keys() == {1, 2}
    with pytest.raises(SlotTaken):
        house.book(slot("17:00"), 3, table=(1, 3))
    with pytest.raises(TableTooSmall):
        house.book(slot("12:00"), 5, table=(1, 2))
    with pytest.raises(NotFound):
        house.book(slot("12:00"), 2, table=(1, 99))


def test_a_combination_is_chosen_when_no_table_is_large_enough_or_free(house: House) -> None:
    house.room = FloorView(4, PLAN, combinations=[Combination(1, "Both", (1, 2), 3, 5)])
    assert [change.booking.table.id for change in [house.book(slot(), 4)] if change.booking] == [3]
    house.booked(table=3)
    change = house.book(slot(), 5)
    assert change.booking is not None and [table.id for table in change.booking.tables] == [1, 2]
    house.commit(change)
    with pytest.raises(SlotTaken) as refused:
        house.book(slot(), 5)
    assert [unit.ids for _, unit in refused.value.extra["alternatives"]] == [(3,)] * 3
    with pytest.raises(TableTooSmall):
        house.book(slot("12:00"), 7)


def test_only_tables_of_the_area_are_chosen(house: House) -> None:
    hall = [replace(table, area_id=1) for table in PLAN[:2]]
    house.room = FloorView(4, [*hall, PLAN[2]], areas=[Area(1, "Hall")])
    assert [house.booked(table=2), house.book(slot(), area=1).booking.table.id][1] == 1  # type: ignore[union-attr]
    house.booked(table=1)
    with pytest.raises(SlotTaken):
        house.book(slot(), area=1)
    with pytest.raises(TableTooSmall):
        house.book(slot("12:00"), 3, area=1)


# ── reschedule ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_move_on_its_day_is_one_event_and_a_mail(house: House) -> None:
    booking = house.booked()
    change = house.move(booking, slot("19:00"), 2)  # its own time is free for it
    assert change.booking is not None and change.booking.table.id == 1
    assert [(event.stream, event.kind) for event in change.events] == [(stream_of(MAIN, TUESDAY), "rescheduled")]
    assert (change.booking.revision, change.mail) == (2, "rescheduled")
    since, until = calendar.bookable_between(slot("19:00"), RULES)
    assert change.window == Window(since, min(until, slot().starts_at - RULES.cancel_deadline + TICK))
    house.commit(change)
    assert house.view(TUESDAY).entries[booking].starts_at == slot("19:00").starts_at


@pytest.mark.parametrize("party", [ADA, WALK_IN], ids=["an account", "a guest without one"])
def test_whose_a_booking_is_and_what_was_said_of_it_stays_as_it_was(party: Party) -> None:
    house = House(party=party)
    booking = house.booked()
    for change in (house.move(booking, slot("19:00"), 2), house.cancel(booking), house.move(booking, slot(), 2)):
        assert change.booking is not None
        assert (change.booking.party, change.booking.venue_id) == (party, MAIN)
    shown = house.view(TUESDAY).entries[booking]
    assert (shown.guest_id, shown.user_id) == (party.guest_id, party.user_id)
    assert house.view(TUESDAY).raw[booking].keys() & {"note", "house_note", "occasion", "needs", "reference"} == set()


def test_move_to_another_day_leaves_one_and_arrives_at_the_other(house: House) -> None:
    booking = house.booked()
    change = house.move(booking, slot(day=WEDNESDAY), 2, staff=True)
    assert [(event.stream, event.kind) for event in change.events] == [
        (stream_of(MAIN, TUESDAY), "moved_away"),
        (stream_of(MAIN, WEDNESDAY), "moved_here"),
    ]
    assert change.events[0].data == {"booking": booking, "entry": None}
    assert change.window.until == min(calendar.bookable_between(slot(day=WEDNESDAY), RULES)[1], slot().ends_at)
    house.commit(change)
    assert house.view(TUESDAY).entries == {} and house.view(TUESDAY).taken.get(1, []) == []


def test_another_table_alone_is_told_by_no_mail(house: House) -> None:
    booking = house.booked()
    change = house.move(booking, slot(), 2, 2)
    assert change.mail is None and change.booking is not None and change.booking.table.id == 2
    assert change.window.since is None


@pytest.mark.parametrize("table", [1, None])
def test_what_is_as_it_was_is_no_change(house: House, table: int | None) -> None:
    booking = house.booked()
    change = house.move(booking, slot(), 2, table)
    assert (change.events, change.mail, change.window) == ((), None, Window())
    assert change.booking is not None and change.booking.entry() == house.view(TUESDAY).raw[booking]


def test_smaller_party_is_never_too_late_and_all_else_is(house: House) -> None:
    booking = house.booked()
    house.now = slot().starts_at - MINUTE
    smaller = house.move(booking, slot(), 1, 1)
    assert smaller.window == Window(until=slot().ends_at) and smaller.mail == "rescheduled"
    for wanted, guests, table in ((slot(), 3, None), (slot("20:00"), 2, None), (slot(), 1, 2), (slot(), 2, 2)):
        with pytest.raises(TooLateToChange):
            house.move(booking, wanted, guests, table)
        assert house.move(booking, wanted, guests, table, staff=True).events
    house.now = slot().starts_at - RULES.cancel_deadline  # the last instant
    assert house.move(booking, slot("20:00")).events


@pytest.mark.parametrize(
    ("asks", "error"),
    [
        (lambda house, booking: house.move(booking, slot("12:00", date(2026, 11, 23) - timedelta(days=1))), InThePast),
        (lambda house, booking: house.move(booking, slot(day=date(2028, 11, 24))), TooFarAhead),
        (lambda house, booking: house.move(booking, slot(), 2, 99), NotFound),
        (lambda house, booking: house.move(booking, slot(), 7), TableTooSmall),
        (lambda house, booking: house.move(booking, slot("19:00"), revision=9), NotAsSeen),
        (lambda house, booking: house.move(booking, slot("19:00"), id=12345), NotAsSeen),
        (lambda house, booking: house.move(booking, slot("19:00"), revisions=frozenset({2})), Changed),
        (lambda house, booking: house.cancel(booking, revision=9), NotAsSeen),
        (lambda house, booking: house.cancel(booking, id=12345), NotAsSeen),
        (lambda house, booking: house.cancel(booking, day=WEDNESDAY), NotAsSeen),
        (lambda house, booking: house.cancel(booking, revisions=frozenset()), Changed),
    ],
)
def test_change_is_refused(house: House, asks: Callable[[House, int], Change], error: type[HubError]) -> None:
    booking = house.booked()
    before = house.state()
    with pytest.raises(error):
        asks(house, booking)
    assert house.state() == before


def test_booking_that_is_shown_on_another_day_than_was_read_has_changed(house: House) -> None:
    booking = house.booked()
    with pytest.raises(Conflict):
        decisions.cancel(
            house.read(booking, service_date=WEDNESDAY), house.view(TUESDAY), staff=True, rules=RULES, now=NOW
        )


def test_move_onto_others_is_refused_with_what_is_free(house: House) -> None:
    house.room = FloorView(1, PLAN[:1])
    house.booked(slot("16:00"))
    booking = house.booked()
    with pytest.raises(SlotTaken) as refused:
        house.move(booking, slot("17:00"))
    first, unit = refused.value.extra["alternatives"][0]
    assert (first, unit.ids) == (slot("18:00"), (1,))  # where it is now


@pytest.mark.parametrize(
    ("status", "error"),
    [("canceled", AlreadyCanceled), ("finished", AlreadyOver), ("no_show", AlreadyOver), ("seated", Conflict)],
)
@pytest.mark.parametrize("verb", ["move", "cancel"])
def test_status_that_allows_no_change(house: House, status: str, error: type[HubError], verb: str) -> None:
    booking = house.booked()
    house.ended(booking, status)
    with pytest.raises(error):
        house.cancel(booking, staff=True) if verb == "cancel" else house.move(booking, slot("19:00"), staff=True)


@pytest.mark.parametrize("verb", ["move", "cancel"])
def test_booking_whose_time_is_over_never_changes(house: House, verb: str) -> None:
    booking = house.booked()
    house.now = slot().ends_at
    with pytest.raises(AlreadyOver):
        house.cancel(booking, staff=True) if verb == "cancel" else house.move(booking, slot(day=THURSDAY), staff=True)


def test_a_booking_of_several_tables_keeps_them_or_gets_others(house: House) -> None:
    booking = house.booked(guests=4, table=(2, 1))
    assert house.move(booking, slot(), 4, (1, 2)).events == ()  # in whichever order
    assert house.move(booking, slot(), 3, (1, 2)).events
    house.commit(house.move(booking, slot("19:00"), 4, (2, 1)))
    assert house.view(TUESDAY).entries[booking].tables == (2, 1)
    house.commit(change := house.move(booking, slot("19:00"), 4))
    assert change.booking is not None and (change.booking.tables, change.mail) == ((PLAN[2],), None)
    assert house.view(TUESDAY).taken.keys() == {3}


def test_a_party_that_is_here_is_changed_by_staff_alone(house: House) -> None:
    booking = house.booked()
    house.ended(booking, "arrived")
    for asks in (
        lambda staff: house.move(booking, slot("19:00"), staff=staff),
        lambda staff: house.cancel(booking, staff=staff),
    ):
        with pytest.raises(Forbidden):
            asks(False)
        assert asks(True).events
    moved = house.move(booking, slot("19:00"), staff=True).booking
    assert moved is not None and moved.status == "arrived"


# ── cancel ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_cancellation_frees_the_table(house: House) -> None:
    booking = house.booked()
    change = house.cancel(booking)
    assert change.booking is not None
    assert (change.booking.status, change.booking.revision, change.booking.entry()) == ("canceled", 2, None)
    assert change.events == [NewEvent(stream_of(MAIN, TUESDAY), "canceled", {"booking": booking, "entry": None})]
    assert change.mail == "canceled"
    assert change.window == Window(until=slot().starts_at - RULES.cancel_deadline + TICK)
    undo = change.booking.undo
    assert undo is not None and (undo.action, undo.until) == ("cancel", NOW + lifecycle.UNDO_TIME)
    assert undo.before == {
        "status": "booked", "tables": [1], "guests": 2, "pinned": False, "starts_at": "2026-11-24T18:00:00Z",
        "ends_at": "2026-11-24T20:00:00Z", "arrived_at": None, "seated_at": None, "table_since": None, "left_at": None,
    }  # fmt: skip
    house.commit(change)
    assert house.view(TUESDAY).entries == {}
    with pytest.raises(AlreadyCanceled):
        house.cancel(booking)


def test_guest_cancels_until_the_deadline_and_staff_until_the_end(house: House) -> None:
    booking = house.booked()
    house.now = slot().starts_at - RULES.cancel_deadline
    assert house.cancel(booking).events
    house.now += TICK
    with pytest.raises(TooLateToCancel):
        house.cancel(booking)
    assert house.cancel(booking, staff=True).window == Window(until=slot().ends_at)


def test_window_is_half_open() -> None:
    window = Window(NOW, NOW + HOUR)
    assert [window.holds(at) for at in (NOW - TICK, NOW, NOW + HOUR - TICK, NOW + HOUR)] == [False, True, True, False]
    assert Window().holds(NOW) and Window(since=NOW).holds(NOW) and not Window(until=NOW).holds(NOW)


# ── another venue ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_change_of_another_venue_is_an_event_of_its_own_streams() -> None:
    house = House(venue_id=17)  # which judges each event that it commits
    booking = house.commit(made := house.book(slot(), 2))
    house.commit(moved := house.move(booking, slot("19:00")))
    house.commit(away := house.move(booking, slot(day=WEDNESDAY)))
    house.commit(canceled := house.cancel(booking))
    added = house.commit(add_table(house.room, 17, name="Window", seats=4))
    house.commit(change_table(house.room, 17, added, name="Door", seats=None))
    house.commit(remove_table(house.room, 17, added))
    streams = [event.stream for change in (made, moved, away, canceled) for event in change.events]
    assert streams == [f"17/day:{day}" for day in ("2026-11-24",) * 3 + ("2026-11-25",) * 2]
    assert [change.booking.venue_id for change in (made, moved, away, canceled) if change.booking] == [17] * 4
    assert house.room.version == len(PLAN) + 3 and added not in house.room.tables
