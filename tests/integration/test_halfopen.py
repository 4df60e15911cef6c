"""A link to Valkey that stands and carries nothing: neither side hears of it, and nobody who watches may suffer by it.

Every process of the hub reaches Valkey through a proxy of this test's own, which swallows what it is given.
"""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit, urlunsplit

import pytest

from hub.views.subscriber import BEAT_SECONDS, MISSED_BEATS, RETRY_SECONDS
from tests.between import Between
from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.outside import complaints, series, total
from tests.servers import HubServer
from tests.sockets import UNBOUNDED, Wire, agree
from tests.traffic import Traffic
from tests.watching import PATIENCE

DAY = day_after(7)
CHANNELS = [f"availability:{DAY}", f"floor:{DAY}", f"starts:{DAY}", "tables"]
HEARTBEAT = BEAT_SECONDS * MISSED_BEATS
REPAIR_BOUND = 2.0
"""What a publish that was lost may cost: a second until the next verification, and what it takes."""


async def logged(hubs: list[HubServer], text: str, within: float) -> float:
    """Wait until each hub has logged it, from now on; returns the seconds it took."""
    begun, marks = time.monotonic(), [len(hub.output) for hub in hubs]
    while any(text not in hub.output[mark:] for hub, mark in zip(hubs, marks, strict=True)):
        if time.monotonic() - begun > within:
            raise AssertionError(f"{text!r} is not logged within {within:g} s")
        await asyncio.sleep(0.05)
    return time.monotonic() - begun


@pytest.mark.slow
async def test_half_open_link_to_valkey_is_noticed_and_watchers_stay_current(
    start_hub: StartHub, database_url: str, redis_url: str
) -> None:
    parts = urlsplit(redis_url)
    assert parts.hostname and parts.port
    async with Between(parts.hostname, parts.port).open() as between:
        through = urlunsplit(parts._replace(netloc=f":{parts.password}@127.0.0.1:{between.port}"))
        hubs = list(await asyncio.gather(*(start_hub(REDIS_URL=through, **UNBOUNDED) for _ in range(2))))
        host = await hubs[0].staff("host")
        traffic = Traffic([hub.url for hub in hubs], host.token, [DAY])
        await traffic.seed(10)
        wires = [await Wire.open(hub) for hub in hubs]
        for wire in wires:
            wire.connect(host.token, *CHANNELS)
            await wire.until(lambda w=wire: w.holds(*CHANNELS))
        await agree(wires, database_url, *CHANNELS, within=PATIENCE)
        for fall in (1, 2):
            noticing = asyncio.create_task(logged(hubs, "events from Redis do not arrive", 3 * (HEARTBEAT + 1)))
            between.swallows = True
            worst = 0.0
            for _ in range(8):
                await traffic.many(4)
                worst = max(worst, await agree(wires, database_url, *CHANNELS, within=3 * REPAIR_BOUND))
            assert traffic.failed == 0
            took = await noticing
            print(f"half-open: noticed after {took:.1f} s; watchers were at most {worst:.2f} s behind")
            # Somebody who comes meanwhile waits for the event subscriber at most a moment.
            late = await Wire.open(hubs[fall - 1])
            begun = time.monotonic()
            late.connect(host.token, *CHANNELS)
            await late.until(lambda w=late: w.holds(*CHANNELS), 3 * (len(CHANNELS) * 0.25 + 0.1))
            print(f"a newcomer waits {time.monotonic() - begun:.2f} s")
            wires.append(late)
            returning = logged(hubs, "events from Redis arrive again", 3 * (RETRY_SECONDS + HEARTBEAT + 1))
            returned = asyncio.create_task(returning)
            await asyncio.sleep(0)  # it looks first
            between.heal()
            back = await returned
            print(f"heard again {back:.1f} s after the link carries")
            await traffic.many(8)
            await agree(wires, database_url, *CHANNELS, within=3 * REPAIR_BOUND)
        for wire in wires:
            assert wire.faults == []
            assert not wire.all("resync")
            assert not wire.gone.done()
        repairs = [total(await series(hub), "hub_view_repairs_total", cause="freshness_check") for hub in hubs]
        assert all(repairs), repairs  # it was the verification that kept them current
        for hub in hubs:
            assert complaints(hub) == []
        for wire in wires:
            await wire.leave()


@pytest.mark.slow
async def test_link_that_is_half_open_from_the_start_keeps_nobody_out(
    start_hub: StartHub, database_url: str, redis_url: str
) -> None:
    parts = urlsplit(redis_url)
    assert parts.hostname and parts.port
    between = Between(parts.hostname, parts.port)
    between.swallows = True
    async with between.open():
        through = urlunsplit(parts._replace(netloc=f":{parts.password}@127.0.0.1:{between.port}"))
        hub = await start_hub(REDIS_URL=through, **UNBOUNDED)
        host = await hub.staff("host")
        traffic = Traffic([hub.url], host.token, [DAY])
        await traffic.seed(3)
        wire = await Wire.open(hub)
        wire.connect(host.token, *CHANNELS)
        await wire.until(lambda: wire.holds(*CHANNELS), 6)
        await traffic.many(8)
        await agree([wire], database_url, *CHANNELS, within=3 * REPAIR_BOUND)
        between.heal()
        await wire.until(lambda: wire.all("fresh"), 30)
        await traffic.many(8)
        await agree([wire], database_url, *CHANNELS, within=3 * REPAIR_BOUND)
        assert complaints(hub) == []
        await wire.leave()
