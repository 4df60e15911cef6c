"""The sides of the live measures: each a server with its subscribers, and how a change is published to it.

One process holds all subscribers (bench.sockets). The hub is told by a publisher, as by another process of it; peers
are handed texts as the hub would say them. A side's processor time is what the kernel charged to all of its processes.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import orjson
from redis.asyncio import Redis

from bench import live_peers, seed
from bench.servers import SECRET_KEY, Process, Servers
from bench.sockets import Answers, Crowd, masked, unmasked
from hub.domain.events import MAIN, Event
from hub.metrics import Metrics
from hub.process.ports import free_port
from hub.store import streams
from hub.views import publisher
from hub.views.signing import Signer

SUBSCRIBERS = 1000
BURST = 20
DAY = 30
"""The service day that everybody watches, in days from today."""
FIRST_TABLE = 401
"""Tables of the made-up events; the hub books 1–200 and the bare statement 201–400, a day later."""
APPEND = """
SELECT a.version, a.at, d.data::text, a.id, a.previous, a.epoch FROM unnest($2::jsonb[]) WITH ORDINALITY d(data, n)
CROSS JOIN LATERAL hub_append($1, 'booked', d.data, NULL, NULL) a ORDER BY d.n
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
        self.signer = Signer(SECRET_KEY, Metrics())

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
            "guest_id": 1, "user_id": 1, "table_id": table, "guests": 2, "starts_at": start, "ends_at": end,
            "status": "booked",
            "revision": 1, "occupied": [[table, start, end]],
        }  # fmt: skip
        return orjson.dumps({"booking": 10**9 + table, "entry": entry}).decode()

    async def append(self, count: int) -> list[Event]:
        rows = await self.postgres.fetch(APPEND, self.stream, [self.entry(next(self.numbers)) for _ in range(count)])
        return [Event(self.stream, row[0], "booked", orjson.loads(row[2]), row[1], *row[3:]) for row in rows]

    async def tell(self, events: list[Event]) -> None:
        pipe = self.redis.pipeline(transaction=False)
        for event in events:
            name = publisher.channel(self.epoch, MAIN)
            pipe.publish(name, b"bench-0123456789" + self.signer.sign(name.encode(), streams.dump(event)))
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
        make = lambda: Answers(lambda data: data.count(b"HTTP/1.1 20") >= self.wanted)  # noqa: E731 - a name for one line
        _, self.publisher = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self.port)

    async def publish(self, count: int) -> int:
        head = "POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
        requests = b"".join((head % len(text)).encode() + text for text in self.take_next(count))
        self.wanted = count
        self.started(range(self.crowd.version - count + 1, self.crowd.version + 1))
        await self.publisher.ask(requests)
        return self.crowd.version


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
