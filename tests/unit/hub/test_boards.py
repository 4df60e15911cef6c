"""The boards of one process against a real database: loading, gaps, letting go, and the proof with its control."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from hub import boards, database, tables
from hub.config import Settings
from hub.domain.event import TABLES, stream_of
from hub.errors import Unavailable
from hub.held import Held, Step
from hub.house import House
from hub.security import Identity
from tests.views import DAY, STREAM, WITHIN, Make, Told, book, foreign


async def test_board_that_many_ask_for_is_loaded_once(make_process: Make, by: Identity) -> None:
    process = make_process()
    await process.boards.prove()
    found = await asyncio.gather(*(process.boards.day(DAY) for _ in range(50)))
    assert all(held is found[0] for held in found)


async def test_board_takes_the_events_that_it_hears(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    held = await process.boards.day(DAY)
    process.listen()
    events = await book(connected, by, 12, 14, 16)
    process.boards.heard(events)
    process.boards.heard(events)
    assert held.version == 3
    assert [step.version for step in process.told.steps] == [1, 2, 3]


async def test_event_that_was_overtaken_is_waited_for(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    held = await process.boards.day(DAY)
    process.listen()
    one, two, three = await book(connected, by, 12, 14, 16)
    process.boards.heard([three])
    process.boards.heard([two])
    assert held.version == 0
    process.boards.heard([one])
    assert held.version == 3
    assert [step.version for step in process.told.steps] == [1, 2, 3]
    assert held.early == {} and held.waiting is None


async def test_gap_that_stays_is_read_from_the_events(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    held = await process.boards.day(DAY)
    process.listen()
    events = await book(connected, by, 12, 14, 16)
    process.boards.heard(events[2:])  # and nothing proves it: the gap alone asks
    await process.told.until(lambda: held.version == 3)
    assert [step.version for step in process.told.steps] == [1, 2, 3]
    assert process.told.replacements == []


async def test_events_heard_while_a_board_is_loaded_are_not_lost(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    process = make_process()
    await process.boards.prove()
    for hour in (12, 14, 16, 18, 20):
        loading = asyncio.create_task(process.boards.day(DAY))
        events = await book(connected, by, hour)
        process.boards.heard(events)
        held = await loading
        await asyncio.sleep(0)  # what was missed is handed over when the loading is done
        assert held.version == events[0].version
        process.boards._held.clear()


async def test_publish_that_was_lost_is_found_by_the_proof_and_unseen_without_it(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    proving, blind = make_process(), make_process()
    held, unseen = await proving.boards.day(DAY), await blind.boards.day(DAY)
    proving.start()
    await book(connected, by, 12, 14)
    await proving.told.until(lambda: held.version == 2)
    assert unseen.version == 0  # the negative control: this one was never asked to prove itself
    await blind.boards.prove()
    assert unseen.version == 2


@pytest.mark.parametrize("lost", ["streams", "events"])
async def test_proving_goes_on_after_a_fault_that_nobody_thought_of(
    make_process: Make, connected: Settings, by: Identity, lost: str
) -> None:
    process = make_process()
    held = await process.boards.day(DAY)
    await book(connected, by, 12)
    await database.fetch(f"ALTER TABLE {lost} RENAME TO gone")
    process.start()
    await asyncio.sleep(0)  # its proof has begun, and we wait for the same one
    with pytest.raises(asyncpg.UndefinedTableError):
        await process.boards.prove()
    await database.fetch(f"ALTER TABLE gone RENAME TO {lost}")
    await process.told.until(lambda: held.version == 1 and process.told.proofs)


async def test_proving_goes_on_after_a_watcher_that_fails(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    class Clumsy(Told):
        def changed(self, held: Held, steps: Sequence[Step]) -> None:
            Told.changed(self, held, steps)
            if len(self.steps) == 1:
                raise ZeroDivisionError

    process = make_process()
    process.told = Clumsy()
    held = await process.boards.day(DAY)
    await book(connected, by, 12)
    process.start()
    await process.told.until(lambda: process.told.steps)
    await book(connected, by, 14)
    await process.told.until(lambda: held.version == 2 and process.told.proofs)


async def test_proofs_that_are_asked_for_at_once_are_one(make_process: Make) -> None:
    process = make_process()
    await process.boards.day(DAY)
    process.listen()
    before = process.told.proofs
    await asyncio.gather(*(process.boards.prove() for _ in range(50)))
    assert process.told.proofs == before + 1


async def test_at_least_reads_on_to_the_version_that_is_asked_for(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    process = make_process()
    held = await process.boards.day(DAY)
    await book(connected, by, 12, 14)
    assert held.version == 0
    assert (await process.boards.day(DAY, at_least=2)).version == 2
    assert (await process.boards.day(DAY, at_least=10**17)).version == 2


async def test_board_that_was_not_proved_for_long_is_not_shown(make_process: Make, by: Identity) -> None:
    process = make_process()
    await process.boards.day(DAY)
    assert process.boards.peek(STREAM) is not None
    process.boards._proved_loop -= boards.DOUBT_SECONDS + 1
    assert process.boards.peek(STREAM) is None
    assert (await process.boards.day(DAY)).stream == STREAM  # which proves it
    assert process.boards.peek(STREAM) is not None


async def test_at_most_so_many_boards_are_held_and_watched_ones_stay(make_process: Make) -> None:
    process = make_process()
    days = [DAY + timedelta(days=n) for n in range(boards.MOST_BOARDS + 10)]
    watched = await process.boards.day(days[0])
    watched.watchers = 1
    for first in range(1, len(days), 16):
        await asyncio.gather(*(process.boards.day(day) for day in days[first : first + 16]))
    held = [day for day in days if process.boards._held.get(stream_of(day))]
    assert len(held) == boards.MOST_BOARDS
    assert process.boards.holds(watched)
    # Those that were read first have gone; within a batch the database answers in any order.
    assert set(days) - set(held) <= set(days[1:17])


async def test_board_without_watcher_or_reader_is_let_go_after_a_while(make_process: Make) -> None:
    process = make_process()
    idle, watched, room = [await process.boards.get(s) for s in (STREAM, stream_of(DAY + timedelta(days=1)), TABLES)]
    watched.watchers = 1
    now = asyncio.get_running_loop().time()
    process.boards._let_go(now + boards.IDLE_SECONDS - 60)
    assert all(process.boards.holds(held) for held in (idle, watched, room))
    room.used_at = now + 100
    process.boards._let_go(now + boards.IDLE_SECONDS + 60)
    assert not process.boards.holds(idle)
    assert process.boards.holds(watched) and process.boards.holds(room)
    assert await process.boards.day(DAY) is not idle


async def test_another_epoch_replaces_what_is_watched_and_forgets_the_rest(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    process = make_process()
    held, room = await process.boards.day(DAY), await process.boards.room()
    process.listen()
    held.watchers = 1
    await book(connected, by, 12)
    await database.fetch("UPDATE hub SET epoch = 'newepoch'")
    await process.boards.prove()
    assert process.told.replacements == [(STREAM, "epoch")]
    assert process.boards.position(held) == "newepoch:1"
    assert not process.boards.holds(room)
    # An event of the old epoch changes nothing any more.
    [event] = await book(connected, by, 14)
    process.boards.heard([replace(event, epoch="oldepoch")])
    assert held.version == 1
    process.boards.heard([event])
    assert held.version == 2


async def test_database_that_fails_while_another_epoch_is_made_is_unavailable(
    make_process: Make, connected: Settings, database_url: str
) -> None:
    """Whoever waits for this proof hears that the database is away, and not of a fault of ours."""
    process = make_process()
    await process.boards.prove()
    before = process.house.epoch
    await database.fetch("UPDATE hub SET system_identifier = 'another server'")
    # Two connections: in one transaction pg_stat_activity shows for ever what it showed first.
    holder, onlooker = [await asyncpg.connect(database_url) for _ in range(2)]
    async with holder.transaction():
        await holder.execute("SELECT FROM hub FOR UPDATE")
        proof = asyncio.create_task(process.boards.prove())
        async with asyncio.timeout(WITHIN):
            while not await onlooker.fetchval(CUT):  # noqa: ASYNC110 only the database knows
                await asyncio.sleep(0.01)
        with pytest.raises(Unavailable):
            await proof
    await process.boards.prove()
    assert process.house.epoch != before
    await asyncio.gather(holder.close(), onlooker.close())


CUT = """
SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def test_board_ahead_of_the_database_is_loaded_anew(make_process: Make, by: Identity) -> None:
    process = make_process()
    room = await process.boards.room()
    process.listen()
    room.watchers = 1
    head = room.version
    process.boards.heard([foreign(process, room, {"table": 1, "entry": None}, kind="table_removed")])
    assert 1 not in room.room.tables
    await process.boards.prove()
    assert process.told.replacements == [(TABLES, "epoch")]
    assert room.version == head
    assert 1 in room.room.tables


async def test_room_follows_each_change_of_a_table(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    room = await process.boards.room()
    house = House(connected, process.boards.heard)
    table = await tables.add_table(house, by=by, name="Window", seats=4)
    assert room.room.tables[table.id] == table
    await tables.change_table(house, by=by, table_id=table.id, seats=5)
    assert room.room.tables[table.id].seats == 5
    await tables.remove_table(house, by=by, table_id=table.id)
    assert table.id not in room.room.tables
