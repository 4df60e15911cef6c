"""What a thousand venues cost one process: the memory of a view, the freshness check, and the start."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import psutil
from redis.asyncio import Redis

from bench import report, seed, watched_venues
from bench.servers import Servers
from hub.config import Settings
from hub.domain.events import Event, floor_of, stream_of, venue_of
from hub.metrics import Metrics
from hub.security import Tokens
from hub.store import database, freshness, streams
from hub.views import publisher
from hub.views.cache import ViewCache
from hub.views.context import Context
from hub.views.signing import Signer
from hub.views.subscriber import EventSubscriber

NAME = "venues"
VENUES, DAYS = 1000, 30
TABLES = 25
COMPARED = (1_000, 10_000, 31_000)
BOOKED = (0, 25, 75)
"""Bookings on a day of which the memory is measured."""
VIEWS = 300
EVENTS = 5_000

MAKE_VENUES = """
WITH made AS (
    INSERT INTO venue_groups (name) SELECT 'Group ' || n FROM generate_series(2, $1::int) n RETURNING id
)
INSERT INTO venues (group_id, slug, name, zone, language)
SELECT id, 'venue-' || id, 'Venue ' || id, 'Europe/Lisbon', 'en' FROM made
"""
MAKE_TABLES = """
INSERT INTO tables (venue_id, group_id, name, seats)
SELECT v.id, v.group_id, 'T' || n, 2 + n % 5 FROM venues v, generate_series(1, $1::int) n WHERE v.id > 1
"""
MAKE_STREAMS = """
WITH day AS (
    SELECT v.id AS venue_id, CASE WHEN v.id > 1 THEN v.id || '/' ELSE '' END AS prefix FROM venues v
), told AS (
    INSERT INTO events (stream, version, kind, data, at)
    SELECT prefix || 'day:' || ($1::date + n), 1, 'booked', '{}', now() FROM day, generate_series(1, $2::int) n
    RETURNING id, stream
)
INSERT INTO streams (name, version, head) SELECT stream, 1, id FROM told
"""
MAKE_BOOKINGS = """
WITH cell AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('bookings', 'id')) AS id, t.id AS table_id, t.venue_id, v.group_id,
           n / $5::int AS day, n % $5 AS round
    FROM tables t JOIN venues v ON v.id = t.venue_id, generate_series(0, $5 * $2::int - 1) n
    WHERE t.venue_id BETWEEN $3 AND $4
), guest AS (
    INSERT INTO guests (group_id, name, language) SELECT DISTINCT group_id, 'Ada Guest', 'en' FROM cell
    RETURNING id, group_id
), booked AS (
    INSERT INTO bookings (id, venue_id, group_id, guest_id, reference, table_id, guests, starts_at, ends_at,
                          service_date, status, revision, created_at, updated_at)
    OVERRIDING SYSTEM VALUE
    SELECT c.id, venue_id, c.group_id, g.id, translate(lpad(c.id::text, 8, '0'), '01', 'YX'), table_id, 2,
           ($1::date + day) + time '12:00' + round * interval '2 hours',
           ($1::date + day) + time '14:00' + round * interval '2 hours', $1::date + day, 'booked', 1, now(), now()
    FROM cell c JOIN guest g ON g.group_id = c.group_id
    RETURNING id, venue_id, table_id, starts_at, ends_at
)
INSERT INTO occupancies (venue_id, table_id, booking_id, starts_at, ends_at)
SELECT venue_id, table_id, id, starts_at, ends_at FROM booked
"""


def prepare(servers: Servers) -> None:
    """A database with VENUES venues of TABLES tables, and a stream of each of DAYS days of each."""
    servers.make_database(NAME)

    async def make() -> None:
        connection = await asyncpg.connect(servers.url(NAME))
        await connection.execute(MAKE_VENUES, VENUES)
        await connection.execute(MAKE_TABLES, TABLES)
        await connection.execute(MAKE_STREAMS, seed.today_utc(), DAYS, timeout=600)
        await connection.execute("VACUUM ANALYZE", timeout=600)
        await connection.close()

    asyncio.run(make())


def measure(servers: Servers, *, rounds: int) -> list[str]:
    """The tables of this part. The process that is measured is this one, with no HTTP."""
    prepare(servers)
    return [_starts(servers), *asyncio.run(_measure(servers, rounds))]


def _starts(servers: Servers) -> str:
    """How long a hub takes until it serves, with one process."""
    servers.make_database("one-venue")
    table = []
    for what, name in (
        ("one venue", "one-venue"),
        (f"{VENUES:,} venues, the first start after they were made", NAME),
        (f"{VENUES:,} venues, any other start", NAME),
    ):
        began = time.perf_counter()
        hub = servers.start_hub(name)
        table.append([what, f"{time.perf_counter() - began:.1f}"])
        servers.stop(hub)
    return report.table("Many venues: the start", ("of", "until it serves, s"), table)


async def _measure(servers: Servers, rounds: int) -> list[str]:
    settings = servers.settings(NAME)
    await database.connect(settings)
    try:
        return [
            await _checks(rounds),
            await _memory(settings),
            await _channels(servers, settings, rounds),
            await watched_venues.measure(settings, VENUES),
        ]
    finally:
        await database.close()


async def _channels(servers: Servers, settings: Settings, rounds: int) -> str:
    """What an event costs who hears it, with one channel for all venues and with one for each 64th."""
    metrics, shipped, table = Metrics(), publisher.PARTITIONS, []
    signer = Signer(settings.secret_key, metrics)
    redis: Redis = Redis.from_url(servers.valkey.url)
    server = psutil.Process(servers.valkey.pid)
    try:
        for channels in (1, shipped):
            publisher.PARTITIONS = channels
            context = Context(settings, lambda events: None, epoch=f"{channels:08}")
            heard, all_heard, ready = 0, asyncio.Event(), asyncio.Event()

            def hear(events: list[Event], all_heard: asyncio.Event = all_heard) -> None:
                nonlocal heard
                heard += len(events)
                if heard == EVENTS:
                    all_heard.set()

            subscriber = EventSubscriber(redis, context, metrics, signer, on_events=hear, on_missed=ready.set)
            began = time.perf_counter()
            subscriber.start()
            await ready.wait()
            subscribed = 1000 * (time.perf_counter() - began)
            told = [_event(context, number) for number in range(EVENTS)]
            payloads = [
                (name, b"bench-0123456789" + signer.sign(name.encode(), streams.dump(event)))
                for event in told
                for name in [publisher.channel(context.epoch, venue_of(event.stream))]
            ]

            async def burst(payloads: list[tuple[str, bytes]] = payloads, all_heard: asyncio.Event = all_heard) -> None:
                nonlocal heard
                heard = 0
                all_heard.clear()
                async with redis.pipeline(transaction=False) as pipe:
                    for name, payload in payloads:
                        pipe.publish(name, payload)
                    await pipe.execute()
                await all_heard.wait()

            await burst()
            waits, ours, theirs = await _timed(burst, server, rounds * 3)
            each = 1000 / EVENTS
            table.append([
                str(channels), f"{subscribed:.1f}", f"{each * sum(waits) / len(waits):.0f}", f"{each * ours:.0f}",
                f"{each * theirs:.0f}",
            ])  # fmt: skip
            await subscriber.stop()
    finally:
        publisher.PARTITIONS = shipped
        await redis.aclose()
    head = ("channels", "to subscribe, ms", "µs an event", "CPU of the process, µs", "CPU of Valkey, µs")
    return report.table("Many venues: events over Valkey, sent and heard by one process", head, table)


def _event(context: Context, number: int) -> Event:
    venue = 1 + number * 31 % VENUES
    entry = {
        "user_id": 1, "guest_id": 1, "table_id": 7, "guests": 2, "starts_at": "2026-12-24T12:00:00Z",
        "ends_at": "2026-12-24T14:00:00Z", "status": "booked", "revision": 1, "occupied": [],
    }  # fmt: skip
    stream, at = stream_of(venue, seed.today_utc()), datetime.now(UTC)
    return Event(stream, 1, "booked", {"booking": number, "entry": entry}, at, number, 0, context.epoch)


async def _checks(rounds: int) -> str:
    """The freshness check's query alone, for so many views."""
    rows = await database.fetch("SELECT name, version, head FROM streams ORDER BY random()")
    known = {row["name"]: (row["version"], row["head"]) for row in rows}
    [row] = await database.fetch_apart("SELECT pg_backend_pid() AS pid, clock_timestamp() AS now")
    server, now = psutil.Process(row["pid"]), row["now"]
    table = []
    for count in COMPARED:
        asked = dict(list(known.items())[:count])

        async def look(asked: dict[str, tuple[int, int]] = asked) -> None:
            found = await freshness.look(asked, now)
            if found.heads:
                raise RuntimeError("the streams have changed")

        await look()
        waits, ours, theirs = await _timed(look, server, rounds * 5)
        table.append([f"{count:,}", report.spread(waits, ",.1f"), f"{ours:,.1f}", f"{theirs:,.1f}"])
    head = ("views compared", "one check, ms", "CPU of the process, ms", "CPU of PostgreSQL, ms")
    return report.table("Many venues: a freshness check, of which each process makes one a second", head, table)


