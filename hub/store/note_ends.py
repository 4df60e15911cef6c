"""Until when a note about a guest is kept: a dietary one without an end of its own follows the days of the guest."""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

DIETARY_DAYS = 7
"""For so many days after the guest's last day a dietary note is kept, or after it was written: it says something of
their health."""
DAYS = (
    "(SELECT b.service_date FROM bookings b JOIN guests w ON w.group_id = b.group_id AND w.id = b.guest_id "
    "WHERE w.id = n.guest_id AND b.status <> 'canceled' "
    "UNION ALL SELECT e.service_date FROM waitlist e JOIN guests w ON w.group_id = e.group_id AND w.id = e.guest_id "
    "WHERE w.id = n.guest_id AND e.status <> 'left') AS days"
)
"""The days on which the guest of a note ``n`` comes or came, booked or waiting. On each of them such a note is kept: so
whoever is shown on a day is shown with it, whatever becomes of their other bookings."""
UNTIL = (
    "CASE WHEN n.kind = 'dietary' AND n.keep_until IS NULL THEN ("
    f"SELECT greatest(max(service_date), (n.created_at AT TIME ZONE 'UTC')::date) + {DIETARY_DAYS} FROM {DAYS}) "
    "ELSE n.keep_until END"
)
"""The last day on which a note ``n`` is kept; null: for good."""
