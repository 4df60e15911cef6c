"""Bookings: book, read one, list mine. (hub.commands.changes: reschedule, cancel.)

To book is one round trip, the database's ``hub_book``: the day's stream is locked first, then the table's row; then the
clock is read and the rows are written. The constraint on occupancies has the last word.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import orjson

from hub.commands import notifications
from hub.domain import calendar
from hub.domain.allocation import alternatives
from hub.domain.day import Interval
from hub.domain.events import Event, stream_of
from hub.domain.floor import Table
from hub.errors import (
    Conflict,
    HubError,
    NotFound,
    SlotTaken,
    TableTooSmall,
    TooManyBookings,
    ValidationFailed,
)
from hub.security import Identity
from hub.store import database
from hub.views.context import Context


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as its reader sees it. ``epoch`` and ``version`` are where its day's stream stands with it; ``left`` is
    the day that a change of day left behind, and its version."""

    id: int
    user_id: int
    table: Table
    guests: int
    starts_at: datetime
    ends_at: datetime
    service_date: date
    status: str
    revision: int
    created_at: datetime
    canceled_at: datetime | None
    epoch: str
    version: int
    left: tuple[date, int] | None = None


COLUMNS = (
    "b.id, b.user_id, b.table_id, t.name, t.seats, b.guests, b.starts_at, b.ends_at, b.service_date, b.status, "
    "b.revision, b.created_at, b.canceled_at, s.version, (SELECT epoch FROM hub) AS epoch "
    "FROM bookings b JOIN tables t ON t.id = b.table_id JOIN streams s ON s.name = 'day:' || b.service_date"
)


def booking_from(row: Any) -> Booking:
    return Booking(
        row["id"],
        row["user_id"],
        Table(row["table_id"], row["name"], row["seats"]),
        row["guests"],
        row["starts_at"],
        row["ends_at"],
        row["service_date"],
        row["status"],
        row["revision"],
        row["created_at"],
        row["canceled_at"],
        row["epoch"],
        row["version"],
    )


async def book(
    context: Context,
    *,
    by: Identity,
    day: date,
    at: time,
    guests: int,
    table_id: int | None = None,
    request_id: str | None = None,
) -> Booking:
    """Book a table for a slot that starts at local ``day`` ``at``; no ``table_id``: the smallest free one that fits.

    Raises OutsideOpeningHours, NonexistentLocalTime, InThePast, TooFarAhead, NotFound (the table), TableTooSmall,
    SlotTaken with alternatives, TooManyBookings (for a guest). All or nothing is written: booking, occupancy, event and
    notifications.
    """
    rules = context.rules
    calendar.check_range(day, calendar.today(context.now(), rules), rules)
    slot = calendar.slot_at(day, at, rules)
    stream = stream_of(slot.day)
    mails = notifications.of_change("confirmed", slot.starts_at, context.settings)
    async with context.write_queue.turn([stream], user=by.user_id):
        rows = await database.write(
            "SELECT b.* FROM hub_within_bounds($1, $4, $5, 0, $18, $19) u "
            "CROSS JOIN LATERAL hub_book("
            "u.user_id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) b",
            by.user_id,
            stream,
            slot.day,
            slot.starts_at,
            slot.ends_at,
            guests,
            table_id,
            *calendar.bookable_between(slot, rules),
            *calendar.occupied_range(slot.day, rules),
            request_id,
            context.settings.host_email,
            *mails.columns(),
            *bounds(context, by),
        )
    if not rows:
        raise TooManyBookings()
    [row] = rows
    if row["refusal"] is not None:
        raise refusal_of(context, row, slot=slot, guests=guests, table_id=table_id)
    entry = orjson.loads(row["entry"])
    data = {"booking": row["booking_id"], "entry": entry}
    epoch = row["epoch"]
    context.publish([Event(stream, row["version"], "booked", data, row["at"], row["event_id"], row["previous"], epoch)])
    return Booking(
        row["booking_id"],
        by.user_id,
        Table(row["table_id"], row["table_name"], row["table_seats"]),
        guests,
        slot.starts_at,
        slot.ends_at,
        slot.day,
        "booked",
        1,
        row["created_at"],
        None,
        epoch,
        row["version"],
    )


