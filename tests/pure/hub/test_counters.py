"""hub.counters without Redis: what a process counts for itself."""

from __future__ import annotations

import asyncio

import pytest
from limits.aio.storage.base import Storage
from redis.exceptions import RedisError

from hub import counters as counted
from hub.counters import Counters


async def test_what_was_asked_before_redis_failed_says_nothing_of_it_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a Redis that is slow is away and there again many times a second, and each time the counts are lost."""
    monkeypatch.setattr(counted, "WAIT_SECONDS", 20.0)
    kept, begun, go, asked = Counters("redis://127.0.0.1:1/0"), asyncio.Event(), asyncio.Event(), []

    async def slow(storage: Storage) -> int:
        begun.set()
        await go.wait()
        return 1

    async def failing(storage: Storage) -> int:
        if storage is kept._shared:
            raise RedisError
        return 1

    async def look(storage: Storage) -> int:
        asked.append(storage)
        return 1

    early = asyncio.create_task(kept._ask("early", slow))
    await begun.wait()
    await kept._ask("failing", failing)
    go.set()
    await early
    await kept._ask("look", look)
    assert asked == [kept._own]
    await kept.close()


async def test_memory_of_a_process_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "MOST_KEYS", 10)
    kept = Counters("redis://127.0.0.1:1/0")
    await kept.add("first", 60)
    for number in range(10):
        await kept.add(f"key-{number}", 60)
    assert await kept.value("first") == 0
    assert await kept.value("key-9") == 1
    assert len(kept._own.storage) <= 10
    await kept.close()
