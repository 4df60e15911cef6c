"""A service day in numbers, as they are at this moment; and how long parties stayed, of the days before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hub.domain.stays import LONGEST, SHORTEST, SIZES, Measured
from hub.store import database

STATES = ("late", "overdue", "waiting", "held", "closed")
"""Late; seated beyond the end; on the waitlist; tables that are held for somebody who books, and that are closed."""
NOW = """
SELECT (SELECT count(*) FROM tables WHERE venue_id = $1 AND retired_at IS NULL) AS tables,
       (SELECT coalesce(sum(seats), 0) FROM tables WHERE venue_id = $1 AND retired_at IS NULL) AS seats,
       (SELECT count(DISTINCT o.table_id)
        FROM bookings b JOIN occupancies o ON o.venue_id = b.venue_id AND o.booking_id = b.id
        WHERE b.venue_id = $1 AND b.service_date = $2
        AND o.starts_at <= clock_timestamp() AND o.ends_at > clock_timestamp()) AS taken,
       (SELECT count(*) FROM bookings WHERE venue_id = $1 AND service_date = $2 AND status = 'booked'
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
SIZE = " ".join(f"WHEN b.guests <= {most} THEN {index}" for index, most in enumerate(SIZES))
MEASURE = f"""
SELECT size, count(*) AS count, exp(percentile_cont(0.5) WITHIN GROUP (ORDER BY ln(minutes))) AS median,
       coalesce(stddev_samp(ln(minutes)), 0) AS spread
FROM (SELECT CASE {SIZE} END AS size, (extract(epoch FROM b.left_at - b.seated_at) / 60)::float8 AS minutes
      FROM bookings b WHERE b.venue_id = $1 AND b.service_date >= $2 AND b.status = 'finished') s
WHERE minutes BETWEEN {SHORTEST} AND {LONGEST} GROUP BY size
"""  # noqa: S608 constants


@dataclass(frozen=True, slots=True)
class Counts:
    """``tables`` and ``seats`` of the floor, how many tables are ``taken``, and the numbers of STATES."""

    tables: int
    seats: int
    taken: int
    parties: Mapping[str, int]


async def now(venue_id: int, day: date, late: timedelta) -> Counts:
    """A party is late that is not here so long after its start."""
    [row] = await database.fetch(NOW, venue_id, day, late)
    return Counts(row["tables"], row["seats"], row["taken"], {state: row[state] for state in STATES})


async def starts(venue_id: int, day: date) -> list[tuple[datetime, str, int, int]]:
    """When, the status, how many bookings start then and have it, and how many guests they are."""
    rows = await database.fetch(
        "SELECT starts_at, status, count(*), sum(guests) FROM bookings WHERE venue_id = $1 AND service_date = $2 "
        "GROUP BY starts_at, status",
        venue_id,
        day,
    )
    return [tuple(row) for row in rows]


async def stays(venue_id: int, since: date) -> dict[int, Measured]:
    """How long parties stayed, on a service day and of later ones, by the index of their size in SIZES."""
    rows = await database.fetch(MEASURE, venue_id, since)
    return {row["size"]: Measured(row["count"], row["median"], row["spread"]) for row in rows}
