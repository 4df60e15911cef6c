"""The readers of the queue of wake-ups: a worker that is gone leaves none behind for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from hub.config import Settings
from hub.views.publisher import make_broker
from tests.guests import until
from tests.servers import PATIENCE
from workers import tasks


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(settings.redis_url)
    yield client
    await client.aclose()


async def readers(redis: Redis) -> set[str]:
    if not await redis.exists("hub:wake"):
        return set()
    return {str(each["name"]) for each in await redis.xinfo_consumers("hub:wake", "hub")}


async def listen_until_heard(settings: Settings, redis: Redis, before: set[str]) -> set[str]:
    """Listen as a worker does, end in order, and return who read the queue meanwhile."""
    stopping = asyncio.Event()
    task = asyncio.create_task(tasks.listen(settings, tasks.Dispatchers(), stopping))

    async def heard() -> set[str]:
        return await readers(redis) - before

    found = await until(heard)
    stopping.set()
    await task
    return set(found)


async def test_worker_that_ends_leaves_no_reader(
    settings: Settings, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.tasks.LEAVE_SECONDS", PATIENCE)
    for _ in range(3):
        assert len(await listen_until_heard(settings, redis, set())) == 1
        assert await readers(redis) == set()


async def test_start_removes_the_readers_of_killed_workers(
    settings: Settings, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):  # killed: each asked once, and never again
        broker = make_broker(settings)
        await broker.startup()
        await redis.xreadgroup("hub", broker.consumer_name, {"hub:wake": ">"}, count=1)
        await broker.shutdown()
    killed = await readers(redis)
    assert len(killed) == 5
    await listen_until_heard(settings, redis, killed)
    assert await readers(redis) == killed  # they may be alive: it is not a minute ago that they asked
    monkeypatch.setattr(tasks, "GONE_SECONDS", -1.0)
    await listen_until_heard(settings, redis, killed)
    assert await readers(redis) == set()
