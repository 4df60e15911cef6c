"""The views of one process against a real database: loading, gaps, letting go, and the verification with its
control."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from hub.commands import floor
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import MAIN, TABLES, stream_of
from hub.errors import Unavailable
from hub.security import Identity
from hub.store import database
from hub.views import updater, verification
from hub.views.cached_view import CachedView
from hub.views.step import Step
from tests.views import DAY, STREAM, WITHIN, Make, RecordingObserver, book, foreign
from tests.writing import writing_context


async def test_view_that_many_ask_for_is_loaded_once(make_process: Make, by: Identity) -> None:
    process = make_process()
    await process.views.verify()
    found = await asyncio.gather(*(process.views.get(stream_of(MAIN, DAY)) for _ in range(50)))
    assert all(cached is found[0] for cached in found)


async def test_view_takes_the_events_that_it_hears(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    events = await book(connected, by, 12, 14, 16)
    process.views.apply(events)
    process.views.apply(events)
    assert cached.version == 3
    assert [step.version for step in process.told.steps] == [1, 2, 3]


async def test_event_that_was_overtaken_is_waited_for(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    one, two, three = await book(connected, by, 12, 14, 16)
    process.views.apply([three])
    process.views.apply([two])
    assert cached.version == 0
    process.views.apply([one])
    assert cached.version == 3
    assert [step.version for step in process.told.steps] == [1, 2, 3]
    assert cached.reorder_buffer == {} and cached.waiting is None


async def test_gap_that_stays_is_read_from_the_events(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    events = await book(connected, by, 12, 14, 16)
    process.views.apply(events[2:])  # and nothing verifies it: the gap alone asks
    await process.told.until(lambda: cached.version == 3)
    assert [step.version for step in process.told.steps] == [1, 2, 3]
    assert process.told.replacements == []


async def test_events_heard_while_a_view_is_loaded_are_not_lost(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    process = make_process()
    await process.views.verify()
    for hour in (12, 14, 16, 18, 20):
        loading = asyncio.create_task(process.views.get(stream_of(MAIN, DAY)))
        events = await book(connected, by, hour)
        process.views.apply(events)
        cached = await loading
        await asyncio.sleep(0)  # what was missed is handed over when the loading is done
        assert cached.version == events[0].version
        process.views._updater.cached.clear()


async def test_publish_that_was_lost_is_found_by_the_verification_and_unseen_without_it(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    verifying, blind = make_process(), make_process()
    cached, unseen = await verifying.views.get(stream_of(MAIN, DAY)), await blind.views.get(stream_of(MAIN, DAY))
    verifying.start()
    await book(connected, by, 12, 14)
    await verifying.told.until(lambda: cached.version == 2)
    assert unseen.version == 0  # the negative control: this one was never asked to verify itself
    await blind.views.verify()
    assert unseen.version == 2


@pytest.mark.parametrize("lost", ["streams", "events"])
async def test_proving_goes_on_after_a_fault_that_nobody_thought_of(
    make_process: Make, connected: Settings, by: Identity, lost: str
) -> None:
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    await book(connected, by, 12)
    await database.fetch(f"ALTER TABLE {lost} RENAME TO gone")
    process.start()
    await asyncio.sleep(0)  # its verification has begun, and we wait for the same one
    with pytest.raises(asyncpg.UndefinedTableError):
        await process.views.verify()
    await database.fetch(f"ALTER TABLE gone RENAME TO {lost}")
    await process.told.until(lambda: cached.version == 1 and process.told.verifications)


async def test_proving_goes_on_after_a_watcher_that_fails(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    class Clumsy(RecordingObserver):
        def changed(self, cached: CachedView, steps: Sequence[Step]) -> None:
            RecordingObserver.changed(self, cached, steps)
            if len(self.steps) == 1:
                raise ZeroDivisionError

    process = make_process()
    process.told = Clumsy()
    cached = await process.views.get(stream_of(MAIN, DAY))
    await book(connected, by, 12)
    process.start()
    await process.told.until(lambda: process.told.steps)
    await book(connected, by, 14)
    await process.told.until(lambda: cached.version == 2 and process.told.verifications)


async def test_verifications_that_are_asked_for_at_once_are_one(make_process: Make) -> None:
    process = make_process()
    await process.views.get(stream_of(MAIN, DAY))
    process.listen()
    before = process.told.verifications
    await asyncio.gather(*(process.views.verify() for _ in range(50)))
    assert process.told.verifications == before + 1


async def test_at_least_reads_on_to_the_version_that_is_asked_for(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    await book(connected, by, 12, 14)
    assert cached.version == 0
    assert (await process.views.get(stream_of(MAIN, DAY), at_least=2)).version == 2
    assert (await process.views.get(stream_of(MAIN, DAY), at_least=10**17)).version == 2


async def test_view_that_was_not_verified_for_long_is_not_shown(make_process: Make, by: Identity) -> None:
    process = make_process()
    cached = await process.views.get(stream_of(MAIN, DAY))
    assert process.views.peek(STREAM) is not None
    cached.verified_loop -= verification.UNVERIFIED_SECONDS + 1
    assert process.views.peek(STREAM) is None
    assert (await process.views.get(stream_of(MAIN, DAY))).stream == STREAM  # which verifies it
    assert process.views.peek(STREAM) is not None


async def test_at_most_so_many_views_are_held_and_watched_ones_stay(make_process: Make) -> None:
    process = make_process(views_most=64)
    days = [DAY + timedelta(days=n) for n in range(74)]
    watched = await process.views.get(stream_of(MAIN, days[0]))
    watched.watchers = 1
    for first in range(1, len(days), 16):
        await asyncio.gather(*(process.views.get(stream_of(MAIN, day)) for day in days[first : first + 16]))
    cached = [day for day in days if process.views._updater.cached.get(stream_of(MAIN, day))]
    assert 64 - 64 // updater.ROOM_PART <= len(cached) - 1 <= 64  # beside the one that is watched
    assert process.views.holds(watched)
    # Those that were read first have gone; within a batch the database answers in any order.
    assert set(days) - set(cached) <= set(days[1:17])
    # What was taken away is loaded again; and however many are watched, as many others are held.
    for each in list(process.views._updater.cached.values()):
        each.watchers = 1
    again = [await process.views.get(stream_of(MAIN, day)) for day in days[1:5]]
    assert all(process.views.holds(each) for each in again)
    # The control: without a bound all would stay.
    unbounded = make_process(views_most=0)
    for first in range(0, len(days), 16):
        await asyncio.gather(*(unbounded.views.get(stream_of(MAIN, day)) for day in days[first : first + 16]))
    assert len(unbounded.views._updater.cached) == len(days)


async def test_view_without_watcher_or_reader_is_let_go_after_a_while(make_process: Make) -> None:
    process = make_process()
    idle, watched, floor_view = [
        await process.views.get(s) for s in (STREAM, stream_of(MAIN, DAY + timedelta(days=1)), TABLES)
    ]
    watched.watchers = 1
    now = asyncio.get_running_loop().time()
    process.views._updater.evict_idle(now + updater.IDLE_SECONDS - 60)
    assert all(process.views.holds(cached) for cached in (idle, watched, floor_view))
    floor_view.used_at = now + 100
    process.views._updater.evict_idle(now + updater.IDLE_SECONDS + 60)
    assert not process.views.holds(idle)
    assert process.views.holds(watched) and process.views.holds(floor_view)
    assert await process.views.get(stream_of(MAIN, DAY)) is not idle


async def test_another_epoch_replaces_what_is_watched_and_forgets_the_rest(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    process = make_process()
    cached, floor_view = await process.views.get(stream_of(MAIN, DAY)), await process.views.get(TABLES)
    process.listen()
    cached.watchers = 1
    await book(connected, by, 12)
    await database.fetch("UPDATE hub SET epoch = 'newepoch'")
    await process.views.verify()
    assert process.told.replacements == [(STREAM, "epoch")]
    assert process.views.position(cached) == "newepoch:1"
    assert not process.views.holds(floor_view)
    # An event of the old epoch changes nothing any more.
    [event] = await book(connected, by, 14)
    process.views.apply([replace(event, epoch="oldepoch")])
    assert cached.version == 1
    process.views.apply([event])
    assert cached.version == 2


async def test_database_that_fails_while_another_epoch_is_made_is_unavailable(
    make_process: Make, connected: Settings, database_url: str
) -> None:
    """Whoever waits for this verification hears that the database is away, and not of a fault of ours."""
    process = make_process()
    await process.views.verify()
    before = process.context.epoch
    await database.fetch("UPDATE hub SET system_identifier = 'another server'")
    # Two connections: in one transaction pg_stat_activity shows for ever what it showed first.
    holder, onlooker = [await asyncpg.connect(database_url) for _ in range(2)]
    async with holder.transaction():
        await holder.execute("SELECT FROM hub FOR UPDATE")
        verification = asyncio.create_task(process.views.verify())
        async with asyncio.timeout(WITHIN):
            while not await onlooker.fetchval(CUT):  # noqa: ASYNC110 only the database knows
                await asyncio.sleep(0.01)
        with pytest.raises(Unavailable):
            await verification
    await process.views.verify()
    assert process.context.epoch != before
    await asyncio.gather(holder.close(), onlooker.close())


CUT = """
SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def test_view_ahead_of_the_database_is_loaded_anew(make_process: Make, by: Identity) -> None:
    process = make_process()
    floor_view = await process.views.get(TABLES)
    process.listen()
    floor_view.watchers = 1
    head = floor_view.version
    process.views.apply([foreign(process, floor_view, {"table": 1, "entry": None}, kind="table_removed")])
    assert 1 not in floor_view.floor_view.tables
    await process.views.verify()
    assert process.told.replacements == [(TABLES, "epoch")]
    assert floor_view.version == head
    assert 1 in floor_view.floor_view.tables


async def test_room_follows_each_change_of_a_table(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    floor_view = await process.views.get(TABLES)
    context = writing_context(connected, process.views.apply)
    table = (await floor.add_table(context, Call(by), name="Window", seats=4)).item
    assert floor_view.floor_view.tables[table.id] == table
    await floor.change_table(context, Call(by), table.id, seats=5)
    assert floor_view.floor_view.tables[table.id].seats == 5
    await floor.remove_table(context, Call(by), table.id)
    assert table.id not in floor_view.floor_view.tables
