"""A process's boards without a process: what its watcher is told, and fixtures that make some on a test's database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from hub import bookings, database
from hub.boards import Boards
from hub.checkpoints import Checkpoints
from hub.config import Settings
from hub.domain.event import Event, stream_of
from hub.held import Held, Step
from hub.house import House
from hub.metrics import Metrics
from hub.security import Identity, Tokens
from hub.signing import Signer
from tests.conftest import SECRET_KEY

DAY = datetime.now(UTC).date() + timedelta(days=7)
STREAM = stream_of(DAY)
WITHIN = 6.0
METRICS = Metrics()
SIGNER = Signer(SECRET_KEY, METRICS)


@dataclass(slots=True)
class Told:
    """What watchers are told; it waits for nothing and changes nothing."""

    steps: list[Step] = field(default_factory=list)
    replacements: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    proofs: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def changed(self, held: Held, steps: Sequence[Step]) -> None:
        self.steps.extend(steps)
        self.news.set()

    def replaced(self, held: Held, reason: str) -> None:
        self.replacements.append((held.stream, reason))
        self.news.set()

    def failed(self, held: Held) -> None:
        self.failures.append(held.stream)
        self.news.set()

    def proved(self, at: datetime) -> None:
        self.proofs += 1
        self.news.set()

    def ended(self, sessions: set[int], roles: dict[int, str]) -> None:
        self.news.set()

    async def until(self, found: Callable[[], Any]) -> None:
        async with asyncio.timeout(WITHIN):
            while not found():
                self.news.clear()
                await self.news.wait()


@dataclass(slots=True)
class Process:
    """One process's boards. Without ``start`` nothing proves them by itself."""

    boards: Boards
    house: House
    told: Told

    def start(self) -> None:
        self.boards.start(self.told, lambda: None)

    def listen(self) -> None:
        """Tell the watcher without proving: the loop is stopped before its first turn."""
        self.start()
        for task in self.boards._tasks:
            task.cancel()


Make = Callable[[], Process]


@pytest.fixture
async def make_process(connected: Settings, redis_url: str) -> AsyncIterator[Make]:
    redis: Redis = Redis.from_url(redis_url)
    made: list[Process] = []

    def make() -> Process:
        house = House(connected, lambda events: None)
        checkpoints = Checkpoints(redis, connected, SIGNER)
        process = Process(Boards(house, Tokens(connected), checkpoints, METRICS), house, Told())
        made.append(process)
        return process

    yield make
    for process in made:
        await process.boards.stop()
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

    for hour in hours:
        await bookings.book(House(settings, keep), by=by, day=DAY, at=time(hour), guests=2)
    return events


def foreign(process: Process, held: Held, data: dict[str, Any], *, kind: str, ahead: int = 1) -> Event:
    """An event that continues a board and that the database knows nothing of."""
    return Event(
        held.stream, held.version + ahead, kind, data, datetime.now(UTC), 10**9, held.head, process.house.epoch
    )
