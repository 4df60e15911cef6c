"""Other tables for a booking, its party at them or not: move, swap, pin. Pure; see hub.domain.service."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from hub.domain import calendar, lifecycle
from hub.domain.allocation import Day, check_seats, named_unit
from hub.domain.change import BookingRow, Change, Seen
from hub.domain.decisions import found, undo_of
from hub.domain.floor import FloorView, Table
from hub.domain.room import SHORTEST, Room
from hub.domain.rules import Rules
from hub.domain.service import EVENTS, as_change, near, whole
from hub.errors import Conflict, OutsideOpeningHours, SlotTaken, TableTooSmall


def move(
    seen: Seen,
    day: Day,
    floor: FloorView,
    *,
    table_ids: Sequence[int] | None,
    pinned: bool | None,
    rules: Rules,
    now: datetime,
    exceed: Collection[str] = (),
) -> Change:
    """Other tables for a booking, or whether it keeps to them (``pinned``). What is as it was is no change. ``exceed``
    is as of hub.domain.allocation.check_seats.

    Raises Changed, AlreadyCanceled, AlreadyOver, NotAsSeen, Conflict, NotFound, TableTooSmall, OutsideOpeningHours for
    a party that would sit into the next service day, and SlotTaken with who is there.
    """
    old = found(seen, day.day_view)
    status = lifecycle.after(old.status, "move")
    row = replace(old, pinned=old.pinned if pinned is None else pinned)
    if table_ids is not None:
        unit = named_unit(floor, table_ids)
        if set(unit.ids) != {table.id for table in old.tables}:
            check_seats(unit, old.guests, exceed)
            row = _at_tables(row, unit.tables, rules, now)
            Room(day, now, (old.id,)).check(row)
    if row == old:
        return Change(booking=old)
    row = replace(row, status=status, revision=old.revision + 1, undo=undo_of(old, "move", now))
    return as_change(row, EVENTS["move"], window=near(now))


def swap(seen: Seen, other: Seen, day: Day, floor: FloorView, *, rules: Rules, now: datetime) -> Change:
    """Two bookings of one day exchange their tables. Raises as :func:`move`, for either."""
    if seen.id == other.id:
        raise Conflict("A booking can't be swapped with itself.")
    if seen.service_date != other.service_date:
        raise Conflict("The bookings are on different days.")
    first, second = found(seen, day.day_view), found(other, day.day_view)
    room, rows = Room(day, now, (first.id, second.id)), []
    for row, partner in ((first, second), (second, first)):
        tables = partner.tables
        status = lifecycle.after(row.status, "move")
        if named_unit(floor, [table.id for table in tables]).seats < row.guests:
            raise TableTooSmall()
        undo = undo_of(row, "move", now, swap_with=partner.id)
        new = replace(_at_tables(row, tables, rules, now), status=status, revision=row.revision + 1, undo=undo)
        room.check(new)
        rows.append(new)
    if _meet(*rows):
        raise SlotTaken(in_the_way=[("booking", second.id)])
    return as_change(rows[0], EVENTS["move"], window=near(now), more=rows[1:])


def _at_tables(row: BookingRow, tables: Sequence[Table], rules: Rules, now: datetime) -> BookingRow:
    """The booking at other tables. A party that sits takes them from now on, for a while at least: nobody can sit there
    in the past."""
    row = replace(row, table=tables[0], more_tables=tuple(tables[1:]))
    if row.status != "seated":
        return row
    since, until = whole(now), calendar.stay_until(row.service_date, rules)
    if since >= until:
        raise OutsideOpeningHours()
    return replace(row, table_since=since, ends_at=max(row.ends_at, min(since + SHORTEST, until)))


def _meet(one: BookingRow, other: BookingRow) -> bool:
    """Whether two bookings take one table at a time."""
    held, held_by_other = one.occupied_from_until(), other.occupied_from_until()
    if held is None or held_by_other is None or not {t.id for t in one.tables} & {t.id for t in other.tables}:
        return False
    return held[0] < held_by_other[1] and held_by_other[0] < held[1]
