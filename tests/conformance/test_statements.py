"""What docs/live-protocol.md promises, statement by statement, asked of a real hub."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.conformance.conftest import House

DAY = (datetime.now(UTC) + timedelta(days=5)).date()
CHANNEL = f"availability:{DAY.isoformat()}"


def test_the_subprotocol_that_is_offered_is_named_back_also_among_others(house: House) -> None:
    for offered in (["booking.v1.json"], ["other", "booking.v1.json"]):
        assert house.open(subprotocols=offered).socket.subprotocol == "booking.v1.json"


def test_who_offers_no_subprotocol_is_accepted_and_named_none(house: House) -> None:
    assert house.open(subprotocols=None).socket.subprotocol is None


def test_who_offers_only_other_subprotocols_gets_400(house: House) -> None:
    with pytest.raises(InvalidStatus) as refused:
        house.open(subprotocols=["other"])
    answer = refused.value.response
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_a_foreign_origin_gets_403(house: House, origin: Any) -> None:
    with pytest.raises(InvalidStatus) as refused:
        house.open(origin=origin)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("id", [0, -(2**53) + 1, 2**53 - 1, "a", "😀" * 64])
def test_an_id_is_repeated_as_it_was(house: House, id: Any) -> None:
    talker = house.joined()
    talker.say("ping", id=id)
    assert talker.answer(id)["op"] == "pong"


@pytest.mark.parametrize("id", [2**53, 1.5, True, None, [], "x" * 65])
def test_an_id_that_is_none_is_a_bad_request_without_id(house: House, id: Any) -> None:
    talker = house.joined()
    talker.say("ping", id=id)
    assert talker.hears("error")["code"] == "bad_request"


def test_an_unknown_field_is_ignored_and_the_same_id_is_answered_twice(house: House) -> None:
    talker = house.joined()
    for _ in range(2):
        talker.say("ping", id=5, more={"a": 1})
        assert talker.answer(5)["op"] == "pong"


FIRST = [
    ("ping before connect", json.dumps({"op": "ping", "id": 1}), 4000),
    ("not JSON", "{", 4000),
    ("no object", "[]", 4000),
    ("no op", "{}", 4000),
    ("binary", b"{}", 1003),
    ("too large", json.dumps({"op": "connect", "id": 1, "x": "y" * 8192}), 1009),
    ("a token that is none", json.dumps({"op": "connect", "id": 1, "token": "none"}), 4001),
]


@pytest.mark.parametrize("frame, code", [case[1:] for case in FIRST], ids=[case[0] for case in FIRST])
def test_a_first_frame_that_is_wrong_is_closed_with_its_code_and_a_bye(
    house: House, frame: str | bytes, code: int
) -> None:
    talker = house.open()
    talker.socket.send(frame)
    closed, bye = talker.end()
    assert closed == code
    assert bye is not None and (bye["code"], bye["reconnect"]) == (code, False)


def test_a_second_connect_is_closed_with_4000(house: House) -> None:
    talker = house.joined()
    talker.say("connect", id=2, token=house.token)
    assert talker.end()[0] == 4000


def test_after_a_refused_connect_another_may_come(house: House) -> None:
    talker = house.open()
    talker.say("connect", id=1, token=house.token, since=[])
    assert talker.answer(1)["op"] == "error"
    talker.say("connect", id=2, token=house.token, since=None)
    assert talker.answer(2)["op"] == "connected"


def test_a_visitor_is_let_in_without_a_token_and_may_not_see_a_guests_channels(house: House) -> None:
    talker = house.open()
    talker.say("connect", id=1)
    connected = talker.answer(1)
    assert (connected["op"], connected["roles"]) == ("connected", {})
    talker.say("subscribe", id=2, channel=CHANNEL)
    assert talker.answer(2)["code"] == "forbidden"


def test_connected_tells_the_venue_and_the_limits(house: House) -> None:
    talker = house.open()
    talker.say("connect", id=1, token=house.token)
    connected = talker.answer(1)
    assert {"slug", "name", "zone", "service_day", "day_ends_at"} == set(connected["venue"])
    limits = connected["limits"]
    assert (limits["stale_after_ms"], limits["silence_ms"], limits["ping_every_ms"]) == (5000, 15000, 5000)


def test_each_channel_of_since_is_answered_with_the_id_of_connect(house: House) -> None:
    talker = house.open()
    talker.say("connect", id=1, token=house.token, since={"tables": None, "no channel": None, CHANNEL: None})
    assert talker.answer(1)["op"] == "connected"
    answers = {(frame := talker.answer(1))["channel"]: frame["op"] for _ in range(3)}
    assert answers == {"tables": "subscribed", "no channel": "error", CHANNEL: "subscribed"}


def test_what_is_current_is_recovered_without_data(house: House) -> None:
    talker = house.joined()
    talker.say("subscribe", id=2, channel=CHANNEL)
    position = talker.answer(2)["position"]
    assert talker.hears("snapshot")["position"] == position
    talker.say("subscribe", id=3, channels={CHANNEL: position})
    again = talker.answer(3)
    assert (again["recovered"], again["position"]) == (True, position)
    talker.say("ping", id=4)
    frame = talker.next()
    while frame["op"] == "fresh":
        frame = talker.next()
    assert frame["op"] == "pong"  # and no data before it


@pytest.mark.parametrize("since", ["zzzzzzzz:1", "garbage", 7, {}, "1" * 30], ids=str)
def test_a_position_that_can_not_be_continued_gets_a_snapshot(house: House, since: Any) -> None:
    talker = house.joined()
    talker.say("subscribe", id=2, channel=CHANNEL, since=since)
    assert talker.answer(2)["recovered"] is False
    assert talker.hears("snapshot")["channel"] == CHANNEL


@pytest.mark.parametrize("name", ["floor", f"Availability:{DAY}", "availability:2026-1-1", "availability:1999-01-01"])
def test_any_other_spelling_or_day_is_no_channel(house: House, name: str) -> None:
    talker = house.joined()
    talker.say("subscribe", id=2, channel=name)
    refused = talker.answer(2)
    assert (refused["op"], refused["code"], refused["retryable"]) == ("error", "unknown_channel", False)


def test_a_guest_may_not_see_the_floor_and_a_host_may(house: House) -> None:
    floor = f"floor:{DAY.isoformat()}"
    for token, op in ((house.token, "error"), (house.host, "subscribed")):
        talker = house.joined(token)
        talker.say("subscribe", id=2, channel=floor)
        assert talker.answer(2)["op"] == op


def test_freshness_is_told_after_subscribed_and_again_within_seconds(house: House) -> None:
    talker = house.joined()
    talker.say("subscribe", id=2, channel=CHANNEL)
    talker.answer(2)
    told = [talker.hears("fresh")["verified_at"] for _ in range(3)]
    instants = [datetime.fromisoformat(text) for text in told]
    assert instants == sorted(instants) and instants[-1] > instants[0]


def test_unsubscribe_is_answered_also_of_what_was_not_watched(house: House) -> None:
    talker = house.joined()
    talker.say("unsubscribe", id=2, channel="tables")
    assert talker.answer(2) == {"op": "unsubscribed", "id": 2, "channel": "tables"}


def test_a_refresh_with_anothers_token_is_forbidden_and_with_a_bad_one_an_error_and_the_session_lives(
    house: House,
) -> None:
    talker = house.joined()
    talker.say("refresh", id=2, token=house.host)
    assert talker.answer(2)["code"] == "forbidden"
    talker.say("refresh", id=3, token="none")
    assert talker.answer(3)["code"] == "auth_error"
    talker.say("refresh", id=4, token=house.token)
    assert talker.answer(4)["op"] == "refreshed"


def test_answers_come_in_the_order_of_the_questions(house: House) -> None:
    talker = house.joined()
    for id in range(10, 30):
        talker.say("ping", id=id)
    for id in range(10, 30):
        assert talker.hears("pong")["id"] == id
