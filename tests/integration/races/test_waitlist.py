"""The waitlist against itself and the room: whoever is first, rows and views agree, and each entry ends once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from hub.commands import bookings, guests, service, waitlist, waitlist_correction
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.guests import Wanted
from hub.commands.service import WalkInRequest
from hub.commands.waitlist_keeper import WaitlistKeeper
from hub.config import Settings
from hub.domain import calendar
from hub.domain.day import DayView
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from hub.errors import HubError
from hub.security import Tokens
from hub.store import database, waitlist_retention
from hub.store.waitlist import WaitlistEntry
from hub.views.cache import ViewCache
from hub.views.context import Context, VenueContext
from tests import event_data, races
from tests.conftest import make_settings
from tests.races import Person, PostgresLog
from tests.tonight import zone
from tests.writing import METRICS, writing_context


@pytest.fixture
def settings(database_url: str, redis_url: str, data_dir: Path) -> Settings:
    """It is midday, and the restaurant is open until two at night."""
    return make_settings(
        database_url, redis_url, data_dir, RESTAURANT_TIMEZONE=zone(), WORKDAY_START_HOUR="8",
        WORKDAY_END_HOUR="26",
    )  # fmt: skip


@pytest.fixture
async def host(connected: Settings, sql: Any) -> Person:
    [made] = await races.make_people(sql, connected, 1, "host")
    return made


@pytest.fixture
def other(connected: Settings) -> VenueContext:
    """Another process."""
    return writing_context(connected, lambda events: None)


def tonight(context: VenueContext) -> date:
    return calendar.service_day(context.now(), context.rules)


async def fill(context: VenueContext, host: Person, *, but: int = 0) -> list[int]:
    """Somebody sits at every table, but so many."""
    [row] = await database.fetch("SELECT array_agg(id ORDER BY id) AS ids FROM tables WHERE retired_at IS NULL")
    tables = row["ids"][: len(row["ids"]) - but]
    made = [
        await service.walk_in(context, Call(host.identity), WalkInRequest(1, table_ids=[table])) for table in tables
    ]
    return [booking.id for booking in made]


def join(context: VenueContext, host: Person, name: str = "Ida Waits", **more: Any) -> Awaitable[WaitlistEntry]:
    return waitlist.join(context, Call(host.identity), guests=2, name=name, **more)


async def code_of(verb: Awaitable[Any]) -> str:
    try:
        await verb
    except HubError as error:
        return error.code
    return "done"


async def check(sql: Any, day: date) -> None:
    """The day's events, applied one by one to nothing, end at the rows of the waitlist; a view that is loaded too."""
    stream = stream_of(MAIN, day)
    replayed, head = DayView(day, 0, {}), 0
    for row in await sql.fetch("SELECT *, data::text AS text FROM events WHERE stream = $1 ORDER BY version", stream):
        event = Event(stream, row["version"], row["kind"], orjson.loads(row["text"]), row["at"], row["id"], head)
        assert replayed.apply(event) is ApplyResult.APPLIED
        head = row["id"]
    await event_data.check_all(sql)
    rows = await sql.fetch(
        "SELECT id, hub_wait_entry(w)::text AS entry FROM waitlist w WHERE service_date = $1 "
        "AND status IN ('waiting', 'ready', 'here')",
        day,
    )
    stored = {row["id"]: orjson.loads(row["entry"]) for row in rows}
    assert replayed.raw_others["wait"] == stored
    [once] = await sql.fetch(
        "SELECT count(*) FILTER (WHERE status IN ('seated', 'left')) AS ended, "
        "(SELECT count(*) FROM events WHERE kind = 'queue_left') AS told, "
        "count(*) FILTER (WHERE (status = 'seated') <> (booking_id IS NOT NULL)) AS wrong FROM waitlist"
    )
    assert (once["ended"], once["wrong"]) == (once["told"], 0)
    bookings = "SELECT booking_id FROM waitlist WHERE booking_id IS NOT NULL GROUP BY booking_id HAVING count(*) > 1"
    assert await sql.fetch(bookings) == []


async def test_of_many_who_seat_one_party_one_does(
    context: VenueContext, other: VenueContext, host: Person, sql: Any, log: PostgresLog
) -> None:
    await fill(context, host, but=3)
    for number in range(3):
        entry = await join(context, host, f"Party {number}", force=True)
        seats = [waitlist.seat(each, Call(host.identity), entry.id) for each in (context, other) * 4]
        assert Counter(await asyncio.gather(*map(code_of, seats))) == {"done": 1, "conflict": 7}
    assert await sql.fetchval("SELECT count(*) FROM bookings WHERE channel = 'waitlist'") == 3
    await check(sql, tonight(context))
    assert log.deadlocks() == []


