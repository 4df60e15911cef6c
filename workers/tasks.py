"""The tasks of a worker, and the two brokers that run them.

Redis's broker brings wake-ups: whoever commits a row kicks ``deliver``. A broker within the process runs the same tasks
by the worker's own clock, so that nothing depends on Redis: what a lost wake-up was for is found by ``sweep``.
(Taskiq's scheduler counts its intervals by wall time, and would stand still while a clock that was set back catches
up.)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError
from taskiq import AsyncBroker, Context, InMemoryBroker, TaskiqDepends, async_shared_broker
from taskiq.receiver import Receiver
from taskiq_redis import RedisStreamBroker

from hub import logs
from hub.config import Settings
from hub.views.wake_ups import DELIVER
from workers.broker import make_broker
from workers.dispatcher import Dispatcher

SWEEP_SECONDS = 2.0
LONGEST_PAUSE = 5.0
LEAVE_SECONDS = 0.1
"""How long a stop waits for Redis to forget this reader; where that fails, a later start removes it."""
GONE_SECONDS = 60.0
"""A reader of the queue asks every 2 s; one that is only slow comes back by asking."""
log = logs.get("workers.tasks")


class Dispatchers(dict[str, Dispatcher]):
    """The dispatchers of this process, by kind."""


@async_shared_broker.task(task_name=DELIVER)
async def deliver(kind: str = "mail", dispatchers: Dispatchers = TaskiqDepends()) -> None:
    """Send the rows of a kind that are due. A kind that this release does not know is left to one that does."""
    if kind in dispatchers:
        await dispatchers[kind].deliver()


@async_shared_broker.task(task_name="try_quarantined")
async def try_quarantined(kind: str, dispatchers: Dispatchers = TaskiqDepends()) -> None:
    """Send the rows of a kind that are in quarantine, one at a time."""
    if kind in dispatchers:
        await dispatchers[kind].try_quarantined()


@async_shared_broker.task(task_name="sweep")
async def sweep(kind: str, dispatchers: Dispatchers = TaskiqDepends(), context: Context = TaskiqDepends()) -> None:
    """Take back the leases that ran out, then have all rows of a kind sent that are due."""
    if kind in dispatchers and await dispatchers[kind].sweep():
        for task in (deliver, try_quarantined):
            await task.kicker().with_broker(context.broker).kiq(kind)


def _give(broker: AsyncBroker, dispatchers: Dispatchers) -> None:
    logging.getLogger("taskiq").setLevel(logging.CRITICAL)  # what matters of it is said here, once
    broker.add_dependency_context({Dispatchers: dispatchers})


async def sweep_regularly(dispatchers: Dispatchers) -> None:
    """Run ``sweep`` for each kind every SWEEP_SECONDS, for ever, without Redis."""
    broker = InMemoryBroker()
    _give(broker, dispatchers)
    while True:
        for kind in dispatchers:
            await sweep.kicker().with_broker(broker).kiq(kind)
        await asyncio.sleep(SWEEP_SECONDS)


async def listen(settings: Settings, dispatchers: Dispatchers, stopping: asyncio.Event) -> None:
    """Run the tasks that Redis brings, until ``stopping``. Redis may be away, be killed or lose everything."""
    pause, down = 0.2, False
    while not stopping.is_set():
        began = asyncio.get_running_loop().time()
        try:
            await _listen_once(settings, dispatchers, stopping)
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


async def _listen_once(settings: Settings, dispatchers: Dispatchers, stopping: asyncio.Event) -> None:
    broker = make_broker(settings)
    broker.is_worker_process = True
    _give(broker, dispatchers)
    try:
        await broker.startup()
        await _forget_the_gone(broker)
        log.info("the worker receives wake-ups from Redis")
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
