"""hub.counters without Redis: what a process counts for itself."""

from __future__ import annotations

import asyncio

import pytest
from limits.aio.storage import MemoryStorage
from limits.aio.storage.base import Storage
from redis.exceptions import RedisError

from hub import counters as counted
from hub.counters import Counters
from hub.errors import Overloaded


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


async def test_questions_that_wait_here_do_not_say_that_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood in this process would else make every bound begin anew."""
    monkeypatch.setattr(counted, "WAIT_SECONDS", 20.0)
    monkeypatch.setattr(counted, "BUSY_SECONDS", 0.01)
    kept, go = Counters("redis://127.0.0.1:1/0"), asyncio.Event()
    kept._shared = MemoryStorage()  # type: ignore[assignment]  # it stands for Redis

    async def slow(storage: Storage) -> int:
        await go.wait()
        return 1

    busy = [asyncio.create_task(kept._ask("busy", slow)) for _ in range(counted.MOST_CONNECTIONS)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await kept.add("one more", 60)
    assert not kept.is_away
    given_back = asyncio.create_task(kept.give_back("one more", 60))
    go.set()
    assert await asyncio.gather(*busy) == [1] * counted.MOST_CONNECTIONS
    await given_back
    assert await kept._shared.get("one more") == -1  # who gives back waits as long as it takes
    await kept.close()


async def test_answer_that_this_process_was_too_slow_to_hear_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counted, "WAIT_SECONDS", 0.01)
    kept, asked = Counters("redis://127.0.0.1:1/0"), []
    kept._shared = MemoryStorage()  # type: ignore[assignment]  # which always answers a PING

    async def late_at_first(storage: Storage) -> int:
        asked.append(storage)
        if len(asked) == 1:
            await asyncio.Event().wait()
        return 7

    assert await kept._ask("late", late_at_first) == 7
    assert asked == [kept._shared] * 2
    assert not kept.is_away
    await kept.close()


async def test_counts_of_this_process_go_on_when_redis_is_away_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise whoever can make it come and go is never refused."""
    monkeypatch.setattr(counted, "PAUSE_SECONDS", 0.0)
    kept = Counters("redis://127.0.0.1:1/0")
    away = kept._shared
    for _ in range(3):
        await kept.add("key", 60)
    kept._shared = MemoryStorage()  # type: ignore[assignment]
    assert await kept.add("key", 60) == 1
    assert not kept.is_away
    kept._shared = away
    assert await kept.add("key", 60) == 4
    await kept.clear("key")
    assert await kept.value("key") == 0
    await kept.close()
