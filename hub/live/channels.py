"""Every channel of the live protocol: its name, the stream that it shows, and who may see it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from hub.config import Rules
from hub.domain import slots
from hub.domain.event import TABLES, stream_of
from hub.errors import HubError

Kind = Literal["tables", "availability", "floor"]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: ``day`` is None for the room's."""

    name: str
    kind: Kind
    day: date | None

    @property
    def stream(self) -> str:
        return TABLES if self.day is None else stream_of(self.day)

    def may_see(self, role: str) -> bool:
        """Whether a role may subscribe: the floor shows names, so it is for the staff alone."""
        return self.kind != "floor" or role in ("host", "admin")


def tables() -> Channel:
    return Channel("tables", "tables", None)


def availability(day: date) -> Channel:
    return Channel(f"availability:{day.isoformat()}", "availability", day)


def floor(day: date) -> Channel:
    return Channel(f"floor:{day.isoformat()}", "floor", day)


def is_shown(channel: Channel, now: datetime, rules: Rules) -> bool:
    """Whether a channel's day lies between 30 days back and BOOKING_DAYS_AHEAD; the room always is."""
    if channel.day is None:
        return True
    try:
        slots.check_range(channel.day, slots.today(now, rules), rules)
    except HubError:
        return False
    return True


def parse(name: str) -> Channel | None:
    """The channel of a name from outside; None when there is no such channel. Only the canonical spelling counts."""
    if name == "tables":
        return tables()
    kind, _, text = name.partition(":")
    make = {"availability": availability, "floor": floor}.get(kind)
    if make is None or len(text) != 10 or not text.isascii():
        return None
    try:
        channel = make(date.fromisoformat(text))
    except ValueError:
        return None
    return channel if channel.name == name else None
