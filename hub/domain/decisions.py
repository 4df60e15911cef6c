"""What each verb does to a day: a pure function from what is known to the change that is to be written, or a refusal.

A decision is made on views at certain versions. The change says all that follows of it: rows, events, mails, and the
range of the database's clock in which it holds. Whoever commits it (hub_commit) compares the versions and reads that
clock, so a decision may be made on what a process holds and with its own clock, and is made anew when either was wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hub.domain import calendar, lifecycle
from hub.domain.allocation import Day, choose
from hub.domain.day import MOVED_AWAY, MOVED_HERE, DayView, Entry
from hub.domain.events import floor_of, stream_of
from hub.domain.floor import FloorView, Table
from hub.domain.rules import Rules
from hub.domain.text import folded
from hub.errors import (
    AlreadyCanceled,
    Changed,
    NameTaken,
    NotAsSeen,
    NotFound,
    TooLateToCancel,
    TooLateToChange,
)

NEW = 0
"""The id of a row that is still to be written."""


@dataclass(frozen=True, slots=True)
class Window:
    """When, by the database's clock, a change may be made: from ``since`` until before ``until``; None: at any time."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return (self.since is None or now >= self.since) and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as it is decided: its version and id are given by the commit. ``data`` as in hub.domain.events."""

    stream: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewGuest:
    """A guest whose row is to be written with a booking: ``id`` was set aside for it. ``phone`` is in E.164, ``email``
    in lower case."""

    id: int
    name: str
    phone: str | None
    email: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Party:
    """Whose a booking is: the guest, the account that booked (None: staff did for a guest without one), and what was
    said of it. None of it is ever decided on.

    ``reference`` are the 8 characters by which people name the booking; ``channel`` is how it came: online, phone,
    walkin.
    """

    guest_id: int
    user_id: int | None
    reference: str
    channel: str = "online"
    note: str | None = None
    house_note: str | None = None
    occasion: str | None = None
    needs: tuple[str, ...] = ()
    new_guest: NewGuest | None = None
    """The guest, where nobody knew them before this booking."""


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking as it is to be. ``id`` is NEW for one that is made; ``venue_id`` and ``service_date`` name its day's
    stream."""

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

    @classmethod
    def of(cls, seen: Seen, entry: Entry) -> BookingRow:
        """The booking that was read as ``seen``, as its day shows it at ``entry``."""
        return cls(
            seen.id, seen.venue_id, seen.party, replace(seen.table, id=entry.table_id), entry.guests, entry.starts_at,
            entry.ends_at, seen.service_date, entry.status, entry.revision, seen.created_at,
        )  # fmt: skip

    @property
    def stream(self) -> str:
        return stream_of(self.venue_id, self.service_date)

    def entry(self) -> dict[str, Any] | None:
        """What its day shows of it, as the database's hub_entry writes it; None when it shows nothing."""
        if self.status == lifecycle.CANCELED:
            return None
        starts_at, ends_at = instant_text(self.starts_at), instant_text(self.ends_at)
        return {
            "guest_id": self.party.guest_id,
            "user_id": self.party.user_id,
            "table_id": self.table.id,
            "guests": self.guests,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "status": self.status,
            "revision": self.revision,
            "occupied": [[self.table.id, starts_at, ends_at]],
        }


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision wants to be written, all or nothing. Without events nothing is to be written."""

    booking: BookingRow | None = None
    table: Table | None = None
    retired: bool = False
    events: Sequence[NewEvent] = ()
    mail: str | None = None
    """The notice that follows: confirmed, rescheduled, canceled."""
    window: Window = field(default_factory=Window)
    free: tuple[int, int] | None = None
    """(table id, guests): no booking of more guests may hold this table now or later."""


def book(
    day: Day,
    floor: FloorView,
    slot: calendar.Slot,
    *,
    venue_id: int,
    party: Party,
    guests: int,
    table_id: int | None,
    rules: Rules,
    now: datetime,
) -> Change:
    """A new booking. Raises InThePast, TooFarAhead, NotFound, TableTooSmall, SlotTaken."""
    calendar.check_bookable(slot, now, rules)
    table = choose(day, floor, slot, guests=guests, table_id=table_id, rules=rules, now=now)
    row = BookingRow(
        NEW, venue_id, party, table, guests, slot.starts_at, slot.ends_at, slot.day, lifecycle.after(None, "book"), 1
    )
    return Change(
        booking=row,
        events=[NewEvent(row.stream, "booked", {"booking": None, "entry": row.entry()})],
        mail="confirmed",
        window=Window(*calendar.bookable_between(slot, rules)),
    )


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


def reschedule(
    seen: Seen,
    old_day: DayView,
    new_day: Day,
    floor: FloorView,
    slot: calendar.Slot,
    *,
    guests: int,
    table_id: int | None,
    staff: bool,
    rules: Rules,
    now: datetime,
) -> Change:
    """Another slot, number of guests or table for a booking: all of it, or a refusal. What is as it was is no change.

    ``table_id`` None: choose. Raises what :func:`book` raises, and Changed, AlreadyCanceled, AlreadyOver, NotAsSeen,
    Conflict for a status that does not allow it, and TooLateToChange for a guest; a smaller party at the same time and
    table is never too late.
    """
    old = _found(seen, old_day)
    lifecycle.check_open(old.status, old.ends_at, now)
    lifecycle.after(old.status, "reschedule")
    if (slot.starts_at, guests, table_id) == (old.starts_at, old.guests, old.table.id):
        return Change(booking=old)
    window = Window(until=old.ends_at)
    smaller_party = (slot.starts_at, table_id) == (old.starts_at, old.table.id) and guests < old.guests
    if not staff and not smaller_party:
        window = Window(
            until=min(old.ends_at, _just_after(calendar.changeable_until(old.starts_at, seen.created_at, rules)))
        )
        if not window.holds(now):
            raise TooLateToChange()
    if slot.starts_at != old.starts_at:
        calendar.check_bookable(slot, now, rules)
        since, until = calendar.bookable_between(slot, rules)
        window = Window(since, min(until, window.until or until))
    table = choose(new_day, floor, slot, guests=guests, table_id=table_id, rules=rules, now=now, but=old.id)
    if (slot.starts_at, guests, table.id) == (old.starts_at, old.guests, old.table.id):
        return Change(booking=old)
    new = replace(
        old, table=table, guests=guests, starts_at=slot.starts_at, ends_at=slot.ends_at, service_date=slot.day,
        revision=old.revision + 1,
    )  # fmt: skip
    entry = {"booking": new.id, "entry": new.entry()}
    if new.service_date == old.service_date:
        events = [NewEvent(new.stream, "rescheduled", entry)]
    else:
        events = [
            NewEvent(old.stream, MOVED_AWAY, {"booking": new.id, "entry": None}),
            NewEvent(new.stream, MOVED_HERE, entry),
        ]
    # A guest knows the date, the time and the number of guests; at which table, the restaurant decides.
    worth_a_mail = (new.starts_at, new.guests) != (old.starts_at, old.guests)
    return Change(booking=new, events=events, mail="rescheduled" if worth_a_mail else None, window=window)


def cancel(seen: Seen, day: DayView, *, staff: bool, rules: Rules, now: datetime) -> Change:
    """Cancel a booking and free what it holds. Raises Changed, AlreadyCanceled, AlreadyOver, NotAsSeen,
    Conflict, and for a guest TooLateToCancel."""
    old = _found(seen, day)
    lifecycle.check_open(old.status, old.ends_at, now)
    status = lifecycle.after(old.status, "cancel")
    window = Window(until=old.ends_at)
    if not staff:
        window = Window(
            until=min(old.ends_at, _just_after(calendar.changeable_until(old.starts_at, seen.created_at, rules)))
        )
        if not window.holds(now):
            raise TooLateToCancel()
    new = replace(old, status=status, revision=old.revision + 1)
    event = NewEvent(old.stream, "canceled", {"booking": new.id, "entry": None})
    return Change(booking=new, events=[event], mail="canceled", window=window)


def add_table(floor: FloorView, venue_id: int, *, name: str, seats: int) -> Change:
    """A new table. Raises NameTaken."""
    _check_name(floor, name)
    return _of_table(venue_id, "table_added", Table(NEW, name, seats))


def change_table(
    floor: FloorView,
    venue_id: int,
    table_id: int,
    *,
    name: str | None,
    seats: int | None,
    revisions: frozenset[int] | None = None,
) -> Change:
    """Another name or number of seats; None: as it is. Raises NotFound, NameTaken, and Changed for a table at another
    revision than these. That every booking still fits is a condition of the change."""
    old = _table(floor, table_id, revisions)
    new = replace(old, name=old.name if name is None else name, seats=old.seats if seats is None else seats)
    if new == old:
        return Change(table=old)
    if new.name != old.name:
        _check_name(floor, new.name, but=table_id)
    return _of_table(
        venue_id,
        "table_changed",
        replace(new, revision=old.revision + 1),
        free=(table_id, new.seats) if new.seats < old.seats else None,
    )


def remove_table(floor: FloorView, venue_id: int, table_id: int, revisions: frozenset[int] | None = None) -> Change:
    """Retire a table. Raises NotFound and Changed. That no booking holds it now or later is a condition."""
    old = _table(floor, table_id, revisions)
    removed = replace(old, revision=old.revision + 1)
    return _of_table(venue_id, "table_removed", removed, retired=True, free=(table_id, 0))


def _of_table(
    venue_id: int, kind: str, table: Table, *, retired: bool = False, free: tuple[int, int] | None = None
) -> Change:
    entry = None if retired else {"name": table.name, "seats": table.seats, "revision": table.revision}
    event = NewEvent(floor_of(venue_id), kind, {"table": table.id or None, "entry": entry})
    return Change(table=table, retired=retired, events=[event], free=free)


def _table(floor: FloorView, table_id: int, revisions: frozenset[int] | None) -> Table:
    found = floor.tables.get(table_id)
    if found is None:
        raise NotFound("There is no such table.")
    if revisions is not None and found.revision not in revisions:
        raise Changed(present=found)
    return found


def _check_name(floor: FloorView, name: str, but: int = 0) -> None:
    """Raises NameTaken when people would take another table's name for this one."""
    if any(folded(table.name) == folded(name) for table in floor.tables.values() if table.id != but):
        raise NameTaken()


def _found(seen: Seen, day: DayView) -> BookingRow:
    """The booking as its day shows it now. Raises Changed when it is at another revision than is wanted,
    AlreadyCanceled, and NotAsSeen when it was changed since it was read: whoever asks reads it again."""
    if seen.revisions is not None and seen.revision not in seen.revisions:
        raise Changed()
    if seen.status == lifecycle.CANCELED:
        raise AlreadyCanceled()  # it never changes again, and no day shows it
    entry = day.entries.get(seen.id)
    if entry is None or entry.revision != seen.revision or day.day != seen.service_date:
        raise NotAsSeen()
    return BookingRow.of(seen, entry)


def instant_text(at: datetime) -> str:
    """An instant as events and views write it: RFC 3339 in UTC, to the second."""
    return f"{at.astimezone(UTC).isoformat(timespec='seconds')[:19]}Z"


def _just_after(last: datetime) -> datetime:
    """The end of a half-open range whose last instant is ``last``: the database's clock counts microseconds."""
    return last + timedelta(microseconds=1)
