"""The live channel beside its peers: the cost of a delivery, how long the last subscriber waits, storms, memory.

One process holds all subscribers (bench.sockets); its own limit stands beside the figures. A side's processor time is
what the kernel charged to all of its processes, and every side is measured in each round.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import orjson
import uvloop
from redis.asyncio import Redis

from bench import live_peers, report, seed
from bench.servers import CHECKOUT, Process, Servers
from bench.sockets import Answers, Crowd, masked, unmasked, whole_answer
from hub import bell, streams
from hub.domain.event import Event
from hub.ports import free_port

SUBSCRIBERS = 1000
RATE = 50
BURST = 20
DAY = 30
"""The service day that everybody watches, in days from today."""
FIRST_TABLE = 401
"""Tables of the made-up events; the hub books 1–200 and the bare statement 201–400, a day later."""
BOUNDS = {"LIVE_SESSIONS_PER_ADDRESS": "0", "LIVE_SESSIONS_PER_USER": "0"}
APPEND = """
SELECT a.version, a.at, d.data::text FROM unnest($2::jsonb[]) WITH ORDINALITY d(data, n)
CROSS JOIN LATERAL hub_append($1, 'booked', d.data, NULL, NULL) a ORDER BY d.n
"""
BOOK = """
SELECT * FROM hub_book(
    1::bigint, 'day:' || $1::date, $1, $2::timestamptz, $2 + interval '15 minutes', 2, $3::bigint, to_timestamp(0), $2,
    ($1 + time '12:00') AT TIME ZONE 'UTC', ($1 + time '22:00') AT TIME ZONE 'UTC', '0123456789abcdef', NULL,
    '{confirmed,reminder,reminder}', '{0,1440,120}', '{guest,guest,guest}',
    ARRAY[NULL, $2 - interval '1 day', $2 - interval '2 hours'])
"""
_TICK = os.sysconf("SC_CLK_TCK")


def cpu(pids: list[int]) -> float:
    """Seconds of processor that the kernel charged to these processes."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def resident(pids: list[int]) -> int:
    """Bytes of memory that these processes have resident."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE")


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


class Side:
    """A server with its subscribers, and how a change is published to it."""

    def __init__(self, name: str, process: Process) -> None:
        self.name = name
        self.pids = process.family()
        self.crowd = Crowd(process.port, "/live", version=1000)
        self.sent: dict[int, float] = {}
        self.payload = ("", "")
        """The text of an update before and after the version."""

    async def open(self) -> None: ...

    async def connect(self, count: int, at_once: int = 64) -> float:
        return await self.crowd.connect([b""] * count, at_once=at_once)

    def take_next(self, count: int) -> list[bytes]:
        """The next updates of a peer, as the hub would say them."""
        versions = range(self.crowd.version + 1, self.crowd.version + 1 + count)
        self.crowd.version += count
        return [f"{self.payload[0]}{version}{self.payload[1]}".encode() for version in versions]

    def started(self, versions: range) -> None:
        now = time.perf_counter()
        for version in versions:
            self.crowd.expect(version)
            self.sent[version] = now

    async def publish(self, count: int) -> int:
        """Publish so many changes at once; the version of the last one."""
        raise NotImplementedError

    async def close(self) -> None:
        await self.crowd.close()


class Publisher:
    """Publishes as another process of the hub would: an event is appended, committed, and told over Valkey."""

    def __init__(self, postgres_url: str, valkey_url: str, day: date) -> None:
        self.urls = postgres_url, valkey_url
        self.day, self.stream = day, f"day:{day}"
        self.numbers = itertools.count()

    async def open(self) -> None:
        self.postgres = await asyncpg.connect(self.urls[0])
        await self.postgres.execute("SET synchronous_commit = off")
        await self.postgres.execute("SELECT hub_lock($1)", self.stream)
        self.epoch = (await self.postgres.fetchval("SELECT epoch FROM hub")).strip()
        self.redis = Redis.from_url(self.urls[1])

    def entry(self, number: int) -> str:
        """An event's data: one of many bookings moves to another hour."""
        start = f"{self.day}T{12 + number // BURST % 8:02}:00:00Z"
        end = f"{self.day}T{14 + number // BURST % 8:02}:00:00Z"
        table = FIRST_TABLE + number % (5 * BURST)
        entry = {
            "user_id": 1, "table_id": table, "guests": 2, "starts_at": start, "ends_at": end, "status": "booked",
            "revision": 1, "occupied": [[table, start, end]],
        }  # fmt: skip
        return orjson.dumps({"booking": 10**9 + table, "entry": entry}).decode()

    async def append(self, count: int) -> list[Event]:
        rows = await self.postgres.fetch(APPEND, self.stream, [self.entry(next(self.numbers)) for _ in range(count)])
        return [Event(self.stream, row[0], "booked", orjson.loads(row[2]), row[1]) for row in rows]

    async def tell(self, events: list[Event]) -> None:
        pipe = self.redis.pipeline(transaction=False)
        for event in events:
            pipe.publish(bell.channel(self.epoch), streams.dump(event, self.epoch, b"bench-0123456789"))
        await pipe.execute()

    async def close(self) -> None:
        await self.postgres.close()
        await self.redis.aclose()


