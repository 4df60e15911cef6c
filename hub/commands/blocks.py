"""Blocks: close tables for a while, open them again, list those of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from hub.commands.call import Call
from hub.domain import blocks, calendar
from hub.domain.change import Change
from hub.errors import NotFound
from hub.store import blocks as stored
from hub.store.blocks import FoundBlock
from hub.store.commit import replayed
from hub.views.context import VenueContext
from hub.views.writes import Done, WorkingViews


async def close(
    context: VenueContext,
    call: Call,
    *,
    starts_at: datetime,
    ends_at: datetime,
    table_ids: Sequence[int] | None = None,
    area_id: int | None = None,
    reason: str = "",
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

    return _found(await context.writes.submit(call.write(context, (stream,), decide)))


async def open_again(context: VenueContext, call: Call, block_id: int) -> FoundBlock:
    """Open the tables of a block again. Raises NotFound, and Changed."""
    seen = (await read(context, block_id)).row
    call.check(seen.revision)

    def decide(views: WorkingViews, now: datetime) -> Change:
        return blocks.unblock(views.day_view(seen.stream), seen)

    return _found(await context.writes.submit(call.write(context, (seen.stream,), decide)))


async def read(context: VenueContext, block_id: int) -> FoundBlock:
    """A block that is, or was. Raises NotFound."""
    found = await stored.of_id(context.id, block_id)
    if found is None:
        raise NotFound(blocks.NO_SUCH)
    return found


def repeat(kept: Mapping[str, Any]) -> FoundBlock:
    """The block as it stood after a write, from what was kept under the write's key. Raises KeyError, TypeError and
    ValueError for what this release can't read."""
    written = replayed(kept, None)
    return _found(Done(written.change, written, written.epoch, dict(written.versions)))


async def of_day(context: VenueContext, day: date) -> list[FoundBlock]:
    """The blocks of a service day, by when they begin."""
    return await stored.of_day(context.id, day)


def _found(done: Done) -> FoundBlock:
    row, written = done.change.block, done.written
    assert row is not None and written is not None
    return FoundBlock(row, row.id or written.id, done.epoch, done.versions[row.stream], written.replayed)
