"""Refusals that a process has given, and repeats without asking: a flood of one guest costs Redis nothing.

Each has a time at which it ends, and an earlier one at which Redis is asked again, since something else may have ended
it. While Redis is away it is not asked, and what is known to be refused stays so until its end: otherwise whoever can
keep Redis busy would be let through.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Hashable

from hub.counters import Counters

AGAIN_SECONDS = 2.0
"""When Redis is asked again about a refusal that something else than time may end."""
MOST_REMEMBERED = 10_000
"""Beyond them the oldest is forgotten."""


class Refusals:
    """Those of one process, by what is refused."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._known: dict[Hashable, tuple[float, float]] = {}
        """Until when it is refused, and when to ask again; by the loop's clock."""

    def __len__(self) -> int:
        return len(self._known)

    def clear(self) -> None:
        self._known.clear()

    def keep(self, what: Hashable, seconds: float, *, again: float = AGAIN_SECONDS) -> None:
        """It is refused for so long. ``again``: after how long to ask anew."""
        self._known.pop(what, None)
        now = asyncio.get_running_loop().time()
        self._known[what] = now + seconds, now + again
        if len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]

    def forget(self, what: Hashable) -> None:
        self._known.pop(what, None)

    def left(self, what: Hashable) -> int:
        """The seconds that are left of a refusal which need not be asked for; or 0."""
        until, again = self._known.get(what, (0.0, 0.0))
        now = asyncio.get_running_loop().time()
        if now >= again and not self._counters.is_away:
            return 0
        return max(0, math.ceil(until - now - 0.001))  # a sum of floats may be a little more than its parts
