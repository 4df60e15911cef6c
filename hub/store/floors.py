"""A venue's floor as its rows have it now."""

from __future__ import annotations

import orjson

from hub.domain.floor import FloorView
from hub.store import database


async def read(venue_id: int) -> FloorView:
    """At no version: to list what is there, and not to decide on."""
    [row] = await database.fetch("SELECT hub_floor($1) AS floor", venue_id)
    return FloorView.restore({"version": 0, "head": 0, **orjson.loads(row["floor"])})
