"""What the database refuses by itself, whoever asks, and what its refusals mean to a caller.

Every statement here goes past the verbs: a guard counts only when it holds without them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from hub.config import Settings
from hub.errors import Conflict, EmailTaken, HubError, NameTaken, PhoneTaken, SlotTaken
from hub.store import database
from hub.store.failures import CONSTRAINTS
from tests import rows
from tests import servers as made
from tests.races import PostgresLog
from tests.servers import Servers


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[Any]:
    """A connection to this test's database, with a user 1, a booking 1 at 18:00–20:00 and its occupancy of table 1."""
    connection = await asyncpg.connect(database_url)
    await fill(connection)
    yield connection
    await connection.close()


async def fill(connection: Any) -> None:
    await connection.execute(USER.format(email="a@example.com", phone="'+70000000001'", role="user"))
    await connection.execute(BOOKING.format(guests=2, starts="18:00", ends="20:00", status="booked"))
    await connection.execute(OCCUPANCY.format(table=1, starts="18:00", ends="20:00"))


@pytest.fixture(scope="module")
def shared_url(servers: Servers, template: str) -> Iterator[str]:
    """A database with the same rows, in which each test undoes what it did."""

    async def fill_it(url: str) -> None:
        connection = await asyncpg.connect(url)
        await fill(connection)
        await connection.close()

    with asyncio.Runner() as runner:
        clone = made.cloned_database(servers, template)
        url = runner.run(clone.__aenter__())
        runner.run(fill_it(url))
        yield url
        runner.run(clone.__aexit__(None, None, None))


