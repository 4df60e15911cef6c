"""A deadline that passes while a change waits for its day: the database's clock is read after the locks.

The clock of these tests' databases is set on by the transaction that holds the day, and so at the moment at which it
lets go of it: nobody waits for a time to pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from hub.commands import bookings, changes
from hub.commands.bookings import BookingRequest
from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.store import database
from hub.views.context import VenueContext
from tests import races
from tests.integration.races.test_commits import DAYS, code_of

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
        book = bookings.book(context, BookingRequest(DAY, time(18), 2), by=guest.identity)
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
    booked = await bookings.book(context, BookingRequest(DAY, time(18), 2), by=guest.identity)
    async with sql.transaction():
        await sql.execute("SELECT hub_lock($1)", stream_of(MAIN, DAY))
        cancel = changes.cancel(context, by=guest.identity, booking_id=booked.id)
        canceling = asyncio.create_task(code_of(cancel))
        await races.until_waiting(sql, 1)
        await sql.execute(SET_ON, BEGINS - settings.rules.cancel_deadline - before_the_deadline)
    assert await canceling == told
    status = await sql.fetchval("SELECT status FROM bookings")
    assert status == ("canceled" if told == "done" else "booked")
    await races.check_rules(sql)