async def _timed(
    work: Callable[[], Awaitable[Any]], server: psutil.Process, times: int
) -> tuple[list[float], float, float]:
    """The milliseconds of each time, and the processor's of this process and of the server for one, on average."""
    waits = []
    ours, theirs = time.process_time(), sum(server.cpu_times()[:2])
    for _ in range(times):
        began = time.perf_counter()
        await work()
        waits.append(1000 * (time.perf_counter() - began))
    spent = time.process_time() - ours, sum(server.cpu_times()[:2]) - theirs
    return waits, 1000 * spent[0] / times, 1000 * spent[1] / times


async def _memory(settings: Settings) -> str:
    """What a view takes in memory, by the bookings of its day."""
    table, today = [], seed.today_utc()
    days = 10
    own = psutil.Process()
    for number, booked in enumerate(BOOKED):
        first = today + timedelta(days=100 * (number + 1))
        if booked:
            await database.fetch(MAKE_BOOKINGS, first, days, 2, 1 + VIEWS // days, booked // TABLES)
        metrics = Metrics()
        context = Context(settings, lambda events: None)
        views = ViewCache(context, Tokens(settings), None, metrics)
        await views.verify()
        gc.collect()
        before = own.memory_info().rss
        for venue in range(2, 2 + VIEWS // days):
            await views.get(floor_of(venue))
            for day in range(days):
                await views.get(stream_of(venue, first + timedelta(days=day)))
        gc.collect()
        held = own.memory_info().rss - before
        shown = sum(len(c.day_view.entries) for c in views._updater.cached.values() if c.stream.find("day:") >= 0)
        table.append([f"{shown / VIEWS:.0f}", f"{held / VIEWS / 1024:,.0f}"])
        await views.stop()
        views._updater.cached.clear()
    return report.table("Many venues: the memory of a view", ("bookings on the day", "KiB a view"), table)
