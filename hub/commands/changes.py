"""Changes of a booking: reschedule, cancel.

Order of locks: the streams of the days that are touched, by name; then a table's row; then the booking. All writers of
a booking hold its day's stream, so under that lock it can be read without one of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

import orjson

from hub.commands import notifications
from hub.commands.bookings import COLUMNS, Booking, booking_from, bounds, read, refusal_of
from hub.domain import calendar, lifecycle
from hub.domain.events import Event, stream_of
from hub.domain.floor import Table
from hub.errors import Conflict, TooLateToCancel, TooLateToChange, TooManyBookings
from hub.security import Identity
from hub.store import database, streams
from hub.views.context import Context

ATTEMPTS = 3
"""How often a change begins again when the booking moved between its reading and its lock."""


class Unset:
    pass


UNSET = Unset()
"""What a change does not mention; None is a value of its own (choose a table)."""


async def reschedule(
    context: Context,
    *,
    by: Identity,
    booking_id: int,
    day: date | Unset = UNSET,
    at: time | Unset = UNSET,
    guests: int | Unset = UNSET,
    table_id: int | Unset | None = UNSET,
    request_id: str | None = None,
) -> Booking:
    """Move a booking: another start, number of guests or table, at once or not at all. Nothing changed: no event.

    It keeps its table unless ``table_id`` is given (None: choose). Raises what :func:`book` raises, and NotFound,
    AlreadyCanceled, AlreadyOver, Conflict, and TooLateToChange for a guest (slots.changeable_until); a smaller party at
    the same time and table is never too late.
    """
    for _ in range(ATTEMPTS):
        seen = await read(context, by=by, booking_id=booking_id)
        slot = _wanted_slot(context, seen, day, at)
        wanted = _Wanted(
            slot,
            seen.guests if isinstance(guests, Unset) else guests,
            seen.table.id if isinstance(table_id, Unset) else table_id,
        )
        days = {stream_of(seen.service_date), stream_of(slot.day)}
        async with context.write_queue.turn(days, user=by.user_id):
            moved = await database.transact(
                lambda c, s=seen, w=wanted: _move(c, context, by, s, w, request_id)  # type: ignore[misc]
            )
        if moved is not None:
            booking, events = moved
            context.publish(events)
            return booking
    raise Conflict()


def _wanted_slot(context: Context, seen: Booking, day: date | Unset, at: time | Unset) -> calendar.Slot:
    """The slot after a change; the old one, as it stands, where neither date nor time is mentioned."""
    if not isinstance(day, Unset):
        calendar.check_range(day, calendar.today(context.now(), context.rules), context.rules)
    old = calendar.Slot(seen.starts_at, seen.ends_at, seen.service_date)
    return calendar.changed_slot(
        old, None if isinstance(day, Unset) else day, None if isinstance(at, Unset) else at, context.rules
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    slot: calendar.Slot
    guests: int
    table_id: int | None


async def _lock_booking(connection: Any, seen: Booking, days: Sequence[date]) -> Booking | None:
    """The booking under the locks of ``days``; None when it is no longer what was read."""
    await streams.lock(connection, [stream_of(day) for day in days])
    [row] = await connection.fetch(f"SELECT {COLUMNS} WHERE b.id = $1", seen.id)
    now = booking_from(row)
    return now if (now.revision, now.service_date) == (seen.revision, seen.service_date) else None


async def _move(
    connection: Any, context: Context, by: Identity, seen: Booking, wanted: _Wanted, request_id: str | None
) -> tuple[Booking, list[Event]] | None:
    slot = wanted.slot
    if slot.starts_at != seen.starts_at:
        await _check_overlapping(connection, context, by, seen, slot)
    old = await _lock_booking(connection, seen, [seen.service_date, slot.day])
    if old is None:
        return None
    now = await streams.clock(connection)
    lifecycle.check_open(old.status, old.ends_at, now)
    lifecycle.after(old.status, "reschedule")
    if (slot.starts_at, wanted.guests, wanted.table_id) == (old.starts_at, old.guests, old.table.id):
        return old, []
    smaller_party = (slot.starts_at, wanted.table_id) == (old.starts_at, old.table.id) and wanted.guests < old.guests
    late = now > calendar.changeable_until(old.starts_at, old.created_at, context.rules)
    if late and not by.is_staff and not smaller_party:
        raise TooLateToChange()
    if slot.starts_at != old.starts_at:
        calendar.check_bookable(slot, now, context.rules)
    opens, closes = calendar.occupied_range(slot.day, context.rules)
    [choice] = await connection.fetch(
        "SELECT c.*, $4::timestamptz AS at, "
        "CASE c.refusal WHEN 'slot_taken' THEN hub_situation($6, $7) END AS situation "
        "FROM hub_choose($1, $2, $3, $5, $8) c",
        wanted.table_id,
        wanted.guests,
        slot.starts_at,
        now,
        slot.ends_at,
        opens,
        closes,
        old.id,
    )
    if choice["refusal"] is not None:
        raise refusal_of(context, choice, slot=slot, guests=wanted.guests, table_id=wanted.table_id, booking_id=old.id)
    table = Table(choice["table_id"], choice["table_name"], choice["table_seats"])
    if (slot.starts_at, wanted.guests, table.id) == (old.starts_at, old.guests, old.table.id):
        return old, []
    new = replace(
        old,
        table=table,
        guests=wanted.guests,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        service_date=slot.day,
        revision=old.revision + 1,
    )
    # A guest was told the date, the time and the number of guests; at which table, the house decides.
    worth_a_mail = (new.starts_at, new.guests) != (old.starts_at, old.guests)
    await connection.execute(
        "UPDATE bookings SET table_id = $2, guests = $3, starts_at = $4, ends_at = $5, service_date = $6, "
        "revision = $7, updated_at = $8, notice_revision = CASE WHEN $9 THEN $7 ELSE notice_revision END, "
        "promised_start = CASE WHEN starts_at = $4 THEN promised_start END WHERE id = $1",
        new.id,
        table.id,
        new.guests,
        new.starts_at,
        new.ends_at,
        new.service_date,
        new.revision,
        now,
        worth_a_mail,
    )
    await connection.execute("DELETE FROM occupancies WHERE booking_id = $1", new.id)
    await connection.execute(
        "INSERT INTO occupancies (table_id, booking_id, starts_at, ends_at) VALUES ($1, $2, $3, $4)",
        table.id,
        new.id,
        new.starts_at,
        new.ends_at,
    )
    entry = await _entry(connection, new.id)
    events = []
    if new.service_date != old.service_date:
        events.append(await _append_event(connection, "left", old.service_date, new.id, None, by, request_id))
    kind = "rescheduled" if not events else "arrived"
    events.append(await _append_event(connection, kind, new.service_date, new.id, entry, by, request_id))
    if worth_a_mail:
        await _enqueue_notifications(connection, context, "rescheduled", new, request_id)
    left = (old.service_date, events[0].version) if len(events) == 2 else None
    return replace(new, epoch=events[-1].epoch, version=events[-1].version, left=left), events


async def _check_overlapping(
    connection: Any, context: Context, by: Identity, seen: Booking, slot: calendar.Slot
) -> None:
    """Raises TooManyBookings. It comes first: a guest's bookings are locked before a day is, wherever both are."""
    overlapping = bounds(context, by)[1]
    within = await connection.fetch(
        "SELECT user_id FROM hub_within_bounds($1, $2, $3, $4, 0, $5)",
        seen.user_id,
        slot.starts_at,
        slot.ends_at,
        seen.id,
        overlapping,
    )
    if not within:
        raise TooManyBookings()