async def test_a_guest_is_on_the_list_once_however_many_write_it_down(
    context: VenueContext, other: VenueContext, host: Person, sql: Any
) -> None:
    await fill(context, host)
    entry = await join(context, host, phone="+4915550000001")
    await waitlist.step(context, Call(host.identity), "leave", entry.id)
    joins = [join(each, host, phone="+4915550000001") for each in (context, other) * 3]
    codes = Counter(await asyncio.gather(*map(code_of, joins)))
    assert codes == {"done": 1, "already_waiting": 5}
    await check(sql, tonight(context))


async def test_everybody_does_everything_at_once(
    context: VenueContext, other: VenueContext, host: Person, sql: Any, log: PostgresLog
) -> None:
    """Two processes join, seat, lose and rename parties while tables are freed."""
    sitting = await fill(context, host)
    entries = [await join(context, host, f"Party {number}", phone=f"+49155500001{number:02}") for number in range(8)]
    verbs: list[Awaitable[Any]] = [
        *(service.step(other, Call(host.identity), "finish", id) for id in sitting[:4]),
        *(waitlist.seat(context, Call(host.identity), each.id) for each in entries[:4]),
        *(waitlist.step(other, Call(host.identity), "ready", each.id) for each in entries[2:6]),
        *(waitlist.step(context, Call(host.identity), "leave", each.id) for each in entries[4:8:2]),
        *(join(other, host, f"Late {number}") for number in range(4)),
        *(
            guests.change(context, Call(host.identity), each.guest_id, name=f"Renamed {each.id}")
            for each in entries[::2]
        ),
        guests.erase(other, Call(host.identity), entries[7].guest_id),
    ]  # fmt: skip
    codes = Counter(await asyncio.gather(*map(code_of, verbs)))
    assert set(codes) <= {"done", "conflict", "slot_taken"}, codes
    assert codes["done"] >= 12
    await check(sql, tonight(context))
    assert log.deadlocks() == []
    names = await sql.fetch("SELECT name FROM guests WHERE id = ANY($1)", [each.guest_id for each in entries[::2]])
    assert {row["name"] for row in names} == {f"Renamed {each.id}" for each in entries[::2]}


async def test_a_join_that_is_not_committed_yet_is_told_the_new_name(
    context: VenueContext, host: Person, sql: Any
) -> None:
    await fill(context, host)
    entry = await join(context, host, phone="+4915550000004")
    await waitlist.step(context, Call(host.identity), "leave", entry.id)
    async with sql.transaction():
        await sql.execute("LOCK TABLE events IN SHARE MODE")  # it stops before its end, with all its locks taken
        joining = asyncio.ensure_future(join(context, host, phone="+4915550000004"))
        await races.until_waiting(sql, 1)
        renaming = asyncio.ensure_future(
            guests.change(context, Call(host.identity), entry.guest_id, name="Ida Renamed")
        )
        await races.until_waiting(sql, 2)
    again, _ = await asyncio.gather(joining, renaming)
    [event] = await sql.fetch("SELECT data->>'wait' AS id FROM events WHERE kind = 'queue_renamed'")
    assert int(event["id"]) == again.id
    await check(sql, tonight(context))


async def test_guest_who_books_while_they_are_called_otherwise_keeps_their_name(
    context: VenueContext, other: VenueContext, host: Person, sql: Any
) -> None:
    """The booking is of another day: tonight's view shows all the while what the database holds."""
    await fill(context, host)
    entry = await join(context, host)
    day = tonight(context)
    with structlog.testing.capture_logs() as lines:
        async with sql.transaction():
            await sql.execute("SELECT hub_lock($1)", stream_of(MAIN, day))
            correcting = asyncio.ensure_future(
                waitlist_correction.correct(context, Call(host.identity), entry.id, name="Ada Waits")
            )
            await races.until_waiting(sql, 1)
            there = BookingRequest(day + timedelta(days=3), time(18), 2, guest=Wanted(id=entry.guest_id))
            await bookings.book(other, Call(host.identity), there)
            assert not correcting.done()
        corrected = await correcting
    assert "a view did not show what the database holds" not in [line["event"] for line in lines]
    assert (corrected.guest.name, corrected.revision) == ("Ada Waits", 2) and corrected.guest_id != entry.guest_id
    assert await sql.fetchval("SELECT name FROM guests WHERE id = $1", entry.guest_id) == "Ida Waits"
    await check(sql, day)


