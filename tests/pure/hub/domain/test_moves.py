"""Other tables for a booking, and two that exchange theirs: who sits takes them from now on, and nobody is shared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.domain import moves
from hub.domain.service import near
from hub.errors import (
    AlreadyOver,
    Changed,
    Conflict,
    HubError,
    NotAsSeen,
    NotFound,
    OutsideOpeningHours,
    SlotTaken,
    TableTooSmall,
)
from tests.pure.hub.domain.house import TUESDAY, WEDNESDAY, slot
from tests.pure.hub.domain.service_evening import Evening, at


@pytest.fixture
def house() -> Evening:
    return Evening()


def come(house: Evening, clock: str) -> Evening:
    house.now = at(clock)
    return house


def held(house: Evening, booking: int) -> list[tuple[int, str, str]]:
    return [(table, f"{since:%H:%M}", f"{until:%H:%M}") for table, since, until in house.entry(booking).occupied]


def refused(error: type[HubError], call: Any, *given: Any, **more: Any) -> HubError:
    with pytest.raises(HubError) as found:
        call(*given, **more)
    assert type(found.value) is error, found.value
    return found.value


def test_move_before_they_come_keeps_the_time(house: Evening) -> None:
    booking = house.booked()
    change = house.at_tables(booking, [3, 2])
    house.commit(change)
    entry = house.entry(booking)
    assert (entry.tables, entry.table_id, entry.table_since) == ((3, 2), 3, None)
    assert held(house, booking) == [(2, "18:00", "20:00"), (3, "18:00", "20:00")]
    assert (change.mail, [each.kind for each in change.events], change.window) == (None, ["reseated"], near(house.now))


def test_move_who_sits_from_now_on(house: Evening) -> None:
    booking = house.booked()
    come(house, "18:00").does("seat", booking)
    house.commit(come(house, "18:30").at_tables(booking, [2]))
    entry = house.entry(booking)
    assert (entry.seated_at, entry.table_since) == (at("18:00"), at("18:30"))
    assert held(house, booking) == [(2, "18:30", "20:00")]
    assert house.entry(house.commit(house.walk_in())).table_id == 1


def test_move_who_sits_longer_than_planned_has_a_quarter_of_an_hour_at_least(house: Evening) -> None:
    booking = house.booked()
    come(house, "18:00").does("seat", booking)
    house.commit(come(house, "20:30").at_tables(booking, [2]))
    assert held(house, booking) == [(2, "20:30", "20:45")]
    come(house, "12:00")
    house.now = at("12:00", WEDNESDAY)
    refused(OutsideOpeningHours, house.at_tables, booking, [1])


def test_pin_alone_and_with_tables(house: Evening) -> None:
    booking = house.booked()
    house.commit(house.at_tables(booking, pinned=True))
    assert house.entry(booking).pinned and held(house, booking) == [(1, "18:00", "20:00")]
    house.commit(house.at_tables(booking, [2]))
    assert house.entry(booking).pinned
    house.commit(house.at_tables(booking, [3], pinned=False))
    assert (house.entry(booking).pinned, house.entry(booking).table_id) == (False, 3)


@pytest.mark.parametrize("staff", [True, False])
def test_pinned_gets_no_other_table_by_choice(house: Evening, staff: bool) -> None:
    booking = house.booked(table=1)
    house.commit(house.at_tables(booking, pinned=True))
    refused(TableTooSmall, house.move, booking, slot(), guests=4, staff=staff)
    house.booked(slot("20:00"), table=1)
    refused(SlotTaken, house.move, booking, slot("19:00"), staff=staff)
    house.commit(house.move(booking, slot("17:45"), staff=staff))
    assert (house.entry(booking).table_id, house.entry(booking).pinned) == (1, True)


def test_pinned_goes_elsewhere_where_staff_name_the_table_or_let_it_move(house: Evening) -> None:
    booking = house.booked(table=1)
    house.commit(house.at_tables(booking, pinned=True))
    house.commit(house.move(booking, slot(), guests=4, table=4, staff=True))
    assert (house.entry(booking).table_id, house.entry(booking).pinned) == (4, True)
    house.commit(house.move(booking, slot(), guests=3, staff=True, pinned=False))
    assert (house.entry(booking).table_id, house.entry(booking).pinned) == (3, False)
    assert not house.move(booking, slot(), guests=3, table=3, staff=True, pinned=False).events
    house.commit(house.move(booking, slot(), guests=3, table=3, staff=True, pinned=True))
    assert house.entry(booking).pinned


@pytest.mark.parametrize("same", [{"tables": [1]}, {"pinned": False}, {"tables": [1], "pinned": False}])
def test_move_to_what_it_has_is_no_change(house: Evening, same: dict[str, Any]) -> None:
    booking = house.booked()
    # As a process reads it: of a booking's tables it knows the names and seats alone.
    read = house.seen[booking]
    house.seen[booking] = replace(read, table=replace(read.table, area_id=None))
    assert not house.at_tables(booking, **same).events


def test_move_refused_names_who_is_there(house: Evening) -> None:
    booking, other = house.booked(table=1), house.booked(slot("19:00"), table=2)
    assert refused(SlotTaken, house.at_tables, booking, [2]).extra == {"in_the_way": [("booking", other)]}
    refused(NotFound, house.at_tables, booking, [99])
    refused(TableTooSmall, house.at_tables, house.booked(guests=4), [1])
    come(house, "18:00").does("seat", booking)
    house.does("finish", booking)
    refused(AlreadyOver, house.at_tables, booking, [3])


def test_move_where_a_party_sits_longer_than_planned(house: Evening) -> None:
    late, booking = house.booked(slot("16:00"), table=1), house.booked(table=2)
    come(house, "16:00").does("seat", late)
    come(house, "18:05")
    assert refused(SlotTaken, house.at_tables, booking, [1]).extra == {"in_the_way": [("booking", late)]}
    house.does("seat", booking)
    assert refused(SlotTaken, house.at_tables, booking, [1]).extra == {"in_the_way": [("booking", late)]}


def test_swap_who_sits_and_who_comes(house: Evening) -> None:
    sits, comes = house.booked(table=1), house.booked(slot("19:00"), table=2)
    come(house, "18:00").does("seat", sits)
    change = come(house, "18:20").swap(sits, comes)
    house.commit(change)
    assert (held(house, sits), held(house, comes)) == ([(2, "18:20", "20:00")], [(1, "19:00", "21:00")])
    assert [(event.kind, event.data["booking"]) for event in change.events] == [("reseated", sits), ("reseated", comes)]
    assert change.mail is None


def test_swap_two_that_sit(house: Evening) -> None:
    one, other = house.booked(table=1), house.booked(guests=4, table=(3, 2))
    come(house, "18:00")
    for booking in (one, other):
        house.does("seat", booking)
    refused(TableTooSmall, come(house, "18:10").swap, one, other)
    small = house.commit(house.walk_in(2, [4]))
    house.commit(house.swap(small, other))
    assert house.entry(other).tables == (4,) and house.entry(small).tables == (3, 2)


def test_swap_refused_where_others_or_the_two_themselves_are_in_the_way(house: Evening) -> None:
    one, other, third = house.booked(table=1), house.booked(slot("20:00"), table=2), house.booked(table=2)
    assert refused(SlotTaken, house.swap, other, one).extra == {"in_the_way": [("booking", third)]}
    # One of two bookings that share a table, and follow each other there, sits longer than planned.
    house = Evening()
    sits, follows = house.booked(slot("16:00"), table=(1, 2)), house.booked(table=(2, 3))
    come(house, "16:00").does("seat", sits)
    house.commit(come(house, "17:40").swap(sits, follows))
    house = Evening()
    sits, follows = house.booked(slot("16:00"), table=(1, 2)), house.booked(table=(2, 3))
    come(house, "16:00").does("seat", sits)
    error = refused(SlotTaken, come(house, "18:10").swap, sits, follows)
    assert error.extra == {"in_the_way": [("booking", follows)]}


def test_swap_of_bookings_that_can_not_be(house: Evening) -> None:
    one, tomorrow = house.booked(), house.booked(slot("18:00", WEDNESDAY))
    refused(Conflict, house.swap, one, one)
    refused(Conflict, house.swap, one, tomorrow)
    over = house.booked()
    come(house, "18:00").does("seat", over)
    house.does("finish", over)
    for pair in ((one, over), (over, one)):
        refused(AlreadyOver, house.swap, *pair)
    other = house.booked(slot("20:00"))
    stale = replace(house.seen[other], revision=9)
    for error, seen in ((NotAsSeen, stale), (Changed, replace(stale, revisions=frozenset({1})))):
        refused(error, moves.swap, house.seen[one], seen, house.day(TUESDAY), house.room, rules=house.rules,
                now=house.now)  # fmt: skip
