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
from hub.store import days
from hub.views.context import Context
from hub.views.writes import WorkingViews, Write

NOBODY = 0
"""No account's id, for those whose changes wait: nobody asks."""


@dataclass(slots=True)
class Housekeeping:
    """The looks of one process. ``_over``: by venue, by which rules, the last service days on which nobody sits and
    nobody waits any more, and until when they are the last."""

    context: Context
    _over: dict[int, tuple[Rules, date, date, datetime]] = field(default_factory=dict)

    async def look(self) -> int:
        """On how many days something was due. Raises HubErrors, also when one of the days can't be written to."""
        venues = [(venue.id, *self._last_over(venue.id, venue.rules)) for venue in self.context.venues]
        due = await days.due(venues)
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
