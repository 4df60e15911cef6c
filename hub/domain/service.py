"""What is done to a booking in the room: it arrives, sits, stays on, leaves, does not come. Pure.

See hub.domain.decisions, hub.domain.moves for other tables, and hub.domain.undo for the way back. All of it is for
staff, and nobody is mailed for what happens at the table. The promised start stays; what the booking holds follows the
party. Times are whole seconds, as rows and views have them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hub.domain import calendar, lifecycle
from hub.domain.allocation import Day, check_seats, named_unit
from hub.domain.change import NEW, BookingRow, Change, NewEvent, Party, Seen, WaitRow, Window
from hub.domain.day import DayView, Entry
from hub.domain.decisions import found, undo_of
from hub.domain.floor import FloorView, Table
from hub.domain.room import SHORTEST, Room
from hub.domain.rules import Rules
from hub.errors import (
    NotAsSeen,
    NotAtThisTime,
    OutsideOpeningHours,
    SlotTaken,
)

NEAR = timedelta(seconds=5)
"""What is written as happening now is written within this of the database's clock."""
EARLY = timedelta(hours=2)
"""For so long before a service day opens its parties may arrive and sit."""
EVENTS: dict[lifecycle.Action, str] = {
    "arrive": "arrived", "seat": "seated", "finish": "finished", "mark_no_show": "no_show", "extend": "extended",
    "move": "reseated",
}  # fmt: skip


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
    area_id: int | None = None,
    waited: WaitRow | None = None,
    exceed: Collection[str] | None = None,
) -> Change:
    """A party that came in just now and sits. Its time is cut where the next booking of its tables begins. Without
    ``table_ids``: the first unit, in the order of choice, that is free for the whole time, else the one that is free
    longest; in one area, if it is named. ``waited`` is what it was on the waitlist until now.
    ``exceed`` is as of hub.domain.allocation.check_seats.

    Raises OutsideOpeningHours, NotFound, TableTooSmall, SlotTaken, and NotAsSeen on the view of another service day.
    """
    if table_ids is not None:
        named_unit(floor, table_ids)  # a table that is not there is said before anything else
    starts_at = whole(now)
    service_day = calendar.service_day(starts_at, rules)
    if service_day != day.day_view.day:
        raise NotAsSeen()  # the service day ended between the reading and the decision
    opens, closes = calendar.occupied_range(service_day, rules)
    if not opens <= starts_at < closes:
        raise OutsideOpeningHours()
    length = rules.slot if minutes is None else timedelta(minutes=minutes)
    wanted = min(starts_at + length, max(closes, starts_at + SHORTEST))
    unit, ends_at = Room(day, now).unit(floor, starts_at, wanted, guests, table_ids, area_id, exceed)
    first, *more = unit.tables
    row = BookingRow(
        NEW, venue_id, party, first, guests, starts_at, ends_at, service_day, lifecycle.after(None, "walk_in"), 1,
        more_tables=tuple(more), seated_at=starts_at,
    )  # fmt: skip
    # Taken back it was never here; who waited does so again.
    never_came = replace(row, status=lifecycle.CANCELED, seated_at=None)
    row = replace(row, undo=undo_of(never_came, "walk_in", now, waited=waited))
    return Change(
        booking=row,
        events=[NewEvent(row.stream, "walked_in", {"booking": None, "entry": row.entry()})],
        window=near(now).within(Window(until=closes)),
    )


def arrive(seen: Seen, day: DayView, *, rules: Rules, now: datetime) -> Change:
    """The party is here and waits for its table. Raises Changed, AlreadyCanceled, AlreadyOver, NotAsSeen, Conflict,
    NotAtThisTime and OutsideOpeningHours."""
    old = found(seen, day)
    lifecycle.after(old.status, "arrive")
    return _step(old, "arrive", now, window=_while_it_is_on(old, rules, now), arrived_at=whole(now))


def seat(
    seen: Seen,
    day: Day,
    floor: FloorView,
    *,
    table_ids: Sequence[int] | None,
    rules: Rules,
    now: datetime,
    short: bool = False,
    exceed: Collection[str] = (),
) -> Change:
    """The party sits, from now for as long as it booked: at least until its booked end, and no longer than its tables
    are free. Without ``table_ids`` at the booked tables; a no-show who comes after all, whose tables are taken, gets
    others. ``short``: at named tables, also for less than was booked;
    ``exceed``: also where they have too few seats (hub.domain.allocation.check_seats).

    Raises as :func:`arrive`, and NotFound, TableTooSmall, and SlotTaken with who is there.
    """
    old, at = found(seen, day.day_view), whole(now)
    lifecycle.after(old.status, "seat")
    window = _while_it_is_on(old, rules, now)
    # After the closing for a while, in which they sit on; never into the next service day.
    shortest = min(at + SHORTEST, calendar.stay_until(old.service_date, rules))
    needed = shortest if short and table_ids is not None else max(old.ends_at, shortest)
    latest = max(calendar.occupied_range(old.service_date, rules)[1], old.ends_at, shortest)
    wanted = min(max(at + (old.ends_at - old.starts_at), old.ends_at), latest)
    tables, room = old.tables, Room(day, now, (old.id,))
    if table_ids is not None:
        unit = named_unit(floor, table_ids)
        if set(unit.ids) != {table.id for table in old.tables}:
            check_seats(unit, old.guests, exceed)
        tables = unit.tables
    ids = [table.id for table in tables]
    ends_at = room.free_until(ids, at, wanted)
    if ends_at < needed and table_ids is None and old.status == "no_show":
        unit, ends_at = room.unit(floor, at, wanted, old.guests, None)
        tables = unit.tables
    elif ends_at < needed:
        raise SlotTaken(in_the_way=room.in_the_way(ids, at, needed))
    return _step(old, "seat", now, window=window, seated_at=at, ends_at=ends_at, tables=tables)


