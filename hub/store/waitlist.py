"""Entries of the waitlist as the staff, and who waits, see them. What the list shows comes from the view of its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import orjson

from hub.domain.change import Guest, WaitRow
from hub.domain.held import Waiting
from hub.store import database


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistEntry(WaitRow):
    """An entry as the staff see it, with its guest as they are now. ``epoch`` and ``version`` are where its day's
    stream stands with it."""

    guest: Guest
    user_id: int | None = None
    """The guest's account; not known of an entry that was just written."""
    epoch: str
    version: int
    replayed: bool = False
    """This is the first answer to a request that came again with the same idempotency key."""


@dataclass(frozen=True, slots=True)
class PlaceInQueue:
    """What a guest sees of their wait; ``ahead``: how many parties are before them."""

    id: int
    status: str
    guests: int
    joined_at: datetime
    quoted_from: datetime | None
    quoted_until: datetime | None
    promised_until: datetime | None
    ahead: int
    replayed: bool = False
    """This is the answer to a request that came again with the same idempotency key."""


ENTRY = (
    "SELECT w.id, w.venue_id, w.service_date, w.guest_id, w.guests, w.status, w.place, w.joined_at, w.quoted_from, "
    "w.quoted_until, w.promised_until, w.area_id, w.revision, g.name, g.phone, g.email, g.user_id, s.version, "
    "(SELECT epoch FROM hub) AS epoch FROM waitlist w "
    "JOIN guests g ON g.group_id = w.group_id AND g.id = w.guest_id "
    "JOIN streams s ON s.name = hub_stream(w.venue_id, w.service_date) WHERE w.venue_id = $1 AND w.id = $2"
)
PLACE = """
SELECT w.id, w.status, w.guests, w.joined_at, w.quoted_from, w.quoted_until, w.promised_until, (
    SELECT count(*) FROM waitlist o
    WHERE o.venue_id = w.venue_id AND o.service_date = w.service_date AND o.status IN ('waiting', 'ready', 'here')
      AND (o.place, o.id) < (w.place, w.id)) AS ahead
FROM waitlist w
WHERE w.venue_id = $1 AND w.id = $2 AND w.joined_at > clock_timestamp() - $3::interval
"""
BEFORE = """
SELECT e.data->'entry' AS entry, w.changed_at
FROM waitlist w JOIN events e ON e.venue_id = w.venue_id AND e.stream = hub_stream(w.venue_id, w.service_date)
WHERE w.venue_id = $1 AND w.id = $2 AND w.revision = $3 AND e.data->>'wait' = w.id::text
  AND (e.data->'entry'->>'revision')::integer IN (w.revision, w.revision - 1)
  AND (e.kind = ANY($4) OR (e.data->'entry'->>'revision')::integer < w.revision)
ORDER BY e.version DESC LIMIT 1
"""
# Of all venues: it is the hub that looks, and shows nothing of one to another.
WAITED_ON = (
    "SELECT DISTINCT venue_id, service_date FROM waitlist WHERE status IN ('waiting', 'ready', 'here') "
    "ORDER BY venue_id, service_date"
)


async def read(venue_id: int, entry_id: int) -> WaitlistEntry | None:
    """An entry, also one that has ended."""
    rows = await database.fetch(ENTRY, venue_id, entry_id)
    if not rows:
        return None
    row = rows[0]
    return WaitlistEntry(
        *(row[name] for name in ("id", "venue_id", "service_date", "guest_id", "guests", "status", "place")),
        *(row[name] for name in ("joined_at", "quoted_from", "quoted_until", "promised_until", "area_id", "revision")),
        guest=Guest(row["guest_id"], row["name"], row["phone"], row["email"]),
        user_id=row["user_id"],
        epoch=row["epoch"],
        version=row["version"],
    )


async def place(venue_id: int, entry_id: int, good_for: timedelta) -> PlaceInQueue | None:
    """Where a party stands that joined not longer ago than that."""
    rows = await database.fetch(PLACE, venue_id, entry_id, good_for)
    return PlaceInQueue(*rows[0]) if rows else None


async def before_last_step(
    venue_id: int, entry_id: int, revision: int, not_to_undo: Sequence[str]
) -> tuple[Waiting, datetime] | None:
    """What an entry at this revision was before its last step, and when that was; None where the step was of these
    kinds, or what was before it is not known."""
    rows = await database.fetch(BEFORE, venue_id, entry_id, revision, list(not_to_undo))
    found = Waiting.parse(orjson.loads(rows[0]["entry"])) if rows else None
    return None if found is None or found.revision == revision else (found, rows[0]["changed_at"])


async def known_beside(guest_id: int, entry_id: int) -> tuple[bool, bool]:
    """Whether more is known of a guest than this entry, and whether there are notes about them."""
    [row] = await database.fetch("SELECT hub_known_beside($1, $2), hub_is_noted($1)", guest_id, entry_id)
    return row[0], row[1]


async def waited_on() -> list[tuple[int, date]]:
    """The venues, by id, and the service days on which somebody waits."""
    return [(row["venue_id"], row["service_date"]) for row in await database.fetch(WAITED_ON)]
