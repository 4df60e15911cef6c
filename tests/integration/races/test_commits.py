"""Changes that are decided on what a process holds: whatever order they come in, rows, events and views agree."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable
from datetime import UTC, datetime, time
from typing import Any

import pytest

from hub.commands import bookings, changes, floor
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.config import Settings
from hub.domain.change import BlockRow, Change, NewEvent
from hub.domain.events import MAIN, TABLES, stream_of
from hub.errors import HubError, SlotTaken
from hub.store.bookings import Booking
from hub.store.commit import Answer, Committed, Missed, commit
from hub.store.orders import Basis, Order
from hub.views import batch_commit, group_commit
from hub.views.context import VenueContext
from tests import races
from tests.races import day_ahead
from tests.writing import writing_context

DAYS = [day_ahead(50), day_ahead(51)]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What becomes of writers is judged here, and not how long they wait for it."""
    monkeypatch.setattr(group_commit, "WAIT_SECONDS", 120.0)


async def code_of(verb: Awaitable[object]) -> str:
    try:
        await verb
    except HubError as error:
        return error.code
    return "done"


async def check_views(contexts: list[VenueContext]) -> None:
    """Every process's views, brought to the head, are what the rows say."""
    day_view, room = [await races.load_day(day) for day in DAYS], await races.load_floor()
    for context in contexts:
        views: Any = context.writes._batches._views
        for day, expected in zip(DAYS, day_view, strict=True):
            held = await views.get(stream_of(MAIN, day))
            await views.bring_to_head(stream_of(MAIN, day))
            assert (held.version, held.head) == (expected.version, expected.head)
            assert held.day_view.raw == expected.raw
            assert held.day_view.taken == expected.taken
        held = await views.get(TABLES)
        await views.bring_to_head(TABLES)
        assert (held.version, held.floor_view.tables) == (room.version, room.tables)


@pytest.mark.parametrize("seed", range(3))
async def test_any_decisions_of_several_processes_leave_rows_events_and_views_alike(
    connected: Settings, settings: Settings, sql: Any, seed: int
) -> None:
    """Four sets of views, as four processes have them, with eight writers each on two days: who loses a race decides
    anew on the winner's state, and everybody gets through: none is told that others were always quicker."""
    contexts = [writing_context(connected, lambda events: None) for _ in range(4)]
    hosts = await races.make_people(sql, settings, 4, "host")
    made: list[Booking] = []
    told: Counter[str] = Counter()

    async def writer(number: int) -> None:
        rng, context, host = random.Random(f"{seed}-{number}"), contexts[number % 4], hosts[number % 4]
        for _ in range(6):
            act = rng.choice(["book", "book", "book", "move", "cancel", "seats"])
            start = time(rng.randint(12, 19), rng.choice((0, 15, 30, 45)))
            if act == "book" or not made:
                tables = rng.choice((None, [rng.randint(1, 16)]))
                guests = rng.randint(1, 6)
                try:
                    made.append(
                        await bookings.book(
                            context,
                            Call(host.identity),
                            BookingRequest(rng.choice(DAYS), start, guests, table_ids=tables),
                        )
                    )
                    told["done"] += 1
                except HubError as error:
                    told[error.code] += 1
                continue
            verb: Awaitable[object]
            booking = rng.choice(made).id
            if act == "move":
                verb = changes.reschedule(
                    context, Call(host.identity), booking, ChangeRequest(day=rng.choice(DAYS), at=start, table_id=None)
                )
            elif act == "cancel":
                verb = changes.cancel(context, Call(host.identity), booking)
            else:
                verb = floor.change_table(context, Call(host.identity), rng.randint(1, 16), seats=rng.randint(2, 6))
            told[await code_of(verb)] += 1

    await asyncio.gather(*(writer(number) for number in range(32)))
    assert told.keys() <= {"done", "slot_taken", "table_too_small", "already_canceled", "table_in_use", "conflict"}
    assert told["done"] > 60
    # A conflict may only be that of a booking that its two movers changed again and again; never the day's.
    assert told["conflict"] <= 2
    await races.check_rules(sql)
    await check_views(contexts)