def finish(seen: Seen, day: DayView, *, now: datetime) -> Change:
    """The party has left, seated or not, however late; its tables are free from now on. Raises Changed,
    AlreadyCanceled, AlreadyOver, NotAsSeen, Conflict."""
    old = found(seen, day)
    return _step(old, "finish", now, left_at=whole(now))


def mark_no_show(seen: Seen, day: DayView, *, now: datetime) -> Change:
    """The party did not come, whoever was taken for it; its tables are free. Raises as :func:`finish`, and
    NotAtThisTime before the start."""
    old = found(seen, day)
    lifecycle.after(old.status, "mark_no_show")
    if now < old.starts_at:
        raise NotAtThisTime("The party is not late yet: the booking starts later.")
    return _step(old, "mark_no_show", now, window=Window(since=old.starts_at), arrived_at=None)


def extend(seen: Seen, day: Day, floor: FloorView, *, minutes: int, rules: Rules, now: datetime) -> Change:
    """The party stays ``minutes`` longer than planned, or than now when its time is over; but not into the next
    service day. Raises as :func:`finish`, OutsideOpeningHours, and SlotTaken with who is next and where they could
    go."""
    old = found(seen, day.day_view)
    status = lifecycle.after(old.status, "extend")
    until = calendar.stay_until(old.service_date, rules)
    wanted = min(max(old.ends_at, whole(now)) + timedelta(minutes=minutes), until)
    if wanted <= old.ends_at:
        raise OutsideOpeningHours()
    ids = [table.id for table in old.tables]
    if blocking := Room(day, now, (old.id,)).in_the_way(ids, old.ends_at, wanted):
        raise SlotTaken(in_the_way=blocking, next=_next(day, floor, ids, blocking, now))
    row = replace(old, status=status, ends_at=wanted, revision=old.revision + 1, undo=undo_of(old, "extend", now))
    return as_change(row, EVENTS["extend"], window=near(now))


def _next(
    day: Day, floor: FloorView, ids: Sequence[int], blocking: Sequence[tuple[str, int]], now: datetime
) -> tuple[int, Entry, list[int]] | None:
    """The first booking that is in the way of a party that stays at tables ``ids``, and the tables to which it could
    go: the first unit that is free for it, none when there is none or it sits already."""
    entries = ((id, day.day_view.entries.get(id)) for subject, id in blocking if subject == "booking")
    id, entry = next(((id, entry) for id, entry in entries if entry is not None), (0, None))
    if entry is None:
        return None
    room, could_move_to = Room(day, now, (id,)), []
    if entry.status in ("booked", "arrived"):
        for unit in floor.units(entry.guests):
            if not set(ids) & set(unit.ids) and not room.in_the_way(unit.ids, entry.starts_at, entry.ends_at):
                could_move_to = list(unit.ids)
                break
    return id, entry, could_move_to


def whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def near(now: datetime) -> Window:
    """For what is written as happening now."""
    return Window(whole(now) - NEAR, whole(now) + NEAR)


def as_change(row: BookingRow, kind: str, *, window: Window | None = None, more: Sequence[BookingRow] = ()) -> Change:
    """These bookings as they are to be, with an event of this kind for each."""
    events = [NewEvent(each.stream, kind, {"booking": each.id, "entry": each.entry()}) for each in (row, *more)]
    return Change(booking=row, more_bookings=more, events=events, window=window or Window())


def _while_it_is_on(old: BookingRow, rules: Rules, now: datetime) -> Window:
    """When a party of this booking can come. Raises NotAtThisTime before that, OutsideOpeningHours after it."""
    opens, ends = calendar.opening(old.service_date, rules)[0], calendar.sits_until(old.service_date, rules)
    window = Window(min(opens, old.starts_at) - EARLY, max(ends, old.ends_at))
    if window.since is not None and now < window.since:
        raise NotAtThisTime("The booking is for another day.")
    if not window.holds(now):
        raise OutsideOpeningHours()
    return window


def _step(
    old: BookingRow, action: lifecycle.Action, now: datetime, *, window: Window | None = None, **new: Any
) -> Change:
    """The booking after a step that staff may take back."""
    tables: tuple[Table, ...] = new.pop("tables", old.tables)
    row = replace(
        old, status=lifecycle.after(old.status, action), revision=old.revision + 1, undo=undo_of(old, action, now),
        table=tables[0], more_tables=tables[1:], **new,
    )  # fmt: skip
    return as_change(row, EVENTS[action], window=near(now).within(window or Window()))
