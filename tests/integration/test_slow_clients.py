"""Readers that are slow or stop: each is told anew or closed, within its bounds, and the others are told as before.

The slow sockets are narrow (tests.sockets): over the loopback's own buffers, which hold megabytes, nobody would ever
seem slow.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

import pytest

from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.integration.tight import CHANNELS, GROWTH, STALL, STUCK, prepare, undisturbed
from tests.outside import complaints, reaches, resident, series, total
from tests.sockets import Wire, agree
from tests.traffic import writing

pytestmark = pytest.mark.slow  # a minute and more of waiting for bounds


async def test_reader_that_stops_is_closed_and_costs_no_memory(start_hub: StartHub, database_url: str) -> None:
    hub, token, traffic, steady = await prepare(start_hub)
    stopped = []
    for _ in range(10):
        stopped.append(wire := await Wire.open(hub, narrow=True))
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
        await reaches(hub, lambda m: total(m, "hub_live_sessions") == 1, 30)  # the bye may still be on its way
        grown = resident(hub) - before
    print(f"grown by {grown / 2**20:.1f} MB over {traffic.written} changes")
    assert grown < GROWTH
    for wire in stopped:
        wire.transport.resume_reading()
        assert await asyncio.wait_for(wire.gone, 10) in (1006, 4101)
    await traffic.many(4)  # after them no change that was cut off with its writer is under way
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
        for _ in range(50):  # not commands, which wait for each other and have a bound of their own
            wire.say("nothing")
        await asyncio.sleep(0.002)
    took = await reaches(hub, lambda m: total(m, "hub_live_slow_total", outcome="closed") == 1, 30)
    print(f"closed after {took:.1f} s, grown by {(resident(hub) - before) / 2**20:.1f} MB")
    wire.transport.resume_reading()
    assert await asyncio.wait_for(wire.gone, 10) in (1006, 4101)
    assert complaints(hub) == []
    await steady.leave()


@pytest.mark.slow
@pytest.mark.parametrize("extension", ["", "Sec-WebSocket-Extensions: permessage-deflate\r\n"])
async def test_line_of_four_kilobytes_a_second_is_never_shown_live_what_is_old(
    start_hub: StartHub, extension: str
) -> None:
    """Twenty changes a second are more than it carries. By the rule of the contract for how old a state is, judged
    after each read, with a channel stale between its resync and its snapshot; the truth is the hub's own clock."""
    hub, token, traffic, steady = await prepare(
        start_hub, LIVE_STALL_SECONDS="2", LIVE_STUCK_SECONDS="10", LIVE_OUTBOUND_BYTES="262144"
    )
    wire = await Wire.open(hub, narrow=True, handshake=False)
    wire.shake(extension)
    assert await asyncio.wait_for(asyncio.shield(wire.status), 10) == 101
    slow = Trickle(wire)
    slow.rate = 4096
    asked: dict[int, float] = {}
    bound: list[float] = []
    verified, worst, live, looks, resyncs = 0.0, 0.0, 0, 0, 0
    wire.connect(token, *CHANNELS)
    loop = asyncio.get_running_loop()
    ends, ping_at, read = loop.time() + 40, 0.0, 0
    async with traffic.steadily(20):
        while loop.time() < ends:
            if loop.time() > ping_at:
                ping_at = loop.time() + 5
                asked[wire.say("ping")] = time.time()
            await asyncio.sleep(0.1)
            for message in wire.said[read:]:
                if message["op"] == "pong" and message["id"] in asked:
                    bound.append(datetime.fromisoformat(message["server_time"]).timestamp() - asked[message["id"]])
                elif message["op"] == "fresh" and message["verified_at"]:
                    verified = datetime.fromisoformat(message["verified_at"]).timestamp()
                elif message["op"] == "resync":
                    resyncs += 1
            read = len(wire.said)
            looks += 1
            really = time.time() - verified
            if bound and time.time() + min(bound[-12:]) - verified <= 5.0:
                live += 1
                worst = max(worst, really)
    print(f"live in {live} of {looks} looks; at worst {worst:.2f} s old then; {resyncs} resyncs")
    states = [len(links) for links in wire.chain.values()]
    print(f"states taken: {states}")
    await slow.stop()
    assert worst <= 5.5
    assert live > 0 and all(states), "it makes progress"
    assert resyncs > 0 or extension
    assert not wire.gone.done()
    await wire.leave()
    await steady.leave()
