"""What happens by time alone: a table with people on it is never given away, and a day ends by itself, whether somebody
looks or not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hub.commands import blocks, bookings, floor, housekeeping, search, service
from hub.commands.call import Call
from hub.commands.housekeeping import Housekeeping
from hub.commands.service import WalkInRequest
from hub.config import Settings
from hub.domain import calendar
from hub.domain.allocation import Day, is_free
from hub.domain.day import DayView
from hub.domain.events import MAIN, stream_of
from hub.errors import Changed, SlotTaken, TableInUse, Unavailable
from hub.process.keeper import Keeper
from hub.store import days
from hub.store.bookings import Booking
from hub.views.context import VenueContext
from hub.views.writes import Write
from tests import races, tonight
from tests.conftest import StartHub, make_settings
from tests.evenings import check_day, hold_until, sit, until
from tests.races import Person
from tests.writing import writing_context

SOME = timedelta(seconds=1)
"""A process knows the database's clock to some milliseconds, or to a longer wait on a busy machine."""
HOURS = {"WORKDAY_START_HOUR": "0", "WORKDAY_END_HOUR": "24"}
"""So that a party may sit now, whatever the time is."""


@pytest.fixture
async def settings(database_url: str, redis_url: str, data_dir: Any) -> Settings:
    return make_settings(database_url, redis_url, data_dir, **HOURS)


@pytest.fixture
async def host(settings: Settings, sql: Any) -> Person:
    [found] = await races.make_people(sql, settings, 1, "host")
    return found


@pytest.fixture
async def party(context: VenueContext, settings: Settings, sql: Any) -> int:
    """A guest."""
    [person] = await races.make_people(sql, settings, 1)
    return await context.guest_of(person.id)


@pytest.fixture
async def over_at(context: VenueContext, party: int) -> AsyncIterator[datetime]:
    """When the time of a party that sits at table 1 is over: in a moment."""
    now = datetime.now(UTC).replace(microsecond=0)
    ends_at = now + timedelta(seconds=2)
    await sit(context, party, today(context), now - timedelta(minutes=30), ends_at, 1)
    yield ends_at


def today(context: VenueContext) -> date:
    return calendar.service_day(context.now(), context.rules)


async def kinds(sql: Any, day: date) -> Counter[str]:
    rows = await sql.fetch("SELECT kind FROM events WHERE stream = $1 AND actor IS NULL", stream_of(MAIN, day))
    return Counter(row["kind"] for row in rows)


def is_free_by_the_plan(view: DayView, since: datetime) -> bool:
    """Whether a guest would be offered table 1 for the next ten minutes."""
    return is_free(Day(view).taken(1, 0), since, since + timedelta(minutes=10))


async def test_a_table_with_people_on_it_is_given_to_nobody_though_nobody_looks(
    context: VenueContext, host: Person, over_at: datetime, sql: Any
) -> None:
    await until(sql, over_at)
    for table in (1, 2):  # the first is asked for by name, the second is the next that is free
        if table == 1:
            with pytest.raises(SlotTaken):
                await service.walk_in(context, Call(host.identity), WalkInRequest(2, table_ids=[1]))
        else:
            made = await service.walk_in(context, Call(host.identity), WalkInRequest(2))
            assert made.table.id == 2
    found = await check_day(sql, today(context))
    [sitting] = [entry for entry in found.entries.values() if entry.table_id == 1]
    assert (sitting.ends_at, sitting.status) == (over_at + timedelta(minutes=15), "seated")
    assert not is_free_by_the_plan(found, over_at)
    with pytest.raises(SlotTaken):
        await blocks.close(
            context, Call(host.identity), starts_at=over_at, ends_at=over_at + timedelta(minutes=10), table_ids=[1]
        )


