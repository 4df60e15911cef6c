"""The worker's round: claim what is due, spread it over a few lanes, count the backlog; at each wake-up and every 2 s.

It needs PostgreSQL alone. Rows that somebody lost a lease of go through a lane of their own, one at a time: should one
of them end this process too, no other row is blamed a second time, and the rest goes on meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

from jinja2 import Environment

from hub import logs
from hub.commands import outbox
from hub.commands.outbox import Due, Outcome
from hub.config import Settings
from hub.errors import HubError
from workers.delivery import Out, deliver
from workers.leases import Leases
from workers.metrics import WorkerMetrics

SWEEP_SECONDS = 2.0
COUNT_SECONDS = 5.0
SENDERS = 8
"""Connections to the mail server at once, beside the one for suspects."""
MOST_LEASED = 96
"""Claimed at once: what a worker that is killed holds up until its leases end."""
LEAST_CLAIM = MOST_LEASED // 3
"""With less room than this nothing is claimed: few large claims cost less than many small ones."""
IDLE_SECONDS = 5.0
"""After so long without mail a lane closes its connection."""
FINISH_SECONDS = 2.0
"""What is being sent when the worker is told to stop may take so long."""
log = logs.get("workers.sweep")


class Sweep:
    """One worker's round, its lanes, and what it has in hand."""

    def __init__(
        self,
        settings: Settings,
        metrics: WorkerMetrics,
        *,
        templates: Environment,
        out: Callable[[], Out],
        wake: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._templates = templates
        self._out = out
        self._wake = wake
        self._quarantined = asyncio.Event()
        self._leases = Leases(metrics, changed=wake)
        self._queue: asyncio.Queue[Due | None] = asyncio.Queue()
        self._counted = -COUNT_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until ``stopping``; then finish what is being sent, write it, and give back the rest.

        Raises what ended one of its tasks: a fault of ours, after which a new process is the better one.
        """
        task: Callable[[Any], asyncio.Task[Any]] = asyncio.get_running_loop().create_task
        stop = task(stopping.wait())
        others = [
            task(c)
            for c in (self._tick(), self._claim(), self._leases.write(), self._leases.keep(), self._leases.read())
        ]
        senders = [task(self._send_claimed(stopping)) for _ in range(SENDERS)] + [
            task(self._try_all_quarantined(stopping))
        ]
        try:
            done, _ = await asyncio.wait([stop, *others, *senders], return_when=asyncio.FIRST_COMPLETED)
            stopping.set()
            for one in others[:2]:
                one.cancel()
            self._quarantined.set()
            while not self._queue.empty():
                self._queue.get_nowait()
            for _ in senders:
                self._queue.put_nowait(None)
            await asyncio.wait(senders, timeout=FINISH_SECONDS)
        finally:
            for one in (stop, *others, *senders):
                one.cancel()
            await asyncio.gather(stop, *others, *senders, return_exceptions=True)
            with contextlib.suppress(HubError, TimeoutError):  # otherwise their leases end by themselves
                async with asyncio.timeout(0.5):
                    await self._leases.release()
        for one in done:
            one.result()

    async def _tick(self) -> None:
        """Every SWEEP_SECONDS: take back what was lost, and let the claimers look, whether a wake-up came or not."""
        down = False
        while True:
            try:
                await self._look()
                if down:
                    log.info("the database answers again")
                down = False
                self._wake.set()
                self._quarantined.set()
            except HubError as error:
                if not down:
                    log.warning("the database does not answer", error=error.code)
                down = True
            await asyncio.sleep(SWEEP_SECONDS)

    async def _look(self) -> None:
        for delivery, kind, failed, request_id in await outbox.expire_leases():
            self._metrics.expired.inc()
            if failed:
                self._metrics.failed.labels(kind).inc()
            level = logging.ERROR if failed else logging.WARNING
            log.log(level, "lease_ran_out", request_id=request_id, delivery=delivery, kind=kind, failed=failed)
        if time.monotonic() - self._counted >= COUNT_SECONDS:
            backlog = await outbox.backlog()
            self._counted = time.monotonic()
            self._metrics.due.set(backlog.due)
            self._metrics.oldest.set(backlog.oldest_seconds)
        self._metrics.swept.set_to_current_time()

    async def _claim(self) -> None:
        """Whenever there is reason to look and room in the hand: claim, and give it to the lanes."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            room = MOST_LEASED - len(self._leases)
            if room < LEAST_CLAIM:
                continue  # what is written next wakes us again
            with contextlib.suppress(HubError):  # the tick asks the same database, and says it
                claimed = await outbox.claim(room)
                self._leases.take(claimed)
                for due in claimed:
                    self._queue.put_nowait(due)

    async def _send_claimed(self, stopping: asyncio.Event) -> None:
        out = self._out()
        try:
            while not stopping.is_set():
                due = await self._next(out)
                if due is None:
                    return
                await self._try(due, out)
        finally:
            await out.close()

    async def _next(self, out: Out) -> Due | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                return await self._queue.get()
        await out.close()
        return await self._queue.get()

    async def _try_all_quarantined(self, stopping: asyncio.Event) -> None:
        out = self._out()
        try:
            while not stopping.is_set():
                await self._quarantined.wait()
                self._quarantined.clear()
                while not stopping.is_set() and await self._try_quarantined(out):
                    pass
                await out.close()
        finally:
            await out.close()

    async def _try_quarantined(self, out: Out) -> bool:
        """Claim one, try it, and write how it went before the next one is touched; whether there was one."""
        try:
            claimed = await outbox.claim(1, quarantined=True)
            self._leases.take(claimed)
            for due in claimed:
                await self._try(due, out)
            await self._leases.flush()
        except HubError:
            return False
        return bool(claimed)

    async def _try(self, due: Due, out: Out) -> None:
        try:
            now = await self._leases.ready(due)
        except HubError:
            self._leases.done(Outcome(due, "released"))
            return
        if now is not None:
            self._leases.done(await deliver(now, out=out, settings=self._settings, templates=self._templates))
