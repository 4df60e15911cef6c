"""Clients that are silent, flood or break the framing: each ends as the contract says, the others are told in order."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.integration.tight import CHANNELS, FIRST, FLOOD, STALL, STUCK, prepare, undisturbed
from tests.outside import complaints, reaches, total
from tests.servers import HubServer
from tests.sockets import BINARY, PING, Wire, agree, frame

pytestmark = pytest.mark.slow  # a minute and more of waiting for bounds


async def says_nothing(hub: HubServer, token: str) -> None:
    begun = time.monotonic()
    wire = await Wire.open(hub)
    assert await asyncio.wait_for(wire.gone, 3 * (FIRST + 1)) == 4002
    print(f"connect_timeout after {time.monotonic() - begun:.1f} s")
    assert wire.said[-1]["op"] == "bye"


async def says_half_a_frame(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.raw(frame(b'{"op":"connect"' + b" " * 1000)[:-500])
    assert await asyncio.wait_for(wire.gone, 3 * (FIRST + 1)) == 4002


async def floods(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token)
    begun = time.monotonic()
    while not wire.gone.done() and time.monotonic() - begun < 3 * FLOOD + 3:
        for _ in range(50):
            wire.say("ping")
        await asyncio.sleep(0.01)  # a rate, not a wait
    assert wire.gone.done() and wire.gone.result() == 4100
    refused = wire.all("error")
    assert {error["code"] for error in refused} == {"rate_limited"}
    # The burst, and what a second and a half lets through.
    assert len(wire.all("pong")) <= 60 + 20 * (FLOOD + 1)


async def floods_and_reads_nothing(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub, narrow=True)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    wire.transport.pause_reading()
    begun = time.monotonic()
    while time.monotonic() - begun < 2 * FLOOD and wire.transport.get_write_buffer_size() < 2**20:
        for _ in range(20):
            wire.say("ping")
        await asyncio.sleep(0.01)
    wire.transport.resume_reading()
    assert await asyncio.wait_for(wire.gone, 3 * (FLOOD + STALL + STUCK)) in (4100, 4101, 1006)


async def pings_without_end(hub: HubServer, token: str) -> None:
    """The WebSocket's own pings count too."""
    wire = await Wire.open(hub)
    wire.connect(token)
    begun = time.monotonic()
    while not wire.gone.done() and time.monotonic() - begun < 3 * FLOOD + 3:
        wire.raw(frame(b"x" * 125, PING) * 20)
        await asyncio.sleep(0.01)
    assert wire.gone.done() and wire.gone.result() == 4100


async def pings_and_reads_nothing(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub, narrow=True)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    wire.transport.pause_reading()
    for _ in range(4 * round(FLOOD * 100)):
        if wire.transport.get_write_buffer_size() < 2**20:
            wire.raw(frame(b"x" * 125, PING) * 20)
        await asyncio.sleep(0.01)
    wire.transport.resume_reading()
    assert await asyncio.wait_for(wire.gone, 3 * (FLOOD + STALL + STUCK)) in (4100, 4101, 1006)


async def subscribes_ten_thousand_times(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token)
    for n in range(10_000):
        if wire.gone.done():
            break
        wire.say("subscribe", channel=f"availability:{day_after(n % 300)}")
        if n % 100 == 99:
            await asyncio.sleep(0.02)
    while not wire.gone.done():
        wire.say("subscribe", channel="tables")
        await asyncio.sleep(0.01)
    assert wire.gone.result() == 4100
    codes = {error["code"] for error in wire.all("error")}
    assert codes <= {"rate_limited", "too_many_subscriptions"} and "rate_limited" in codes
    assert len({m["channel"] for m in wire.all("subscribed")}) <= 50


async def subscribes_to_the_same_again_and_again(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token)
    for _ in range(50):
        wire.say("subscribe", channel=CHANNELS[0])
    await wire.until(lambda: len(wire.all("subscribed")) == 50)
    await wire.leave()


async def sends_one_byte_fragments(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    payload = orjson.dumps({"op": "ping", "id": "x" * 60})
    wire.raw(frame(payload[:1], fin=False))
    for byte in payload[1:-1]:
        wire.raw(frame(bytes((byte,)), 0, fin=False))
    assert await asyncio.wait_for(wire.gone, 10) == 4000


async def sends_byte_by_byte(hub: HubServer, token: str) -> None:
    """Slow, but within its rights: a frame that comes in many packets is a frame."""
    wire = await Wire.open(hub)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    for byte in frame(b'{"op":"ping","id":"slowly"}'):
        wire.raw(bytes((byte,)))
        await asyncio.sleep(0)
    await wire.until(lambda: wire.all("pong", id="slowly"))
    await wire.leave()


def sends(data: bytes, code: int) -> Any:
    async def villain(hub: HubServer, token: str) -> None:
        wire = await Wire.open(hub)
        wire.connect(token)
        await wire.until(lambda: wire.said)
        wire.raw(data)
        assert await asyncio.wait_for(wire.gone, 10) == code
        assert wire.said[-1]["op"] == "bye" or len(data) > 65536

    return villain


async def breaks_the_framing(hub: HubServer, token: str) -> None:
    for data in (b"\x81\x05hello", b"\xff" * 64, b"\x83\x80\x00\x00\x00\x00", frame(b"x", 9, fin=False)):
        wire = await Wire.open(hub)
        wire.raw(data)
        assert await asyncio.wait_for(wire.gone, 10) == 1002


async def sends_an_endless_message(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    wire.raw(frame(b" " * 8000, fin=False))
    for _ in range(20):
        wire.raw(frame(b" " * 8000, 0, fin=False))
    assert await asyncio.wait_for(wire.gone, 10) == 1009


VILLAINS: list[Any] = [
    says_nothing,
    says_half_a_frame,
    floods,
    floods_and_reads_nothing,
    pings_without_end,
    pings_and_reads_nothing,
    subscribes_ten_thousand_times,
    subscribes_to_the_same_again_and_again,
    sends_one_byte_fragments,
    sends_byte_by_byte,
    sends(frame(b'{"op":"ping","id":"\xff"}'), 1007),
    sends(frame(b"\x00\x01", BINARY), 1003),
    sends(frame(b" " * 16385), 1009),
    sends(frame(b" " * 65537), 1009),
    breaks_the_framing,
    sends_an_endless_message,
]


async def test_hostile_clients_end_as_they_should_and_others_are_told_in_order(
    start_hub: StartHub, database_url: str
) -> None:
    hub, token, traffic, steady = await prepare(start_hub)
    late: list[float] = []

    def note(message: dict[str, Any]) -> None:
        if message["op"] == "update":
            late.append((datetime.now(UTC) - datetime.fromisoformat(message["at"])).total_seconds())

    steady.on_message = note
    writes = asyncio.create_task(traffic.during(8, 20))
    outcome = await asyncio.gather(*(villain(hub, token) for villain in VILLAINS), return_exceptions=True)
    await writes
    assert [each for each in outcome if each is not None] == []
    late.sort()
    print(f"beside {len(VILLAINS)} of them: p50 {late[len(late) // 2] * 1000:.0f} ms, worst {late[-1] * 1000:.0f} ms")
    await agree([steady], database_url, *CHANNELS, within=6)
    undisturbed(steady)
    assert traffic.failed == 0
    assert complaints(hub) == []
    await steady.leave()
    await reaches(hub, lambda m: total(m, "hub_live_sessions") == 0 == total(m, "hub_live_subscriptions"), 9)
