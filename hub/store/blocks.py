"""Blocks as their readers see them: by id, and those of a service day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from hub.domain.change import BlockRow
from hub.store import database

READ = """
SELECT b.id, b.venue_id, b.service_date, b.table_ids, b.starts_at, b.ends_at, b.reason, b.revision, s.version,
       (SELECT epoch FROM hub) AS epoch
FROM blocks b JOIN streams s ON s.name = hub_stream(b.venue_id, b.service_date)
WHERE b.venue_id = $1 AND
"""


@dataclass(frozen=True, slots=True)
class FoundBlock:
    """A block as its reader sees it; ``epoch`` and ``version`` are where its day's stream stands with it."""

    row: BlockRow
    id: int
    epoch: str
    version: int
    replayed: bool = False


async def of_id(venue_id: int, block_id: int) -> FoundBlock | None:
    """A block that is, or was."""
    return next(map(_found, await database.fetch(f"{READ} b.id = $2", venue_id, block_id)), None)


async def of_day(venue_id: int, day: date) -> list[FoundBlock]:
    """Those that are not opened again, by when they begin."""
    query = f"{READ} b.service_date = $2 AND b.removed_at IS NULL ORDER BY b.starts_at, b.id"
    return list(map(_found, await database.fetch(query, venue_id, day)))


def _found(row: Any) -> FoundBlock:
    block = BlockRow(
        row["id"], row["venue_id"], row["service_date"], tuple(orjson.loads(row["table_ids"])), row["starts_at"],
        row["ends_at"], row["reason"], row["revision"],
    )  # fmt: skip
    return FoundBlock(block, row["id"], row["epoch"], row["version"])
