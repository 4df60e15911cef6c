"""What was done to an entry of the waitlist, for staff: who did what, when and why, from its day's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from hub.commands.history import Actor, actor_of
from hub.commands.waitlist import NO_SUCH
from hub.domain.queue_history import PASSED_OVER, QueueAct, RecordedWait, acts
from hub.errors import NotFound
from hub.store import database
from hub.views.context import VenueContext

READ = """
SELECT w.status, e.id, e.kind, e.data->'entry' AS entry, e.data->>'reason' AS reason,
       e.data->>'end' AS "end", e.data->'fields' AS fields, e.at, e.actor, e.request_id,
       CASE WHEN u.erased_at IS NULL THEN u.full_name END AS name, u.role AS of_account, m.role AS of_member
FROM waitlist w LEFT JOIN events e ON e.venue_id = w.venue_id AND e.stream = hub_stream(w.venue_id, w.service_date)
    AND e.data->>'wait' = w.id::text AND e.kind <> ALL($3)
LEFT JOIN users u ON u.id = e.actor
LEFT JOIN memberships m ON m.venue_id = w.venue_id AND m.user_id = e.actor AND m.ended_at IS NULL
WHERE w.venue_id = $1 AND w.id = $2 ORDER BY e.version
"""


@dataclass(frozen=True, slots=True)
class QueueHistory:
    """Acts, oldest first, and who did them."""

    acts: Sequence[QueueAct]
    actors: Mapping[int, Actor]


async def of_entry(context: VenueContext, entry_id: int) -> QueueHistory:
    """Raises NotFound, and HubErrors."""
    rows = await database.fetch(READ, context.id, entry_id, list(PASSED_OVER))
    if not rows:
        raise NotFound(NO_SUCH)
    events = [
        RecordedWait(
            row["kind"], orjson.loads(row["entry"]), row["reason"], row["at"], row["actor"], row["request_id"],
            row["end"], None if row["fields"] is None else orjson.loads(row["fields"]),
        )
        for row in rows
        if row["id"] is not None
    ]  # fmt: skip
    actors = {row["actor"]: actor_of(row, context) for row in rows if row["actor"] is not None}
    return QueueHistory(acts(events, rows[0]["status"]), actors)
