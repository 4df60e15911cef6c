"""Views that can't be read: one broken row makes its own day unavailable, and no other.

Each is said once and tried again when somebody asks, at first after a second, then more and more rarely.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hub import logs
from hub.errors import Unavailable
from hub.metrics import Metrics

FIRST_SECONDS = 1.0
MOST_SECONDS = 30.0
MOST = 1000
"""More streams than can be asked for; the oldest are forgotten, and then said again."""
log = logs.get("hub.views.quarantine")


class Unreadable(Unavailable):
    """A view can't be read: this one alone."""

    message = "What is stored of this can't be read at the moment. Try again shortly."


@dataclass(slots=True)
class _Case:
    wait: float
    until: float


class Quarantine:
    """The streams whose views could not be read when they were last tried."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._cases: dict[str, _Case] = {}

    def check(self, stream: str) -> None:
        """Raises Unavailable while it is too early to try again."""
        case = self._cases.get(stream)
        if case is not None and asyncio.get_running_loop().time() < case.until:
            raise Unreadable()

    def add(self, stream: str, error: Exception) -> None:
        """A view could not be read."""
        case = self._cases.get(stream)
        wait = FIRST_SECONDS if case is None else min(MOST_SECONDS, 2 * case.wait)
        if case is None:
            log.error("a view can't be loaded; it is unavailable until it can", stream=stream, exc_info=error)
            if len(self._cases) >= MOST:
                del self._cases[next(iter(self._cases))]
        self._cases[stream] = _Case(wait, asyncio.get_running_loop().time() + wait)
        self._metrics.unavailable.set(len(self._cases))

    def remove(self, stream: str) -> None:
        """A view was read."""
        if self._cases.pop(stream, None) is not None:
            log.info("a view can be loaded again", stream=stream)
            self._metrics.unavailable.set(len(self._cases))
