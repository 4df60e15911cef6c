"""Sends the rows of one kind: claims what is due, sends a few at once, writes how they went.

It needs PostgreSQL alone. Rows a lease of which ran out are in quarantine: they are tried one at a time, beside the
others. Should one of them end this process too, no other row is blamed a second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from hub import logs
from hub.errors import HubError
from hub.store import outbox
from hub.store.outbox import OutboxEntry, Outcome
from workers.forgetting import Forgetting
from workers.handlers import Handler, Out
from workers.leases import Leases
from workers.metrics import WorkerMetrics

COUNT_SECONDS = 5.0
SENDERS = 8
"""Rows sent at once, beside the one in quarantine."""
MOST_LEASED = 96
"""Claimed at once: what a worker that is killed holds up until its leases end."""
LEAST_CLAIM = MOST_LEASED // 3
"""With less room than this nothing is claimed: few large claims cost less than many small ones."""
IDLE_SECONDS = 5.0
"""A way out that was not used for so long is closed."""
FINISH_SECONDS = 2.0
"""What is being sent when the worker is told to stop may take so long."""
log = logs.get("workers.dispatcher")


class Dispatcher:
    """Sends the rows of one kind. Each verb runs once at a time; who calls it meanwhile is served by that run."""

    def __init__(
        self,
        handler: Handler,
        metrics: WorkerMetrics,
        forgetting: Forgetting,
        *,
        fault: Callable[[BaseException], None],
    ) -> None:
        """``forgetting`` is the process's. ``fault`` is told of an error that is ours: a new process is the better one
        after it."""
        self.kind = handler.kind
        self._handler = handler
        self._metrics = metrics
        self._forgetting = forgetting
        self._fault = fault
        metrics.know(handler.kind, handler.topics)
        self._look = asyncio.Event()
        self._leases = Leases(handler, metrics, changed=self._look.set)
        self._senders = asyncio.Semaphore(SENDERS)
        self._idle: list[tuple[Out, float]] = []
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._sending: set[asyncio.Task[Any]] = set()
        self._stopping = self._away = False
        self._counted = -COUNT_SECONDS
        self._beside = [self._spawn(self._leases.write()), self._spawn(self._leases.keep())]

    async def sweep(self) -> bool:
        """Take back leases that ran out, count what is due, forget what is over. False while PostgreSQL is away."""
        try:
            await self._expire_leases()
            if time.monotonic() - self._counted >= COUNT_SECONDS:
                self._metrics.set_backlog(self.kind, await outbox.backlog(self.kind))
                await self._forgetting.look()
                self._counted = time.monotonic()
        except HubError as error:
            if not self._away:
                log.warning("the database does not answer", error=error.code)
            self._away = True
            return False
        if self._away:
            log.info("the database answers again")
        self._away = False
        self._metrics.swept.set_to_current_time()
        await self._close_idle()
        return True

    async def deliver(self) -> None:
        """Claim what is due and send it, until a claim finds nothing and all is written."""
        self._look.set()
        await self._once("deliver", self._deliver)

    async def try_quarantined(self) -> None:
        """Send the rows of quarantine, one at a time, until none is due."""
        await self._once("try_quarantined", self._try_quarantined)

    async def stop(self) -> None:
        """Finish what is being sent, within FINISH_SECONDS, write it, and give back the rest."""
        self._stopping = True
        sending = {task for name, task in self._running.items() if name == "try_quarantined"} | self._sending
        if sending:
            await asyncio.wait(sending, timeout=FINISH_SECONDS)
        tasks = [*self._running.values(), *self._sending, *self._beside]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(HubError, TimeoutError):  # otherwise their leases end by themselves
            async with asyncio.timeout(0.5):
                await self._leases.release()
        await asyncio.gather(*(out.close() for out, _ in self._idle))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task whose error is told to ``fault``."""

        def ended(task: asyncio.Task[Any]) -> None:
            if not task.cancelled() and (error := task.exception()):
                self._fault(error)

        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(ended)
        return task

    async def _once(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run ``work`` to its end, but when it is running already: whoever is cancelled does not cut it off."""
        running = self._running.get(name)
        if not self._stopping and (running is None or running.done()):
            self._running[name] = self._spawn(work())
            await asyncio.shield(self._running[name])

    async def _expire_leases(self) -> None:
        for row in await outbox.expire_leases(self.kind):
            self._metrics.expire(self.kind, row)
            level = logging.ERROR if row.failed else logging.WARNING
            fields = {"request_id": row.request_id, "delivery": row.id, "kind": self.kind, "topic": row.topic}
            log.log(level, "lease_ran_out", failed=row.failed, **fields)

    async def _deliver(self) -> None:
        while self._look.is_set() or len(self._leases):
            await self._look.wait()
            if self._stopping:
                return
            self._look.clear()
            room = MOST_LEASED - len(self._leases)
            if room < LEAST_CLAIM:
                continue  # what is written next sets it again
            with contextlib.suppress(HubError):  # the sweep asks the same database, and says it
                claimed = await outbox.claim(self.kind, room)
                self._leases.take(claimed)
                for entry in claimed:
                    task = self._spawn(self._send_in_turn(entry))
                    self._sending.add(task)
                    task.add_done_callback(self._sending.discard)

    async def _try_quarantined(self) -> None:
        with contextlib.suppress(HubError):
            while not self._stopping and (claimed := await outbox.claim(self.kind, 1, quarantined=True)):
                self._leases.take(claimed)
                for entry in claimed:
                    await self._send(entry)
                await self._leases.flush()  # it is written how it went before the next one is touched

    async def _send_in_turn(self, entry: OutboxEntry) -> None:
        async with self._senders:
            if not self._stopping:
                await self._send(entry)

    async def _send(self, entry: OutboxEntry) -> None:
        out = self._idle.pop()[0] if self._idle else self._handler.connect()
        try:
            about = await self._leases.read(entry)
            if about is not None:
                self._leases.done(await self._handler.send(entry, about, out))
        except HubError:
            self._leases.done(Outcome(entry, "released"))
        except BaseException:
            await out.close()
            raise
        self._idle.append((out, time.monotonic()))

    async def _close_idle(self) -> None:
        old = time.monotonic() - IDLE_SECONDS
        closing = [out for out, used in self._idle if used < old]
        self._idle = [(out, used) for out, used in self._idle if used >= old]
        await asyncio.gather(*(out.close() for out in closing))
