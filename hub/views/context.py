"""What every verb is given first: a venue with its rules, the settings, the database's epoch, and the way to write.

A process has one Context, which knows every venue, and hands out a VenueContext for each. Only what a verb can't do
without belongs here; the parts that a process runs are joined in hub.process.app.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from hub.config import Settings
from hub.domain import calendar
from hub.domain.change import Change
from hub.domain.events import MAIN, Event, floor_of, stream_of
from hub.domain.rules import Rules
from hub.domain.venue import VenueProfile
from hub.store import database
from hub.store.write_queue import WriteQueue
from hub.views.account_guests import AccountGuests
from hub.views.gathered import Gathered
from hub.views.group_commit import GroupCommit
from hub.views.venue_stays import VenueStays
from hub.views.writes import Cache


@dataclass(slots=True)
class Context:
    """What the verbs of one process share. ``publish`` takes the events of a commit, in the order of their versions."""

    settings: Settings
    publish: Callable[[Sequence[Event]], None]
    epoch: str = ""
    publisher_id: bytes = field(default_factory=lambda: secrets.token_hex(8).encode())
    """Marks what this process publishes: it need not apply its own events again."""
    writes: GroupCommit = field(init=False)
    """Through which every change of a day and of the tables goes; it is there once the views are."""
    write_queue: WriteQueue = field(init=False)
    """Where changes of accounts, of guests, and of many days at once wait for their turn."""
    _places: asyncio.Semaphore = field(init=False)
    """One for each connection that writers may hold."""
    account_guests: AccountGuests = field(init=False)
    stays: VenueStays = field(default_factory=VenueStays)
    _venues: dict[int, VenueContext] = field(init=False, default_factory=dict)
    _by_slug: dict[str, VenueContext] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(database.WRITERS)
        self.write_queue = WriteQueue(
            self._places, waiting=self.settings.waiting_writers, waiting_of_user=self.settings.waiting_writers_per_user
        )
        self.account_guests = AccountGuests(self.write_queue)
        self.learn(())

    def write_on(self, views: Cache, on_due: Callable[[Sequence[Change]], None] = lambda changes: None) -> None:
        """Decide changes on these views from now on. ``on_due`` is told what was written by time alone."""
        self.writes = GroupCommit(
            views,
            self.publish,
            places=self._places,
            epoch=lambda: self.epoch,
            now=self.now,
            reaches_over=self._reaches_over,
            rules=self._rules_of,
            on_due=on_due,
            waiting=self.settings.waiting_writers,
            waiting_of_user=self.settings.waiting_writers_per_user,
        )

    def _reaches_over(self, venue_id: int) -> bool:
        """False for one that is open no more: the commit refuses what is still under way there."""
        found = self._venues.get(venue_id)
        return found is not None and found.reaches_over

    def _rules_of(self, venue_id: int) -> Rules | None:
        found = self._venues.get(venue_id)
        return None if found is None else found.rules

    def learn(self, venues: Iterable[tuple[VenueProfile, Rules]]) -> set[int]:
        """Take the venues that are open: these, and venue 1, which is as the settings say (a command has those of the
        hub: hub.store.main_venue). Returns those that are open no more."""
        known = {venue.id: (venue, rules) for venue, rules in venues}
        known[MAIN] = self.settings.venue, self.settings.rules
        retired = self._venues.keys() - known
        for venue_id in retired:
            del self._venues[venue_id]
        for venue_id, (venue, rules) in known.items():
            found = self._venues.get(venue_id)
            if found is None:
                self._venues[venue_id] = VenueContext(self, venue, rules, calendar.is_around_the_clock(rules))
            else:
                found.venue, found.rules = venue, rules
                found.reaches_over = found.reaches_over or calendar.is_around_the_clock(rules)
        self._by_slug = {each.venue.slug: each for each in self._venues.values()}
        self._by_slug[self.main.venue.slug] = self.main  # whatever the database calls another one by now
        return retired

    @property
    def main(self) -> VenueContext:
        """Venue 1, which paths and channels without a prefix are of."""
        return self._venues[MAIN]

    @property
    def venues(self) -> list[VenueContext]:
        """All that are open, by id."""
        return [self._venues[venue_id] for venue_id in sorted(self._venues)]

    def venue(self, venue_id: int) -> VenueContext | None:
        return self._venues.get(venue_id)

    def named(self, slug: str) -> VenueContext | None:
        return self._by_slug.get(slug)

    def id_of(self, slug: str) -> int | None:
        """The venue of a slug."""
        found = self._by_slug.get(slug)
        return found.id if found is not None else None

    def now(self) -> datetime:
        """This machine's clock: good enough to refuse the absurd early; what counts is asked under the lock."""
        return datetime.now(UTC)


@dataclass(slots=True, eq=False)
class VenueContext:
    """One venue, as the verbs that write to it or read it are given it. ``shared`` is its process's."""

    shared: Context
    venue: VenueProfile
    rules: Rules
    reaches_over: bool
    """Whether a booking of one service day may hold a table on the next: in a restaurant that is open around the clock,
    or after a change of the hours (hub.commands.stranded)."""
    _gathered: dict[Any, Gathered[Any]] = field(init=False, default_factory=dict)

    @property
    def id(self) -> int:
        return self.venue.id

    @property
    def settings(self) -> Settings:
        return self.shared.settings

    @property
    def epoch(self) -> str:
        return self.shared.epoch

    @property
    def writes(self) -> GroupCommit:
        return self.shared.writes

    @property
    def floor_stream(self) -> str:
        return floor_of(self.venue.id)

    def day_stream(self, day: date) -> str:
        return stream_of(self.venue.id, day)

    def now(self) -> datetime:
        return self.shared.now()

    def gathered(self, read: Callable[[int, list[int]], Awaitable[Mapping[int, Any]]]) -> Gathered[Any]:
        """Read single rows of the venue, by its id and theirs, with those that others ask for at the same time."""
        found: Gathered[Any] | None = self._gathered.get(read)
        if found is None:
            found = self._gathered[read] = Gathered(partial(read, self.id))
        return found

    async def guest_of(self, user_id: int) -> int:
        """The guest that an account is in this venue. Raises AuthError for an account that is no more."""
        return await self.shared.account_guests.of(self.epoch, self.venue.group_id, user_id)
