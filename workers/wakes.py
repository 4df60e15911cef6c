"""Wake-ups: a Taskiq receiver in this process that sets an event for each of them, and outlives Redis.

What a lost wake-up was for is found by the sweep, so nothing here is waited for and no failure ends the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError
from taskiq.receiver import Receiver
from taskiq_redis import RedisStreamBroker

from hub import logs
from hub.config import Settings
from hub.views.publisher import DELIVER, make_broker

LONGEST_PAUSE = 5.0
LEAVE_SECONDS = 0.1
"""How long a stop waits for Redis to forget this reader; where that fails, a later start removes it."""
GONE_SECONDS = 60.0
"""A reader of the queue asks every 2 s; one that is only slow comes back by asking."""
log = logs.get("workers.wakes")


async def listen(settings: Settings, wake: asyncio.Event, stopping: asyncio.Event) -> None:
    """Set ``wake`` whenever a wake-up comes, until ``stopping``. Redis may be away, be killed or lose everything."""
    logging.getLogger("taskiq").setLevel(logging.CRITICAL)  # what matters of it is said here, once
    pause, down = 0.2, False
    while not stopping.is_set():
        began = asyncio.get_running_loop().time()
        try:
            await _listen_once(settings, wake, stopping)
        except Exception as error:  # whatever it is, the sweep goes on without it
            if not down:
                log.warning(
                    "the worker receives no wake-ups from Redis; it looks for mail by itself", error=_names(error)
                )
            down = True
        # A connection that held for a while was a working one: begin again with the shortest pause.
        pause = 0.2 if asyncio.get_running_loop().time() - began > 10 else min(pause * 2, LONGEST_PAUSE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stopping.wait()


async def _listen_once(settings: Settings, wake: asyncio.Event, stopping: asyncio.Event) -> None:
    broker = make_broker(settings)
    broker.is_worker_process = True

    async def wake_up() -> None:
        wake.set()

    broker.register_task(wake_up, task_name=DELIVER)
    try:
        await broker.startup()
        await _forget_the_gone(broker)
        log.info("the worker receives wake-ups from Redis")
        wake.set()  # what came while nobody listened
        await Receiver(broker, run_startup=False, max_async_tasks=10).listen(stopping)
    finally:
        with contextlib.suppress(OSError, TimeoutError, RedisError):
            async with asyncio.timeout(LEAVE_SECONDS), Redis(connection_pool=broker.connection_pool) as redis:
                await redis.xgroup_delconsumer(broker.queue_name, broker.consumer_group_name, broker.consumer_name)
        with contextlib.suppress(OSError, TimeoutError):
            await broker.shutdown()


async def _forget_the_gone(broker: RedisStreamBroker) -> None:
    """Remove the readers of the queue that have not asked for long: Redis keeps each one for ever, and each start of a
    worker is another. What such a reader took and did not finish is a wake-up, which nobody misses."""
    queue, group = broker.queue_name, broker.consumer_group_name
    async with Redis(connection_pool=broker.connection_pool) as redis:
        for reader in await redis.xinfo_consumers(queue, group):
            if reader["idle"] > GONE_SECONDS * 1000:
                await redis.xgroup_delconsumer(queue, group, reader["name"])


def _names(error: BaseException) -> str:
    """The kinds of errors in a group, without their texts: those hold addresses and credentials."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(sorted({_names(inner) for inner in error.exceptions}))
    return type(error).__name__
