"""Until when a note about a guest is kept. A dietary one without an end of its own follows the guest's bookings."""

from __future__ import annotations

DIETARY_DAYS = 7
"""For so many days after the guest's last booking a dietary note is kept, or after it was written: it says something of
their health."""
OF_GUEST = (
    "FROM bookings b JOIN guests w ON w.group_id = b.group_id AND w.id = b.guest_id "
    "WHERE w.id = n.guest_id AND b.status <> 'canceled'"
)
"""The bookings of the guest of a note ``n``."""
UNTIL = (
    "CASE WHEN n.kind = 'dietary' AND n.keep_until IS NULL THEN ("
    f"SELECT greatest(max(b.service_date), (n.created_at AT TIME ZONE 'UTC')::date) + {DIETARY_DAYS} {OF_GUEST}) "
    "ELSE n.keep_until END"
)
"""The last day on which a note ``n`` is kept; null: for good. On the day of a booking it always is."""
