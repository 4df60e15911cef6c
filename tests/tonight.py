"""What is done in the room needs a service day that is on, whenever the tests run: a hub where it is midday, and
bookings of today that have begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo


def midday() -> dict[str, Any]:
    """The settings of a restaurant whose clocks show 12:xx, and that is open for hours to come."""
    return {"RESTAURANT_TIMEZONE": zone(), "WORKDAY_START_HOUR": 6, "WORKDAY_END_HOUR": 22}


def zone(hour: int = 12) -> str:
    """One whose clocks show this hour now: of those that do, the one that is at most 12 hours ahead of UTC."""
    ahead = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+}" if ahead else "UTC"


def soon(zone: str) -> dict[str, str]:
    """The date and time of a booking that begins in two minutes."""
    at = (datetime.now(UTC) + timedelta(minutes=2)).astimezone(ZoneInfo(zone))
    return {"date": at.date().isoformat(), "time": f"{at:%H:%M}"}


MOVE = (
    "SELECT hub_lock(hub_stream(venue_id, service_date)) FROM bookings WHERE id = $1",
    "UPDATE occupancies SET starts_at = starts_at + $2, ends_at = ends_at + $3 WHERE booking_id = $1",
    "UPDATE bookings SET starts_at = starts_at + $2, ends_at = ends_at + $3, seated_at = seated_at + $2, "
    "revision = revision + 1 WHERE id = $1",
    "SELECT hub_append(hub_stream(b.venue_id, b.service_date), 'rescheduled', jsonb_build_object('booking', b.id, "
    "'entry', hub_entry(b)), NULL, NULL) FROM bookings b WHERE b.id = $1",
)


async def shift(connection: Any, booking_id: int, minutes: float, end: float | None = None) -> None:
    """Move a booking and what it holds, as no request can: with an event, so that every view follows. ``end`` is by how
    much its end moves, where that is not the same."""
    by = timedelta(minutes=minutes), timedelta(minutes=minutes if end is None else end)
    async with connection.transaction():
        for statement in MOVE:
            await connection.execute(statement, booking_id, *(by if "$2" in statement else ()))


async def let_begin(connection: Any, booking_id: int) -> None:
    """Let a booking have begun an hour earlier; it ends when it did."""
    await shift(connection, booking_id, -60, 0)
