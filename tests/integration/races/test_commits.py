"""Changes that are decided on what a process holds: whatever order they come in, rows, events and views agree."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from hub.commands import bookings, changes, floor
from hub.commands.bookings import Booking
from hub.config import Settings
from hub.domain.events import MAIN, TABLES, stream_of
from hub.errors import AlreadyCanceled, HubError, KeyMismatch, OutcomeUnknown, Overloaded, SlotTaken, TooManyRequests
from hub.store import database, retention
from hub.store.commit import Key, commit
from hub.views import batch_commit, group_commit
from hub.views.context import VenueContext
from tests import races
from tests.races import Person, day_ahead
from tests.writing import writing_context

DAYS = [day_ahead(50), day_ahead(51)]


async def code_of(verb: Awaitable[object]) -> str:
    try:
        await verb
    except HubError as error:
        return error.code
    return "done"


async def check_views(houses: list[VenueContext]) -> None:
    """Every process's views, brought to the head, are what the rows say."""
    day_view, room = [await races.load_day(day) for day in DAYS], await races.load_floor()
    for context in houses:
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
    """Four processes with eight writers each on two days: who loses a race decides anew on the winner's state, and
    everybody gets through: none is told that others were always quicker."""
    houses = [writing_context(connected, lambda events: None) for _ in range(4)]
    hosts = await races.make_people(sql, settings, 4, "host")
    made: list[Booking] = []
    told: Counter[str] = Counter()

    async def writer(number: int) -> None:
        rng, context, host = random.Random(f"{seed}-{number}"), houses[number % 4], hosts[number % 4]
        for _ in range(6):
            act = rng.choice(["book", "book", "book", "move", "cancel", "seats"])
            start = time(rng.randint(12, 19), rng.choice((0, 15, 30, 45)))
            if act == "book" or not made:
                table = rng.choice((None, rng.randint(1, 16)))
                guests = rng.randint(1, 6)
                try:
                    made.append(
                        await bookings.book(
                            context, by=host.identity, day=rng.choice(DAYS), at=start, guests=guests, table_id=table
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
                    context, by=host.identity, booking_id=booking, day=rng.choice(DAYS), at=start, table_id=None
                )
            elif act == "cancel":
                verb = changes.cancel(context, by=host.identity, booking_id=booking)
            else:
                verb = floor.change_table(
                    context, by=host.identity, table_id=rng.randint(1, 16), seats=rng.randint(2, 6)
                )
            told[await code_of(verb)] += 1

    await asyncio.gather(*(writer(number) for number in range(32)))
    assert told.keys() <= {"done", "slot_taken", "table_too_small", "already_canceled", "table_in_use", "conflict"}
    assert told["done"] > 60
    # A conflict may only be that of a booking that its two movers changed again and again; never the day's.
    assert told["conflict"] <= 2
    await races.check_rules(sql)
    await check_views(houses)


async def test_progress_is_certain_for_thirty_two_writers_of_one_day(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    houses = [writing_context(connected, lambda events: None) for _ in range(4)]
    people = await races.make_people(sql, settings, 32)
    starts = [time(hour, minute) for hour in (12, 14, 16, 18) for minute in (0,)]

    async def writer(number: int) -> list[str]:
        return [
            await code_of(bookings.book(houses[number % 4], by=people[number].identity, day=DAYS[0], at=at, guests=2))
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
    booked = await bookings.book(one, by=host.identity, day=DAYS[0], at=time(18), guests=2, table_id=1)
    with pytest.raises(SlotTaken):
        await bookings.book(other, by=host.identity, day=DAYS[0], at=time(18), guests=2, table_id=1)
    await changes.cancel(one, by=host.identity, booking_id=booked.id)
    again = await bookings.book(other, by=host.identity, day=DAYS[0], at=time(18), guests=2, table_id=1)
    assert again.table.id == 1
    await races.check_rules(sql)


async def test_those_who_come_together_are_committed_together(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 20)
    sizes = []

    async def counted(epoch: str, venue_id: int, basis: Any, orders: Any, connection: Any = None) -> Any:
        sizes.append(len(orders))
        return await commit(epoch, venue_id, basis, orders, connection)

    for person in people:
        await context.guest_of(person.id)  # who each of them is as a guest is known already

    monkeypatch.setattr(batch_commit, "commit", counted)
    codes = await asyncio.gather(
        *(code_of(bookings.book(context, by=p.identity, day=DAYS[0], at=time(18), guests=2)) for p in people)
    )
    assert Counter(codes) == {"done": 16, "slot_taken": 4}
    assert sizes == [20]
    versions = await sql.fetch(
        "SELECT version FROM events WHERE stream = $1 ORDER BY version", stream_of(MAIN, DAYS[0])
    )
    assert [row["version"] for row in versions] == list(range(1, 17))
    await races.check_rules(sql)


# -- idempotency keys


def key(name: str, digest: str = "a") -> Key:
    return Key("user:1", name, digest)


async def test_a_request_that_comes_again_with_its_key_is_answered_as_the_first_time(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """Also by another process, after the booking was changed, and many at once."""
    houses = [writing_context(connected, lambda events: None) for _ in range(2)]
    [host] = await races.make_people(sql, settings, 1, "host")

    def book(context: VenueContext, digest: str = "a") -> Awaitable[Booking]:
        return bookings.book(
            context, by=host.identity, day=DAYS[0], at=time(18), guests=2, table_id=1, key=key("book", digest)
        )

    answers = await asyncio.gather(*(book(houses[number % 2]) for number in range(10)))
    [first] = [answer for answer in answers if not answer.replayed]
    assert len({answer.id for answer in answers}) == 1
    moved = await changes.reschedule(houses[0], by=host.identity, booking_id=first.id, at=time(20), key=key("move"))
    again = await book(houses[1])
    assert again.replayed
    assert (again.id, again.starts_at, again.revision, again.version, again.epoch, again.created_at) == (
        first.id, first.starts_at, 1, first.version, first.epoch, first.created_at,
    )  # fmt: skip
    repeated = await changes.reschedule(houses[1], by=host.identity, booking_id=first.id, at=time(20), key=key("move"))
    assert (repeated.replayed, repeated.version, repeated.starts_at) == (True, moved.version, moved.starts_at)
    with pytest.raises(KeyMismatch):
        await book(houses[0], "b")
    await changes.cancel(houses[0], by=host.identity, booking_id=first.id, key=key("cancel"))
    gone = await changes.cancel(houses[1], by=host.identity, booking_id=first.id, key=key("cancel"))
    assert (gone.replayed, gone.status) == (True, "canceled")
    assert await sql.fetchval("SELECT count(*) FROM bookings") == 1
    await sql.execute("UPDATE idempotency_keys SET expires_at = clock_timestamp()")
    assert not (await book(houses[0], "b")).replayed
    await races.check_rules(sql)


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
    booked = await bookings.book(context, by=host.identity, day=DAYS[0], at=time(18), guests=2, key=key("book"))
    assert lost and booked.replayed
    lost.clear()
    with pytest.raises(OutcomeUnknown):
        await bookings.book(context, by=host.identity, day=DAYS[1], at=time(18), guests=2)
    assert await sql.fetchval("SELECT count(*) FROM bookings") == 2
    await races.check_rules(sql)


async def test_the_first_answer_is_kept_whole(connected: Settings, settings: Settings, sql: Any) -> None:
    """With the day that was left; also where nothing was to be changed, and after the booking was canceled."""
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    who = {"by": host.identity}
    made = await bookings.book(context, **who, day=DAYS[0], at=time(18), guests=2)
    moved = await changes.reschedule(context, **who, booking_id=made.id, day=DAYS[1], key=key("move"))
    assert moved.left is not None
    same = await changes.reschedule(context, **who, booking_id=made.id, guests=2, key=key("same"))
    await changes.reschedule(context, **who, booking_id=made.id, guests=1)
    again = await changes.reschedule(context, **who, booking_id=made.id, day=DAYS[1], key=key("move"))
    assert (again.replayed, again.left, again.guests) == (True, moved.left, 2)
    unchanged = await changes.reschedule(context, **who, booking_id=made.id, guests=2, key=key("same"))
    assert (unchanged.replayed, unchanged.guests, unchanged.version) == (True, 2, same.version)
    assert (await bookings.read(context, **who, booking_id=made.id)).guests == 1
    await changes.cancel(context, **who, booking_id=made.id)
    for verb in (changes.cancel, changes.reschedule):
        with pytest.raises(AlreadyCanceled):
            await verb(context, **who, booking_id=made.id, key=key(f"late-{verb.__name__}"))


async def test_who_was_not_written_after_all_takes_nothing_from_the_others(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """In one batch a request comes again, or another one with its key: the table that they were to get is free."""
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 3, "host")

    def book(number: int, digest: str | None) -> Awaitable[Booking]:
        return bookings.book(
            context, by=people[number].identity, day=DAYS[0], at=time(18), guests=2, table_id=2,
            key=key("k", digest) if digest else None,
        )  # fmt: skip

    first = await book(0, "a")
    await changes.cancel(context, by=people[0].identity, booking_id=first.id)
    for digest in ("a", "b"):
        replay, other = await asyncio.gather(book(0, digest), book(1, None), return_exceptions=True)
        assert isinstance(other, Booking)
        assert isinstance(replay, Booking if digest == "a" else KeyMismatch)
        await changes.cancel(context, by=people[0].identity, booking_id=other.id)


async def test_what_fails_after_the_commit_writes_nothing_twice(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    """Publishing fails; and a kept answer that this release can't read comes in a batch with others."""

    def fail(events: Any) -> None:
        raise RuntimeError("no publishing today")

    context = writing_context(connected, fail)
    people = await races.make_people(sql, settings, 6)
    codes = await asyncio.gather(
        *(code_of(bookings.book(context, by=p.identity, day=DAYS[0], at=time(18), guests=2)) for p in people)
    )
    assert (codes, await sql.fetchval("SELECT count(*) FROM bookings")) == (["done"] * 6, 6)
    await bookings.book(context, by=people[0].identity, day=DAYS[1], at=time(12), guests=2, key=key("old"))
    await sql.execute("UPDATE idempotency_keys SET answer = answer - 'streams'")
    codes = await asyncio.gather(
        *(
            code_of(
                bookings.book(
                    context, by=p.identity, day=DAYS[1], at=time(12), guests=2, key=None if number else key("old")
                )
            )
            for number, p in enumerate(people)
        )
    )
    assert codes == ["outcome_unknown", *["done"] * 5]
    assert await sql.fetchval("SELECT count(*) FROM bookings") == 12
    await races.check_rules(sql)


async def test_a_view_that_can_not_be_loaded_anew_lets_nobody_hang(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows hold a table that the view shows as free; and the reload fails with a fault."""
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    booked = await bookings.book(context, by=host.identity, day=DAYS[0], at=time(18), guests=2, table_id=1)
    await sql.execute("UPDATE occupancies SET table_id = 2 WHERE booking_id = $1", booked.id)

    async def broken(stream: str) -> None:
        raise RuntimeError(stream)

    monkeypatch.setattr(context.writes._batches._views, "reload", broken)
    async with asyncio.timeout(20):
        refusal = await code_of(
            bookings.book(context, by=host.identity, day=DAYS[0], at=time(18), guests=2, table_id=2)
        )
    assert refusal == "slot_taken"


@pytest.mark.parametrize("minutes", [-90, 90])
async def test_a_process_whose_clock_is_wrong_decides_by_the_databases(
    connected: Settings, settings: Settings, sql: Any, minutes: int
) -> None:
    [guest] = await races.make_people(sql, settings, 1)
    now = datetime.now(UTC)
    start = (now + timedelta(minutes=100)).replace(second=0, microsecond=0)
    rules = replace(settings.rules, opens=timedelta(0), closes=timedelta(days=1))
    context = writing_context(replace(connected, rules=rules), lambda events: None)
    context.writes._batches._now = lambda: datetime.now(UTC) + timedelta(minutes=minutes)
    booked = await bookings.book(context, by=guest.identity, day=start.date(), at=start.time(), guests=2)
    await sql.execute("UPDATE bookings SET created_at = created_at - interval '1 hour'")
    assert (await changes.cancel(context, by=guest.identity, booking_id=booked.id)).status == "canceled"


async def test_keys_are_forgotten_after_their_time(connected: Settings, settings: Settings, sql: Any) -> None:
    context = writing_context(connected, lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    for name, hour in (("old", 14), ("young", 16)):
        await bookings.book(context, by=host.identity, day=DAYS[0], at=time(hour), guests=2, key=key(name))
    await sql.execute("UPDATE idempotency_keys SET expires_at = clock_timestamp() - interval '1 s' WHERE key = 'old'")
    assert await retention.forget_expired_keys() == 1
    assert [row["key"] for row in await sql.fetch("SELECT key FROM idempotency_keys")] == ["young"]


# -- waiting


@pytest.fixture
async def held(connected: Settings, settings: Settings, sql: Any) -> Any:
    """A day whose lock somebody holds, a house, and three guests."""
    context = writing_context(connected, lambda events: None)
    people = await races.make_people(sql, settings, 3)
    for person in people:
        await context.guest_of(person.id)  # who each of them is as a guest is known already
    await bookings.book(context, by=people[0].identity, day=DAYS[0], at=time(12), guests=2)
    async with sql.transaction():
        await sql.execute("SELECT hub_lock($1)", stream_of(MAIN, DAYS[0]))
        yield context, people


def book_at(context: VenueContext, person: Person, hour: int) -> asyncio.Task[str]:
    return asyncio.create_task(
        code_of(bookings.book(context, by=person.identity, day=DAYS[0], at=time(hour), guests=2))
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
        await bookings.book(context, by=people[0].identity, day=DAYS[0], at=time(18), guests=2)
    with pytest.raises(Overloaded):
        await bookings.book(context, by=people[2].identity, day=DAYS[0], at=time(18), guests=2)
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
    await bookings.book(context, by=people[0].identity, day=DAYS[0], at=time(12), guests=2)
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
