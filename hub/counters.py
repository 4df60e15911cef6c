"""Counters that end by themselves, for whatever is allowed so many times in so long: in Redis, or else in this process.

The library `limits` keeps them in both. Redis counts for all processes together. While it is away, or slow, each
process counts for itself: nobody is refused for that, and the gate does not stand open either. What counts as an
attempt, and what follows from a count, is hub.commands.throttle's.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.storage.base import Storage
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

from hub import logs

WAIT_SECONDS = 0.3
"""How long Redis may take for one counter before this process counts by itself."""
PAUSE_SECONDS = 2.0
"""For how long Redis is not asked again after it failed."""
MOST_CONNECTIONS = 8
MOST_KEYS = 20_000
"""Counters in this process's memory. Beyond them the one that was used longest ago is forgotten."""
log = logs.get("hub.counters")


class Counters:
    """Counters by key, each with its own length of life, in whole seconds."""

    def __init__(self, redis_url: str) -> None:
        self._pool = BlockingConnectionPool.from_url(
            redis_url,
            max_connections=MOST_CONNECTIONS,
            timeout=WAIT_SECONDS,
            socket_timeout=WAIT_SECONDS,
            socket_connect_timeout=WAIT_SECONDS,
        )
        self._shared = RedisStorage(
            f"async+{redis_url}",
            implementation="redispy",
            key_prefix="hub:throttle",
            connection_pool=self._pool,  # type: ignore[arg-type]  # its options are typed for text and numbers alone
        )
        self._own = MemoryStorage()
        self._used: dict[str, None] = {}
        """The keys in this process's memory, the longest unused first."""
        self._away_until = float("-inf")

    async def add(self, key: str, seconds: int, amount: int = 1) -> int:
        """Add to a counter, which ends so many seconds after its first addition; returns what it stands at."""
        return int(await self._ask(key, lambda storage: storage.incr(key, seconds, amount)))

    async def value(self, key: str) -> int:
        """What a counter stands at; 0 when it ended, or never began."""
        return int(await self._ask(key, lambda storage: storage.get(key)))

    async def seconds_left(self, key: str) -> int:
        """How long a counter still lives, rounded up; 0 when it ended, or never began."""
        ends = await self._ask(key, lambda storage: storage.get_expiry(key))
        return max(0, math.ceil(float(ends) - time.time() - 0.05))  # the library adds the present to what Redis says

    async def clear(self, key: str) -> None:
        await self._ask(key, lambda storage: storage.clear(key))

    async def close(self) -> None:
        await self._pool.disconnect()

    async def _ask(self, key: str, question: Callable[[Storage], Awaitable[Any]]) -> Any:
        now = asyncio.get_running_loop().time()
        if now >= self._away_until:
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    answer = await question(self._shared)
            except (RedisError, OSError, TimeoutError) as error:
                if self._away_until == float("-inf"):
                    log.warning(
                        "Redis does not answer: attempts are counted in this process alone", error=type(error).__name__
                    )
                self._away_until = now + PAUSE_SECONDS
            else:
                if float("-inf") < self._away_until <= now:  # one that was asked before it failed says nothing of it
                    self._away_until = float("-inf")
                    await self._own.reset()
                    self._used.clear()
                    log.info("attempts are counted in Redis again")
                return answer
        self._used.pop(key, None)
        self._used[key] = None
        if len(self._used) > MOST_KEYS:
            oldest = next(iter(self._used))
            del self._used[oldest]
            await self._own.clear(oldest)
        return await question(self._own)
