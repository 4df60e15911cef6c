"""A name that changes while its guest books: every day that shows it is told, whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import date, time
from typing import Any

import pytest

from hub.commands import account_life, bookings, changes
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.errors import HubError
from hub.store import guest_names
from hub.store.bookings import Booking
from hub.views.context import VenueContext
from tests import races
from tests.races import Person, PostgresLog, day_ahead

HELD, OTHER = day_ahead(20), day_ahead(21)
RENAMED = "SELECT stream FROM events WHERE kind = 'renamed' ORDER BY stream"


@pytest.fixture
async def person(connected: Settings, sql: Any) -> Person:
    [made] = await races.make_people(sql, connected, 1)
    return made


def book(context: VenueContext, person: Person, day: date, hour: int = 18) -> Awaitable[Booking]:
    return bookings.book(context, Call(person.identity), BookingRequest(day, time(hour), 2))


def rename(context: VenueContext, person: Person, name: str = "Zoë") -> Awaitable[object]:
    return account_life.change_profile(context, Call(person.identity), full_name=name, phone_number=None, language=None)


async def told(sql: Any) -> list[str]:
    return [row["stream"] for row in await sql.fetch(RENAMED)]


async def test_a_booking_on_another_day_that_is_made_while_the_name_waits_is_told_too(
    context: VenueContext, person: Person, sql: Any
) -> None:
    await book(context, person, HELD)
    async with sql.transaction():
        await sql.execute("SELECT hub_lock($1)", stream_of(MAIN, HELD))
        renaming = asyncio.ensure_future(rename(context, person))
        await races.until_waiting(sql, 1)
        await book(context, person, OTHER)
        assert not renaming.done()
    await renaming
    assert await told(sql) == [stream_of(MAIN, HELD), stream_of(MAIN, OTHER)]


@pytest.mark.parametrize("looks_again", [True, False], ids=["", "control: it never looks again"])
async def test_a_booking_that_is_not_committed_yet_is_waited_for(
    context: VenueContext, person: Person, sql: Any, monkeypatch: pytest.MonkeyPatch, looks_again: bool
) -> None:
    if not looks_again:
        monkeypatch.setattr(guest_names, "SHOWN", f"{guest_names.SHOWN.partition('ORDER')[0]} LIMIT 0")
    async with sql.transaction():
        await sql.execute("LOCK TABLE events IN SHARE MODE")  # it stops before its end, with all its locks taken
        booking = asyncio.ensure_future(book(context, person, OTHER))
        await races.until_waiting(sql, 1)
        renaming = asyncio.ensure_future(rename(context, person))
        await races.until_waiting(sql, 2)
    await asyncio.gather(booking, renaming)
    assert await told(sql) == ([stream_of(MAIN, OTHER)] if looks_again else [])


async def test_names_and_bookings_of_one_guest_never_deadlock(
    context: VenueContext, person: Person, sql: Any, log: PostgresLog
) -> None:
    """Days are locked by name and then the user, whoever writes; the guest's address is not verified, so a booking
    locks the user too. In the end each booking was told the last name, or came to its day after it."""
    days = [day_ahead(number) for number in range(22, 26)]
    made = [await book(context, person, day, 12) for day in days]

    async def quietly(verb: Awaitable[object]) -> None:
        try:
            await verb
        except HubError as error:
            assert error.code in ("conflict", "slot_taken", "too_many_bookings"), error.code

    for round_number in range(4):
        moves = [
            changes.reschedule(
                context, Call(person.identity), booking.id, ChangeRequest(day=days[(at + round_number) % 4])
            )
            for at, booking in enumerate(made)
        ]
        books = [book(context, person, day, 15 + round_number) for day in days[:2]]
        names = [rename(context, person, f"Name {round_number} {number}") for number in range(2)]
        await asyncio.gather(*map(quietly, [*moves, *books, *names]))
    assert log.deadlocks() == []
    assert len(await told(sql)) >= 4 * len(days)
    assert await sql.fetch(UNTOLD) == []


UNTOLD = """
WITH last AS (SELECT *, xmin AS of FROM events WHERE kind = 'renamed' ORDER BY id DESC LIMIT 1)
SELECT b.id FROM bookings b, last
WHERE NOT EXISTS (  -- the last change of the name told it
        SELECT FROM events e WHERE e.xmin = last.of AND (e.data->>'booking')::bigint = b.id
          AND e.stream = 'day:' || b.service_date)
  AND NOT EXISTS (  -- it came to that day after it
        SELECT FROM events e WHERE e.kind <> 'renamed' AND (e.data->>'booking')::bigint = b.id
          AND e.stream = 'day:' || b.service_date AND e.at > last.at)
"""
