"""A guest opens the link of a mail: it is traded for a token that is good for this booking alone, for half an hour."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.events import MAIN
from hub.errors import NotFound
from hub.manage_links import ManageLinks
from hub.security import Tokens
from hub.store import bookings
from hub.views.context import VenueContext

NO_SUCH = "This link is not valid any more. Call us, please."


@dataclass(frozen=True, slots=True)
class Opened:
    """The booking of a link, the venue that it is in, and the access token with the seconds that it lives."""

    booking_id: int
    venue: VenueContext
    access_token: str
    expires_in: int


async def open_link(context: VenueContext, *, tokens: Tokens, token: str) -> Opened:
    """Trade a link's token. Nothing is changed by it. Venue 1's context opens the links of every venue, since a mail
    names none; another one its own alone.

    Raises NotFound for a link that is not ours, was revoked, or whose booking ended a day ago, all alike.
    """
    link = ManageLinks(context.settings.secret_key).read(token)
    if link is None:
        raise NotFound(NO_SUCH)
    venues = context.shared.venues if context.id == MAIN else [context]
    found = await bookings.venue_of_link([venue.id for venue in venues], link)
    venue = context.shared.venue(found) if found is not None else None
    if venue is None:
        raise NotFound(NO_SUCH)
    return Opened(link.booking_id, venue, *tokens.make_for_link(link))