@pytest.fixture
async def undone(shared_url: str) -> AsyncIterator[Any]:
    """A connection in a transaction that is rolled back: no guard waits for a commit."""
    connection = await asyncpg.connect(shared_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


DAY = "2026-11-24"
USER = (
    "INSERT INTO users (email, phone_number, full_name, password_hash, role, language) "
    "VALUES ('{email}', {phone}, 'Ada Guest', 'none', '{role}', 'en')"
)
TABLE = "INSERT INTO tables (venue_id, group_id, name, seats) VALUES (1, 1, '{name}', {seats})"
BOOKING = (
    "INSERT INTO bookings (venue_id, group_id, guest_id, user_id, reference, table_id, guests, starts_at, ends_at, "
    "service_date, status, revision, created_at, updated_at) VALUES (1, 1, hub_guest(1, 1), 1, "
    f"{rows.NEW_REFERENCE}, 1, {{guests}}, '{DAY} {{starts}}Z', '{DAY} {{ends}}Z', '{DAY}', '{{status}}', 1, "
    "now(), now())"
)
OCCUPANCY = (
    "INSERT INTO occupancies (venue_id, table_id, booking_id, starts_at, ends_at) "
    f"VALUES (1, {{table}}, 1, '{DAY} {{starts}}Z', '{DAY} {{ends}}Z')"
)
DELIVERY = (
    "INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, user_id, ordering_key, due_at) "
    "VALUES ('{kind}', '{topic}', 'a@example.com', jsonb_build_object('revision', {revision}, "
    "'lead_minutes', {lead}, '{name}', '{audience}', 'language', '{language}'), "
    "CASE WHEN {booking}::bigint > 0 THEN 1 END, {booking}, {user}, 'booking:1', now())"
)
BLOCK = (
    "INSERT INTO blocks (venue_id, service_date, table_ids, starts_at, ends_at, reason) "
    f"VALUES ({{venue}}, '{DAY}', '{{tables}}', '{DAY} 18:00Z', '{DAY} 20:00Z', 'Painted')"
)
HOLD = (
    "INSERT INTO holds (venue_id, service_date, table_ids, starts_at, ends_at, guests, digest, expires_at) "
    f"VALUES ({{venue}}, '{DAY}', '{{tables}}', '{DAY} 18:00Z', '{DAY} 20:00Z', 2, 'none', now())"
)
EVENT = "INSERT INTO events (stream, version, kind, data) VALUES ('{stream}', {version}, 'booked', '{{}}')"


def delivery(**other: object) -> str:
    usual = {"kind": "mail", "topic": "confirmed", "booking": 1, "user": "NULL", "revision": 1, "lead": 0}
    return DELIVERY.format(**usual | {"name": "audience", "audience": "guest", "language": "en"} | other)


REFUSED: list[tuple[str, str]] = [
    # One table, two parties. Overlapping at the end, at the start, inside, around, and the very same.
    ("occupancies_never_overlap", OCCUPANCY.format(table=1, starts="19:59", ends="21:00")),
    ("occupancies_never_overlap", OCCUPANCY.format(table=1, starts="16:00", ends="18:00:01")),
    ("occupancies_never_overlap", OCCUPANCY.format(table=1, starts="18:30", ends="19:00")),
    ("occupancies_never_overlap", OCCUPANCY.format(table=1, starts="17:00", ends="22:00")),
    ("occupancies_never_overlap", OCCUPANCY.format(table=1, starts="18:00", ends="20:00")),
    ("occupancies_never_overlap", OCCUPANCY.format(table=2, starts="18:00", ends="20:00")
        + "; UPDATE occupancies SET table_id = 1 WHERE table_id = 2"),
    ("occupancies_end_after_start", OCCUPANCY.format(table=2, starts="18:00", ends="18:00")),
    ("bookings_end_after_start", BOOKING.format(guests=2, starts="18:00", ends="18:00", status="booked")),
    ("bookings_guests_range", BOOKING.format(guests=0, starts="18:00", ends="20:00", status="booked")),
    ("bookings_guests_range", BOOKING.format(guests=21, starts="18:00", ends="20:00", status="booked")),
    ("bookings_status_known", BOOKING.format(guests=2, starts="18:00", ends="20:00", status="eaten")),
    ("tables_name_in_use", TABLE.format(name="T2-1", seats=2)),
    ("tables_name_in_use", "UPDATE tables SET name = 'T2-1' WHERE id = 2"),
    ("tables_name_in_use", "UPDATE tables SET retired_at = now() WHERE id = 2;"
        + TABLE.format(name="T2-2", seats=2) + "; UPDATE tables SET retired_at = NULL WHERE id = 2"),
    ("tables_seats_range", TABLE.format(name="small", seats=0)),
    ("tables_seats_range", TABLE.format(name="large", seats=21)),
    ("tables_seats_range", "UPDATE tables SET seats = -1 WHERE id = 1"),
    ("users_role_known", USER.format(email="b@example.com", phone="NULL", role="owner")),
    ("users_email_lower", USER.format(email="B@example.com", phone="NULL", role="user")),
    ("users_email_key", USER.format(email="a@example.com", phone="NULL", role="user")),
    ("users_phone_number_key", USER.format(email="b@example.com", phone="'+70000000001'", role="user")),
    ("hub_epoch_form", "UPDATE hub SET epoch = 'ABCDEFGH'"),
    ("hub_epoch_form", "UPDATE hub SET epoch = 'abc'"),
    ("hub_epoch_form", "UPDATE hub SET epoch = 'abc-defg'"),
    ("hub_has_one_row", "INSERT INTO hub (id, epoch, system_identifier) VALUES (2, 'abcdefgh', '1')"),
    ("hub_pkey", "INSERT INTO hub (id, epoch, system_identifier) VALUES (1, 'abcdefgh', '1')"),
    ("streams_pkey", "INSERT INTO streams (name, version) VALUES ('tables', 0)"),
    ("uid_events_stream_dfb24b", EVENT.format(stream="tables", version=16)),
    ("outbox_once", f"{delivery()}; {delivery()}"),
    ("outbox_once", f"{delivery()}; {delivery(language='ru')}"),
    ("outbox_mail_topic_known", delivery(topic="greeting")),
    ("outbox_mail_audience_known", delivery(audience="press")),
    ("outbox_mail_payload_whole", delivery().replace("'language'", "'tongue'")),
    ("outbox_mail_of_one", delivery(topic="reset")),
    ("outbox_mail_of_one", delivery(booking="NULL", user=1)),
    ("outbox_mail_of_one", delivery(user=1)),
    # A venue that is not there, and a table of another one.
    ("blocks_table_of_venue", BLOCK.format(venue=2, tables="[1]")),
    ("blocks_table_of_venue", BLOCK.format(venue=1, tables="[999999, 1]")),
    ("holds_table_of_venue", HOLD.format(venue=2, tables="[1]")),
    ("holds_table_of_venue", HOLD.format(venue=1, tables="[999999, 1]")),
    # A table, a user with bookings: rows that others stand on stay.
    ("bookings_table_of_venue", "DELETE FROM occupancies; DELETE FROM tables WHERE id = 1"),
    ("occupancies_table_of_venue", "UPDATE bookings SET table_id = 2; DELETE FROM tables WHERE id = 1"),
    ("guests_user_id_fkey", "DELETE FROM users WHERE id = 1"),
    ("bookings_user_id_fkey", "UPDATE guests SET user_id = NULL; DELETE FROM users WHERE id = 1"),
    ("bookings_guest_of_group", "DELETE FROM guests WHERE id = 1"),
]  # fmt: skip


@pytest.mark.parametrize(("guard", "statement"), REFUSED, ids=[f"{i}-{name}" for i, (name, _) in enumerate(REFUSED)])
async def test_a_guard_refuses_what_breaks_its_rule(undone: Any, guard: str, statement: str) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await undone.execute(statement)
    assert refused.value.constraint_name == guard


@pytest.mark.parametrize("statement", [BLOCK, HOLD], ids=["block", "hold"])
async def test_tables_are_kept_and_closed_without_the_lock_of_their_venue(
    undone: Any, shared_url: str, statement: str
) -> None:
    """Whatever holds the one row of a venue is in nobody's way: a key to it would wait here, and be refused."""
    await undone.execute("SELECT FROM venues WHERE id = 1 FOR UPDATE")
    other = await asyncpg.connect(shared_url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("SET LOCAL lock_timeout = '1s'")
    await other.execute(statement.format(venue=1, tables="[1]"))
    await transaction.rollback()
    await other.close()


@pytest.mark.parametrize(
    "statement",
    [
        # Half-open: one party may sit down at the minute in which the other's time ends.
        OCCUPANCY.format(table=1, starts="20:00", ends="22:00"),
        OCCUPANCY.format(table=1, starts="16:00", ends="18:00"),
        OCCUPANCY.format(table=2, starts="18:00", ends="20:00"),
        BOOKING.format(guests=20, starts="18:00", ends="20:00", status="canceled"),
        TABLE.format(name="long", seats=20),
        "UPDATE tables SET retired_at = now() WHERE id = 2; " + TABLE.format(name="T2-2", seats=2),
        "UPDATE tables SET retired_at = now(), name = 'T2-1' WHERE id = 2",
        USER.format(email="b@example.com", phone="NULL", role="host")
        + ";"
        + USER.format(email="c@example.com", phone="NULL", role="admin"),
        "UPDATE hub SET epoch = 'a1b2c3d4'",
        EVENT.format(stream="tables", version=17) + ";" + EVENT.format(stream="day:2026-11-24", version=17),
        # Each column of the key counts: none of these is the same notice.
        "; ".join(
            delivery(**other)
            for other in (
                {},
                {"revision": 2},
                {"topic": "reminder"},
                {"topic": "reminder", "lead": 120},
                {"kind": "webhook", "topic": "greeting"},
                {"audience": "house"},
            )
        ),
    ],
)
async def test_no_guard_refuses_what_is_right(undone: Any, statement: str) -> None:
    await undone.execute(statement)


@pytest.mark.parametrize("statement", ["UPDATE events SET kind = 'x'", "DELETE FROM events", "TRUNCATE events"])
async def test_an_event_is_never_changed_or_removed(sql: Any, statement: str) -> None:
    before = await sql.fetch("SELECT * FROM events ORDER BY id")
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await sql.execute(statement)
    assert await sql.fetch("SELECT * FROM events ORDER BY id") == before


async def test_a_table_without_the_exclusion_constraint_takes_two_parties(sql: Any) -> None:
    """The negative control of the guard that matters most: nothing else stands behind it at this place."""
    await sql.execute("ALTER TABLE occupancies DROP CONSTRAINT occupancies_never_overlap")
    await sql.execute(OCCUPANCY.format(table=1, starts="19:00", ends="21:00"))


async def test_two_open_transactions_cannot_both_take_a_table(sql: Any, database_url: str) -> None:
    """The second insert waits for the first to commit, though it can't see its row, and is refused then."""
    await sql.execute("DELETE FROM occupancies")
    other = await asyncpg.connect(database_url)
    try:
        async with sql.transaction():
            await sql.execute(OCCUPANCY.format(table=1, starts="18:00", ends="20:00"))
            late = asyncio.create_task(other.execute(OCCUPANCY.format(table=1, starts="19:00", ends="21:00")))
        with pytest.raises(asyncpg.ExclusionViolationError):
            await late
    finally:
        await other.close()


# -- what a refusal means


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (OCCUPANCY.format(table=1, starts="19:00", ends="21:00"), SlotTaken),
        (USER.format(email="a@example.com", phone="NULL", role="user"), EmailTaken),
        (USER.format(email="b@example.com", phone="'+70000000001'", role="user"), PhoneTaken),
        (TABLE.format(name="T2-1", seats=2), NameTaken),
    ],
)
async def test_a_refusal_is_the_error_of_its_cause(
    sql: Any, connected: Settings, statement: str, error: type[HubError]
) -> None:
    """By both ways to the database, and nothing is kept by either."""
    with pytest.raises(error):
        await database.fetch(statement)

    async def work(connection: Any) -> None:
        await connection.execute("INSERT INTO streams (name, version) VALUES ('day:2026-11-24', 0)")
        await connection.execute(statement)

    with pytest.raises(error):
        await database.transact(work)
    assert not await sql.fetchval("SELECT EXISTS (SELECT FROM streams WHERE name <> 'tables')")


