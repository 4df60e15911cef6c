"""Sessions of the live channel: who gets in and how, what its token allows, and how each session ends."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from websockets.exceptions import InvalidStatus

from hub.security import Tokens
from tests.conftest import SECRET_KEY, StartHub, make_settings
from tests.integration.live.conftest import Pair, book
from tests.integration.rest import query
from tests.servers import PASSWORD, Account, HubServer
from tests.sockets import where
from tests.watching import PATIENCE, Watcher, converged

SUBPROTOCOL = "booking.v1.json"


def token_of(database_url: str, *, lives: float, user_id: int = 1, session_id: int = 10**9, role: str = "user") -> str:
    """A token that is right in everything but, perhaps, its end."""
    settings = make_settings(database_url, "redis://127.0.0.1:1/0", Path("unused"))
    tokens = Tokens(replace(settings, jwt_expire=timedelta(seconds=lives)))
    return tokens.make(user_id=user_id, role=role, session_id=session_id)[0]


# -- the upgrade


@pytest.mark.parametrize(
    "origin",
    [None, "https://hub.example", "https://hub.example:443", "https://book.example", "HTTP://LOCALHOST:5173"],
)
async def test_origin_that_is_allowed_may_connect(hubs: Pair, origin: str | None) -> None:
    async with await Watcher.open(hubs.tight.live_url, origin=origin) as watcher:
        await watcher.say("ping")
        assert (await watcher.closed())[0] == 4000  # it speaks: connect comes first


async def test_without_public_url_the_page_of_this_address_is_the_hubs_own(hubs: Pair) -> None:
    async with await Watcher.open(hubs.a.live_url, origin=hubs.a.url) as watcher:
        await watcher.say("ping")
        assert (await watcher.closed())[0] == 4000


async def test_with_public_url_no_other_origin_is_the_hubs_own(hubs: Pair) -> None:
    own = hubs.tight.url
    claims = {"X-Forwarded-Host": own.removeprefix("http://"), "X-Forwarded-Proto": "http"}
    for headers in ({}, claims):
        with pytest.raises(InvalidStatus) as refused:
            await Watcher.open(hubs.tight.live_url, origin=own, additional_headers=headers)
        assert refused.value.response.status_code == 403
    told = [
        line
        for line in hubs.tight.whole_output().splitlines()
        if own in line and "a page of another origin was refused" in line
    ]
    assert len(told) == 1  # in a minute
    assert json.loads(told[0])["hint"].startswith("set PUBLIC_URL")


FOREIGN = [
    "null",
    "",
    "https://evil.example",
    "http://127.0.0.1",
    "https://book.example.evil",
    "https://book.example:444",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_origin_that_is_foreign_gets_403(hubs: Pair, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await Watcher.open(hubs.tight.live_url, origin=origin)
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body or b"")["error_code"] == "forbidden"


async def test_origin_of_the_page_is_judged_with_its_scheme(hubs: Pair) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await Watcher.open(hubs.a.live_url, origin=hubs.a.url.replace("http://", "https://"))
    assert refused.value.response.status_code == 403


def origins_warned_of(hub: HubServer) -> list[str]:
    lines = [json.loads(line) for line in hub.output.splitlines() if "a page of another origin was refused" in line]
    return [line["origin"] for line in lines if line["hint"].startswith("set PUBLIC_URL")]


async def test_origin_that_rest_is_asked_from_is_told_once(hubs: Pair) -> None:
    """By a call and by the question before one, where other origins are allowed and where none is."""
    question = {"access-control-request-method": "POST"}
    for number, hub in enumerate((hubs.tight, hubs.a)):
        client = hub.client()
        call, ask, last = (f"https://{kind}-{number}.example" for kind in ("call", "ask", "last"))
        own = "https://hub.example" if hub is hubs.tight else hub.url
        for _ in range(2):
            await client.get("/venue", headers={"origin": call})
            await client.options("/bookings", headers={"origin": ask, **question})
            await client.get("/venue", headers={"origin": own})
        await client.get("/venue", headers={"origin": last})
        async with asyncio.timeout(PATIENCE):
            while last not in origins_warned_of(hub):  # noqa: ASYNC110 - another process' log
                await asyncio.sleep(0.02)
        told = origins_warned_of(hub)
        assert (told.count(call), told.count(ask), told.count(own)) == (1, 1, 0)


@pytest.mark.parametrize(
    ("offered", "named"), [(None, None), ([SUBPROTOCOL], SUBPROTOCOL), (["graphql-ws", SUBPROTOCOL], SUBPROTOCOL)]
)
async def test_subprotocol_is_named_back_when_it_is_offered(
    hubs: Pair, guest: Account, offered: list[str] | None, named: str | None
) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token, "tables", subprotocols=offered) as watcher:
        assert watcher.socket.subprotocol == named


async def test_subprotocol_that_is_not_ours_gets_400(hubs: Pair) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await Watcher.open(hubs.a.live_url, subprotocols=["booking.v2.json", "graphql-ws"])
    assert refused.value.response.status_code == 400
    assert refused.value.response.headers["content-type"].startswith("application/problem+json")


async def test_live_without_an_upgrade_says_so(hubs: Pair) -> None:
    client = hubs.a.client()
    answer = await client.get("/live")
    assert answer.status_code == 426
    assert answer.headers["upgrade"].lower() == "websocket"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await client.request(method, "/live")
        assert (answer.status_code, answer.json()["error_code"]) == (405, "method_not_allowed")
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("missing", ["sec-websocket-key", "sec-websocket-version", "connection"])
async def test_upgrade_that_is_no_handshake_is_refused(hubs: Pair, missing: str) -> None:
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    headers[missing] = "close" if missing == "connection" else "nonsense"
    answer = await hubs.a.client().get("/live", headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error_code"] == "malformed"


async def handshake(hub: HubServer, head: str) -> bytes:
    """The head of the answer to these bytes, which need not be HTTP of any library's making."""
    reader, writer = await asyncio.open_connection(*where(hub))
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    rest = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    writer.write((head + rest).encode(errors="surrogateescape"))
    try:
        async with asyncio.timeout(PATIENCE):
            return await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.close()


