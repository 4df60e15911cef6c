"""Every pair of status and action, and when a booking may still change."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from hub.domain import lifecycle
from hub.domain.lifecycle import Action, Status, after, check_open, is_active
from hub.errors import AlreadyCanceled, AlreadyOver, Conflict, HubError

STATUSES: tuple[Status, ...] = get_args(Status)
ACTIONS: tuple[Action, ...] = get_args(Action)
# Written out by hand and not read from the table, so that a changed row is seen here.
ALLOWED = {
    (None, "book"): "booked",
    ("booked", "reschedule"): "booked",
    ("booked", "cancel"): "canceled",
    ("booked", "seat"): "seated",
    ("booked", "mark_no_show"): "no_show",
    ("seated", "finish"): "finished",
}
REFUSAL: dict[Status | None, type[HubError]] = {
    None: Conflict,
    "booked": Conflict,
    "seated": Conflict,
    "finished": AlreadyOver,
    "no_show": AlreadyOver,
    "canceled": AlreadyCanceled,
}
ENDS = datetime(2026, 11, 24, 20, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(("status", "action"), list(itertools.product((None, *STATUSES), ACTIONS)))
def test_after_for_every_pair(status: Status | None, action: Action) -> None:
    if (status, action) in ALLOWED:
        assert after(status, action) == ALLOWED[status, action]
        return
    with pytest.raises(HubError) as refused:
        after(status, action)
    assert type(refused.value) is REFUSAL[status]


def test_after_seated_canceled_says_why() -> None:
    with pytest.raises(Conflict, match="seated: cancel is not possible"):
        after("seated", "cancel")


def test_statuses_each_is_reached_and_of_one_kind() -> None:
    assert set(lifecycle.TRANSITIONS.values()) == set(STATUSES)
    assert lifecycle.ACTIVE | lifecycle.OVER | {lifecycle.CANCELED} == set(STATUSES)
    assert not lifecycle.ACTIVE & lifecycle.OVER


@pytest.mark.parametrize("status", STATUSES)
def test_is_active_exactly_when_an_action_is_left(status: Status) -> None:
    assert is_active(status) == any(before == status for before, _ in lifecycle.TRANSITIONS)


@pytest.mark.parametrize("status", ["booked", "seated"])
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