class Hub(Side):
    """A hub, told of changes by a publisher."""

    def __init__(self, name: str, process: Process, servers: Servers, tokens: list[str], *, day: int = DAY) -> None:
        super().__init__(name, process)
        self.servers, self.tokens = servers, tokens
        self.day = seed.today_utc() + timedelta(days=day)
        self.publisher = Publisher(servers.url("live"), servers.valkey.url, self.day)

    async def open(self) -> None:
        await self.publisher.open()

    def hellos(self, count: int, since: str | None = None) -> list[bytes]:
        channels = {f"availability:{self.day}": since}
        return [
            masked(1, orjson.dumps({"op": "connect", "id": 1, "token": token, "since": channels}))
            for token in itertools.islice(itertools.cycle(self.tokens), count)
        ]

    async def connect(self, count: int, at_once: int = 64, since: str | None = None) -> float:
        return await self.crowd.connect(self.hellos(count, since), at_once=at_once)

    async def publish(self, count: int) -> int:
        events = await self.publisher.append(count)
        self.started(range(events[0].version, events[-1].version + 1))
        await self.publisher.tell(events)
        return events[-1].version

    async def close(self) -> None:
        await super().close()
        await self.publisher.close()


class Piped(Side):
    """A peer with a control port; ``framed`` where it is given frames and not texts."""

    def __init__(self, name: str, process: Process, control: int, *, framed: bool) -> None:
        super().__init__(name, process)
        self.port, self.framed = control, framed

    async def open(self) -> None:
        _, self.control = await asyncio.open_connection("127.0.0.1", self.port)

    async def publish(self, count: int) -> int:
        texts = self.take_next(count)
        parts = [unmasked(text) if self.framed else text for text in texts]
        self.started(range(self.crowd.version - count + 1, self.crowd.version + 1))
        self.control.write(b"".join(len(part).to_bytes(4, "big") + part for part in parts))
        await self.control.drain()
        return self.crowd.version

    async def close(self) -> None:
        await super().close()
        self.control.close()


class Posted(Side):
    """nginx with nchan: a change is a POST, those of a burst in one write over one connection."""

    def __init__(self, name: str, process: Process) -> None:
        super().__init__(name, process)
        self.port, self.wanted = process.port, 1

    async def open(self) -> None:
        make = lambda: Answers(lambda data: data.count(b"HTTP/1.1 20") >= self.wanted)  # noqa: E731
        _, self.publisher = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self.port)

    async def publish(self, count: int) -> int:
        head = "POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
        requests = b"".join((head % len(text)).encode() + text for text in self.take_next(count))
        self.wanted = count
        self.started(range(self.crowd.version - count + 1, self.crowd.version + 1))
        await self.publisher.ask(requests)
        return self.crowd.version


