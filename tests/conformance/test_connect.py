"""The first frame: who is let in, what is answered, and what closes."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta

import jwt
import pytest

from tests.conformance.conftest import Hubs
from tests.conformance.statements import proves
from tests.conftest import SECRET_KEY


@proves(29, 88)
@pytest.mark.parametrize("op", ["ping", "subscribe", "unsubscribe", "refresh", "nonsense"])
def test_anything_before_connect_closes_with_4000(hubs: Hubs, op: str) -> None:
    talker = hubs.open()
    talker.say(op, id=1, channel="tables", token=hubs.token)
    assert talker.ends(4000)["reconnect"] is False


@proves(30, 88)
def test_no_connect_in_time_closes_with_4002_to_come_back(hubs: Hubs) -> None:
    nothing, half = hubs.open(tight=True), hubs.bare()
    half.raw(b"\x81\xfe\x10\x00" + bytes(4) + b'{"op": "connect"')
    bye = nothing.ends(4002)
    assert (bye["name"], bye["reconnect"]) == ("connect_timeout", True)
    assert bye["retry_after_ms"][1] > 0
    assert half.hears("bye") == bye


@proves(32, 88)
@pytest.mark.parametrize("at_once", [False, True])
def test_a_second_connect_closes_with_4000(hubs: Hubs, at_once: bool) -> None:
    talker = hubs.open() if at_once else hubs.joined()
    for id in (1, 2) if at_once else (2,):
        talker.say("connect", id=id, token=hubs.token)
    talker.ends(4000)


@proves(33, 34, 35)
def test_connected_comes_first_then_one_answer_a_channel_in_their_order(hubs: Hubs, day: date) -> None:
    names = ["tables", "no channel", "venue", f"floor:{day}", "mine"]
    talker = hubs.open()
    talker.say("connect", id="first", token=hubs.token, since=dict.fromkeys(names))
    connected = talker.next()
    assert (connected["op"], connected["id"]) == ("connected", "first")
    answers = [talker.answer("first") for _ in names]
    assert [answer["channel"] for answer in answers] == names
    assert [answer.get("code", answer["op"]) for answer in answers] == [
        "subscribed", "unknown_channel", "subscribed", "forbidden", "subscribed",
    ]  # fmt: skip


@proves(36, 49)
def test_one_channel_more_than_the_bound_is_an_error_and_to_ask_again_is_none(hubs: Hubs, day: date) -> None:
    names = [f"availability:{day + timedelta(days=n)}" for n in range(51)]
    talker = hubs.open()
    talker.say("connect", id=1, token=hubs.token, since=dict.fromkeys(names))
    assert talker.answer(1)["limits"]["subscriptions"] == 50
    answers = [talker.answer(1) for _ in names]
    assert [answer["op"] for answer in answers] == ["subscribed"] * 50 + ["error"]
    assert (answers[50]["code"], answers[50]["channel"]) == ("too_many_subscriptions", names[50])
    assert talker.ask("subscribe", id=2, channel=names[0])["op"] == "subscribed"
    assert talker.ask("subscribe", id=3, channel=names[50])["code"] == "too_many_subscriptions"
    talker.ask("unsubscribe", id=4, channel=names[0])
    assert talker.ask("subscribe", id=5, channel=names[50])["op"] == "subscribed"


@proves(37, 38)
@pytest.mark.parametrize("since", [[], "tables", 7, True], ids=str)
def test_since_that_is_no_object_is_a_bad_request_and_another_connect_may_come(hubs: Hubs, since: object) -> None:
    talker = hubs.open()
    refused = talker.ask("connect", id=1, token=hubs.token, since=since)
    assert (refused["op"], refused["code"]) == ("error", "bad_request")
    assert talker.ask("connect", id=2, token=hubs.token, since=None)["op"] == "connected"


@proves(37)
@pytest.mark.parametrize("since", [7, [], {}, True, "x" * 100], ids=str)
def test_a_position_of_a_wrong_type_in_connect_gets_a_snapshot(hubs: Hubs, since: object) -> None:
    talker = hubs.joined(since={"tables": since})
    assert talker.answer(1)["recovered"] is False
    assert talker.hears("snapshot")["channel"] == "tables"


@proves(37, 38)
@pytest.mark.parametrize("field, value", [("token", 7), ("token", ""), ("token", "x" * 4097), ("id", None)])
def test_a_wrong_field_of_connect_is_a_bad_request(hubs: Hubs, field: str, value: object) -> None:
    talker = hubs.open()
    talker.say("connect", **{"id": 1, "token": hubs.token} | {field: value})
    assert talker.next()["code"] == "bad_request"
    assert talker.ask("connect", id=2, token=hubs.token, client={"name": "x", "version": "1"})["op"] == "connected"


@proves(39, 88)
def test_a_token_that_is_not_accepted_closes_with_4001(hubs: Hubs) -> None:
    claims = jwt.decode(hubs.token, options={"verify_signature": False})
    head, body, signature = hubs.token.split(".")
    tokens = {
        "no token": "none",
        "tampered": f"{head}.{body}.{signature[::-1]}",
        "another key": jwt.encode(claims, SECRET_KEY[::-1], algorithm="HS256"),
        "no algorithm": jwt.encode(claims, None, algorithm="none"),
        "another algorithm": jwt.encode(claims, SECRET_KEY.ljust(64, "x"), algorithm="HS512"),
        "another audience": hubs.guest.claims(aud="elsewhere"),
        "no end": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, SECRET_KEY, algorithm="HS256"),
        "an absurd end": hubs.guest.claims(exp=10.0**50),
        "a role that is none": hubs.guest.claims(role="king"),
        "a user that is none": hubs.guest.claims(sub="0"),
    }
    for what, token in tokens.items():
        talker = hubs.open()
        talker.say("connect", id=1, token=token)
        bye = talker.ends(4001)
        assert (bye["name"], bye["reconnect"]) == ("unauthenticated", False), what


@proves(39, 88)
@pytest.mark.parametrize("ago", [1, 24, 3600])
def test_a_token_that_has_ended_closes_with_4200(hubs: Hubs, ago: int) -> None:
    talker = hubs.open()
    talker.say("connect", id=1, token=hubs.guest.claims(exp=int(time.time()) - ago))
    bye = talker.ends(4200)
    assert (bye["name"], bye["reconnect"]) == ("token_expired", True)


@proves(40)
def test_a_token_that_ends_soon_is_said_to_be_expiring_at_once(hubs: Hubs) -> None:
    talker = hubs.joined(hubs.guest.claims(exp=int(time.time()) + 40))
    assert 0 < talker.hears("expiring")["in"] <= 40


@proves(50)
def test_a_visitor_is_let_in_without_a_token(hubs: Hubs) -> None:
    for token in ({}, {"token": None}):
        talker = hubs.open()
        connected = talker.ask("connect", id=1, **token)
        assert (connected["op"], connected["roles"], connected["expires_in"]) == ("connected", {}, None)


def test_connected_tells_the_venue_the_roles_and_the_limits(hubs: Hubs) -> None:
    talker = hubs.open()
    connected = talker.ask("connect", id=1, token=hubs.token)
    assert {"slug", "name", "zone", "service_day", "day_ends_at"} == set(connected["venue"])
    assert (connected["protocol"], connected["roles"]) == ("booking.v1.json", {"main": "user"})
    assert 0 < connected["expires_in"] <= 3600
    assert connected["limits"] == {
        "stale_after_ms": 5000, "silence_ms": 15000, "ping_every_ms": 5000, "messages_per_second": 20, "burst": 60,
        "subscriptions": 50, "frame_bytes": 16384, "history_versions": 200, "history_ms": 600000,
    }  # fmt: skip
    tight = hubs.open(tight=True).ask("connect", id=1, token=hubs.token)["limits"]
    assert (tight["messages_per_second"], tight["burst"], tight["subscriptions"]) == (100, 300, 3)
    assert len(json.dumps(connected)) < 1000
