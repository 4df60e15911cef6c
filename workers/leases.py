"""The rows that one dispatcher has claimed, their leases, and the outcomes that are not written yet.

All reads and writes of claimed rows go through here, many rows a statement. A lease counts by this process's monotonic
clock from before the statement that gave it, so it never ends later in the database than it does here.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub import logs
from hub.errors import HubError
from hub.store import outbox
from hub.store.outbox import LEASE, OutboxEntry, Outcome
from workers.handlers import Handler
from workers.metrics import WorkerMetrics

RENEW_SECONDS = 5.0
GATHER_SECONDS = 0.01
"""Outcomes of so long are written together: fewer commits, and all that a kill may have sent and not marked."""
log = logs.get("workers.leases")


@dataclass(slots=True)
class _Leased:
    entry: OutboxEntry
    until: float


@dataclass(slots=True)
class _Question:
    """What those ask together who came while the question before it was under way."""

    ids: list[int] = field(default_factory=list)
    answers: dict[int, Any] | None = None


def log_fields(entry: OutboxEntry) -> dict[str, Any]:
    """What each line about a row says, beside how it went: among it, whose request made it necessary."""
    return {
        "request_id": entry.request_id,
        "delivery": entry.id,
        "booking": entry.booking_id,
        "kind": entry.kind,
        "topic": entry.topic,
        "audience": entry.payload.get("audience"),
    }


class Leases:
    """The claims of one dispatcher, from the claim until their outcome is written."""

    def __init__(self, handler: Handler, metrics: WorkerMetrics, *, changed: Callable[[], None]) -> None:
        """``changed`` is called whenever a row is let go of: there is room, and the next one of its key may be due."""
        self._handler = handler
        self._metrics = metrics
        self._changed = changed
        self._leased: dict[int, _Leased] = {}
        self._outcomes: list[Outcome] = []
        self._filled = asyncio.Event()
        # A lease must not change between a statement that names it and its answer: renewing takes both locks.
        self._writing, self._reading = asyncio.Lock(), asyncio.Lock()
        self._question = _Question()

    def __len__(self) -> int:
        return len(self._leased)

    def take(self, claimed: Sequence[OutboxEntry]) -> None:
        for entry in claimed:
            self._leased[entry.id] = _Leased(entry, entry.claimed_at + LEASE.total_seconds())
        self._metrics.claimed.labels(self._handler.kind).set(len(self._leased))

    async def read(self, entry: OutboxEntry) -> Any:
        """What the row is about, as it is now, with a lease that lasts until it is sent; None when it is no longer
        ours. Who asks while a question is under way goes with the next one. Raises HubErrors."""
        leased = self._leased.get(entry.id)
        if leased is not None and leased.until - time.monotonic() < self._handler.longest_seconds + 2:
            await self._renew([leased])
        question = self._question
        question.ids.append(entry.id)
        async with self._reading:
            if question.answers is None:  # the first of those who waited asks for all of them
                if question is self._question:
                    self._question = _Question()
                held = [self._leased[id].entry for id in question.ids if id in self._leased]
                question.answers = await self._handler.read(held)
        about = question.answers.get(entry.id)
        if about is None and entry.id in self._leased:
            self._lose(entry)
        return about

    def done(self, outcome: Outcome) -> None:
        """Hand over how a row went; it is written with others at once, and held until then."""
        self._outcomes.append(outcome)
        self._filled.set()

    async def write(self) -> None:
        """Write outcomes as they come, for ever; while PostgreSQL is away they wait."""
        down = False
        while True:
            await self._filled.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._filled.clear()
            try:
                await self.flush()
                down = False
            except HubError as error:
                if not down:
                    log.warning("outcomes_not_written", count=len(self._outcomes), error=error.code)
                down = True
                await asyncio.sleep(0.5)  # what would tell us that it is back is this very question
                self._filled.set()

    async def flush(self) -> None:
        """Write every outcome that waits. Raises HubErrors, and then they go on waiting."""
        async with self._writing:
            while self._outcomes:
                batch = [self._with_lease(outcome) for outcome in self._outcomes[:200]]
                failed = await outbox.mark(batch)
                del self._outcomes[: len(batch)]
                for outcome in batch:
                    self._leased.pop(outcome.entry.id, None)
                    self._count(outcome, failed.get(outcome.entry.id))
                self._metrics.claimed.labels(self._handler.kind).set(len(self._leased))
                self._changed()

    def _with_lease(self, outcome: Outcome) -> Outcome:
        """The outcome under the lease as it is by now: it may have been renewed while the message was sent."""
        leased = self._leased.get(outcome.entry.id)
        return outcome if leased is None else replace(outcome, entry=leased.entry)

    def _count(self, outcome: Outcome, failed: bool | None) -> None:
        entry, fields = outcome.entry, log_fields(outcome.entry)
        self._metrics.count(outcome, failed)
        if failed is None:
            log.warning("outcome_of_a_lost_lease", outcome=outcome.what, **fields)
        elif failed:
            log.error("delivery_failed", error=outcome.error, attempts=entry.attempts + outcome.answered, **fields)
        elif outcome.what == "sent":
            log.info("delivery_sent", **fields)
        elif outcome.what == "dropped":
            late = (outcome.error or "").startswith("late")
            (log.warning if late else log.info)("delivery_dropped", reason=outcome.error, **fields)
        elif outcome.what in ("again", "unmade"):
            log.warning("delivery_delayed", error=outcome.error, wait=round(outcome.wait.total_seconds()), **fields)

    async def keep(self) -> None:
        """Renew the leases that are not young any more, for ever. One that is lost is let go of."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            old = time.monotonic() + LEASE.total_seconds() - RENEW_SECONDS
            with contextlib.suppress(HubError):  # said by whoever asks next; nothing is sent past its lease
                await self._renew([leased for leased in self._leased.values() if leased.until < old])

    async def _renew(self, leased: Sequence[_Leased]) -> None:
        if not leased:
            return
        async with self._writing, self._reading:
            began = time.monotonic()
            renewed = await outbox.renew([one.entry for one in leased])
            waiting = {outcome.entry.id for outcome in self._outcomes}
            for one in leased:
                if lease := renewed.get(one.entry.id):
                    one.entry = replace(one.entry, lease=lease)
                    one.until = began + LEASE.total_seconds()
                elif self._leased.get(one.entry.id) is one and one.entry.id not in waiting:
                    self._lose(one.entry)

    def _lose(self, entry: OutboxEntry) -> None:
        del self._leased[entry.id]
        self._changed()
        log.warning("lease_lost", **log_fields(entry))

    async def release(self) -> None:
        """Write what waits and give back the rest, for another worker to take at once. Raises HubErrors."""
        waiting = {outcome.entry.id for outcome in self._outcomes}
        for one in list(self._leased.values()):
            if one.entry.id not in waiting:
                self.done(Outcome(one.entry, "released"))
        await self.flush()
