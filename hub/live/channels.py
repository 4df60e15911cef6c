"""Every channel of the live protocol: its name, the stream that it shows, and who may see it. Pure.

What a channel shows is its projection's (hub.live.projections).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from hub.domain import calendar
from hub.domain.events import stream_of
from hub.domain.rules import Rules
from hub.errors import HubError

VISITOR = ""
"""The role of one who has no account, or has not said so."""
USERS = frozenset({"user", "host", "admin"})
STAFF = frozenset({"host", "admin"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channels. ``dated``: there is one for each service day; ``personal``: one for each user."""

    name: str
    roles: frozenset[str]
    dated: bool
    personal: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("venue", USERS | {VISITOR}, dated=False),
        Kind("tables", USERS, dated=False),
        Kind("availability", USERS, dated=True),
        Kind("floor", STAFF, dated=True),
        Kind("mine", USERS, dated=False, personal=True),
    )
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel; ``day`` is None where there is one for all days, ``owner`` the user whose a personal one is, or 0."""

    name: str
    kind: Kind
    day: date | None = None
    owner: int = 0

    @property
    def stream(self) -> str:
        """The stream whose versions are the channel's."""
        if self.owner:
            return f"{self.kind.name}:{self.owner}"
        return self.kind.name if self.day is None else stream_of(self.day)

    @property
    def key(self) -> str:
        """What tells it from every other channel."""
        return f"{self.name}:{self.owner}" if self.owner else self.name

    def of_user(self, user_id: int) -> Channel:
        """The channel as this user sees it: a personal one is the user's own."""
        return replace(self, owner=user_id) if self.kind.personal else self

    def may_see(self, role: str) -> bool:
        return role in self.kind.roles


def of(kind: str, day: date | None = None) -> Channel:
    """The channel of a kind; ``day`` for a dated one."""
    found = KINDS[kind]
    assert found.dated == (day is not None)
    return Channel(kind if day is None else f"{kind}:{day.isoformat()}", found, day)


def is_shown(channel: Channel, now: datetime, rules: Rules) -> bool:
    """Whether a channel's day lies between 30 days back and BOOKING_DAYS_AHEAD; what has no day always is shown."""
    if channel.day is None:
        return True
    try:
        calendar.check_range(channel.day, calendar.today(now, rules), rules)
    except HubError:
        return False
    return True


def parse(name: str) -> Channel | None:
    """The channel of a name from outside; None when there is no such channel. Only the canonical spelling counts."""
    kind, colon, text = name.partition(":")
    found = KINDS.get(kind)
    if found is None or found.dated != bool(colon):
        return None
    if not found.dated:
        return of(kind)
    if len(text) != 10 or not text.isascii():
        return None
    try:
        channel = of(kind, date.fromisoformat(text))
    except ValueError:
        return None
    return channel if channel.name == name else None
