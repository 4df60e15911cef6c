"""What the databases of a run hold: users, tokens, and bookings by the thousand, made with INSERT … SELECT.

Where measures book is kept free by table: the hub books tables 1–200 and pgbench 201–400, both on days 20–399 from
today; what is seeded ahead lies on tables 401–500, and what readers ask for on days 1–10, tables 501–516. The quarters
of an hour from 12:00 to 22:00 UTC are the slots, so that a single day holds 8,000 bookings of each side.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from math import gcd

import asyncpg

from hub.config import Settings
from hub.security import Tokens

USERS = 100
ROOM = {"TABLES_FOR_2": "400", "TABLES_FOR_3": "100", "TABLES_FOR_6": "16", "BOOKING_SLOT_HOURS": "0.25"}
OWN_TABLES = 200
FIRST_DAY, LAST_DAY = 20, 399
SLOTS = 40
READ_DAYS = 10
READ_BOOKINGS = 40
"""Bookings on each day that readers ask for, the same however many the database holds."""


async def users(connection: asyncpg.Connection, settings: Settings) -> list[str]:
    """USERS users with a session each; returns a valid token of each. Their ids, and those of their guests, are 1 to
    USERS."""
    await connection.execute(
        "INSERT INTO users (email, full_name, password_hash, role, language, verified_at) "
        "SELECT 'guest-' || n || '@example.com', 'Ada Guest', '-', 'user', 'en', clock_timestamp() "
        "FROM generate_series(1, $1::int) n",
        USERS,
    )
    await connection.execute("INSERT INTO sessions (user_id) SELECT id FROM users ORDER BY id")
    await connection.execute("SELECT hub_guest(1, id) FROM users ORDER BY id")
    rows = await connection.fetch("SELECT id, user_id FROM sessions ORDER BY id")
    tokens = Tokens(settings)
    return [tokens.make(user_id=row["user_id"], role="user", session_id=row["id"])[0] for row in rows]


INSERT = """
WITH cell AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('bookings', 'id')) AS id, 1 + n % {users} AS user_id, c.*,
           ($1::date + c.day)::date AS service_date,
           (($1::date + c.day) + time '12:00') AT TIME ZONE 'UTC' + c.slot * interval '15 minutes' AS starts_at
    FROM generate_series(0, $2::bigint - 1) n CROSS JOIN LATERAL ({cell}) c
), booked AS (
    INSERT INTO bookings (id, venue_id, group_id, guest_id, user_id, reference, table_id, guests, starts_at, ends_at,
                          service_date, status, revision,
                          created_at, updated_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, 1, 1, user_id, user_id, translate(lpad(id::text, 8, '0'), '01', 'YX'), table_id, 2,
           starts_at, starts_at + interval '15 minutes', service_date, 'booked', 1,
           least(starts_at, now()) - interval '3 days', least(starts_at, now()) - interval '3 days' FROM cell
), queued AS (
    INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, ordering_key, due_at, sent_at)
    SELECT 'mail', 'confirmed', 'guest@example.com',
           '{{"revision": 1, "lead_minutes": 0, "audience": "guest", "language": "en"}}', 1, id, 'booking:' || id,
           now(), now() FROM cell
), told AS (
    INSERT INTO events (stream, version, kind, data, actor, at)
    SELECT 'day:' || service_date, row_number() OVER (PARTITION BY service_date ORDER BY id), 'booked',
           jsonb_build_object('booking', id, 'entry', jsonb_build_object('guest_id', user_id, 'user_id', user_id,
               'table_id', table_id, 'guests', 2, 'starts_at', starts_at, 'status', 'booked', 'revision', 1)),
           user_id, now() FROM cell
    RETURNING id, stream, version
), heads AS (
    INSERT INTO streams (name, version, head)
    SELECT stream, max(version), (array_agg(id ORDER BY version DESC))[1] FROM told GROUP BY stream
)
INSERT INTO occupancies (venue_id, table_id, booking_id, starts_at, ends_at)
SELECT 1, table_id, id, starts_at, starts_at + interval '15 minutes' FROM cell
"""
# One booking a table and day behind us; five a table and day, two hours apart, ahead; 40 on each day that is read.
PAST = "SELECT -1 - (n / 500)::int AS day, 1 + n % 500 AS table_id, (n * 7919 % 40)::int AS slot"
AHEAD = (
    f"SELECT {FIRST_DAY} + (n / 100 % {LAST_DAY - FIRST_DAY + 1})::int AS day, 401 + n % 100 AS table_id, "
    f"8 * (n / {100 * (LAST_DAY - FIRST_DAY + 1)})::int + 3 AS slot"
)
READ = f"SELECT 1 + (n / {READ_BOOKINGS})::int AS day, 501 + n % 16 AS table_id, (n % {READ_BOOKINGS})::int AS slot"


async def bookings(connection: asyncpg.Connection, count: int) -> float:
    """Seed ``count`` bookings (at least 400) with occupancies, events and deliveries, with every constraint in place.

    Returns the seconds that it took.
    """
    began, today = time.perf_counter(), today_utc()
    read = READ_DAYS * READ_BOOKINGS
    ahead = (count - read) // 10
    for cell, number in ((READ, read), (AHEAD, ahead), (PAST, count - read - ahead)):
        await connection.execute(INSERT.format(users=USERS, cell=cell), today, number, timeout=3600)
    await connection.execute("VACUUM ANALYZE", timeout=3600)
    return time.perf_counter() - began


def today_utc() -> date:
    return datetime.now(UTC).date()


def reads(tokens: list[str], today: date, guests: int) -> list[bytes]:
    """Requests for what is free on the read days at each full hour, of all users, in a fixed mixed order."""
    hours = range(12, 20)
    return [
        (
            f"GET /tables/available?date={today + timedelta(days=1 + n % READ_DAYS)}&time={hours[n // 7 % 8]}:00"
            f"&guests={guests} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {tokens[n * 31 % len(tokens)]}\r\n"
            "Accept: */*\r\nUser-Agent: bench\r\n\r\n"
        ).encode()
        for n in range(len(tokens) * READ_DAYS)
    ]


def cells(day: int | None = None) -> Iterator[tuple[int, int, int]]:
    """(day, slot, table) of every place that the hub may book, each once, mixed; of one day alone if it is given."""
    days = LAST_DAY - FIRST_DAY + 1 if day is None else 1
    size = days * SLOTS * OWN_TABLES
    step = next(n for n in range(int(size * 0.618), size) if gcd(n, size) == 1)
    for count in range(size):
        n = count * step % size
        yield (
            FIRST_DAY + n // (SLOTS * OWN_TABLES) if day is None else day,
            n // OWN_TABLES % SLOTS,
            1 + n % OWN_TABLES,
        )


def books(tokens: list[str], today: date, day: int | None = None) -> Iterator[bytes]:
    """Requests that each book a place of its own, so that every one is a success."""
    for count, (number, slot, table) in enumerate(cells(day)):
        at = f"{12 + slot // 4}:{slot % 4 * 15:02}"
        body = f'{{"date":"{today + timedelta(days=number)}","time":"{at}","guests":2,"table_id":{table}}}'
        yield (
            f"POST /bookings HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {tokens[count % len(tokens)]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Accept: */*\r\nUser-Agent: bench\r\n\r\n{body}"
        ).encode()
