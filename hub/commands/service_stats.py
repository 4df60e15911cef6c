"""The service day that is on, in numbers: who is expected when, and how full the floor is.

Asked now and then for the graphs (hub.process.sampler); what guests and hosts see comes from the views.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from hub.domain import calendar
from hub.store import service_stats as stored
from hub.store.service_stats import Counts
from hub.views.context import VenueContext

COMES = ("booked", "arrived", "seated", "finished")
"""The statuses of those who are to come, are here, or were."""


@dataclass(frozen=True, slots=True)
class ServiceStats:
    """``covers``: guests by the local hour (0–23) in which their booking starts; ``bookings``: how many by status."""

    day: date
    covers: Counter[int]
    bookings: Counter[str]
    now: Counts


LATE = timedelta(minutes=15)
"""A party that is not here so long after its booked start is late."""


async def count(context: VenueContext) -> ServiceStats:
    """The service day that is on, or outside of every opening that of the local date. Raises HubErrors."""
    day = calendar.service_day(context.now(), context.rules)
    covers: Counter[int] = Counter()
    bookings: Counter[str] = Counter()
    for starts_at, status, count, guests in await stored.starts(context.id, day):
        bookings[status] += count
        if status in COMES:
            covers[calendar.local_date_time(starts_at, context.rules)[1].hour] += guests
    return ServiceStats(day, covers, bookings, await stored.now(context.id, day, LATE))
