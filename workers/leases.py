"""What one worker has in hand: the deliveries that it claimed, their leases, and the outcomes not yet written.

All writes of a worker go through here, many rows a statement. A lease counts by this process's monotonic clock from
before the statement that gave it, so it never ends later in the database than it does here.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub import logs
from hub.commands import outbox
from hub.commands.outbox import LEASE, Due, Outcome
from hub.errors import HubError
from workers.metrics import WorkerMetrics
from workers.smtp import CONVERSATION_SECONDS

ENOUGH_SECONDS = CONVERSATION_SECONDS + 2
"""What must be left of a lease when a conversation begins, so that it ends within it."""
RENEW_SECONDS = 5.0
GATHER_SECONDS = 0.01
"""Outcomes of so long are written together: fewer commits, and all that a kill may have sent and not marked."""
FRESH_SECONDS = 0.02
"""A booking that was read longer ago is read again right before its mail is sent: it may be canceled by now."""
log = logs.get("workers.leases")


@dataclass(slots=True)
class _Leased:
    due: Due
    until: float


def _log_fields(due: Due) -> dict[str, Any]:
    """What each line about a delivery says, beside how it went: among it, whose request owes it."""
    return {
        "request_id": due.request_id,
        "delivery": due.id,
        "booking": due.booking_id or None,
        "kind": due.kind,
        "audience": due.audience,
    }


class Leases:
    """The claims of one worker, from the claim until their outcome is written."""

    def __init__(self, metrics: WorkerMetrics, *, changed: asyncio.Event) -> None:
        """``changed`` is set whenever outcomes were written: there is room, and a booking's next row may be due."""
        self._metrics = metrics
        self._changed = changed
        self._leased: dict[int, _Leased] = {}
        self._outcomes: list[Outcome] = []
        self._filled = asyncio.Event()
        # A lease must not change between a statement that names it and its answer: renewing takes both locks.
        self._writing, self._reading = asyncio.Lock(), asyncio.Lock()
        self._unread: list[tuple[Due, asyncio.Future[Due | None]]] = []
        self._asked = asyncio.Event()

    def __len__(self) -> int:
        return len(self._leased)

    def take(self, claimed: Sequence[Due]) -> None:
        for due in claimed:
            self._leased[due.id] = _Leased(due, due.read_at + LEASE.total_seconds())
        self._metrics.sending.set(len(self._leased))

    async def ready(self, due: Due) -> Due | None:
        """The delivery as it is now, with a lease that lasts for a conversation; None when it is no longer ours."""
        leased = self._leased.get(due.id)
        if leased is None:
            return None
        if leased.until - time.monotonic() < ENOUGH_SECONDS:
            await self._renew([leased])
            leased = self._leased.get(due.id)
        if leased is None or time.monotonic() - leased.due.read_at < FRESH_SECONDS:
            return leased.due if leased else None
        answer: asyncio.Future[Due | None] = asyncio.get_running_loop().create_future()
        self._unread.append((leased.due, answer))
        self._asked.set()
        return await answer

    async def read(self) -> None:
        """Answer those who wait in :meth:`ready`, for ever: one question for all who came during the last one."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            asking, self._unread = self._unread, []
            try:
                async with self._reading:
                    found = await outbox.look_again([self._leased[d.id].due for d, _ in asking if d.id in self._leased])
            except HubError as error:
                for _, answer in asking:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for due, answer in asking:
                if due.id not in found and due.id in self._leased:
                    del self._leased[due.id]
                    log.warning("lease_lost", **_log_fields(due))
                if not answer.done():
                    answer.set_result(found.get(due.id))

    def done(self, outcome: Outcome) -> None:
        """Hand over how a delivery went; it is written with others at once, and held until then."""
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
                    self._leased.pop(outcome.due.id, None)
                    self._count(outcome, failed.get(outcome.due.id))
                self._metrics.sending.set(len(self._leased))
                self._changed.set()

    def _with_lease(self, outcome: Outcome) -> Outcome:
        """The outcome under the lease as it is by now: it may have been renewed while the mail was sent."""
        leased = self._leased.get(outcome.due.id)
        if leased is None or leased.due.lease == outcome.due.lease:
            return outcome
        return replace(outcome, due=replace(outcome.due, lease=leased.due.lease))

    def _count(self, outcome: Outcome, failed: bool | None) -> None:
        due, metrics, fields = outcome.due, self._metrics, _log_fields(outcome.due)
        if outcome.answered:
            metrics.attempts.labels("accepted" if outcome.what == "sent" else "refused").inc()
        if failed is None:
            log.warning("outcome_of_a_lost_lease", outcome=outcome.what, **fields)
        elif failed:
            metrics.failed.labels(due.kind).inc()
            log.error("delivery_failed", error=outcome.error, attempts=due.attempts + outcome.answered, **fields)
        elif outcome.what == "sent":
            metrics.sent.labels(due.kind).inc()
            log.info("delivery_sent", **fields)
        elif outcome.what == "dropped":
            reason = (outcome.error or "").partition(":")[0]
            metrics.dropped.labels(due.kind, reason).inc()
            (log.warning if reason == "late" else log.info)("delivery_dropped", reason=outcome.error, **fields)
        elif outcome.what in ("again", "unmade"):
            log.warning("delivery_delayed", error=outcome.error, wait=round(outcome.wait.total_seconds()), **fields)

    async def keep(self) -> None:
        """Renew the leases that are not young any more, for ever. One that is lost is let go of."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            old = time.monotonic() + LEASE.total_seconds() - RENEW_SECONDS
            with contextlib.suppress(HubError):  # said by whoever asks next; a conversation never outlives its lease
                await self._renew([leased for leased in self._leased.values() if leased.until < old])

    async def _renew(self, leased: Sequence[_Leased]) -> None:
        if not leased:
            return
        async with self._writing, self._reading:
            began = time.monotonic()
            renewed = await outbox.renew([(one.due.id, one.due.lease) for one in leased])
            self._note_renewed(leased, renewed, began)

    def _note_renewed(self, leased: Sequence[_Leased], renewed: dict[int, datetime], began: float) -> None:
        for one in leased:
            if lease := renewed.get(one.due.id):
                one.due = replace(one.due, lease=lease)
                one.until = began + LEASE.total_seconds()
            elif self._leased.get(one.due.id) is one and not any(o.due.id == one.due.id for o in self._outcomes):
                del self._leased[one.due.id]
                log.warning("lease_lost", **_log_fields(one.due))

    async def release(self) -> None:
        """Write what waits and give back the rest, for another worker to take at once. Raises HubErrors."""
        waiting = {outcome.due.id for outcome in self._outcomes}
        for one in list(self._leased.values()):
            if one.due.id not in waiting:
                self.done(Outcome(one.due, "released"))
        await self.flush()
