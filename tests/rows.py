"""Rows that no verb would write: bookings in the past, in any status. Each with an account's guest."""

from __future__ import annotations

NEW_REFERENCE = "upper(substr(translate(md5(random()::text), '01', 'gh'), 1, 8))"
"""SQL that makes a reference; the verbs make their own."""
BOOKING = (
    "INSERT INTO bookings (venue_id, group_id, guest_id, user_id, reference, table_id, guests, starts_at, ends_at, "
    "service_date, status, revision, created_at, updated_at) "
    f"SELECT 1, 1, hub_guest(1, $1), $1, {NEW_REFERENCE}, $2, $3, $4, $5, $6, $7, $8, now(), now() RETURNING id"
)
"""Of user $1 at table $2 for $3 guests from $4 until $5, on the service day $6, in status $7, at revision $8."""
