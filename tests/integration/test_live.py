"""The live channel over real sockets, against two `hub serve` processes on one database.

The two are started once for the module; each test has a day and users of its own. Longer than most files because the
contract has many clauses; the client and its rules are in tests.watching.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from websockets.exceptions import InvalidStatus

from hub.security import Tokens
from tests import servers as made
from tests.conftest import SECRET_KEY, StartHub, make_settings
from tests.servers import Account, HubServer, Servers
from tests.watching import View, Watcher, converged, patched, split, truth

SUBPROTOCOL = "booking.v1.json"
TIGHT = {
    "LIVE_FIRST_FRAME_SECONDS": "1",
    "LIVE_SUBSCRIPTIONS": "2",
    "LIVE_SESSIONS_PER_USER": "2",
    "LIVE_EXPIRING_SECONDS": "3",
    "LIVE_GRACE_SECONDS": "1",
    "LIVE_FLOOD_SECONDS": "0.5",
    "ALLOWED_ORIGINS": "https://book.example, http://localhost:5173",
    "PUBLIC_URL": "https://hub.example",
}


@dataclass(slots=True)
class Pair:
    """Two hubs on one database, a third with tight bounds, and the tokens of a host and an admin."""

    a: HubServer
    b: HubServer
    tight: HubServer
    database_url: str
    host: str
    admin: str


@pytest.fixture(scope="module")
def running(servers: Servers, template: str, folder: Path) -> Iterator[Pair]:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        clone = made.cloned_database(servers, template)
        database_url = runner.run(clone.__aenter__())
        given = {"DATABASE_URL": database_url, "REDIS_URL": servers.redis_url(1023), "SECRET_KEY": SECRET_KEY}
        environ = made.environment(**given)
        home = folder / f"live-{secrets.token_hex(4)}"

        async def start() -> Pair:
            a, b, tight = await asyncio.gather(
                made.start_hub(home / "a", environ),
                made.start_hub(home / "b", environ),
                made.start_hub(home / "tight", environ | TIGHT),
            )
            host, admin = [await a.staff(role) for role in ("host", "admin")]
            for client in a.clients:
                await client.aclose()
            a.clients.clear()
            return Pair(a, b, tight, database_url, host.token, admin.token)

        pair = runner.run(start())
        try:
            yield pair
        finally:
            for hub in (pair.a, pair.b, pair.tight):
                assert runner.run(hub.stop()) == 0
            runner.run(clone.__aexit__(None, None, None))
            made.embedded.remove(home)


@pytest.fixture
async def hubs(running: Pair) -> AsyncIterator[Pair]:
    """The pair, whose HTTP clients live in this test's loop and end with it."""
    yield running
    for hub in (running.a, running.b, running.tight):
        for client in hub.clients:
            await client.aclose()
        hub.clients.clear()


DAYS = count(10)


@pytest.fixture
def day() -> date:
    """A service day that no other test touches."""
    return datetime.now(UTC).date() + timedelta(days=next(DAYS))


@pytest.fixture
async def guest(hubs: Pair) -> Account:
    return await hubs.a.register()


