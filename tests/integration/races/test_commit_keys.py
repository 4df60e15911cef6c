"""Idempotency keys: a request that comes again is done once and answered as the first time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from datetime import time
from typing import Any

import pytest

from hub.commands import account_life, bookings, changes, guests
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.commands.guests import Wanted
from hub.config import Settings
from hub.domain.events import MAIN
from hub.errors import AlreadyCanceled, InProgress, KeyMismatch, OutcomeUnknown
from hub.store import database, keys, retention
from hub.store.bookings import Booking
from hub.store.commit import Committed, Written, commit
from hub.store.keys import Key, Repeated
from hub.store.orders import Order
from hub.views.context import VenueContext
from tests import races
from tests.integration.races.test_commits import DAYS, code_of
from tests.writing import writing_context


def key(name: str, digest: str = "a") -> Key:
    return Key("user:1", name, digest)


async def test_a_request_that_comes_again_with_its_key_is_answered_as_the_first_time(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """Also by another process, after the booking was changed, and many at once."""
    contexts = [writing_context(connected, lambda events: None) for _ in range(2)]
    [host] = await races.make_people(sql, settings, 1, "host")

    async def book(context: VenueContext, digest: str = "a") -> Booking:
        while True:
            with contextlib.suppress(InProgress):  # the other process has the first one: it may be asked again
                return await bookings.book(
                    context,
                    Call(host.identity, key=key("book", digest)),
                    BookingRequest(DAYS[0], time(18), 2, table_ids=[1]),
                )

    answers = await asyncio.gather(*(book(contexts[number % 2]) for number in range(10)))
    [first] = [answer for answer in answers if not answer.replayed]
    assert len({answer.id for answer in answers}) == 1
    moved = await changes.reschedule(
        contexts[0], Call(host.identity, key=key("move")), first.id, ChangeRequest(at=time(20))
    )
    again = await book(contexts[1])
    assert again.replayed
    assert (again.id, again.starts_at, again.revision, again.version, again.epoch, again.created_at) == (
        first.id, first.starts_at, 1, first.version, first.epoch, first.created_at,
    )  # fmt: skip
    repeated = await changes.reschedule(
        contexts[1], Call(host.identity, key=key("move")), first.id, ChangeRequest(at=time(20))
    )
    assert (repeated.replayed, repeated.version, repeated.starts_at) == (True, moved.version, moved.starts_at)
    with pytest.raises(KeyMismatch):
        await book(contexts[0], "b")
    await changes.cancel(contexts[0], Call(host.identity, key=key("cancel")), first.id)
    gone = await changes.cancel(contexts[1], Call(host.identity, key=key("cancel")), first.id)
    assert (gone.replayed, gone.status) == (True, "canceled")
    assert await sql.fetchval("SELECT count(*) FROM bookings") == 1
    await sql.execute("UPDATE idempotency_keys SET expires_at = clock_timestamp()")
    assert not (await book(contexts[0], "b")).replayed
    await races.check_rules(sql)


async def test_whoever_looks_up_a_key_keeps_nobody_from_its_answer(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """The first request is over: of two that come again at once, neither is told that it is not."""
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")

    async def book() -> Booking:
        return await bookings.book(
            context, Call(host.identity, key=key("book")), BookingRequest(DAYS[0], time(18), 2, table_ids=[1])
        )

    first = await book()
    async with sql.transaction():
        found = await commit(first.epoch, MAIN, [], [Order(None, key=key("book"))], sql)
        assert isinstance(found, Committed)
        again = await book()
    [looked] = found.results
    assert isinstance(looked, Written) and (looked.id, again.id) == (first.id, first.id)
    assert looked.replayed and again.replayed


async def test_a_key_tells_what_became_of_a_commit_that_was_not_answered(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was written and the word of it was lost: with a key the hub asks, and nothing is written twice."""
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    lost: list[Any] = []
    write = database.write

    async def losing(query: str, *args: Any) -> Any:
        answer = await write(query, *args)
        if not lost:
            lost.append(answer)
            raise OutcomeUnknown
        return answer

    monkeypatch.setattr(database, "write", losing)
    booked = await bookings.book(context, Call(host.identity, key=key("book")), BookingRequest(DAYS[0], time(18), 2))
    assert lost and booked.replayed
    lost.clear()
    with pytest.raises(OutcomeUnknown):
        await bookings.book(context, Call(host.identity), BookingRequest(DAYS[1], time(18), 2))
    assert await sql.fetchval("SELECT count(*) FROM bookings") == 2
    await races.check_rules(sql)


