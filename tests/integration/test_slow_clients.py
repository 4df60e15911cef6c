"""Readers that are slow or stop: each is told anew or closed, within its bounds, and the others are told as before.

The slow sockets are narrow (tests.sockets): over the loopback's own buffers, which hold megabytes, nobody would ever
seem slow.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.integration.tight import CHANNELS, GROWTH, STALL, STUCK, prepare, undisturbed
from tests.outside import complaints, reaches, resident, series, total
from tests.sockets import Wire, agree
from tests.traffic import writing

pytestmark = pytest.mark.slow  # half a minute of waiting for bounds


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
