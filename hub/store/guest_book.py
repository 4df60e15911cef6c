"""What is known of guests: their visits, and the notes about them.

Guests are a group's, notes too; visits are counted in all of its venues, the last table is told of the venue that asks.
"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from hub.store import database
from hub.store.note_ends import UNTIL

MOST_FOUND = 10
MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class Note:
    """``kind`` is dietary, access or note; ``keep_until`` the last day on which it is kept, as it is now (see
    hub.store.note_ends), None: for good."""

    id: int
    kind: str
    text: str
    keep_until: date | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A guest with what is known of their visits. ``last`` is the day and the table of the last one in this venue;
    ``usual_guests`` how many they most often are."""

    id: int
    name: str
    phone: str | None
    email: str | None
    language: str
    visits: int
    no_shows: int
    last: tuple[date, str] | None
    usual_guests: int | None
    notes: Sequence[Note]
    has_account: bool = False
    """Their account says how they are called and reached."""


Reader = tuple[int, int, bool, date]
"""Who asks: a venue of a group, by their ids, on the service day that is on. Notes are shown to whom they all are for,
to others of guests who come, or wait, on that day."""
FACTS = f"""
SELECT g.id, g.name, g.phone, g.email, g.language, g.user_id, v.visits, v.no_shows, v.usual_guests, l.service_date,
       l.table_name,
       CASE WHEN $3 OR EXISTS (SELECT FROM bookings t WHERE t.venue_id = $2 AND t.guest_id = g.id
                               AND t.service_date = $4 AND t.status <> 'canceled')
                    OR EXISTS (SELECT FROM waitlist t WHERE t.venue_id = $2 AND t.guest_id = g.id
                               AND t.service_date = $4 AND t.status IN ('waiting', 'ready', 'here'))
            THEN (SELECT coalesce(jsonb_agg(jsonb_build_array(n.id, n.kind, n.text, u.until, n.created_at)
                                            ORDER BY n.id), '[]')
                  FROM guest_notes n CROSS JOIN LATERAL (SELECT {UNTIL} AS until) u
                  WHERE n.guest_id = g.id AND (u.until IS NULL OR u.until >= $4))
            ELSE '[]' END AS notes
FROM guests g
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE b.status = 'finished') AS visits,
           count(*) FILTER (WHERE b.status = 'no_show') AS no_shows,
           mode() WITHIN GROUP (ORDER BY b.guests) FILTER (WHERE b.status IN ('seated', 'finished')) AS usual_guests
    FROM bookings b WHERE b.group_id = g.group_id AND b.guest_id = g.id
) v ON true
LEFT JOIN LATERAL (
    SELECT b.service_date, t.name AS table_name
    FROM bookings b JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id
    WHERE b.venue_id = $2 AND b.guest_id = g.id AND b.status = 'finished'
    ORDER BY b.starts_at DESC LIMIT 1
) l ON true
WHERE g.group_id = $1 AND g.erased_at IS NULL AND g.name <> ''
"""
"""Guests of a group ($1) as a venue ($2) knows them, for a Reader."""
MATCHING = f"""
SELECT f.id FROM guests f
LEFT JOIN bookings b ON b.group_id = f.group_id AND b.guest_id = f.id AND b.status IN ('seated', 'finished')
WHERE f.group_id = $1 AND f.erased_at IS NULL AND f.name <> ''
  AND (f.name ILIKE $5 OR f.phone LIKE $6 OR f.email LIKE lower($5))
GROUP BY f.id
ORDER BY max(b.service_date) FILTER (WHERE b.venue_id = $2) DESC NULLS LAST, count(b.id) DESC, f.id DESC
LIMIT {MOST_FOUND}
"""
"""Those who are shown, in their order: what is known of them is asked of them alone."""
SEARCH = f"{FACTS} AND g.id = ANY(ARRAY({MATCHING})) ORDER BY l.service_date DESC NULLS LAST, v.visits DESC, g.id DESC"
NOTE = f"n.id, n.kind, n.text, {UNTIL} AS keep_until, n.created_at"
ADD_NOTE = f"""
INSERT INTO guest_notes AS n (guest_id, kind, text, keep_until)
SELECT g.id, $3::text, $4::text, $5::date FROM guests g WHERE g.group_id = $1 AND g.id = $2
  AND (SELECT count(*) FROM guest_notes o WHERE o.guest_id = g.id) < {MOST_NOTES}
RETURNING {NOTE}
"""
OF_GUEST = "g.group_id = $1 AND g.id = $2 AND n.guest_id = g.id AND n.id = $3"
READ_NOTE = f"SELECT {NOTE} FROM guest_notes n, guests g WHERE {OF_GUEST}"
REMOVE_NOTE = f"DELETE FROM guest_notes n USING guests g WHERE {OF_GUEST} RETURNING n.id"


async def search(reader: Reader, pattern: str, phone: str | None) -> list[Known]:
    """The guests whose name or e-mail matches one LIKE pattern, or whose phone number the other, whoever came last
    first."""
    return [_known(row) for row in await database.fetch(SEARCH, *reader, pattern, phone)]


async def read(reader: Reader, guest_id: int) -> Known | None:
    """One guest; None also for one who gave no name, or was erased."""
    rows = await database.fetch(f"{FACTS} AND g.id = $5", *reader, guest_id)
    return _known(rows[0]) if rows else None


def _known(row: Any) -> Known:
    last = None if row["service_date"] is None else (row["service_date"], row["table_name"])
    notes = [
        Note(id, kind, text, None if until is None else date.fromisoformat(until), datetime.fromisoformat(at))
        for id, kind, text, until, at in orjson.loads(row["notes"])
    ]
    return Known(
        row["id"], row["name"], row["phone"], row["email"], row["language"], row["visits"], row["no_shows"], last,
        row["usual_guests"], notes, row["user_id"] is not None,
    )  # fmt: skip


async def add_note(
    connection: Any, group_id: int, guest_id: int, *, kind: str, text: str, keep_until: date | None
) -> Note | None:
    """A new note about a guest; None where there are MOST_NOTES."""
    row = await connection.fetchrow(ADD_NOTE, group_id, guest_id, kind, text, keep_until)
    return None if row is None else Note(*row)


async def read_note(group_id: int, guest_id: int, note_id: int) -> Note | None:
    rows = await database.fetch(READ_NOTE, group_id, guest_id, note_id)
    return Note(*rows[0]) if rows else None


async def remove_note(connection: Any, group_id: int, guest_id: int, note_id: int) -> bool:
    """False where there is no such note."""
    return await connection.fetchval(REMOVE_NOTE, group_id, guest_id, note_id) is not None
