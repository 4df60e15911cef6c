"""Look whether something is due on any day by time alone, and have it written.

What is due is decided with whatever else is decided on a day (hub.views.batch_commit), so nobody depends on this: it is
for those who watch a day on which nobody asks for anything. Any number of processes may look: what one has written is
not due any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from hub.domain.change import Change
from hub.domain.housekeeping import last_over
from hub.domain.rules import Rules
from hub.store import database
from hub.views.context import Context
from hub.views.writes import WorkingViews, Write

NOBODY = 0
"""No account's id, for those whose changes wait: nobody asks."""
# Whoever sits longer than planned and is followed at once is left alone until the service day is over.
DUE = """
WITH v AS (SELECT * FROM unnest($1::bigint[], $2::date[], $3::date[]) AS v(venue_id, last_seated, last_waited))
SELECT h.venue_id, h.service_date FROM v JOIN holds h ON h.venue_id = v.venue_id
WHERE h.expires_at <= statement_timestamp()
UNION
SELECT b.venue_id, b.service_date FROM v JOIN bookings b ON b.venue_id = v.venue_id
WHERE b.status = 'seated' AND b.ends_at <= statement_timestamp() AND (b.service_date <= v.last_seated OR NOT EXISTS (
    SELECT FROM occupancies o JOIN occupancies f ON f.venue_id = o.venue_id AND f.id <> o.id
        AND int8range(f.table_id, f.table_id, '[]') && int8range(o.table_id, o.table_id, '[]')
        AND tstzrange(f.starts_at, f.ends_at, '[)') && tstzrange(b.ends_at, b.ends_at, '[]')
    WHERE o.venue_id = b.venue_id AND o.booking_id = b.id))
UNION
SELECT w.venue_id, w.service_date FROM v JOIN waitlist w ON w.venue_id = v.venue_id
WHERE w.status IN ('waiting', 'ready', 'here') AND w.service_date <= v.last_waited
"""


@dataclass(slots=True)
class Housekeeping:
    """The looks of one process. ``_over``: by venue, by which rules, the last service days on which nobody sits and
    nobody waits any more, and until when they are the last."""

    context: Context
    _over: dict[int, tuple[Rules, date, date, datetime]] = field(default_factory=dict)

    async def look(self) -> int:
        """On how many days something was due. Raises HubErrors, also when one of the days can't be written to."""
        venues = [(venue.id, *self._last_over(venue.id, venue.rules)) for venue in self.context.venues]
        ids, seated, waited = zip(*venues, strict=True)
        due = sorted(tuple(row) for row in await database.fetch(DUE, list(ids), list(seated), list(waited)))
        for venue_id, day in due:
            if (venue := self.context.venue(venue_id)) is not None:  # it may have been retired a moment ago
                await venue.writes.submit(Write((venue.day_stream(day),), nothing, NOBODY))
        return len(due)

    def _last_over(self, venue_id: int, rules: Rules) -> tuple[date, date]:
        now, known = self.context.now(), self._over.get(venue_id)
        if known is None or known[0] is not rules or now >= known[3]:
            known = self._over[venue_id] = (rules, *last_over(now, rules))
        return known[1], known[2]


def nothing(views: WorkingViews, now: datetime) -> Change:
    """What is asked for beside what is due."""
    return Change()
