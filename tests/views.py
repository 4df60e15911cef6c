"""A process's views without a process: what its watcher is told, and fixtures that make some on a test's database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Protocol

import pytest
from redis.asyncio import Redis

from hub.commands import bookings
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import MAIN, Event, stream_of
from hub.metrics import Metrics
from hub.security import Identity, Tokens
from hub.store import database
from hub.views.cache import ViewCache
from hub.views.cached_view import CachedView
from hub.views.checkpoints import Checkpoints
from hub.views.context import Context
from hub.views.signing import Signer
from hub.views.step import Step
from tests.conftest import SECRET_KEY
from tests.writing import writing_context

DAY = datetime.now(UTC).date() + timedelta(days=7)
STREAM = stream_of(MAIN, DAY)
WITHIN = 6.0
METRICS = Metrics()
SIGNER = Signer(SECRET_KEY, METRICS)


@dataclass(slots=True)
class RecordingObserver:
    """What watchers are told; it waits for nothing and changes nothing."""

    steps: list[Step] = field(default_factory=list)
    replacements: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    verifications: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def changed(self, cached: CachedView, steps: Sequence[Step]) -> None:
        self.steps.extend(steps)
        self.news.set()

    def replaced(self, cached: CachedView, reason: str) -> None:
        self.replacements.append((cached.stream, reason))
        self.news.set()

    def failed(self, cached: CachedView) -> None:
        self.failures.append(cached.stream)
        self.news.set()

    def verified(self, at: datetime) -> None:
        self.verifications += 1
        self.news.set()

    def ended(self, sessions: set[int], users: set[int]) -> None:
        self.news.set()

    def retired(self, venues: set[int]) -> None:
        self.news.set()

    async def until(self, found: Callable[[], Any]) -> None:
        async with asyncio.timeout(WITHIN):
            while not found():
                self.news.clear()
                await self.news.wait()


@dataclass(slots=True)
class Process:
    """One process's views. Without ``start`` nothing verifies them by itself."""

    views: ViewCache
    context: Context
    told: RecordingObserver

    def start(self) -> None:
        self.views.start(self.told, lambda: None)

    def listen(self) -> None:
        """Tell the watcher without verifying: the loop is stopped before its first turn."""
        self.start()
        for task in self.views._background.tasks:
            task.cancel()


class Make(Protocol):
    def __call__(self, **settings: Any) -> Process:
        """``settings`` differ from those of the test."""


@pytest.fixture
async def make_process(connected: Settings, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    # On a busy machine a test that verifies waits for what it is about, not for a while.
    monkeypatch.setattr("hub.views.verification.REPAIR_SECONDS", WITHIN)
    redis: Redis = Redis.from_url(redis_url)
    made: list[Process] = []

    def make(**changed: Any) -> Process:
        context = Context(replace(connected, **changed), lambda events: None)
        checkpoints = Checkpoints(redis, connected, SIGNER)
        process = Process(ViewCache(context, Tokens(connected), checkpoints, METRICS), context, RecordingObserver())
        made.append(process)
        return process

    yield make
    for process in made:
        await process.views.stop()
    await redis.aclose()


@pytest.fixture
async def by(connected: Settings) -> Identity:
    [row] = await database.fetch(
        "INSERT INTO users (email, full_name, password_hash, role, language) "
        "VALUES ('guest@example.com', 'Ada Guest', '', 'admin', 'en') RETURNING id"
    )
    return Identity(row["id"], "admin", 0, 0.0)


async def book(settings: Settings, by: Identity, *hours: int) -> list[Event]:
    """Book at each hour and tell nobody; returns what would have been told."""
    events: list[Event] = []

    def keep(told: Iterable[Event]) -> None:
        events.extend(told)

    context = writing_context(settings, keep)
    for hour in hours:
        await bookings.book(context, Call(by), BookingRequest(DAY, time(hour), 2))
    return events


def foreign(process: Process, cached: CachedView, data: dict[str, Any], *, kind: str, ahead: int = 1) -> Event:
    """An event that continues a view and that the database knows nothing of."""
    return Event(
        cached.stream, cached.version + ahead, kind, data, datetime.now(UTC), 10**9, cached.head, process.context.epoch
    )