async def book(client: httpx.AsyncClient, day: date, time: str = "18:00", **fields: Any) -> dict[str, Any]:
    answer = await client.post("/bookings", json={"date": day.isoformat(), "time": time, "guests": 2, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def change(client: httpx.AsyncClient, booking: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = await client.patch(f"/bookings/{booking['id']}", json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def cancel(client: httpx.AsyncClient, booking: dict[str, Any]) -> None:
    answer = await client.delete(f"/bookings/{booking['id']}")
    assert answer.status_code == 200, answer.text


def token_of(database_url: str, *, lives: float, user_id: int = 1, session_id: int = 10**9, role: str = "user") -> str:
    """A token that is right in everything but, perhaps, its end."""
    settings = make_settings(database_url, "redis://127.0.0.1:1/0", Path("unused"))
    tokens = Tokens(replace(settings, jwt_expire=timedelta(seconds=lives)))
    return tokens.make(user_id=user_id, role=role, session_id=session_id)[0]


# -- connect


async def test_connect_with_a_right_token_answers_who_one_is(hubs: Pair, guest: Account) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        answer = await watcher.ask("connect", token=guest.token)
    assert answer["op"] == "connected"
    assert answer["role"] == "user"
    assert 0 < answer["expires_in"] <= 3600
    assert answer["ping_interval"] == 25
    assert isinstance(answer["session"], str)
    assert datetime.fromisoformat(answer["server_time"]).tzinfo is not None
    assert watcher.socket.close_code == 1000


@pytest.mark.parametrize("fault", ["garbage", "tampered", "expired", "logged out"])
async def test_connect_with_a_wrong_token_closes_4001(hubs: Pair, guest: Account, fault: str) -> None:
    token = guest.token
    if fault == "garbage":
        token = "not a token"
    elif fault == "tampered":
        token = token[:-2] + ("AA" if not token.endswith("AA") else "BB")
    elif fault == "expired":
        token = token_of(hubs.database_url, lives=-1)
    else:
        assert (await guest.client.post("/auth/logout")).status_code == 204
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.say("connect", token=token)
        code, bye = await watcher.closed()
    assert code == 4001
    assert bye is not None
    assert (bye["code"], bye["reconnect"]) == (4001, False)
    assert not watcher.all("connected")


async def test_connect_that_never_comes_closes_4002(hubs: Pair) -> None:
    async with await Watcher.open(hubs.tight.live_url) as watcher:
        code, bye = await watcher.closed()
    assert code == 4002
    assert bye is not None
    assert (bye["code"], bye["reconnect"]) == (4002, False)


async def test_connect_by_one_user_too_often_closes_4100(hubs: Pair) -> None:
    guest = await hubs.tight.register()
    first = [await Watcher.connected(hubs.tight.live_url, guest.token) for _ in range(2)]
    async with await Watcher.open(hubs.tight.live_url) as third:
        await third.say("connect", token=guest.token)
        code, bye = await third.closed()
    assert code == 4100
    assert bye is not None and bye["reconnect"] and bye["retry_after_ms"][1] > 0
    await first[0].leave()
    for _ in range(50):  # the place is free as soon as the hub has seen the close
        async with await Watcher.open(hubs.tight.live_url) as again:
            await again.say("connect", token=guest.token)
            await again.until(lambda w=again: w.said)
            if again.all("connected"):
                break
    assert again.all("connected")
    await first[1].leave()


# -- channels


async def test_subscribe_gives_a_snapshot_at_its_position(hubs: Pair, day: date, guest: Account) -> None:
    await book(guest.client, day, "18:00", table_id=8, guests=3)
    channels = ["tables", f"availability:{day}", f"floor:{day}"]
    async with await Watcher.connected(hubs.a.live_url, hubs.host) as watcher:
        for channel in channels:
            answer = await watcher.ask("subscribe", channel=channel)
            assert (answer["op"], answer["channel"], answer["recovered"]) == ("subscribed", channel, False)
            await watcher.until(lambda c=channel: c in watcher.held)
            assert watcher.all("snapshot", channel=channel)[0]["position"] == answer["position"]
        await watcher.proved(0)
        await converged([watcher], hubs.database_url, *channels)
        assert set(watcher.held[f"availability:{day}"].data["tables"]) == {"8"}
        kinds = [(m["op"], m.get("channel")) for m in watcher.said if m["op"] in ("subscribed", "snapshot")]
        assert kinds == [(op, channel) for channel in channels for op in ("subscribed", "snapshot")]


async def test_connect_with_many_channels_answers_each_in_the_given_order(hubs: Pair, day: date) -> None:
    channels = [f"floor:{day}", "nonsense", "tables", f"availability:{day}"]
    async with await Watcher.open(hubs.a.live_url) as watcher:
        id = await watcher.say("connect", token=hubs.host, since=dict.fromkeys(channels))
        await watcher.until(lambda: len(watcher.held) == 3)
        answers = [(m["op"], m.get("channel")) for m in watcher.said if m.get("id") == id]
    assert answers[0] == ("connected", None)
    assert answers[1:] == [("error" if c == "nonsense" else "subscribed", c) for c in channels]


async def test_update_follows_each_change_and_continues_what_is_held(hubs: Pair, day: date, guest: Account) -> None:
    channels = [f"availability:{day}", f"floor:{day}"]
    async with await Watcher.connected(hubs.a.live_url, hubs.host, *channels) as watcher:

        async def told(version: int) -> dict[str, dict[str, Any]]:
            """The update of each channel that leads to this version."""
            frames = {}
            for channel in channels:
                frames[channel] = await watcher.until(
                    lambda c=channel: next(
                        (m for m in watcher.all("update", channel=c) if split(m["position"])[1] == version), None
                    )
                )
                assert split(frames[channel]["previous"])[1] == version - 1
                assert datetime.fromisoformat(frames[channel]["at"]).tzinfo is not None
            mark = watcher.said.index(frames[channels[-1]])
            await watcher.proved(mark)
            await converged([watcher], hubs.database_url, *channels)
            return {channel.partition(":")[0]: frame["data"] for channel, frame in frames.items()}

        booking = await book(guest.client, day, "18:00", table_id=1)
        data = await told(1)
        id = str(booking["id"])
        assert data["availability"] == {"tables": {"1": [[booking["start_at"], booking["end_at"]]]}}
        assert data["floor"]["bookings"][id]["guest_name"] == "Ada Guest"
        assert data["floor"]["bookings"][id]["revision"] == 1

        booking = await change(guest.client, booking, table_id=2, time="19:00")
        data = await told(2)
        assert data["availability"] == {"tables": {"1": [], "2": [[booking["start_at"], booking["end_at"]]]}}
        assert (data["floor"]["bookings"][id]["table_id"], data["floor"]["bookings"][id]["revision"]) == (2, 2)

        booking = await change(guest.client, booking, guests=1)
        data = await told(3)
        assert data["floor"]["bookings"][id]["guests"] == 1

        await cancel(guest.client, booking)
        data = await told(4)
        assert data == {"availability": {"tables": {"2": []}}, "floor": {"bookings": {id: None}}}


async def test_update_of_the_room_follows_each_change_of_a_table(hubs: Pair) -> None:
    admin = hubs.a.client(hubs.admin)
    name = secrets.token_hex(4)
    async with await Watcher.connected(hubs.a.live_url, hubs.host, "tables") as watcher:
        table = (await admin.post("/admin/tables", json={"name": name, "seats": 4})).json()
        key = str(table["id"])
        for data, call in (
            ({"name": name, "seats": 4}, None),
            ({"name": name, "seats": 5}, admin.patch(f"/admin/tables/{key}", json={"seats": 5})),
            (None, admin.delete(f"/admin/tables/{key}")),
        ):
            if call is not None:
                assert (await call).is_success
            await watcher.until(lambda d=data: [m for m in watcher.all("update") if m["data"] == {"tables": {key: d}}])
        await converged([watcher], hubs.database_url, "tables")


async def test_availability_never_shows_who_dines(hubs: Pair, day: date, guest: Account) -> None:
    channel = f"availability:{day}"
    async with await Watcher.connected(hubs.a.live_url, guest.token, channel) as watcher:
        booking = await book(guest.client, day)
        await converged([watcher], hubs.database_url, channel)
        await cancel(guest.client, booking)
        await converged([watcher], hubs.database_url, channel)
        frames = [m for m in watcher.said if m["op"] in ("snapshot", "update")]
        assert {key for frame in frames for key in frame["data"]} == {"tables"}
        values = [rows for frame in frames for rows in frame["data"]["tables"].values()]
        assert all(datetime.fromisoformat(at) for rows in values for interval in rows for at in interval)


async def test_floor_is_forbidden_to_guests(hubs: Pair, day: date, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token, "tables") as watcher:
        answer = await watcher.ask("subscribe", channel=f"floor:{day}")
        assert (answer["op"], answer["code"], answer["channel"]) == ("error", "forbidden", f"floor:{day}")
        assert (await watcher.ask("ping"))["op"] == "pong"
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.say("connect", token=guest.token, since={f"floor:{day}": None, "tables": None})
        await watcher.until(lambda: "tables" in watcher.held)
        assert watcher.all("error")[0]["code"] == "forbidden"
        assert not watcher.all("snapshot", channel=f"floor:{day}")


async def test_subscribe_to_no_channel_of_ours_is_an_error(hubs: Pair, guest: Account) -> None:
    today = datetime.now(UTC).date()
    beyond = [today - timedelta(days=32), today + timedelta(days=402), date(1, 1, 1), date(9999, 12, 31)]
    names = [*(f"availability:{day}" for day in beyond), "availability:2026-02-30", "tables:", "day:2026-11-24", "x"]
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        for name in names:
            answer = await watcher.ask("subscribe", channel=name)
            assert (answer["op"], answer["code"], answer["channel"]) == ("error", "unknown_channel", name)
        for day in (today - timedelta(days=29), today + timedelta(days=399)):
            assert (await watcher.ask("subscribe", channel=f"availability:{day}"))["op"] == "subscribed"


async def test_subscribe_to_too_many_is_an_error_until_one_is_left(hubs: Pair, day: date) -> None:
    guest = await hubs.tight.register()
    names = [f"availability:{day + timedelta(days=n)}" for n in range(3)]
    async with await Watcher.connected(hubs.tight.live_url, guest.token, *names[:2]) as watcher:
        answer = await watcher.ask("subscribe", channel=names[2])
        assert (answer["code"], answer["channel"]) == ("too_many_subscriptions", names[2])
        assert (await watcher.ask("subscribe", channel=names[0]))["op"] == "subscribed"  # it is one of the two
        await watcher.ask("unsubscribe", channel=names[0])
        assert (await watcher.ask("subscribe", channel=names[2]))["op"] == "subscribed"


async def test_unsubscribed_channel_is_told_no_more(hubs: Pair, day: date, guest: Account) -> None:
    channel = f"availability:{day}"
    async with (
        await Watcher.connected(hubs.a.live_url, guest.token, channel) as left,
        await Watcher.connected(hubs.a.live_url, guest.token, channel) as stays,
    ):
        answer = await left.ask("unsubscribe", channel=channel)
        assert (answer["op"], answer["channel"]) == ("unsubscribed", channel)
        await book(guest.client, day)
        await converged([stays], hubs.database_url, channel)
        assert (await left.ask("ping"))["op"] == "pong"
        assert not left.all("update")
        assert (await left.ask("unsubscribe", channel="never had"))["op"] == "unsubscribed"


async def test_ping_is_answered_with_the_time(hubs: Pair, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        answer = await watcher.ask("ping")
        assert answer["op"] == "pong"
        assert abs(datetime.fromisoformat(answer["server_time"]) - datetime.now(UTC)) < timedelta(seconds=60)


async def test_answers_repeat_the_id_and_come_in_order(hubs: Pair, day: date, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        said = [
            ("subscribe", {"id": "s", "channel": f"availability:{day}"}),
            ("ping", {"id": 0}),
            ("subscribe", {"id": "wrong", "channel": "nonsense"}),
            ("unsubscribe", {"id": -5, "channel": f"availability:{day}"}),
            ("ping", {"id": ""}),
        ]
        for op, fields in said:
            await watcher.say(op, **fields)
        await watcher.until(lambda: [m for m in watcher.said if m.get("id") == ""])
        answers = [m["id"] for m in watcher.said if m.get("id") is not None and m["op"] != "connected"]
        assert answers == ["s", 0, "wrong", -5, ""]


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


async def test_token_that_ends_is_announced_and_closes_4200_after_its_grace(hubs: Pair) -> None:
    token = token_of(hubs.database_url, lives=2, user_id=10**6 + 1)
    async with await Watcher.connected(hubs.tight.live_url, token, "tables") as watcher:
        expiring = await watcher.until(lambda: watcher.all("expiring"))
        assert 0 <= expiring[0]["in"] <= 2
        code, bye = await watcher.closed(15)
    assert code == 4200
    assert bye is not None
    assert (bye["reconnect"], bye["retry_after_ms"]) == (True, [0, 0])
    assert len(watcher.all("expiring")) == 1


async def test_refresh_in_time_keeps_the_session(hubs: Pair) -> None:
    token = token_of(hubs.database_url, lives=2, user_id=10**6 + 2)
    async with await Watcher.connected(hubs.tight.live_url, token, "tables") as watcher:
        await watcher.until(lambda: watcher.all("expiring"))
        longer = token_of(hubs.database_url, lives=5.5, user_id=10**6 + 2)
        assert (await watcher.ask("refresh", token=longer))["op"] == "refreshed"
        # The next announcement is of the new token's end: the old one's has passed and closed nothing.
        await watcher.until(lambda: len(watcher.all("expiring")) == 2)
        assert (await watcher.ask("ping"))["op"] == "pong"


# -- the upgrade


@pytest.mark.parametrize(
    "origin", [None, "own", "https://hub.example", "https://book.example", "HTTP://LOCALHOST:5173"]
)
async def test_origin_that_is_allowed_may_connect(hubs: Pair, origin: str | None) -> None:
    own = hubs.tight.url if origin == "own" else origin
    async with await Watcher.open(hubs.tight.live_url, origin=own) as watcher:
        await watcher.say("ping")
        assert (await watcher.closed())[0] == 4000  # it speaks: connect comes first


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


# -- a client's faults


@pytest.mark.parametrize("connected", [False, True])
@pytest.mark.parametrize(
    ("payload", "text", "code"),
    [
        (b"\x00\x01", False, 1003),
        (b'{"op":"ping","id":"\xff"}', True, 1007),
        (b" " * 16385, True, 1009),
        (b"hello", True, 4000),
        (b'["ping"]', True, 4000),
        (b'{"id":1}', True, 4000),
        (b'{"op":"ping","id":"\\ud800"}', True, 4000),
    ],
)
async def test_frame_that_is_at_fault_closes_with_its_code(
    hubs: Pair, guest: Account, payload: bytes, text: bool, code: int, connected: bool
) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        if connected:
            await watcher.ask("connect", token=guest.token)
        await watcher.socket.send(payload, text=text)
        closed, bye = await watcher.closed()
    assert closed == code
    assert bye is not None
    assert (bye["code"], bye["reconnect"]) == (code, False)


async def test_frame_over_64_kb_closes_1009_by_the_library(hubs: Pair, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        await watcher.socket.send(" " * 65537)
        assert (await watcher.closed())[0] == 1009


async def test_first_frame_over_4_kb_closes_1009(hubs: Pair) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.socket.send(" " * 4097)
        assert (await watcher.closed())[0] == 1009


async def test_message_in_fragments_is_one_message(hubs: Pair, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        await watcher.socket.send(['{"op": "pi', 'ng", "i', 'd": "\N{SNOWMAN}"}'])
        assert (await watcher.until(lambda: watcher.all("pong")))[0]["id"] == "\N{SNOWMAN}"


async def test_binary_message_in_fragments_closes_1003(hubs: Pair, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        await watcher.socket.send([b'{"op": "pi', b'ng", "id": 1}'])
        assert (await watcher.closed())[0] == 1003


async def test_message_in_fragments_over_16_kb_closes_1009(hubs: Pair, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        await watcher.socket.send([" " * 8000] * 3)
        assert (await watcher.closed())[0] == 1009


async def test_command_before_connect_closes_4000(hubs: Pair) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.say("subscribe", channel="tables")
        code, bye = await watcher.closed()
    assert code == 4000
    assert bye is not None
    assert not watcher.all("snapshot")


async def test_second_connect_closes_4000(hubs: Pair, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        await watcher.say("connect", token=guest.token)
        assert (await watcher.closed())[0] == 4000


async def test_unknown_op_and_wrong_field_leave_the_session_alive(hubs: Pair, guest: Account) -> None:
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        assert (await watcher.ask("publish", channel="tables"))["code"] == "bad_request"
        assert (await watcher.ask("subscribe"))["code"] == "bad_request"
        assert (await watcher.ask("subscribe", channel=7))["code"] == "bad_request"
        assert (await watcher.ask("ping"))["op"] == "pong"


async def test_too_many_messages_are_refused_and_then_close_4100(hubs: Pair) -> None:
    guest = await hubs.tight.register()
    async with await Watcher.connected(hubs.tight.live_url, guest.token) as watcher:
        until = time.monotonic() + 30
        while watcher.socket.close_code is None and time.monotonic() < until:
            for _ in range(20):
                await watcher.say("ping")
            await asyncio.sleep(0.05)  # a rate, not a wait: 400 messages a second
        code, bye = await watcher.closed()
    assert code == 4100
    assert bye is not None and bye["retry_after_ms"][1] > 0
    refused = watcher.all("error")
    assert {error["code"] for error in refused} == {"rate_limited"}
    assert all(error["retryable"] and error["retry_after_ms"] > 0 for error in refused)
    assert len(watcher.all("pong")) >= 59


# -- resuming


@pytest.mark.parametrize("process", ["a", "b"])
async def test_resume_at_the_position_held_says_nothing_more(
    hubs: Pair, day: date, guest: Account, process: str
) -> None:
    booking = await book(guest.client, day)
    channel = f"availability:{day}"
    hub: HubServer = getattr(hubs, process)
    async with await Watcher.open(hub.live_url) as watcher:
        watcher.held[channel] = (await truth(hubs.database_url, channel))[channel]
        await watcher.ask("connect", token=guest.token, since={channel: booking["position"]})
        answer = await watcher.until(lambda: watcher.all("subscribed"))
        assert (answer[0]["position"], answer[0]["recovered"]) == (booking["position"], True)
        assert (await watcher.ask("ping"))["op"] == "pong"
        assert not watcher.all("update") and not watcher.all("snapshot")


@pytest.mark.parametrize("kind", ["availability", "floor"])
@pytest.mark.parametrize("process", ["a", "b"])
async def test_resume_from_an_older_position_takes_exactly_one_update(
    hubs: Pair, day: date, guest: Account, process: str, kind: str
) -> None:
    """From memory on the process that booked, from the events on one that never held the day."""
    channel = f"{kind}:{day}"
    first = await book(guest.client, day, table_id=1)
    gone = await book(guest.client, day, table_id=2)
    held = (await truth(hubs.database_url, channel))[channel]
    await change(guest.client, first, table_id=3, time="20:00")
    await cancel(guest.client, gone)
    await book(guest.client, day, table_id=4)
    wanted = (await truth(hubs.database_url, channel))[channel]
    hub: HubServer = getattr(hubs, process)
    async with await Watcher.connected(hub.live_url, hubs.host) as watcher:
        watcher.held[channel] = held
        old = held.position
        answer = await watcher.ask("subscribe", channel=channel, since=old)
        assert (answer["recovered"], answer["position"]) == (True, wanted.position)
        await watcher.until(lambda: watcher.all("update"))
        assert (await watcher.ask("ping"))["op"] == "pong"
        [update] = watcher.all("update")
        assert (update["previous"], update["position"]) == (old, wanted.position)
        assert not watcher.all("snapshot")
        assert watcher.held[channel] == wanted
        assert watcher.faults == []


async def test_resume_of_the_room_takes_exactly_one_update(hubs: Pair) -> None:
    admin = hubs.a.client(hubs.admin)
    names = [secrets.token_hex(4) for _ in range(3)]
    tables = [(await admin.post("/admin/tables", json={"name": name, "seats": 4})).json() for name in names[:2]]
    held = (await truth(hubs.database_url, "tables"))["tables"]
    await admin.patch(f"/admin/tables/{tables[0]['id']}", json={"seats": 6})
    await admin.delete(f"/admin/tables/{tables[1]['id']}")
    await admin.post("/admin/tables", json={"name": names[2], "seats": 2})
    wanted = (await truth(hubs.database_url, "tables"))["tables"]
    for hub in (hubs.a, hubs.b):
        async with await Watcher.connected(hub.live_url, hubs.host) as watcher:
            watcher.held["tables"] = View(held.position, held.data)
            await watcher.ask("subscribe", channel="tables", since=held.position)
            [update] = await watcher.until(lambda w=watcher: w.all("update"))
            assert (update["previous"], update["position"]) == (held.position, wanted.position)
            assert patched(held.data, update["data"]) == wanted.data


async def test_resume_after_a_table_was_freed_and_removed_shows_it_free(hubs: Pair, day: date, guest: Account) -> None:
    admin = hubs.a.client(hubs.admin)
    channel = f"availability:{day}"
    table = (await admin.post("/admin/tables", json={"name": secrets.token_hex(4), "seats": 4})).json()
    booking = await book(guest.client, day, table_id=table["id"])
    held = (await truth(hubs.database_url, channel))[channel]
    await change(guest.client, booking, table_id=1)
    assert (await admin.delete(f"/admin/tables/{table['id']}")).status_code == 204
    wanted = (await truth(hubs.database_url, channel))[channel]
    async with await Watcher.connected(hubs.b.live_url, hubs.host) as watcher:
        watcher.held[channel] = held
        await watcher.ask("subscribe", channel=channel, since=held.position)
        await watcher.until(lambda: watcher.all("update"))
        assert watcher.held[channel] == wanted


@pytest.mark.parametrize("since", ["other epoch", "future", "garbage", "wrong type", "empty", "none"])
@pytest.mark.parametrize("process", ["a", "b"])
async def test_resume_from_what_cannot_be_continued_takes_a_snapshot(
    hubs: Pair, day: date, guest: Account, process: str, since: str
) -> None:
    channel = f"availability:{day}"
    await book(guest.client, day)
    booking = await book(guest.client, day)
    epoch, version = split(booking["position"])
    asked: Any = {
        "other epoch": f"{'zzzzzzzz' if epoch != 'zzzzzzzz' else 'aaaaaaaa'}:{version - 1}",
        "future": f"{epoch}:{version + 1}",
        "garbage": f"{epoch}:{version - 1} ",
        "wrong type": 7,
        "empty": "",
        "none": None,
    }[since]
    hub: HubServer = getattr(hubs, process)
    async with await Watcher.connected(hub.live_url, guest.token) as watcher:
        answer = await watcher.ask("subscribe", channel=channel, since=asked)
        assert (answer["op"], answer["recovered"], answer["position"]) == ("subscribed", False, booking["position"])
        await converged([watcher], hubs.database_url, channel)
        assert len(watcher.all("snapshot")) == 1
        assert not watcher.all("update")


async def add_events(database_url: str, day: date, many: int, *, age: timedelta = timedelta()) -> None:
    """More events of a day, each of which repeats the day's first booking: the rows stay as they are."""
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        stream = f"day:{day}"
        version = await connection.fetchval("SELECT hub_lock($1)", stream)
        await connection.execute(
            "INSERT INTO events (stream, version, kind, data, at) SELECT e.stream, $2::bigint + n, e.kind, e.data, "
            "clock_timestamp() - $4::interval FROM events e, generate_series(1, $3::bigint) n "
            "WHERE e.stream = $1 AND e.version = 1",
            stream,
            version,
            many,
            age,
        )
        await connection.execute("UPDATE streams SET version = version + $2 WHERE name = $1", stream, many)
    await connection.close()


@pytest.mark.parametrize(("behind", "recovered"), [(200, True), (201, False)])
async def test_resume_reaches_back_two_hundred_versions(
    hubs: Pair, day: date, guest: Account, behind: int, recovered: bool
) -> None:
    channel = f"availability:{day}"
    old = (await book(guest.client, day))["position"]
    await add_events(hubs.database_url, day, behind)
    wanted = (await truth(hubs.database_url, channel))[channel]
    for hub in (hubs.a, hubs.b):
        async with await Watcher.connected(hub.live_url, guest.token) as watcher:
            watcher.held[channel] = View(old, {})
            answer = await watcher.ask("subscribe", channel=channel, since=old)
            assert answer["recovered"] is recovered
            await watcher.until(lambda w=watcher: w.all("update" if recovered else "snapshot"))
            assert [m["position"] for m in watcher.said if m["op"] in ("update", "snapshot")] == [wanted.position]


@pytest.mark.parametrize(("minutes", "recovered"), [(9, True), (11, False)])
async def test_resume_reaches_back_ten_minutes(
    hubs: Pair, day: date, guest: Account, minutes: int, recovered: bool
) -> None:
    old = (await book(guest.client, day))["position"]
    await add_events(hubs.database_url, day, 1, age=timedelta(minutes=minutes))
    await add_events(hubs.database_url, day, 1)
    async with await Watcher.connected(hubs.b.live_url, guest.token) as watcher:
        watcher.held[f"availability:{day}"] = View(old, {})
        answer = await watcher.ask("subscribe", channel=f"availability:{day}", since=old)
        assert answer["recovered"] is recovered


# -- many watchers, two processes


async def test_watchers_on_both_processes_see_what_is_booked_through_one(hubs: Pair, day: date, guest: Account) -> None:
    channels = [f"availability:{day}", f"floor:{day}", "tables"]
    async with (
        await Watcher.connected(hubs.a.live_url, hubs.host, *channels) as on_a,
        await Watcher.connected(hubs.a.live_url, hubs.admin, *channels) as beside,
        await Watcher.connected(hubs.b.live_url, hubs.host, *channels) as on_b,
    ):
        booking = await book(guest.client, day)
        await converged([on_a, beside, on_b], hubs.database_url, *channels)
        await cancel(hubs.b.client(guest.token), booking)
        await converged([on_a, beside, on_b], hubs.database_url, *channels)
        for watcher in (on_a, on_b):
            assert [m["position"] for m in watcher.all("update", channel=channels[0])] == [
                m["position"] for m in watcher.all("update", channel=channels[1])
            ]
        shared = ("snapshot", "update")
        assert [m for m in on_a.said if m["op"] in shared] == [m for m in beside.said if m["op"] in shared]


async def test_burst_through_both_processes_ends_at_the_same_state_everywhere(
    hubs: Pair, day: date, guest: Account
) -> None:
    channels = [f"availability:{day}", f"floor:{day}"]
    watchers = [
        await Watcher.connected(hub.live_url, hubs.host, *channels) for hub in (hubs.a, hubs.b) for _ in range(3)
    ]
    clients = [hubs.a.client(guest.token), hubs.b.client(guest.token)]
    answers = await asyncio.gather(
        *(
            clients[n % 2].post(
                "/bookings",
                json={"date": day.isoformat(), "time": f"{12 + n % 4 * 2}:00", "guests": 1 + n % 3},
            )
            for n in range(48)
        )
    )
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    await asyncio.gather(*(cancel(clients[n % 2], booking) for n, booking in enumerate(made[::3])))
    await converged(watchers, hubs.database_url, *channels)
    for watcher in watchers:
        for channel in channels:
            frames = watcher.all("update", channel=channel)
            # One process numbers its frames without a gap, however many changes each of them holds.
            assert all(one["position"] == two["previous"] for one, two in pairwise(frames))
        await watcher.leave()


async def test_change_of_day_is_told_on_both_days(hubs: Pair, day: date, guest: Account) -> None:
    other = day + timedelta(days=150)
    channels = [f"{kind}:{each}" for kind in ("availability", "floor") for each in (day, other)]
    async with (
        await Watcher.connected(hubs.a.live_url, hubs.host, *channels) as on_a,
        await Watcher.connected(hubs.b.live_url, hubs.host, *channels) as on_b,
    ):
        booking = await book(guest.client, day)
        await converged([on_a, on_b], hubs.database_url, *channels)
        await change(guest.client, booking, date=other.isoformat())
        await converged([on_a, on_b], hubs.database_url, *channels)
        for watcher in (on_a, on_b):
            left, came = (watcher.all("update", channel=f"floor:{each}")[-1] for each in (day, other))
            assert left["data"] == {"bookings": {str(booking["id"]): None}}
            assert came["data"]["bookings"][str(booking["id"])]["revision"] == 2


async def test_subscribe_in_the_middle_of_a_burst_misses_nothing(hubs: Pair, day: date, guest: Account) -> None:
    channel = f"availability:{day}"
    clients = [hubs.a.client(guest.token), hubs.b.client(guest.token)]
    watchers: list[Watcher] = []

    async def watch() -> None:
        for n in range(12):
            watchers.append(await Watcher.connected((hubs.a, hubs.b)[n % 2].live_url, hubs.host, channel))

    async def write(client: httpx.AsyncClient, table: int) -> None:
        for n in range(12):
            booking = await book(client, day, table_id=table, time=f"{12 + n % 5 * 2}:00")
            if n % 5 == 4 or n % 2:
                await cancel(client, booking)
            else:
                await cancel(client, await change(client, booking, guests=1))

    await asyncio.gather(watch(), *(write(clients[n % 2], 1 + n) for n in range(4)))
    last = await book(clients[0], day, table_id=1)
    await converged(watchers, hubs.database_url, channel)
    assert split(last["position"])[1] > 100
    for watcher in watchers:
        await watcher.leave()


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


async def test_change_of_role_narrows_and_widens_open_sockets(hubs: Pair, day: date) -> None:
    host = await hubs.a.staff("host")
    channels = ["tables", f"floor:{day}"]
    async with (
        await Watcher.connected(hubs.a.live_url, host.token, *channels) as on_a,
        await Watcher.connected(hubs.b.live_url, host.token, *channels) as on_b,
    ):
        await hubs.a.command("create-user", host.email, "--role", "user")
        for watcher in (on_a, on_b):
            await watcher.until(lambda w=watcher: w.all("unsubscribed", channel=f"floor:{day}"))
            assert watcher.all("unsubscribed")[0]["id"] is None
            assert (await watcher.ask("subscribe", channel=f"floor:{day}"))["code"] == "forbidden"
            assert "tables" in watcher.held
        await hubs.a.command("create-user", host.email, "--role", "host")
        for watcher in (on_a, on_b):
            for _ in range(60):  # nothing is said of a wider role: ask until it is so
                if (await watcher.ask("subscribe", channel=f"floor:{day}"))["op"] == "subscribed":
                    break
                await asyncio.sleep(0.1)
            await watcher.until(lambda w=watcher: f"floor:{day}" in w.held)


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