def bounds(context: Context, by: Identity) -> tuple[int, int]:
    """How many bookings ahead, and how many that overlap, somebody may have; 0 is as many as they like."""
    return (0, 0) if by.is_staff else (context.settings.bookings_per_user, context.settings.overlapping_per_user)


def refusal_of(
    context: Context, row: Any, *, slot: calendar.Slot, guests: int, table_id: int | None, booking_id: int = 0
) -> HubError:
    """The error for a refusal of ``hub_book`` or ``hub_choose``; judges the time by the clock read under the lock."""
    if row["refusal"] == "time":
        calendar.check_bookable(slot, row["at"], context.rules)
        return Conflict()
    if row["refusal"] == "not_found":
        return NotFound("There is no such table.")
    if row["refusal"] == "table_too_small":
        return TableTooSmall()
    situation = orjson.loads(row["situation"])
    taken: dict[int, list[Interval]] = {}
    for table, start, end, booking in situation["taken"]:
        if booking != booking_id:
            taken.setdefault(table, []).append((datetime.fromisoformat(start), datetime.fromisoformat(end)))
    for intervals in taken.values():
        intervals.sort()
    found = alternatives(
        slot,
        guests=guests,
        table_id=table_id,
        tables=[Table(*fields) for fields in situation["tables"]],
        taken=taken,
        starts=calendar.grid(slot.day, context.rules),
        now=row["at"],
    )
    return SlotTaken(alternatives=found)


async def read(context: Context, *, by: Identity, booking_id: int) -> Booking:
    """One booking, for its owner and the staff. Raises NotFound for anybody else's, as for none."""
    rows = await database.fetch(f"SELECT {COLUMNS} WHERE b.id = $1", booking_id)
    if not rows or (rows[0]["user_id"] != by.user_id and not by.is_staff):
        raise NotFound("There is no such booking.")
    return booking_from(rows[0])


async def list_mine(
    context: Context, *, by: Identity, limit: int, before: str | None = None
) -> tuple[list[Booking], str | None]:
    """My bookings that are neither canceled nor over, by start, at most ``limit``; and the cursor of the next page.

    Raises ValidationFailed for a cursor that this call did not give.
    """
    starts_at, booking_id = _read_cursor(before)
    rows = await database.fetch(
        # The bound from below keeps a guest's long past out of the index scan: no slot is longer than a day.
        f"SELECT {COLUMNS} WHERE b.user_id = $1 AND b.status <> 'canceled' AND b.ends_at > clock_timestamp() "
        "AND b.starts_at > clock_timestamp() - interval '25 hours' AND (b.starts_at, b.id) > ($2, $3) "
        "ORDER BY b.starts_at, b.id LIMIT $4",
        by.user_id,
        starts_at,
        booking_id,
        limit + 1,
    )
    items = [booking_from(row) for row in rows[:limit]]
    more = len(rows) > limit
    return items, _cursor(items[-1]) if more else None


def _cursor(last: Booking) -> str:
    return base64.urlsafe_b64encode(f"{last.starts_at.timestamp():.0f}.{last.id}".encode()).decode().rstrip("=")


def _read_cursor(text: str | None) -> tuple[datetime, int]:
    if text is None:
        return datetime(1970, 1, 1, tzinfo=UTC), 0
    try:
        start, _, booking = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(".")
        if not (start.isdigit() and booking.isdigit() and len(start) < 12 and len(booking) < 19):
            raise ValueError(text)
        return datetime.fromtimestamp(int(start), UTC), int(booking)
    except (ValueError, binascii.Error, UnicodeError, OverflowError):
        raise ValidationFailed([{"field": "before", "message": "not a cursor of this list"}]) from None
