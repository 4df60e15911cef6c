"""An evening that several processes serve at once: whoever comes first, rows, events and views agree, no two parties
hold or sit at one table, and who is expected or here has one. And a clock that is wrong writes nothing wrong."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from hub.commands import bookings, changes, service
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.commands.service import WalkInRequest
from hub.config import Settings
from hub.domain import calendar
from hub.domain.day import DayView
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from hub.errors import HubError
from hub.store.keys import Key
from hub.views.context import VenueContext
from tests import event_data, races, tonight
from tests.races import Person, PostgresLog
from tests.writing import writing_context

ALWAYS_OPEN = {"opens": timedelta(0), "closes": timedelta(days=1)}
CODES = {"done", "slot_taken", "table_too_small", "already_canceled", "already_over", "conflict", "in_the_past"}
OVERLAPPING = """
SELECT a.table_id, a.starts_at, a.booking_id, b.booking_id FROM occupancies a JOIN occupancies b
ON a.table_id = b.table_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"""
WITHOUT_A_TABLE = """
SELECT b.id FROM bookings b WHERE b.status IN ('booked', 'arrived', 'seated') AND (
    SELECT array_agg(o.table_id ORDER BY o.table_id) FROM occupancies o WHERE o.booking_id = b.id
) IS DISTINCT FROM (
    SELECT array_agg(t::bigint ORDER BY t::bigint)
    FROM jsonb_array_elements_text(coalesce(b.table_ids, jsonb_build_array(b.table_id))) t)"""
SITTING_TOGETHER = """
SELECT a.id, b.id FROM bookings a JOIN bookings b ON a.id < b.id AND a.status = 'seated' AND b.status = 'seated'
JOIN occupancies o ON o.booking_id = a.id JOIN occupancies p ON p.booking_id = b.id AND p.table_id = o.table_id"""
NOT_AS_TOLD = """
WITH told AS (
    SELECT DISTINCT ON (data->>'booking') (data->>'booking')::bigint AS booking, data->'entry' AS entry
    FROM events WHERE data ? 'booking' ORDER BY data->>'booking', id DESC)
