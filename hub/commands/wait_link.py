"""A guest follows their place on the waitlist by the link that they were given, says that they are here, and leaves.

The link is good for one entry, until a day after the party joined. To look at it changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.commands import waitlist
from hub.domain import roles
from hub.domain.events import MAIN
from hub.errors import NotFound
from hub.security import Identity
from hub.store import database
from hub.store.keys import Key
from hub.views.context import VenueContext
from hub.wait_links import GOOD_FOR, WaitLinks

NO_SUCH = "This link is not valid any more. Ask us, please."
READ = """
SELECT w.id, w.venue_id, w.status, w.guests, w.joined_at, w.quoted_from, w.quoted_until, w.promised_until, (
    SELECT count(*) FROM waitlist o
    WHERE o.venue_id = w.venue_id AND o.service_date = w.service_date AND o.status IN ('waiting', 'ready', 'here')
      AND (o.place, o.id) < (w.place, w.id)) AS ahead
FROM waitlist w
WHERE w.venue_id = ANY($1) AND w.id = $2 AND w.joined_at > clock_timestamp() - $3::interval
"""


@dataclass(frozen=True, slots=True)
class PlaceInQueue:
    """What a guest sees of their wait; ``ahead``: how many parties are before them."""

    id: int
    venue: VenueContext
    status: str
    guests: int
    ahead: int
    joined_at: datetime
    quoted_from: datetime | None
    quoted_until: datetime | None
    promised_until: datetime | None


def link_of(context: VenueContext, entry_id: int) -> str:
    """The address of the guest's page; without PUBLIC_URL it is to be read from the hub's own. The token stands behind
    the #, which no server sees and no log keeps."""
    settings = context.settings
    return f"{settings.public_url or ''}/wait#{WaitLinks(settings.secret_key).make(entry_id)}"


async def read(context: VenueContext, token: str) -> PlaceInQueue:
    """Venue 1's context reads the links of every venue, since none names its own; another one its own alone.

    Raises NotFound for a link that is not ours, or is too old, alike.
    """
    id = WaitLinks(context.settings.secret_key).read(token)
    venues = context.shared.venues if context.id == MAIN else [context]
    rows = [] if id is None else await database.fetch(READ, [venue.id for venue in venues], id, GOOD_FOR)
    venue = context.shared.venue(rows[0]["venue_id"]) if rows else None
    if venue is None:
        raise NotFound(NO_SUCH)
    row = rows[0]
    return PlaceInQueue(
        row["id"], venue, row["status"], row["guests"], row["ahead"], row["joined_at"], row["quoted_from"],
        row["quoted_until"], row["promised_until"],
    )  # fmt: skip


async def step(
    context: VenueContext, token: str, what: Literal["here", "leave"], *, request_id: str, key: Key | None
) -> PlaceInQueue:
    """The guest is here, or leaves. Raises as :func:`read`, and Conflict."""
    found = await read(context, token)
    by = Identity(-found.id, roles.VISITOR, 0, 0.0)  # no account: nobody's id is below zero
    await waitlist.step(found.venue, what, found.id, by=by, request_id=request_id, key=key)
    return await read(context, token)
