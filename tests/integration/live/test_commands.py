"""What a client says on the live channel: each command has its answer, and each fault its error or its close."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.integration.live.conftest import Pair, book
from tests.servers import Account
from tests.watching import Watcher, converged

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
        await watcher.verified(0)
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


async def test_first_frame_over_8_kb_closes_1009(hubs: Pair) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.socket.send(" " * 8193)
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
