"""The evening in numbers: whom it counts, in which hour, and on which day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.commands import service_stats
from hub.config import Settings
from hub.domain.calendar import service_day
from hub.metrics import PARTIES
from hub.store import database
from hub.store.service_stats import STATES
from hub.views.context import Context, VenueContext
from tests import rows
from tests.conftest import make_settings
from tests.guests import make_context, make_guest


class Evening(Context):
    """A context whose clock stands."""

    at = datetime(2026, 11, 25, 0, 40, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


async def add(
    by: int, starts_at: datetime, context: VenueContext, *, table: int, guests: int, status: str = "booked"
) -> None:
    """A booking as its rows; the verbs would refuse one in the past."""
    ends_at = starts_at + context.rules.slot
    day = service_day(starts_at, context.rules)
    [row] = await database.fetch(rows.BOOKING, by, table, guests, starts_at, ends_at, day, status, 1)
    if status in ("booked", "seated"):
        await database.fetch(
            "INSERT INTO occupancies (venue_id, table_id, booking_id, starts_at, ends_at) VALUES (1, $1, $2, $3, $4)",
            table,
            row["id"],
            starts_at,
            ends_at,
        )


async def test_hours_after_midnight_belong_to_the_same_evening(connected: Settings, data_dir: Path) -> None:
    hours = {"WORKDAY_END_HOUR": "27", "RESTAURANT_TIMEZONE": "Europe/Lisbon"}  # until 03:00
    settings = make_settings(connected.database_url, connected.redis_url, data_dir, **hours)
    context = Evening(settings, publish=lambda events: None).main
    by = (await make_guest()).by.user_id
    evening = datetime(2026, 11, 24, tzinfo=UTC)
    await add(by, evening.replace(hour=19), context, table=1, guests=2, status="finished")
    await add(by, evening.replace(hour=19, minute=45), context, table=2, guests=1, status="seated")
    await add(by, evening.replace(hour=20), context, table=3, guests=2, status="no_show")
    await add(by, evening.replace(hour=20), context, table=4, guests=2, status="canceled")
    await add(by, evening + timedelta(days=1, minutes=30), context, table=14, guests=5)
    await add(by, evening + timedelta(days=1, hours=18), context, table=5, guests=2)  # the next evening
    found = await service_stats.count(context)
    assert found.day == evening.date()
    assert found.covers == {19: 3, 0: 5}
    assert found.bookings == {"finished": 1, "seated": 1, "no_show": 1, "canceled": 1, "booked": 1}
    assert (found.now.tables, found.now.seats) == (16, 50)


async def test_a_table_is_taken_while_it_is_held(connected: Settings) -> None:
    context = make_context(connected)
    by = (await make_guest()).by.user_id
    now = datetime.now(UTC)
    await add(by, now, context, table=1, guests=2, status="seated")
    await add(by, now + timedelta(minutes=1), context, table=2, guests=2)
    await add(by, now, context, table=3, guests=2, status="canceled")
    assert (await service_stats.count(context)).now.taken == 1


async def test_who_wants_an_eye_is_counted(connected: Settings) -> None:
    context = make_context(connected)
    by = (await make_guest()).by.user_id
    now = datetime.now(UTC)
    assert set(STATES) == set(PARTIES)
    await add(by, now - timedelta(minutes=16), context, table=1, guests=2)  # late
    await add(by, now - timedelta(minutes=14), context, table=2, guests=2)
    await add(by, now - timedelta(minutes=125), context, table=3, guests=2, status="seated")  # overdue
    await add(by, now - timedelta(minutes=16), context, table=4, guests=2, status="arrived")
    await database.fetch("UPDATE bookings SET service_date = $1", service_day(now, context.rules))
    found = (await service_stats.count(context)).now.parties
    assert found == {"late": 1, "overdue": 1, "waiting": 0, "held": 0, "closed": 0}


async def test_an_evening_without_bookings_is_counted_too(connected: Settings) -> None:
    found = await service_stats.count(make_context(connected))
    assert (found.covers.total(), found.bookings.total(), found.now.taken, found.now.tables) == (
        0,
        0,
        0,
        16,
    )
