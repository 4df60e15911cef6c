"""What is lost is found: publishes that nobody heard, restores, and checkpoints that are older or newer than the rows.

Deadlines are three times the contract's bound, and guard against a hang only. What every watcher holds in the end is
compared with the rows.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from hub.commands import bookings
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.day import DayView
from hub.domain.events import MAIN, stream_of
from hub.metrics import Metrics
from hub.security import Identity
from hub.store import database
from hub.views.checkpoints import Checkpoints, load
from hub.views.context import VenueContext
from hub.views.signing import Signer
from tests.conftest import SECRET_KEY, StartHub, two_hubs
from tests.watching import Watcher, converged, split, truth, watch
from tests.writing import writing_context

DAY = datetime.now(UTC).date() + timedelta(days=7)
SIGNER = Signer(SECRET_KEY, Metrics())
CHANNELS = [f"availability:{DAY}", f"floor:{DAY}", f"starts:{DAY}", "tables"]

# -- what nobody was told


def silent(settings: Settings, epoch: str) -> VenueContext:
    """A context whose publishes are all lost."""
    context = writing_context(settings, lambda events: None)
    context.shared.epoch = epoch
    return context


async def add_guest() -> str:
    """A user's row, for tests without a hub; returns the e-mail."""
    await database.fetch(
        "INSERT INTO users (email, full_name, password_hash, role, language) "
        "VALUES ($1, 'Ada Guest', '', 'user', 'en')",
        "guest@example.com",
    )
    return "guest@example.com"


async def book_silently(settings: Settings, email: str, *, at: int = 18, day: date = DAY) -> str:
    """Book in this process and tell nobody; returns the position."""
    [row] = await database.fetch("SELECT u.id, (SELECT epoch FROM hub) AS epoch FROM users u WHERE email = $1", email)
    context = silent(settings, row["epoch"])
    by = Identity(row["id"], "user", 0, 0.0)
    booking = await bookings.book(context, Call(by), BookingRequest(day, wall_time(at), 2))
    return f"{context.epoch}:{booking.version}"


@pytest.mark.slow
async def test_publish_that_was_lost_is_found_by_the_verification(
    start_hub: StartHub, connected: Settings, database_url: str
) -> None:
    hubs = await two_hubs(start_hub)
    host, guest = await hubs[0].staff("host"), await hubs[0].register()
    watchers = await watch(hubs, host.token, *CHANNELS)
    for n in range(3):
        mark = [len(watcher.said) for watcher in watchers]
        position = await book_silently(connected, guest.email, at=12 + 2 * n)
        await converged(watchers, database_url, *CHANNELS)
        for watcher, since in zip(watchers, mark, strict=True):
            assert watcher.held[CHANNELS[0]].position == position
            [update] = watcher.all("update", since, channel=CHANNELS[0])
            assert split(update["previous"])[1] == n
            await watcher.verified(watcher.said.index(update))
    for watcher in watchers:
        await watcher.leave()


@pytest.mark.slow
async def test_resume_on_a_process_that_was_not_told_loses_nothing(start_hub: StartHub, connected: Settings) -> None:
    hub = await start_hub()
    guest = await hub.register()
    channel = CHANNELS[0]
    async with await Watcher.connected(hub.live_url, guest.token, channel) as watcher:
        old = watcher.held[channel]
        for n in range(5):
            position = await book_silently(connected, guest.email, at=12 + n * 2)
            async with await Watcher.connected(hub.live_url, guest.token) as resumed:
                resumed.held[channel] = (await truth(connected.database_url, channel))[channel]
                answer = await resumed.ask("subscribe", channel=channel, since=position)
                assert (answer["recovered"], answer["position"]) == (True, position)
        assert old.position == watcher.held[channel].position or split(watcher.held[channel].position)[1] <= 5
        await converged([watcher], connected.database_url, channel)


@pytest.mark.slow
async def test_available_with_after_answers_at_that_position_though_nobody_was_told(
    start_hub: StartHub, connected: Settings
) -> None:
    hub = await start_hub()
    guest = await hub.register()
    path = f"/tables/available?date={DAY}&time=18:00"
    assert (await guest.client.get(path)).status_code == 200
    for n in range(5):
        position = await book_silently(connected, guest.email)
        answer = (await guest.client.get(f"{path}&after={position}")).json()
        assert answer["position"] == position
        assert len(answer["tables"]) == 15 - n


# -- a restore


async def restore_behind(database_url: str, versions: int, *, epoch: str | None) -> None:
    """What a backup that is some versions old leaves of DAY, under the same epoch or another one."""
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        stream = stream_of(MAIN, DAY)
        await connection.execute(
            "DELETE FROM occupancies WHERE booking_id IN (SELECT id FROM bookings WHERE service_date = $1 "
            "ORDER BY id DESC LIMIT $2)",
            DAY,
            versions,
        )
        await connection.execute(
            "DELETE FROM bookings WHERE id IN (SELECT id FROM bookings WHERE service_date = $1 "
            "ORDER BY id DESC LIMIT $2)",
            DAY,
            versions,
        )
        await connection.execute("UPDATE streams SET version = version - $2 WHERE name = $1", stream, versions)
        await connection.execute(
            "DELETE FROM events WHERE stream = $1 AND version > (SELECT version FROM streams WHERE name = $1)", stream
        )
        if epoch is not None:
            await connection.execute("UPDATE hub SET epoch = $1", epoch)
    await connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("epoch", ["newepoch", None])
