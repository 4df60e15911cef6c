"""What can't be read of one venue, or hangs, leaves all other venues fresh."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import FIRST_EXCEPTION
from contextlib import asynccontextmanager
from datetime import date, time, timedelta
from typing import Any

import asyncpg
import pytest

from hub.commands import bookings, venues
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import floor_of, stream_of
from hub.domain.venue import VenueProfile
from hub.errors import HubError, Overloaded, Unavailable
from hub.security import Identity
from hub.store import database
from hub.store.venues import read as open_venues
from hub.views import read_places, repairs, verification
from hub.views.cached_view import CachedView
from tests.integration.hub.views.test_cache_histories import rewrite
from tests.views import DAY, STREAM, WITHIN, Make, Process, book
from tests.writing import writing_context

KEY = 7
HANGS = f"""
ALTER FUNCTION hub_entry(bookings) RENAME TO entry_at_once;
CREATE FUNCTION hub_entry(b bookings) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN
    IF b.venue_id <> 1 THEN
        PERFORM pg_advisory_lock_shared({KEY});
        PERFORM pg_advisory_unlock_shared({KEY});
    END IF;
    RETURN entry_at_once(b);
END $$;
"""
"""Who reads a booking of another venue than venue 1 waits while KEY is locked."""


async def second_venue(settings: Settings) -> int:
    wanted = venues.NewVenue(VenueProfile(slug="river", name="River"), "UTC", {}, None, ((2, 4),))
    return await venues.add(settings, wanted)


@asynccontextmanager
async def hanging(database_url: str) -> AsyncIterator[None]:
    """Nobody can read the bookings of another venue than venue 1."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(database_url)
    try:
        await connection.execute(HANGS)
        await connection.execute("SELECT pg_advisory_lock($1)", KEY)
        yield
    finally:
        await connection.close()


async def watched(process: Process, *streams: str) -> list[CachedView]:
    views = [await process.views.get(stream) for stream in streams]
    process.listen()
    for cached in views:
        cached.watchers = 1
    return views


async def book_there(settings: Settings, venue: int, by: Identity, *days: date) -> None:
    """A booking of this venue on each day, of which no process is told."""
    writer = writing_context(settings, lambda events: None).shared
    writer.learn(await open_venues(settings))
    context = writer.venue(venue)
    assert context is not None
    for day in days:
        await bookings.book(context, Call(by), BookingRequest(day, time(12), 2))


async def until_fresh(process: Process, cached: CachedView, version: int) -> None:
    """Verify until this view is at ``version``, and told to be so."""
    began = process.context.now()
    async with asyncio.timeout(WITHIN):
        while cached.version < version or cached.verified_at < began or not process.views.peek(cached.stream):
            await process.views.verify()


async def test_venue_whose_rows_are_broken_leaves_the_others_fresh(
    make_process: Make, connected: Settings, database_url: str, by: Identity
) -> None:
    venue, process = await second_venue(connected), make_process()
    mine = stream_of(venue, DAY)
    _, floor_view, other = await watched(process, mine, floor_of(venue), STREAM)
    await book_there(connected, venue, by, DAY)
    await book(connected, by, 12)
    await rewrite(
        database_url,
        f"SELECT hub_append('{mine}', 'merged', '{{}}', NULL, NULL)",
        f"UPDATE bookings SET starts_at = '-infinity' WHERE venue_id = {venue}",
    )
    before = other.verified_at
    await process.views.verify()
    assert process.told.failures == [mine]
    assert (other.version, process.told.verifications) == (1, 1)
    assert other.verified_at > before and floor_view.verified_at > before
    with pytest.raises(Unavailable):
        await process.views.get(mine)
    assert process.views.peek(STREAM) is other and process.views.peek(floor_of(venue)) is floor_view


async def test_venues_that_could_not_be_read_are_read_at_the_next_look(
    make_process: Make, connected: Settings, database_url: str
) -> None:
    """The look that failed saw the venue last: one that began where it ended would ask for later changes only."""
    process = make_process()
    await process.views.verify()
    venue = await second_venue(connected)
    await rewrite(
        database_url,
        "UPDATE venues SET changed_at = clock_timestamp() - interval '10 s'",  # after what the first look read
        "ALTER TABLE venues RENAME COLUMN name TO name_at_once",
    )
    with pytest.raises((HubError, asyncpg.PostgresError)):
        await process.views.verify()
    assert process.context.venue(venue) is None
    await rewrite(database_url, "ALTER TABLE venues RENAME COLUMN name_at_once TO name")
    await process.views.verify()
    assert process.context.venue(venue) is not None


async def test_venue_whose_views_hang_leaves_the_others_fresh(
    make_process: Make, connected: Settings, database_url: str, by: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of its views than repairs have places are to be loaded anew, and none of them can be."""
    monkeypatch.setattr(verification, "REPAIR_SECONDS", 0.1)
    venue, process = await second_venue(connected), make_process()
    dates = [DAY + timedelta(days=n) for n in range(repairs.AT_ONCE + 4)]
    days = [stream_of(venue, day) for day in dates]
    await book_there(connected, venue, by, *dates)
    *mine, other = await watched(process, *days, STREAM)
    before = max(cached.verified_at for cached in mine)
    async with hanging(database_url):
        await book(connected, by, 12)
        for stream in days:
            await rewrite(database_url, f"SELECT hub_append('{stream}', 'merged', '{{}}', NULL, NULL)")
        await until_fresh(process, other, 1)
        assert {cached.verified_at > before for cached in mine} == {False}
        assert process.views.peek(days[0]) is None
        # And again, while those of before still hang.
        await book(connected, by, 14)
        await until_fresh(process, other, 2)
        assert [stream for stream, _ in process.told.replacements] == []
    for cached in mine:
        await until_fresh(process, cached, 2)
    assert {reason for _, reason in process.told.replacements} == {"gap"}


async def test_loading_of_a_venue_that_hangs_leaves_connections_for_the_others(
    make_process: Make, connected: Settings, database_url: str, by: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue, process = await second_venue(connected), make_process()
    await process.views.verify()
    days = [DAY + timedelta(days=n) for n in range(database.POOL_SIZE + 4)]
    await book_there(connected, venue, by, *days)
    monkeypatch.setattr(read_places, "ACQUIRE_SECONDS", 0.05)
    async with hanging(database_url):
        asked = [asyncio.create_task(process.views.get(stream_of(venue, day))) for day in days]
        refused, waiting = await asyncio.wait(asked, timeout=WITHIN, return_when=FIRST_EXCEPTION)
        assert isinstance(refused.pop().exception(), Overloaded) and waiting
        async with asyncio.timeout(WITHIN):
            assert (await process.views.get(STREAM)).version == 0
            await book(connected, by, 12)
            await process.views.verify()
        assert (await process.views.get(STREAM)).version == 1
        assert sum(not task.done() for task in asked) == read_places.AT_ONCE
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, CachedView) for each in done) == read_places.AT_ONCE
    assert (await process.views.get(stream_of(venue, days[-1]))).version == 1
