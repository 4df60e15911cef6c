"""The database's clock, as near as a process can know it: deadlines are judged by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

STEP = timedelta(milliseconds=1)
"""By how much the database's clock is taken to be less ahead after each answer that was slower than one before."""
SET = timedelta(seconds=2)
"""A difference that no slow answer explains: one of the clocks was set."""


class DatabaseClock:
    """``own`` is this process's."""

    def __init__(self, own: Callable[[], datetime]) -> None:
        self._own = own
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return self._own() + self._ahead

    def note(self, at: datetime, *, is_exact: bool = False) -> None:
        """The database's clock showed ``at``, and its answer was just read. By then it shows more, by as much as the
        answer took: so of several answers the quickest is right. ``is_exact``: what is known of it was too much."""
        found = at - self._own()
        if is_exact or abs(found - self._ahead) > SET:
            self._ahead = found
        else:
            self._ahead = max(found, self._ahead - STEP)
