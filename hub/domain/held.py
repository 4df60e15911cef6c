"""What stands on a service day beside its bookings: blocks and holds, which take tables, and the waitlist. Pure.

Each has the JSON form that the database writes of it (migrations/sql/hub_entry.sql): ids, times and codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Occupied = tuple[tuple[int, datetime, datetime], ...]
"""(table id, from, until), half-open."""


@dataclass(frozen=True, slots=True)
class Block:
    """Tables that are closed from ``starts_at`` until ``ends_at``."""

    tables: tuple[int, ...]
    starts_at: datetime
    ends_at: datetime
    revision: int

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Block:
        at = datetime.fromisoformat
        return cls(tuple(data["tables"]), at(data["starts_at"]), at(data["ends_at"]), data["revision"])

    @property
    def occupied(self) -> Occupied:
        return tuple((table, self.starts_at, self.ends_at) for table in self.tables)


@dataclass(frozen=True, slots=True)
class Hold:
    """Tables that are kept for somebody who is about to book, until ``expires_at``. ``made_by`` is the user."""

    tables: tuple[int, ...]
    starts_at: datetime
    ends_at: datetime
    guests: int
    expires_at: datetime
    made_by: int | None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Hold:
        at = datetime.fromisoformat
        return cls(
            tuple(data["tables"]), at(data["starts_at"]), at(data["ends_at"]), data["guests"], at(data["expires_at"]),
            data["made_by"],
        )  # fmt: skip

    @property
    def occupied(self) -> Occupied:
        return tuple((table, self.starts_at, self.ends_at) for table in self.tables)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A party on the waitlist, first come first: by ``place``. ``promised_until`` is the end of the first quote, which
    never changes; None: nothing was promised."""

    guest_id: int
    guests: int
    status: str
    place: int
    joined_at: datetime
    quoted_from: datetime | None
    quoted_until: datetime | None
    promised_until: datetime | None
    area_id: int | None
    revision: int

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Waiting:
        def at(text: str | None) -> datetime | None:
            return None if text is None else datetime.fromisoformat(text)

        return cls(
            data["guest_id"], data["guests"], data["status"], data["place"], datetime.fromisoformat(data["joined_at"]),
            at(data["quoted_from"]), at(data["quoted_until"]), at(data["promised_until"]), data["area_id"],
            data["revision"],
        )  # fmt: skip

    @property
    def occupied(self) -> Occupied:
        return ()


Other = Block | Hold | Waiting
BOOKING = "booking"
OTHERS: dict[str, type[Block] | type[Hold] | type[Waiting]] = {"block": Block, "hold": Hold, "wait": Waiting}
"""By the key under which an event's data name it."""


def subject_of(data: Mapping[str, Any]) -> str:
    """What a day's event is about: ``booking``, ``block``, ``hold`` or ``wait``. Raises KeyError for none of them."""
    for subject in (BOOKING, *OTHERS):
        if subject in data:
            return subject
    raise KeyError(BOOKING)
