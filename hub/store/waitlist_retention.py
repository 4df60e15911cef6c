"""Guests whom the house knows of nothing but a wait that came to nothing are forgotten after a month.

A party that waits leaves a name, and perhaps a number, to be called by. Whoever left without a table, and never booked,
has no more business with the house: what names them goes as when a guest is erased. Numbers and times of the waitlist
stay, for they name nobody.
"""

from __future__ import annotations

from typing import Any

from hub.store import database, erasure

DAYS = 30
MOST = 500
"""Guests of one piece."""
# Of every venue: when a guest of a group has last been heard of is no one venue's matter.
KNOWN_ELSEWHERE = """
    EXISTS (SELECT FROM bookings b WHERE b.guest_id = g.id AND b.group_id = g.group_id)
    OR EXISTS (SELECT FROM guest_notes n WHERE n.guest_id = g.id)
    OR EXISTS (SELECT FROM waitlist l WHERE l.guest_id = g.id AND l.group_id = g.group_id
               AND (l.status <> 'left' OR l.changed_at > clock_timestamp() - make_interval(days => $1)))
"""
WHO_LEFT = f"""
SELECT g.id FROM guests g
WHERE g.user_id IS NULL AND g.erased_at IS NULL AND NOT ({KNOWN_ELSEWHERE})
  AND g.id IN (SELECT w.guest_id FROM waitlist w WHERE w.status = 'left'
               AND w.changed_at <= clock_timestamp() - make_interval(days => $1))
ORDER BY g.id LIMIT {MOST} FOR UPDATE OF g SKIP LOCKED
"""  # noqa: S608 constants
STILL_UNKNOWN = f"SELECT g.id FROM guests g WHERE g.id = ANY($2) AND NOT ({KNOWN_ELSEWHERE}) ORDER BY g.id"  # noqa: S608


async def forget_who_left() -> int:
    """Erase some guests who only waited, and left; returns how many. Raises HubErrors."""

    async def work(connection: Any) -> int:
        locked = [row["id"] for row in await connection.fetch(WHO_LEFT, DAYS)]
        # Looked at again with their rows locked, which keeps bookings out: one may have been made just before.
        ids = [row["id"] for row in await connection.fetch(STILL_UNKNOWN, DAYS, locked)] if locked else []
        if ids:
            await erasure.erase_guests(connection, ids)
        return len(ids)

    return await database.transact(work)
