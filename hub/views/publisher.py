"""The way out after a commit: one background task a process that publishes events and wakes the workers.

A request hands over its events and goes on; it never waits for Redis. The queue is bounded, and what is dropped, for
whatever reason, is found by the verification that every process makes each second and by the workers' sweep.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub import logs
from hub.domain.events import Event, day_of, venue_of
from hub.metrics import Metrics
from hub.store import streams
from hub.views.signing import Signer
from hub.views.wake_ups import WakeUps

log = logs.get("hub.views.publisher")


PARTITIONS = 64
"""Over so many Redis channels the venues of one database are spread. The braces in a name are a cluster's hash tag:
with sharded pub/sub each of them could lie on another server, and nothing would have to be renamed."""


def channel(epoch: str, venue_id: int) -> str:
    """The Redis channel of a venue's streams. A message on it is the sender's 16 bytes (Context.publisher_id), and
    behind them the event as hub.store.streams writes it, signed for this channel."""
    return f"hub:{epoch}:{{events:{venue_id % PARTITIONS}}}"


def channels(epoch: str) -> list[str]:
    """The Redis channels of all venues."""
    return [channel(epoch, partition) for partition in range(PARTITIONS)]


class EventPublisher:
    """Publishes events in the order in which they were handed over."""

    def __init__(
        self,
        redis: Redis,
        wake_ups: WakeUps,
        metrics: Metrics,
        signer: Signer,
        *,
        publisher_id: bytes,
        most: int = 10_000,
    ) -> None:
        self._redis = redis
        self._wake_ups = wake_ups
        self._metrics = metrics
        self._signer = signer
        self._publisher_id = publisher_id
        self._queue: deque[Event] = deque()
        self._most = most
        self._filled = asyncio.Event()
        self._idle = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None
        self._down = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="publisher")

    def publish(self, events: Sequence[Event]) -> None:
        """Hand over the events of a commit. Never waits; the oldest are dropped when Redis stays away."""
        for event in events:
            if len(self._queue) >= self._most:
                self._queue.popleft()
                self._metrics.publisher_dropped.inc()
            self._queue.append(event)
        self._filled.set()
        self._idle.clear()

    @property
    def waiting(self) -> int:
        """How many events are not published yet."""
        return len(self._queue)

    async def _run(self) -> None:
        while True:
            self._idle.set()
            await self._filled.wait()
            self._idle.clear()
            self._filled.clear()
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), 100))]
                try:
                    await self._send(batch)
                except (RedisError, OSError, TimeoutError) as error:
                    self._metrics.publisher_dropped.inc(len(batch))
                    if not self._down:
                        log.warning("events can't be published in Redis", error=type(error).__name__)
                    self._down = True
                else:
                    if self._down:
                        log.info("events are published in Redis again")
                    self._down = False

    async def _send(self, batch: list[Event]) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            for event in batch:
                name = channel(event.epoch, venue_of(event.stream))
                pipe.publish(name, self._publisher_id + self._signer.sign(name.encode(), streams.dump(event)))
            await pipe.execute()
        if any(day_of(event.stream) for event in batch):
            # One wake-up serves the whole batch: a worker takes all that is due.
            await self._wake_ups.send("mail")

    async def stop(self) -> None:
        """Send what is queued, for at most a second, and end."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(1):
                await self._idle.wait()
        except TimeoutError:
            log.warning("the process ends with unpublished events", count=len(self._queue))
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