async def test_progress_is_certain_for_thirty_two_writers_of_one_day(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    contexts = [writing_context(connected, lambda events: None) for _ in range(4)]
    people = await races.make_people(sql, settings, 32)
    starts = [time(hour, minute) for hour in (12, 14, 16, 18) for minute in (0,)]

    async def writer(number: int) -> list[str]:
        return [
            await code_of(
                bookings.book(contexts[number % 4], Call(people[number].identity), BookingRequest(DAYS[0], at, 2))
            )
            for at in starts
        ]

    told = Counter(code for codes in await asyncio.gather(*map(writer, range(32))) for code in codes)
    assert told == {"done": 4 * 16, "slot_taken": 4 * 16}
    await races.check_rules(sql)


async def test_a_refusal_is_told_only_when_the_database_confirms_it(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """A view that was overtaken shows a table as taken that is free again: nobody is refused for that."""
    one, other = (writing_context(connected, lambda events: None) for _ in range(2))
    [host] = await races.make_people(sql, settings, 1, "host")
    booked = await bookings.book(one, Call(host.identity), BookingRequest(DAYS[0], time(18), 2, table_ids=[1]))
    with pytest.raises(SlotTaken):
        await bookings.book(other, Call(host.identity), BookingRequest(DAYS[0], time(18), 2, table_ids=[1]))
    await changes.cancel(one, Call(host.identity), booked.id)
    again = await bookings.book(other, Call(host.identity), BookingRequest(DAYS[0], time(18), 2, table_ids=[1]))
    assert again.table.id == 1
    await races.check_rules(sql)


@pytest.mark.parametrize("stream", [stream_of(MAIN, DAYS[0]), TABLES], ids=["written", "judged by"])
async def test_another_history_of_the_same_length_is_missed_and_nothing_is_written(
    connected: Settings, settings: Settings, sql: Any, stream: str
) -> None:
    """A database that lost commits and got as many others has the same versions, and in the same epoch: the id of the
    last event tells them apart, of the day that is written and of the floor that it is judged by."""
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    await bookings.book(context, Call(host.identity), BookingRequest(DAYS[0], time(18), 2))
    day, room = await races.load_day(DAYS[0]), await races.load_floor()
    heads = {stream_of(MAIN, DAYS[0]): (day.version, day.head), TABLES: (room.version, room.head)}
    block = BlockRow(0, MAIN, DAYS[0], (16,), *(datetime.combine(DAYS[0], time(at), UTC) for at in (12, 14)), "")
    order = Order(
        Change(block=block, events=[NewEvent(block.stream, "blocked", {"block": None, "entry": block.entry()})])
    )

    async def write(ahead: int) -> Answer:
        basis = [
            Basis(name, version, head + ahead * (name == stream), name != TABLES)
            for name, (version, head) in heads.items()
        ]
        return await commit(context.epoch, MAIN, basis, [order])

    for ahead in (-1, 1):
        missed = await write(ahead)
        assert isinstance(missed, Missed) and missed.streams == {stream} and missed.events == []
    assert await sql.fetchval("SELECT count(*) FROM blocks") == 0
    assert (await races.load_day(DAYS[0])).head == day.head
    assert isinstance(await write(0), Committed)
    await races.check_rules(sql)


async def test_those_who_come_together_are_committed_together(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 20)
    sizes = []

    async def counted(epoch: str, venue_id: int, basis: Any, orders: Any, connection: Any = None, **how: Any) -> Any:
        sizes.append(len(orders))
        return await commit(epoch, venue_id, basis, orders, connection, **how)

    for person in people:
        await context.guest_of(person.id)  # who each of them is as a guest is known already

    monkeypatch.setattr(batch_commit, "commit", counted)
    codes = await asyncio.gather(
        *(code_of(bookings.book(context, Call(p.identity), BookingRequest(DAYS[0], time(18), 2))) for p in people)
    )
    assert Counter(codes) == {"done": 16, "slot_taken": 4}
    assert sizes == [10, 10]  # half of them, and those who waited meanwhile
    versions = await sql.fetch(
        "SELECT version FROM events WHERE stream = $1 ORDER BY version", stream_of(MAIN, DAYS[0])
    )
    assert [row["version"] for row in versions] == list(range(1, 17))
    await races.check_rules(sql)


async def test_a_view_that_can_not_be_loaded_anew_lets_nobody_hang(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows hold a table that the view shows as free; and the reload fails with a fault."""
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    booked = await bookings.book(context, Call(host.identity), BookingRequest(DAYS[0], time(18), 2, table_ids=[1]))
    await sql.execute("UPDATE occupancies SET table_id = 2 WHERE booking_id = $1", booked.id)

    async def broken(stream: str) -> None:
        raise RuntimeError(stream)

    monkeypatch.setattr(context.writes._batches._views, "reload", broken)
    async with asyncio.timeout(20):
        refusal = await code_of(
            bookings.book(context, Call(host.identity), BookingRequest(DAYS[0], time(18), 2, table_ids=[2]))
        )
    assert refusal == "slot_taken"
