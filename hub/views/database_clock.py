"""The database's clock, as near as a process can know it: deadlines are judged by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

STEP, SET = timedelta(milliseconds=1), timedelta(seconds=2)
"""By how much an older answer counts for less with each new one; and what only a clock that was set can explain."""


class DatabaseClock:
    """``own`` is this process's."""

    def __init__(self, own: Callable[[], datetime]) -> None:
        self._own = own
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return self._own() + self._ahead

    def note(self, at: datetime, *, is_exact: bool = False) -> None:
        """It said ``at`` a moment ago. The sooner an answer is read, the nearer is what it shows: so what an older one
        showed counts on, if this one took longer, unless it ``is_exact`` or a clock was set."""
        found = at - self._own()
        if is_exact or abs(found - self._ahead) > SET:
            self._ahead = found
        else:
            self._ahead = max(found, self._ahead - STEP)
