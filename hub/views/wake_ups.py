"""Wakes a worker: adds the message of a Taskiq task to the stream of Redis that the workers read.

The message is written here as taskiq-redis writes it, since importing Taskiq costs a process 11 MB (aiohttp is among
them). The workers read it with Taskiq itself: workers.broker.
"""

from __future__ import annotations

from uuid import uuid4

import orjson
from redis.asyncio import Redis

from hub.config import Settings

QUEUE = "hub:wake"
LONGEST = 1000
"""About how many messages the stream keeps: it is never trimmed otherwise."""
DELIVER = "deliver"
"""The name of the workers' task that sends what is due of one kind."""


class WakeUps:
    """The queue of wake-ups, for those who write to it. Its content may be lost at any time: what must be done stands
    in PostgreSQL."""

    def __init__(self, settings: Settings) -> None:
        self._redis: Redis = Redis.from_url(settings.broker_url, socket_timeout=5, socket_connect_timeout=1)

    async def send(self, kind: str) -> None:
        """Have one worker send what is due of a kind. Raises RedisError, OSError or TimeoutError."""
        message = {
            "task_id": uuid4().hex,
            "task_name": DELIVER,
            "labels": {},
            "labels_types": {},
            "args": [kind],
            "kwargs": {},
        }
        await self._redis.xadd(QUEUE, {"data": orjson.dumps(message)}, maxlen=LONGEST, approximate=True)

    async def close(self) -> None:
        await self._redis.aclose()
