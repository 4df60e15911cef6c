"""How old may be what a client holds: the age rule of docs/live-protocol.md. Pure, and the twin of the pages' age.ts.

The hub says "all that I showed was equal to the database at ``verified_at``", by its own clock. To know how long ago
that was, the client must bound how far the hub's clock is ahead of its own. A pong carries the hub's time; the hub read
it after the ping was sent, so ``server_time − the client's clock when the ping was sent`` is at least the difference,
and the least such bound is the best. So the age that comes out is never too small, however slow the line is.

A client has two clocks, and each can fail: the wall clock can be set, the monotonic one stands still while the machine
sleeps. When they disagree, no bound from before can be trusted. All times here are milliseconds.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from hub.live.registry import STALE_AFTER_MS

BOUNDS = 12
"""So many answers are kept: one minute of pings."""
JUMP_MS = 250
"""The clocks drift apart by some ten milliseconds a minute; more than this is a clock that was set, or a sleep."""


class Clocks(NamedTuple):
    """One reading of a client's two clocks, in milliseconds."""

    wall: float
    mono: float

    def since(self, earlier: Clocks) -> float:
        """What passed, by the clock that says more."""
        return max(self.wall - earlier.wall, self.mono - earlier.mono)

    def jumped(self, earlier: Clocks) -> bool:
        return abs((self.wall - earlier.wall) - (self.mono - earlier.mono)) > JUMP_MS


@dataclass(frozen=True, slots=True)
class _Bound:
    sent: Clocks
    came: Clocks
    server_time: float

    def at(self, now: Clocks) -> float:
        """The hub's clock now, at most."""
        return self.server_time + now.since(self.sent)

    def agrees(self, other: _Bound) -> bool:
        """Whether one difference of the clocks can explain both: if none can, the hub's clock was set in between."""
        least, most = self.server_time - self.came.wall, self.server_time - self.sent.wall
        other_least, other_most = other.server_time - other.came.wall, other.server_time - other.sent.wall
        return least - JUMP_MS <= other_most and other_least - JUMP_MS <= most


@dataclass(slots=True)
class AgeRule:
    """The rule for one connection; ``reset`` begins the next one."""

    stale_after: float = STALE_AFTER_MS
    _bounds: deque[_Bound] = field(default_factory=lambda: deque(maxlen=BOUNDS))
    _sent: dict[int, Clocks] = field(default_factory=dict)
    _verified_at: float | None = None

    def reset(self) -> None:
        """Another connection may lead to another process, whose clock and freshness are its own."""
        self._bounds.clear()
        self._sent.clear()
        self._verified_at = None

    def ping(self, id: int, now: Clocks) -> None:
        """A ping of this id leaves now."""
        self._sent[id] = now

    def pong(self, id: int, server_time: float, now: Clocks) -> None:
        """Its answer came. An id that was not sent on this connection says nothing."""
        sent = self._sent.pop(id, None)
        if sent is None or now.jumped(sent):
            return
        bound = _Bound(sent, now, server_time)
        kept = [each for each in self._bounds if each.agrees(bound)]
        self._bounds.clear()
        self._bounds.extend([*kept, bound])

    def fresh(self, verified_at: float | None) -> None:
        """The hub's last word on when it verified; None: it never has."""
        self._verified_at = verified_at

    def age(self, now: Clocks) -> float | None:
        """How old, at most, is what this connection has shown; None while nothing can be said."""
        # When the clocks disagree, neither a bound from before counts any more, nor a ping that is under way, even if
        # they should agree again when its answer comes.
        self._sent = {id: sent for id, sent in self._sent.items() if not now.jumped(sent)}
        if any(now.jumped(each.sent) for each in self._bounds):
            self._bounds.clear()
        if not self._bounds or self._verified_at is None:
            return None
        age = min(each.at(now) for each in self._bounds) - self._verified_at
        if age < -JUMP_MS:  # verified in the future: the hub's clock was set
            self._bounds.clear()
            return None
        return max(0.0, age)

    def live_for(self, now: Clocks) -> float:
        """For how long it stays live if nothing more is received; 0: it is stale."""
        age = self.age(now)
        return 0.0 if age is None or age > self.stale_after else self.stale_after - age + 1

    def lost_bounds(self, now: Clocks) -> bool:
        """Whether there is no bound (any more), so that a ping is wanted now; one that is under way may still help."""
        self.age(now)
        return not self._bounds and not self._sent
