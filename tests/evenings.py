"""Holds and parties with times of their own, as no call makes them, and the judge of a day that has such.

The judge reads rows with plain comparisons, and compares what a day's events say with them.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import orjson

from hub.commands import holds
from hub.commands.bookings import new_reference
from hub.domain import calendar
from hub.domain.change import BookingRow, Change, HoldRow, NewEvent, Party
from hub.domain.day import DayView
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from hub.domain.floor import Table
from hub.store.days import DAY
from hub.views.context import VenueContext
from hub.views.writes import WorkingViews, Write
from tests import event_data, races


async def written(context: VenueContext, change: Change) -> int:
    """The id of its new row."""

    def decide(views: WorkingViews, now: datetime) -> Change:
        return change

    done = (await context.writes.submit(Write((change.events[0].stream,), decide, 0))).written
    assert done is not None
    return done.id


async def hold_until(
    context: VenueContext, day: date, at: str, expires_at: datetime, *tables: int, token: str = "none"
) -> int:  # fmt: skip
    """A hold with an end of its own; returns its id."""
    slot = calendar.slot_at(day, time.fromisoformat(at), context.rules)
    row = HoldRow(0, MAIN, day, tables, slot.starts_at, slot.ends_at, 2, expires_at, holds.digest_of(token))
    return await written(
        context, Change(hold=row, events=[NewEvent(row.stream, "held", {"hold": None, "entry": row.entry()})])
    )


async def sit(
    context: VenueContext, guest: int, day: date, since: datetime, until: datetime, table: int, status: str = "seated"
) -> int:  # fmt: skip
    """A party of the guest that sits since then, or is booked from then on; returns the booking's id."""
    row = BookingRow(
        0, MAIN, Party(guest, None, new_reference(), "walk-in"), Table(table, "", 2), 2, since, until, day, status, 1,
        seated_at=since if status == "seated" else None,
    )  # fmt: skip
    return await written(
        context,
        Change(booking=row, events=[NewEvent(row.stream, "walked_in", {"booking": None, "entry": row.entry()})]),
    )


async def until(sql: Any, at: datetime) -> None:
    """Wait, by the database's clock."""
    await sql.execute("SELECT pg_sleep(extract(epoch FROM $1::timestamptz - clock_timestamp()) + 0.001)", at)


async def check_day(sql: Any, day: date) -> DayView:
    """No table is taken twice; the events of the day end at its rows, and its rows at what takes its tables."""
    assert await sql.fetch(races.BROKEN["two occupancies of a table overlap"]) == []
    await event_data.check_all(sql)
    [row] = await sql.fetch(DAY, stream_of(MAIN, day), MAIN, day)
    saved = {name: orjson.loads(row[name]) for name in ("entries", "others")}
    rows = DayView.restore(day, {"version": row["version"], "head": row["head"], **saved})
    replayed = DayView(day, 0, {})
    for each in await sql.fetch("SELECT * FROM events WHERE stream = $1 ORDER BY version", stream_of(MAIN, day)):
        event = Event(
            each["stream"], each["version"], each["kind"], orjson.loads(each["data"]), each["at"], each["id"],
            replayed.head,
        )  # fmt: skip
        assert replayed.apply(event) is ApplyResult.APPLIED
    assert (replayed.checkpoint(), replayed.taken) == (rows.checkpoint(), rows.taken)
    taken = await sql.fetch(
        "SELECT o.table_id, o.starts_at, o.ends_at FROM occupancies o "
        "LEFT JOIN bookings b ON b.id = o.booking_id LEFT JOIN holds h ON h.id = o.hold_id "
        "LEFT JOIN blocks k ON k.id = o.block_id "
        "WHERE coalesce(b.service_date, h.service_date, k.service_date) = $1",
        day,
    )
    assert sorted(tuple(row) for row in taken) == sorted(
        (table, *times) for table, found in rows.taken.items() for times in found
    )
    return rows