V = "Sec-WebSocket-Version: 13\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"GET /live HTTP/1.0\r\nHost: hub\r\n{V}", 400),
        (f"GET /live HTTP/1.1\r\n{V}", 400),
        ("GET /live HTTP/1.1\r\nHost: hub\r\nSec-WebSocket-Version: 8\r\n", 426),
        (f"GET /live HTTP/1.1\r\nHost: hub\r\n{V}Sec-WebSocket-Protocol: \r\n", 400),
        (f"GET /live HTTP/1.1\r\nHost: hub\r\n{V}Sec-WebSocket-Protocol: кухня\r\n", 400),
        (f"GET /live HTTP/1.1\r\nHost: hub\r\n{V}X-Name: 客\r\n", 101),
        (f"GET /live HTTP/1.1\r\nHost: hub\r\n{V}Cookie: of=\udcff\udc80 another\r\n", 101),
    ],
)
async def test_handshake_is_judged_by_its_own_headers(hubs: Pair, head: str, status: int) -> None:
    answer = await handshake(hubs.a, head)
    assert int(answer.split()[1]) == status
    if status in (400, 426) and "Host:" in head:  # else it is not even a request
        assert b"sec-websocket-version: 13" in answer.lower()


# -- connect


async def test_connect_with_a_right_token_answers_who_one_is(hubs: Pair, guest: Account) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        answer = await watcher.ask("connect", token=guest.token)
    assert answer["op"] == "connected"
    assert answer["roles"] == {"main": "user"}
    assert 0 < answer["expires_in"] <= 3600
    assert answer["protocol"] == SUBPROTOCOL
    assert answer["limits"]["stale_after_ms"] == 5000
    venue = (await hubs.a.client().get("/venue")).json()
    assert answer["venue"] == {name: venue[name] for name in ("slug", "name", "zone", "service_day", "day_ends_at")}
    assert isinstance(answer["session"], str)
    assert datetime.fromisoformat(answer["server_time"]).tzinfo is not None
    assert watcher.socket.close_code == 1000


async def test_visitor_sees_the_venue_and_nothing_else(hubs: Pair, guest: Account) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        answer = await watcher.ask("connect", since={"venue": None, "tables": None})
        assert (answer["op"], answer["roles"], answer["expires_in"]) == ("connected", {}, None)
        await watcher.until(lambda: "venue" in watcher.held and watcher.all("error"))
        assert watcher.all("error")[0]["code"] == "forbidden"
        facts = (await hubs.a.client().get("/venue")).json()
        assert watcher.held["venue"].data == {name: value for name, value in facts.items() if name != "now"}
        assert (await watcher.ask("refresh", token=guest.token))["code"] == "forbidden"
        await watcher.verified(len(watcher.said) - 1)  # and it is told how fresh that is