@pytest.mark.slow
async def test_a_table_with_people_on_it_is_free_by_the_plan_where_nothing_is_due(
    context: VenueContext, host: Person, over_at: datetime, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the one above. Whoever is led to the table finds the people at it all the same."""
    monkeypatch.setattr("hub.domain.housekeeping.due", lambda *args: [])
    await until(sql, over_at + SOME)
    with pytest.raises(SlotTaken):
        await service.walk_in(context, Call(host.identity), WalkInRequest(2, table_ids=[1]))
    assert is_free_by_the_plan(await check_day(sql, today(context)), over_at)


@pytest.mark.slow
async def test_a_table_with_people_on_it_is_not_taken_out_of_the_room(
    context: VenueContext, host: Person, over_at: datetime, sql: Any
) -> None:
    await until(sql, over_at + SOME)
    with pytest.raises(TableInUse):
        await floor.remove_table(context, Call(host.identity), 1)


async def at_table_1(context: VenueContext, host: Person) -> Booking:
    day = today(context)
    found, _ = await search.find(context, since=day, until=day, limit=10)
    [sitting] = [each for each in found if each.table.id == 1]
    return await bookings.read(context, by=host.identity, booking_id=sitting.id)


@pytest.mark.slow
async def test_a_change_of_the_hub_alone_spoils_no_precondition(
    context: VenueContext, host: Person, over_at: datetime, sql: Any
) -> None:
    """Whoever read the party before its time was over moves it after that."""
    read = await at_table_1(context, host)
    await until(sql, over_at + SOME)
    await Housekeeping(context.shared).look()
    assert await kinds(sql, today(context)) == {"walked_in": 1, "extended": 1}
    seen = frozenset({read.revision})
    [moved] = await service.move(context, Call(host.identity, revisions=seen), read.id, table_ids=[2])
    assert moved.revision == read.revision + 2  # each state has a number of its own
    with pytest.raises(Changed):  # a person has been there since
        await service.step(context, Call(host.identity, revisions=seen), "finish", read.id)
    left = await service.step(context, Call(host.identity, revisions=frozenset({moved.revision})), "finish", read.id)
    undone = await service.undo(context, Call(host.identity, revisions=frozenset({left.revision})), read.id)
    assert (undone.status, undone.ends_at) == ("seated", moved.ends_at)
    assert moved.ends_at >= over_at + timedelta(minutes=15)
    await check_day(sql, today(context))


async def test_a_persons_change_between_those_of_the_hub_spoils_it(
    context: VenueContext, host: Person, over_at: datetime, sql: Any
) -> None:
    read = await at_table_1(context, host)
    longer = await service.extend(context, Call(host.identity), read.id, minutes=5)  # the same kind of event
    for seen in (read.revision, longer.revision + 1):
        with pytest.raises(Changed):
            await service.step(context, Call(host.identity, revisions=frozenset({seen})), "finish", read.id)
    await service.step(context, Call(host.identity, revisions=frozenset({longer.revision, 99})), "finish", read.id)


@pytest.mark.slow
async def test_whoever_looks_second_finds_nothing(
    context: VenueContext, over_at: datetime, settings: Settings, sql: Any
) -> None:
    """Two processes look at the same moment, at a party and a hold whose time is over; and once more."""
    day = today(context)
    await hold_until(context, day + timedelta(days=3), "18:00", over_at, 4)
    other = writing_context(settings, lambda events: None)
    looks = [Housekeeping(context.shared), Housekeeping(other.shared)]
    await until(sql, over_at + SOME)
    found = await asyncio.gather(*(look.look() for look in looks))
    assert max(found) == 2
    assert await kinds(sql, day) == {"walked_in": 1, "extended": 1}
    assert await kinds(sql, day + timedelta(days=3)) == {"held": 1, "released": 1}
    assert [await look.look() for look in looks] == [0, 0]
    await check_day(sql, day)


async def test_who_is_followed_at_once_is_left_alone(
    context: VenueContext, over_at: datetime, party: int, sql: Any
) -> None:
    day = today(context)
    await sit(context, party, day, over_at, over_at + timedelta(hours=1), 1)
    await until(sql, over_at)
    assert await Housekeeping(context.shared).look() == 0
    await context.writes.submit(Write((context.day_stream(day),), housekeeping.nothing, housekeeping.NOBODY))
    assert await kinds(sql, day) == {"walked_in": 2}


async def test_after_the_closing_who_sits_sits_on_and_who_comes_late_is_seated(
    connected: Settings, database_url: str, redis_url: str, data_dir: Any, host: Person, party: int, sql: Any
) -> None:
    hours = {"RESTAURANT_TIMEZONE": tonight.zone(20), "WORKDAY_START_HOUR": "6", "WORKDAY_END_HOUR": "20"}
    late = writing_context(make_settings(database_url, redis_url, data_dir, **hours), lambda events: None)
    day = today(late)
    closed = calendar.opening(day, late.rules)[1]
    assert late.now() >= closed
    comes = await sit(late, party, day, closed - timedelta(hours=1), closed, 2, "booked")
    sits = await sit(late, party, day, closed - timedelta(hours=2), closed, 1)
    assert await Housekeeping(late.shared).look() == 1
    found = await check_day(sql, day)
    assert found.entries[sits].status == "seated" and found.entries[sits].ends_at > late.now()
    await service.step(late, Call(host.identity), "arrive", comes)
    await service.seat(late, Call(host.identity), comes)
    for id in (sits, comes):
        assert (await service.step(late, Call(host.identity), "finish", id)).status == "finished"
    assert (await service.undo(late, Call(host.identity), sits)).status == "seated"
    await check_day(sql, day)


async def test_yesterday_ends_by_itself(context: VenueContext, party: int, sql: Any) -> None:
    """Whoever sits has left, though nobody knows when; and nobody waits any more."""
    day = today(context) - timedelta(days=3)
    since = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    id = await sit(context, party, day, since, since + timedelta(hours=2), 1)
    await sit(context, party, day, since + timedelta(hours=2), since + timedelta(hours=3), 1)
    await sql.execute(
        "INSERT INTO waitlist (venue_id, group_id, service_date, guest_id, guests, status, place) "
        "VALUES (1, 1, $1, $2, 2, 'here', 1)",
        day,
        party,
    )
    await context.writes.renew([context.day_stream(day)])
    assert await Housekeeping(context.shared).look() == 1
    found = await kinds(sql, day)
    assert (found["finished"], found["queue_left"]) == (2, 1)
    row = await sql.fetchrow("SELECT status, left_at, ends_at FROM bookings WHERE id = $1", id)
    assert tuple(row) == ("finished", None, since + timedelta(hours=2))
    assert await sql.fetchval("SELECT status FROM waitlist") == "left"
    assert await sql.fetchval("SELECT count(*) FROM outbox") == 0  # nobody is mailed for it
    assert await Housekeeping(context.shared).look() == 0


async def test_looking_reads_indexes_alone(sql: Any) -> None:
    """However many rows there are: what is not due is not read."""
    await sql.execute("SET enable_seqscan = off")
    await sql.execute(
        "INSERT INTO holds (venue_id, service_date, table_ids, starts_at, ends_at, guests, digest, expires_at) "
        "SELECT 1, '2026-01-01', '[1]', now(), now() + interval '1 hour', 2, n::text, now() + n * interval '1 second' "
        "FROM generate_series(1, 5000) n"
    )
    await sql.execute("ANALYZE holds")
    plan = await sql.fetch("EXPLAIN " + days.DUE, [1], *[[date(2026, 1, 1)]] * 2)
    lines = "\n".join(row[0] for row in plan)
    for index in ("idx_holds_expires_a6d25b", "bookings_seated", "waitlist_once"):
        assert index in lines, lines


# -- the task


async def test_a_failure_is_said_once_and_tried_again(
    context: VenueContext, over_at: datetime, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("hub.process.keeper.log.warning", lambda event, **fields: said.append(fields["problem"]))
    monkeypatch.setattr("hub.process.keeper.log.info", lambda event, **fields: said.append(event))
    keeper = Keeper(context.shared)

    async def away(*args: Any) -> Any:
        raise Unavailable()

    await until(sql, over_at + SOME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.store.days.database.fetch", away)
        for _ in range(3):
            await keeper.look()
    assert said == ["unavailable"]
    for _ in range(2):
        await keeper.look()
    assert said == ["unavailable", "what is due is written again"]
    assert (await kinds(sql, today(context)))["extended"] == 1
    await keeper.stop()  # which was never started


@pytest.mark.slow
async def test_those_who_watch_see_it_within_seconds_and_a_stop_waits_for_nothing(
    start_hub: StartHub, context: VenueContext, host: Person, party: int, sql: Any
) -> None:
    """Two processes that nobody asks for anything."""
    server = await start_hub(workers=2, **HOURS)
    day, now = today(context), datetime.now(UTC).replace(microsecond=0)
    over_at = now + timedelta(seconds=2)
    await sit(context, party, day, now - timedelta(minutes=30), over_at, 1)
    await hold_until(context, day + timedelta(days=3), "18:00", over_at, 4)
    async with asyncio.timeout(30):
        while await sql.fetchval("SELECT count(*) FROM events WHERE kind IN ('extended', 'released')") < 2:
            await until(sql, datetime.now(UTC) + timedelta(milliseconds=100))
    async with races.lines(server, [host]) as [line]:
        shown = (await line.ask("GET", f"/days/{day}/floor")).body["bookings"]
    assert [each["end_at"] for each in shown.values()] == [f"{over_at + timedelta(minutes=15):%Y-%m-%dT%H:%M:%S}+00:00"]
    text = (await server.client().get("/metrics")).text
    for what in ("extended", "released"):
        assert f'hub_housekeeping_total{{what="{what}"}} 1.0' in text
    assert await server.stop() == 0
    assert '"level":"error"' not in server.output
    await check_day(sql, day)
