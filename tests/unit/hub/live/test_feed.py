"""The feed against a real Valkey: what it takes, what it ignores, and that no fault ends it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from hub import bell, streams
from hub.config import Settings
from hub.domain.event import Event
from hub.house import House
from hub.live.feed import Feed
from hub.metrics import Metrics

WITHIN = 6.0


class Ear:
    """Who hears the events: it keeps them, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.faults = 0
        self.missed = 0
        self.news = asyncio.Event()

    def hear(self, events: list[Event], epoch: str) -> None:
        if self.faults:
            self.faults -= 1
            raise ZeroDivisionError
        self.heard += events
        self.news.set()

    def miss(self) -> None:
        self.missed += 1
        self.news.set()

    async def until(self, found: Callable[[], Any]) -> None:
        async with asyncio.timeout(WITHIN):
            while not found():
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def house(settings: Settings) -> House:
    return House(settings, lambda events: None, epoch=secrets.token_hex(4))


@pytest.fixture
async def ear(redis: Redis, house: House) -> AsyncIterator[Ear]:
    """Listening, from the moment at which Valkey confirmed it."""
    ear = Ear()
    feed = Feed(redis, house, Metrics(), heard=ear.hear, missed=ear.miss)
    feed.start()
    await ear.until(lambda: ear.missed == 1)
    yield ear
    await feed.stop()


def event(version: int) -> Event:
    return Event("day:2026-11-24", version, "booked", {"booking": version, "entry": None}, datetime.now(UTC))


async def publish(redis: Redis, house: House, payload: bytes) -> None:
    await redis.publish(bell.channel(house.epoch), payload)


async def test_an_event_of_another_process_is_heard_and_our_own_is_not(redis: Redis, house: House, ear: Ear) -> None:
    await publish(redis, house, streams.dump(event(1), house.epoch, house.origin))
    await publish(redis, house, streams.dump(event(2), house.epoch, b"f" * 16))
    await ear.until(lambda: ear.heard)
    assert [heard.version for heard in ear.heard] == [2]


@pytest.mark.parametrize(
    "junk", [b"", b"x", b"\xff" * 40, b"f" * 16 + b"{}", b"f" * 16 + b'["a",1]', b"f" * 16 + b"null"]
)
async def test_a_message_that_is_no_event_is_ignored(redis: Redis, house: House, ear: Ear, junk: bytes) -> None:
    await publish(redis, house, junk)
    await publish(redis, house, streams.dump(event(3), house.epoch, b"f" * 16))
    await ear.until(lambda: ear.heard)
    assert ear.missed == 1  # the same connection


async def test_a_fault_of_who_listens_costs_a_new_subscription(redis: Redis, house: House, ear: Ear) -> None:
    ear.faults = 1
    await publish(redis, house, streams.dump(event(1), house.epoch, b"f" * 16))
    await ear.until(lambda: ear.missed == 2)  # it listens again, and has the boards prove themselves
    await publish(redis, house, streams.dump(event(2), house.epoch, b"f" * 16))
    await ear.until(lambda: ear.heard)
    assert [heard.version for heard in ear.heard] == [2]