# -- the keeper


@pytest.fixture
async def kept(connected: Settings) -> AsyncIterator[tuple[VenueContext, WaitlistKeeper]]:
    """A process whose views are kept current, and its keeper; the test says when it looks."""
    context = Context(connected, lambda events: views.apply(events))
    views = ViewCache(context, Tokens(connected), None, METRICS)
    context.write_on(views)
    await views.verify()
    yield context.main, WaitlistKeeper(context, views)
    await views.stop()


async def test_keeper_writes_quotes_anew_when_the_room_has_changed(
    kept: tuple[VenueContext, WaitlistKeeper], host: Person, sql: Any
) -> None:
    context, keeper = kept
    [first, *_] = await fill(context, host)
    entry = await join(context, host)
    await keeper.look()
    events = await sql.fetchval("SELECT count(*) FROM events")
    await service.step(context, Call(host.identity), "finish", first)
    await keeper.look()
    [row] = await sql.fetch("SELECT * FROM waitlist")
    assert (row["revision"], row["promised_until"]) == (1, entry.promised_until)
    assert row["quoted_from"] <= datetime.now(row["quoted_from"].tzinfo) <= row["quoted_until"] + timedelta(minutes=5)
    assert await sql.fetchval("SELECT count(*) FROM events") == events + 2
    await keeper.look()
    assert await sql.fetchval("SELECT count(*) FROM events") == events + 2
    await check(sql, tonight(context))


async def test_keepers_of_several_processes_write_a_quote_once(
    kept: tuple[VenueContext, WaitlistKeeper], connected: Settings, host: Person, sql: Any
) -> None:
    context, keeper = kept
    there = Context(connected, lambda events: others.apply(events))
    others = ViewCache(there, Tokens(connected), None, METRICS)
    there.write_on(others)
    second = WaitlistKeeper(there, others)
    [first, *_] = await fill(context, host)
    await join(context, host)
    await service.step(context, Call(host.identity), "finish", first)
    await asyncio.gather(keeper.look(), second.look())
    assert await sql.fetchval("SELECT count(*) FROM events WHERE kind = 'queue_changed'") == 1
    await check(sql, tonight(context))
    await others.stop()


async def test_keeper_ends_the_list_of_a_day_that_is_over(
    kept: tuple[VenueContext, WaitlistKeeper], host: Person, sql: Any
) -> None:
    context, keeper = kept
    await fill(context, host)
    entry = await join(context, host)
    yesterday = tonight(context) - timedelta(days=1)
    await sql.execute("UPDATE waitlist SET service_date = $1", yesterday)
    await sql.execute(
        "SELECT hub_lock($1), hub_append($1, 'queued', jsonb_build_object('wait', w.id, 'entry', hub_wait_entry(w)), "
        "NULL, NULL) FROM waitlist w",
        stream_of(MAIN, yesterday),
    )
    await keeper.look()
    [row] = await sql.fetch("SELECT status, revision FROM waitlist WHERE id = $1", entry.id)
    assert tuple(row) == ("left", 2)
    [event] = await sql.fetch("SELECT stream, actor FROM events WHERE kind = 'queue_left'")
    assert tuple(event) == (stream_of(MAIN, yesterday), None)


async def test_who_left_long_ago_and_never_booked_is_forgotten(context: VenueContext, host: Person, sql: Any) -> None:
    sitting = await fill(context, host)
    entries = {name: await join(context, host, name) for name in ("Left", "Lately", "Seated", "Noted", "Waits")}
    await service.step(context, Call(host.identity), "finish", sitting[0])
    for name in ("Left", "Lately", "Noted"):
        await waitlist.step(context, Call(host.identity), "leave", entries[name].id)
    await waitlist.seat(context, Call(host.identity), entries["Seated"].id)
    await sql.execute(
        "INSERT INTO guest_notes (guest_id, kind, text) VALUES ($1, 'note', 'likes the window')",
        entries["Noted"].guest_id,
    )
    long_ago = "UPDATE waitlist SET changed_at = clock_timestamp() - make_interval(days => 31) WHERE id <> $1"
    await sql.execute(long_ago, entries["Lately"].id)
    assert await waitlist_retention.forget_who_left() == 1
    names = {row["name"] for row in await sql.fetch("SELECT name FROM guests WHERE erased_at IS NULL")}
    assert {"Lately", "Seated", "Noted", "Waits"} <= names and "Left" not in names
    assert await waitlist_retention.forget_who_left() == 0
