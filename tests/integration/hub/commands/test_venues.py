"""Venues by their verbs: made, retired; and what one installation's venues share and do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from hub.commands import bookings, floor, venues
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import MAIN, floor_of, stream_of
from hub.errors import HubError, NotFound, TableTooSmall, TooManyBookings
from hub.metrics import Metrics
from hub.security import Identity
from hub.store import database, migration
from hub.store import venues as stored
from hub.views.checkpoints import Checkpoints, load
from hub.views.context import VenueContext
from hub.views.signing import Signer
from tests.conftest import StartHub, make_settings
from tests.guests import Guest, make_guest
from tests.races import until_waiting
from tests.servers import PATIENCE
from tests.venues import add_venue
from tests.writing import writing_context

DAY = datetime.now(UTC).date() + timedelta(days=20)


@pytest.fixture
async def other(connected: Settings) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(connected.database_url)
    yield connection
    await connection.close()


async def contexts(settings: Settings, *slugs: str) -> list[VenueContext]:
    """The venues of these slugs, as one process knows them."""
    shared = writing_context(settings, lambda events: None).shared
    shared.learn(await stored.read(settings))
    found = [shared.named(slug) for slug in slugs]
    assert all(found)
    return [each for each in found if each is not None]


async def code_of(verb: Awaitable[object]) -> str:
    try:
        await verb
    except HubError as error:
        return error.code
    return "done"


# -- add


async def test_new_venue_has_its_first_tables_and_they_are_told(connected: Settings) -> None:
    made = await add_venue(connected, "soho", "Europe/London", tables=((2, 2), (6, 1)))
    [soho, main] = await contexts(connected, "soho", "main")
    assert (soho.id, soho.venue.name, soho.rules.zone.key) == (made, "At soho", "Europe/London")
    assert [(table.name, table.seats) for table in await floor.list_tables(soho)] == [
        ("T2-1", 2), ("T2-2", 2), ("T6-1", 6)
    ]  # fmt: skip
    events = await database.fetch("SELECT version, venue_id, kind FROM events WHERE stream = $1", floor_of(made))
    assert [tuple(event) for event in events] == [(n, made, "table_added") for n in (1, 2, 3)]
    assert {table.id for table in await floor.list_tables(main)}.isdisjoint(
        table.id for table in await floor.list_tables(soho)
    )


async def test_venue_without_tables_takes_no_bookings(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London", tables=())
    [soho] = await contexts(connected, "soho")
    with pytest.raises(TableTooSmall):
        await (await make_guest()).book(soho, day=DAY)


RULES: list[tuple[dict[str, int], str]] = [
    ({"opens": 720, "closes": 720}, "the closing must be after the opening"),
    ({"opens": 720, "closes": 600}, "the closing must be after the opening"),
    ({"opens": 600, "closes": 600 + 24 * 60 + 15}, "at most 24 hours"),
    ({"slot": 10}, "a slot must be of 15 minutes or more"),
    ({"opens": 720, "closes": 780, "slot": 90}, "fit between opening and closing"),
]


@pytest.mark.parametrize(("rules", "why"), RULES)
async def test_venue_of_rules_that_cannot_be_is_not_made(connected: Settings, rules: dict[str, int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        await add_venue(connected, "soho", "Europe/London", **rules)
    assert await stored.read(connected, retired=True) == []


async def test_slug_names_one_venue_for_ever(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    for slug in ("soho", "main"):
        with pytest.raises(ValueError, match=f"the slug {slug} is in use, or was"):
            await add_venue(connected, slug, "Europe/London")
    await venues.retire("soho")
    with pytest.raises(ValueError, match="the slug soho is in use, or was"):
        await add_venue(connected, "soho", "Europe/London")


@pytest.mark.parametrize("slug", ["2026", "0", "-soho", "soho-", "So", "so ho", "so/ho", "", "s" * 41, "söho"])
async def test_no_slug_that_is_none_gets_into_the_database(connected: Settings, slug: str) -> None:
    with pytest.raises((HubError, asyncpg.CheckViolationError, asyncpg.StringDataRightTruncationError)):
        await add_venue(connected, slug, "Europe/London")
    assert await stored.read(connected) == []


async def test_venues_of_one_group_have_one_guest_book(connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    await add_venue(connected, "mayfair", "Europe/London", group_of="soho")
    with pytest.raises(ValueError, match="there is no such venue: nowhere"):
        await add_venue(connected, "chelsea", "Europe/London", group_of="nowhere")
    found = await contexts(connected, "soho", "mayfair", "main")
    ada = await make_guest()
    soho, mayfair, main = [(await ada.book(context, day=DAY)).party.guest_id for context in found]
    assert soho == mayfair != main


# -- what venues do not share


async def test_bounds_of_an_account_count_in_each_venue_by_themselves(
    connected: Settings, database_url: str, redis_url: str
) -> None:
    await add_venue(connected, "soho", "Europe/London")
    bounded = make_settings(
        database_url, redis_url, connected.data_dir, BOOKINGS_PER_USER="2", OVERLAPPING_PER_USER="1"
    )
    ada = await make_guest()
    for context in await contexts(bounded, "main", "soho"):
        await ada.book(context, day=DAY)
        with pytest.raises(TooManyBookings):  # at the same time
            await ada.book(context, day=DAY)
        await ada.book(context, day=DAY + timedelta(days=1))
        with pytest.raises(TooManyBookings):
            await ada.book(context, day=DAY + timedelta(days=2))


async def test_checkpoint_of_a_day_is_one_venues(connected: Settings, redis_url: str) -> None:
    """Days of one date at one version: what was saved of the one is not continued as the other."""
    await add_venue(connected, "soho", "Europe/London")
    main, soho = await contexts(connected, "main", "soho")
    ada = await make_guest()
    booked = {context.id: await ada.book(context, day=DAY) for context in (main, soho)}
    epoch = booked[MAIN].epoch
    redis: Redis = Redis.from_url(redis_url)
    checkpoints = Checkpoints(redis, connected, Signer(connected.secret_key, Metrics()))
    for context in (main, soho):
        found = await load(checkpoints, epoch, context.day_stream(DAY))
        assert found.from_rows
        assert found.view.entries.keys() == {booked[context.id].id}  # type: ignore[union-attr]
        await checkpoints.write(epoch, context.day_stream(DAY), found.view.version, found.view.checkpoint())
    for context in (main, soho):
        found = await load(checkpoints, epoch, context.day_stream(DAY))
        assert not found.from_rows
        assert found.view.entries.keys() == {booked[context.id].id}  # type: ignore[union-attr]
    await redis.aclose()


async def test_booking_of_one_venue_holds_no_table_of_another(
    connected: Settings, other: asyncpg.Connection[Any]
) -> None:
    """The database refuses what the code would have to forget."""
    made = await add_venue(connected, "soho", "Europe/London")
    main, soho = await contexts(connected, "main", "soho")
    booking = await (await make_guest()).book(main, day=DAY)
    [table, *_] = await floor.list_tables(soho)
    for statement in (
        f"UPDATE bookings SET table_id = {table.id} WHERE id = {booking.id}",
        f"UPDATE bookings SET venue_id = {made} WHERE id = {booking.id}",
        f"UPDATE occupancies SET table_id = {table.id} WHERE booking_id = {booking.id}",
        f"UPDATE occupancies SET venue_id = {made} WHERE booking_id = {booking.id}",
        f"UPDATE outbox SET venue_id = {made} WHERE booking_id = {booking.id}",
    ):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await other.execute(statement)
    host = Identity((await make_guest()).by.user_id, "host", 0, 0.0)
    with pytest.raises(NotFound):
        await bookings.book(main, Call(host), BookingRequest(DAY, time(12), 1, table_ids=[table.id]))


# -- retire


async def test_retired_venue_takes_no_bookings_and_keeps_its_rows(connected: Settings) -> None:
    made = await add_venue(connected, "soho", "Europe/London")
    [soho] = await contexts(connected, "soho")
    ada = await make_guest()
    booking = await ada.book(soho, day=DAY)
    with pytest.raises(ValueError, match=r"^1 booking is still to come in this venue: cancel it first$"):
        await venues.retire("soho")
    later = await ada.book(soho, day=DAY + timedelta(days=1))
    with pytest.raises(ValueError, match=r"^2 bookings are still to come in this venue: cancel them first$"):
        await venues.retire("soho")
    for each in (booking, later):
        await ada.cancel(soho, each)
    await venues.retire("soho")
    for again, why in (("soho", "this venue is retired already"), ("nowhere", "there is no such venue")):
        with pytest.raises(ValueError, match=why):
            await venues.retire(again)
    with pytest.raises(ValueError, match="venue 1 is the installation's own"):
        await venues.retire("main")
    with pytest.raises(NotFound):  # this process has not learned of it yet
        await ada.book(soho, day=DAY)
    assert await stored.read(connected) == []
    [row] = await database.fetch("SELECT count(*) FROM bookings WHERE venue_id = $1", made)
    assert row["count"] == 2
    assert [line for line in await venues.listed(connected) if line.startswith(f"{made}: soho, At soho, Europe/London")]


BOOKED = "SELECT count(*) FROM bookings WHERE venue_id = $1 AND status = 'booked'"
WITHOUT_LOCK = """
CREATE OR REPLACE FUNCTION hub_lock(p_stream text) RETURNS bigint LANGUAGE sql AS
$$ SELECT version FROM streams WHERE name = p_stream $$
"""


async def retire_while_it_is_booked(
    monkeypatch: pytest.MonkeyPatch,
    other: asyncpg.Connection[Any],
    soho: VenueContext,
    ada: Guest,
    *,
    guarded: bool = True,
) -> str:
    """A guest books while a retirement is about to be committed. Returns what became of the booking, which waits for it
    where the retirement holds the floor."""
    counted, may_commit = asyncio.Event(), asyncio.Event()
    transact: Callable[..., Awaitable[Any]] = database.transact

    async def held_back(work: Callable[[Any], Awaitable[Any]]) -> Any:
        async def and_wait(connection: Any) -> Any:
            result = await work(connection)
            counted.set()
            await may_commit.wait()
            return result

        return await transact(and_wait)

    await ada.cancel(soho, await ada.book(soho, day=DAY))  # the guest and the day are there: they are not what is tried
    with monkeypatch.context() as patched:
        patched.setattr(database, "transact", held_back)
        retiring = asyncio.create_task(venues.retire("soho"))
        async with asyncio.timeout(PATIENCE):
            await counted.wait()
    booking = asyncio.create_task(code_of(ada.book(soho, day=DAY)))
    if guarded:
        await until_waiting(other, 1)
    else:
        await asyncio.wait([booking], timeout=PATIENCE)
    may_commit.set()
    await retiring
    return await booking


async def test_nobody_books_in_a_venue_that_is_retired_at_the_same_moment(
    connected: Settings, monkeypatch: pytest.MonkeyPatch, other: asyncpg.Connection[Any]
) -> None:
    made = await add_venue(connected, "soho", "Europe/London")
    [soho] = await contexts(connected, "soho")
    assert await retire_while_it_is_booked(monkeypatch, other, soho, await make_guest()) == "not_found"
    assert await other.fetchval(BOOKED, made) == 0


async def test_without_its_lock_somebody_would(
    connected: Settings, monkeypatch: pytest.MonkeyPatch, other: asyncpg.Connection[Any]
) -> None:
    made = await add_venue(connected, "soho", "Europe/London")
    [soho] = await contexts(connected, "soho")
    await other.execute(WITHOUT_LOCK)
    assert await retire_while_it_is_booked(monkeypatch, other, soho, await make_guest(), guarded=False) == "done"
    assert await other.fetchval(BOOKED, made) == 1


async def test_venue_that_is_booked_at_the_same_moment_is_not_retired(
    connected: Settings, other: asyncpg.Connection[Any]
) -> None:
    await add_venue(connected, "soho", "Europe/London")
    [soho] = await contexts(connected, "soho")
    ada = await make_guest()
    await soho.guest_of(ada.by.user_id)
    async with other.transaction():
        await other.execute("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")  # where a booking's commit comes last
        booking = asyncio.create_task(ada.book(soho, day=DAY))
        await until_waiting(other, 1)
        retiring = asyncio.create_task(venues.retire("soho"))
        await until_waiting(other, 2)
    assert (await booking).venue_id == soho.id
    with pytest.raises(ValueError, match="1 booking is still to come"):
        await retiring


# -- members


async def test_streams_of_a_venue_carry_its_id(connected: Settings) -> None:
    made = await add_venue(connected, "soho", "Europe/London")
    [soho] = await contexts(connected, "soho")
    await (await make_guest()).book(soho, day=DAY)
    rows = await database.fetch("SELECT name FROM streams WHERE venue_id = $1 ORDER BY name", made)
    assert [row["name"] for row in rows] == [stream_of(made, DAY), floor_of(made)]


# -- venue 1, which is as the settings say


async def test_slug_of_venue_1_changes_with_the_settings(
    connected: Settings, database_url: str, redis_url: str
) -> None:
    made = await add_venue(connected, "soho", "Europe/London")
    bistro = make_settings(database_url, redis_url, connected.data_dir, VENUE_SLUG="bistro", VENUE_NAME="Le Bistro")
    await migration.migrate(bistro)
    [context, soho] = await contexts(bistro, "bistro", "soho")
    assert (context.id, context.venue.name, soho.id) == (MAIN, "Le Bistro", made)
    rows = await database.fetch("SELECT id, slug, name FROM venues ORDER BY id")
    assert [tuple(row) for row in rows] == [(MAIN, "bistro", "Le Bistro"), (made, "soho", "At soho")]
    await (await make_guest()).book(context, day=DAY)
    with pytest.raises(ValueError, match="the slug bistro is in use, or was"):
        await add_venue(bistro, "bistro", "Europe/London")


@pytest.mark.parametrize("retired", [False, True])
async def test_slug_of_another_venue_is_not_given_to_venue_1(
    connected: Settings, database_url: str, redis_url: str, retired: bool
) -> None:
    made = await add_venue(connected, "soho", "Europe/London")
    if retired:
        await venues.retire("soho")
    wrong = make_settings(database_url, redis_url, connected.data_dir, VENUE_SLUG="soho")
    with pytest.raises(migration.SlugInUse, match=rf"VENUE_SLUG: soho names another venue \({made}, At soho\)"):
        await migration.migrate(wrong)
    assert (await database.fetch("SELECT slug FROM venues WHERE id = 1"))[0]["slug"] == "main"
    with pytest.raises(ValueError, match="the slug soho is in use, or was"):
        await add_venue(wrong, "soho", "Europe/London")


@pytest.mark.slow
async def test_migrate_says_in_one_line_whose_slug_it_is(start_hub: StartHub, connected: Settings) -> None:
    await add_venue(connected, "soho", "Europe/London")
    hub = await start_hub()
    hub.environ["VENUE_SLUG"] = "soho"
    with pytest.raises(AssertionError) as failed:
        await hub.command("migrate")
    [line] = str(failed.value).splitlines()
    assert line.startswith("hub: the database can't be migrated: VENUE_SLUG: soho names another venue (2, At soho)")
