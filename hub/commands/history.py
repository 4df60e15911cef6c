"""The history of a booking, for staff: who did what and when, from its events.

Events hold ids, so names of people and tables are the present ones; an erased account has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from hub.domain import roles
from hub.domain.events import MAIN
from hub.domain.floor import Table
from hub.domain.history import EVENTS_BEFORE, PASSED_OVER, Act, Recorded, acts
from hub.errors import NotFound
from hub.store import database
from hub.views.context import VenueContext

# Ids rise along a booking's history, also over two days: whoever changes it holds its day's stream.
READ = """
SELECT b.created_at AS made_at, e.id, e.stream, e.kind, e.data->'entry' AS entry, e.at, e.actor, e.request_id,
       coalesce(e.data->'exceed', '[]') AS exceed,
       CASE WHEN u.erased_at IS NULL THEN u.full_name END AS name,
       u.role AS of_account, m.role AS of_member
FROM bookings b LEFT JOIN LATERAL (
    SELECT * FROM events
    WHERE venue_id = b.venue_id AND data->>'booking' = b.id::text AND kind <> ALL($3) AND id < $4
    ORDER BY id DESC LIMIT $5
) e ON true LEFT JOIN users u ON u.id = e.actor
LEFT JOIN memberships m ON m.venue_id = b.venue_id AND m.user_id = e.actor AND m.ended_at IS NULL
WHERE b.venue_id = $1 AND b.id = $2 ORDER BY e.id
"""
TABLES = "SELECT id, name, seats FROM tables WHERE venue_id = $1 AND id = ANY($2)"
NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Actor:
    """``name`` is None for an erased account; ``role`` is the present one in the booking's venue."""

    id: int
    name: str | None
    role: str | None


@dataclass(frozen=True, slots=True)
class History:
    """Acts, oldest first; who did them and which tables they name. ``following`` is the cursor of those before."""

    acts: Sequence[Act]
    actors: Mapping[int, Actor]
    tables: Mapping[int, Table]
    following: int | None


async def of_booking(context: VenueContext, booking_id: int, *, limit: int, cursor: int | None = None) -> History:
    """The last ``limit`` acts before ``cursor``; none where all are forgotten. Raises NotFound, Unavailable,
    Overloaded."""
    # More events than asked for: they say what was before the first act, and whether there is more.
    rows = await database.fetch(
        READ, context.id, booking_id, list(PASSED_OVER), cursor or NEWEST, limit + EVENTS_BEFORE
    )
    if not rows:
        raise NotFound("There is no such booking.")
    events = [
        Recorded(
            row["id"], row["stream"], row["kind"], orjson.loads(row["entry"]), row["at"], row["actor"],
            row["request_id"], orjson.loads(row["exceed"]),
        )
        for row in rows
        if row["id"] is not None
    ]  # fmt: skip
    found = acts(events, rows[0]["made_at"])
    following = found[-limit].id if len(found) > limit else None
    found = found[-limit:]
    states = [state for act in found for state in (act.before, act.after) if state is not None]
    tables = await database.fetch(TABLES, context.id, sorted({id for state in states for id in state.tables}))
    return History(
        found,
        {row["actor"]: actor_of(row, context) for row in rows if row["actor"] is not None},
        {row["id"]: Table(row["id"], row["name"], row["seats"]) for row in tables},
        following,
    )


def actor_of(row: Any, context: VenueContext) -> Actor:
    """Of a row with {actor, name, of_account, of_member}."""
    role = row["of_account"]
    return Actor(
        row["actor"],
        row["name"],
        None if role is None else roles.at(role, row["of_member"], main=context.id == MAIN),
    )
