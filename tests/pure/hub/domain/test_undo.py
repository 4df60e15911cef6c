"""A step in the room that is taken back: what it gives back, until when, and what is in the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from hub.domain import decisions, undo
from hub.domain.change import Change, Window
from hub.domain.day import NOTED
from hub.domain.floor import FloorView
from hub.errors import (
    Changed,
    Conflict,
    NotAsSeen,
    NotAtThisTime,
    SlotTaken,
    TableTooSmall,
)
from tests.pure.hub.domain.house import TUESDAY, WEDNESDAY, slot
from tests.pure.hub.domain.service_evening import ROOM, Evening, at, come, held, refused


@pytest.fixture
def house() -> Evening:
    return Evening()


def strip(entry: Any) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in ("revision", "undo")}


@pytest.mark.parametrize(
    "steps",
    [
        ["arrive"], ["seat"], ["no_show"], ["cancel"], ["seat", "finish"], ["arrive", "seat"], ["arrive", "finish"],
        ["arrive", "no_show"],
    ],
)  # fmt: skip
def test_undo_is_the_inverse_until_its_time_is_over(house: Evening, steps: Sequence[str]) -> None:
    booking = house.booked()
    come(house, "18:05")
    for step in steps[:-1]:
        house.does(step, booking)
    before, version = strip(house.view(TUESDAY).raw[booking]), house.seen[booking].revision
    house.now = at("18:20:30.7")
    house.commit(house.step(steps[-1], booking))
    done = house.now
    house.now = at("18:30:30")
    assert "too late" in refused(NotAtThisTime, house.step, "undo", booking).message
    house.now = at("18:30:29.999999")
    change = house.step("undo", booking)
    assert change.window == Window(until=at("18:30:30")) and done < at("18:30:30")
    assert change.mail == ("confirmed" if steps == ["cancel"] else None)
    house.commit(change)
    assert strip(house.view(TUESDAY).raw[booking]) == before
    assert house.seen[booking].revision == version + 2
    assert "nothing to undo" in refused(Conflict, house.step, "undo", booking).message


def test_undo_what_is_taken_by_now_names_who_has_it(house: Evening) -> None:
    for what in ("finish", "no_show", "cancel"):
        house = Evening()
        booking = house.booked()
        come(house, "18:05")
        if what == "finish":
            house.does("seat", booking)
        house.commit(house.step(what, booking))
        other = house.commit(come(house, "18:06").walk_in(2, [1]))
        assert refused(SlotTaken, house.step, "undo", booking).extra == {"in_the_way": [("booking", other)]}


def test_undo_is_of_the_last_step_alone(house: Evening) -> None:
    booking = house.booked()
    come(house, "18:00").does("seat", booking)
    house.does("extend", booking)
    assert house.does("undo", booking).status == "seated"
    refused(Conflict, house.step, "undo", booking)


def test_undo_of_a_walk_in_is_as_if_nobody_had_come(house: Evening) -> None:
    there = house.booked(table=2)
    before, taken = dict(house.view(TUESDAY).raw), dict(house.view(TUESDAY).taken)
    booking = house.commit(come(house, "18:05").walk_in(2, [1]))
    shown = house.entry(booking).undo
    assert shown is not None and (shown.action, shown.until) == ("walk_in", at("18:15"))
    house.now = at("18:15")
    refused(NotAtThisTime, house.step, "undo", booking)
    house.now = at("18:14:59.9")
    change = house.step("undo", booking)
    assert change.mail is None and change.window == Window(until=at("18:15"))
    assert [(event.kind, event.data) for event in change.events] == [("undone", {"booking": booking, "entry": None})]
    house.commit(change)
    row = change.booking
    assert row is not None and (row.status, row.revision, row.seated_at, row.undo) == ("canceled", 2, None, None)
    assert (house.view(TUESDAY).raw, house.view(TUESDAY).taken) == (before, taken) and there in before
    refused(Conflict, house.step, "undo", booking)


def test_undo_of_a_walk_in_is_of_its_last_step_alone(house: Evening) -> None:
    booking = house.commit(come(house, "18:05").walk_in(2, [1]))
    house.does("extend", booking)
    assert house.does("undo", booking).status == "seated"
    refused(Conflict, house.step, "undo", booking)


def test_undo_of_what_leads_to_no_other_status(house: Evening) -> None:
    """Other tables, several, kept or not, another time and number of guests, a longer stay."""
    booking = house.booked()
    changes: list[Callable[[], Change]] = [
        lambda: house.at_tables(booking, [3]),
        lambda: house.at_tables(booking, [3, 2]),
        lambda: house.at_tables(booking, [4], True),
        lambda: house.move(booking, slot("19:00"), 1, 2, staff=True),
    ]
    for change in changes:
        before = strip(house.view(TUESDAY).raw[booking])
        house.commit(change())
        assert strip(house.view(TUESDAY).raw[booking]) != before
        house.commit(house.step("undo", booking))
        assert strip(house.view(TUESDAY).raw[booking]) == before
    come(house, "18:00").does("seat", booking)
    sat = strip(house.view(TUESDAY).raw[booking])
    come(house, "18:30")
    for change in (lambda: house.at_tables(booking, [2]), lambda: house.step("extend", booking)):
        house.commit(change())
        house.commit(house.step("undo", booking))
        assert strip(house.view(TUESDAY).raw[booking]) == sat


def test_undo_tells_the_guest_of_the_old_time_alone(house: Evening) -> None:
    booking = house.booked()
    changes: list[tuple[Callable[[], Change], str | None]] = [
        (lambda: house.at_tables(booking, [2]), None),
        (lambda: house.move(booking, slot("18:15"), table=1, staff=True), "rescheduled"),
        (lambda: house.move(booking, slot("18:00"), guests=1, table=1, staff=True), "rescheduled"),
    ]
    for change, mail in changes:
        house.commit(change())
        undone = house.step("undo", booking)
        assert undone.mail == mail
        house.commit(undone)


@pytest.mark.parametrize("step", ["arrive", "seat"])
def test_nobody_is_told_how_many_came(house: Evening, step: str) -> None:
    booking = house.booked()
    come(house, "17:50").does(step, booking)
    change = house.move(booking, slot("18:00"), guests=1, table=1, staff=True)
    assert change.events and change.mail is None
    house.commit(change)
    undone = house.step("undo", booking)
    assert undone.events and undone.mail is None
    house.commit(undone)
    if step == "arrive":
        assert house.move(booking, slot("19:00"), table=1, staff=True).mail == "rescheduled"  # they may go for a walk


def test_undo_of_another_day_brings_the_booking_back(house: Evening) -> None:
    booking = house.booked(table=2)
    before = strip(house.view(TUESDAY).raw[booking])
    house.commit(house.move(booking, slot("19:00", WEDNESDAY), 4, 3, staff=True))
    step = house.entry(booking).undo
    assert step is not None and step.shown(str)["service_date"] == "2026-11-24"
    change = house.step("undo", booking)
    assert [(event.stream, event.kind) for event in change.events] == [
        ("day:2026-11-25", "moved_away"), ("day:2026-11-24", "undone"),
    ]  # fmt: skip
    assert change.mail == "rescheduled" and change.window == Window(until=step.until)
    house.commit(change)
    assert strip(house.view(TUESDAY).raw[booking]) == before and booking not in house.view(WEDNESDAY).entries
    refused(Conflict, house.step, "undo", booking)


def test_undo_of_another_day_names_who_stands_there_by_now(house: Evening) -> None:
    booking = house.booked(table=1)
    house.commit(house.move(booking, slot("18:00", WEDNESDAY), table=1, staff=True))
    other = house.booked(slot("19:00"), table=1)
    same = house.booked(slot("20:00", WEDNESDAY), table=1)
    assert refused(SlotTaken, house.step, "undo", booking).extra == {"in_the_way": [("booking", other)]}
    house.commit(house.at_tables(other, [2]))
    house.commit(house.step("undo", booking))
    assert held(house, booking) == [(1, "18:00", "20:00")] and held(house, same) == [(1, "20:00", "22:00")]


def test_undo_of_another_day_needs_that_day(house: Evening) -> None:
    booking = house.booked()
    house.commit(house.move(booking, slot("18:00", WEDNESDAY), staff=True))
    seen, day = house.seen[booking], house.day(WEDNESDAY)
    for back_to in (None, house.day(WEDNESDAY)):
        refused(NotAsSeen, undo.undo, seen, day, house.room, back_to=back_to, **house.how)


def test_undo_of_a_move_names_who_stands_there_by_now(house: Evening) -> None:
    booking = house.booked(table=1)
    house.commit(house.at_tables(booking, [2]))
    other = house.booked(slot("19:00"), table=1)
    assert refused(SlotTaken, house.step, "undo", booking).extra == {"in_the_way": [("booking", other)]}


def test_undo_of_a_late_finish_sees_who_sits_there_by_now(house: Evening) -> None:
    booking = house.booked(table=1)
    come(house, "18:00").does("seat", booking)
    come(house, "20:05").does("finish", booking)
    other = house.commit(come(house, "20:06").walk_in(2, [1]))
    assert refused(SlotTaken, house.step, "undo", booking).extra == {"in_the_way": [("booking", other)]}
    house.commit(house.at_tables(other, [2]))
    assert house.does("undo", booking).status == "seated"


def test_undo_of_a_move_away_from_a_party_that_sits_on(house: Evening) -> None:
    """By the plan the table is theirs, as it was before: nobody of them sits yet."""
    sits, comes = house.booked(table=1), house.booked(slot("20:00"), table=1)
    come(house, "18:00").does("seat", sits)
    house.commit(come(house, "20:05").at_tables(comes, [2]))
    assert list(house.does("undo", comes).tables) == [1]


def swapped(house: Evening) -> tuple[int, int]:
    sits, comes = house.booked(table=1), house.booked(slot("19:00"), table=2)
    come(house, "18:00").does("seat", sits)
    house.commit(come(house, "18:20").swap(sits, comes))
    return sits, comes


@pytest.mark.parametrize("asked_of", [0, 1])
def test_undo_of_a_swap_puts_both_back(house: Evening, asked_of: int) -> None:
    pair = swapped(house)
    one, other = pair[asked_of], pair[1 - asked_of]
    change = house.step("undo", one)
    assert [(event.kind, event.data["booking"]) for event in change.events] == [("undone", one), ("undone", other)]
    house.commit(change)
    assert (held(house, pair[0]), held(house, pair[1])) == ([(1, "18:00", "20:00")], [(2, "19:00", "21:00")])
    for booking in pair:
        refused(Conflict, house.step, "undo", booking)


def test_undo_of_a_swap_after_the_other_one_moved_on(house: Evening) -> None:
    sits, comes = swapped(house)
    house.commit(come(house, "18:21").at_tables(comes, pinned=True))
    assert refused(SlotTaken, house.step, "undo", sits).extra == {"in_the_way": [("booking", comes)]}
    house.commit(house.step("cancel", comes))
    house.commit(house.step("undo", sits))
    assert held(house, sits) == [(1, "18:00", "20:00")]


def test_undo_of_a_swap_needs_the_other_one_as_it_is(house: Evening) -> None:
    sits, comes = swapped(house)
    old, day = replace(house.seen[comes], revision=1), house.day(TUESDAY)
    for other in (None, old, house.seen[sits]):
        refused(NotAsSeen, undo.undo, house.seen[sits], day, house.room, other=other, **house.how)


def test_undo_where_the_floor_changed(house: Evening) -> None:
    booking = house.booked()
    house.commit(house.cancel(booking))
    house.room = FloorView(5, [replace(ROOM[0], seats=1), *ROOM[1:]])
    refused(TableTooSmall, house.step, "undo", booking)
    house.room = FloorView(6, ROOM[1:])
    assert "not there any more" in refused(Conflict, house.step, "undo", booking).message


def test_undo_of_what_somebody_else_took_back(house: Evening) -> None:
    booking = house.booked()
    house.commit(house.cancel(booking))
    canceled = house.seen[booking]
    for wrong in (3, 1):
        refused(Changed, undo.undo, replace(canceled, revisions=frozenset({wrong})), house.day(TUESDAY), house.room,
                **house.how)  # fmt: skip
    refused(NotAsSeen, undo.undo, canceled, house.day(WEDNESDAY), house.room, **house.how)
    house.does("undo", booking)
    refused(NotAsSeen, undo.undo, canceled, house.day(TUESDAY), house.room, **house.how)


@pytest.mark.parametrize("before", [None, "Regular"])
@pytest.mark.parametrize("day", [TUESDAY, WEDNESDAY])
def test_undo_takes_the_reason_of_the_step_away(house: Evening, before: str | None, day: date) -> None:
    booking = house.booked()
    if before is not None:
        house.commit(say(house, booking, before))
    entry = strip(house.view(TUESDAY).raw[booking])
    house.commit(for_a_reason(house, booking, day))
    assert house.seen[booking].party.house_note == f"{before or ''} why"
    change = house.step("undo", booking)
    assert change.texts and change.events[-1].kind == NOTED
    house.commit(change)
    assert house.seen[booking].party.house_note == before and strip(house.view(TUESDAY).raw[booking]) == entry


def test_undo_keeps_what_was_written_since_the_reason(house: Evening) -> None:
    booking = house.booked()
    house.commit(for_a_reason(house, booking, TUESDAY))
    house.commit(say(house, booking, "In a hurry"))
    change = house.step("undo", booking)
    assert not change.texts
    house.commit(change)
    assert house.seen[booking].party.house_note == "In a hurry"
    # A note of the guest's changes nothing of that of the house, whose reason still goes.
    house.commit(for_a_reason(house, booking, TUESDAY))
    house.commit(say(house, booking, "Nuts", "note"))
    house.commit(house.step("undo", booking))
    party = house.seen[booking].party
    assert (party.house_note, party.note) == ("In a hurry", "Nuts")


def test_change_that_changes_nothing_has_no_reason_to_be_taken_away(house: Evening) -> None:
    nothing = house.move(house.booked(), slot(), staff=True)
    assert decisions.adding_a_reason(nothing, None) is nothing


def test_undo_says_nothing_of_a_note_that_had_no_room_for_the_reason(house: Evening) -> None:
    booking = house.booked()
    house.commit(say(house, booking, "Regular"))
    house.commit(decisions.adding_a_reason(house.move(booking, slot("19:00", TUESDAY), staff=True), "Regular"))
    change = house.step("undo", booking)
    assert not change.texts and NOTED not in {event.kind for event in change.events}
    house.commit(change)
    assert house.seen[booking].party.house_note == "Regular"


def say(house: Evening, booking: int, words: str, what: str = "house_note") -> Change:
    seen = house.seen[booking]
    return decisions.note(
        seen, house.view(seen.service_date), said={what: words}, staff=True, rules=house.rules, now=house.now
    )


def for_a_reason(house: Evening, booking: int, day: date) -> Change:
    """Another time of a day, with "why" at the end of the house note."""
    party = house.seen[booking].party
    change = decisions.adding_a_reason(house.move(booking, slot("19:00", day), staff=True), party.house_note)
    return decisions.saying(change, replace(party, house_note=f"{party.house_note or ''} why"))