async def cancel(context: Context, *, by: Identity, booking_id: int, request_id: str | None = None) -> Booking:
    """Cancel a booking and free its tables. Raises NotFound, AlreadyCanceled, AlreadyOver, TooLateToCancel (for a
    guest, CANCEL_DEADLINE_MINUTES before the start), Conflict."""
    for _ in range(ATTEMPTS):
        seen = await read(context, by=by, booking_id=booking_id)
        async with context.write_queue.turn([stream_of(seen.service_date)], user=by.user_id):
            done = await database.transact(lambda c, s=seen: _cancel(c, context, by, s, request_id))  # type: ignore[misc]
        if done is not None:
            booking, event = done
            context.publish([event])
            return booking
    raise Conflict()


async def _cancel(
    connection: Any, context: Context, by: Identity, seen: Booking, request_id: str | None
) -> tuple[Booking, Event] | None:
    old = await _lock_booking(connection, seen, [seen.service_date])
    if old is None:
        return None
    now = await streams.clock(connection)
    lifecycle.check_open(old.status, old.ends_at, now)
    status = lifecycle.after(old.status, "cancel")
    if not by.is_staff and now > calendar.changeable_until(old.starts_at, old.created_at, context.rules):
        raise TooLateToCancel()
    new = replace(old, status=status, revision=old.revision + 1, canceled_at=now)
    await connection.execute(
        "UPDATE bookings SET status = $2, revision = $3, notice_revision = $3, canceled_at = $4, updated_at = $4 "
        "WHERE id = $1",
        new.id,
        new.status,
        new.revision,
        now,
    )
    await connection.execute("DELETE FROM occupancies WHERE booking_id = $1", new.id)
    event = await _append_event(connection, "canceled", new.service_date, new.id, None, by, request_id)
    await _enqueue_notifications(connection, context, "canceled", new, request_id)
    return replace(new, epoch=event.epoch, version=event.version), event


async def _entry(connection: Any, booking_id: int) -> dict[str, Any]:
    [row] = await connection.fetch(
        "SELECT hub_entry(id, user_id, table_id, guests, starts_at, ends_at, status, revision) AS entry "
        "FROM bookings WHERE id = $1",
        booking_id,
    )
    entry: dict[str, Any] = orjson.loads(row["entry"])
    return entry


async def _append_event(
    connection: Any, kind: str, day: date, booking_id: int, entry: Any, by: Identity, request_id: str | None
) -> Event:
    return await streams.append(
        connection,
        stream=stream_of(day),
        kind=kind,
        data={"booking": booking_id, "entry": entry},
        actor=by.user_id,
        request_id=request_id,
    )


async def _enqueue_notifications(
    connection: Any, context: Context, kind: str, new: Booking, request_id: str | None
) -> None:
    await notifications.enqueue(
        connection,
        booking_id=new.id,
        revision=new.revision,
        user_id=new.user_id,
        rows=notifications.of_change(kind, new.starts_at, context.settings),
        settings=context.settings,
        request_id=request_id,
    )