@pytest.mark.parametrize("statement", [delivery(topic="greeting"), "INSERT INTO streams VALUES ('tables', 0)"])
async def test_a_refusal_that_no_caller_causes_is_a_fault_of_ours(
    sql: Any, connected: Settings, statement: str
) -> None:
    """It must not be told to a caller as if it were the caller's: ``internal``, with details in the log."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await database.fetch(statement)


async def test_every_constraint_that_is_named_exists(undone: Any) -> None:
    """A renamed constraint would turn its refusal into an ``internal``."""
    rows = await undone.fetch("SELECT conname AS name FROM pg_constraint UNION SELECT relname FROM pg_class")
    assert CONSTRAINTS.keys() <= {row["name"] for row in rows}


# -- repeats


async def test_a_deadlock_of_two_transactions_ends_with_both_done(
    sql: Any, connected: Settings, servers: Servers
) -> None:
    """A real one: each holds the row that the other wants. It is in the server's log, where the races look for one.

    Which of them the server ends is its choice, and it may end both: the one that goes on may wait for a second turn.
    """
    log = PostgresLog(servers)
    await sql.execute("INSERT INTO streams (name, version) VALUES ('day:2026-11-24', 0), ('day:2026-11-25', 0)")
    both_hold_one = asyncio.Barrier(2)
    attempts = {"there": 0, "back": 0}

    async def write(who: str, names: list[str]) -> str:
        async def work(connection: Any) -> str:
            attempts[who] += 1
            for index, name in enumerate(names):
                await connection.execute("UPDATE streams SET version = version + 1 WHERE name = $1", name)
                if index == 0 and attempts[who] == 1:
                    await both_hold_one.wait()
            return who

        return await database.transact(work)

    days = ["day:2026-11-24", "day:2026-11-25"]
    done = await asyncio.gather(write("there", days), write("back", days[::-1]))
    assert list(done) == ["there", "back"]
    assert all(1 <= number <= 3 for number in attempts.values()) and sum(attempts.values()) >= 3, attempts
    assert [row["version"] for row in await sql.fetch("SELECT version FROM streams WHERE name <> 'tables'")] == [2, 2]
    assert 1 <= len(log.deadlocks()) <= sum(attempts.values()) - 2


@pytest.mark.parametrize(("overtaken", "attempts"), [(1, 2), (2, 3), (3, 3)])
async def test_a_failed_serialisation_is_repeated_three_times_at_most(
    sql: Any, connected: Settings, overtaken: int, attempts: int
) -> None:
    """Somebody else writes the row between the transaction's snapshot and its own write, ``overtaken`` times."""
    tried = 0

    async def work(connection: Any) -> int:
        nonlocal tried
        tried += 1
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await connection.execute("SELECT version FROM streams")
        if tried <= overtaken:
            await sql.execute("UPDATE streams SET version = version + 1 WHERE name = 'tables'")
        [row] = await connection.fetch(
            "WITH u AS (UPDATE streams SET version = version + 1 WHERE name = 'tables' RETURNING version) "
            "SELECT version FROM u"
        )
        return int(row["version"])

    if overtaken < 3:
        assert await database.transact(work) == 16 + overtaken + 1
    else:
        with pytest.raises(Conflict) as refused:
            await database.transact(work)
        assert refused.value.retryable
    assert tried == attempts


async def test_a_conflict_that_a_verb_says_is_not_repeated(connected: Settings) -> None:
    """Only the database's own conflicts are: what a verb decided, it would decide again."""
    tried = 0

    async def work(connection: Any) -> None:
        nonlocal tried
        tried += 1
        raise Conflict()

    with pytest.raises(Conflict):
        await database.transact(work)
    assert tried == 1
