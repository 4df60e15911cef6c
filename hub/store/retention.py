"""What is forgotten after its time: bounded pieces, so that no statement holds up others for long.

Workers ask for the pieces (workers.forgetting). How long each thing is kept is said in docs/operations.md.
"""

# ruff: noqa: S608 - the pieces of all statements are constants of this file
from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from hub.store import database
from hub.store.note_ends import DAYS, DIETARY_DAYS

MOST = 1000
"""Rows of one piece."""
SESSION_DAYS = 30
"""For so many days after its end a session is kept: whoever asks about a log-in asks within weeks."""
OUTBOX_DAYS = 90
"""For so many days a row of the outbox is kept after it was sent or dropped, and after its booking's end."""
# By the clock at the statement's begin: by one that goes on no index finds anything.
EXPIRED_KEYS = (
    "SELECT id FROM idempotency_keys WHERE expires_at < statement_timestamp() "
    "ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED"
)
OLD_NOTES = (
    "SELECT id FROM guest_notes WHERE keep_until < (statement_timestamp() AT TIME ZONE 'UTC')::date - 1 "
    "LIMIT $1 FOR UPDATE SKIP LOCKED"
)
OLD_DIETARY = (
    "SELECT n.id FROM guest_notes n WHERE n.kind = 'dietary' AND n.keep_until IS NULL "
    "AND n.created_at < (((statement_timestamp() AT TIME ZONE 'UTC')::date - 1 - "
    f"{DIETARY_DAYS})::timestamp AT TIME ZONE 'UTC') AND NOT EXISTS (SELECT FROM {DAYS} "
    f"WHERE service_date >= (statement_timestamp() AT TIME ZONE 'UTC')::date - 1 - {DIETARY_DAYS}) "
    "ORDER BY n.created_at LIMIT $1 FOR UPDATE OF n SKIP LOCKED"
)
# A venue's days are neighbours in the index, so the oldest are found at once. A day is past everywhere one day after it
# is by UTC. What was written lately to an old day is kept as long as all else that was written then: whoever goes on
# from a view or a checkpoint finds it. Names are compared letter by letter too, whatever the database's collation.
OLD_EVENTS = """
SELECT e.id FROM venues v CROSS JOIN LATERAL (
    SELECT id FROM events
    WHERE venue_id = v.id AND stream >= hub_stream(v.id, date '0001-01-01')
      AND stream < hub_stream(v.id, (statement_timestamp() AT TIME ZONE 'UTC')::date - $2::integer - 1)
      AND stream COLLATE "C" < hub_stream(v.id, (statement_timestamp() AT TIME ZONE 'UTC')::date - $2::integer - 1)
      AND at < statement_timestamp() - make_interval(days => $2)
    ORDER BY stream, version LIMIT $1
) e LIMIT $1
"""
# The last event of a floor stays, by which its views are continued when the next one comes: that may be years later.
OLD_FLOOR_EVENTS = """
SELECT e.id FROM streams s CROSS JOIN LATERAL (
    SELECT id, at FROM events WHERE stream = s.name AND version < s.version ORDER BY version LIMIT $1
) e
WHERE s.name = ANY(ARRAY(SELECT CASE WHEN id = 1 THEN '' ELSE id || '/' END || 'tables' FROM venues))
  AND (SELECT at FROM events WHERE stream = s.name ORDER BY version LIMIT 1)
      < statement_timestamp() - make_interval(days => $2)
  AND e.at < statement_timestamp() - make_interval(days => $2)
LIMIT $1
"""
OLD_SESSIONS = """
    SELECT id, user_id FROM sessions WHERE created_at < statement_timestamp() - $2::interval
    ORDER BY created_at LIMIT $1
"""
# The accounts are locked first, as by whoever ends their sessions; one that somebody else holds has its turn later.
FORGET_SESSIONS = f"""
WITH old AS ({OLD_SESSIONS}),
whose AS MATERIALIZED (
    SELECT id FROM users WHERE id IN (SELECT user_id FROM old) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
),
gone AS (
    DELETE FROM sessions s USING old, whose WHERE s.id = old.id AND whose.id = old.user_id
    RETURNING s.user_id, s.created_at
),
noted AS (
    UPDATE users u SET logged_in_at = greatest(u.logged_in_at, g.last)
    FROM (SELECT user_id, max(created_at) AS last FROM gone GROUP BY user_id) g WHERE u.id = g.user_id
)
SELECT count(*) FROM gone
"""
# The row says that its mail was written, so it stays while its booking may be changed: a guest's new address makes some
# of a booking's mails due again.
OLD_MESSAGES = """
SELECT o.id FROM outbox o
WHERE coalesce(o.sent_at, o.dropped_at) < statement_timestamp() - make_interval(days => $2) AND o.failed_at IS NULL
  AND NOT EXISTS (SELECT FROM bookings b WHERE b.venue_id = o.venue_id AND b.id = o.booking_id
                  AND b.ends_at > statement_timestamp() - make_interval(days => $2))
ORDER BY coalesce(o.sent_at, o.dropped_at) LIMIT $1 FOR UPDATE OF o SKIP LOCKED
"""
FORGETTING = (
    "SELECT set_config('hub.forgetting', 'on', true), "
    "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)"
)
"""In front of a deletion of events. Without it their guard refuses (hub_refuse_change). By the index's order a piece is
read alone; the planner, who does not know that the old are many or none, may prefer to collect and sort all of them."""
ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtextextended('hub retention', 0))"


