"""What does not fit into a frame is not sent: its own channel ends, and nobody else's."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import structlog

from hub.commands import changes
from hub.commands.call import Call
from hub.domain.events import MAIN, stream_of
from hub.live.frame_builder import Oversized
from hub.security import Identity
from hub.store import database
from tests.integration.hub.test_metrics import value
from tests.process import AVAILABILITY, DAY, FLOOR, Client, Process, make_user

HOURS = (12, 13, 14, 15, 16)
EMPTY: dict[str, Any] = {"bookings": {}, "blocks": {}, "holds": {}, "waitlist": {}}


def bound(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("hub.live.frame_builder.LARGEST_FRAME", size)


def oversized(process: Process) -> float | None:
    return value(process.metrics, "hub_live_frames_total", op="oversized")


def errors(client: Client) -> list[dict[str, Any]]:
    return [message for message in client.said if message["op"] == "error"]


async def fill(process: Process, *hours: int) -> int:
    user = await make_user(f"Ada{hours[0]}")
    for hour in hours:
        await process.book(user, hour)
    return user


async def empty(process: Process, user: int) -> None:
    for row in await database.fetch("SELECT id FROM bookings WHERE user_id = $1 AND status = 'booked'", user):
        await changes.cancel(process.writer, Call(Identity(user, "user", 0, 0.0)), row["id"])


async def test_a_channel_that_does_not_fit_is_unavailable_and_built_once(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    user = await fill(process, *HOURS)
    process.receive()
    bound(monkeypatch, 1200)
    client = await process.enter(AVAILABILITY)
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            with pytest.raises(Oversized) as refused:
                await process.subscribe(client, FLOOR)
            assert (refused.value.code, refused.value.retryable, refused.value.retry_after) == ("unavailable", True, 60)
    assert [line["channel"] for line in lines if line["log_level"] == "error"] == [FLOOR]
    assert oversized(process) == 1
    assert list(client.subscriptions) == [AVAILABILITY] and "error" not in client.ops()

    await empty(process, user)  # and when it fits again it is shown
    process.receive()
    await client.until(lambda: "update" in client.ops())
    await process.subscribe(client, FLOOR)
    await client.until(lambda: client.ops().count("snapshot") == 2)
    assert client.said[-2]["data"] == EMPTY


async def test_a_change_that_does_not_fit_ends_its_own_channel_alone(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = [await process.enter(FLOOR), await process.enter(FLOOR, AVAILABILITY)]
    bound(monkeypatch, 1200)
    await fill(process, *HOURS)
    process.receive()  # of all at once: neither the update nor a snapshot fits
    for host in hosts:
        await host.until(lambda h=host: errors(h))  # type: ignore[misc]
        [told] = errors(host)
        assert told | {"message": ""} == {
            "op": "error", "id": None, "channel": FLOOR, "code": "unavailable", "message": "", "retryable": True,
            "retry_after_ms": 60_000,
        }  # fmt: skip
        assert host.ended is None
    await hosts[1].until(lambda: "update" in hosts[1].ops())
    assert {message["channel"] for message in hosts[1].said if message["op"] == "update"} == {AVAILABILITY}
    assert [list(host.subscriptions) for host in hosts] == [[], [AVAILABILITY]]
    assert (await process.views.get(stream_of(MAIN, DAY))).watchers == 1
    process.broadcaster.fresh.send()  # nothing of it is left behind
    await hosts[0].until(lambda: hosts[0].ops()[-1] == "fresh")


async def test_who_must_be_told_anew_what_does_not_fit_is_the_only_one_to_lose_it(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = await process.enter(FLOOR), await process.enter(FLOOR)
    bound(monkeypatch, 1200)
    user = await fill(process, HOURS[0])
    for number, hour in enumerate(HOURS[1:], 1):  # one by one each fits
        process.receive()
        await quick.until(lambda n=number: quick.ops().count("update") == n)  # type: ignore[misc]
        await process.book(user, hour)
    process.broadcaster.suspend(slow)
    slow.lagging.clear()
    process.broadcaster.resync(slow, slow.subscriptions[FLOOR], "slow")
    await slow.until(lambda: errors(slow))
    assert "resync" not in slow.ops() and not slow.subscriptions
    count = quick.ops().count("update")
    process.receive()
    await quick.until(lambda: quick.ops().count("update") > count)
    assert not errors(quick) and FLOOR in quick.subscriptions


async def test_a_change_that_is_larger_than_the_state_is_told_as_the_state(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = await process.enter(FLOOR)
    [snapshot] = [message for message in host.said if message["op"] == "snapshot"]
    user = await fill(process, *HOURS)
    process.receive()
    await host.until(lambda: "update" in host.ops())
    bound(monkeypatch, len(orjson.dumps(snapshot)) + 10)
    begin = len(host.said)
    await empty(process, user)
    process.receive()
    await host.until(lambda: "snapshot" in host.ops(begin))
    assert host.ops(begin)[:2] == ["resync", "snapshot"] and host.said[begin]["reason"] == "gap"
    assert host.said[begin + 1]["data"] == EMPTY and FLOOR in host.subscriptions


async def test_who_comes_back_to_a_change_that_does_not_fit_gets_the_state(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = await process.enter(FLOOR)
    [snapshot] = [message for message in host.said if message["op"] == "snapshot"]
    await empty(process, await fill(process, *HOURS))
    process.receive()
    late = await process.enter()
    bound(monkeypatch, len(orjson.dumps(snapshot)) + 10)
    subscription = host.subscriptions[FLOOR]
    await process.broadcaster.subscribe(late, subscription.channel, since=snapshot["position"], id=7)
    await late.until(lambda: "snapshot" in late.ops())
    assert late.said[0]["recovered"] is False and late.said[1]["data"] == EMPTY
