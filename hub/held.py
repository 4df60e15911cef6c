"""A board in a process's memory, with its last changes; and who is told of them.

What moves it is hub.boards; what it shows is hub.domain.board's and hub.domain.room's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from hub.domain.board import Board
from hub.domain.event import Event
from hub.domain.room import Room

HISTORY = 200
"""How many of a board's last changes are remembered for those who resume."""
HISTORY_AGE = timedelta(minutes=10)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a held board: the version it led to, when it was committed, and what it touched."""

    version: int
    at: datetime
    bookings: frozenset[int]
    tables: frozenset[int]


@dataclass(slots=True)
class Held:
    """A board (or the room) in memory, with its last changes and when it was used. ``epoch`` is the database's that it
    was loaded from."""

    stream: str
    view: Board | Room
    used_at: float
    epoch: str = ""
    verified_at: datetime = NEVER
    """When it was the database's state last, by this machine's clock read before the database was asked."""
    trusted: bool = True
    """False from an event on that could not be applied until the board is loaded anew: nobody is given it."""
    history: deque[Step] = field(default_factory=lambda: deque(maxlen=HISTORY))
    early: dict[int, Event] = field(default_factory=dict)
    """Events that arrived before the one that precedes them."""
    waiting: asyncio.TimerHandle | None = None
    catching_up: asyncio.Task[None] | None = None
    mending: asyncio.Task[None] | None = None
    watchers: int = 0

    @property
    def version(self) -> int:
        return self.view.version

    @property
    def head(self) -> int:
        """The id of the last event that it shows; 0 before the first."""
        return self.view.head

    @property
    def board(self) -> Board:
        assert isinstance(self.view, Board)
        return self.view

    @property
    def room(self) -> Room:
        assert isinstance(self.view, Room)
        return self.view


class Watcher(Protocol):
    """Who is told of what the boards do: the live channel's fan-out."""

    def changed(self, held: Held, steps: Sequence[Step]) -> None: ...
    def replaced(self, held: Held, reason: str) -> None: ...
    def failed(self, held: Held) -> None: ...
    def proved(self, at: datetime) -> None: ...
    def ended(self, sessions: set[int], roles: dict[int, str]) -> None: ...
