"""The guest book: guests found while somebody types, what is known of their visits, and notes about them.

Guests are a group's, notes too; visits are counted in all of its venues, the last table is told of the venue that asks.
"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from hub.commands import guest_names, guests
from hub.commands.search import contains, phone_part
from hub.domain import calendar, roles
from hub.errors import Changed, Conflict, NotFound
from hub.security import Identity
from hub.store import database
from hub.store.keys import Key
from hub.store.note_ends import UNTIL
from hub.views.context import VenueContext

MOST_FOUND = 10
MOST_NOTES = 50
NO_SUCH_NOTE = "There is no such note."


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


@dataclass(frozen=True, slots=True)
class KnownDetails:
    """All that is written of one guest; ``known`` is None of one who gave no name."""

    details: guests.Details
    known: Known | None


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
"""Guests of a group ($1) as a venue ($2) knows them. Notes are shown to whom they all are for ($3), to others of
guests who come, or wait, on the service day that is on ($4)."""


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


async def search(context: VenueContext, *, by: Identity, text: str) -> list[Known]:
    """The guests whose name, phone number or e-mail has ``text`` in it, whoever came last first."""
    pattern = contains(text)
    rows = await database.fetch(
        f"{FACTS} AND g.id = ANY(ARRAY({MATCHING})) ORDER BY l.service_date DESC NULLS LAST, v.visits DESC, g.id DESC",
        *_asked(context, by),
        pattern,
        phone_part(text),
    )
    return [_known(row) for row in rows]


async def read(context: VenueContext, guest_id: int, *, by: Identity) -> KnownDetails:
    """One guest. Raises NotFound, also for one who is erased."""
    details = await guests.read(context, guest_id)
    rows = await database.fetch(f"{FACTS} AND g.id = $5", *_asked(context, by), guest_id)
    return KnownDetails(details, _known(rows[0]) if rows else None)


def _asked(context: VenueContext, by: Identity) -> tuple[int, int, bool, date]:
    today = calendar.service_day(context.now(), context.rules)
    return context.venue.group_id, context.id, by.role in roles.MANAGERS, today


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
    context: VenueContext,
    guest_id: int,
    *,
    by: Identity,
    kind: str,
    text: str,
    keep_until: date | None,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Note:
    """Note something about a guest. A dietary note without an end follows the guest's bookings (hub.store.note_ends).
    Raises NotFound, Changed for a guest at another revision than these, and what
    hub.store.keys.once raises."""
    await guests.read(context, guest_id)  # before any day is locked: whose guest it is not, holds up nobody

    async def work(connection: Any) -> Note:
        await _check(connection, context, guest_id, revisions)
        row = await connection.fetchrow(
            "INSERT INTO guest_notes AS n (guest_id, kind, text, keep_until) "
            "SELECT g.id, $3::text, $4::text, $5::date FROM guests g WHERE g.group_id = $1 AND g.id = $2 "
            "AND (SELECT count(*) FROM guest_notes o WHERE o.guest_id = g.id) < $6 "
            f"RETURNING n.id, n.kind, n.text, {UNTIL} AS keep_until, n.created_at",
            context.venue.group_id,
            guest_id,
            kind,
            text,
            keep_until,
            MOST_NOTES,
        )
        if row is None:
            raise Conflict(f"There are {MOST_NOTES} notes about this guest already. Remove one first.")
        return Note(*row)

    return await guest_names.change(
        context.shared, guest_id, work, whose=guest_names.NOTED, by=by.user_id, request_id=request_id, key=key,
        kept=lambda made: {"note": made.id},
    )  # fmt: skip


async def read_note(context: VenueContext, guest_id: int, note_id: int) -> Note:
    """Raises NotFound."""
    rows = await database.fetch(
        f"SELECT n.id, n.kind, n.text, {UNTIL} AS keep_until, n.created_at "
        "FROM guest_notes n JOIN guests g ON g.id = n.guest_id WHERE g.group_id = $1 AND g.id = $2 AND n.id = $3",
        context.venue.group_id,
        guest_id,
        note_id,
    )
    if not rows:
        raise NotFound(NO_SUCH_NOTE)
    return Note(*rows[0])


async def remove_note(
    context: VenueContext,
    guest_id: int,
    note_id: int,
    *,
    by: Identity,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> None:
    """Raises NotFound, Changed for a guest at another revision than these, and what hub.store.keys.once raises."""
    await guests.read(context, guest_id)

    async def work(connection: Any) -> None:
        await _check(connection, context, guest_id, revisions)
        removed = await connection.fetchval(
            "DELETE FROM guest_notes n USING guests g WHERE g.group_id = $1 AND g.id = $2 AND n.guest_id = g.id "
            "AND n.id = $3 RETURNING n.id",
            context.venue.group_id,
            guest_id,
            note_id,
        )
        if removed is None:
            raise NotFound(NO_SUCH_NOTE)

    await guest_names.change(
        context.shared, guest_id, work, whose=guest_names.NOTED, by=by.user_id, request_id=request_id, key=key
    )


async def _check(connection: Any, context: VenueContext, guest_id: int, revisions: frozenset[int] | None) -> None:
    """Keep the guest from being erased until the end of the transaction. Raises NotFound and Changed."""
    found = await connection.fetchval(
        "SELECT revision FROM guests WHERE group_id = $1 AND id = $2 AND erased_at IS NULL FOR SHARE",
        context.venue.group_id,
        guest_id,
    )
    if found is None:
        raise NotFound("There is no such guest.")
    if revisions is not None and found not in revisions:
        raise Changed()
