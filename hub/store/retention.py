"""What is forgotten after its time: bounded pieces, so that no statement holds up others for long."""

from __future__ import annotations

from hub.store import database

MOST = 1000
"""Rows of one piece."""


async def forget_expired_keys() -> int:
    """Delete some idempotency keys whose time is over; returns how many. Raises HubErrors."""
    rows = await database.write(
        "DELETE FROM idempotency_keys WHERE id IN (SELECT id FROM idempotency_keys "
        "WHERE expires_at < clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING id",
        MOST,
    )
    return len(rows)


async def forget_notes() -> int:
    """Delete some notes about guests that are past their last day, by UTC's date; returns how many. Raises
    HubErrors."""
    rows = await database.write(
        "DELETE FROM guest_notes WHERE id IN (SELECT id FROM guest_notes "
        "WHERE keep_until < (clock_timestamp() AT TIME ZONE 'UTC')::date - 1 LIMIT $1 FOR UPDATE SKIP LOCKED) "
        "RETURNING id",
        MOST,
    )
    return len(rows)
