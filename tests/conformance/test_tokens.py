"""Tokens, roles and log-ins: what of them ends a session, and what does not."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from tests.conformance.conftest import Hubs
from tests.conformance.statements import proves

ROLE = "UPDATE users SET role = $1, changed_at = clock_timestamp() WHERE email = $2"


@pytest.mark.slow
@proves(81, 88)
def test_a_token_that_ends_is_announced_once_and_closes_with_4200_after_its_grace(hubs: Hubs) -> None:
    ends = time.time() + 1
    talker = hubs.joined(hubs.guest.claims(exp=ends), tight=True)
    assert 0 <= talker.hears("expiring")["in"] <= 1
    bye = talker.ends(4200)
    assert (bye["name"], bye["reconnect"], bye["retry_after_ms"]) == ("token_expired", True, [0, 0])
    assert time.time() >= ends + 1  # the grace of this hub


@pytest.mark.slow
@proves(81)
def test_a_refresh_in_time_keeps_the_session(hubs: Hubs) -> None:
    talker = hubs.joined(hubs.guest.claims(exp=time.time() + 1), tight=True)
    talker.hears("expiring")
    answer = talker.ask("refresh", id=2, token=hubs.guest.claims(exp=time.time() + 4))
    assert answer["op"] == "refreshed" and answer["roles"] == {"main": "user"}
    talker.hears("expiring")  # of the new token's end: the old one's has passed and closed nothing
    assert talker.ask("ping", id=3)["op"] == "pong"


@proves(82)
def test_a_refresh_that_is_refused_leaves_the_session_alive(hubs: Hubs) -> None:
    talker = hubs.joined()
    assert talker.ask("refresh", id=2, token=hubs.host.token)["code"] == "forbidden"
    for wrong in ("none", hubs.guest.claims(exp=int(time.time()) - 1)):
        assert talker.ask("refresh", id=3, token=wrong)["code"] == "auth_error"
    assert talker.ask("refresh", id=4)["code"] == "bad_request"
    answer = talker.ask("refresh", id=5, token=hubs.token)
    assert answer["op"] == "refreshed" and 0 < answer["expires_in"] <= 3600
    visitor = hubs.open()
    visitor.ask("connect", id=1)
    assert visitor.ask("refresh", id=2, token=hubs.token)["code"] == "forbidden"


@proves(83, 85, 88)
def test_after_a_refresh_the_session_is_of_the_new_tokens_log_in(hubs: Hubs) -> None:
    first = hubs.register()
    second = hubs.log_in(first.email)
    moved, stays = hubs.joined(first.token), hubs.joined(first.token)
    assert moved.ask("refresh", id=2, token=second.token)["op"] == "refreshed"
    first.done("POST", "/auth/logout")
    assert stays.ends(4003)["name"] == "revoked"
    assert moved.ask("ping", id=3)["op"] == "pong"
    second.done("POST", "/auth/logout")
    assert moved.ends(4003)["reconnect"] is False


@proves(84)
@pytest.mark.parametrize("ago, status", [(100, 200), (140, 401)])
def test_a_token_is_renewed_until_two_minutes_after_its_end(hubs: Hubs, ago: int, status: int) -> None:
    answer = replace(hubs.guest, token=hubs.guest.claims(exp=int(time.time()) - ago)).asks("POST", "/auth/refresh")
    assert answer.status_code == status
    if status == 200:
        assert hubs.joined(answer.json()["access_token"]).ask("ping", id=2)["op"] == "pong"
        assert hubs.joined().ask("ping", id=2)["op"] == "pong"  # the old one stays good


@proves(85, 88)
def test_a_log_out_closes_its_own_sessions_and_one_from_everywhere_all(hubs: Hubs) -> None:
    first = hubs.register()
    second = hubs.log_in(first.email)
    own, other, strangers = hubs.joined(first.token), hubs.joined(second.token), hubs.joined()
    elsewhere = hubs.joined(first.token, tight=True)
    first.done("POST", "/auth/logout")
    for talker in (own, elsewhere):
        assert talker.ends(4003)["reconnect"] is False
    assert other.ask("ping", id=2)["op"] == "pong"
    third = hubs.log_in(first.email)
    third.done("POST", "/auth/logout", {"everywhere": True})
    other.ends(4003)
    assert strangers.ask("ping", id=2)["op"] == "pong"


@proves(86)
def test_a_lost_role_and_a_won_role_are_told(hubs: Hubs, day: date) -> None:
    host = hubs.staff("host")
    floor = f"floor:{day}"
    talker, _ = hubs.watching(floor, host.token)
    talker.ask("subscribe", id=2, channel="tables")
    hubs.query(ROLE, "user", host.email)
    assert talker.hears("roles")["roles"] == {"main": "user"}
    assert talker.hears("unsubscribed") == {"op": "unsubscribed", "id": None, "channel": floor}
    assert talker.ask("subscribe", id=3, channel=floor)["code"] == "forbidden"
    hubs.query(ROLE, "host", host.email)
    assert talker.hears("roles")["roles"] == {"main": "host"}
    assert talker.ask("subscribe", id=4, channel=floor)["op"] == "subscribed"
    narrower = talker.ask("refresh", id=5, token=host.claims(role="user"))
    assert narrower["op"] == "refreshed"
