"""One process's views and broadcaster on a real database, and clients that it tells: for tests of what is said to
whom."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from hub.commands import bookings
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import Event
from hub.live import channels
from hub.live.broadcaster import Broadcaster
from hub.live.sources.all_sources import make_sources
from hub.live.subscriptions import Subscription
from hub.metrics import Metrics
from hub.security import Identity, Tokens
from hub.store import database
from hub.views.cache import ViewCache
from hub.views.checkpoints import Checkpoints
from hub.views.context import Context, VenueContext
from hub.views.signing import Signer
from tests.writing import writing_context

DAY = datetime.now(UTC).date() + timedelta(days=8)
FLOOR, AVAILABILITY = f"floor:{DAY}", f"availability:{DAY}"
WITHIN = 6.0
METRICS = Metrics()


@dataclass(slots=True, eq=False)
class Client:
    """Where the broadcaster writes to: it keeps what it is told."""

    fd: int = -1
    deflates: bool = False
    role: str = "host"
    session_id: int = 1
    user_id: int = 1
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    lagging: set[Subscription] = field(default_factory=set)
    given_bytes: int = 0
    said: list[dict[str, Any]] = field(default_factory=list)
    writes: list[list[dict[str, Any]]] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    fault: type[Exception] | None = None
    fault_of_end: type[Exception] | None = None
    ended: str | None = None

    def write(self, frames: bytes) -> None:
        if self.fault:
            raise self.fault()
        self.writes.append(messages(frames))
        self.said += self.writes[-1]
        self.news.set()

    def keep(self, frames: list[bytes]) -> None:
        self.kept += frames
        self.news.set()

    def end(self, name: str, reason: str) -> None:
        self.ended = name
        if self.fault_of_end:
            raise self.fault_of_end()

    def role_at(self, venue_id: int) -> str:
        return self.role

    def take_roles(self) -> None:
        pass

    async def until(self, found: Callable[[], Any]) -> None:
        async with asyncio.timeout(WITHIN):
            while not found():
                self.news.clear()
                await self.news.wait()

    def ops(self, begin: int = 0) -> list[str]:
        return [message["op"] for message in self.said[begin:]]


def messages(frames: bytes) -> list[dict[str, Any]]:
    """The messages of unmasked text frames that were written together."""
    found = []
    while frames:
        size, start = frames[1], 2
        if size == 126:
            size, start = int.from_bytes(frames[2:4], "big"), 4
        found.append(orjson.loads(frames[start : start + size]))
        frames = frames[start + size :]
    return found


@dataclass(slots=True)
class Process:
    """One process's views and broadcaster. What is verified is what the test says, and when."""

    context: Context
    views: ViewCache
    broadcaster: Broadcaster
    committed: list[Event]
    writer: VenueContext
    """What is booked here the views learn when the test says so."""
    metrics: Metrics
    """What this process alone counts."""

    async def enter(self, *names: str, **fields: Any) -> Client:
        client = Client(**fields)
        self.broadcaster.subscribers.add(client)
        for name in names:
            await self.subscribe(client, name)
        await client.until(lambda: client.ops().count("snapshot") == len(names))
        return client

    async def subscribe(self, client: Client, name: str) -> None:
        channel = channels.parse(name)
        assert channel is not None
        await self.broadcaster.subscribe(client, channel, since=None, id=None)

    async def book(self, user: int, at: int = 12) -> None:
        await bookings.book(self.writer, Call(Identity(user, "user", 0, 0.0)), BookingRequest(DAY, time(at), 2))

    def verified(self, at: datetime) -> None:
        """All that is held was compared with the database at ``at``."""
        for cached in self.views._updater.cached.values():
            cached.verified_at = max(cached.verified_at, at)
        self.broadcaster.verified(at)

    def receive(self) -> None:
        """What was committed reaches the views: it is told in the next tick."""
        self.views.apply(self.committed)


@pytest.fixture
async def process(connected: Settings, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Process]:
    monkeypatch.setattr("hub.live.freshness.FRESH_SECONDS", 3600.0)  # it is told when a test says so, and with data
    monkeypatch.setattr("hub.views.verification.REPAIR_SECONDS", WITHIN)  # nor does a busy machine decide
    redis: Redis = Redis.from_url(redis_url)
    committed: list[Event] = []
    context, metrics = Context(connected, committed.extend), Metrics()
    checkpoints = Checkpoints(redis, connected, Signer(connected.secret_key, metrics))
    views = ViewCache(context, Tokens(connected), checkpoints, metrics)
    broadcaster = Broadcaster(context, metrics, partial(make_sources, context, views, lambda events: None))
    views.start(broadcaster, lambda: None)
    await views.verify()
    for task in views._background.tasks:
        task.cancel()
    yield Process(context, views, broadcaster, committed, writing_context(connected, committed.extend), metrics)
    await broadcaster.stop()
    await views.stop()
    await redis.aclose()


async def make_user(name: str) -> int:
    [row] = await database.fetch(
        "INSERT INTO users (email, full_name, password_hash, role, language) "
        "VALUES ($1, $2, '', 'user', 'en') RETURNING id",
        f"{name.lower()}@example.com",
        name,
    )
    return int(row["id"])
