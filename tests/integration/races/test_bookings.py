"""Many who want the same slot or the same few tables: nobody is given what another has, and nothing deadlocks.

Each race has its negative control: with the guards taken away, the same race with the same judge must go red.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import time
from typing import Any

import pytest

from hub.commands import bookings, floor
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.views.context import VenueContext
from tests import races
from tests.conftest import StartHub
from tests.integration.races.conftest import Crowded, Place
from tests.races import Answer, Line, Person, PostgresLog, day_ahead
from tests.writing import writing_context

CLIENTS = 50
PLACES = [Place(day_ahead(days), at, table) for days in (20, 21) for at in ("18:00", "20:00") for table in range(1, 11)]
"""Forty: slots that touch, on two days, so that a lock of one day does not order all of it."""


async def all_want_each(clients: list[Line], places: list[Place]) -> dict[Place, Counter[str]]:
    """All clients ask for the same place at the same moment, one place after the other; what they were told."""
    return {
        place: Counter(
            answer.code
            for answer in await asyncio.gather(*(line.ask("POST", "/bookings", place.body()) for line in clients))
        )
        for place in places
    }


async def test_fifty_clients_who_want_one_slot_get_it_once(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog
) -> None:
    (server, settings), sql = crowded, crowded_sql
    async with races.lines(server, await races.make_people(sql, settings, CLIENTS)) as clients:
        told = await all_want_each(clients, PLACES)
    assert len(told) == 40
    assert [(place, codes) for place, codes in told.items() if codes != {"201": 1, "slot_taken": CLIENTS - 1}] == []
    assert await races.overlaps(sql) == []
    days = {place.day for place in PLACES}
    assert await sql.fetchval("SELECT count(*) FROM bookings WHERE service_date = ANY($1)", days) == 40
    await races.check_rules(sql)
    assert log.deadlocks() == []


async def drop_constraint(sql: Any) -> None:
    await sql.execute("ALTER TABLE occupancies DROP CONSTRAINT occupancies_never_overlap")


@pytest.mark.slow
async def test_fifty_clients_without_version_and_constraint_book_twice(
    start_hub: StartHub, settings: Settings, sql: Any
) -> None:
    """The negative control of the race above: the same race, and the same judge finds what it must."""
    await drop_constraint(sql)
    await races.mutate(sql, "hub_commit", races.VERSIONS_NOT_COMPARED)
    server = await start_hub(workers=2)
    async with races.lines(server, await races.make_people(sql, settings, CLIENTS)) as clients:
        told = await all_want_each(clients, PLACES[:10])
    doubled = {place for place, codes in told.items() if codes["201"] >= 2}
    assert doubled
    assert len(await races.overlaps(sql)) >= len(doubled)
    with pytest.raises(AssertionError, match="two occupancies of a table overlap"):
        await races.check_rules(sql)


@pytest.mark.slow
async def test_the_expected_version_alone_keeps_a_slot_single(
    start_hub: StartHub, settings: Settings, sql: Any
) -> None:
    """With the constraint gone nobody gets through who decided on a view that had been overtaken."""
    await drop_constraint(sql)
    server = await start_hub(workers=2)
    async with races.lines(server, await races.make_people(sql, settings, CLIENTS)) as clients:
        told = await all_want_each(clients, PLACES[:10])
    assert all(codes == {"201": 1, "slot_taken": CLIENTS - 1} for codes in told.values())
    await races.check_rules(sql)


@pytest.mark.slow
async def test_the_constraint_alone_keeps_a_slot_single(start_hub: StartHub, settings: Settings, sql: Any) -> None:
    """The last word is the constraint's: where no version is compared, it refuses what the decision let through."""
    await races.mutate(sql, "hub_commit", races.VERSIONS_NOT_COMPARED)
    server = await start_hub(workers=2)
    async with races.lines(server, await races.make_people(sql, settings, 20)) as clients:
        told = await all_want_each(clients, PLACES[:5])
    assert all(codes == {"201": 1, "slot_taken": 19} for codes in told.values())
    assert await races.overlaps(sql) == []


# -- no table named

ROOM_SIZE = 3
STARTS = [Place(day_ahead(days), at) for days in (20, 21, 22) for at in ("17:00", "18:00", "19:00", "20:00")]


async def keep_three_tables(context: VenueContext, admin: Person) -> None:
    for table in range(ROOM_SIZE + 1, 17):
        await floor.remove_table(context, Call(admin.identity), table)


async def all_want_all(clients: list[Line], places: list[Place]) -> list[tuple[Place, Answer]]:
    """Each client asks for every place, one after the other in an order of its own, all clients at once."""

    async def one(number: int, line: Line) -> list[tuple[Place, Answer]]:
        order = random.Random(number).sample(places, len(places))
        return [(place, await line.ask("POST", "/bookings", place.body())) for place in order]

    told = await asyncio.gather(*(one(number, line) for number, line in enumerate(clients)))
    return [answer for answers in told for answer in answers]


async def test_clients_who_take_any_table_never_get_more_than_there_are(
    start_hub: StartHub, settings: Settings, sql: Any, context: VenueContext, log: PostgresLog
) -> None:
    """Starts an hour apart and slots of two hours: each table's day is contended by slots that overlap in part."""
    [admin] = await races.make_people(sql, settings, 1, "admin")
    await keep_three_tables(context, admin)
    server = await start_hub(workers=2)
    async with races.lines(server, await races.make_people(sql, settings, CLIENTS)) as clients:
        told = await all_want_all(clients, STARTS)
    assert Counter(answer.code for _, answer in told).keys() == {"201", "slot_taken"}
    assert await races.overlaps(sql) == []
    assert await races.busiest(sql) == ROOM_SIZE
    made = sorted(answer.body["id"] for _, answer in told if answer.status == 201)
    assert made == [row["id"] for row in await sql.fetch("SELECT id FROM bookings ORDER BY id")]
    # Nothing is ever freed here, so a refusal that was right stays right: each table is taken at that slot.
    for place in {place for place, answer in told if answer.status == 409}:
        taken = await sql.fetchval(
            "SELECT count(DISTINCT table_id) FROM bookings WHERE service_date = $1 AND "
            "starts_at < ($2::date + $3::time + interval '2 hours') AT TIME ZONE 'UTC' "
            "AND ends_at > ($2::date + $3::time) AT TIME ZONE 'UTC'",
            place.day,
            place.day,
            time.fromisoformat(place.at),
        )
        assert taken == ROOM_SIZE, place
    await races.check_rules(sql)
    assert log.deadlocks() == []


async def test_those_who_take_any_table_without_guards_get_too_many(
    connected: Settings, settings: Settings, sql: Any, context: VenueContext
) -> None:
    """The negative control of the race above, with the moment that a race hits by chance: the second process decides on
    a day that it has read before the first one filled it."""
    [admin] = await races.make_people(sql, settings, 1, "admin")
    await keep_three_tables(context, admin)
    await drop_constraint(sql)
    await races.mutate(sql, "hub_commit", races.VERSIONS_NOT_COMPARED)
    first, second = (writing_context(connected, lambda events: None) for _ in range(2))
    day = STARTS[0].day
    await bookings.book(second, Call(admin.identity), BookingRequest(day, time(12), 2))
    for context in (first, first, first, second):
        await bookings.book(context, Call(admin.identity), BookingRequest(day, time(18), 2))
    assert await races.overlaps(sql)
    assert await races.busiest(sql) > ROOM_SIZE
