"""Holds: of a token, and those that a guest's next one is judged by."""

from __future__ import annotations

from datetime import date
from typing import Final

from hub.domain.holds import Held
from hub.store import database

MADE_BY_STAFF: Final = (
    "(u.role = 'admin' OR u.role = 'host' AND h.venue_id = 1 OR EXISTS (SELECT FROM memberships m "
    "WHERE m.venue_id = h.venue_id AND m.user_id = u.id AND m.role <> 'viewer' AND m.ended_at IS NULL))"
)
"""A condition for queries of ``holds`` as h, with ``users`` who made them as u."""
HELD = (
    "SELECT h.id, h.service_date, h.made_by_id = $2 AS is_own FROM holds h JOIN users u ON u.id = h.made_by_id "  # noqa: S608
    f"WHERE h.venue_id = $1 AND (h.made_by_id = $2 OR h.service_date = $3 AND {MADE_BY_STAFF}) ORDER BY h.id"
)


async def beside(venue_id: int, user_id: int, day: date) -> tuple[dict[int, date], frozenset[int]]:
    """The holds beside which a guest makes one: their own, with the day of each, and the staff's of one day."""
    rows = await database.fetch(HELD, venue_id, user_id, day)
    own = {row["id"]: row["service_date"] for row in rows if row["is_own"]}
    return own, frozenset(row["id"] for row in rows if not row["is_own"])


async def of_digest(venue_id: int, digest: str) -> tuple[Held, date] | None:
    """The hold of a token, by the digest of that, and its service day. None: it is over, or never was."""
    rows = await database.fetch(
        "SELECT id, service_date, starts_at, guests, created_at FROM holds WHERE venue_id = $1 AND digest = $2",
        venue_id,
        digest,
    )
    if not rows:
        return None
    [row] = rows
    return Held(row["id"], row["starts_at"], row["guests"], row["created_at"]), row["service_date"]