async def test_restore_gives_every_watcher_a_resync_and_a_snapshot(
    start_hub: StartHub, database_url: str, epoch: str | None
) -> None:
    hubs = await two_hubs(start_hub)
    host, guest = await hubs[0].staff("host"), await hubs[0].register()
    watchers = await watch(hubs, host.token, *CHANNELS)
    for hour in (12, 14, 16):
        answer = await guest.client.post("/bookings", json={"date": str(DAY), "time": f"{hour}:00", "guests": 2})
        assert answer.status_code == 201
    await converged(watchers, database_url, *CHANNELS)
    await restore_behind(database_url, 2, epoch=epoch)
    for watcher in watchers:
        await watcher.until(lambda w=watcher: len(w.all("resync", reason="epoch")) == len(CHANNELS))  # type: ignore[misc]
    await converged(watchers, database_url, *CHANNELS)
    for watcher in watchers:
        # Also where nobody said that it was a restore: a head that went back makes another epoch by itself.
        assert {m["channel"] for m in watcher.all("resync", reason="epoch")} == set(CHANNELS)
    # And it goes on: what is booked through one is told by the other, in the new epoch.
    answer = await guest.client.post("/bookings", json={"date": str(DAY), "time": "20:00", "guests": 2})
    assert answer.status_code == 201
    await converged(watchers, database_url, *CHANNELS)
    async with await Watcher.connected(hubs[1].live_url, host.token, *CHANNELS) as newcomer:
        await converged([newcomer], database_url, *CHANNELS)
    for watcher in watchers:
        await watcher.leave()


# -- checkpoints


@pytest.fixture
async def redis(redis_url: str, patient_checkpoints: None) -> Any:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def test_checkpoint_of_a_slow_reader_cannot_replace_a_newer_one(redis: Redis, settings: Settings) -> None:
    checkpoints, epoch = Checkpoints(redis, settings, SIGNER), secrets.token_hex(4)
    await checkpoints.write(epoch, "tables", 10, {"version": 10})
    for older in (9, 1, 0, 10):
        await checkpoints.write(epoch, "tables", older, {"version": "older"})
        assert await checkpoints.read(epoch, "tables") == {"version": 10}
    versions = [11, 200, 30, 150, 99]
    await asyncio.gather(*(checkpoints.write(epoch, "tables", v, {"version": v}) for v in versions))
    assert await checkpoints.read(epoch, "tables") == {"version": 200}
    assert await checkpoints.read(secrets.token_hex(4), "tables") is None


async def test_checkpoint_lives_no_longer_than_it_was_told(redis: Redis, settings: Settings) -> None:
    checkpoints, epoch = Checkpoints(redis, settings, SIGNER), secrets.token_hex(4)
    await checkpoints.write(epoch, "tables", 1, {"version": 1})
    [key] = [key async for key in redis.scan_iter(f"*{epoch}*")]
    assert 0 < await redis.ttl(key) <= settings.cache_ttl.total_seconds()


async def test_checkpoint_above_the_head_is_thrown_away(redis: Redis, connected: Settings) -> None:
    email = await add_guest()
    checkpoints, stream = Checkpoints(redis, connected, SIGNER), stream_of(MAIN, DAY)
    epoch = split(await book_silently(connected, email))[0]
    strange = {"version": 3, "head": 3, "entries": {}}
    await checkpoints.write(epoch, stream, 3, strange)
    loaded = await load(checkpoints, epoch, stream)
    assert isinstance(loaded.view, DayView)
    assert (loaded.view.version, len(loaded.view.entries), loaded.from_rows) == (1, 1, True)
    # When the head gets there it must not pass for what the head is.
    await book_silently(connected, email)
    await book_silently(connected, email)
    day_view = (await load(checkpoints, epoch, stream)).view
    assert isinstance(day_view, DayView)
    assert (day_view.version, len(day_view.entries)) == (3, 3)


async def test_checkpoint_below_the_head_is_continued_by_the_events(redis: Redis, connected: Settings) -> None:
    email = await add_guest()
    checkpoints, stream = Checkpoints(redis, connected, SIGNER), stream_of(MAIN, DAY)
    epoch = split(await book_silently(connected, email))[0]
    first = await load(checkpoints, epoch, stream)
    assert first.from_rows
    await checkpoints.write(epoch, stream, first.view.version, first.view.checkpoint())
    await book_silently(connected, email)
    found = await load(checkpoints, epoch, stream)
    assert not found.from_rows
    await checkpoints.drop(epoch, stream)
    read = await load(checkpoints, epoch, stream)
    assert read.from_rows
    continued, rows = found.view, read.view
    assert continued.checkpoint() == rows.checkpoint()
    assert isinstance(rows, DayView) and isinstance(continued, DayView)
    assert continued.taken == rows.taken