async def test_the_first_answer_is_kept_whole(connected: Settings, settings: Settings, sql: Any) -> None:
    """With the day that was left; also where nothing was to be changed, and after the booking was canceled."""
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    who = Call(host.identity)
    made = await bookings.book(context, who, BookingRequest(DAYS[0], time(18), 2))
    moved = await changes.reschedule(context, Call(who.by, key=key("move")), made.id, ChangeRequest(day=DAYS[1]))
    assert moved.left is not None
    same = await changes.reschedule(context, Call(who.by, key=key("same")), made.id, ChangeRequest(guests=2))
    await changes.reschedule(context, who, made.id, ChangeRequest(guests=1))
    again = await changes.reschedule(context, Call(who.by, key=key("move")), made.id, ChangeRequest(day=DAYS[1]))
    assert (again.replayed, again.left, again.guests) == (True, moved.left, 2)
    unchanged = await changes.reschedule(context, Call(who.by, key=key("same")), made.id, ChangeRequest(guests=2))
    assert (unchanged.replayed, unchanged.guests, unchanged.version) == (True, 2, same.version)
    assert (await bookings.read(context, by=who.by, booking_id=made.id)).guests == 1
    await changes.cancel(context, who, made.id)
    with pytest.raises(AlreadyCanceled):
        await changes.cancel(context, Call(who.by, key=key("late-cancel")), made.id)
    with pytest.raises(AlreadyCanceled):
        await changes.reschedule(context, Call(who.by, key=key("late-reschedule")), made.id, ChangeRequest())


async def test_one_who_changes_nothing_for_ever_fills_nothing(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a booking, an account and a guest; what is changed is kept under its key all the same."""
    monkeypatch.setattr(keys, "MOST_OF_CALLER", 3)
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    wanted = Wanted(name="Ida")
    made = await bookings.book(context, Call(host.identity), BookingRequest(DAYS[0], time(18), 2, guest=wanted))

    async def reschedule(key: Key, number: int) -> object:
        return await changes.reschedule(context, Call(host.identity, key=key), made.id, ChangeRequest(guests=number))

    async def name_account(key: Key, number: int) -> object:
        return await account_life.change_profile(
            context, Call(host.identity, key=key), full_name=f"Name {number}", phone_number=None, language=None
        )

    async def name_guest(key: Key, number: int) -> object:
        return await guests.change(context, Call(host.identity, key=key), made.party.guest_id, name=f"Name {number}")

    for verb in (reschedule, name_account, name_guest):
        await verb(Key(verb.__name__, "first", "a"), 1)
        for number in range(6):
            await verb(Key(verb.__name__, f"same {number}", "a"), 1)
        assert await sql.fetchval(KEPT_OF, verb.__name__) == 3
        await verb(Key(verb.__name__, "another", "a"), 2)
        assert await sql.fetchval(KEPT_OF, verb.__name__) == 4
        with contextlib.suppress(Repeated):  # as the first time, not again
            await verb(Key(verb.__name__, "another", "a"), 2)
        with pytest.raises(KeyMismatch):
            await verb(Key(verb.__name__, "another", "b"), 2)


KEPT_OF = "SELECT count(*) FROM idempotency_keys WHERE caller = $1 AND answer IS NOT NULL"


async def test_who_was_not_written_after_all_takes_nothing_from_the_others(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """In one batch a request comes again, or another one with its key: the table that they were to get is free."""
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 3, "host")

    def book(number: int, digest: str | None) -> Awaitable[Booking]:
        wanted, again = BookingRequest(DAYS[0], time(18), 2, table_ids=[2]), key("k", digest) if digest else None
        return bookings.book(context, Call(people[number].identity, key=again), wanted)

    first = await book(0, "a")
    await changes.cancel(context, Call(people[0].identity), first.id)
    for digest in ("a", "b"):
        replay, other = await asyncio.gather(book(0, digest), book(1, None), return_exceptions=True)
        assert isinstance(other, Booking)
        assert isinstance(replay, Booking if digest == "a" else KeyMismatch)
        await changes.cancel(context, Call(people[0].identity), other.id)


async def test_what_fails_after_the_commit_writes_nothing_twice(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """Publishing fails; and a kept answer that this release can't read comes in a batch with others."""

    def fail(events: Any) -> None:
        raise RuntimeError("no publishing today")

    context = writing_context(connected, fail)
    people = await races.make_people(sql, settings, 6)
    codes = await asyncio.gather(
        *(code_of(bookings.book(context, Call(p.identity), BookingRequest(DAYS[0], time(18), 2))) for p in people)
    )
    assert (codes, await sql.fetchval("SELECT count(*) FROM bookings")) == (["done"] * 6, 6)
    await bookings.book(context, Call(people[0].identity, key=key("old")), BookingRequest(DAYS[1], time(12), 2))
    await sql.execute("UPDATE idempotency_keys SET answer = answer - 'streams'")
    codes = await asyncio.gather(
        *(
            code_of(
                bookings.book(
                    context, Call(p.identity, key=None if number else key("old")), BookingRequest(DAYS[1], time(12), 2)
                )
            )
            for number, p in enumerate(people)
        )
    )
    assert codes == ["outcome_unknown", *["done"] * 5]
    assert await sql.fetchval("SELECT count(*) FROM bookings") == 12
    await races.check_rules(sql)


async def test_keys_are_forgotten_after_their_time(connected: Settings, settings: Settings, sql: Any) -> None:
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    for name, hour in (("old", 14), ("young", 16)):
        await bookings.book(context, Call(host.identity, key=key(name)), BookingRequest(DAYS[0], time(hour), 2))
    await sql.execute("UPDATE idempotency_keys SET expires_at = clock_timestamp() - interval '1 s' WHERE key = 'old'")
    assert await retention.forget_expired_keys() == 1
    assert [row["key"] for row in await sql.fetch("SELECT key FROM idempotency_keys")] == ["young"]
