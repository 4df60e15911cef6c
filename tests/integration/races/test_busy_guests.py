"""A commit that is stuck holds what belongs to one guest: only that guest waits for it, and no day does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from hub.commands import bookings, changes
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.errors import HubError
from hub.store.keys import Key
from hub.views import group_commit
from hub.views.context import VenueContext
from tests import races
from tests.races import Person, day_ahead
from tests.servers import PATIENCE
from tests.writing import writing_context

DAY, NEXT = day_ahead(52), day_ahead(53)
HELD = {
    "the count of their bookings": "SELECT pg_advisory_xact_lock(hashtextextended('hub bookings of ' || {user}, 0))",
    "their row": "SELECT id FROM users WHERE id = {user} FOR NO KEY UPDATE",
    "all of their row": "SELECT id FROM users WHERE id = {user} FOR UPDATE",
}
KEY = "SELECT pg_advisory_xact_lock(hashtextextended('hub key user:{user} book-12', 0))"


class Held:
    """A guest of whom a session holds something, and two others."""

    def __init__(self, context: VenueContext, people: list[Person], transaction: Any) -> None:
        self.context = context
        self.guest, *self.others = people
        self._transaction = transaction

    async def release(self) -> None:
        await self._transaction.rollback()

    def book(self, person: Person, hour: int) -> asyncio.Task[str]:
        key = Key(f"user:{person.id}", f"book-{hour}", "a")
        return begin(bookings.book(self.context, Call(person.identity, key=key), BookingRequest(DAY, time(hour), 2)))


def begin(verb: Awaitable[object]) -> asyncio.Task[str]:
    async def code() -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                await verb
        except HubError as error:
            return error.code
        return "done"

    return asyncio.create_task(code())


@pytest.fixture
def what() -> str:
    return "the count of their bookings"


@pytest.fixture
async def held(connected: Settings, settings: Settings, sql: Any, what: str) -> AsyncIterator[Held]:
    bounded = replace(connected, bookings_per_user=20, overlapping_per_user=3)
    context = writing_context(bounded, lambda events: None)
    people = await races.make_people(sql, settings, 3)
    if what == "all of their row":
        await sql.execute("UPDATE users SET verified_at = clock_timestamp()")
    transaction = sql.transaction()
    await transaction.start()
    await sql.execute((HELD | {"their key": KEY})[what].format(user=people[0].id))
    yield Held(context, people, transaction)
    await context.writes.stop()


@pytest.mark.parametrize("what", HELD)
@pytest.mark.parametrize("contended", [False, True])
async def test_only_the_guest_waits_for_what_is_held_of_them(held: Held, sql: Any, contended: bool) -> None:
    """In one batch with others, and others who come while the day's commit is only theirs; also with locks first."""
    if contended:
        held.context.writes._batches._contended._until[stream_of(MAIN, DAY)] = float("inf")
    first = held.book(held.guest, 12)
    assert await asyncio.gather(*(held.book(person, 12) for person in held.others)) == ["done", "done"]
    assert await asyncio.gather(*(held.book(person, 14) for person in held.others)) == ["done", "done"]
    assert not first.done()
    await held.release()
    assert await first == "done"
    await races.check_rules(sql)


@pytest.mark.parametrize("what", ["their key"])
@pytest.mark.parametrize("contended", [False, True])
async def test_a_request_whose_first_is_not_over_is_told_so_at_once(held: Held, sql: Any, contended: bool) -> None:
    if contended:
        held.context.writes._batches._contended._until[stream_of(MAIN, DAY)] = float("inf")
    asked = [held.book(person, 12) for person in (held.guest, *held.others)]
    assert await asyncio.gather(*asked) == ["in_progress", "done", "done"]
    await held.release()
    assert await held.book(held.guest, 12) == "done"
    await races.check_rules(sql)


async def test_a_move_waits_beside_its_days_too(held: Held, sql: Any) -> None:
    await held.release()
    made = await bookings.book(held.context, Call(held.guest.identity), BookingRequest(DAY, time(12), 2))
    async with sql.transaction():
        await sql.execute(HELD["the count of their bookings"].format(user=held.guest.id))
        move = begin(changes.reschedule(held.context, Call(held.guest.identity), made.id, ChangeRequest(day=NEXT)))
        async with asyncio.timeout(PATIENCE):
            while not held.context.writes.waiting:  # noqa: ASYNC110 - it has read the booking by then
                await asyncio.sleep(0)
        assert await asyncio.gather(*(held.book(person, 12) for person in held.others)) == ["done", "done"]
        assert not move.done()
    assert await move == "done"
    await races.check_rules(sql)


async def test_a_table_that_was_kept_for_one_who_waits_goes_to_the_next(held: Held, sql: Any) -> None:
    """They were decided together: the second was refused for the first, who then was not written."""
    table = BookingRequest(DAY, time(12), 2, table_ids=[1])
    first, second = (
        begin(bookings.book(held.context, Call(person.identity), table)) for person in (held.guest, held.others[0])
    )
    assert await second == "done"
    await held.release()
    assert await first == "slot_taken"
    await races.check_rules(sql)


async def test_who_waits_too_long_is_told(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "WAIT_SECONDS", 0.05)
    assert await asyncio.gather(*(held.book(held.guest, hour) for hour in (12, 14))) == ["overloaded"] * 2
    assert held.context.writes.waiting == 0


async def test_nobody_waits_for_a_hub_that_stops(held: Held) -> None:
    told = [held.book(held.guest, hour) for hour in (12, 14)]
    assert await held.book(held.others[0], 12) == "done"
    await held.context.writes.stop()
    assert await asyncio.gather(*told) == ["unavailable"] * 2
