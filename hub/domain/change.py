"""What a decision wants to be written: rows, events, and the range of the database's clock in which it holds. Pure.

Decisions make a Change (hub.domain.decisions and its neighbours); hub.store.commit sends it to the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from hub.domain import lifecycle
from hub.domain.day import AT_THE_TABLE, Entry, Undo
from hub.domain.events import stream_of
from hub.domain.floor import Area, Combination, Table

NEW = 0
"""The id of a row that is still to be written."""


@dataclass(frozen=True, slots=True)
class Window:
    """When, by the database's clock, a change may be made: from ``since`` until before ``until``; None: at any time."""

    since: datetime | None = None
    until: datetime | None = None

    def within(self, other: Window) -> Window:
        """When both hold."""
        since = [at for at in (self.since, other.since) if at is not None]
        until = [at for at in (self.until, other.until) if at is not None]
        return Window(max(since, default=None), min(until, default=None))

    def holds(self, now: datetime) -> bool:
        return (self.since is None or now >= self.since) and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as it is decided: its version and id are given by the commit. ``data`` as in hub.domain.events."""

    stream: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Guest:
    """Who dines, as a booking shows them to the house and to themselves."""

    id: int
    name: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class NewGuest:
    """A guest whose row is to be written with a booking or an entry of the waitlist: ``id`` was set aside for it.
    ``phone`` is in E.164, ``email`` in lower case. A walk-in who gave no name has an empty one."""

    id: int
    name: str
    phone: str | None
    email: str | None
    language: str


@dataclass(frozen=True, slots=True)
class NewName:
    """What a guest whose row is there is called from now on; ``phone`` is in E.164, None: they have no number."""

    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Party:
    """Whose a booking is: the guest, the account that booked (None: staff did for a guest without one), and what was
    said of it. None of it is ever decided on.

    ``reference`` are the 8 characters by which people name the booking; ``channel`` is how it came: account,
    public, phone, walk-in, waitlist.
    """

    guest_id: int
    user_id: int | None
    reference: str
    channel: str = "account"
    note: str | None = None
    house_note: str | None = None
    occasion: str | None = None
    needs: tuple[str, ...] = ()
    new_guest: NewGuest | None = None
    """The guest, where nobody knew them before this booking."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A booking that somebody wants to change, as it was read. ``revisions``: those at which they want to change it;
    None: at any."""

    id: int
    venue_id: int
    party: Party
    service_date: date
    status: str
    revision: int
    table: Table
    created_at: datetime
    revisions: frozenset[int] | None = None
    more_tables: tuple[Table, ...] = ()
    canceled: BookingRow | None = None
    """The whole row, of one that is canceled: no day shows it."""


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking as it is to be. ``id`` is NEW for one that is made; ``venue_id`` and ``service_date`` name its day's
    stream. ``table`` is the first of its tables, ``more_tables`` the others."""

    id: int
    venue_id: int
    party: Party
    table: Table
    guests: int
    starts_at: datetime
    ends_at: datetime
    service_date: date
    status: str
    revision: int
    created_at: datetime | None = None
    """None for a new one: the commit's clock."""
    more_tables: tuple[Table, ...] = ()
    pinned: bool = False
    arrived_at: datetime | None = None
    seated_at: datetime | None = None
    table_since: datetime | None = None
    """Since when the party sits at these tables, where it sat at others before."""
    left_at: datetime | None = None
    undo: Undo | None = None

    @classmethod
    def of(cls, seen: Seen, entry: Entry) -> BookingRow:
        """The booking that was read as ``seen``, as its day shows it at ``entry``."""
        read = {table.id: table for table in (seen.table, *seen.more_tables)}
        first, *more = (read.get(id) or Table(id, "", 0) for id in entry.tables)
        return cls(
            seen.id, seen.venue_id, seen.party, first, entry.guests, entry.starts_at, entry.ends_at,
            seen.service_date, entry.status, entry.revision, seen.created_at, tuple(more), entry.pinned,
            entry.arrived_at, entry.seated_at, entry.table_since, entry.left_at, entry.undo,
        )  # fmt: skip

    @property
    def stream(self) -> str:
        return stream_of(self.venue_id, self.service_date)

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.table, *self.more_tables)

    def occupied_from_until(self) -> tuple[datetime, datetime] | None:
        """When its tables are taken; None when they never are, or are no more. Who leaves late had them no longer than
        planned: after that they may be somebody else's."""
        if self.status in (lifecycle.CANCELED, "no_show"):
            return None
        starts_at = self.table_since or self.seated_at or self.starts_at
        ends_at = min(self.ends_at, self.left_at or self.ends_at)
        return (starts_at, ends_at) if starts_at < ends_at else None

    def entry(self) -> dict[str, Any] | None:
        """What its day shows of it, as the database's hub_entry writes it; None when it shows nothing."""
        if self.status == lifecycle.CANCELED:
            return None
        entry: dict[str, Any] = {
            "guest_id": self.party.guest_id,
            "user_id": self.party.user_id,
            "table_id": self.table.id,
            "guests": self.guests,
            "starts_at": instant_text(self.starts_at),
            "ends_at": instant_text(self.ends_at),
            "status": self.status,
            "revision": self.revision,
            "occupied": [],
        }
        if (taken := self.occupied_from_until()) is not None:
            since, until = map(instant_text, taken)
            entry["occupied"] = [[id, since, until] for id in sorted(table.id for table in self.tables)]
        if self.more_tables:
            entry["tables"] = [table.id for table in self.tables]
        if self.pinned:
            entry["pinned"] = True
        for name in AT_THE_TABLE:
            if (at := getattr(self, name)) is not None:
                entry[name] = instant_text(at)
        if (undo := self.undo_entry()) is not None:
            entry["undo"] = undo
        return entry

    def undo_entry(self) -> dict[str, Any] | None:
        if self.undo is None:
            return None
        swapped = {} if self.undo.swap_with is None else {"swap_with": self.undo.swap_with}
        return {
            "action": self.undo.action, "until": instant_text(self.undo.until), "before": dict(self.undo.before),
            **swapped,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block as it is to be; ``removed``: it is not to be any more."""

    id: int
    venue_id: int
    service_date: date
    tables: tuple[int, ...]
    starts_at: datetime
    ends_at: datetime
    reason: str
    revision: int = 1
    removed: bool = False

    @property
    def stream(self) -> str:
        return stream_of(self.venue_id, self.service_date)

    def entry(self) -> dict[str, Any] | None:
        if self.removed:
            return None
        return {
            "tables": list(self.tables),
            "starts_at": instant_text(self.starts_at),
            "ends_at": instant_text(self.ends_at),
            "revision": self.revision,
        }


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold as it is to be: of one that is there only its end may be another. ``released``: it is not to be any more.
    ``digest`` is SHA-256 of its token, in hex."""

    id: int
    venue_id: int
    service_date: date
    tables: tuple[int, ...]
    starts_at: datetime
    ends_at: datetime
    guests: int
    expires_at: datetime
    digest: str = ""
    made_by: int | None = None
    released: bool = False

    @property
    def stream(self) -> str:
        return stream_of(self.venue_id, self.service_date)

    def entry(self) -> dict[str, Any] | None:
        if self.released:
            return None
        return {
            "tables": list(self.tables),
            "starts_at": instant_text(self.starts_at),
            "ends_at": instant_text(self.ends_at),
            "guests": self.guests,
            "expires_at": instant_text(self.expires_at),
            "made_by": self.made_by,
        }


@dataclass(frozen=True, slots=True)
class WaitRow:
    """An entry of the waitlist as it is to be. ``status``: waiting, ready, here; or its end: seated, left. One that has
    ended is not on the day any more. ``booking``: it gets the booking of the same change."""

    id: int
    venue_id: int
    service_date: date
    guest_id: int
    guests: int
    status: str
    place: int
    joined_at: datetime
    quoted_from: datetime | None = None
    quoted_until: datetime | None = None
    promised_until: datetime | None = None
    area_id: int | None = None
    revision: int = 1
    new_guest: NewGuest | None = None
    booking: bool = False

    @property
    def stream(self) -> str:
        return stream_of(self.venue_id, self.service_date)

    def entry(self) -> dict[str, Any] | None:
        if self.status not in ON_THE_LIST:
            return None
        return {
            "guest_id": self.guest_id,
            "guests": self.guests,
            "status": self.status,
            "place": self.place,
            "joined_at": instant_text(self.joined_at),
            "quoted_from": self.quoted_from and instant_text(self.quoted_from),
            "quoted_until": self.quoted_until and instant_text(self.quoted_until),
            "promised_until": self.promised_until and instant_text(self.promised_until),
            "area_id": self.area_id,
            "revision": self.revision,
        }


ON_THE_LIST = frozenset({"waiting", "ready", "here"})


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision wants to be written, all or nothing. Without events nothing is to be written.

    At most one row of a change is new. ``more_bookings`` are others that change with ``booking``: all give up what they
    hold before any takes a table.
    """

    booking: BookingRow | None = None
    more_bookings: Sequence[BookingRow] = ()
    texts: bool = False
    """What is said of the booking is to be written too."""
    block: BlockRow | None = None
    hold: HoldRow | None = None
    replaced: Sequence[HoldRow] = ()
    """Holds that are let go for the new one, or for the booking."""
    one_hold_of: int | None = None
    """A user who may have no other hold in the venue than the new one."""
    wait: WaitRow | None = None
    named: NewName | None = None
    """The guest of ``wait``, whom nothing else is known of, is called so from now on."""
    more_waits: Sequence[WaitRow] = ()
    """Other entries of the waitlist, at their own revision: with another quote; or at the next one: they ended."""
    table: Table | None = None
    area: Area | None = None
    combinations: Sequence[Combination] = ()
    retired: bool = False
    """The table, the area or the combinations are; with a table all that are named beside it."""
    events: Sequence[NewEvent] = ()
    mail: str | None = None
    """The mail that follows: confirmed, rescheduled, canceled."""
    window: Window = field(default_factory=Window)
    free: tuple[int, int] | None = None
    """(table id, seats): whoever is to have this table now or later, alone or with others, must fit with so many seats
    at it; of 0 seats nobody may have it. A block may."""


@lru_cache(4096)
def instant_text(at: datetime) -> str:
    """An instant as events and views write it: RFC 3339 in UTC, to the second."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return f"{at.isoformat(timespec='seconds')[:19]}Z"
