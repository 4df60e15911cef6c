"""What was done to a booking, or to an entry of the waitlist, by whom: read from the events, for staff.

Events hold ids, so names of people and tables are the present ones; an erased account has none.
"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from hub.domain import history, queue_history, roles
from hub.domain.events import MAIN
from hub.domain.floor import Table
from hub.domain.history import Recorded
from hub.domain.queue_history import RecordedWait
from hub.store import database

WHO = """
CASE WHEN u.erased_at IS NULL THEN u.full_name END AS name, u.role AS of_account, m.role AS of_member
"""
# Ids rise along a booking's history, also over two days: whoever changes it holds its day's stream.
OF_BOOKING = f"""
SELECT b.created_at AS made_at, e.id, e.stream, e.kind, e.data->'entry' AS entry, e.at, e.actor, e.request_id,
       coalesce(e.data->'exceed', '[]') AS exceed, {WHO}
FROM bookings b LEFT JOIN LATERAL (
    SELECT * FROM events
    WHERE venue_id = b.venue_id AND data->>'booking' = b.id::text AND kind <> ALL($3) AND id < $4
    ORDER BY id DESC LIMIT $5
) e ON true LEFT JOIN users u ON u.id = e.actor
LEFT JOIN memberships m ON m.venue_id = b.venue_id AND m.user_id = e.actor AND m.ended_at IS NULL
WHERE b.venue_id = $1 AND b.id = $2 ORDER BY e.id
"""
OF_WAIT = f"""
SELECT w.status, e.id, e.kind, e.data->'entry' AS entry, e.data->>'reason' AS reason,
       e.data->>'end' AS "end", e.data->'fields' AS fields, e.at, e.actor, e.request_id, {WHO}
FROM waitlist w LEFT JOIN events e ON e.venue_id = w.venue_id AND e.stream = hub_stream(w.venue_id, w.service_date)
    AND e.data->>'wait' = w.id::text AND e.kind <> ALL($3)
LEFT JOIN users u ON u.id = e.actor
LEFT JOIN memberships m ON m.venue_id = w.venue_id AND m.user_id = e.actor AND m.ended_at IS NULL
WHERE w.venue_id = $1 AND w.id = $2 ORDER BY e.version
"""
NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Actor:
    """``name`` is None for an erased account; ``role`` is the present one in the booking's venue."""

    id: int
    name: str | None
    role: str | None


Actors = Mapping[int, Actor]


async def of_booking(
    venue_id: int, booking_id: int, *, before: int | None, most: int
) -> tuple[datetime, list[Recorded], Actors] | None:
    """When a booking was made, the last events before one of this id that say what became of it, oldest first, and who
    they are by. None: there is no such booking."""
    rows = await database.fetch(OF_BOOKING, venue_id, booking_id, list(history.PASSED_OVER), before or NEWEST, most)
    if not rows:
        return None
    events = [
        Recorded(
            row["id"], row["stream"], row["kind"], orjson.loads(row["entry"]), row["at"], row["actor"],
            row["request_id"], orjson.loads(row["exceed"]),
        )
        for row in rows
        if row["id"] is not None
    ]  # fmt: skip
    return rows[0]["made_at"], events, _actors(rows, venue_id)


async def of_wait(venue_id: int, entry_id: int) -> tuple[str, list[RecordedWait], Actors] | None:
    """An entry's status, all events that say what became of it, and who they are by. None: there is no such entry."""
    rows = await database.fetch(OF_WAIT, venue_id, entry_id, list(queue_history.PASSED_OVER))
    if not rows:
        return None
    events = [
        RecordedWait(
            row["kind"], orjson.loads(row["entry"]), row["reason"], row["at"], row["actor"], row["request_id"],
            row["end"], None if row["fields"] is None else orjson.loads(row["fields"]),
        )
        for row in rows
        if row["id"] is not None
    ]  # fmt: skip
    return rows[0]["status"], events, _actors(rows, venue_id)


def _actors(rows: Sequence[Any], venue_id: int) -> Actors:
    def role(row: Any) -> str | None:
        found = row["of_account"]
        return None if found is None else roles.at(found, row["of_member"], main=venue_id == MAIN)

    return {row["actor"]: Actor(row["actor"], row["name"], role(row)) for row in rows if row["actor"] is not None}


async def tables(venue_id: int, ids: Collection[int]) -> dict[int, Table]:
    """These tables of a venue as they are now, by id, also those that are retired."""
    statement = "SELECT id, name, seats FROM tables WHERE venue_id = $1 AND id = ANY($2)"
    return {row["id"]: Table(*row) for row in await database.fetch(statement, venue_id, sorted(ids))}
