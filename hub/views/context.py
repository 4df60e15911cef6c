"""What every verb is given first: the settings, the database's epoch, and what to call after a commit.

Only what a verb can't do without belongs here; the parts that a process runs are joined in hub.process.app.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hub.config import Settings
from hub.domain.events import Event
from hub.domain.rules import Rules
from hub.store import database
from hub.store.write_queue import WriteQueue
from hub.views.group_commit import GroupCommit
from hub.views.writes import Cache


@dataclass(slots=True)
class Context:
    """What the verbs of one process share. ``publish`` takes the events of a commit, in the order of their versions."""

    settings: Settings
    publish: Callable[[Sequence[Event]], None]
    epoch: str = ""
    reaches_over: bool = False
    """Whether a booking of one service day may hold a table on the next: in a restaurant that is open around the clock,
    or after a change of the hours (hub.commands.stranded)."""
    publisher_id: bytes = field(default_factory=lambda: secrets.token_hex(8).encode())
    """Marks what this process publishes: it need not apply its own events again."""
    writes: GroupCommit = field(init=False)
    """Through which every change of a day and of the tables goes; it is there once the views are."""
    write_queue: WriteQueue = field(init=False)
    """Where changes of many days at once wait for their turn."""
    _places: asyncio.Semaphore = field(init=False)
    """One for each connection that writers may hold."""

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(database.WRITERS)
        self.write_queue = WriteQueue(
            self._places, waiting=self.settings.waiting_writers, waiting_of_user=self.settings.waiting_writers_per_user
        )

    def write_on(self, views: Cache) -> None:
        """Decide changes on these views from now on."""
        self.writes = GroupCommit(
            views,
            lambda events: self.publish(events),
            places=self._places,
            epoch=lambda: self.epoch,
            now=self.now,
            reaches_over=lambda: self.reaches_over,
            waiting=self.settings.waiting_writers,
            waiting_of_user=self.settings.waiting_writers_per_user,
        )

    @property
    def rules(self) -> Rules:
        return self.settings.rules

    def now(self) -> datetime:
        """This machine's clock: good enough to refuse the absurd early; what counts is asked under the lock."""
        return datetime.now(UTC)
