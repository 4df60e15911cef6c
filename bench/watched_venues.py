"""What one change costs a process in which a thousand sessions watch a thousand venues, of what it costs beside one."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psutil

from bench import report, seed
from hub.config import Settings
from hub.domain.events import MAIN, Event, stream_of
from hub.live import channels
from hub.live.broadcaster import Broadcaster
from hub.live.sources.all_sources import make_sources
from hub.live.sources.own_bookings import OwnBookingsSource
from hub.live.subscriptions import Subscription
from hub.metrics import Metrics
from hub.security import Tokens
from hub.store import database
from hub.views.cache import ViewCache
from hub.views.cached_view import CachedView
from hub.views.context import Context

CHANGES = 200
MAKE_USERS = """
INSERT INTO users (email, full_name, password_hash, role, language, verified_at)
SELECT 'watcher-' || n || '@example.com', 'Ada Guest', '-', 'user', 'en', clock_timestamp()
FROM generate_series(1, $1::int) n RETURNING id
"""


@dataclass(slots=True, eq=False)
class Session:
    """Where the broadcaster writes to: it notes that something was written."""

    user_id: int
    fd: int = -1
    deflates: bool = False
    session_id: int = 1
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    lagging: set[Subscription] = field(default_factory=set)
    given_bytes: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, data: bytes) -> None:
        self.told.set()

    def keep(self, frames: list[bytes]) -> None:
        raise RuntimeError("no line is full")

    def end(self, name: str, reason: str) -> None:
        raise RuntimeError(reason)

    def role_at(self, venue_id: int) -> str:
        return "user"

    def take_roles(self) -> None:
        return


async def measure(settings: Settings, most: int) -> str:
    """Needs an open database with ``most`` venues. Nothing of this is written to it but users."""
    users = [row["id"] for row in await database.fetch(MAKE_USERS, most)]
    [row] = await database.fetch_apart("SELECT pg_backend_pid() AS pid")
    backends = psutil.Process(psutil.Process(row["pid"]).ppid())
    table = [await _measure(settings, users[:count], backends) for count in (1, most)]
    head = (
        "sessions and venues", "a booking of somebody else: CPU of the process, ms", "of PostgreSQL, ms",
        "a booking of a watcher's own: CPU of the process, ms", "of PostgreSQL, ms",
        "a verification that is told: CPU of the process, ms",
    )  # fmt: skip
    return report.table("Many venues: a change, watched by sessions on three channels each", head, table)


async def _measure(settings: Settings, users: list[int], postgres: psutil.Process) -> list[str]:
    metrics = Metrics()
    context = Context(settings, lambda events: None)
    views = ViewCache(context, Tokens(settings), None, metrics)
    broadcaster = Broadcaster(context, metrics, partial(make_sources, context, views, lambda events: None))
    views.start(broadcaster, lambda: None)
    await views.verify()
    await views._background.cancel()  # what is committed here is in no database, and no verification may say so
    day = seed.today_utc() + timedelta(days=3)
    sessions = [Session(user) for user in users]
    for venue_id, session in enumerate(sessions, MAIN):
        broadcaster.subscribers.add(session)
        for kind in (channels.AVAILABILITY.channel(day), channels.TABLES.channel(), channels.MINE.channel()):
            venue = context.venue(venue_id)
            assert venue is not None
            prefix = "" if venue_id == MAIN else f"{venue.venue.slug}/"
            channel = channels.parse(f"{prefix}{kind.name}", MAIN, context.id_of)
            assert channel is not None
            await broadcaster.subscribe(session, replace(channel, owner=session.user_id), since=None, id=None)
    costs = []
    for of_watcher in (False, True):
        spent = _cpu(postgres)
        for number in range(CHANGES):
            session = sessions[number % len(sessions)]
            cached = views._updater.cached[stream_of(MAIN + number % len(sessions), day)]
            session.told.clear()
            event = _change(context, cached, number, session.user_id if of_watcher else None)
            views.apply([event])
            broadcaster.hint([event])
            await session.told.wait()
            await _settled(broadcaster)
        now = _cpu(postgres)
        costs += [1000 * (after - before) / CHANGES for after, before in zip(now, spent, strict=True)]
    began = time.process_time()
    for _ in range(10):
        broadcaster.verified(context.now())
        broadcaster.fresh.send()
        await _settled(broadcaster)
    told = 1000 * (time.process_time() - began) / 10
    await broadcaster.stop()
    await views.stop()
    return [f"{len(users):,}", *(f"{cost:.2f}" for cost in costs), f"{told:.1f}"]


async def _settled(broadcaster: Broadcaster) -> None:
    """Until own bookings are compared too, which they are a little later."""
    source = broadcaster._sources["own_bookings"]
    assert isinstance(source, OwnBookingsSource)
    while source._timer is not None or source._checking is not None:  # noqa: ASYNC110 nothing tells of it
        await asyncio.sleep(0.002)


def _change(context: Context, cached: CachedView, number: int, user_id: int | None) -> Event:
    start = datetime.fromisoformat(cached.stream.rpartition(":")[2]).replace(hour=13, tzinfo=UTC)
    entry: dict[str, Any] = {
        "user_id": user_id, "guest_id": 1, "table_id": 10**6 + number, "guests": 2, "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=2)).isoformat(), "status": "booked", "revision": 1, "occupied": [],
    }  # fmt: skip
    data = {"booking": 10**9 + number, "entry": entry}
    version, at = cached.version + 1, datetime.now(UTC)
    return Event(cached.stream, version, "booked", data, at, 10**9 + number, cached.head, context.epoch)


def _cpu(postgres: psutil.Process) -> tuple[float, float]:
    """Seconds of the processor: of this process, and of PostgreSQL with all its connections."""
    servers = [postgres, *postgres.children()]
    return time.process_time(), sum(sum(each.cpu_times()[:2]) for each in servers)
