"""More people than a table is made for: staff may, for a reason, where they name the tables."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain import decisions, history, moves, service
from hub.domain.change import Change
from hub.domain.floor import Combination, FloorView
from hub.errors import SlotTaken, TableTooSmall
from tests.pure.hub.domain.house import RULES, TUESDAY, slot
from tests.pure.hub.domain.service_evening import Evening, at, come, refused

SEATS = ("seats",)


@pytest.fixture
def house() -> Evening:
    return Evening()


def book(house: Evening, guests: int = 3, tables: tuple[int, ...] | None = (1,), **more: Any) -> Change:
    how = {"staff": True, "exceed": (), **more}
    return decisions.book(
        house.day(TUESDAY), house.room, slot(), venue_id=house.venue_id, party=house.party, guests=guests,
        table_ids=tables, rules=RULES, now=house.now, **how,
    )  # fmt: skip


def reschedule(house: Evening, booking: int, text: str, guests: int, **more: Any) -> Change:
    how = {"staff": True, "exceed": (), "table_ids": [table.id for table in house.seen[booking].more_tables] or [
        house.seen[booking].table.id], **more}  # fmt: skip
    return decisions.reschedule(
        house.seen[booking], house.view(TUESDAY), house.day(TUESDAY), house.room, slot(text), guests=guests,
        rules=RULES, now=house.now, **how,
    )  # fmt: skip


def sat(house: Evening, booking: int, table: int, exceed: tuple[str, ...] = ()) -> Change:
    return service.seat(
        house.seen[booking], house.day(TUESDAY), house.room, table_ids=[table], rules=RULES, now=house.now,
        exceed=exceed,
    )  # fmt: skip


def moved(house: Evening, booking: int, table: int, exceed: tuple[str, ...] = ()) -> Change:
    return moves.move(
        house.seen[booking], house.day(TUESDAY), house.room, table_ids=[table], pinned=None, rules=RULES,
        now=house.now, exceed=exceed,
    )  # fmt: skip


def test_a_refusal_tells_staff_alone_that_they_may(house: Evening) -> None:
    assert refused(TableTooSmall, book, house).extra == {"exceed": ["seats"]}
    assert refused(TableTooSmall, book, house, staff=False, exceed=SEATS).extra == {}
    # Where no tables are named there are none that could be too small.
    assert refused(TableTooSmall, book, house, 9, None, exceed=SEATS).extra == {}
    booking = house.booked(guests=4, table=4)
    for call in (sat, moved):
        come(house, "18:00")
        assert refused(TableTooSmall, call, house, booking, 1).extra == {"exceed": ["seats"]}


def test_each_verb_passes_over_it(house: Evening) -> None:
    booking = house.commit(book(house, exceed=SEATS))
    assert list(house.entry(booking).tables) == [1]
    house.commit(reschedule(house, booking, "18:00", 4, exceed=SEATS))
    assert house.entry(booking).guests == 4
    other = house.booked(guests=4, table=4)
    house.commit(moved(house, other, 2, SEATS))
    assert list(house.entry(other).tables) == [2]
    come(house, "18:00")
    house.commit(sat(house, booking, 1))  # its own, by name
    house.does("arrive", other)
    house.commit(moved(house, other, 3))
    house.commit(sat(house, other, 2, SEATS))
    assert list(house.entry(other).tables) == [2] and house.entry(other).status == "seated"
    made = service.walk_in(
        house.day(TUESDAY), house.room, venue_id=house.venue_id, party=house.guest, guests=5, table_ids=[3],
        minutes=None, rules=RULES, now=house.now, exceed=SEATS,
    )  # fmt: skip
    assert made.booking is not None and made.booking.guests == 5


def test_both_rules_at_once_are_told_together(house: Evening) -> None:
    house.view(TUESDAY).put(5, {
        "tables": [1], "starts_at": "2026-11-24T18:00:00Z", "ends_at": "2026-11-24T20:00:00Z", "guests": 2,
        "expires_at": "2026-11-24T18:05:00Z", "made_by": None,
    }, "hold")  # fmt: skip
    assert refused(SlotTaken, book, house, exceed=SEATS).extra["exceed"] == ["seats", "hold"]
    change = book(house, exceed=("seats", "hold"))
    assert [row.id for row in change.replaced] == [5]
    told = decisions.exceeding(change, ("seats", "hold"), house.room).events
    assert [(event.kind, event.data.get("exceed")) for event in told] == [
        ("booked", ["hold", "seats"]), ("released", None),
    ]  # fmt: skip


def test_who_sits_close_may_change_and_go_back_but_not_become_more(house: Evening) -> None:
    booking = house.commit(book(house, exceed=SEATS))
    house.commit(reschedule(house, booking, "18:15", 3, staff=False))
    refused(TableTooSmall, reschedule, house, booking, "18:15", 4)
    house.commit(house.at_tables(booking, [3]))
    house.commit(house.step("undo", booking))
    assert list(house.entry(booking).tables) == [1]
    house.commit(house.step("cancel", booking))
    house.commit(house.step("undo", booking))
    assert house.entry(booking).guests == 3


def test_history_tells_what_was_passed_over(house: Evening) -> None:
    change = decisions.exceeding(book(house, exceed=SEATS), SEATS, house.room)
    assert change.booking is not None
    party = change.booking.party
    said = decisions.saying(change, party)
    assert [event.data.get("exceed") for event in said.events] == [["seats"], None]
    assert decisions.exceeding(change, (), house.room) is change
    # What was allowed and was not needed was not passed over.
    roomy = book(house, 2, exceed=("seats", "hold"))
    assert decisions.exceeding(roomy, ("seats", "hold"), house.room) is roomy
    told = decisions.exceeding(change, ("seats", "hold"), house.room).events
    assert [event.data.get("exceed") for event in told] == [["seats"]]
    [event, _] = said.events
    found = history.Recorded(
        1, event.stream, event.kind, event.data["entry"], at("17:00"), 7, "r", event.data["exceed"]
    )
    assert [act.exceed for act in history.acts([found], at("17:00"))] == [["seats"]]


def test_tables_that_join_for_fewer_than_they_have_seats_are_exceeded_beyond_that(house: Evening) -> None:
    few = FloorView(1, house.room.tables.values(), combinations=[Combination(1, "joined", (1, 2), 3, 3)])
    change = book(house, 4, (1, 2), exceed=SEATS)
    assert decisions.exceeding(change, SEATS, house.room) is change
    assert [event.data.get("exceed") for event in decisions.exceeding(change, SEATS, few).events] == [["seats"]]
