"""What becomes of the mails to a guest without an account whose address is another one now."""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

UNSENT = "coalesce(o.sent_at, o.dropped_at, o.failed_at) IS NULL AND o.payload->>'audience' = 'guest'"
TO_COME = "b.guest_id = $1 AND b.status = 'booked' AND b.starts_at > clock_timestamp()"
END_LINKS = "UPDATE bookings SET link_version = link_version + 1 WHERE guest_id = $1"
DROP = (
    "UPDATE outbox o SET target = '', claimed_until = NULL, dropped_at = clock_timestamp(), "
    "last_error = 'stale: the guest has no address any more' FROM bookings b "
    f"WHERE b.guest_id = $1 AND o.booking_id = b.id AND {UNSENT}"
)
MAILED = (
    f"SELECT b.id FROM bookings b WHERE {TO_COME} OR (b.guest_id = $1 AND EXISTS (SELECT FROM outbox o "
    f"WHERE o.booking_id = b.id AND {UNSENT})) ORDER BY b.starts_at, b.id"
)
EXCESS = "SELECT hub_too_many_mails($1, ARRAY['confirmed', 'rescheduled', 'canceled'])"
# Nobody's claim of these rows is good any more: what is sent at this moment goes to the other address too.
REDIRECT = (
    "UPDATE outbox o SET target = g.email, claimed_until = NULL, last_error = coalesce($3, o.last_error), "
    "dropped_at = CASE WHEN $3::text IS NOT NULL THEN clock_timestamp() END FROM bookings b, guests g "
    "WHERE b.guest_id = $1 AND b.id = $2 AND g.group_id = b.group_id AND g.id = $1 AND o.booking_id = b.id "
    f"AND {UNSENT}"
)
OF_GUEST = "FROM bookings b JOIN guests g ON g.group_id = b.group_id AND g.id = b.guest_id"
# Beside a confirmation of the same revision to the old address, the link's version tells them apart.
CONFIRM = (
    "INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, ordering_key, due_at, dropped_at, "
    "last_error) SELECT 'mail', 'confirmed', g.email, jsonb_build_object('revision', b.notice_revision, "
    "'lead_minutes', 0, 'audience', 'guest', 'language', g.language, 'link', b.link_version), b.venue_id, b.id, "
    "'booking:' || b.id, clock_timestamp(), CASE WHEN $3::text IS NOT NULL THEN clock_timestamp() END, $3 "
    f"{OF_GUEST} WHERE {TO_COME} AND b.id = $2 AND NOT EXISTS (SELECT FROM outbox o "
    f"WHERE o.booking_id = b.id AND o.topic IN ('confirmed', 'rescheduled') AND {UNSENT})"
)
# Those that were dropped, since there was no address for a while, or too many mails went to it, are good again.
REMIND = (
    "INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, ordering_key, due_at) "
    "SELECT 'mail', 'reminder', g.email, jsonb_build_object('revision', b.notice_revision, 'lead_minutes', l.lead, "
    "'audience', 'guest', 'language', g.language), b.venue_id, b.id, 'booking:' || b.id, "
    "b.starts_at - make_interval(mins => l.lead) "
    f"{OF_GUEST} CROSS JOIN unnest($3::integer[]) AS l(lead) WHERE {TO_COME} AND b.id = $2 "
    "AND b.starts_at - make_interval(mins => l.lead) > clock_timestamp() "
    "ON CONFLICT (booking_id, kind, topic, (payload - 'language')) DO UPDATE SET target = excluded.target, "
    "payload = excluded.payload, due_at = excluded.due_at, claimed_until = NULL, dropped_at = NULL, last_error = NULL "
    "WHERE outbox.dropped_at IS NOT NULL"
)


async def readdress(connection: Any, guest_id: int, email: str | None, reminders: Sequence[timedelta]) -> None:
    """End the links in earlier mails, and send what waits to the address that the guest's row has by now.

    Bookings to come are confirmed to it, with reminders so long before the start. One booking after the other, so that
    each counts the mails of those before it: of what is too much for the address nothing goes. ``email`` None: the
    guest has no address any more. The transaction holds the guest's row.
    """
    await connection.execute(END_LINKS, guest_id)
    if email is None:
        await connection.execute(DROP, guest_id)
        return
    leads = [round(lead.total_seconds() / 60) for lead in reminders]
    for row in await connection.fetch(MAILED, guest_id):
        excess = await connection.fetchval(EXCESS, email)
        await connection.execute(REDIRECT, guest_id, row["id"], excess)
        await connection.execute(CONFIRM, guest_id, row["id"], excess)
        if excess is None:
            await connection.execute(REMIND, guest_id, row["id"], leads)
