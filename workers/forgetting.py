"""What a worker forgets beside its mails: keys, notes, events, sessions and rows of the outbox whose time is over.

A look takes one piece of each kind that is due. Where a piece was full, the next look takes the next one, and bookings
have their turn meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from hub import logs
from hub.config import Settings
from hub.store import retention
from workers.metrics import WorkerMetrics

SOON_SECONDS = 5.0
HOUR_SECONDS = 3600.0
log = logs.get("workers.forgetting")


@dataclass(slots=True)
class _Kind:
    """``forget`` deletes one piece and says how many rows that were; ``seconds`` are between two looks for them."""

    what: str
    forget: Callable[[], Awaitable[int]]
    seconds: float
    due_at: float = float("-inf")
    rows: int = 0


class Forgetting:
    """The kinds of rows that are forgotten, and when each is looked for next."""

    def __init__(self, settings: Settings, metrics: WorkerMetrics) -> None:
        self._metrics = metrics
        self._kinds = [
            _Kind("keys", retention.forget_expired_keys, SOON_SECONDS),
            _Kind("notes", retention.forget_notes, SOON_SECONDS),
            _Kind("sessions", partial(retention.forget_sessions, settings.session_length), HOUR_SECONDS),
            _Kind("outbox", retention.forget_messages, HOUR_SECONDS),
        ]
        if settings.events_days:
            self._kinds.append(_Kind("events", partial(retention.forget_events, settings.events_days), HOUR_SECONDS))
        for kind in self._kinds:
            metrics.forgotten.labels(kind.what)

    async def look(self) -> None:
        """Forget a piece of what is due. Raises HubErrors."""
        for kind in self._kinds:
            if time.monotonic() < kind.due_at:
                continue
            rows = await kind.forget()
            self._metrics.forgotten.labels(kind.what).inc(rows)
            kind.rows += rows
            if rows >= retention.MOST:
                continue
            kind.due_at = time.monotonic() + kind.seconds
            if kind.rows:
                level = logging.INFO if kind.seconds >= HOUR_SECONDS else logging.DEBUG
                log.log(level, "rows were forgotten", what=kind.what, rows=kind.rows)
                kind.rows = 0
