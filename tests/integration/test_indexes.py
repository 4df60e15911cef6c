"""What is asked again and again finds its rows by an index: each statement as it stands, planned by the database.

A clock that goes on while a statement runs (clock_timestamp) is compared with each row by itself; an index is searched
for the time at which the statement began.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from hub.store import bookings, days, freshness, guest_book, retention, waitlist

DAY = date(2026, 11, 24)
FOUND: dict[str, tuple[str, tuple[Any, ...], set[str]]] = {
    "housekeeping": (
        days.DUE,
        ([1], [DAY], [DAY]),
        {"holds h", "bookings b: ends_at", "occupancies o: booking_id", "waitlist w: venue_id"},
    ),
    "who waits": (waitlist.WAITED_ON, (), {"waitlist"}),
    "freshness": (freshness.QUESTION, ([], [], [], None), {"sessions: ended_at", "users: changed_at"}),
    "fresh since": (
        freshness.QUESTION,
        ([], [], [], datetime(2026, 11, 24, tzinfo=UTC)),
        {"sessions: ended_at", "users: changed_at", "memberships: changed_at"},
    ),
    "own bookings": (bookings.OWN, ([1], [1], ["tables"]), {"bookings b: starts_at"}),
    "guest book": (
        guest_book.SEARCH,
        (1, 1, True, DAY, "%ida%", None),
        {"guests g: id", "bookings b: guest_id", "bookings b_1: guest_id", "guest_notes n: guest_id"},
    ),
    "notes on paper": (days.NOTES, ([1, 2], DAY), {"guest_notes n: guest_id"}),
    "expired keys": (retention.EXPIRED_KEYS, (1000,), {"idempotency_keys: expires_at"}),
    "old notes": (retention.OLD_NOTES, (1000,), {"guest_notes: keep_until"}),
    "old dietary notes": (
        retention.OLD_DIETARY,
        (1000,),
        {"guest_notes n: created_at", "bookings b: guest_id", "guests w: id"},
    ),
    "old events": (retention.OLD_EVENTS, (1000, 400), {"venues v", "events"}),
    "old events of floors": (retention.OLD_FLOOR_EVENTS, (1000, 400), {"venues", "streams s", "events"}),
    "old sessions": (retention.FORGET_SESSIONS, (1000, timedelta(days=30)), {"sessions: created_at", "users: id"}),
    "old messages": (retention.OLD_MESSAGES, (1000, 90), {"outbox o", "bookings b: id"}),
}
SCAN = re.compile(r"Index (?:Only )?Scan (?:Backward )?using \w+ on (\w+(?: \w+)?) ")
"""A scan of a table, and its alias where it has one. Which of several indexes is taken depends on the rows, so a column
is named below only where there is one that can be."""


@pytest.fixture
async def planner(database_url: str) -> AsyncIterator[Any]:
    """Of small tables too it looks for what an index can find."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    await connection.execute("SET enable_hashjoin = off; SET enable_mergejoin = off")
    yield connection
    await connection.close()


@pytest.mark.parametrize("name", FOUND)
async def test_what_is_asked_again_and_again_is_found_by_an_index(planner: Any, name: str) -> None:
    statement, arguments, wanted = FOUND[name]
    plan = [row[0] for row in await planner.fetch(f"EXPLAIN {statement}", *arguments)]
    found: set[str] = set()
    for line, below in zip(plan, [*plan[1:], ""], strict=True):
        if (scan := SCAN.search(line)) is not None:
            found.add(scan[1])
            if "Index Cond" in below:
                found |= {f"{scan[1]}: {column}" for column in re.findall(r"\(?(\w+) (?:<|>|=|<=|>=) ", below)}
    assert wanted <= found, "\n".join(plan)


@pytest.mark.parametrize(("kept", "most"), [(400, 10), (100, 4000)], ids=["nothing to forget", "30,000 to forget"])
async def test_a_piece_of_old_events_is_found_without_a_look_at_the_others(
    database_url: str, kept: int, most: int
) -> None:
    """``most``: of 40,000 events, as many pages as 1,000 rows and what leads to them take at most."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO events (stream, version, kind, data, at) SELECT hub_stream(1, current_date - d), n, 'booked', "
            "'{}', clock_timestamp() - make_interval(days => d) "
            "FROM generate_series(0, 399) d, generate_series(1, 100) n"
        )
        await connection.execute("ANALYZE")
        for statement in (retention.OLD_EVENTS, retention.OLD_FLOOR_EVENTS):
            async with connection.transaction():
                await connection.execute(retention.FORGETTING)
                explain = f"EXPLAIN (ANALYZE, BUFFERS, TIMING off) {statement}"
                plan = "\n".join(row[0] for row in await connection.fetch(explain, 1000, kept))
            whole = re.search(r"Buffers: shared hit=(\d+)(?: read=(\d+))?", plan)
            assert whole is not None and int(whole[1]) + int(whole[2] or 0) <= most, plan
    finally:
        await connection.close()
