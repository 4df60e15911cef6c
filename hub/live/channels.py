"""Every channel of the live protocol, and the channel of a name from outside. Pure.

What a channel is, and shows, is its projection's (hub.live.projections).
"""

from __future__ import annotations

from typing import Any

from hub.live.projections.availability import Availability
from hub.live.projections.floor import Floor
from hub.live.projections.mine import Mine
from hub.live.projections.projection import Channel, Projection
from hub.live.projections.tables import Tables
from hub.live.projections.venue import Venue

VENUE, TABLES, AVAILABILITY, FLOOR, MINE = Venue(), Tables(), Availability(), Floor(), Mine()
KINDS: dict[str, Projection[Any]] = {kind.name: kind for kind in (VENUE, TABLES, AVAILABILITY, FLOOR, MINE)}


def parse(name: str) -> Channel | None:
    """The channel of a name from outside; None when there is no such channel. Only the canonical spelling counts."""
    kind, colon, rest = name.partition(":")
    projection = KINDS.get(kind)
    return projection.parse(rest if colon else None) if projection is not None else None
