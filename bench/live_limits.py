"""The live channel at its limits: everybody comes at once, and more changes than one process can tell."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench import report
from bench.live_sides import DAY, SUBSCRIBERS, Hub, Side, cpu, start_loop
from bench.servers import CHECKOUT, Servers
from bench.sockets import masked
from hub.live.registry import PING_EVERY_MS

PINGS: dict[str, Callable[[int], bytes]] = {
    "each pings every 5 s": lambda number: masked(1, b'{"op":"ping","id":%d}' % number),
    "each sends a ping of the WebSocket every 5 s": lambda number: masked(9, b""),
}


def storm(servers: Servers, runner: asyncio.Runner, tokens: list[str], out: list[str], *, count: int) -> None:
    rows = []
    loop = start_loop(servers)
    if loop is not None:
        rows.append(runner.run(rush(loop, f"{loop.name}: the client's own limit", count)))
    hub = Hub("`hub serve`", servers.start_hub("live"), servers, tokens)
    rows.append(runner.run(rush(hub, "`hub serve`, everybody takes a snapshot", count)))
    hub = Hub("`hub serve`", servers.processes[-1], servers, tokens)
    rows.append(runner.run(rush(hub, "`hub serve`, everybody resumes", count, resume=True)))
    for process in servers.processes[:]:
        servers.stop(process)
    head = ("", "handshakes/s", "all current, s", "current p50, s", "p99, s", "server's CPU µs a session")
    out.append(report.table(f"A storm: {count:,} connects at once", head, rows))


async def idle(hub: Hub, out: list[str], *, seconds: float, rounds: int) -> None:
    """What sessions cost that only hold on: they are told how fresh they are, and ping as often as a client should."""
    quiet: list[float] = []
    pinging: dict[str, list[float]] = {name: [] for name in PINGS}
    for _ in range(rounds):
        quiet.append(await _share(hub, seconds))
        for name, shares in pinging.items():
            pings = asyncio.create_task(_ping(hub, PINGS[name]))
            shares.append(await _share(hub, seconds))
            pings.cancel()
    count = len(hub.crowd.sockets)
    rows = [["silent", report.spread([100 * share for share in quiet], ".1f"), "–"]]
    for name, shares in pinging.items():
        each = [(b - a) / count * PING_EVERY_MS / 1000 * 1e6 for a, b in zip(quiet, shares, strict=True)]
        rows.append([name, report.spread([100 * share for share in shares], ".1f"), report.spread(each, ".0f")])
    out.append(report.table(f"{count:,} idle sessions", ("", "% of a core", "µs a ping"), rows))


async def _share(hub: Hub, seconds: float) -> float:
    """Of a core that the hub uses."""
    before, began = cpu(hub.pids), time.perf_counter()
    await asyncio.sleep(seconds)
    return (cpu(hub.pids) - before) / (time.perf_counter() - began)


async def _ping(hub: Hub, make: Callable[[int], bytes]) -> None:
    """Each session pings when it is its turn, spread evenly."""
    pause, began = PING_EVERY_MS / 1000 / len(hub.crowd.sockets), time.perf_counter()
    for number, socket in enumerate(itertools.cycle(hub.crowd.sockets)):
        await asyncio.sleep(max(0.0, began + number * pause - time.perf_counter()))
        socket.transport.write(make(number))


async def rush(side: Side, name: str, count: int, *, resume: bool = False) -> list[str]:
    await side.open()
    since = None
    if isinstance(side, Hub):
        await side.connect(1)
        version = await side.publish(1)
        await side.crowd.until(version)
        since = f"{side.publisher.epoch}:{version}" if resume else None
    side.crowd.arrivals.clear()
    before = cpu(side.pids)
    how: dict[str, Any] = {"since": since} if isinstance(side, Hub) else {}
    took = await side.connect(count, at_once=count, **how)
    handshakes = count / (side.crowd.handshaken_at - side.crowd.began_at)
    spent, waits = cpu(side.pids) - before, side.crowd.arrivals
    await side.close()
    await asyncio.sleep(1)
    p50, p99 = (f"{report.percentile(waits, share):.2f}" for share in (0.5, 0.99))
    return [name, f"{handshakes:,.0f}", f"{took:.2f}", p50, p99, f"{spent / count * 1e6:.0f}"]


async def pour(hub: Hub, seconds: float) -> asyncio.subprocess.Process:
    words = (hub.servers.url("live"), hub.servers.valkey.url, hub.day.isoformat(), "100", str(seconds))
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.pour", *words, cwd=CHECKOUT)


def growth(servers: Servers, runner: asyncio.Runner, tokens: list[str], *, seconds: float, rounds: int) -> str:
    """More changes than one process can tell, to hubs of 1, 2 and 4 processes."""
    # Each has a day of its own, so that it does not tell what is published to the others.
    hubs = [Hub(str(n), servers.start_hub("live", workers=n), servers, tokens, day=DAY + n) for n in (1, 2, 4)]
    count = 2 * SUBSCRIBERS

    async def run() -> dict[str, list[tuple[float, float, float]]]:
        found: dict[str, list[tuple[float, float, float]]] = {hub.name: [] for hub in hubs}
        for hub in hubs:
            await hub.open()
            await hub.connect(count)
        for number in range(-1, rounds):
            for hub in hubs:
                first = hub.crowd.deliveries
                publisher = await pour(hub, seconds + 1)
                while hub.crowd.deliveries == first:  # noqa: ASYNC110 - counted in another task
                    await asyncio.sleep(0.01)
                before, own, deliveries = cpu(hub.pids), time.process_time(), hub.crowd.deliveries
                began = time.perf_counter()
                await asyncio.sleep(seconds)
                took = time.perf_counter() - began
                told = hub.crowd.deliveries - deliveries
                if number >= 0:
                    found[hub.name].append(
                        (told / took, (cpu(hub.pids) - before) / told * 1e6, (time.process_time() - own) / took)
                    )
                if await publisher.wait():
                    raise RuntimeError("the publishing process failed")
                await asyncio.sleep(0.5)
        for hub in hubs:
            await hub.close()
        return found

    found = runner.run(run())
    rows = [
        [
            hub.name,
            report.spread([each[0] for each in found[hub.name]]),
            report.ratio([each[0] for each in found[hub.name]], [each[0] for each in found["1"]]),
            report.spread([each[1] for each in found[hub.name]], ".1f"),
            f"{median(each[2] for each in found[hub.name]):.2f}",
            str(hub.crowd.resyncs),
        ]
        for hub in hubs
    ]
    head = ("processes", "deliveries/s", "of one", "CPU µs a delivery", "client's share of a core", "resyncs")
    title = f"{count:,} subscribers, 100 changes/s on {os.cpu_count()} cores, the client's among them"
    return report.table(title, head, rows)
