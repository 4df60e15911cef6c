"""A step in the room that is taken back: what it gives back, until when, and what is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from hub.domain import service
from hub.domain.change import Window
from hub.domain.floor import FloorView
from hub.errors import (
    Changed,
    Conflict,
    NotAsSeen,
    NotAtThisTime,
    SlotTaken,
    TableTooSmall,
)
from tests.pure.hub.domain.house import TUESDAY, WEDNESDAY
from tests.pure.hub.domain.service_evening import ROOM, Evening, at, come, refused


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
    refused(Conflict, house.step, "undo", booking)


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
        refused(Changed, service.undo, replace(canceled, revisions=frozenset({wrong})), house.day(TUESDAY), house.room,
                now=house.now)  # fmt: skip
    refused(NotAsSeen, service.undo, canceled, house.day(WEDNESDAY), house.room, now=house.now)
    house.does("undo", booking)
    refused(NotAsSeen, service.undo, canceled, house.day(TUESDAY), house.room, now=house.now)
