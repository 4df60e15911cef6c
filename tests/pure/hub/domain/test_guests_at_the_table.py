"""The number of guests of a party that sits is put right, whatever the seats and the plan; and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.calendar import Slot
from hub.errors import AlreadyOver, Changed, Conflict, Forbidden, SlotTaken
from tests.pure.hub.domain.house import TUESDAY, slot
from tests.pure.hub.domain.service_evening import Evening, come, refused


@pytest.fixture
def house() -> Evening:
    return Evening()


def sat(house: Evening, guests: int = 4, table: int = 3) -> int:
    booking = house.booked(slot("18:00"), guests, table)
    come(house, "18:05").does("seat", booking)
    return booking


@pytest.mark.parametrize("guests", [1, 3, 5, 20])
def test_number_is_as_they_are_counted_at_their_table(house: Evening, guests: int) -> None:
    booking = sat(house)
    before = house.entry(booking)
    house.commit(come(house, "18:30").move(booking, slot("18:00"), guests, 3, staff=True))
    after = house.entry(booking)
    assert after.undo is not None and after.undo.action == "reschedule"
    assert after == replace(before, guests=guests, revision=before.revision + 1, undo=after.undo)
    assert house.does("undo", booking) == replace(before, revision=before.revision + 2, undo=None)


def test_number_of_a_walk_in_is_put_right(house: Evening) -> None:
    booking = house.commit(come(house, "18:05").walk_in(2, [1]))
    sits = house.entry(booking)
    house.commit(come(house, "18:06").move(booking, Slot(sits.starts_at, sits.ends_at, TUESDAY), 3, 1, staff=True))
    assert (house.entry(booking).guests, house.entry(booking).tables) == (3, (1,))


def test_number_is_put_right_after_the_planned_end_and_while_others_wait_for_the_table(house: Evening) -> None:
    booking = house.booked(slot("18:00"), 4, 3)
    house.booked(slot("20:00"), 4, 3)
    come(house, "18:00").does("seat", booking)
    house.commit(come(house, "20:10").move(booking, slot("18:00"), 3, 3, staff=True))
    assert house.entry(booking).guests == 3


def test_same_number_is_no_change(house: Evening) -> None:
    booking = sat(house)
    assert not house.move(booking, slot("18:00"), 4, 3, staff=True).events


def test_who_sits_keeps_time_and_tables(house: Evening) -> None:
    booking = sat(house)
    says = "only the number of guests"
    for wanted, table, pinned in ((slot("18:15"), 3, None), (slot("18:00"), 4, None), (slot("18:00"), None, None),
                                  (slot("18:00"), 3, True)):  # fmt: skip
        error = refused(Conflict, house.move, booking, wanted, 3, table, staff=True, pinned=pinned)
        assert says in error.message


def test_number_is_the_staffs_to_say_and_of_who_sits(house: Evening) -> None:
    booking = sat(house)
    refused(Forbidden, house.move, booking, slot("18:00"), 3, 3)
    refused(Changed, house.move, booking, slot("18:00"), 3, 3, staff=True, revisions=frozenset({1}))
    come(house, "18:40").does("finish", booking)
    refused(AlreadyOver, house.move, booking, slot("18:00"), 3, 3, staff=True)


def test_more_than_the_seats_can_leave_and_come_back(house: Evening) -> None:
    """What is taken back is that they left: that so many sat there was so."""
    booking = sat(house)
    house.commit(come(house, "18:40").move(booking, slot("18:00"), 5, 3, staff=True))
    house.does("finish", booking)
    assert (house.does("undo", booking).guests, house.entry(booking).status) == (5, "seated")
    house.does("finish", booking)
    other = house.commit(come(house, "18:41").walk_in(2, [3]))
    assert refused(SlotTaken, house.step, "undo", booking).extra == {"in_the_way": [("booking", other)]}
