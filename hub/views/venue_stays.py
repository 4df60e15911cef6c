"""How long parties stay in each venue, as its rows of the last months say: asked now and then, and kept."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from hub.domain.rules import Rules
from hub.domain.stays import Stays, fitted
from hub.store import service_stats

KEPT_SECONDS = 3600.0
DAYS = 90
"""Older stays tell little of tonight."""


class VenueStays:
    """The stays of the venues that a process was asked about."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[float, Stays]] = {}

    async def of(self, epoch: str, venue_id: int, rules: Rules, today: date) -> Stays:
        """What a venue's own stays say, or its slot where they are few. Raises HubErrors."""
        now = asyncio.get_running_loop().time()
        known = self._known.get((epoch, venue_id))
        if known is not None and now - known[0] < KEPT_SECONDS:
            return known[1]
        found = fitted(await service_stats.stays(venue_id, today - timedelta(days=DAYS)), rules.slot)
        self._known = {key: each for key, each in self._known.items() if key[0] == epoch}
        self._known[epoch, venue_id] = now, found
        return found