SELECT b.id FROM bookings b LEFT JOIN told t ON t.booking = b.id
WHERE CASE WHEN b.status = 'canceled' THEN 'null'::jsonb ELSE hub_entry(b) END IS DISTINCT FROM t.entry"""


def open_now(settings: Settings) -> Settings:
    """Open all day, in a zone whose clocks show 12:xx."""
    return replace(settings, rules=replace(settings.rules, zone=ZoneInfo(tonight.zone()), **ALWAYS_OPEN))


async def check(sql: Any, contexts: list[VenueContext], days: list[date]) -> None:
    await event_data.check_all(sql)
    for judge in (OVERLAPPING, WITHOUT_A_TABLE, SITTING_TOGETHER, NOT_AS_TOLD):
        assert await sql.fetch(judge) == []
    for day in days:
        stream, expected = stream_of(MAIN, day), await races.load_day(day)
        replayed, last = DayView(day, 0, {}), 0
        for row in await sql.fetch("SELECT * FROM events WHERE stream = $1 ORDER BY version", stream):
            data = orjson.loads(row["data"])
            event = Event(stream, row["version"], row["kind"], data, row["at"], row["id"], last)
            assert replayed.apply(event) is ApplyResult.APPLIED
            last = row["id"]
        assert (replayed.raw, replayed.taken, replayed.version) == (expected.raw, expected.taken, expected.version)
        for context in contexts:
            views: Any = context.writes._batches._views
            held = await views.get(stream)
            await views.bring_to_head(stream)
            assert (held.version, held.day_view.raw) == (expected.version, expected.raw)
            assert held.day_view.taken == expected.taken


async def code_of(verb: Awaitable[object]) -> str:
    try:
        await verb
    except HubError as error:
        return error.code
    return "done"


@pytest.mark.parametrize("seed", range(3))
async def test_an_evening_of_several_processes_leaves_rows_events_and_views_alike(
    connected: Settings, settings: Settings, sql: Any, log: PostgresLog, seed: int
) -> None:
    contexts = [writing_context(open_now(connected), lambda events: None) for _ in range(4)]
    hosts = await races.make_people(sql, settings, 4, "host")
    today = calendar.service_day(datetime.now(UTC), contexts[0].rules)
    made: list[int] = []
    told: Counter[str] = Counter()

    async def book(context: VenueContext, host: Person, rng: random.Random) -> None:
        soon = datetime.now(UTC) + timedelta(minutes=rng.choice((1, 2, 30, 60, 90)))
        at = soon.astimezone(context.rules.zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
        found = await bookings.book(
            context,
            Call(host.identity),
            BookingRequest(at.date(), at.time(), rng.randint(1, 3), minutes=rng.choice((30, 90))),
        )
        made.append(found.id)

    async def walk_in(context: VenueContext, host: Person, rng: random.Random) -> None:
        tables = rng.choice((None, [rng.randint(1, 6)]))
        found = await service.walk_in(context, Call(host.identity), WalkInRequest(rng.randint(1, 3), table_ids=tables))
        made.append(found.id)

    async def writer(number: int) -> None:
        rng, context, host = random.Random(f"{seed}-{number}"), contexts[number % 4], hosts[number % 4]
        by = host.identity
        for _ in range(10):
            act = rng.choice(ACTS) if made else "book"
            id, other = (rng.choice(made), rng.choice(made)) if made else (0, 0)
            tables = rng.sample(range(1, 17), rng.randint(1, 2))
            verbs: dict[str, Any] = {
                "book": lambda: book(context, host, rng),
                "walk_in": lambda: walk_in(context, host, rng),
                "seat": lambda: service.seat(context, Call(by), id, table_ids=rng.choice((None, tables))),  # noqa: B023
                "extend": lambda: service.extend(context, Call(by), id, minutes=rng.randint(5, 60)),  # noqa: B023
                "move": lambda: service.move(context, Call(by), id, table_ids=tables),  # noqa: B023
                "swap": lambda: service.move(context, Call(by), id, swap_with=other),  # noqa: B023
                "undo": lambda: service.undo(context, Call(by), id),  # noqa: B023
                "note": lambda: changes.reschedule(context, Call(by), id, ChangeRequest(said={"note": str(number)})),  # noqa: B023
                "cancel": lambda: changes.cancel(context, Call(by), id),  # noqa: B023
            }
            step = lambda what=act: service.step(context, Call(by), what, id)  # noqa: B023, E731
            told[await code_of(verbs.get(act, step)())] += 1

    await asyncio.gather(*(writer(number) for number in range(24)))
    assert told.keys() <= CODES, told
    assert told["done"] > 60
    await check(sql, contexts, [today - timedelta(days=1), today, today + timedelta(days=1)])
    assert log.deadlocks() == []


ACTS = ["book", "book", "walk_in", "arrive", "seat", "seat", "finish", "undo", "undo", "extend", "move", "swap", "note",
        "cancel", "no-show"]  # fmt: skip


async def test_one_table_is_taken_once_by_all_who_seat_there_at_the_same_time(
    connected: Settings, settings: Settings, sql: Any
) -> None:
    contexts = [writing_context(open_now(connected), lambda events: None) for _ in range(4)]
    hosts = await races.make_people(sql, settings, 4, "host")
    asked = [
        code_of(service.walk_in(contexts[n % 4], Call(hosts[n % 4].identity), WalkInRequest(2, table_ids=[1])))
        for n in range(16)
    ]
    assert Counter(await asyncio.gather(*asked)) == {"done": 1, "slot_taken": 15}
    today = calendar.service_day(datetime.now(UTC), contexts[0].rules)
    await check(sql, contexts, [today])


async def test_two_who_swap_crosswise_lose_no_table(connected: Settings, settings: Settings, sql: Any) -> None:
    """Each is read before the other's change, and decided on the winner's."""
    contexts = [writing_context(open_now(connected), lambda events: None) for _ in range(2)]
    [host] = await races.make_people(sql, settings, 1, "host")
    ids = [
        (await service.walk_in(contexts[0], Call(host.identity), WalkInRequest(2, table_ids=[n]))).id for n in (1, 2, 3)
    ]
    for _ in range(8):
        pairs = [(ids[0], ids[1]), (ids[1], ids[2]), (ids[2], ids[0]), (ids[1], ids[0])]
        asked = [
            code_of(service.move(contexts[n % 2], Call(host.identity), one, swap_with=other))
            for n, (one, other) in enumerate(pairs)
        ]
        assert {*await asyncio.gather(*asked)} <= {"done", "conflict"}
    assert {row["table_id"] for row in await sql.fetch("SELECT table_id FROM occupancies")} == {1, 2, 3}
    await check(sql, contexts, [calendar.service_day(datetime.now(UTC), contexts[0].rules)])


async def test_swap_is_told_again_from_what_was_kept(connected: Settings, settings: Settings, sql: Any) -> None:
    """Both bookings as they stood then, whatever became of them; the words said of the other one as they are now."""
    context = writing_context(open_now(connected), lambda events: None)
    [host] = await races.make_people(sql, settings, 1, "host")
    by = host.identity
    one, other = [
        (await service.walk_in(context, Call(by), WalkInRequest(2, name="Ida", table_ids=[n]))).id for n in (1, 2)
    ]
    await changes.reschedule(context, Call(by), other, ChangeRequest(said={"note": "Nuts", "house_note": "Quiet"}))
    key = Key(by.caller, "1" * 64, "2" * 64)
    moved = await service.move(context, Call(by, key=key), one, swap_with=other)
    assert [each.table.id for each in moved] == [2, 1]
    await service.step(context, Call(by), "finish", other)
    kept = orjson.loads(await sql.fetchval("SELECT answer::text FROM idempotency_keys"))
    assert "Nuts" not in str(kept) and "Quiet" not in str(kept)
    again = await service.repeat_move(context, kept, by=by)
    assert again == [replace(moved[0], replayed=True), moved[1]]
    assert again == await service.move(context, Call(by, key=key), one, swap_with=other)


@pytest.mark.parametrize("minutes", [-90, 90])
async def test_a_process_whose_clock_is_wrong_writes_the_databases_time(
    connected: Settings, settings: Settings, sql: Any, minutes: int
) -> None:
    [host] = await races.make_people(sql, settings, 1, "host")
    wrong: Any = open_now(connected)

    def restarted() -> VenueContext:
        """A process that has had no answer of the database's yet."""
        context = writing_context(wrong, lambda events: None)
        context.writes._batches._clock._own = lambda: datetime.now(UTC) + timedelta(minutes=minutes)
        return context

    made = await service.walk_in(restarted(), Call(host.identity), WalkInRequest(2))
    assert made.seated_at is not None and abs(made.seated_at - datetime.now(UTC)) < timedelta(seconds=30)
    finished = await service.step(restarted(), Call(host.identity), "finish", made.id)
    assert finished.left_at is not None and abs(finished.left_at - datetime.now(UTC)) < timedelta(seconds=30)
    assert finished.undo is not None
    until = finished.undo.until - datetime.now(UTC)
    assert timedelta(minutes=9) < until <= timedelta(minutes=10)
    assert (await service.undo(restarted(), Call(host.identity), made.id)).status == "seated"
