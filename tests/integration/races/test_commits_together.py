"""Changes of several days leave in one commit, and what holds one day up, or is wrong with it, is that day's alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from typing import Any

import asyncpg
import pytest

from hub.commands import bookings, changes, notifications
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain import decisions
from hub.domain.change import Change
from hub.domain.events import MAIN, stream_of
from hub.errors import SlotTaken, Unavailable
from hub.store.bookings import Booking
from hub.views import group_commit
from hub.views.context import VenueContext
from hub.views.writes import WorkingViews, Write
from tests import races
from tests.guests import until
from tests.races import day_ahead
from tests.writing import writing_context

DAYS = [day_ahead(60 + number) for number in range(12)]
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('hub stream ' || $1, 0))"
WAITING = (
    "SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
    "WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted"
)


@asynccontextmanager
async def held(settings: Settings, day: date) -> AsyncIterator[None]:
    """Somebody else is about to write to a day, until the block ends."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        async with connection.transaction():
            await connection.execute(LOCK, stream_of(MAIN, day))
            yield
    finally:
        await connection.close()


def book(context: VenueContext, person: Any, day: date, at: int = 18) -> asyncio.Task[Booking]:
    return asyncio.create_task(
        bookings.book(context, Call(person.identity), BookingRequest(day, time(at), 2)), name=day.isoformat()
    )


async def commits_of(sql: Any, made: list[Booking]) -> int:
    """How many commits wrote these bookings: the events of one have the same instant."""
    streams = [stream_of(MAIN, each.service_date) for each in made]
    [row] = await sql.fetch("SELECT count(DISTINCT at) AS n FROM events WHERE stream = ANY ($1)", streams)
    return int(row["n"])


async def test_bookings_of_many_days_leave_in_few_commits(connected: Settings, settings: Settings, sql: Any) -> None:
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, len(DAYS))
    made = await asyncio.gather(*(book(context, who, day) for who, day in zip(people, DAYS, strict=True)))
    assert [each.service_date for each in made] == DAYS
    assert [each.party.user_id for each in made] == [who.identity.user_id for who in people]
    assert await commits_of(sql, made) < len(DAYS) / 2
    canceled = await asyncio.gather(
        *(changes.cancel(context, Call(who.identity), each.id) for who, each in zip(people, made, strict=True))
    )
    assert {each.status for each in canceled} == {"canceled"}
    await races.check_rules(sql)


async def test_a_day_that_somebody_holds_holds_up_no_other(connected: Settings, settings: Settings, sql: Any) -> None:
    """Two are held, as many as there are commits under way: still all others are booked."""
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, len(DAYS))
    async with held(settings, DAYS[0]), held(settings, DAYS[1]):
        tasks = [book(context, who, day) for who, day in zip(people, DAYS, strict=True)]
        await asyncio.gather(*tasks[2:])
        assert not tasks[0].done() and not tasks[1].done()
    made = await asyncio.gather(*tasks)
    assert [each.service_date for each in made] == DAYS
    await races.check_rules(sql)


async def test_who_comes_while_the_lock_of_a_day_is_waited_for_goes_with_it(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 6)
    for each in people:
        await context.guest_of(each.identity.user_id)
    batches: Any = context.writes._batches
    batches._contended._until[stream_of(MAIN, DAYS[0])] = float("inf")  # as after a miss
    async with held(settings, DAYS[0]):
        tasks = [book(context, people[0], DAYS[0])]
        await until(lambda: sql.fetch(WAITING))
        tasks += [book(context, who, DAYS[0]) for who in people[1:]]

        async def all_wait() -> bool:
            return context.writes.waiting == len(people)

        await until(all_wait)
    assert await commits_of(sql, await asyncio.gather(*tasks)) == 1
    await races.check_rules(sql)


async def test_a_day_that_another_process_was_first_at_is_decided_anew_alone(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """The other's booking took the only table that fits, which this process has not heard of: its own is refused, and
    those of other days are made."""
    one, other = (writing_context(connected, lambda events: None) for _ in range(2))
    people = await races.make_people(sql, settings, len(DAYS) + 1)
    await asyncio.gather(*(book(one, who, day, 12) for who, day in zip(people, DAYS, strict=False)))
    [host] = await races.make_people(sql, settings, 1, "host")
    for table in range(1, 17):
        await bookings.book(other, Call(host.identity), BookingRequest(DAYS[5], time(18), 1, table_ids=[table]))
    told = await asyncio.gather(
        *(book(one, who, day) for who, day in zip(people, DAYS, strict=False)), return_exceptions=True
    )
    assert [getattr(each, "code", "booked") for each in told] == [
        "slot_taken" if day == DAYS[5] else "booked" for day in DAYS
    ]
    await races.check_rules(sql)


async def test_a_day_that_cannot_be_loaded_refuses_its_own_alone(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, len(DAYS))
    views: Any = context.writes._batches._views
    load, broken = views.to_write, stream_of(MAIN, DAYS[7])

    async def to_write(stream: str) -> Any:
        if stream == broken:
            raise Unavailable()
        return await load(stream)

    monkeypatch.setattr(views, "to_write", to_write)
    told = await asyncio.gather(
        *(book(context, who, day) for who, day in zip(people, DAYS, strict=True)), return_exceptions=True
    )
    assert [getattr(each, "code", "booked") for each in told] == [
        "unavailable" if day == DAYS[7] else "booked" for day in DAYS
    ]
    await races.check_rules(sql)


async def test_what_was_decided_on_a_change_that_is_left_out_is_decided_again(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table is given up by a guest who is busy, and another wants it, in one batch. The second is refused by its own
    decision, and not by the constraint, after which the whole day would be read anew."""
    context = writing_context(connected, lambda events: None)
    [guest] = await races.make_people(sql, settings, 1)
    [host] = await races.make_people(sql, settings, 1, "host")
    made = await bookings.book(context, Call(guest.identity), BookingRequest(DAYS[0], time(18), 2, table_ids=[1]))
    seen, stream = await changes.seen_as(made, None), stream_of(MAIN, DAYS[0])

    def cancel(views: WorkingViews, now: datetime) -> Change:
        return decisions.cancel(seen, views.day_view(stream), staff=True, rules=context.rules, now=now)

    def waiting(count: int) -> Callable[[], Awaitable[bool]]:
        async def are() -> bool:
            return context.writes.waiting == count

        return are

    renewed: list[Any] = []
    batches: Any = context.writes._batches
    renew = batches.renew

    async def noted(streams: Any) -> None:
        renewed.append(streams)
        await renew(streams)

    monkeypatch.setattr(batches, "renew", noted)
    holder = await asyncpg.connect(settings.database_url)
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM users WHERE id = $1 FOR UPDATE", guest.identity.user_id)
            write = Write(
                (stream,),
                cancel,
                host.identity.user_id,
                notifications=lambda change: notifications.of(change, context.settings),
            )
            with monkeypatch.context() as nothing_leaves:
                nothing_leaves.setattr(group_commit, "COMMITS", 0)
                given_up = asyncio.create_task(context.writes.submit(write))
                await until(waiting(1))
                wanted = asyncio.create_task(
                    bookings.book(context, Call(host.identity), BookingRequest(DAYS[0], time(18), 2, table_ids=[1]))
                )
                await until(waiting(2))
            context.writes._go_on(MAIN)
            with pytest.raises(SlotTaken):
                await wanted
            assert not given_up.done()
        assert (await given_up).written is not None
    finally:
        await holder.close()
    assert renewed == []
    await races.check_rules(sql)
