"""Everything fails while hundreds watch and the bookings go on; in the end every view equals the database.

The control is a hub whose verification was made blind: one that never looks whether it is right must be found out.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.process import embedded
from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.outside import both_serve, complaints, series, total, workers
from tests.servers import HubServer
from tests.sockets import UNBOUNDED, Wire, agree
from tests.traffic import Traffic
from tests.watching import truth

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
DAYS = [day_after(n) for n in (7, 8, 9)]
CHANNELS = [f"{kind}:{day}" for day in DAYS for kind in ("availability", "floor", "starts")]
BOUND = 5.0
"""Seconds from the last repair until every view is right."""


class Valkey:
    """A Valkey of the test's own, on the same port after each restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = self._start()

    def _start(self) -> embedded.Server:
        return embedded.start_valkey(self.folder, settings={"appendonly": "no"})

    async def start(self) -> None:
        port = self.server.port
        self.server = await asyncio.to_thread(self._start)
        assert self.server.port == port

    async def kill_listeners(self) -> int:
        """End every pub/sub connection, and only those; returns how many there were."""
        client: Redis = Redis.from_url(self.server.url)
        try:
            return int(await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub"))
        finally:
            await client.aclose()


@pytest.fixture
def valkey(folder: Path) -> Iterator[Valkey]:
    made = Valkey(folder / f"valkey-{secrets.token_hex(4)}")
    yield made
    made.server.stop()
    embedded.remove(made.folder)


class Steadfast:
    """A client that comes back whenever it is cut off, with what it held."""

    def __init__(self, url: str, token: str, channels: list[str]) -> None:
        self.url = url
        self.token = token
        self.channels = channels
        self.wire: Wire | None = None
        self.connections = 0
        self.faults: list[str] = []
        self.task = asyncio.create_task(self._stay())

    async def _stay(self) -> None:
        while True:
            with contextlib.suppress(OSError, TimeoutError, AssertionError):
                wire = await Wire.open(self.url, keeps=False)
                wire.faults = self.faults
                if self.wire is not None:
                    wire.take_over(self.wire)
                self.wire = wire
                self.connections += 1
                wire.connect(self.token, *self.channels)
                await asyncio.shield(wire.gone)  # leave() asks for it once more
            await asyncio.sleep(random.random())  # the jitter that keeps a herd apart

    def holds(self) -> bool:
        return self.wire is not None and not self.wire.gone.done() and self.wire.holds(*self.channels)

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        if self.wire is not None and not self.wire.gone.done():
            await self.wire.leave()


@contextlib.asynccontextmanager
async def crowd(url: str, token: str, count: int) -> AsyncIterator[list[Steadfast]]:
    """So many clients, each on both channels of one day."""
    clients = [Steadfast(url, token, CHANNELS[index % 3 * 2 :][:2]) for index in range(count)]
    try:
        await until_all(clients, 30)
        yield clients
    finally:
        await asyncio.gather(*(client.leave() for client in clients))


async def until_all(clients: list[Steadfast], within: float) -> None:
    async with asyncio.timeout(within):
        while not all(client.holds() for client in clients):  # noqa: ASYNC110 - hundreds of sockets
            await asyncio.sleep(0.1)


async def wrong_views(clients: list[Steadfast], database_url: str) -> list[tuple[str, str | None, str]]:
    """(channel, position held, position committed) of every view that is not what the database holds."""
    expected = await truth(database_url, *CHANNELS)
    found = []
    for client in clients:
        for channel in client.channels:
            assert client.wire is not None
            mirror, view = client.wire.mirrors[channel], expected[channel]
            if (mirror.position, mirror.data) != (view.position, view.data):
                found.append((channel, mirror.position, view.position))
    return found


async def nemesis(hub: HubServer, valkey: Valkey, *, scale: float) -> None:
    """What befalls it, in 22 seconds at a scale of 1; when it returns, Valkey has just been killed once more."""

    async def after(seconds: float) -> None:
        await asyncio.sleep(seconds * scale)

    await after(3)
    assert await valkey.kill_listeners() >= 2
    await after(3)
    valkey.server.kill()
    await after(3)
    await valkey.start()
    await after(4)
    with contextlib.suppress(RedisError):
        await valkey.kill_listeners()
    await after(3)
    victim = random.choice(workers(hub))
    victim.kill()
    await after(6)
    await both_serve(hub)
    valkey.server.kill()


async def test_every_view_is_right_after_everything_failed(
    start_hub: StartHub, valkey: Valkey, database_url: str
) -> None:
    hub = await start_hub(workers=2, REDIS_URL=valkey.server.url, **UNBOUNDED)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, DAYS, scattered=True)
    await traffic.seed(15)
    async with crowd(hub.url, host.token, 300) as clients:
        assert len(workers(hub)) == 2
        async with traffic.steadily(30) as writes:
            await nemesis(hub, valkey, scale=0.6)
            await asyncio.sleep(4)
        # What was committed since the last kill is told to nobody else, and the writers end before anybody could hear.
        await valkey.start()
        begun = time.monotonic()
        wrong = await wrong_views(clients, database_url)
        while wrong and time.monotonic() - begun < 3 * BOUND:
            await asyncio.sleep(0.1)
            wrong = await wrong_views(clients, database_url)
        took = time.monotonic() - begun
        assert wrong == []
        connections = sum(client.connections for client in clients)
        print(
            f"{traffic.written} writes (not: {dict(traffic.reasons)}), {connections} connections of "
            f"{len(clients)} clients; every view is right {took:.2f} s after the last repair (bound {BOUND:g} s)"
        )
        assert not [reason for reason in traffic.reasons if reason.isdigit()]  # only their process's end failed any
        assert traffic.written > 0.9 * writes.due > 100
        assert connections > len(clients)
        assert [fault for client in clients for fault in client.faults] == []
        # And it goes on: what is booked now is told at once.
        await until_all(clients, 3 * BOUND)
        await traffic.many(12)
        wires = [client.wire for client in clients if client.wire is not None]
        for number in range(3):
            mine = [wire for index, wire in enumerate(wires) if index % 3 == number]
            await agree(mine, database_url, *CHANNELS[number * 2 :][:2], within=3 * 2)
    assert complaints(hub) == []


