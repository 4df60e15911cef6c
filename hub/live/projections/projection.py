"""What a channel is: the interface that the objects of this package fill, one for each kind of channels. Pure.

Such an object says all in which its kind differs from the others. Nothing else in the hub asks which kind a channel is
of: a new kind is a new file here and a line in hub.live.channels. Where a channel's state comes from, and how it is
kept current, is its source's: a way to do so that is new is a file and a line in hub.live.sources.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from hub.domain import calendar
from hub.domain.events import MAIN, Event
from hub.domain.rules import Rules
from hub.domain.shown import NO_TEXTS, Names, Texts
from hub.errors import HubError
from hub.live.schemas import DAY, Schema
from hub.views.step import Step

View = TypeVar("View")
"""What a state holds at its version, in a form that projections of its kind can read."""
ChannelKey: TypeAlias = tuple[str, int, int, bool]
"""What tells a channel from every other one."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What data are made with beside the view: how an instant is written in the venue's local time, and where the state
    has them the full name and phone number of each guest, by guest id, and what was written of a day's bookings."""

    text: Callable[[datetime], str]
    names: Names
    texts: Texts = NO_TEXTS


class Projection(ABC, Generic[View]):
    """A kind of channels. It keeps no state: one object serves all channels of its kind."""

    name: str
    """What the names of its channels begin with."""
    source: str
    """Where their states come from: a name of hub.live.sources.all_sources."""
    roles: frozenset[str]
    """Who may see them."""
    dated = False
    """Whether there is one for each service day."""
    personal = False
    """Whether there is one for each user, under the same name."""
    reduced = False
    """Whether it shows less than others of its name, for a role that may not see everything."""
    names_guests = False
    """Whether it shows who dines. What names people is kept in no cache, and the names are always the present ones."""
    resumable = False
    """Whether a client that comes back can be told what it missed, as the changes are known to the database. Of a state
    that is small it is told the whole."""

    data: Schema
    """What a snapshot's data are."""
    changes: Schema
    """What an update's data are."""
    components: ClassVar[Mapping[str, Schema]] = {}
    """Schemas that these two refer to, beside those that all share."""

    # -- names

    def parse(self, rest: str | None) -> Channel | None:
        """The channel whose name goes on with ``rest`` after a colon, or (None) has no colon; None where there is no
        such channel. Only the canonical spelling counts."""
        if not self.dated:
            return self.channel() if rest is None else None
        if rest is None or len(rest) != 10 or not rest.isascii():
            return None
        try:
            day = date.fromisoformat(rest)
        except ValueError:
            return None
        return self.channel(day) if day.isoformat() == rest else None

    def channel(self, day: date | None = None) -> Channel:
        """The channel of this kind; ``day`` for a dated one."""
        assert self.dated == (day is not None)
        return Channel(self.name if day is None else f"{self.name}:{day.isoformat()}", self, day)

    @property
    def spelling(self) -> str:
        """Its names, as they are shown to people."""
        return f"{self.name}:YYYY-MM-DD" if self.dated else self.name

    @property
    def pattern(self) -> str:
        """The regular expression of its names."""
        return f"{self.name}:{DAY}" if self.dated else self.name

    def as_seen_by(self, role: str) -> Projection[View]:
        """What this role is shown under the same names."""
        return self

    # -- where the state is, and how long it is shown

    @abstractmethod
    def stream(self, channel: Channel) -> str:
        """The stream whose versions are the channel's."""

    def is_shown(self, channel: Channel, now: datetime, rules: Rules) -> bool:
        """Whether the channel's day lies between 30 days back and BOOKING_DAYS_AHEAD; what has no day always is
        shown."""
        if channel.day is None:
            return True
        try:
            calendar.check_range(channel.day, calendar.today(now, rules), rules)
        except HubError:
            return False
        return True

    # -- data

    @abstractmethod
    def snapshot(self, view: View, rendering: Rendering) -> dict[str, Any]:
        """The whole of what it shows."""

    @abstractmethod
    def update(self, view: View, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        """Absolute values of what these steps changed; {} when nothing of it shows."""

    def step_of(self, event: Event, tables: frozenset[int]) -> Step | None:
        """The change that an event made, told without the state before it; None of an event of another release.

        ``tables`` are all that exist: what an event freed is not in it. Asked of resumable kinds alone.
        """
        return None


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: its name as its watchers know it, what it shows, the service day where there is one for each, the user
    whose a personal one is, or 0, and the venue."""

    name: str
    projection: Projection[Any]
    day: date | None = None
    owner: int = 0
    venue_id: int = MAIN

    @property
    def stream(self) -> str:
        """The stream whose versions are the channel's."""
        return self.projection.stream(self)

    @property
    def key(self) -> ChannelKey:
        """The name alone does not tell it from others: at a venue's own address its channels have no prefix."""
        return self.name, self.venue_id, self.owner, self.projection.reduced

    def of_user(self, user_id: int) -> Channel:
        """The channel as this user sees it: a personal one is the user's own."""
        return replace(self, owner=user_id) if self.projection.personal else self

    def as_seen_by(self, role: str) -> Channel:
        """The channel as this role sees it: of the same name and stream."""
        projection = self.projection.as_seen_by(role)
        return self if projection is self.projection else replace(self, projection=projection)

    def may_see(self, role: str) -> bool:
        return role in self.projection.roles

    def is_shown(self, now: datetime, rules: Rules) -> bool:
        """Whether it is shown at ``now``, by its venue's rules."""
        return self.projection.is_shown(self, now, rules)


def touched_tables(steps: Iterable[Step]) -> frozenset[int]:
    return frozenset[int]().union(*(step.tables for step in steps))


def touched_bookings(steps: Iterable[Step]) -> frozenset[int]:
    return frozenset[int]().union(*(step.bookings for step in steps))


def touched_others(steps: Iterable[Step]) -> frozenset[tuple[str, int]]:
    return frozenset[tuple[str, int]]().union(*(step.others for step in steps))
