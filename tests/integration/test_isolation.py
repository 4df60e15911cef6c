"""With another default isolation of the role, the database or the server, the hub does the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta

import asyncpg
import pytest

from hub.commands import floor
from hub.commands.call import Call
from hub.config import Settings
from hub.errors import SlotTaken
from hub.security import Identity
from hub.store import database
from tests.guests import make_context, make_guest

DAY = datetime.now(UTC).date() + timedelta(days=20)
LEVELS = ["repeatable read", "serializable"]


async def _fill_the_day(settings: Settings) -> None:
    """32 guests want 16 tables at once, move and cancel; every one of them is served or told that it is full."""
    context = make_context(settings)
    guests = [await make_guest() for _ in range(8)]
    answers = await asyncio.gather(
        *(guest.book(context, day=DAY, at=time(18), guests=1) for guest in guests * 4), return_exceptions=True
    )
    booked = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(booked) == 16
    assert {type(answer) for answer in answers if isinstance(answer, BaseException)} == {SlotTaken}
    owners = {guest.by.user_id: guest for guest in guests}
    moved = await asyncio.gather(*(owners[b.party.user_id].move(context, b, at=time(14)) for b in booked[:8]))
    assert len({booking.table.id for booking in moved}) == 8
    await asyncio.gather(*(owners[b.party.user_id].cancel(context, b) for b in booked[8:]))
    await floor.add_table(context, Call(Identity(guests[0].by.user_id, "admin", 0, 0.0)), name="new", seats=2)


@pytest.mark.parametrize("level", LEVELS)
async def test_another_default_isolation_changes_nothing(settings: Settings, level: str) -> None:
    name = settings.database_url.rpartition("/")[2]
    admin = await asyncpg.connect(settings.database_url)
    await admin.execute(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = '{level}'")
    await admin.close()
    await database.connect(settings)
    try:
        [row] = await database.fetch("SELECT current_setting('default_transaction_isolation') AS level")
        assert row["level"] == level  # else nothing here were tried
        await _fill_the_day(settings)
    finally:
        await database.close()


@pytest.mark.parametrize("level", LEVELS)
async def test_a_default_that_changes_under_open_connections_is_noticed(connected: Settings, level: str) -> None:
    """As when the server's configuration is read anew: the connection was looked at before."""
    source = await database.pool()
    held = [await source.acquire() for _ in range(source.get_max_size())]
    for connection in held:
        await connection.execute(f"SET default_transaction_isolation = '{level}'")
        await source.release(connection)
    await _fill_the_day(connected)


@pytest.mark.parametrize("level", LEVELS)
async def test_a_stream_can_be_locked_in_no_other_isolation(database_url: str, level: str) -> None:
    """Whoever writes past the verbs is told so by name."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction(isolation=level.replace(" ", "_")):  # type: ignore[arg-type]
            with pytest.raises(asyncpg.PostgresError, match="needs READ COMMITTED") as refused:
                await connection.execute("SELECT hub_lock('tables')")
        assert refused.value.sqlstate == database.OTHER_ISOLATION
    finally:
        await connection.close()


async def test_who_holds_a_stream_and_says_nothing_is_ended_by_the_server(database_url: str) -> None:
    """A process that was stopped in the middle of a change must not hold up the day."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT hub_lock('tables')")
            assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "10s"
            assert await connection.fetchval("SHOW lock_timeout") == "5s"
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") != "10s"
    finally:
        await connection.close()
