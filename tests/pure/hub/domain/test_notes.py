"""What is said of a booking is another: who may say it until when, alone or with a change, and what stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.domain import calendar, decisions
from hub.domain.change import Change, Window
from hub.domain.day import NOTED, DayView
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from hub.errors import (
    AlreadyCanceled,
    AlreadyOver,
    Changed,
    Conflict,
    Forbidden,
    HubError,
    TooLateToChange,
)
from tests.pure.hub.domain.house import NOW, TUESDAY, WEDNESDAY, slot
from tests.pure.hub.domain.rules import TICK
from tests.pure.hub.domain.service_evening import Evening, at

SAID: dict[str, Any] = {"note": "Nuts", "needs": ("quiet",)}


@pytest.fixture
def house() -> Evening:
    return Evening()


def note(house: Evening, booking: int, *, staff: bool = False, **said: Any) -> Change:
    seen = house.seen[booking]
    return decisions.note(
        seen, house.view(seen.service_date), said=said or SAID, staff=staff, rules=house.rules, now=house.now
    )


def refused(error: type[HubError], house: Evening, booking: int, *, staff: bool = False) -> None:
    with pytest.raises(HubError) as found:
        note(house, booking, staff=staff)
    assert type(found.value) is error


def test_note_changes_words_alone(house: Evening) -> None:
    booking = house.booked()
    before = dict(house.view(TUESDAY).raw[booking])
    change = note(house, booking)
    house.commit(change)
    assert change.texts and change.mail is None and [event.kind for event in change.events] == [NOTED]
    assert house.view(TUESDAY).raw[booking] == before | {"revision": 2}
    assert house.view(TUESDAY).noted == {booking: house.view(TUESDAY).version}
    party = house.seen[booking].party
    assert (party.note, party.needs, party.occasion) == ("Nuts", ("quiet",), None)
    assert not note(house, booking).events  # as it is already
    house.commit(note(house, booking, note=None))
    assert house.seen[booking].party.note is None


def test_note_by_a_guest_until_they_may_not_cancel_any_more(house: Evening) -> None:
    booking = house.booked()
    last = calendar.changeable_until(at("18:00"), NOW, house.rules)
    assert note(house, booking).window == Window(until=last + TICK)
    house.now = last
    note(house, booking)
    house.now = last + TICK
    refused(TooLateToChange, house, booking)
    assert note(house, booking, staff=True).window == Window()
    house.now = at("20:00")
    refused(AlreadyOver, house, booking)
    note(house, booking, staff=True)


def test_note_of_who_is_here_is_the_staffs_and_keeps_what_may_be_undone(house: Evening) -> None:
    booking = house.booked()
    house.now = at("18:00")
    for step in ("arrive", "seat"):
        undo = house.does(step, booking).undo
        refused(Forbidden, house, booking)
        house.commit(note(house, booking, staff=True, house_note=step))
        assert house.entry(booking).undo == undo is not None
    house.now = at("23:00")
    note(house, booking, staff=True)
    house.does("finish", booking)
    refused(AlreadyOver, house, booking, staff=True)


def test_note_of_a_booking_that_is_canceled_or_another_by_now(house: Evening) -> None:
    booking = house.booked()
    house.seen[booking] = replace(house.seen[booking], revisions=frozenset({4}))
    refused(Changed, house, booking)
    house.seen[booking] = replace(house.seen[booking], revisions=None)
    house.commit(house.cancel(booking))
    refused(AlreadyCanceled, house, booking, staff=True)


def test_both_are_one_change_of_the_day_that_it_goes_to(house: Evening) -> None:
    booking = house.booked()
    moved, noted = house.move(booking, slot("18:00", WEDNESDAY)), note(house, booking)
    change = decisions.both(moved, noted)
    assert [event.kind for event in change.events] == ["moved_away", "moved_here", NOTED]
    assert change.events[-1].stream == stream_of(MAIN, WEDNESDAY) and change.mail == "rescheduled" and change.texts
    assert change.window == moved.window.within(noted.window)
    house.commit(change)
    assert house.seen[booking].party.note == "Nuts" and house.seen[booking].revision == 2


def test_both_where_one_changes_nothing(house: Evening) -> None:
    booking = house.booked()
    same, noted = house.move(booking, slot()), note(house, booking)
    nothing = note(house, booking, note=None)
    assert decisions.both(same, noted) is noted
    moved = house.move(booking, slot(), 1)
    assert decisions.both(moved, nothing) is moved
    assert not decisions.both(same, nothing).events


def test_reschedule_who_is_here_stays_on_the_day(house: Evening) -> None:
    booking = house.booked()
    house.now = at("17:50")
    house.does("arrive", booking)
    with pytest.raises(Conflict, match="The party is here"):
        house.move(booking, slot("18:00", WEDNESDAY), staff=True)
    with pytest.raises(Forbidden):
        house.move(booking, slot(), 1)
    house.commit(house.move(booking, slot(), 1, staff=True))
    assert (house.entry(booking).status, house.entry(booking).guests) == ("arrived", 1)


@pytest.mark.parametrize("kind", ["moved_here", "undone"])
def test_who_comes_back_to_a_day_is_read_anew(house: Evening, kind: str) -> None:
    booking = house.booked()
    view = house.view(TUESDAY)
    raw = dict(view.raw[booking])

    def tell(kind: str, entry: Any) -> None:
        event = Event(
            stream_of(MAIN, TUESDAY), view.version + 1, kind, {"booking": booking, "entry": entry}, NOW,
            id=view.head + 1, previous=view.head,
        )  # fmt: skip
        assert view.apply(event) is ApplyResult.APPLIED

    tell("rescheduled", raw)
    assert view.noted == {} and view.version not in view.renamed.values()
    tell("canceled", None)
    tell(kind, raw)
    assert (view.noted, view.renamed) == ({booking: view.version}, {raw["guest_id"]: view.version})
    tell("canceled", None)
    tell("booked", raw)  # another one of the same guest, whose name may be another
    assert view.renamed == {raw["guest_id"]: view.version}
    assert isinstance(view, DayView)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Window(), Window(), Window()),
        (Window(NOW), Window(until=NOW), Window(NOW, NOW)),
        (Window(NOW, NOW + TICK), Window(NOW - TICK, NOW + timedelta(1)), Window(NOW, NOW + TICK)),
    ],
)
def test_windows_hold_together(one: Window, other: Window, both: Window) -> None:
    assert one.within(other) == other.within(one) == both
