"""What is done to a booking in the room: it arrives, sits, moves, stays on, leaves, does not come; and undo. Pure.

See hub.domain.decisions. All of it is for staff: nobody is mailed for what happens at the table. The promised start
stays; what the booking holds follows the party. Whole seconds, as rows and views have them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hub.domain import calendar, lifecycle
from hub.domain.allocation import Day, is_free, named_unit
from hub.domain.change import NEW, BookingRow, Change, NewEvent, Party, Seen, Window
from hub.domain.day import DayView, Entry
from hub.domain.decisions import found, undo_of
from hub.domain.floor import FloorView, Table, Unit
from hub.domain.rules import Rules
from hub.errors import (
    Changed,
    Conflict,
    NotAsSeen,
    NotFound,
    OutsideOpeningHours,
    SlotTaken,
    TableTooSmall,
)

SHORTEST = timedelta(minutes=15)
"""No party is seated for less than this."""


def walk_in(
    day: Day,
    floor: FloorView,
    *,
    venue_id: int,
    party: Party,
    guests: int,
    table_ids: Sequence[int] | None,
    minutes: int | None,
    rules: Rules,
    now: datetime,
) -> Change:
    """A party that came in just now and sits. Its time is cut where the next booking of its tables begins. Without
    ``table_ids``: the first unit, in the order of choice, that is free for the whole time, else the one that is free
    longest.

    Raises OutsideOpeningHours, NotFound, TableTooSmall, SlotTaken.
    """
    starts_at = _whole(now)
    service_day = calendar.service_day(starts_at, rules)
    opens, until = calendar.occupied_range(service_day, rules)
    if service_day != day.day_view.day:
        raise NotAsSeen()  # the service day ended between the reading and the decision
    if not opens <= starts_at < until:
        raise OutsideOpeningHours()
    wanted = min(starts_at + (timedelta(minutes=minutes) if minutes else rules.slot), until)
    unit, ends_at = _unit_now(day, floor, starts_at, wanted, guests, table_ids)
    first, *more = unit.tables
    row = BookingRow(
        NEW, venue_id, party, first, guests, starts_at, ends_at, service_day, lifecycle.after(None, "walk_in"), 1,
        more_tables=tuple(more), seated_at=starts_at,
    )  # fmt: skip
    return Change(
        booking=row,
        events=[NewEvent(row.stream, "walked_in", {"booking": None, "entry": row.entry()})],
        window=Window(until=ends_at),
    )


def _unit_now(
    day: Day, floor: FloorView, starts_at: datetime, wanted: datetime, guests: int, table_ids: Sequence[int] | None
) -> tuple[Unit, datetime]:
    """The tables for a party that sits from ``starts_at``, and until when; ``wanted`` at most."""
    units = floor.units(guests) if table_ids is None else [named_unit(floor, table_ids)]
    if not units or (table_ids is not None and units[0].seats < guests):
        raise TableTooSmall()
    best: tuple[Unit, datetime] | None = None
    for unit in units:
        ends_at = free_until(day, unit.ids, starts_at, wanted)
        if ends_at == wanted:
            return unit, ends_at
        if ends_at - starts_at >= SHORTEST and (best is None or ends_at > best[1]):
            best = unit, ends_at
    if best is None:
        raise SlotTaken()
    return best


def free_until(
    day: Day, table_ids: Sequence[int], starts_at: datetime, wanted: datetime, but: Sequence[int] = ()
) -> datetime:
    """Until when these tables are free from ``starts_at`` on, ``wanted`` at most; ``starts_at`` itself when one of them
    is taken then. ``but``: bookings that are left out of account."""
    ends_at = wanted
    for table_id in table_ids:
        for since, until in taken(day, table_id, but):
            if since < ends_at and until > starts_at:
                ends_at = max(since, starts_at)
    return ends_at


def taken(day: Day, table_id: int, but: Sequence[int]) -> list[tuple[datetime, datetime]]:
    """When a table is taken by others than these bookings."""
    left_out = [
        (since, until)
        for view in (day.day_view, *day.beside)
        for booking in but
        if (entry := view.entries.get(booking)) is not None
        for table, since, until in entry.occupied
        if table == table_id
    ]
    rest = list(day.taken(table_id, 0))
    for each in left_out:
        rest.remove(each)
    return rest


def arrive(seen: Seen, day: DayView, *, now: datetime) -> Change:
    """The party is here and waits for its table. Raises Changed, AlreadyCanceled, AlreadyOver, NotAsSeen, Conflict."""
    old = found(seen, day)
    return _step(old, "arrive", now, arrived_at=_whole(now))


def seat(
    seen: Seen, day: Day, floor: FloorView, *, table_ids: Sequence[int] | None, rules: Rules, now: datetime
) -> Change:
    """The party sits, from now for as long as it booked: at least until its booked end, and no longer than its tables
    are free. Without ``table_ids`` at the booked tables; a no-show who comes after all, whose tables are taken, gets
    others.

    Raises Changed, AlreadyCanceled, AlreadyOver, NotAsSeen, Conflict, NotFound, TableTooSmall, and SlotTaken with who
    is there.
    """
    old, at = found(seen, day.day_view), _whole(now)
    lifecycle.after(old.status, "seat")
    until = calendar.occupied_range(old.service_date, rules)[1]
    if at >= until:
        raise OutsideOpeningHours()
    booked = old.ends_at - old.starts_at
    wanted = min(max(at + booked, old.ends_at), until)
    needed = min(max(old.ends_at, at + SHORTEST), until)
    tables = old.tables if table_ids is None else named_unit(floor, table_ids).tables
    if table_ids is not None and named_unit(floor, table_ids).seats < old.guests:
        raise TableTooSmall()
    ends_at = free_until(day, [table.id for table in tables], at, wanted, (old.id,))
    if ends_at < needed and table_ids is None and old.status == "no_show":
        unit, ends_at = _unit_now(day, floor, at, wanted, old.guests, None)
        tables = unit.tables
    elif ends_at < needed:
        raise SlotTaken(in_the_way=in_the_way(day, [table.id for table in tables], at, needed, but=(old.id,)))
    return _step(old, "seat", now, seated_at=at, table_since=None, ends_at=ends_at, left_at=None, tables=tables)


def finish(seen: Seen, day: DayView, *, now: datetime) -> Change:
    """The party has left; its tables are free from now on. Raises as arrive does."""
    old = found(seen, day)
    return _step(old, "finish", now, left_at=_whole(now))


def mark_no_show(seen: Seen, day: DayView, *, now: datetime) -> Change:
    """The party did not come; its tables are free. Raises as arrive does, and Conflict before the booked start."""
    old = found(seen, day)
    lifecycle.after(old.status, "mark_no_show")
    if now < old.starts_at:
        raise Conflict("The party is not late yet: the booking starts later.")
    return _step(old, "mark_no_show", now, window=Window(since=old.starts_at))


def _step(
    old: BookingRow, action: lifecycle.Action, now: datetime, *, window: Window | None = None, **new: Any
) -> Change:
    """The booking after a step that staff may take back."""
    tables: tuple[Table, ...] = new.pop("tables", old.tables)
    row = replace(
        old, status=lifecycle.after(old.status, action), revision=old.revision + 1, undo=undo_of(old, action, now),
        table=tables[0], more_tables=tables[1:], **new,
    )  # fmt: skip
    return _of(row, EVENTS[action], window=window or Window())


EVENTS = {
    "arrive": "arrived", "seat": "seated", "finish": "finished", "mark_no_show": "no_show", "extend": "extended",
    "move": "reseated",
}  # fmt: skip


def _of(row: BookingRow, kind: str, *, window: Window = Window(), more: Sequence[BookingRow] = ()) -> Change:  # noqa: B008 frozen
    events = [NewEvent(each.stream, kind, {"booking": each.id, "entry": each.entry()}) for each in (row, *more)]
    return Change(booking=row, more_bookings=more, events=events, window=window)


def undo(seen: Seen, day: Day, floor: FloorView, *, now: datetime) -> Change:
    """Take back the last step of a booking. Raises Changed, NotAsSeen, Conflict when there is nothing to take back or
    it is too late, and SlotTaken when what the booking held is taken by now."""
    if seen.revisions is not None and seen.revision not in seen.revisions:
        raise Changed()
    old = seen.canceled if seen.canceled is not None else found(seen, day.day_view)
    if old.undo is None:
        raise Conflict("There is nothing to undo.")
    if now >= old.undo.until:
        raise Conflict("It is too late to undo that.")
    before = old.undo.before
    try:
        tables = tuple(floor.tables[id] for id in before["tables"])
    except KeyError:
        raise Conflict("A table of that booking is not there any more.") from None

    def at(name: str) -> datetime | None:
        return None if before[name] is None else datetime.fromisoformat(before[name])

    row = replace(
        old, status=before["status"], revision=old.revision + 1, undo=None, table=tables[0], more_tables=tables[1:],
        starts_at=datetime.fromisoformat(before["starts_at"]), ends_at=datetime.fromisoformat(before["ends_at"]),
        arrived_at=at("arrived_at"), seated_at=at("seated_at"), table_since=at("table_since"), left_at=at("left_at"),
    )  # fmt: skip
    _check_free(day, row, but=(old.id,))
    change = _of(row, "undone", window=Window(until=old.undo.until))
    return replace(change, mail="confirmed") if old.status == lifecycle.CANCELED else change


def extend(seen: Seen, day: Day, floor: FloorView, *, minutes: int, rules: Rules, now: datetime) -> Change:
    """The party stays ``minutes`` longer than planned, or than now, when its time is over; but not into the next
    service day. Raises as arrive does, and SlotTaken with who is next and where they could go."""
    old = found(seen, day.day_view)
    lifecycle.after(old.status, "extend")
    until = calendar.occupied_range(old.service_date, rules)[1]
    wanted = min(max(old.ends_at, _whole(now)) + timedelta(minutes=minutes), until)
    if wanted <= old.ends_at:
        raise OutsideOpeningHours()
    ids = [table.id for table in old.tables]
    if free_until(day, ids, old.ends_at, wanted, (old.id,)) < wanted:
        blocking = in_the_way(day, ids, old.ends_at, wanted, but=(old.id,))
        raise SlotTaken(in_the_way=blocking, could_move_to=_elsewhere(day, floor, blocking))
    row = replace(old, ends_at=wanted, revision=old.revision + 1, undo=None)
    return _of(row, "extended")


def move(
    seen: Seen, day: Day, floor: FloorView, *, table_ids: Sequence[int] | None, pinned: bool | None, now: datetime
) -> Change:
    """Other tables for a booking, or whether it keeps to them (``pinned``). Raises as arrive does, and NotFound,
    TableTooSmall, SlotTaken with who is there."""
    old = found(seen, day.day_view)
    lifecycle.after(old.status, "move")
    unit = None if table_ids is None else named_unit(floor, table_ids)
    if unit is not None and unit.seats < old.guests:
        raise TableTooSmall()
    row = old if unit is None else _at_tables(old, unit.tables, now)
    row = replace(row, pinned=old.pinned if pinned is None else pinned, undo=None, revision=old.revision + 1)
    if (row.pinned, set(row.tables)) == (old.pinned, set(old.tables)):
        return Change(booking=old)
    _check_free(day, row, but=(old.id,))
    return _of(row, "reseated")


def _at_tables(row: BookingRow, tables: tuple[Table, ...], now: datetime) -> BookingRow:
    """The booking at other tables. A party that sits takes them from now on: nobody can sit there in the past."""
    row = replace(row, table=tables[0], more_tables=tables[1:])
    if row.status != "seated":
        return row
    since = _whole(now)
    return replace(row, table_since=since, ends_at=max(row.ends_at, since + SHORTEST))


def _check_free(day: Day, row: BookingRow, *, but: Sequence[int]) -> None:
    """Raises SlotTaken, with what is in the way, unless all tables of the booking are free of others than ``but``."""
    held = row.occupied_from_until()
    ids = [table.id for table in row.tables]
    if held is not None and not all(is_free(taken(day, id, but), *held) for id in ids):
        raise SlotTaken(in_the_way=in_the_way(day, ids, *held, but=but))


def swap(seen: Seen, other: Seen, day: Day, *, now: datetime) -> Change:
    """Two bookings of one day exchange their tables. Raises as arrive does, for either; TableTooSmall, and SlotTaken
    with who else is in the way."""
    first, second = found(seen, day.day_view), found(other, day.day_view)
    for row in (first, second):
        lifecycle.after(row.status, "move")
    if first.id == second.id:
        raise Conflict("A booking can't be swapped with itself.")
    if first.service_date != second.service_date:
        raise NotFound("There is no such booking on that day.")
    rows = []
    for row, tables in ((first, second.tables), (second, first.tables)):
        if sum(table.seats for table in tables) < row.guests:
            raise TableTooSmall()
        new = replace(_at_tables(row, tables, now), revision=row.revision + 1, undo=None)
        _check_free(day, new, but=(first.id, second.id))
        rows.append(new)
    return _of(rows[0], "reseated", more=rows[1:])


def in_the_way(
    day: Day, table_ids: Sequence[int], since: datetime, until: datetime, *, but: Sequence[int] = ()
) -> list[tuple[str, int]]:
    """What takes one of these tables then: (booking, block or hold, its id), by when it begins."""
    wanted, hits = set(table_ids), []
    for view in (day.day_view, *day.beside):
        items: list[tuple[str, int, Any]] = [("booking", id, each) for id, each in view.entries.items()]
        items += [(subject, id, each) for subject, shown in view.others.items() for id, each in shown.items()]
        for subject, id, each in items:
            if subject == "booking" and id in but:
                continue
            begins = [start for table, start, end in each.occupied if table in wanted and start < until and end > since]
            if begins:
                hits.append((min(begins), subject, id))
    return [(subject, id) for _, subject, id in sorted(hits)]


def _elsewhere(day: Day, floor: FloorView, blocking: Sequence[tuple[str, int]]) -> list[int]:
    """The tables to which the first booking that is in the way could go: the first unit that is free for it."""
    entry: Entry | None = next((day.day_view.entries.get(id) for subject, id in blocking if subject == "booking"), None)
    if entry is None or entry.status != "booked":
        return []
    for unit in floor.units(entry.guests):
        if all(is_free(day.taken(id, 0), entry.starts_at, entry.ends_at) for id in unit.ids):
            return list(unit.ids)
    return []


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
