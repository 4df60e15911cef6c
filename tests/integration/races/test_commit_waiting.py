"""Changes that wait for their day: only so many, only so long, and none after the stop."""

from __future__ import annotations

import asyncio
from datetime import UTC, time
from typing import Any

import pytest

from hub.commands import bookings
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.errors import Overloaded, TooManyRequests
from hub.views import group_commit
from hub.views.context import VenueContext
from tests import races
from tests.integration.races.test_commits import DAYS, code_of
from tests.races import Person
from tests.writing import writing_context


@pytest.fixture
async def held(connected: Settings, settings: Settings, sql: Any) -> Any:
    """A day whose lock somebody holds, a context, and three guests."""
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 3)
    await bookings.book(context, Call(people[0].identity), BookingRequest(DAYS[0], time(12), 2))
    for person in people:
        await context.guest_of(person.id)  # who each is as a guest is known already, in the epoch that is known by now
    async with sql.transaction():
        await sql.execute("SELECT hub_lock($1)", stream_of(MAIN, DAYS[0]))
        yield context, people


def book_at(context: VenueContext, person: Person, hour: int) -> asyncio.Task[str]:
    return asyncio.create_task(
        code_of(bookings.book(context, Call(person.identity), BookingRequest(DAYS[0], time(hour), 2)))
    )


async def test_only_so_many_wait_for_a_day_and_of_one_guest(
    held: Any, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, people = held
    monkeypatch.setattr(context.writes, "_most", 2)
    monkeypatch.setattr(context.writes, "_most_of_user", 2)
    first = book_at(context, people[0], 14)
    await races.until_waiting(sql, 1)
    second, third = book_at(context, people[0], 16), book_at(context, people[1], 16)
    await asyncio.sleep(0)
    with pytest.raises(TooManyRequests):
        await bookings.book(context, Call(people[0].identity), BookingRequest(DAYS[0], time(18), 2))
    with pytest.raises(Overloaded):
        await bookings.book(context, Call(people[2].identity), BookingRequest(DAYS[0], time(18), 2))
    assert context.writes.waiting == 3
    for task in (first, second, third):
        task.cancel()
    await asyncio.gather(first, second, third, return_exceptions=True)
    assert context.writes.waiting == 0


async def test_who_waits_too_long_is_told(held: Any, sql: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    context, people = held
    monkeypatch.setattr(group_commit, "WAIT_SECONDS", 0.05)
    first = book_at(context, people[0], 14)
    await races.until_waiting(sql, 1)
    assert await book_at(context, people[1], 16) == "overloaded"
    first.cancel()


async def test_a_request_that_is_given_up_writes_nothing_while_it_waits_and_all_of_it_afterwards(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 3)
    await bookings.book(context, Call(people[0].identity), BookingRequest(DAYS[0], time(12), 2))
    async with sql.transaction():
        await sql.execute("SELECT hub_lock($1)", stream_of(MAIN, DAYS[0]))
        under_way = book_at(context, people[0], 14)
        await races.until_waiting(sql, 1)
        waiting = book_at(context, people[1], 16)
        await asyncio.sleep(0)
        for task in (under_way, waiting):
            task.cancel()
        await asyncio.gather(under_way, waiting, return_exceptions=True)
    assert await book_at(context, people[2], 18) == "done"
    begun = await sql.fetch("SELECT starts_at FROM bookings ORDER BY starts_at")
    assert [row["starts_at"].astimezone(UTC).hour for row in begun] == [12, 14, 18]
    assert context.writes.waiting == 0 and not context.writes._turns.streams
    await races.check_rules(sql)


async def test_what_comes_after_the_stop_is_refused_and_what_is_under_way_is_done(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 3)
    tasks = [book_at(context, person, hour) for person, hour in zip(people, (14, 16), strict=False)]
    await asyncio.sleep(0)
    await context.writes.stop()
    told = await asyncio.gather(*tasks)
    assert set(told) <= {"done", "unavailable"}
    assert await book_at(context, people[2], 18) == "unavailable"
    assert await sql.fetchval("SELECT count(*) FROM bookings") == told.count("done")


async def test_requests_that_were_given_up_do_not_wait(held: Any, sql: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    context, people = held
    monkeypatch.setattr(context.writes, "_most", 2)
    first = book_at(context, people[0], 14)
    await races.until_waiting(sql, 1)
    for _ in range(5):
        gone = book_at(context, people[0], 16)
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
    waiting = book_at(context, people[1], 16)
    await asyncio.sleep(0)
    assert not waiting.done()
    first.cancel()
    waiting.cancel()
