"""A venue's floor as its rows have it now, and who is in the way of a change of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson

from hub.domain.events import floor_of
from hub.domain.floor import FloorView, Place, Table
from hub.store import database
from models import TableModel

FLOOR = """
SELECT h.epoch, coalesce(s.version, 0) AS version, coalesce(s.head, 0) AS head, hub_floor($2) AS floor
FROM hub h LEFT JOIN streams s ON s.name = $1
"""
PARTIES = """
SELECT b.id, g.name, b.starts_at, b.ends_at, b.guests, coalesce(b.table_ids, jsonb_build_array(b.table_id)) AS tables
FROM hub_parties_of_table($1, $2, $3, statement_timestamp()) p
JOIN bookings b ON b.venue_id = $1 AND b.id = p.booking_id
JOIN guests g ON g.group_id = b.group_id AND g.id = b.guest_id
ORDER BY b.starts_at, b.id LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class PartyInTheWay:
    """A booking that a change of a table would leave without a seat."""

    id: int
    name: str | None
    starts_at: datetime
    ends_at: datetime
    guests: int
    tables: tuple[int, ...]


async def read(venue_id: int) -> tuple[FloorView, str]:
    """The floor at its present version, and the database's epoch. Raises whatever a row does that can't be read."""
    [row] = await database.fetch(FLOOR, floor_of(venue_id), venue_id)
    floor = {"version": row["version"], "head": row["head"], **orjson.loads(row["floor"])}
    return FloorView.restore(floor), row["epoch"]


async def tables(venue_id: int) -> list[Table]:
    """The tables that are not retired, by id."""
    rows = await database.ask(TableModel.filter(venue_id=venue_id, retired_at=None).order_by("id"))
    return [
        Table(row.id, row.name, row.seats, row.revision, row.area_id, row.place and Place(**row.place)) for row in rows
    ]


async def ids_of_tables(venue_id: int) -> frozenset[int]:
    """All tables that a venue has, or had."""
    return frozenset(row["id"] for row in await database.fetch("SELECT id FROM tables WHERE venue_id = $1", venue_id))


async def parties_of_table(venue_id: int, table_id: int, seats: int, most: int) -> list[PartyInTheWay]:
    """Who is to sit, or sits, at a table and would not fit there if it had so many seats; by start, the first ones."""
    return [
        PartyInTheWay(
            row["id"], row["name"], row["starts_at"], row["ends_at"], row["guests"], tuple(orjson.loads(row["tables"]))
        )
        for row in await database.fetch(PARTIES, venue_id, table_id, seats, most)
    ]
