"""Every pair of status and action, and when a booking may still change."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from hub.domain import lifecycle
from hub.domain.lifecycle import Action, Status, Who, after, check_open, may
from hub.errors import AlreadyCanceled, AlreadyOver, Conflict, HubError

STATUSES: tuple[Status, ...] = get_args(Status)
ACTIONS: tuple[Action, ...] = get_args(Action)
# Written out by hand and not read from the table, so that a changed row is seen here.
ALLOWED: dict[tuple[Status | None, Action], tuple[Status, Who]] = {
    (None, "book"): ("booked", "guest"),
    (None, "walk_in"): ("seated", "staff"),
    ("booked", "reschedule"): ("booked", "guest"),
    ("booked", "note"): ("booked", "guest"),
    ("booked", "move"): ("booked", "staff"),
    ("booked", "cancel"): ("canceled", "guest"),
    ("booked", "arrive"): ("arrived", "staff"),
    ("booked", "seat"): ("seated", "staff"),
    ("booked", "mark_no_show"): ("no_show", "staff"),
    ("arrived", "reschedule"): ("arrived", "staff"),
    ("arrived", "note"): ("arrived", "staff"),
    ("arrived", "move"): ("arrived", "staff"),
    ("arrived", "cancel"): ("canceled", "staff"),
    ("arrived", "seat"): ("seated", "staff"),
    ("arrived", "finish"): ("finished", "staff"),
    ("arrived", "mark_no_show"): ("no_show", "staff"),
    ("seated", "reschedule"): ("seated", "staff"),
    ("seated", "note"): ("seated", "staff"),
    ("seated", "move"): ("seated", "staff"),
    ("seated", "extend"): ("seated", "staff"),
    ("seated", "finish"): ("finished", "staff"),
    ("no_show", "seat"): ("seated", "staff"),
}
REFUSAL: dict[Status | None, type[HubError]] = {
    None: Conflict,
    "booked": Conflict,
    "arrived": Conflict,
    "seated": Conflict,
    "finished": AlreadyOver,
    "no_show": AlreadyOver,
    "canceled": AlreadyCanceled,
}
ENDS = datetime(2026, 11, 24, 20, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def outcome(status: Status | None, action: Action) -> object:
    """The status after an action, or the class of the refusal."""
    try:
        return after(status, action)
    except HubError as refused:
        return type(refused)


PAIRS = list(itertools.product((None, *STATUSES), ACTIONS))


def test_after_for_every_pair() -> None:
    wanted = {(status, action): REFUSAL[status] for status, action in PAIRS}
    wanted |= {pair: then for pair, (then, _) in ALLOWED.items()}
    assert {pair: outcome(*pair) for pair in PAIRS} == wanted


def test_who_may_for_every_pair() -> None:
    """Staff may all that is possible; a pair that is not possible is for after() to refuse."""
    assert {pair for pair in PAIRS if not may(*pair, staff=True)} == set()
    for_staff = {pair for pair, (_, who) in ALLOWED.items() if who != "guest"}
    assert {pair for pair in PAIRS if not may(*pair, staff=False)} == for_staff


def test_what_can_be_undone_is_of_the_table_and_done_to_a_booking() -> None:
    for action in lifecycle.UNDONE:
        found = [before for (before, each) in ALLOWED if each == action]
        assert found and (None not in found or action == "walk_in")


def test_after_seated_canceled_says_why() -> None:
    with pytest.raises(Conflict, match="seated: cancel is not possible"):
        after("seated", "cancel")


def test_statuses_each_is_reached_and_of_one_kind() -> None:
    assert {each.to for each in lifecycle.TRANSITIONS.values()} == set(STATUSES)
    assert lifecycle.ACTIVE | lifecycle.OVER | {lifecycle.CANCELED} == set(STATUSES)
    assert not lifecycle.ACTIVE & lifecycle.OVER


@pytest.mark.parametrize("status", STATUSES)
def test_status_is_active_exactly_when_an_action_is_left(status: Status) -> None:
    """A no-show who comes after all is the exception: it may be seated, and until then nobody counts on it."""
    left = {action for before, action in lifecycle.TRANSITIONS if before == status}
    assert (status in lifecycle.ACTIVE) == bool(left - {"seat"} if status == "no_show" else left)


@pytest.mark.parametrize("status", ["booked", "arrived", "seated"])
def test_check_open_until_the_end(status: Status) -> None:
    check_open(status, ENDS, ENDS - TICK)
    for late in (ENDS, ENDS + TICK):
        with pytest.raises(AlreadyOver):
            check_open(status, ENDS, late)


@pytest.mark.parametrize("now", [ENDS - TICK, ENDS, ENDS + TICK])
def test_check_open_ended_booking_whatever_the_time(now: datetime) -> None:
    for status in ("finished", "no_show"):
        with pytest.raises(AlreadyOver):
            check_open(status, ENDS, now)
    with pytest.raises(AlreadyCanceled):
        check_open("canceled", ENDS, now)
