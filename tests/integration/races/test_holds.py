"""Holds under many hands: one of many gets a slot, a hold becomes one booking, and one whose time is over is let go
once and refuses nobody.

The judge reads rows; what a day shows is compared with what its events and its rows say.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from hub.commands import bookings, holds
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.errors import HoldLimit, HoldOver, SlotTaken
from hub.store import database
from hub.store import holds as holds_kept
from hub.views.context import VenueContext
from tests import races
from tests.conftest import StartHub
from tests.evenings import check_day, hold_until, until
from tests.integration.races.conftest import Crowded, Place
from tests.races import Answer, Line, PostgresLog, day_ahead
from tests.writing import writing_context

CLIENTS = 50


async def test_fifty_want_a_slot_and_whoever_holds_it_gets_it(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog
) -> None:
    (server, settings), sql = crowded, crowded_sql
    day = day_ahead(120)
    [host] = await races.make_people(sql, settings, 1, "host")
    people = await races.make_people(sql, settings, CLIENTS)
    async with races.lines(server, people) as clients, races.lines(server, [host]) as [stand]:
        for number, table in enumerate(range(1, 9)):
            place = Place(day, "18:00", table)
            held = await stand.ask("POST", "/holds", place.body())
            assert held.status == 201, held.body
            asks = [line.ask("POST", "/bookings", place.body()) for line in clients[1:]]
            body = {"date": day.isoformat(), "time": "18:00", "guests": 2, "hold": held.body["token"]}
            asks.insert(number * 6, clients[0].ask("POST", "/bookings", body))
            told = await asyncio.gather(*asks)
            mine = told.pop(number * 6)
            assert (mine.code, mine.body.get("table", {}).get("id")) == ("201", table)
            assert Counter(answer.code for answer in told) == {"slot_taken": CLIENTS - 1}
    shown = await check_day(sql, day)
    assert len(shown.entries) == 8 and shown.holds == {}
    assert log.deadlocks() == []


async def test_fifty_with_one_token_get_one_booking(crowded: Crowded, crowded_sql: Any, log: PostgresLog) -> None:
    """One that comes too late finds the hold gone: while there are other tables it gets one, then it is told so."""
    (server, settings), sql = crowded, crowded_sql
    day = day_ahead(121)
    [host] = await races.make_people(sql, settings, 1, "host")
    async with (
        races.lines(server, await races.make_people(sql, settings, CLIENTS)) as clients,
        races.lines(server, [host]) as [stand],
    ):
        others = [row["id"] for row in await sql.fetch("SELECT id FROM tables WHERE id > 1 AND retired_at IS NULL")]
        for table in others:
            assert (await stand.ask("POST", "/bookings", Place(day, "18:00", table).body(1))).status == 201
        held = await stand.ask("POST", "/holds", Place(day, "18:00").body())
        body = {"date": day.isoformat(), "time": "18:00", "guests": 2, "hold": held.body["token"]}
        told = await asyncio.gather(*(line.ask("POST", "/bookings", body) for line in clients))
    assert Counter(answer.code for answer in told) == {"201": 1, "hold_over": CLIENTS - 1}
    assert len((await check_day(sql, day)).entries) == len(others) + 1
    assert log.deadlocks() == []


async def test_a_guest_who_asks_many_times_at_once_has_one_hold(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog
) -> None:
    """On many days, over both processes: whoever is quicker is not undone by who is slower."""
    (server, settings), sql = crowded, crowded_sql
    [guest] = await races.make_people(sql, settings, 1)
    days = [day_ahead(number) for number in range(122, 132)]
    async with races.lines(server, [guest] * len(days)) as clients:
        told = await asyncio.gather(
            *(line.ask("POST", "/holds", Place(day, "18:00").body()) for line, day in zip(clients, days, strict=True))
        )
        codes = Counter(answer.code for answer in told)
        assert codes.keys() <= {"201", "hold_limit"} and codes["201"] >= 1
        assert await sql.fetchval("SELECT count(*) FROM holds WHERE made_by_id = $1", guest.id) == 1
        again = await clients[0].ask("POST", "/holds", Place(days[0], "18:00").body())
        assert again.code == "201"
    assert await sql.fetchval("SELECT count(*) FROM holds WHERE made_by_id = $1", guest.id) == 1
    for day in days:
        await check_day(sql, day)
    assert log.deadlocks() == []


@pytest.mark.slow
async def test_a_guest_has_many_holds_where_nobody_counts_them(
    start_hub: StartHub, settings: Settings, sql: Any
) -> None:
    """The negative control of the one above."""
    await races.mutate(sql, "hub_commit", {"v_change->>'one_hold_of' IS NOT NULL AND": "false AND"})
    server = await start_hub(workers=2)
    [guest] = await races.make_people(sql, settings, 1)
    days = [day_ahead(number) for number in range(122, 132)]
    async with races.lines(server, [guest] * len(days)) as clients:
        told = await asyncio.gather(
            *(line.ask("POST", "/holds", Place(day, "18:00").body()) for line, day in zip(clients, days, strict=True))
        )
    assert all(answer.code == "201" for answer in told)
    assert await sql.fetchval("SELECT count(*) FROM holds WHERE made_by_id = $1", guest.id) > 1


# -- holds that end


async def ask_at(sql: Any, at: datetime, clients: list[Line], body: dict[str, Any]) -> list[Answer]:
    await until(sql, at)
    return list(await asyncio.gather(*(line.ask("POST", "/bookings", body) for line in clients)))


@pytest.mark.slow
async def test_two_processes_at_the_end_of_a_hold_let_it_go_once(
    crowded: Crowded, crowded_sql: Any, context: VenueContext, connected: Settings, log: PostgresLog
) -> None:
    """Each of fifty asks for the held table at the moment at which its hold ends: one gets it, none is refused by the
    dead hold, and it is released once."""
    (server, settings), sql = crowded, crowded_sql
    await database.connect(settings)
    there = writing_context(settings, lambda events: None)
    day = day_ahead(140)
    async with races.lines(server, await races.make_people(sql, settings, CLIENTS)) as clients:
        for table in range(1, 7):
            expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
            await hold_until(there, day, "18:00", expires_at, table, token=f"race {table}")
            told = await ask_at(sql, expires_at, clients, Place(day, "18:00", table).body())
            assert Counter(answer.code for answer in told) == {"201": 1, "slot_taken": CLIENTS - 1}
    kinds = await sql.fetch("SELECT kind, actor FROM events WHERE stream = $1 ORDER BY version", stream_of(MAIN, day))
    assert Counter(row["kind"] for row in kinds) == {"held": 6, "released": 6, "booked": 6}
    assert all(row["actor"] is None for row in kinds if row["kind"] == "released")
    await check_day(sql, day)
    assert log.deadlocks() == []


async def test_a_hold_whose_time_is_over_refuses_nobody_though_nobody_looks(
    context: VenueContext, settings: Settings, sql: Any
) -> None:
    """No keeper runs here: what is decided next lets it go, in the same commit."""
    [person, other] = await races.make_people(sql, settings, 2)
    day = day_ahead(20)
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    for table in range(1, 17):
        await hold_until(context, day, "18:00", expires_at, table, token=str(table))
    ask = BookingRequest(day, time(18), 2)
    with pytest.raises(SlotTaken):
        await bookings.book(context, Call(person.identity), ask)
    await until(sql, expires_at)
    made = await bookings.book(context, Call(person.identity), ask)
    assert made.table.id == 1 and (await check_day(sql, day)).holds == {}
    [at] = {row["at"] for row in await sql.fetch("SELECT at FROM events WHERE kind IN ('released', 'booked')")}
    assert at >= expires_at
    hold = await holds.hold(context, Call(other.identity), day=day, at=time(18), guests=2)
    assert hold.row.tables == (2,)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [-420, -1.8, 1.8, 420])
async def test_it_is_the_databases_clock_by_which_a_hold_ends(
    connected: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Whatever the process's own says: ahead, it would let the hold go too early; behind, too late."""
    [person] = await races.make_people(sql, connected, 1)
    day = day_ahead(20)
    wrong = timedelta(seconds=seconds)

    def misled() -> VenueContext:
        context = writing_context(connected, lambda events: None)
        monkeypatch.setattr(context.writes._batches._clock, "_own", lambda: datetime.now(UTC) + wrong)
        return context

    good = writing_context(connected, lambda events: None)
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    for table in range(1, 17):
        await hold_until(good, day, "18:00", expires_at, table, token=str(table))
    ask = BookingRequest(day, time(18), 2)
    with pytest.raises(SlotTaken) as refused:
        await bookings.book(misled(), Call(person.identity), ask)
    assert refused.value.extra["alternatives"]
    assert await sql.fetchval("SELECT count(*) FROM holds") == 16
    await until(sql, expires_at)
    assert (await bookings.book(misled(), Call(person.identity), ask)).table.id == 1
    await check_day(sql, day)


