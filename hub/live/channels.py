"""Every channel of the live protocol, and the channel of a name from outside. Pure.

What a channel is, and shows, is its projection's (hub.live.projections).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hub.domain.events import MAIN
from hub.live.projections.availability import Availability
from hub.live.projections.floor import FOR_STAFF
from hub.live.projections.mine import Mine
from hub.live.projections.presence import PresenceProjection
from hub.live.projections.projection import Channel, Projection
from hub.live.projections.starts import Starts
from hub.live.projections.tables import Tables
from hub.live.projections.venue import Venue

VENUE, STARTS, TABLES, AVAILABILITY, FLOOR, MINE = Venue(), Starts(), Tables(), Availability(), FOR_STAFF, Mine()
KINDS: dict[str, Projection[Any]] = {
    kind.name: kind for kind in (VENUE, STARTS, TABLES, AVAILABILITY, FLOOR, MINE, PresenceProjection())
}


def parse(name: str, here: int = MAIN, named: Callable[[str], int | None] = lambda slug: None) -> Channel | None:
    """The channel of a name from outside; None when there is no such channel. Only the canonical spelling counts.

    A name without a prefix is of the venue ``here``; another venue's has its slug before it (``soho/tables``).
    ``named`` gives the venue of a slug.
    """
    slug, slash, own = name.partition("/")
    venue_id = named(slug) if slash else here
    if venue_id is None or (slash and venue_id == here):
        return None
    kind, colon, rest = (own if slash else name).partition(":")
    projection = KINDS.get(kind)
    found = projection.parse(rest if colon else None) if projection is not None else None
    return replace(found, name=name, venue_id=venue_id) if found is not None else None
