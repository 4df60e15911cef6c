"""Counters that end by themselves, for whatever is allowed so many times in so long: in Redis, or else in this process.

The library `limits` keeps them in both. Redis counts for all processes together. While it is away, or slow, each
process counts for itself, and goes on with that when it is away again: nobody is refused for that, and the gate does
not stand open either. That too many ask at once in this process says nothing of Redis: they wait for their turn here.
What counts as an attempt, and what follows from a count, is said in hub.commands.throttle and tallies.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.storage.base import Storage
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from hub import logs
from hub.errors import Overloaded

WAIT_SECONDS = 0.3
"""How long Redis may take for one counter, and then for a PING, before this process counts by itself."""
ATTEMPTS = 3
"""How often a question is asked that Redis, which answers a PING, did not answer in time: this process was slow."""
BUSY_SECONDS = 2.0
"""How long a question waits for its turn before it is refused."""
PAUSE_SECONDS = 2.0
"""For how long Redis is not asked again after it failed."""
MOST_CONNECTIONS = 8
"""Questions that are asked at once."""
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
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)

    @property
    def is_away(self) -> bool:
        """Whether this process counts by itself."""
        return self._away_until > float("-inf")

    async def add(self, key: str, seconds: int, amount: int = 1) -> int:
        """Add to a counter, which ends so many seconds after its first addition; returns what it stands at."""
        return int(await self._ask(key, lambda storage: storage.incr(key, seconds, amount)))

    async def give_back(self, key: str, seconds: int) -> None:
        """Take one off a counter again. It waits for its turn however long that takes: who is in a hurry would leave
        the count for its whole life."""
        await self._ask(key, lambda storage: storage.incr(key, seconds, -1), patient=True)

    async def value(self, key: str) -> int:
        """What a counter stands at; 0 when it ended, or never began."""
        return int(await self._ask(key, lambda storage: storage.get(key)))

    async def seconds_left(self, key: str) -> int:
        """How long a counter still lives, rounded up; 0 when it ended, or never began."""
        ends = await self._ask(key, lambda storage: storage.get_expiry(key))
        return max(0, math.ceil(float(ends) - time.time() - 0.05))  # the library adds the present to what Redis says

    async def clear(self, key: str) -> None:
        if key in self._used:
            await self._own.clear(key)
        await self._ask(key, lambda storage: storage.clear(key), patient=True)

    async def close(self) -> None:
        await self._pool.disconnect()

    async def _ask(self, key: str, question: Callable[[Storage], Awaitable[Any]], *, patient: bool = False) -> Any:
        """Raises Overloaded, unless it is patient, when too many ask before it."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._away_until:
            async with self._place(None if patient else BUSY_SECONDS):
                now = loop.time()
                if now >= self._away_until:  # or it was found to be away meanwhile
                    try:
                        answer = await self._ask_redis(question)
                    except (RedisError, OSError, TimeoutError) as error:
                        if not self.is_away:
                            log.warning(
                                "Redis does not answer: attempts are counted in this process alone",
                                error=type(error).__name__,
                            )
                        self._away_until = loop.time() + PAUSE_SECONDS
                    else:
                        if self.is_away and self._away_until <= now:  # one that was asked before says nothing of it
                            self._away_until = float("-inf")
                            log.info("attempts are counted in Redis again")
                        return answer
        self._used.pop(key, None)
        self._used[key] = None
        if len(self._used) > MOST_KEYS:
            oldest = next(iter(self._used))
            del self._used[oldest]
            await self._own.clear(oldest)
        return await question(self._own)

    @asynccontextmanager
    async def _place(self, seconds: float | None) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError:
            raise Overloaded() from None
        try:
            yield
        finally:
            self._places.release()

    async def _ask_redis(self, question: Callable[[Storage], Awaitable[Any]]) -> Any:
        """What Redis says. Raises what it raises, and TimeoutError."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    return await question(self._shared)
            except (TimeoutError, RedisTimeoutError):
                if attempt == ATTEMPTS:
                    raise
                async with asyncio.timeout(WAIT_SECONDS):
                    if not await self._shared.check():
                        raise
        raise AssertionError("unreachable")
