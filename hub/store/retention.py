"""What is forgotten after its time: bounded pieces, so that no statement holds up others for long."""

from __future__ import annotations

from hub.store import database

MOST = 1000
"""Rows of one piece."""
# By the clock at the statement's begin: by one that goes on no index finds anything.
EXPIRED_KEYS = (
    "SELECT id FROM idempotency_keys WHERE expires_at < statement_timestamp() "
    "ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED"
)
OLD_NOTES = (
    "SELECT id FROM guest_notes WHERE keep_until < (statement_timestamp() AT TIME ZONE 'UTC')::date - 1 "
    "LIMIT $1 FOR UPDATE SKIP LOCKED"
)


async def forget_expired_keys() -> int:
    """Delete some idempotency keys whose time is over; returns how many. Raises HubErrors."""
    rows = await database.write(f"DELETE FROM idempotency_keys WHERE id IN ({EXPIRED_KEYS}) RETURNING id", MOST)  # noqa: S608 a constant
    return len(rows)


async def forget_notes() -> int:
    """Delete some notes about guests that are past their last day, by UTC's date; returns how many. Raises
    HubErrors."""
    rows = await database.write(f"DELETE FROM guest_notes WHERE id IN ({OLD_NOTES}) RETURNING id", MOST)  # noqa: S608 a constant
    return len(rows)
