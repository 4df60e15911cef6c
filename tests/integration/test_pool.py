"""Connections always come back: a caller that goes away, at whatever await, leaves the pool whole."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

from hub.commands import accounts, bookings, changes, floor
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.config import Settings
from hub.store import database, pool
from hub.store.bookings import Booking
from hub.views.context import Context
from tests.guests import Guest, make_context, make_guest
from tests.servers import CHECKOUT, PATIENCE, environment
from tests.steps import Moment, cancelled_at_each_await

DAY = datetime.now(UTC).date() + timedelta(days=30)
MOMENTS: list[Moment] = ["waiting", "answered"]
UNFINISHED = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'hub' AND state <> 'idle'"
)
"""Sessions that are within a transaction, also one that only waits for the rest of a statement: it keeps its locks."""


@pytest.fixture
async def watcher(database_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def pids(watcher: asyncpg.Connection[Any]) -> set[int]:
    """The processes of PostgreSQL that serve the pool."""
    rows = await watcher.fetch("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    return {row["pid"] for row in rows}


async def all_come_back() -> None:
    """Every connection of the pool is there to be taken. AssertionError with how many are not, after a long wait."""
    source = await database.pool()
    taken: list[Any] = []
    try:
        async with asyncio.timeout(PATIENCE):
            for _ in range(source.get_max_size()):
                taken.append(await source.acquire())
    except TimeoutError:
        raise AssertionError(f"{source.get_max_size() - len(taken)} connections did not come back") from None
    finally:
        for connection in taken:
            await source.release(connection)


@pytest.fixture
async def guest(settings: Settings) -> AsyncIterator[Guest]:
    """A guest of a hub with few connections: one that is lost is soon missed."""
    await database.connect(settings, pool_size=2)
    yield await make_guest()
    await database.close()


Begin = Callable[[Context, Guest, Booking, int], Coroutine[Any, Any, Any]]
"""The n-th call of a verb."""


async def _book(context: Context, guest: Guest, booking: Booking, n: int) -> None:
    await bookings.book(context, Call(guest.by), BookingRequest(DAY + timedelta(days=1 + n // 16), time(12), 2))


async def _move(context: Context, guest: Guest, booking: Booking, n: int) -> None:
    day: date = DAY if n % 2 else DAY - timedelta(days=1)
    await changes.reschedule(context, Call(guest.by), booking.id, ChangeRequest(day=day, guests=1 + n % 2))


async def _cancel(context: Context, guest: Guest, booking: Booking, n: int) -> None:
    made = await bookings.book(context, Call(guest.by), BookingRequest(DAY - timedelta(days=2 + n // 16), time(12), 2))
    await changes.cancel(context, Call(guest.by), made.id)


async def _table(context: Context, guest: Guest, booking: Booking, n: int) -> None:
    table = (await floor.add_table(context, Call(guest.by), name=f"n{n}", seats=4)).item
    await floor.change_table(context, Call(guest.by), table.id, seats=5)
    await floor.remove_table(context, Call(guest.by), table.id)


async def _read(context: Context, guest: Guest, booking: Booking, n: int) -> None:
    await bookings.list_mine(context, by=guest.by, limit=5)
    await accounts.who_am_i(user_id=guest.by.user_id)
    await floor.list_tables(context)


@pytest.mark.slow
@pytest.mark.parametrize("connected", ["connected", "to connect"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("verb", [_book, _move, _cancel, _table, _read])
async def test_a_verb_cancelled_at_any_await_gives_its_connection_back(
    settings: Settings,
    guest: Guest,
    watcher: asyncpg.Connection[Any],
    verb: Begin,
    moment: Moment,
    connected: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    context = make_context(settings)
    booking = await guest.book(context, day=DAY)
    runs = iter(range(10_000))
    source = await database.pool()
    await all_come_back()
    kept = await pids(watcher)

    async def whole() -> None:
        await all_come_back()
        if connected == "connected":  # none was thrown away for it
            assert await pids(watcher) >= kept
        await asyncio.gather(*(floor.list_tables(context) for _ in range(database.MODELS_POOL_SIZE)))
        assert source.get_size() == source.get_idle_size()
        assert await watcher.fetchval(UNFINISHED) == 0
        if connected != "connected":
            await source.expire_connections()

    steps = await cancelled_at_each_await(lambda: verb(context, guest, booking, next(runs)), moment, whole)
    assert steps >= 1  # what is committed goes on by itself: no caller can cut it off
    # What was cut off is there as a whole or not at all: a booking with its occupancy, its event and its notifications.
    assert (
        await watcher.fetchval(
            "SELECT count(*) FROM bookings b WHERE status <> 'canceled' AND "
            "(NOT EXISTS (SELECT FROM occupancies o WHERE o.booking_id = b.id AND o.starts_at = b.starts_at) "
            "OR NOT EXISTS (SELECT FROM events e WHERE e.stream = 'day:' || b.service_date "
            "AND (e.data -> 'entry' ->> 'revision')::int = b.revision AND (e.data ->> 'booking')::bigint = b.id) "
            "OR NOT EXISTS (SELECT FROM outbox o WHERE o.booking_id = b.id "
            "AND (o.payload->>'revision')::integer = b.revision))"
        )
        == 0
    )
    assert "active transaction" not in caplog.text


async def test_a_process_whose_pool_is_lost_ends_itself(settings: Settings) -> None:
    """Nothing in it could go on. The line in the log says why, and whoever watches over it starts another."""
    assert pool.LOOK_SECONDS * pool.STUCK_LOOKS == 30  # as it is shipped; here it is less
    program = (
        "import asyncio, sys; from hub import config, logs; from hub.store import database, pool\n"
        "pool.LOOK_SECONDS, pool.STUCK_LOOKS = 0.02, 5\n"
        "async def lose():\n"
        "    settings = config.load(need=('DATABASE_URL',))\n"
        "    logs.setup(settings, part='server')\n"
        "    await database.connect(settings, pool_size=2)\n"
        "    source = await database.pool()\n"
        "    lost = [await source.acquire() for _ in range(int(sys.argv[1]))]\n"
        "    task = asyncio.create_task(database.watch(lambda: print('counted', flush=True)))\n"
        "    await asyncio.wait([task], timeout=float(sys.argv[2]))\n"
        "asyncio.run(lose())\n"
    )

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environ = environment(DATABASE_URL=settings.database_url)
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, env=environ, cwd=CHECKOUT, capture_output=True, text=True, check=False)

    ended = await asyncio.to_thread(run, "2", str(PATIENCE))
    assert ended.returncode == 1, ended
    assert "counted" in ended.stdout
    assert '"event":"no database connection came back in time, and the process ends"' in ended.stdout
    well = await asyncio.to_thread(run, "1", "0.5")
    assert (well.returncode, well.stdout) == (0, ""), well