async def test_several_channels_are_subscribed_by_one_frame(hubs: Pair, guest: Account, day: date) -> None:
    names = ["tables", f"availability:{day}", f"floor:{day}", "nonsense"]
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        id = await watcher.say("subscribe", channels=dict.fromkeys(names))
        await watcher.until(lambda: len([m for m in watcher.said if m.get("id") == id]) == 4)
        assert {m["channel"]: m.get("code", m["op"]) for m in watcher.said if m.get("id") == id} == {
            "tables": "subscribed", f"availability:{day}": "subscribed", f"floor:{day}": "forbidden",
            "nonsense": "unknown_channel",
        }  # fmt: skip


@pytest.mark.parametrize("fault", ["garbage", "tampered", "logged out"])
async def test_connect_with_a_wrong_token_closes_4001(hubs: Pair, guest: Account, fault: str) -> None:
    token = guest.token
    if fault == "garbage":
        token = "not a token"
    elif fault == "tampered":
        token = token[:-2] + ("AA" if not token.endswith("AA") else "BB")
    else:
        assert (await guest.client.post("/auth/logout")).status_code == 204
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.say("connect", token=token)
        code, bye = await watcher.closed()
    assert code == 4001
    assert bye is not None
    assert (bye["code"], bye["reconnect"]) == (4001, False)
    assert not watcher.all("connected")


async def test_connect_with_a_token_that_has_ended_closes_4200(hubs: Pair) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.say("connect", token=token_of(hubs.database_url, lives=-1))
        code, bye = await watcher.closed()
    assert code == 4200
    assert bye is not None and (bye["name"], bye["reconnect"]) == ("token_expired", True)


@pytest.mark.parametrize("end", [10.0**50, float("inf"), -1.0])
async def test_connect_with_an_absurd_end_closes_4001(hubs: Pair, end: float) -> None:
    claims = jwt.decode(token_of(hubs.database_url, lives=60), options={"verify_signature": False})
    token = jwt.encode(claims | {"exp": end}, SECRET_KEY, algorithm="HS256")
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.say("connect", token=token)
        assert (await watcher.closed())[0] == 4001


async def test_connect_by_one_user_too_often_closes_the_oldest_with_4100(hubs: Pair) -> None:
    guest = await hubs.tight.register()
    first = [await Watcher.connected(hubs.tight.live_url, guest.token) for _ in range(2)]
    async with await Watcher.connected(hubs.tight.live_url, guest.token, "tables") as third:
        code, bye = await first[0].closed()
        assert code == 4100
        assert bye is not None and bye["reconnect"] and bye["retry_after_ms"][1] > 0
        for watcher in (first[1], third):
            assert (await watcher.ask("ping"))["op"] == "pong"
    await first[0].leave()
    await first[1].leave()


# -- refresh, and the token's end


async def test_refresh_takes_a_new_token_of_the_same_user_only(hubs: Pair, guest: Account) -> None:
    other = await hubs.a.register()
    fresh = (await guest.client.post("/auth/refresh")).json()["access_token"]
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        assert (await watcher.ask("refresh", token=other.token))["code"] == "forbidden"
        assert (await watcher.ask("refresh", token="nonsense"))["code"] == "auth_error"
        answer = await watcher.ask("refresh", token=fresh)
        assert answer["op"] == "refreshed"
        assert 0 < answer["expires_in"] <= 3600


async def test_refresh_with_a_narrower_token_unsubscribes(hubs: Pair, day: date) -> None:
    names = ["tables", f"floor:{day}"]
    host = token_of(hubs.database_url, lives=600, user_id=10**6, role="host")
    user = token_of(hubs.database_url, lives=600, user_id=10**6, role="user")
    async with await Watcher.connected(hubs.a.live_url, host, *names) as watcher:
        assert (await watcher.ask("refresh", token=user))["op"] == "refreshed"
        await watcher.until(lambda: watcher.all("unsubscribed", channel=f"floor:{day}"))
        assert "tables" in watcher.held
        assert (await watcher.ask("subscribe", channel=f"floor:{day}"))["code"] == "forbidden"


# -- the end of a session, and of a role


