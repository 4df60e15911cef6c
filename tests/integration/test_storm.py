"""Very many at once: all clients come back in one moment, or come and go at every stage, and nothing stays of them."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from typing import Any

import orjson
import pytest

from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.outside import complaints, descriptors, reaches, resident, series, total, workers
from tests.servers import HubServer
from tests.sockets import UNBOUNDED, Wire, agree, frame
from tests.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
DAYS = [day_after(n) for n in (7, 8, 9)]
PATIENCE = 60.0
"""Seconds: many times what a storm of 5,000 takes, since the machine may be busy."""


def most_clients(wanted: int) -> int:
    """So many, or as many as the file limit allows: each takes a descriptor here and one in the hub."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(wanted, (hard if hard != resource.RLIM_INFINITY else 1 << 20) - 500)


async def all_connected(hub: HubServer, token: str, wires: list[Wire | None], channels: list[str]) -> list[Wire]:
    """Connect everybody in one moment, each with what its wire held before; wait until all hold all."""

    async def one(index: int) -> Wire:
        wire = await Wire.open(hub, keeps=False, handshake=False)
        wire.shake()
        assert await asyncio.wait_for(asyncio.shield(wire.status), PATIENCE) == 101
        if (before := wires[index]) is not None:
            wire.take_over(before)
        mine = channels[index % len(channels)]
        wire.connect(token, mine)
        await wire.until(lambda: wire.holds(mine) and not wire._asking, PATIENCE)
        return wire

    return list(await asyncio.gather(*(one(index) for index in range(len(wires)))))


@pytest.mark.parametrize("processes, wanted", [(1, 1500), (2, 5000)])
async def test_storm_of_reconnects_is_over_in_time(
    start_hub: StartHub, database_url: str, processes: int, wanted: int
) -> None:
    count = most_clients(wanted)
    hub = await start_hub(workers=processes, **UNBOUNDED)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, DAYS)
    await traffic.seed(20)
    channels = [f"availability:{day}" for day in DAYS]
    begun = time.monotonic()
    wires = await all_connected(hub, host.token, [None] * count, channels)
    first = time.monotonic() - begun
    loads = await series(hub)
    # The views of three days, and of the floor by who books: once a process, however many asked at once.
    assert total(loads, "hub_view_loads_total") <= (len(DAYS) + 1) * processes, loads
    assert total(loads, "hub_live_sessions") == count
    assert total(loads, "hub_live_subscriptions") == count
    for wire in wires:
        wire.transport.abort()
    await asyncio.gather(*(wire.gone for wire in wires))
    await traffic.many(30)  # so each has something to catch up with
    begun = time.monotonic()
    again = await all_connected(hub, host.token, list(wires), channels)
    took = time.monotonic() - begun
    for channel in channels:
        mine = [wire for index, wire in enumerate(again) if channels[index % len(channels)] == channel]
        await agree(mine, database_url, channel, within=PATIENCE)
    print(f"{processes} processes, {count} clients: first {first:.1f} s, again and current after {took:.1f} s")
    assert [wire.faults for wire in again if wire.faults] == []
    after = await series(hub)
    assert total(after, "hub_view_loads_total") <= (len(DAYS) + 1) * processes
    # All resumed: what they missed came as one update each, and not one snapshot more was made.
    assert total(after, "hub_live_recoveries_total", outcome="resumed") >= count * 0.99
    assert complaints(hub) == []
    for wire in again:
        wire.transport.abort()
    await asyncio.gather(*(wire.gone for wire in again))


# -- leaks


async def before_the_handshake(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub, handshake=False)
    wire.raw(b"GET /live HTTP/1.1\r\nHost: hub\r\nUpgrade: websock")
    await wire.leave()


async def in_the_handshake(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub, handshake=False)
    wire.shake()
    await asyncio.sleep(0)
    await wire.leave()


