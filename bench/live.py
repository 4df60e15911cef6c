"""The live channel beside its peers: the cost of a delivery, how long the last subscriber waits, storms, memory.

The sides (bench.live_sides) are all measured in each round, and the subscribers' own limit stands beside the figures;
storms and growth are in bench.live_limits, those who do wrong in bench.hostile.
"""

from __future__ import annotations

import asyncio
import math
import resource
import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any

import asyncpg
import uvloop

from bench import hostile, pgbench, report, seed
from bench.live_limits import growth, idle, storm
from bench.live_sides import BURST, DAY, SUBSCRIBERS, Hub, Piped, Side, cpu, resident, start
from bench.servers import Servers
from bench.sockets import Answers, whole_answer

RATE = 50
BOUNDS = {
    "LIVE_SESSIONS_PER_ADDRESS": "0",
    "LIVE_SESSIONS_PER_USER": "0",
    "LIVE_UNCONNECTED_PER_ADDRESS": "0",
    "LIVE_VISITORS": "0",
}
BOOK = "SELECT bench_book(1, $1::date, $2::timestamptz, $3::bigint)"


def measure(servers: Servers, *, quick: bool) -> Iterator[str]:
    """Every table, one after the other."""
    files = raise_limit()
    servers.make_database("live", seed.ROOM | BOUNDS)

    async def prepare() -> list[str]:
        connection = await asyncpg.connect(servers.url("live"))
        await connection.execute(pgbench.FUNCTION)
        tokens = await seed.users(connection, servers.settings("live"))
        await connection.close()
        return tokens

    tokens = asyncio.run(prepare())
    queue: list[str] = []
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sides, skipped = start(servers, tokens, files)
        if skipped:
            yield f"Not installed, so not measured: {', '.join(skipped)}.\n"
        runner.run(side_by_side(sides, queue, quick=quick))
        yield from queue
        queue.clear()
        hub = sides[0]
        assert isinstance(hub, Hub)
        runner.run(idle(hub, queue, seconds=6 if quick else 10, rounds=3))
        runner.run(whole_path(hub, queue, bookings=100 if quick else 400))
        for side in sides:
            runner.run(side.close())
        for process in servers.processes[:]:
            servers.stop(process)
        yield from queue
        queue.clear()
        storm(servers, runner, tokens, queue, count=min(5000, files // 2 - 500))
        yield from queue
        queue.clear()
        yield hostile.measure(servers, runner, tokens, singly, seconds=8 if quick else 15, rounds=2 if quick else 3)
        for process in servers.processes[:]:
            servers.stop(process)
        yield growth(servers, runner, tokens, seconds=3 if quick else 8, rounds=2 if quick else 3)


def raise_limit() -> int:
    """Let this process and its children open as many files as they may; how many that is."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return files


async def side_by_side(sides: list[Side], out: list[str], *, quick: bool) -> None:
    hub = sides[0]
    memory = []
    for side in sides:
        await side.open()
        await side.connect(50)  # what the first sessions need once is not counted
        before = resident(side.pids)
        await side.connect(SUBSCRIBERS - 50)
        await asyncio.sleep(1)
        grown = (resident(side.pids) - before) / (SUBSCRIBERS - 50) / 1024
        memory.append([side.name, f"{grown:.1f}", f"{resident(side.pids) / 2**20:.0f}"])
    size = await take_payload(hub, sides[1:])
    rounds = 3 if quick else 7
    singles = await interleaved(sides, rounds, lambda side: singly(side, 3 if quick else 5))
    bursts = await interleaved(sides, rounds, lambda side: in_bursts(side, 6 if quick else 12))
    loop = next((side for side in sides if isinstance(side, Piped) and side.framed), None)
    limit = await flood(loop) if loop is not None else math.nan
    peers = {key: next((s for s in sides if key in s.name), None) for key in ("nchan", " C")}

    def against(found: dict[str, list[Run]], side: Side, key: str) -> str:
        peer = peers[key]
        return report.ratio([r.cost for r in found[side.name]], [r.cost for r in found[peer.name]]) if peer else "–"

    out.append(
        f"The client's own limit: {limit:,.0f} deliveries/s from the send loop in C, sent as fast as they are taken.\n"
    )
    rows = []
    for side in sides:
        found = singles[side.name]
        waits = [wait for run in found for wait in run.waits]
        rows.append(
            [
                side.name,
                report.spread([run.cost * 1e6 for run in found], ".1f"),
                against(singles, side, "nchan"),
                against(singles, side, " C"),
                f"{report.percentile(waits, 0.5) * 1e3:.1f}",
                f"{report.percentile(waits, 0.99) * 1e3:.1f}",
                f"{sum(run.share for run in found) / len(found):.2f}",
                f"{median(run.own for run in found) * 1e6:.1f}",
            ]
        )
    head = (
        "one at a time", "CPU µs a delivery", "of nchan's", "of the C loop's", "last socket p50, ms", "p99, ms",
        "deliveries a change", "client's CPU µs",
    )  # fmt: skip
    out.append(
        report.table(f"{SUBSCRIBERS:,} subscribers, {RATE} updates/s of {size} bytes, {rounds} rounds", head, rows)
    )
    rows = [
        [
            side.name,
            report.spread([run.cost * 1e6 for run in bursts[side.name]], ".2f"),
            against(bursts, side, "nchan"),
            against(bursts, side, " C"),
            f"{report.percentile([w for run in bursts[side.name] for w in run.waits], 0.5) * 1e3:.1f}",
            f"{report.percentile([w for run in bursts[side.name] for w in run.waits], 0.99) * 1e3:.1f}",
            f"{median(run.share for run in bursts[side.name]):.2f}",
        ]
        for side in sides
    ]
    burst_head = (
        "in bursts", "CPU µs a change and subscriber", "of nchan's", "of the C loop's", "last socket p50, ms",
        "p99, ms", "deliveries a change",
    )  # fmt: skip
    out.append(
        report.table(f"{SUBSCRIBERS:,} subscribers, bursts of {BURST} changes, {rounds} rounds", burst_head, rows)
    )
    title = f"Memory of {SUBSCRIBERS:,} idle sessions, resident"
    out.append(report.table(title, ("", "KB a session", "all, MiB"), memory))


class Run:
    """What one side's turn in one round showed."""

    def __init__(self, *, cost: float, own: float, share: float, waits: list[float]) -> None:
        self.cost, self.own, self.share, self.waits = cost, own, share, waits


async def take_payload(hub: Side, peers: list[Side]) -> int:
    """Let the hub say one update, and give its text to the peers; returns its size."""
    before = hub.crowd.deliveries, hub.crowd.bytes
    await hub.crowd.until(await hub.publish(1))
    size = (hub.crowd.bytes - before[1]) // (hub.crowd.deliveries - before[0])
    assert isinstance(hub, Hub)
    epoch = hub.publisher.epoch
    front = f'{{"op":"update","channel":"availability:{hub.day}","previous":"{epoch}:1000","position":"{epoch}:'
    rest = '","at":"2026-11-24T12:00:00.000+00:00","data":{"tables":{"401":[]}}}'
    rest = rest.replace("[]", f'["{"-" * (size - len(front) - len(rest) - 4)}"]')
    for peer in peers:
        peer.payload = (front, rest)
    return size


async def interleaved(sides: list[Side], rounds: int, turn: Any) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {side.name: [] for side in sides}
    for number in range(-1, rounds):  # the first round warms up
        for side in sides:
            run = await turn(side)
            if number >= 0:
                found[side.name].append(run)
    return found


async def singly(side: Side, seconds: float) -> Run:
    """RATE updates a second, each when it is due."""
    before, own, deliveries = cpu(side.pids), time.process_time(), side.crowd.deliveries
    began, versions = time.perf_counter(), []
    for number in range(int(RATE * seconds)):
        await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        versions.append(await side.publish(1))
    await side.crowd.until(versions[-1])
    return taken(side, versions, before, own, deliveries, each_delivery=True)


async def in_bursts(side: Side, count: int) -> Run:
    """Bursts of BURST changes, each after the one before has reached everybody."""
    before, own, deliveries = cpu(side.pids), time.process_time(), side.crowd.deliveries
    versions: list[int] = []
    for _ in range(count):
        next_at = time.perf_counter() + 0.4
        last = await side.publish(BURST)
        versions += range(last - BURST + 1, last + 1)
        await side.crowd.until(last)
        await asyncio.sleep(max(0.0, next_at - time.perf_counter()))
    return taken(side, versions, before, own, deliveries, each_delivery=False)


def taken(side: Side, versions: list[int], before: float, own: float, deliveries: int, *, each_delivery: bool) -> Run:
    spent, own, count = cpu(side.pids) - before, time.process_time() - own, side.crowd.deliveries - deliveries
    changes = len(versions) * len(side.crowd.sockets)
    waits = [side.crowd.done[version] - side.sent[version] for version in versions]
    return Run(cost=spent / (count if each_delivery else changes), own=own / count, share=count / changes, waits=waits)


async def flood(loop: Side) -> float:
    """Deliveries a second that this process takes from a sender that only waits for it."""
    began, before = time.perf_counter(), loop.crowd.deliveries
    for _ in range(20):
        await loop.crowd.until(await loop.publish(10))
    return (loop.crowd.deliveries - before) / (time.perf_counter() - began)


async def whole_path(hub: Side, out: list[str], *, bookings: int) -> None:
    """POST /bookings until the answer and until the last socket, and in turn the bare statement."""
    assert isinstance(hub, Hub)
    _, caller = await asyncio.get_running_loop().create_connection(
        lambda: Answers(whole_answer), "127.0.0.1", hub.crowd.port
    )
    direct = await asyncpg.connect(hub.servers.url("live"))
    places, day = seed.cells(DAY + 1), hub.day + timedelta(days=1)
    requests = seed.books(hub.tokens, seed.today_utc(), DAY)
    noon = await direct.fetchval("SELECT ($1::date + time '12:00') AT TIME ZONE 'UTC'", day)
    version = await direct.fetchval("SELECT version FROM streams WHERE name = $1", hub.publisher.stream)
    answers, last, statement, publishing = [], [], [], []
    for _ in range(bookings):
        version += 1
        hub.crowd.expect(version)
        began = time.perf_counter()
        answer = await caller.ask(next(requests))
        answers.append(time.perf_counter() - began)
        if not answer.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"a booking was answered with {answer[:300]!r}")
        await hub.crowd.until(version)
        last.append(hub.crowd.done[version] - began)
        publishing.append(last[-1] - answers[-1])
        await asyncio.sleep(0.03)
        _, slot, table = next(places)
        began = time.perf_counter()
        await direct.fetch(BOOK, day, noon + timedelta(minutes=15) * slot, seed.OWN_TABLES + table)
        statement.append(time.perf_counter() - began)
    await direct.close()
    caller.transport.close()
    rows = [
        [name, f"{report.percentile(values, 0.5) * 1e3:.1f}", f"{report.percentile(values, 0.99) * 1e3:.1f}"]
        for name, values in (
            ("POST /bookings → its answer, which follows the commit", answers),
            ("POST /bookings → the last socket", last),
            ("of it PostgreSQL's: the bare statement, from this process", statement),
            ("of it after the answer: what is left of the deliveries", publishing),
        )
    ]
    rest = [a - b for a, b in zip(last, statement, strict=True)]
    rows.append(
        [
            "all but PostgreSQL's",
            f"{report.percentile(rest, 0.5) * 1e3:.1f}",
            f"{report.percentile(rest, 0.99) * 1e3:.1f}",
        ]
    )
    title = f"A booking seen by the last of {SUBSCRIBERS:,}, {bookings} bookings, one at a time"
    out.append(report.table(title, ("", "p50, ms", "p99, ms"), rows))
