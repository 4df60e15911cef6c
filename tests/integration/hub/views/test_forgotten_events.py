"""Whoever would go on from events that are forgotten takes the rows, and is never told that nothing was missed."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from redis.asyncio import Redis

from hub.commands import bookings, floor
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.day import DayView
from hub.domain.events import MAIN, floor_of
from hub.errors import NotFound
from hub.live import channels
from hub.live.resume import chain, read_missed
from hub.security import Identity
from hub.store import database, retention
from hub.views import day_history
from hub.views.checkpoints import Checkpoints, load
from tests.forgetting import LATER
from tests.views import DAY, SIGNER, STREAM, Make, book
from tests.writing import writing_context

LEFT = "SELECT version FROM events WHERE stream = $1 ORDER BY version"


async def forget(*, until: int | None = None) -> None:
    """Forget the day's events, those up to a version alone: the later ones are then as if they were written later."""
    if until is not None:

        async def date_later(connection: Any) -> None:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(
                "UPDATE events SET at = at + make_interval(days => $3) WHERE stream = $1 AND version > $2",
                STREAM,
                until,
                2 * LATER,
            )

        await database.transact(date_later)
    assert await retention.forget_events(-LATER) > 0
    first = [row["version"] for row in await database.fetch(LEFT, STREAM)]
    assert first == ([] if until is None else list(range(until + 1, first[-1] + 1)))


@pytest.mark.parametrize("until", [None, 1, 2])
async def test_view_that_missed_them_is_loaded_from_the_rows(
    make_process: Make, connected: Settings, by: Identity, until: int | None
) -> None:
    """In the same epoch, for nothing was lost; who watches gets a resync."""
    process = make_process()
    cached = await process.views.get(STREAM)
    process.listen()
    cached.watchers = 1
    process.views.apply(await book(connected, by, 12))
    epoch, before = process.context.epoch, cached.head
    await book(connected, by, 14, 16)
    await forget(until=until)
    await process.views.verify()
    assert process.context.epoch == epoch
    assert (cached.version, len(cached.day_view.entries)) == (3, 3) and cached.head != before
    of_rows = (await load(None, epoch, STREAM)).view
    assert cached.day_view.checkpoint() == of_rows.checkpoint()
    assert process.told.replacements == [(STREAM, "gap")] and process.told.verifications == 1
    process.views.apply(await book(connected, by, 18))
    assert (cached.version, len(cached.day_view.entries)) == (4, 4)
    assert process.told.replacements == [(STREAM, "gap")]  # it goes on by events


@pytest.mark.parametrize("until", [None, 1, 2])
async def test_change_that_was_decided_without_them_is_decided_anew(
    make_process: Make, connected: Settings, by: Identity, until: int | None
) -> None:
    one = writing_context(connected, lambda events: None)
    await bookings.book(one, Call(by), BookingRequest(DAY, time(12), 2))
    await book(connected, by, 14, 16)
    await forget(until=until)
    made = await bookings.book(one, Call(by), BookingRequest(DAY, time(18), 2))
    assert made.version == 4
    view = (await load(None, "", STREAM)).view
    assert isinstance(view, DayView) and len(view.entries) == 4


@pytest.mark.parametrize("further", [0, 2])
async def test_checkpoint_without_the_events_at_it_is_not_continued(
    connected: Settings, redis_url: str, by: Identity, further: int
) -> None:
    """Nothing shows any more that it is of this database; also where the events after it are there."""
    redis: Redis = Redis.from_url(redis_url)
    try:
        checkpoints = Checkpoints(redis, connected, SIGNER)
        await book(connected, by, 12)
        loaded = await load(None, "", STREAM)
        assert isinstance(loaded.view, DayView)
        await checkpoints.write(loaded.epoch, STREAM, 1, loaded.view.checkpoint())
        assert not (await load(checkpoints, loaded.epoch, STREAM)).from_rows
        await book(connected, by, *range(14, 14 + 2 * further, 2))
        await forget(until=1 if further else None)
        found = await load(checkpoints, loaded.epoch, STREAM)
        assert isinstance(found.view, DayView)
        assert (found.from_rows, found.view.version, len(found.view.entries)) == (True, 1 + further, 1 + further)
        assert await checkpoints.read(loaded.epoch, STREAM) is None
    finally:
        await redis.aclose()


async def test_floor_is_continued_by_its_next_event_however_old_the_last_one_is(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    """A floor stands still for years, and every commit is judged by it: its last event is kept."""
    process, stream = make_process(), floor_of(MAIN)
    context = writing_context(connected, lambda events: None)
    await floor.add_table(context, Call(by), name="Terrace 1", seats=4)
    cached = await process.views.get(stream)
    process.listen()
    cached.watchers = 1
    assert await retention.forget_events(-LATER) > 0
    assert [row["version"] for row in await database.fetch(LEFT, stream)] == [cached.version]
    await floor.add_table(context, Call(by), name="Terrace 2", seats=4)
    await process.views.verify()
    assert cached.version == (await load(None, "", stream)).view.version
    assert process.told.replacements == [] and len(process.told.steps) == 1


@pytest.mark.parametrize(("until", "resumed"), [(None, False), (1, True), (2, False)])
async def test_client_resumes_by_all_it_missed_or_not_at_all(
    make_process: Make, connected: Settings, by: Identity, until: int | None, resumed: bool
) -> None:
    """Its position is after the first change, and this process has not held the day before."""
    await book(connected, by, 12, 14, 16)
    await forget(until=until)
    process = make_process()
    cached = await process.views.get(STREAM)
    channel = channels.FLOOR.channel(DAY)
    missed = chain(await read_missed(channel, cached, 1), cached, 1, 3)
    assert (missed is not None) == resumed
    assert missed is None or [step.version for step in missed] == [2, 3]


@pytest.mark.parametrize("until", [None, 1, 2])
async def test_earlier_version_is_refused_and_not_guessed(
    make_process: Make, connected: Settings, by: Identity, until: int | None
) -> None:
    await book(connected, by, 12, 14, 16)
    times = [row["at"] for row in await database.fetch("SELECT at FROM events WHERE stream = $1 ORDER BY id", STREAM)]
    await forget(until=until)
    process = make_process()
    cached = await process.views.get(STREAM)
    for version in (1, 2, 3):
        with pytest.raises(NotFound, match=day_history.GONE):
            await day_history.at_version(process.views, STREAM, None, version)
    for at in times if until is None else times[:1]:
        with pytest.raises(NotFound, match=day_history.GONE):
            await day_history.at_instant(process.views, STREAM, at)
    assert len(cached.day_view.entries) == 3