async def after_the_handshake(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    await wire.leave()


async def in_a_frame(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.raw(frame(orjson.dumps({"op": "connect", "id": 1, "token": token}))[:50])
    await asyncio.sleep(0)
    await wire.leave()


async def in_connect(hub: HubServer, token: str) -> None:
    """The frame is whole and on its way; whether it is heard is left to chance."""
    wire = await Wire.open(hub)
    wire.connect(token, *(f"availability:{day_after(n)}" for n in range(20, 24)))
    await asyncio.sleep(0)
    await wire.leave()


async def after_connect(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    await wire.leave()


async def in_subscribe(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    for day in DAYS:
        wire.say("subscribe", channel=f"floor:{day}")
    await asyncio.sleep(0.001)
    await wire.leave()


async def after_subscribe(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    channels = [f"availability:{day}" for day in DAYS]
    wire.connect(token, *channels)
    await wire.until(lambda: wire.holds(*channels))
    await wire.leave()


async def in_fragments(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token, f"availability:{DAYS[0]}")
    await wire.until(lambda: wire.holds(f"availability:{DAYS[0]}"))
    wire.raw(frame(b" " * 8000, fin=False))
    await wire.leave()


async def in_order(hub: HubServer, token: str) -> None:
    wire = await Wire.open(hub)
    wire.connect(token, f"availability:{DAYS[0]}")
    await wire.until(lambda: wire.holds(f"availability:{DAYS[0]}"))
    wire.raw(frame((1000).to_bytes(2, "big"), 8))
    assert await asyncio.wait_for(wire.gone, 10) == 1000


async def by_half(hub: HubServer, token: str) -> None:
    """Its side is closed, and it goes on listening."""
    wire = await Wire.open(hub)
    wire.connect(token)
    await wire.until(lambda: wire.said)
    wire.transport.write_eof()
    await asyncio.wait_for(wire.gone, 10)


STAGES: list[Any] = [
    before_the_handshake,
    in_the_handshake,
    after_the_handshake,
    in_a_frame,
    in_connect,
    after_connect,
    in_subscribe,
    after_subscribe,
    in_fragments,
    in_order,
    by_half,
]
EACH = 1500
PASSING = 1
"""The task of the connection that asks: it may be in the first count or not."""


async def settled(hub: HubServer, tasks: float) -> dict[str, float]:
    """Wait until no session, no subscription and no task beyond so many is left. Tasks are counted once a second."""
    begun = time.monotonic()
    while True:
        found = await series(hub)
        left = {name: total(found, f"hub_live_{name}") for name in ("sessions", "subscriptions")}
        left["tasks"] = max(0.0, total(found, "hub_event_loop_tasks") - tasks - PASSING)
        if not any(left.values()):
            return left
        if time.monotonic() - begun > 10:
            return left
        await asyncio.sleep(0.1)


LOOKS = "hub_database_pool_wait_seconds_count"
"""How often a process has measured itself, its tasks first."""


async def test_connections_that_end_at_any_stage_leave_nothing(start_hub: StartHub, database_url: str) -> None:
    hub = await start_hub(**UNBOUNDED)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, DAYS)
    await traffic.seed(5)
    looks = total(await series(hub), LOOKS) + 2  # the first of these may have begun before the log-in
    await reaches(hub, lambda found: total(found, LOOKS) >= looks, 10)
    tasks = total(await series(hub), "hub_event_loop_tasks")
    assert tasks > 0
    for stage in STAGES:  # what is made once (pools, caches, code) is made now
        await asyncio.gather(*(stage(hub, host.token) for _ in range(50)))
    await settled(hub, tasks)
    memory, files = resident(hub), descriptors(hub)
    for stage in STAGES:
        begun = time.monotonic()
        for _ in range(0, EACH, 50):
            await asyncio.gather(*(stage(hub, host.token) for _ in range(50)))
        left = await settled(hub, tasks)
        print(f"{stage.__name__}: {EACH} in {time.monotonic() - begun:.1f} s, {resident(hub) / 2**20:.0f} MB")
        assert left == {"sessions": 0, "subscriptions": 0, "tasks": 0}, stage.__name__
    grown, more = resident(hub) - memory, descriptors(hub) - files
    print(f"{EACH * len(STAGES)} connections: {grown / 2**20:+.1f} MB, {more:+d} descriptors, {tasks:.0f} tasks")
    # Half a kilobyte of each connection; a session that stays has many times as much.
    assert grown < 8 * 2**20
    assert more <= 5
    assert len(workers(hub)) == 1
    looks = total(await series(hub), LOOKS) + 2  # the first of these may have begun before the last connection ended
    await reaches(hub, lambda found: total(found, LOOKS) >= looks, 10)
    assert await settled(hub, tasks) == {"sessions": 0, "subscriptions": 0, "tasks": 0}
    # What goes on being told is told to nobody who left.
    await traffic.many(20)
    wire = await Wire.open(hub)
    channels = [f"availability:{day}" for day in DAYS]
    wire.connect(host.token, *channels)
    await wire.until(lambda: wire.holds(*channels))
    await agree([wire], database_url, *channels, within=6)
    assert complaints(hub) == []
    with contextlib.suppress(AssertionError):
        await wire.leave()
