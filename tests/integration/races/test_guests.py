"""A guest without an account is renamed or erased while staff book for them: whichever comes first, neither is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import date, time
from typing import Any

import pytest

from hub.commands import bookings, guests
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.guests import Wanted
from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.errors import HasBookings, NotFound
from hub.security import Identity
from hub.store import erasure, guest_names
from hub.store.bookings import Booking
from hub.views.context import VenueContext
from tests import races
from tests.races import day_ahead
from tests.servers import PATIENCE

DAY, OTHER = day_ahead(30), day_ahead(31)


@pytest.fixture
async def host(connected: Settings, sql: Any) -> Identity:
    [made] = await races.make_people(sql, connected, 1, role="host")
    return made.identity


@pytest.fixture
async def ida(sql: Any) -> int:
    made = (
        "INSERT INTO guests (group_id, name, email, language) VALUES (1, 'Ida', 'ida@example.com', 'en') RETURNING id"
    )
    return int(await sql.fetchval(made))


def book(context: VenueContext, host: Identity, ida: int, day: date) -> Awaitable[Booking]:
    return bookings.book(context, Call(host), BookingRequest(day, time(18), 2, guest=Wanted(id=ida)))


@pytest.mark.parametrize("looks_again", [True, False], ids=["", "control: it never looks again"])
async def test_day_of_a_booking_under_way_is_told_the_new_name(
    context: VenueContext, host: Identity, ida: int, sql: Any, monkeypatch: pytest.MonkeyPatch, looks_again: bool
) -> None:
    if not looks_again:
        monkeypatch.setattr(guest_names, "SHOWN", f"{guest_names.SHOWN.partition('ORDER')[0]} LIMIT 0")
    async with sql.transaction():
        await sql.execute("LOCK TABLE events IN SHARE MODE")  # it stops before its end, with all its locks taken
        booking = asyncio.ensure_future(book(context, host, ida, OTHER))
        await races.until_waiting(sql, 1)
        renaming = asyncio.ensure_future(guests.change(context, Call(host), ida, name="Zoë"))
        await races.until_waiting(sql, 2)
    await asyncio.gather(booking, renaming)
    told = [row["stream"] for row in await sql.fetch("SELECT stream FROM events WHERE kind = 'renamed'")]
    assert told == ([stream_of(MAIN, OTHER)] if looks_again else [])


async def test_guest_is_not_erased_while_a_booking_of_theirs_is_made(
    context: VenueContext, host: Identity, ida: int, sql: Any
) -> None:
    async with sql.transaction():
        await sql.execute("LOCK TABLE events IN SHARE MODE")
        booking = asyncio.ensure_future(book(context, host, ida, DAY))
        await races.until_waiting(sql, 1)
        erasing = asyncio.ensure_future(guests.erase(context, Call(host), ida))
        await races.until_waiting(sql, 2)
    assert (await booking).guest.name == "Ida"
    with pytest.raises(HasBookings):
        await erasing


async def test_guest_who_is_being_erased_gets_no_booking(
    context: VenueContext, host: Identity, ida: int, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The booking was asked for before the erasure, and is committed after it."""
    under_way, tried, erased = asyncio.Event(), asyncio.Event(), asyncio.Event()
    erase_guests, batches = erasure.erase_guests, context.writes._batches
    commit = batches.commit

    async def erase_and_wait(connection: Any, ids: Any) -> None:
        await erase_guests(connection, ids)
        under_way.set()
        await erased.wait()

    async def commit_and_tell(streams: Any, batch: Any) -> Any:
        busy = await commit(streams, batch)
        if busy:
            tried.set()
        return busy

    monkeypatch.setattr(erasure, "erase_guests", erase_and_wait)
    monkeypatch.setattr(batches, "commit", commit_and_tell)
    erasing = asyncio.ensure_future(guests.erase(context, Call(host), ida))
    await under_way.wait()
    booking = asyncio.ensure_future(book(context, host, ida, DAY))
    async with asyncio.timeout(PATIENCE):
        await tried.wait()  # the guest is busy, and the change is tried again
    erased.set()
    await erasing
    with pytest.raises(NotFound):
        await booking
    assert await sql.fetchval("SELECT count(*) FROM bookings") == 0
