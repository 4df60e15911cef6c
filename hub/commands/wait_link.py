"""A guest follows their place on the waitlist by the link that they were given, says that they are here, and leaves.

The link is good for one entry, until a day after the party joined. To look at it changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
SELECT w.id, w.status, w.guests, w.joined_at, w.quoted_from, w.quoted_until, w.promised_until, (
    SELECT count(*) FROM waitlist o
    WHERE o.venue_id = w.venue_id AND o.service_date = w.service_date AND o.status IN ('waiting', 'ready', 'here')
      AND (o.place, o.id) < (w.place, w.id)) AS ahead
FROM waitlist w
WHERE w.venue_id = $1 AND w.id = $2 AND w.joined_at > clock_timestamp() - $3::interval
"""


@dataclass(frozen=True, slots=True)
class PlaceInQueue:
    """What a guest sees of their wait; ``ahead``: how many parties are before them."""

    id: int
    status: str
    guests: int
    ahead: int
    joined_at: datetime
    quoted_from: datetime | None
    quoted_until: datetime | None
    promised_until: datetime | None
    replayed: bool = False
    """This is the answer to a request that came again with the same idempotency key."""


def link_of(context: VenueContext, entry_id: int) -> str:
    """The address of the guest's page; without PUBLIC_URL it is to be read from the hub's own. The token stands behind
    the #, which no server sees and no log keeps; before it, of another venue than 1, the venue's slug."""
    settings = context.settings
    venue = "" if context.id == MAIN else f"{context.venue.slug}/"
    return f"{settings.public_url or ''}/wait#{venue}{WaitLinks(settings.secret_key).make(entry_id)}"


async def read(context: VenueContext, token: str) -> PlaceInQueue:
    """Raises NotFound for a link that is not ours, is another venue's, or is too old, alike."""
    id = WaitLinks(context.settings.secret_key).read(token)
    rows = [] if id is None else await database.fetch(READ, context.id, id, GOOD_FOR)
    if not rows:
        raise NotFound(NO_SUCH)
    return PlaceInQueue(**rows[0])


async def step(
    context: VenueContext, token: str, what: Literal["here", "leave"], *, request_id: str, key: Key | None
) -> PlaceInQueue:
    """The guest is here, or leaves. Raises as :func:`read`, and Conflict."""
    found = await read(context, token)
    by = Identity(-found.id, roles.VISITOR, 0, 0.0)  # no account: nobody's id is below zero
    done = await waitlist.step(context, what, found.id, by=by, request_id=request_id, key=key)
    return replace(await read(context, token), replayed=done.replayed)