BLIND = '''
import asyncio
from datetime import UTC, datetime
from hub.views.verification import Verification

verify_all = Verification._verify_all

async def blind(self):
    """Say that all is right, without a look (but the first, which learns the epoch)."""
    if self.is_first:
        return await verify_all(self)
    at, self.verified_loop = datetime.now(UTC), asyncio.get_running_loop().time()
    for cached in self._updater.cached.values():
        cached.verified_at, cached.verified_loop = at, self.verified_loop
    if self._updater.observer is not None:
        self._updater.observer.verified(at)

Verification._verify_all = blind
'''


async def test_without_the_verification_stale_views_are_seen(
    start_hub: StartHub, valkey: Valkey, database_url: str, data_dir: Path
) -> None:
    """The control: Python itself loads this into each process of the hub, which knows nothing of it."""
    (data_dir / "sitecustomize.py").write_text(BLIND)
    hub = await start_hub(workers=2, REDIS_URL=valkey.server.url, PYTHONPATH=str(data_dir), **UNBOUNDED)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, DAYS, scattered=True)
    await traffic.seed(5)
    async with crowd(hub.url, host.token, 30) as clients:
        async with traffic.steadily(20):
            await valkey.kill_listeners()
            valkey.server.kill()
            await asyncio.sleep(2)  # what is committed now is told to nobody else
        # A process that commits on a day itself finds what it missed of it, so the other one has to have the last word.
        async with asyncio.timeout(60):
            while not await wrong_views(clients, database_url):
                await traffic.many(4)
                await asyncio.sleep(0.2)  # what was missed and found has been told by then
        await valkey.start()
        await asyncio.sleep(BOUND)  # a wait for what must not come
        wrong = await wrong_views(clients, database_url)
        print(f"without verification {len(wrong)} of {2 * len(clients)} views are wrong")
        assert wrong
        assert total(await series(hub), "hub_view_repairs_total", cause="freshness_check") == 0


async def test_subscriptions_in_the_midst_of_commits_miss_and_repeat_nothing(
    start_hub: StartHub, database_url: str
) -> None:
    hub = await start_hub(workers=2, **UNBOUNDED)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, DAYS[:1], scattered=True)
    await traffic.seed(15)
    channels = CHANNELS[:2]
    asked = 0

    async def one(dice: random.Random) -> Wire:
        """Comes and goes: on one connection, over several, with what it held or from nothing."""
        nonlocal asked
        wire = await Wire.open(hub)
        wire.connect(host.token, *channels)
        await wire.until(lambda: wire.holds(*channels))
        for _ in range(24):
            await asyncio.sleep(dice.random() * 0.1)  # the random point
            channel = dice.choice(channels)
            asked += 1
            if dice.random() < 0.2:
                before = wire
                await before.leave()
                wire = await Wire.open(hub)
                wire.take_over(before)
                wire.faults = before.faults
                wire.connect(host.token, *channels)
                await wire.until(lambda w=wire: len(w.all("subscribed")) >= len(channels))
                continue
            if dice.random() < 0.7:
                wire.say("unsubscribe", channel=channel)
                await asyncio.sleep(dice.random() * 0.05)
            since: Any = dice.choice([wire.mirrors[channel].position, None, "elsewhr0:7"])
            id = wire.say("subscribe", channel=channel, since=since)
            await wire.until(lambda w=wire, i=id: w.all("subscribed", id=i))
        return wire

    done = asyncio.Event()

    async def write() -> None:
        while not done.is_set():
            await traffic.many(20)

    writes = asyncio.create_task(write())
    wires = await asyncio.gather(*(one(random.Random(seed)) for seed in range(40)))
    done.set()
    await writes
    took = await agree(wires, database_url, *channels, within=6)
    recoveries = await series(hub)
    outcomes = {
        o: total(recoveries, "hub_live_recoveries_total", outcome=o) for o in ("current", "resumed", "snapshot")
    }
    print(f"{asked} subscriptions, {traffic.written} commits, {outcomes}; equal after {took:.2f} s")
    assert asked == 960 and sum(outcomes.values()) >= 1000
    assert outcomes["resumed"] > 50 and outcomes["snapshot"] > 100
    for wire in wires:
        assert wire.faults == []
        for links in wire.chain.values():
            told = [position for _, position in links]
            moved = [position for previous, position in links if previous is not None]
            assert len(moved) == len(set(moved)), told
        await wire.leave()
    assert complaints(hub) == []
