"""Blocks: close tables for a while, open them again, list those of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from hub.domain import blocks, calendar
from hub.domain.change import BlockRow, Change
from hub.errors import Changed, NotFound
from hub.security import Identity
from hub.store import database
from hub.store.commit import replayed
from hub.store.keys import Key
from hub.views.context import VenueContext
from hub.views.writes import Done, WorkingViews, Write

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


async def close(
    context: VenueContext,
    *,
    by: Identity,
    starts_at: datetime,
    ends_at: datetime,
    table_ids: Sequence[int] | None = None,
    area_id: int | None = None,
    reason: str = "",
    request_id: str | None = None,
    key: Key | None = None,
) -> FoundBlock:
    """Close these tables, or all of an area, from now on if the start is past. It is cut at the opening and closing.

    Raises ValidationFailed for more than one service day, OutsideOpeningHours, InThePast, TooFarAhead, NotFound, and
    SlotTaken with what is in the way.
    """
    rules = context.rules
    part = blocks.part_of_day(starts_at, ends_at, rules)
    calendar.check_range(part.day, calendar.today(context.now(), rules), rules)
    stream = context.day_stream(part.day)

    def decide(views: WorkingViews, now: datetime) -> Change:
        return blocks.block(
            views.day(stream), views.floor, part, venue_id=context.id, table_ids=table_ids, area_id=area_id,
            reason=reason, now=now,
        )  # fmt: skip

    return _found(await context.writes.submit(Write((stream,), decide, by.user_id, request_id, key=key)))


async def open_again(
    context: VenueContext,
    *,
    by: Identity,
    block_id: int,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> FoundBlock:
    """Open the tables of a block again. Raises NotFound, and Changed for one at another revision than these."""
    seen = (await read(context, block_id)).row
    if revisions is not None and seen.revision not in revisions:
        raise Changed()

    def decide(views: WorkingViews, now: datetime) -> Change:
        return blocks.unblock(views.day_view(seen.stream), seen)

    return _found(await context.writes.submit(Write((seen.stream,), decide, by.user_id, request_id, key=key)))


async def read(context: VenueContext, block_id: int) -> FoundBlock:
    """A block that is, or was. Raises NotFound."""
    rows = await database.fetch(f"{READ} b.id = $2", context.id, block_id)
    if not rows:
        raise NotFound(blocks.NO_SUCH)
    return FoundBlock(_row(rows[0]), block_id, rows[0]["epoch"], rows[0]["version"])


def repeat(kept: Mapping[str, Any]) -> FoundBlock:
    """The block as it stood after a write, from what was kept under the write's key. Raises KeyError, TypeError and
    ValueError for what this release can't read."""
    written = replayed(kept, None)
    return _found(Done(written.change, written, written.epoch, dict(written.versions)))


async def of_day(context: VenueContext, day: date) -> list[FoundBlock]:
    """The blocks of a service day, by when they begin."""
    rows = await database.fetch(
        f"{READ} b.service_date = $2 AND b.removed_at IS NULL ORDER BY b.starts_at, b.id", context.id, day
    )
    return [FoundBlock(_row(row), row["id"], row["epoch"], row["version"]) for row in rows]


def _row(row: Any) -> BlockRow:
    return BlockRow(
        row["id"], row["venue_id"], row["service_date"], tuple(orjson.loads(row["table_ids"])), row["starts_at"],
        row["ends_at"], row["reason"], row["revision"],
    )  # fmt: skip


def _found(done: Done) -> FoundBlock:
    row, written = done.change.block, done.written
    assert row is not None and written is not None
    return FoundBlock(row, row.id or written.id, done.epoch, done.versions[row.stream], written.replayed)
