"""How fresh what was told is: when the hub says so, and that it is true."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.conformance.conftest import Hubs, Talker
from tests.conformance.statements import proves

LATE = 6.0
"""Seconds between two frames that may come every two: a guard, for a machine that is busy."""


def verified(message: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(message["verified_at"])


@proves(68)
def test_fresh_follows_each_subscribed(hubs: Hubs, day: date) -> None:
    talker = hubs.joined()
    for channel in ("tables", f"availability:{day}", "venue", "mine"):
        talker.ask("subscribe", id=channel, channel=channel)
        assert talker.hears("fresh")["verified_at"] is not None


@pytest.mark.slow
@proves(69)
def test_fresh_follows_each_change_with_a_time_after_it(hubs: Hubs, day: date) -> None:
    talker, _ = hubs.watching(f"availability:{day}")
    for hour in (14, 16):
        hubs.guest.book(day, f"{hour}:00")
        changed_at = datetime.fromisoformat(talker.hears("update")["at"])
        talker.hears("fresh", lambda message, at=changed_at: verified(message) > at)


@pytest.mark.slow
@proves(70, 71)
def test_fresh_comes_every_two_seconds_whether_anything_is_watched_or_not(hubs: Hubs, day: date) -> None:
    watching, _ = hubs.watching(f"availability:{day}")
    idle, visitor = hubs.joined(), hubs.open()
    visitor.ask("connect", id=1)
    everybody = (watching, idle, visitor)
    for talker in everybody:
        talker.heard_until_pong()
    told: list[list[datetime]] = []
    for _ in range(2):
        before = time.monotonic()
        told.append([verified(talker.hears("fresh")) for talker in everybody])
        assert time.monotonic() - before < LATE
    assert all(first <= second <= datetime.now(UTC) for first, second in zip(*told, strict=True))


@proves(72)
def test_nothing_that_was_committed_before_verified_at_comes_after_it(hubs: Hubs, day: date) -> None:
    """What REST has answered was committed by then: a later ``verified_at`` has to come after it."""
    talker, _ = hubs.watching(f"availability:{day}")
    answered: list[tuple[datetime, int]] = []

    def write() -> None:
        booking = hubs.guest.book(day)
        for number in range(60):
            position = hubs.guest.done("PATCH", f"/bookings/{booking['id']}", {"guests": 1 + number % 2})["position"]
            answered.append((datetime.now(UTC), int(position.split(":")[1])))

    writing = threading.Thread(target=write)
    writing.start()
    held, claims = 0, []
    while writing.is_alive() or held < answered[-1][1] or claims[-1][0] < answered[-1][0]:
        message = talker.next()
        if message["op"] == "update":
            held = int(message["position"].split(":")[1])
        elif message["op"] == "fresh":
            claims.append((verified(message), held))
    writing.join()
    for at, shown in claims:
        assert shown >= max((version for when, version in answered if when <= at), default=0)
    assert len({at for at, _ in claims}) > 1


@pytest.mark.slow
@proves(73, 100)
def test_while_the_database_hangs_time_stands_still_pings_are_answered_and_reading_is_retryable(
    hubs: Hubs, day: date
) -> None:
    talker, snapshot = hubs.watching(f"availability:{day}")
    other = hubs.joined()
    with hubs.gate.closed():
        hangs_since = datetime.now(UTC)
        other.say("subscribe", id="third", channel=f"availability:{day + timedelta(days=200)}")
        talker.say("subscribe", id="unread", channel=f"floor:{day}")  # of a role that may not see it: no reading
        assert talker.answer("unread")["code"] == "forbidden"
        assert talker.ask("ping", id="first")["op"] == "pong"
        assert talker.ask("refresh", id="second", token=hubs.token)["op"] == "refreshed"
        stands = [talker.hears("fresh") for _ in range(3)][1:]
        assert stands[0] == stands[1]
        assert verified(stands[1]) < datetime.now(UTC)
        refused = other.answer("third")
        assert refused["op"] == "error" and refused["code"] in ("unavailable", "overloaded")
        assert refused["retryable"] is True
        assert talker.ask("ping", id="fourth")["op"] == "pong"
    again = talker.hears("fresh", lambda message: verified(message) > hangs_since)
    assert verified(again) > verified(stands[1])
    answer = talker.ask("subscribe", id="fifth", channel=f"availability:{day}", since=snapshot["position"])
    assert (answer["op"], answer["position"]) == ("subscribed", snapshot["position"])


def test_server_time_is_the_hubs_clock(hubs: Hubs) -> None:
    talker: Talker = hubs.joined()
    before = datetime.now(UTC)
    told = datetime.fromisoformat(talker.ask("ping", id=2)["server_time"])
    assert (before - told).total_seconds() < 0.002 and (told - datetime.now(UTC)).total_seconds() < 0.002
