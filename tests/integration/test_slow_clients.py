"""Readers that are slow, silent or hostile: each ends as the contract says, and the others are told as before.

The bounds of the hub are small so that it is quick. The slow sockets are narrow (tests.sockets): over the loopback's
own buffers, which hold megabytes, nobody would ever seem slow.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.outside import complaints, reaches, resident, series, total
from tests.servers import HubServer
from tests.sockets import BINARY, PING, UNBOUNDED, Wire, agree, frame
from tests.traffic import Traffic, writing

pytestmark = pytest.mark.slow  # a minute and more of waiting for bounds

DAY = day_after(7)
CHANNELS = [f"floor:{DAY}", f"availability:{DAY}"]
STALL, STUCK, FLOOD, FIRST = 1.0, 2.0, 1.0, 1.0
TIGHT = UNBOUNDED | {
    "LIVE_OUTBOUND_BYTES": "16384",
    "LIVE_STALL_SECONDS": str(STALL),
    "LIVE_STUCK_SECONDS": str(STUCK),
    "LIVE_FLOOD_SECONDS": str(FLOOD),
    "LIVE_FIRST_FRAME_SECONDS": str(FIRST),
}
GROWTH = 12 * 2**20
"""What a process may grow by in a minute for reasons of its own: pools, caches and the allocator's."""


async def prepare(start_hub: StartHub, **variables: str) -> tuple[HubServer, str, Traffic, Wire]:
    """A hub, a host's token, writers, and a reader that does everything right."""
    hub = await start_hub(**TIGHT | variables)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, [DAY])
    await traffic.seed(40)
    steady = await Wire.open(hub)
    steady.connect(host.token, *CHANNELS)
    await steady.until(lambda: steady.holds(*CHANNELS))
    return hub, host.token, traffic, steady


def undisturbed(steady: Wire) -> None:
    """It was told every version once and in order, and nothing had to be mended for it."""
    assert not steady.gone.done()
    assert steady.faults == []
    assert not steady.all("resync") and not steady.all("error")
    assert all(previous is not None for links in steady.chain.values() for previous, _ in links[1:])


async def test_reader_that_stops_is_closed_and_costs_no_memory(start_hub: StartHub, database_url: str) -> None:
    hub, token, traffic, steady = await prepare(start_hub)
    stopped = [await Wire.open(hub, narrow=True) for _ in range(10)]
    for wire in stopped:
        wire.connect(token, *CHANNELS)
        await wire.until(lambda w=wire: w.holds(*CHANNELS))
    await traffic.many(100)
    before = resident(hub)
    for wire in stopped:
        wire.transport.pause_reading()
    async with writing(traffic):
        took = await reaches(hub, lambda m: total(m, "hub_live_slow_total", outcome="resync") == 10, 60)
        print(f"fell behind after {took:.1f} s")
        took = await reaches(
            hub, lambda m: total(m, "hub_live_slow_total", outcome="closed") == 10, 3 * (STALL + STUCK)
        )
        print(f"closed {took:.1f} s later")
        assert total(await series(hub), "hub_live_sessions") == 1
        grown = resident(hub) - before
    print(f"grown by {grown / 2**20:.1f} MB over {traffic.written} changes")
    assert grown < GROWTH
    for wire in stopped:
        wire.transport.resume_reading()
        assert await asyncio.wait_for(wire.gone, 10) in (1006, 4101)
    await agree([steady], database_url, *CHANNELS, within=6)
    undisturbed(steady)
    assert complaints(hub) == []
    await steady.leave()


async def test_reader_that_stops_and_reads_again_gets_one_snapshot_a_channel(
    start_hub: StartHub, database_url: str
) -> None:
    hub, token, traffic, steady = await prepare(start_hub, LIVE_STUCK_SECONDS="60")
    wire = await Wire.open(hub, narrow=True)
    wire.connect(token, *CHANNELS)
    await wire.until(lambda: wire.holds(*CHANNELS))
    wire.transport.pause_reading()
    async with writing(traffic):
        await reaches(hub, lambda m: total(m, "hub_live_slow_total", outcome="resync") == 1, 60)
    asked = wire.say("ping")  # an answer is kept, whatever else is thrown away
    await traffic.many(40)
    heard = len(wire.said)
    wire.transport.resume_reading()
    await wire.until(lambda: len(wire.all("resync", reason="slow")) == len(CHANNELS))
    await agree([wire, steady], database_url, *CHANNELS, within=6)
    assert [m["op"] for m in wire.said[heard:] if m.get("id") == asked] == ["pong"]
    for channel in CHANNELS:
        after = wire.said.index(wire.all("resync", channel=channel)[0])
        assert next(m["op"] for m in wire.said[after + 1 :] if m.get("channel") == channel) == "snapshot"
        assert len([m for m in wire.said[after:] if m["op"] == "snapshot" and m["channel"] == channel]) == 1
    # What it was told before it was told anew was in order, and it goes on so.
    assert wire.faults == []
    await traffic.many(20)
    await agree([wire, steady], database_url, *CHANNELS, within=6)
    assert len(wire.all("resync")) == len(CHANNELS)
    undisturbed(steady)
    assert complaints(hub) == []
    for each in (wire, steady):
        await each.leave()


