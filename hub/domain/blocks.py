"""Blocks: tables that the house keeps closed for a while. Pure; see hub.domain.decisions.

A block lies on one service day: it is cut at the opening and the closing, and one that would be of several days is
refused. So a block is one row of one day's stream, with one id by which it is opened again; who closes a room for a
week makes one block a day. Nothing that is taken reaches into the next service day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hub.domain import calendar
from hub.domain.allocation import Day
from hub.domain.calendar import Slot
from hub.domain.change import NEW, BlockRow, Change, NewEvent, Window
from hub.domain.day import DayView
from hub.domain.floor import FloorView
from hub.domain.room import Room
from hub.domain.rules import Rules
from hub.errors import InThePast, NotFound, OutsideOpeningHours, SlotTaken, ValidationFailed

_DAY = timedelta(days=1)
NO_SUCH = "There is no such block."


def part_of_day(starts_at: datetime, ends_at: datetime, rules: Rules) -> Slot:
    """What a block from ``starts_at`` until ``ends_at`` closes: that part of it in which its service day is open.

    Raises ValidationFailed for one that does not end after its start or is of several service days,
    OutsideOpeningHours for one of none, and as calendar.opening does.
    """
    if ends_at <= starts_at:
        raise ValidationFailed([{"field": "end_at", "message": "it must be after start_at"}])
    found: list[Slot] = []
    first = calendar.today(starts_at, rules)
    shift = -1
    while len(found) < 2 and (day := first + shift * _DAY) <= calendar.today(ends_at, rules):
        opens, closes = calendar.opening(day, rules)
        if max(opens, starts_at) < min(closes, ends_at):
            found.append(Slot(max(opens, starts_at), min(closes, ends_at), day))
        shift += 1
    if not found:
        raise OutsideOpeningHours()
    if len(found) > 1:
        said = f"a block is of one service day: it would be of {found[0].day} and of {found[1].day}"
        raise ValidationFailed([{"field": "end_at", "message": said}])
    return found[0]


def tables_named(floor: FloorView, table_ids: Sequence[int] | None, area_id: int | None) -> tuple[int, ...]:
    """The tables that are to be closed: these, or all of an area. Raises NotFound."""
    if table_ids is None:
        found = sorted(table.id for table in floor.tables.values() if table.area_id == area_id)
        if not found:
            raise NotFound("There is no such area, or no table in it.")
        return tuple(found)
    if any(id not in floor.tables for id in table_ids):
        raise NotFound("There is no such table.")
    return tuple(sorted(set(table_ids)))


def block(
    day: Day,
    floor: FloorView,
    part: Slot,
    *,
    venue_id: int,
    table_ids: Sequence[int] | None,
    area_id: int | None,
    reason: str,
    now: datetime,
) -> Change:
    """Close tables for a part of a service day, or for what is left of it.

    Raises InThePast, NotFound, and SlotTaken with what is in the way: (what, id), the bookings among it as (id, entry),
    and which of the tables are free then.
    """
    starts_at = max(part.starts_at, now).replace(microsecond=0)
    if starts_at >= part.ends_at:
        raise InThePast()
    tables = tables_named(floor, table_ids, area_id)
    room = Room(day, now)
    if blocking := room.in_the_way(tables, starts_at, part.ends_at):
        entries = {id: entry for view in (day.day_view, *day.beside) for id, entry in view.entries.items()}
        bookings = [(id, entries[id]) for what, id in blocking if what == "booking"]
        free = [table for table in tables if not room.in_the_way([table], starts_at, part.ends_at)]
        said = "Something is at these tables at that time."
        raise SlotTaken(said, in_the_way=blocking, bookings=bookings, free_tables=free)
    row = BlockRow(NEW, venue_id, part.day, tables, starts_at, part.ends_at, reason)
    event = NewEvent(row.stream, "blocked", {"block": None, "entry": row.entry()})
    return Change(block=row, events=[event], window=Window(until=part.ends_at))


def unblock(day: DayView, seen: BlockRow) -> Change:
    """Open the tables of a block again; ``seen`` is its row as it was read. Raises NotFound when it is gone."""
    found = day.blocks.get(seen.id)
    if found is None:
        raise NotFound(NO_SUCH)
    row = replace(seen, revision=found.revision + 1, removed=True)
    return Change(block=row, events=[NewEvent(row.stream, "unblocked", {"block": row.id, "entry": None})])