async def forget_expired_keys() -> int:
    """Delete some idempotency keys whose time is over; returns how many. Raises HubErrors."""
    rows = await database.write(f"DELETE FROM idempotency_keys WHERE id IN ({EXPIRED_KEYS}) RETURNING id", MOST)
    return len(rows)


async def forget_notes() -> int:
    """Delete some notes about guests that are past their last day, by UTC's date; returns how many. Raises
    HubErrors."""
    old = f"id IN ({OLD_NOTES}) OR id IN ({OLD_DIETARY})"
    rows = await database.write(f"DELETE FROM guest_notes WHERE {old} RETURNING id", MOST)
    return len(rows)


async def forget_events(days: int) -> int:
    """Delete some events that are older than so many days, and whose service day is; returns how many. Streams keep
    their versions. Raises HubErrors."""

    async def work(connection: Any) -> int:
        await connection.execute(FORGETTING)
        gone = await connection.fetch(f"DELETE FROM events WHERE id IN ({OLD_EVENTS}) RETURNING id", MOST, days)
        if len(gone) < MOST:
            statement = f"DELETE FROM events WHERE id IN ({OLD_FLOOR_EVENTS}) RETURNING id"
            gone += await connection.fetch(statement, MOST - len(gone), days)
        return len(gone)

    return await _alone(work)


async def forget_sessions(length: timedelta) -> int:
    """Delete some sessions that would have ended SESSION_DAYS ago, each of which lasts for ``length`` at most; returns
    how many. The account keeps when the last of them began. Raises HubErrors."""

    async def work(connection: Any) -> int:
        found: int = await connection.fetchval(FORGET_SESSIONS, MOST, length + timedelta(days=SESSION_DAYS))
        return found

    return await _alone(work)


async def forget_messages() -> int:
    """Delete some rows of the outbox that were sent or dropped OUTBOX_DAYS ago; returns how many. Rows that failed stay
    until an operator retries them. Raises HubErrors."""

    async def work(connection: Any) -> int:
        return len(
            await connection.fetch(f"DELETE FROM outbox WHERE id IN ({OLD_MESSAGES}) RETURNING id", MOST, OUTBOX_DAYS)
        )

    return await _alone(work)


async def _alone(work: Callable[[Any], Awaitable[int]]) -> int:
    """Do a piece, if no other worker is at one: nothing is gained by two, and neither waits for the other."""

    async def once(connection: Any) -> int:
        return await work(connection) if await connection.fetchval(ONE_AT_A_TIME) else 0

    return await database.transact(once)
