"""The service day that is on, in numbers: who is expected when, and how full the floor is.

Asked now and then for the graphs (hub.process.sampler); what guests and hosts see comes from the views.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from hub.domain import calendar
from hub.store import database
from hub.views.context import VenueContext

COMES = ("booked", "arrived", "seated", "finished")
"""The statuses of those who are to come, are here, or were."""


@dataclass(frozen=True, slots=True)
class ServiceStats:
    """``covers``: guests by the local hour (0–23) in which their booking starts; ``bookings``: how many by status.

    ``tables`` and ``seats`` are the floor's, ``taken`` the tables that are held at this moment.
    """

    day: date
    covers: Counter[int]
    bookings: Counter[str]
    tables: int
    taken: int
    seats: int
    parties: Mapping[str, int]
    """Parties that want somebody's eye now, by :data:`STATES`."""


LATE = timedelta(minutes=15)
"""A party that is not here so long after its booked start is late."""
STATES = ("late", "overdue", "waiting", "held", "closed")
"""Late; seated beyond the end; on the waitlist; tables that are held for somebody who books, and that are closed."""
PARTIES = """
SELECT (SELECT count(*) FROM bookings WHERE venue_id = $1 AND service_date = $2 AND status = 'booked'
        AND starts_at <= clock_timestamp() - $3::interval AND ends_at > clock_timestamp()) AS late,
       (SELECT count(*) FROM bookings WHERE venue_id = $1 AND service_date = $2 AND status = 'seated'
        AND ends_at <= clock_timestamp()) AS overdue,
       (SELECT count(*) FROM waitlist WHERE venue_id = $1 AND service_date = $2
        AND status IN ('waiting', 'ready', 'here')) AS waiting,
       (SELECT count(*) FROM holds WHERE venue_id = $1 AND service_date = $2
        AND expires_at > clock_timestamp()) AS held,
       (SELECT count(DISTINCT o.table_id) FROM blocks b
        JOIN occupancies o ON o.venue_id = b.venue_id AND o.block_id = b.id
        WHERE b.venue_id = $1 AND b.service_date = $2 AND b.removed_at IS NULL
        AND o.starts_at <= clock_timestamp() AND o.ends_at > clock_timestamp()) AS closed
"""


async def count(context: VenueContext) -> ServiceStats:
    """The service day that is on, or outside of every opening that of the local date. Raises HubErrors."""
    day = calendar.service_day(context.now(), context.rules)
    rows = await database.fetch(
        "SELECT starts_at, status, count(*) AS bookings, sum(guests) AS guests FROM bookings "
        "WHERE venue_id = $1 AND service_date = $2 "
        "GROUP BY starts_at, status",
        context.id,
        day,
    )
    [floor] = await database.fetch(
        "SELECT count(*) AS tables, coalesce(sum(seats), 0) AS seats, (SELECT count(DISTINCT o.table_id) "
        "FROM bookings b JOIN occupancies o ON o.venue_id = b.venue_id AND o.booking_id = b.id "
        "WHERE b.venue_id = $1 AND b.service_date = $2 "
        "AND o.starts_at <= clock_timestamp() AND o.ends_at > clock_timestamp()) AS taken "
        "FROM tables WHERE venue_id = $1 AND retired_at IS NULL",
        context.id,
        day,
    )
    [parties] = await database.fetch(PARTIES, context.id, day, LATE)
    covers: Counter[int] = Counter()
    bookings: Counter[str] = Counter()
    for row in rows:
        bookings[row["status"]] += row["bookings"]
        if row["status"] in COMES:
            covers[calendar.local_date_time(row["starts_at"], context.rules)[1].hour] += row["guests"]
    return ServiceStats(day, covers, bookings, floor["tables"], floor["taken"], floor["seats"], dict(parties))