def measure(servers: Servers, *, quick: bool) -> Iterator[str]:
    """Every table, one after the other."""
    files = raise_limit()
    servers.make_database("live", seed.ROOM | BOUNDS)

    async def prepare() -> list[str]:
        connection = await asyncpg.connect(servers.url("live"))
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
        runner.run(whole_path(sides[0], queue, bookings=100 if quick else 400))
        for side in sides:
            runner.run(side.close())
        for process in servers.processes[:]:
            servers.stop(process)
        yield from queue
        queue.clear()
        storm(servers, runner, tokens, queue, count=min(5000, files // 2 - 500))
        yield from queue
        queue.clear()
        yield growth(servers, runner, tokens, seconds=3 if quick else 8, rounds=2 if quick else 3)


def raise_limit() -> int:
    """Let this process and its children open as many files as they may; how many that is."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return files


def start(servers: Servers, tokens: list[str], files: int) -> tuple[list[Side], list[str]]:
    """The hub first, then every peer that is installed; and the names of those that are not."""
    sides: list[Side] = [Hub("`hub serve`", servers.start_hub("live"), servers, tokens)]
    skipped = []
    environ = servers.environment("live")
    port = free_port()
    command = live_peers.nginx(servers.folder / "nginx", port, files)
    if command is None:
        skipped.append("nginx with nchan")
    else:
        sides.append(Posted("nginx with nchan", servers.start("nginx", port, command, environ)))
    if (loop := start_loop(servers)) is None:
        skipped.append("the send loop in C (no compiler)")
    else:
        sides.append(loop)
    for name, kind in (("`websockets.broadcast`", "websockets"), ("Sanic, `ws.send` in a loop", "sanic")):
        port, control = free_port(), free_port()
        words = [sys.executable, "-m", "bench.live_peers", kind, str(port), str(control)]
        sides.append(Piped(name, servers.start(kind, port, words, environ), control, framed=False))
    return sides, skipped


def start_loop(servers: Servers) -> Piped | None:
    program = live_peers.compile_loop(servers.folder)
    if program is None:
        return None
    port, control = free_port(), free_port()
    process = servers.start("loop", port, [str(program), str(port), str(control)], servers.environment("live"))
    return Piped("a bare send loop in C", process, control, framed=True)


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
                f"{percentile(waits, 0.5) * 1e3:.1f}",
                f"{percentile(waits, 0.99) * 1e3:.1f}",
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
            f"{percentile([w for run in bursts[side.name] for w in run.waits], 0.5) * 1e3:.1f}",
            f"{percentile([w for run in bursts[side.name] for w in run.waits], 0.99) * 1e3:.1f}",
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
        [name, f"{percentile(values, 0.5) * 1e3:.1f}", f"{percentile(values, 0.99) * 1e3:.1f}"]
        for name, values in (
            ("POST /bookings → its answer, which follows the commit", answers),
            ("POST /bookings → the last socket", last),
            ("of it PostgreSQL's: the bare statement, from this process", statement),
            ("of it after the answer: what is left of the deliveries", publishing),
        )
    ]
    rest = [a - b for a, b in zip(last, statement, strict=True)]
    rows.append(["all but PostgreSQL's", f"{percentile(rest, 0.5) * 1e3:.1f}", f"{percentile(rest, 0.99) * 1e3:.1f}"])
    title = f"A booking seen by the last of {SUBSCRIBERS:,}, {bookings} bookings, one at a time"
    out.append(report.table(title, ("", "p50, ms", "p99, ms"), rows))


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
    p50, p99 = (f"{percentile(waits, share):.2f}" for share in (0.5, 0.99))
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
                while hub.crowd.deliveries == first:  # noqa: ASYNC110
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
