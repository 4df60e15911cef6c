"""Another place on the waitlist, and the last step of an entry taken back: what hub.domain.queue_order decides.

What an entry was before its last step is read from its day's events, which hold it; who is the next to change the entry
changes its revision, and nothing of what was read is written then.
"""

from __future__ import annotations

from datetime import datetime

import orjson

from hub.commands import guests as guests_of_venues
from hub.commands.waitlist import Decide, WaitlistEntry, entry_of, write
from hub.domain import queue_order
from hub.domain.change import Change
from hub.domain.day import QUEUE_CORRECTED
from hub.domain.held import Waiting
from hub.domain.queue_order import UNDONE, LastStep, Reason
from hub.domain.stays import Stays
from hub.domain.waitlist import SeenEntry
from hub.store import database
from hub.views.context import VenueContext
from hub.views.writes import WorkingViews

NOT_TO_UNDO = [UNDONE, QUEUE_CORRECTED]
BEFORE = """
SELECT e.kind, e.data->'entry' AS entry, w.changed_at
FROM waitlist w JOIN events e ON e.venue_id = w.venue_id AND e.stream = hub_stream(w.venue_id, w.service_date)
WHERE w.venue_id = $1 AND w.id = $2 AND w.revision = $3 AND e.data->>'wait' = w.id::text
  AND (e.data->'entry'->>'revision')::integer IN (w.revision, w.revision - 1)
  AND (e.kind = ANY($4) OR (e.data->'entry'->>'revision')::integer < w.revision)
ORDER BY e.version DESC LIMIT 1
"""


async def move(context: VenueContext, entry_id: int, *, place: int, reason: Reason, **how: object) -> WaitlistEntry:
    """The party gets this place. Raises NotFound, Changed with what the entry is, and Conflict."""

    def decide(seen: SeenEntry, stream: str, stays: Stays, views: WorkingViews, now: datetime) -> Change:
        return queue_order.move(
            seen, views.day(stream), views.floor, place=place, reason=reason, stays=stays, rules=context.rules, now=now
        )

    async def deciding(before: WaitlistEntry) -> Decide:
        return decide

    done, before = await write(context, entry_id, deciding, **how)  # type: ignore[arg-type]
    return entry_of(done, before)


async def undo(context: VenueContext, entry_id: int, **how: object) -> WaitlistEntry:
    """Take back the last step. Raises as :func:`move`, AlreadyWaiting and NotAtThisTime."""

    async def deciding(before: WaitlistEntry) -> Decide:
        last, alike = await _last_step(context, before), await guests_of_venues.alike(context, before.guest)

        def decide(seen: SeenEntry, stream: str, stays: Stays, views: WorkingViews, now: datetime) -> Change:
            return queue_order.undo(
                seen, last, views.day(stream), views.floor, stays=stays, rules=context.rules, now=now,
                alike=alike,
            )  # fmt: skip

        return decide

    done, before = await write(context, entry_id, deciding, **how)  # type: ignore[arg-type]
    return entry_of(done, before)


async def _last_step(context: VenueContext, entry: WaitlistEntry) -> LastStep | None:
    rows = await database.fetch(BEFORE, context.id, entry.id, entry.revision, NOT_TO_UNDO)
    found = Waiting.parse(orjson.loads(rows[0]["entry"])) if rows else None
    if found is None or found.revision == entry.revision:  # there is none, or it is not to be undone
        return None
    return LastStep(found, rows[0]["changed_at"])
