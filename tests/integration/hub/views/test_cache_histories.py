"""What can't be continued is loaded anew, and what can't be read is unavailable by itself, not its neighbours."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest
from redis.asyncio import Redis

from hub.config import Settings
from hub.domain.day import DayView
from hub.domain.events import MAIN, TABLES, stream_of
from hub.errors import Unavailable
from hub.live import channels
from hub.live.resume import read_missed
from hub.security import Identity
from hub.store import database
from hub.views import quarantine
from hub.views.checkpoints import Checkpoints, load
from hub.views.signing import Signer
from tests.integration.hub.test_metrics import value
from tests.servers import PATIENCE
from tests.views import DAY, METRICS, SIGNER, STREAM, Make, book, foreign

NEXT = DAY + timedelta(days=1)
CHANNEL = channels.FLOOR.channel(DAY)


async def rewrite(database_url: str, *statements: str) -> None:
    """Change what no program may change: guards are off."""
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)
    await connection.close()


# -- another history


async def test_a_change_that_the_database_lost_is_never_continued(
    make_process: Make, connected: Settings, database_url: str, by: Identity
) -> None:
    """The day is at the same version again, with another booking: its number alone would say that all is right."""
    process, late = make_process(), make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    cached.watchers = 1
    process.views.apply(await book(connected, by, 12))
    await late.views.get(stream_of(MAIN, DAY))
    lost, epoch = process.views.position(cached), process.context.epoch
    await rewrite(
        database_url,
        "DELETE FROM occupancies",
        "DELETE FROM bookings",
        "DELETE FROM events WHERE stream <> 'tables'",
        "UPDATE streams SET version = 0, head = 0 WHERE name <> 'tables'",
    )
    await book(connected, by, 14)
    await process.views.verify()
    await late.views.verify()
    assert process.told.replacements == [(STREAM, "epoch")]
    assert process.context.epoch == late.context.epoch != epoch
    assert process.views.position(cached) == f"{process.context.epoch}:1" != lost
    [entry] = cached.day_view.entries.values()
    assert entry.starts_at.hour == 14
    await process.views.verify()
    assert process.told.replacements == [(STREAM, "epoch")]  # once


@pytest.mark.parametrize("further", [0, 1, 3])
async def test_an_event_of_another_history_is_replaced_by_the_rows(
    make_process: Make, connected: Settings, by: Identity, further: int
) -> None:
    """A view that took what was never committed is found out however far the database has come meanwhile."""
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    cached.watchers = 1
    [real] = await book(connected, by, 12)
    entry = {**real.data["entry"], "guests": 9}
    process.views.apply([foreign(process, cached, {"booking": 77, "entry": entry}, kind="booked")])
    assert 77 in cached.day_view.entries
    await book(connected, by, *range(14, 14 + 2 * further, 2))
    await process.views.verify()
    assert set(cached.day_view.entries) == set(range(real.data["booking"], real.data["booking"] + 1 + further))
    assert [stream for stream, _ in process.told.replacements] == [STREAM]
    assert process.told.verifications == 1


async def test_events_that_follow_one_of_another_history_are_not_applied(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    events = await book(connected, by, 12, 14)
    process.views.apply([foreign(process, cached, {"booking": 77, "entry": None}, kind="canceled")])
    process.views.apply(events[1:])
    assert process.views.peek(STREAM) is None  # nobody is given it
    shown = await process.views.get(stream_of(MAIN, DAY))
    assert (shown.version, len(shown.day_view.entries)) == (2, 2)
    await process.told.until(lambda: process.told.replacements)
    assert process.told.replacements == [(STREAM, "gap")]


async def test_another_timeline_makes_another_epoch_at_the_first_commit(
    make_process: Make, connected: Settings, database_url: str, by: Identity
) -> None:
    """A standby that was promoted: not even the first booking on it is told under the old epoch."""
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    epoch = process.context.epoch
    await rewrite(database_url, "UPDATE hub SET timeline = '00000000'")
    [event] = await book(connected, by, 12)
    assert event.epoch != epoch
    process.views.apply([event])
    assert (cached.version, process.views.position(cached)) == (0, f"{epoch}:0")  # it waits for the next verification
    await process.views.verify()
    assert process.context.epoch == event.epoch
    [after] = await book(connected, by, 14)
    assert after.epoch == event.epoch


async def test_another_timeline_makes_another_epoch_at_the_next_verification(
    make_process: Make, database_url: str
) -> None:
    one, two = make_process(), make_process()
    cached = await one.views.get(stream_of(MAIN, DAY))
    await two.views.verify()
    epoch = one.context.epoch
    await rewrite(database_url, "UPDATE hub SET timeline = '00000000'")
    await asyncio.gather(one.views.verify(), two.views.verify())
    await two.views.verify()
    await one.views.verify()
    assert one.context.epoch == two.context.epoch != epoch
    assert not one.views.holds(cached)


async def test_checkpoint_of_another_history_is_thrown_away(
    connected: Settings, redis_url: str, by: Identity, patient_checkpoints: None
) -> None:
    redis: Redis = Redis.from_url(redis_url)
    checkpoints = Checkpoints(redis, connected, SIGNER)
    [event] = await book(connected, by, 12)
    loaded = await load(checkpoints, event.epoch, STREAM)
    saved = {**loaded.view.checkpoint(), "head": 10**9, "entries": {}}
    await checkpoints.write(event.epoch, STREAM, 1, saved)
    again = await load(checkpoints, event.epoch, STREAM)
    assert isinstance(again.view, DayView)
    assert (again.from_rows, len(again.view.entries)) == (True, 1)
    await redis.aclose()


@pytest.mark.parametrize("forged", ["no mark", "another key", "of another day"])
async def test_checkpoint_that_somebody_else_wrote_is_dropped_and_counted(
    connected: Settings, redis_url: str, by: Identity, patient_checkpoints: None, forged: str
) -> None:
    redis: Redis = Redis.from_url(redis_url)
    checkpoints = Checkpoints(redis, connected, SIGNER)
    [event] = await book(connected, by, 12)
    loaded = await load(checkpoints, event.epoch, STREAM)
    saved = orjson.dumps({**loaded.view.checkpoint(), "entries": {}})
    key, other = (checkpoints._key(event.epoch, stream) for stream in (STREAM, stream_of(MAIN, NEXT)))
    data = {
        "no mark": saved,
        "another key": Signer("y" * 32, METRICS).sign(key.encode(), saved),
        "of another day": SIGNER.sign(other.encode(), saved),
    }[forged]
    before = value(METRICS, "hub_redis_unsigned_total", kind="checkpoint")
    await redis.hset(key, mapping={"version": "1", "data": data})
    again = await load(checkpoints, event.epoch, STREAM)
    assert isinstance(again.view, DayView)
    assert (again.from_rows, len(again.view.entries)) == (True, 1)
    assert value(METRICS, "hub_redis_unsigned_total", kind="checkpoint") == before + 1
    # The control: with our mark it would have been believed.
    await redis.hset(key, mapping={"version": "1", "data": SIGNER.sign(key.encode(), saved)})
    believed = await load(checkpoints, event.epoch, STREAM)
    assert isinstance(believed.view, DayView)
    assert (believed.from_rows, len(believed.view.entries)) == (False, 0)
    await redis.aclose()


# -- what can't be read


@pytest.mark.parametrize("data", ["{}", '{"booking": "x", "entry": null}', "[]", '{"booking": 1, "entry": {"new": 1}}'])
@pytest.mark.parametrize("kind", ["merged", "booked"])
async def test_an_event_of_another_release_makes_its_view_load_anew(
    make_process: Make, connected: Settings, database_url: str, by: Identity, kind: str, data: str
) -> None:
    process = make_process()
    cached, other = await process.views.get(stream_of(MAIN, DAY)), await process.views.get(stream_of(MAIN, NEXT))
    process.listen()
    cached.watchers = other.watchers = 1
    await book(connected, by, 12)
    await rewrite(
        database_url,
        f"SELECT hub_append('{STREAM}', '{kind}', '{data}', NULL, NULL)",
    )
    await process.views.verify()
    assert (cached.version, len(cached.day_view.entries)) == (2, 1)
    assert process.told.replacements == [(STREAM, "gap")]
    assert process.told.verifications == 1
    await process.views.verify()
    assert process.told.replacements == [(STREAM, "gap")]
    assert process.views.holds(other)


async def test_a_client_that_missed_an_event_of_another_release_is_given_a_snapshot(
    make_process: Make, connected: Settings, database_url: str, by: Identity
) -> None:
    await book(connected, by, 12, 14)
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    assert len(await read_missed(CHANNEL, cached, 1)) == 1
    await rewrite(database_url, f"SELECT hub_append('{STREAM}', 'merged', '{{}}', NULL, NULL)")
    later = await make_process().views.get(stream_of(MAIN, DAY))
    assert await read_missed(CHANNEL, later, 1) == []


async def test_a_broken_row_makes_its_own_day_unavailable_and_no_other(
    make_process: Make, connected: Settings, database_url: str, by: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = make_process()
    cached, other, floor_view = [await process.views.get(s) for s in (STREAM, stream_of(MAIN, NEXT), TABLES)]
    process.listen()
    cached.watchers = other.watchers = floor_view.watchers = 1
    await book(connected, by, 12)
    await rewrite(
        database_url,
        "UPDATE bookings SET starts_at = '-infinity'",
        f"SELECT hub_append('{STREAM}', 'merged', '{{}}', NULL, NULL)",
    )
    await process.views.verify()
    assert process.told.failures == [STREAM]
    assert process.told.replacements == []
    assert process.told.verifications == 1  # of all the others
    assert process.views.peek(stream_of(MAIN, NEXT)) is other and process.views.peek(TABLES) is floor_view
    loads = value(METRICS, "hub_view_loads_total", source="rows")
    for _ in range(3):
        with pytest.raises(Unavailable):
            await process.views.get(stream_of(MAIN, DAY))
    assert value(METRICS, "hub_views_unavailable") == 1
    await process.views.verify()
    assert process.told.failures == [STREAM]  # said once
    assert value(METRICS, "hub_view_loads_total", source="rows") == loads

    await rewrite(database_url, "UPDATE bookings SET starts_at = ends_at - interval '2 hours'")
    async with asyncio.timeout(PATIENCE):
        found: Any = None
        while found is None:
            try:
                found = await process.views.get(stream_of(MAIN, DAY))
            except Unavailable:
                await asyncio.sleep(quarantine.FIRST_SECONDS / 10)  # it is tried again after a while, not each time
    assert len(found.day_view.entries) == 1
    assert value(METRICS, "hub_views_unavailable") == 0


async def test_a_server_that_follows_another_verifies_nothing(
    make_process: Make, connected: Settings, database_url: str
) -> None:
    process = make_process()
    await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    await database.fetch("ALTER FUNCTION hub_timeline() RENAME TO told")
    await database.fetch("CREATE FUNCTION hub_timeline() RETURNS text LANGUAGE sql AS 'SELECT NULL::text'")
    with pytest.raises(Unavailable):
        await process.views.verify()
    assert process.told.verifications == 0
