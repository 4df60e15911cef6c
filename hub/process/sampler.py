"""What a process measures of itself and of the evening at a pace of its own, so that no request has to.

The lateness of its event loop and its tasks, its connections to PostgreSQL and what waits in the publisher; and, more
slowly, today's service. What is counted where it happens belongs there, not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hub import logs
from hub.commands import service_stats
from hub.errors import HubError, Overloaded
from hub.metrics import HOURS, STATUSES, Metrics
from hub.store import database
from hub.store.failures import classify
from hub.views.context import Context
from hub.views.publisher import EventPublisher

LAG_SECONDS = 0.25
LOOK_SECONDS = 1.0
SERVICE_SECONDS = 15.0
log = logs.get("hub.process.sampler")


class Sampler:
    """The measuring tasks of one process."""

    def __init__(self, context: Context, publisher: EventPublisher, metrics: Metrics) -> None:
        self._context = context
        self._publisher = publisher
        self._metrics = metrics
        self._lines_dropped = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._metrics.processes_wanted.set(self._context.settings.workers)
        self._metrics.processes.set(1)
        self._tasks = [
            asyncio.create_task(self._measure_the_loop(), name="loop lag"),
            asyncio.create_task(self._every(LOOK_SECONDS, self.look), name="sampler"),
            asyncio.create_task(database.watch(self._metrics.pool_lost.inc), name="pool"),
            asyncio.create_task(self._every(SERVICE_SECONDS, self.look_at_service), name="service stats"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _measure_the_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            wanted = loop.time() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self._metrics.loop_lag.observe(max(0.0, loop.time() - wanted))

    async def _every(self, seconds: float, look: Callable[[], Awaitable[Any]]) -> None:
        while True:
            try:
                await look()
            except HubError:
                pass  # the verification asks the same database, and says it
            except Exception:  # a graph that stands still is no reason to end the others
                log.exception("a measurement of the process or the service day failed")
            await asyncio.sleep(seconds)

    async def look(self) -> None:
        """Tasks, what waits or was lost, the connections, and how long one would be waited for. Raises HubErrors."""
        dropped = logs.dropped()
        self._metrics.log_lines_dropped.inc(dropped - self._lines_dropped)
        self._lines_dropped = dropped
        self._metrics.tasks.set(len(asyncio.all_tasks()))
        self._metrics.publisher_waiting.set(self._publisher.waiting)
        self._metrics.changes_waiting.set(self._context.write_queue.waiting + self._context.writes.waiting)
        loop = asyncio.get_running_loop()
        source = await database.pool()
        used = source.get_size() - source.get_idle_size()
        self._metrics.pool.labels("used").set(used)
        self._metrics.pool.labels("idle").set(source.get_idle_size())
        self._metrics.pool_max.set(source.get_max_size())
        began = loop.time()
        try:
            async with database.take():
                pass
        except Exception as error:
            known = classify(error)
            if known is None:
                raise
            if not isinstance(known, Overloaded):
                raise known from error
        self._metrics.pool_wait.observe(loop.time() - began)

    async def look_at_service(self) -> None:
        """Raises HubErrors, and then the last known numbers stay."""
        found = await service_stats.count(self._context.main)
        for number, hour in enumerate(HOURS):
            self._metrics.covers.labels(hour).set(found.covers[number])
        for status in STATUSES:
            self._metrics.service_bookings.labels(status).set(found.bookings[status])
        for state, count in found.now.parties.items():
            self._metrics.service_parties.labels(state).set(count)
        self._metrics.tables.labels("taken").set(found.now.taken)
        self._metrics.tables.labels("free").set(found.now.tables - found.now.taken)
        self._metrics.seats.set(found.now.seats)
