"""Which holds are the staff's: a condition for queries of ``holds`` as h, with ``users`` who made them as u."""

from typing import Final

MADE_BY_STAFF: Final = (
    "(u.role = 'admin' OR u.role = 'host' AND h.venue_id = 1 OR EXISTS (SELECT FROM memberships m "
    "WHERE m.venue_id = h.venue_id AND m.user_id = u.id AND m.role <> 'viewer' AND m.ended_at IS NULL))"
)