async def test_log_out_closes_its_sockets_on_both_processes(hubs: Pair, guest: Account) -> None:
    again = await hubs.a.log_in(guest.email)
    async with (
        await Watcher.connected(hubs.a.live_url, guest.token, "tables") as on_a,
        await Watcher.connected(hubs.b.live_url, guest.token, "tables") as on_b,
        await Watcher.connected(hubs.b.live_url, again.token, "tables") as other,
    ):
        assert (await guest.client.post("/auth/logout")).status_code == 204
        for watcher in (on_a, on_b):
            code, bye = await watcher.closed()
            assert code == 4003
            assert bye is not None and not bye["reconnect"]
        assert (await other.ask("ping"))["op"] == "pong"
        assert (await again.client.post("/auth/logout", json={"everywhere": True})).status_code == 204
        assert (await other.closed())[0] == 4003


ROLE = "UPDATE users SET role = $1, changed_at = clock_timestamp() WHERE email = $2"
"""As an earlier release changed a role: without an end of the account's sessions."""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["password", "role", "disabled"])
async def test_change_of_an_account_closes_its_sockets_on_both_processes(hubs: Pair, how: str) -> None:
    host = await hubs.a.staff("host")
    async with (
        await Watcher.connected(hubs.a.live_url, host.token, "tables") as on_a,
        await Watcher.connected(hubs.b.live_url, host.token, "tables") as on_b,
    ):
        if how == "password":
            body = {"old": PASSWORD, "new": "another good password"}
            assert (await host.client.post("/auth/password", json=body)).status_code == 204
        elif how == "role":
            await hubs.a.command("create-user", host.email, "--role", "user")
        else:
            await hubs.a.command("users", "disable", host.email)
        for watcher in (on_a, on_b):
            code, bye = await watcher.closed()
            assert code == 4003
            assert bye is not None and not bye["reconnect"]


async def test_change_of_role_narrows_and_widens_open_sockets(hubs: Pair, day: date) -> None:
    host = await hubs.a.staff("host")
    channels = ["tables", f"floor:{day}"]
    async with (
        await Watcher.connected(hubs.a.live_url, host.token, *channels) as on_a,
        await Watcher.connected(hubs.b.live_url, host.token, *channels) as on_b,
    ):
        await query(hubs.a, ROLE, "user", host.email)
        for watcher in (on_a, on_b):
            await watcher.until(lambda w=watcher: w.all("unsubscribed", channel=f"floor:{day}"))
            assert watcher.all("unsubscribed")[0]["id"] is None
            assert watcher.all("roles")[0]["roles"] == {"main": "user"}
            assert (await watcher.ask("subscribe", channel=f"floor:{day}"))["code"] == "forbidden"
            assert "tables" in watcher.held
        await query(hubs.a, ROLE, "host", host.email)
        for watcher in (on_a, on_b):
            await watcher.until(lambda w=watcher: w.all("roles", roles={"main": "host"}))
            assert (await watcher.ask("subscribe", channel=f"floor:{day}"))["op"] == "subscribed"
            await watcher.until(lambda w=watcher: f"floor:{day}" in w.held)


@pytest.mark.slow
async def test_two_worker_processes_tell_every_socket(start_hub: StartHub, database_url: str) -> None:
    hub = await start_hub(workers=2)
    day = datetime.now(UTC).date() + timedelta(days=7)
    channel = f"availability:{day}"
    guest = await hub.register()
    # Whichever process the kernel gives each to: with ten on one side by chance the test still holds.
    watchers = [await Watcher.connected(hub.live_url, guest.token, channel) for _ in range(10)]
    for n in range(6):
        await book(hub.client(guest.token), day, f"{12 + n}:00")
    await converged(watchers, database_url, channel)
    assert (await guest.client.post("/auth/logout")).status_code == 204
    assert {(await watcher.closed())[0] for watcher in watchers} == {4003}


@pytest.mark.slow
async def test_stop_says_bye_to_every_socket(start_hub: StartHub) -> None:
    hub = await start_hub()
    guest = await hub.register()
    watchers = [await Watcher.connected(hub.live_url, guest.token, "tables") for _ in range(3)]
    stopping = asyncio.create_task(hub.stop())
    for watcher in watchers:
        code, bye = await watcher.closed()
        assert code == 1012
        assert bye is not None and bye["reconnect"] and bye["retry_after_ms"][1] > 0
    assert await stopping == 0
