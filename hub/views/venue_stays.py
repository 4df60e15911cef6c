"""How long parties stay in each venue, as its rows of the last months say: asked now and then, and kept."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from hub.domain.rules import Rules
from hub.domain.stays import LONGEST, SHORTEST, SIZES, Measured, Stays, fitted
from hub.store import database

KEPT_SECONDS = 3600.0
DAYS = 90
"""Older stays tell little of tonight."""
SIZE = " ".join(f"WHEN b.guests <= {most} THEN {index}" for index, most in enumerate(SIZES))
MEASURE = f"""
SELECT size, count(*) AS count, exp(percentile_cont(0.5) WITHIN GROUP (ORDER BY ln(minutes))) AS median,
       coalesce(stddev_samp(ln(minutes)), 0) AS spread
FROM (SELECT CASE {SIZE} END AS size, (extract(epoch FROM b.left_at - b.seated_at) / 60)::float8 AS minutes
      FROM bookings b WHERE b.venue_id = $1 AND b.service_date >= $2 AND b.status = 'finished') s
WHERE minutes BETWEEN {SHORTEST} AND {LONGEST} GROUP BY size
"""  # noqa: S608 constants


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
        rows = await database.fetch(MEASURE, venue_id, today - timedelta(days=DAYS))
        measured = {row["size"]: Measured(row["count"], row["median"], row["spread"]) for row in rows}
        found = fitted(measured, rules.slot)
        self._known = {key: each for key, each in self._known.items() if key[0] == epoch}
        self._known[epoch, venue_id] = now, found
        return found
