"""A guest follows their place on the waitlist by the link that they were given, says that they are here, and leaves.

The link is good for one entry, until a day after the party joined. To look at it changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hub.commands import waitlist
from hub.commands.call import Call
from hub.domain import roles
from hub.domain.events import MAIN
from hub.errors import NotFound
from hub.security import Identity
from hub.store import waitlist as entries
from hub.store.keys import Key
from hub.store.waitlist import PlaceInQueue
from hub.views.context import VenueContext
from hub.wait_links import GOOD_FOR, WaitLinks

NO_SUCH = "This link is not valid any more. Ask us, please."


def link_of(context: VenueContext, entry_id: int) -> str:
    """The address of the guest's page; without PUBLIC_URL it is to be read from the hub's own. The token stands behind
    the #, which no server sees and no log keeps; before it, of another venue than 1, the venue's slug."""
    settings = context.settings
    venue = "" if context.id == MAIN else f"{context.venue.slug}/"
    return f"{settings.public_url or ''}/wait#{venue}{WaitLinks(settings.secret_key).make(entry_id)}"


async def read(context: VenueContext, token: str) -> PlaceInQueue:
    """Raises NotFound for a link that is not ours, is another venue's, or is too old, alike."""
    id = WaitLinks(context.settings.secret_key).read(token)
    found = None if id is None else await entries.place(context.id, id, GOOD_FOR)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


async def step(
    context: VenueContext, token: str, what: Literal["here", "leave"], *, request_id: str, key: Key | None
) -> PlaceInQueue:
    """The guest is here, or leaves. Raises as :func:`read`, and Conflict."""
    found = await read(context, token)
    by = Identity(-found.id, roles.VISITOR, 0, 0.0)  # no account: nobody's id is below zero
    done = await waitlist.step(context, Call(by, request_id, key), what, found.id)
    return replace(await read(context, token), replayed=done.replayed)