async def test_a_dead_hold_refuses_without_what_is_in_front_of_a_decision(
    context: VenueContext, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the two above."""
    monkeypatch.setattr("hub.domain.housekeeping.due", lambda *args: [])
    [person] = await races.make_people(sql, settings, 1)
    day = day_ahead(20)
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    for table in range(1, 17):
        await hold_until(context, day, "18:00", expires_at, table, token=str(table))
    await until(sql, expires_at)
    monkeypatch.setattr("hub.domain.housekeeping.a_hold_ended", lambda *args: False)
    with pytest.raises(SlotTaken):
        await bookings.book(context, Call(person.identity), BookingRequest(day, time(18), 2))


async def test_a_hold_that_is_over_still_books_what_is_free(
    context: VenueContext, settings: Settings, sql: Any
) -> None:
    first, second = await races.make_people(sql, settings, 2)
    day = day_ahead(20)
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    await hold_until(context, day, "18:00", expires_at, 5, token="mine")
    await until(sql, expires_at + timedelta(seconds=1))  # a process knows the clock to some milliseconds
    ask = BookingRequest(day, time(18), 2, hold="mine")
    made = await bookings.book(context, Call(first.identity), ask)
    assert made.table.id == 1
    for table in range(2, 17):
        await bookings.book(context, Call(second.identity), BookingRequest(day, time(18), 1, table_ids=[table]))
    with pytest.raises(HoldOver) as refused:
        await bookings.book(context, Call(second.identity), ask)
    assert refused.value.extra["alternatives"]
    await check_day(sql, day)


@pytest.mark.slow
async def test_a_restart_forgets_no_hold(start_hub: StartHub, settings: Settings, sql: Any) -> None:
    server = await start_hub()
    [guest, other] = await races.make_people(sql, settings, 2)
    place = Place(day_ahead(20), "18:00")
    async with races.lines(server, [guest]) as [line]:
        held = await line.ask("POST", "/holds", place.body())
    await server.stop()
    server = await start_hub()
    async with races.lines(server, [other]) as [others]:
        taken = await others.ask("POST", "/bookings", {**place.body(), "table_id": held.body["tables"][0]})
        assert taken.code == "slot_taken"
    async with races.lines(server, [guest]) as [line]:
        booked = await line.ask("POST", "/bookings", {**place.body(), "hold": held.body["token"]})
        assert (booked.code, booked.body["table"]["id"]) == ("201", held.body["tables"][0])
    await check_day(sql, place.day)


async def test_who_holds_elsewhere_is_told(context: VenueContext, settings: Settings, sql: Any) -> None:
    """A hold that was made between the reading and the commit stays, and the later one is refused."""
    [person] = await races.make_people(sql, settings, 1)
    day, other = day_ahead(20), day_ahead(21)
    await holds.hold(context, Call(person.identity), day=day, at=time(18), guests=2)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(HoldLimit):
        patch.setattr(holds_kept, "HELD", f"SELECT * FROM ({holds_kept.HELD}) AS h WHERE false")
        await holds.hold(context, Call(person.identity), day=other, at=time(18), guests=2)
    assert await sql.fetchval("SELECT count(*) FROM holds") == 1
