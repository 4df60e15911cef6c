"""Changes that are made until a time: the database's clock says whether it is over, and it is read after the locks.

The clock of these tests' databases is set on by the transaction that holds the day, and so at the moment at which it
lets go of it: nobody waits for a time to pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from hub.commands import bookings, changes
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.store import database
from hub.views.context import VenueContext
from tests import races
from tests.integration.races.test_commits import DAYS, code_of
from tests.writing import writing_context

DAY = DAYS[0]
BEGINS = datetime.combine(DAY, time(18), UTC)
SET = (
    "CREATE TABLE ahead (by_much interval NOT NULL)",
    "INSERT INTO ahead VALUES ('0')",
    "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
    "'SELECT pg_catalog.clock_timestamp() + by_much FROM public.ahead'",
)
SET_ON = "UPDATE ahead SET by_much = $1::timestamptz - pg_catalog.clock_timestamp()"


@pytest.fixture
async def connected(settings: Settings, sql: Any) -> AsyncIterator[Settings]:
    """On a database whose clock is ``ahead``."""
    for statement in SET:
        await sql.execute(statement)
    name = await sql.fetchval("SELECT current_database()")
    await sql.execute(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')
    await database.connect(settings)
    yield settings
    await database.close()


@pytest.mark.parametrize(
    ("before_the_start", "told"),
    [(timedelta(hours=1), "done"), (timedelta(0), "in_the_past"), (timedelta(minutes=-1), "in_the_past")],
)
async def test_start_that_passes_while_a_booking_waits_is_booked_no_more(
    context: VenueContext, settings: Settings, sql: Any, before_the_start: timedelta, told: str
) -> None:
    [guest] = await races.make_people(sql, settings, 1)
    await context.guest_of(guest.id)  # known already, so the day alone is waited for
    async with sql.transaction():
        await sql.execute("SELECT hub_lock($1)", stream_of(MAIN, DAY))
        book = bookings.book(context, Call(guest.identity), BookingRequest(DAY, time(18), 2))
        booking = asyncio.create_task(code_of(book))
        await races.until_waiting(sql, 1)
        await sql.execute(SET_ON, BEGINS - before_the_start)
    assert await booking == told
    assert await sql.fetchval("SELECT count(*) FROM bookings") == (told == "done")
    await races.check_rules(sql)


@pytest.mark.parametrize(
    ("before_the_deadline", "told"),
    [(timedelta(hours=1), "done"), (timedelta(minutes=-1), "too_late_to_cancel")],
)
async def test_deadline_that_passes_while_a_cancellation_waits_is_kept(
    context: VenueContext, settings: Settings, sql: Any, before_the_deadline: timedelta, told: str
) -> None:
    [guest] = await races.make_people(sql, settings, 1)
    booked = await bookings.book(context, Call(guest.identity), BookingRequest(DAY, time(18), 2))
    async with sql.transaction():
        await sql.execute("SELECT hub_lock($1)", stream_of(MAIN, DAY))
        cancel = changes.cancel(context, Call(guest.identity), booked.id)
        canceling = asyncio.create_task(code_of(cancel))
        await races.until_waiting(sql, 1)
        await sql.execute(SET_ON, BEGINS - settings.rules.cancel_deadline - before_the_deadline)
    assert await canceling == told
    status = await sql.fetchval("SELECT status FROM bookings")
    assert status == ("canceled" if told == "done" else "booked")
    await races.check_rules(sql)


@pytest.mark.parametrize("minutes", [-90, 90])
async def test_a_process_whose_clock_is_wrong_decides_by_the_databases(
    connected: Settings, settings: Settings, sql: Any, minutes: int
) -> None:
    """Also where its own would allow or refuse what the other does not."""
    [guest] = await races.make_people(sql, settings, 1)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    rules = replace(settings.rules, opens=timedelta(0), closes=timedelta(days=1))
    context = writing_context(replace(connected, rules=rules), lambda events: None)
    clock: Any = context.writes._batches._clock
    clock._own = lambda: datetime.now(UTC) + timedelta(minutes=minutes)

    async def told(verb: Awaitable[object]) -> str:
        clock._ahead = timedelta(0)  # it knows nothing of the database's
        return await code_of(verb)

    def book(ahead: int) -> Awaitable[object]:
        start = now + timedelta(minutes=ahead)
        return bookings.book(context, Call(guest.identity), BookingRequest(start.date(), start.time(), 2))

    assert [await told(book(ahead)) for ahead in (-30, 30, 100)] == ["in_the_past", "done", "done"]
    await sql.execute("UPDATE bookings SET created_at = created_at - interval '1 hour'")
    soon, later = [row["id"] for row in await sql.fetch("SELECT id FROM bookings ORDER BY starts_at")]
    codes = [await told(changes.cancel(context, Call(guest.identity), id)) for id in (soon, later)]
    assert codes == ["too_late_to_cancel", "done"]