class Trickle:
    """Reads a wire's bytes at so many a second."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        wire.transport.pause_reading()
        self.rate = 1024
        self.ended = False
        self.end = wire.transport.get_extra_info("socket").dup()
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        spoke = loop.time()
        while data := await loop.sock_recv(self.end, max(1, self.rate // 8)):
            self.wire.data_received(data)
            if loop.time() - spoke > 5:  # the hub's own ping is behind all that is not read yet
                spoke = loop.time()
                self.wire.say("ping")
            await asyncio.sleep(1 / 8)  # the rate itself
        self.ended = True

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        self.end.close()


@pytest.mark.slow
async def test_reader_at_one_kilobyte_a_second_gets_a_merged_state_and_keeps_up(
    start_hub: StartHub, database_url: str
) -> None:
    hub, token, traffic, steady = await prepare(start_hub, LIVE_STALL_SECONDS="5", LIVE_STUCK_SECONDS="10")
    wire = await Wire.open(hub, narrow=True)
    wire.connect(token, *CHANNELS)
    await wire.until(lambda: wire.holds(*CHANNELS))
    slow = Trickle(wire)
    async with writing(traffic):
        await reaches(hub, lambda m: total(m, "hub_live_slow_total", outcome="resync") == 1, 60)
    # It reads, though little: it may do so for twice as long as a reader may stand still, and longer.
    await asyncio.sleep(2 * (5 + 10))
    assert not slow.ended
    assert total(await series(hub), "hub_live_slow_total", outcome="closed") == 0
    slow.rate = 32768  # else the rest of the test would take two minutes
    await wire.until(lambda: len(wire.all("resync", reason="slow")) == len(CHANNELS), 60)
    await agree([wire], database_url, *CHANNELS, within=30)
    slow.rate = 1024
    lag: list[float] = []
    for _ in range(10):
        await traffic.many(1, lanes=1)
        lag.append(await agree([wire], database_url, *CHANNELS, within=9))
    print(f"at 1 KB/s it keeps up: at most {max(lag):.1f} s behind")
    assert len(wire.all("resync")) == len(CHANNELS)
    assert wire.faults == []
    await agree([steady], database_url, *CHANNELS, within=6)
    undisturbed(steady)
    assert complaints(hub) == []
    await slow.stop()
    for each in (wire, steady):
        await each.leave()


async def test_snapshots_of_one_connect_go_out_as_they_are_read(start_hub: StartHub, database_url: str) -> None:
    """A reader is not slow because it asked for much at once."""
    hub, token, _, steady = await prepare(start_hub, LIVE_STALL_SECONDS="5")
    channels = [f"availability:{day_after(n)}" for n in range(8, 40)] + CHANNELS
    wire = await Wire.open(hub, narrow=True)
    wire.connect(token, *channels)
    await wire.until(lambda: wire.holds(*channels), 30)
    await agree([wire], database_url, *channels, within=6)
    assert not wire.all("resync")
    assert total(await series(hub), "hub_live_slow_total") == 0
    for each in (wire, steady):
        await each.leave()


# -- hostile clients


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


async def test_commands_of_one_who_does_not_read_are_bounded(start_hub: StartHub) -> None:
    """A subscription waits until there is room; the commands behind it may not wait without a bound."""
    hub, token, _, steady = await prepare(
        start_hub, LIVE_MESSAGES_PER_SECOND="0", LIVE_STALL_SECONDS="0", LIVE_OUTBOUND_BYTES="0"
    )
    wire = await Wire.open(hub, narrow=True)
    wire.connect(token, *CHANNELS)
    await wire.until(lambda: wire.holds(*CHANNELS))
    before = resident(hub)
    wire.transport.pause_reading()
    since = "x" * 15000
    loop = asyncio.get_running_loop()
    for _ in range(4000):
        if wire.transport.is_closing():
            break
        wire.say("subscribe", channel=CHANNELS[0], since=since)
        if wire.transport.get_write_buffer_size() > 2**20:
            await loop.run_in_executor(None, time.sleep, 0.01)
    grown = resident(hub) - before
    print(f"grown by {grown / 2**20:.1f} MB")
    assert grown < GROWTH
    wire.transport.resume_reading()
    assert await asyncio.wait_for(wire.gone, 30) in (1006, 4100)
    assert complaints(hub) == []
    await steady.leave()


async def test_answers_to_one_who_does_not_read_are_bounded(start_hub: StartHub) -> None:
    """They are kept when data are thrown away, so they need a bound of their own, however slowly it goes on reading."""
    hub, token, _, steady = await prepare(
        start_hub, LIVE_MESSAGES_PER_SECOND="0", LIVE_STALL_SECONDS="1000", LIVE_STUCK_SECONDS="1000"
    )
    wire = await Wire.open(hub, narrow=True)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    wire.transport.pause_reading()
    before = resident(hub)
    for _ in range(2000):  # more than the kernel's own buffer, which grows to some megabytes, can take
        for _ in range(50):
            wire.say("ping")
        await asyncio.sleep(0.002)  # as they are answered
    took = await reaches(hub, lambda m: total(m, "hub_live_slow_total", outcome="closed") == 1, 30)
    print(f"closed after {took:.1f} s, grown by {(resident(hub) - before) / 2**20:.1f} MB")
    wire.transport.resume_reading()
    assert await asyncio.wait_for(wire.gone, 10) in (1006, 4101)
    assert complaints(hub) == []
    await steady.leave()
