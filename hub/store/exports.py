"""All that is kept of an account, for its owner."""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from typing import Any

from hub.store import database
from hub.store.note_ends import UNTIL

MOST = 10_000
"""Rows of each kind: an export is made in memory."""
STATEMENTS = {
    "account": "SELECT id, email, phone_number, full_name, role, language, created_at, changed_at, verified_at, "
    "password_confirmed_at, logged_in_at FROM users WHERE id = $1 AND erased_at IS NULL",
    "sessions": "SELECT id, created_at, ended_at FROM sessions WHERE user_id = $1 ORDER BY id",
    "memberships": "SELECT v.slug AS venue, m.role, m.changed_at, m.ended_at FROM memberships m "
    "JOIN venues v ON v.id = m.venue_id WHERE m.user_id = $1 ORDER BY m.id",
    "guests": "SELECT id, group_id, name, phone, email, language, "
    "ARRAY(SELECT jsonb_array_elements_text(tags)) AS tags, created_at, changed_at "
    "FROM guests WHERE user_id = $1 ORDER BY id",
    "notes": f"SELECT n.id, n.guest_id, n.kind, n.text, {UNTIL} AS keep_until, n.created_at FROM guest_notes n "
    "JOIN guests g ON g.id = n.guest_id WHERE g.user_id = $1 ORDER BY n.id",
    "bookings": "SELECT b.id, b.guest_id, b.reference, b.channel, b.note, b.house_note, b.occasion, "
    "ARRAY(SELECT jsonb_array_elements_text(b.needs)) AS needs, "
    "b.guests, b.starts_at, b.ends_at, b.service_date, b.status, b.revision, b.created_at, "
    "b.updated_at, b.canceled_at, b.venue_id, t.name AS table FROM bookings b "
    "JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id WHERE b.user_id = $1 ORDER BY b.id",
    "waits": "SELECT w.id, w.venue_id, w.service_date, w.guest_id, w.guests, w.status, w.joined_at, w.quoted_from, "
    "w.quoted_until, w.promised_until, w.booking_id, w.changed_at FROM waitlist w "
    "JOIN guests g ON g.group_id = w.group_id AND g.id = w.guest_id WHERE g.user_id = $1 ORDER BY w.id",
    "changes": "SELECT e.stream, e.version, e.kind, e.at, (e.data->>'booking')::bigint AS booking, e.request_id "
    "FROM events e WHERE e.actor = $1 ORDER BY e.id",
    "mails": "SELECT o.id, o.booking_id, o.topic AS kind, o.target AS recipient, o.payload->>'language' AS language, "
    "o.created_at, o.due_at, o.sent_at, o.dropped_at, o.failed_at FROM outbox o "
    "LEFT JOIN bookings b ON b.venue_id = o.venue_id AND b.id = o.booking_id "
    "WHERE o.kind = 'mail' AND o.payload->>'audience' = 'guest' "
    "AND (o.user_id = $1 OR b.user_id = $1) ORDER BY o.id",
}


async def read(user_id: int) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The rows of each kind, JSON-ready, and the kinds of which there are more than MOST. The ``account`` itself is one
    row, or none when it was erased."""
    found: dict[str, list[dict[str, Any]]] = {}
    cut = []
    for name, statement in STATEMENTS.items():
        rows = await database.fetch(f"{statement} LIMIT {MOST + 1}", user_id)
        found[name] = [dict(row) for row in rows[:MOST]]
        if len(rows) > MOST:
            cut.append(name)
    return found, cut
