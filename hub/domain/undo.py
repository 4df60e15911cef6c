"""The last step of a booking is taken back: all that it changed is as it was. Pure; see hub.domain.decisions.

Two bookings that exchanged their tables go back together. Where the other one has moved on since, this one goes back
alone, if its tables are free.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from hub.domain import calendar, lifecycle
from hub.domain.allocation import Day
from hub.domain.change import BookingRow, Change, NewEvent, Seen, Window
from hub.domain.day import MOVED_AWAY, DayView, Undo
from hub.domain.decisions import HOUSE_NOTE, found, saying, worth_a_mail
from hub.domain.floor import FloorView
from hub.domain.held import Waiting
from hub.domain.queue_order import UNDONE, placed
from hub.domain.room import Room
from hub.domain.rules import Rules
from hub.domain.service import as_change
from hub.domain.stays import Stays
from hub.domain.waitlist import check_waits_once, row_of
from hub.errors import Changed, Conflict, NotAsSeen, NotAtThisTime, SlotTaken, TableTooSmall


def undo(
    seen: Seen,
    day: Day,
    floor: FloorView,
    *,
    stays: Stays,
    rules: Rules,
    now: datetime,
    other: Seen | None = None,
    back_to: Day | None = None,
    alike: Collection[int] = (),
) -> Change:
    """Take back the last step of a booking. ``other`` is the one with which it exchanged its tables, as it was read;
    ``back_to`` the day to which it goes back, of one that was moved to another day (None: its present day). ``stays``
    are for the quotes of those who wait: a party that was seated from the waitlist waits again. ``alike`` are other
    guests who are called so.

    Raises Changed, NotAsSeen, Conflict when there is nothing to take back or a table is gone, NotAtThisTime when it is
    too late, TableTooSmall, SlotTaken with who stands where it was, and AlreadyWaiting for who has joined anew. The
    guest is told that a booking stands again after a cancellation, and of the old time or number of guests as of the
    new one.
    """
    old, step = _to_be_undone(seen, day.day_view)
    if now >= step.until:
        raise NotAtThisTime("It is too late to undo that.")
    if step.action == "walk_in":
        return _never_came(old, step, day, floor, stays=stays, rules=rules, now=now, alike=alike)
    partner = None if step.swap_with is None else _partner(old.id, step.swap_with, other, day.day_view)
    olds = [old] if partner is None else [old, partner]
    rows = [_before(each, floor) for each in olds]
    home = day if back_to is None else back_to
    if home.day_view.day != rows[0].service_date:
        raise NotAsSeen()  # its last step was another one when it was read
    # By the plan alone: a party that does not sit yet had its table before too, whoever sits there for longer.
    room = Room(home, None, [each.id for each in olds])
    for row in rows:
        room.check(row)
        if row.status == "seated":
            _check_nobody_sits_there(day, row, but=[each.id for each in olds])
    [row, *more] = rows
    change = as_change(row, "undone", window=Window(until=step.until), more=more)
    if row.service_date != old.service_date:
        away = NewEvent(old.stream, MOVED_AWAY, {"booking": old.id, "entry": None})
        change = replace(change, events=[away, *change.events])
    if (kept := step.before.get(HOUSE_NOTE)) is not None:
        said = (row.party.house_note or "")[:kept] or None
        if said != row.party.house_note:
            change = saying(change, replace(row.party, house_note=said))
    if old.status == lifecycle.CANCELED:
        return replace(change, mail="confirmed")
    return replace(change, mail="rescheduled") if worth_a_mail(old, row) else change


def _never_came(
    old: BookingRow, step: Undo, day: Day, floor: FloorView, *, stays: Stays, rules: Rules, now: datetime,
    alike: Collection[int],
) -> Change:  # fmt: skip
    """A walk-in was a slip of the hand: it is canceled and was never here, and who waited for it to be seated waits
    again, at the old place with the old promise. Nobody is told."""
    row = replace(
        old, status=lifecycle.CANCELED, revision=old.revision + 1, undo=None, arrived_at=None, seated_at=None,
        table_since=None, left_at=None,
    )  # fmt: skip
    window = Window(until=step.until)
    change = as_change(row, "undone", window=window)
    if (kept := step.before.get("wait")) is None:
        return change
    view = day.day_view.copy()
    view.put(row.id, None)
    waited = row_of(view.day, row.venue_id, kept["id"], Waiting.parse(kept))
    if calendar.service_day(now, rules) != view.day:
        raise Conflict("The evening on which the party waited is over.")
    check_waits_once(view, {row.party.guest_id, *alike})
    again = replace(waited, guest_id=row.party.guest_id, revision=waited.revision + 2)  # the one between: it sat
    back = placed(again, Day(view, day.beside), floor, UNDONE, {}, window, stays=stays, rules=rules, now=now)
    return replace(change, wait=back.wait, more_waits=back.more_waits, events=[*change.events, *back.events])


def _to_be_undone(seen: Seen, view: DayView) -> tuple[BookingRow, Undo]:
    """The booking as it is, and its last step."""
    if seen.revisions is not None and seen.revision not in seen.revisions:
        raise Changed()
    if seen.canceled is not None and (seen.id in view.entries or view.day != seen.service_date):
        raise NotAsSeen()  # somebody else took it back
    old = seen.canceled if seen.canceled is not None else found(seen, view)
    if old.undo is None:
        raise Conflict("There is nothing to undo.")
    return old, old.undo


def _partner(id: int, swapped_with: int, other: Seen | None, view: DayView) -> BookingRow | None:
    """The booking that goes back with booking ``id``; None when its last step is another one by now. Raises NotAsSeen
    when it is not what was read."""
    if other is None or other.id != swapped_with:
        raise NotAsSeen()
    entry = view.entries.get(swapped_with)
    if entry is None or entry.undo is None or entry.undo.swap_with != id:
        return None
    return found(other, view)


def _before(old: BookingRow, floor: FloorView) -> BookingRow:
    """The booking as it was before its last step. Raises Conflict where a table is not there any more, and
    TableTooSmall where it has become too small."""
    assert old.undo is not None
    before = old.undo.before
    if not all(id in floor.tables for id in before["tables"]):
        raise Conflict("A table of that booking is not there any more.")
    # Who sat there did so whatever the seats: see hub.domain.decisions.
    seats = sum(floor.tables[id].seats for id in before["tables"])
    if before["status"] != "seated" and seats < before["guests"] and not before.get("crowded"):
        raise TableTooSmall()
    # In the order that it had: the first is the booking's table.
    first, *more = (floor.tables[id] for id in before["tables"])

    def at(name: str) -> datetime | None:
        return None if before[name] is None else datetime.fromisoformat(before[name])

    return replace(
        old, status=before["status"], revision=old.revision + 1, undo=None, table=first, more_tables=tuple(more),
        guests=before["guests"], pinned=before["pinned"], starts_at=datetime.fromisoformat(before["starts_at"]),
        ends_at=datetime.fromisoformat(before["ends_at"]), arrived_at=at("arrived_at"), seated_at=at("seated_at"),
        table_since=at("table_since"), left_at=at("left_at"), service_date=old.undo.back_to or old.service_date,
    )  # fmt: skip


def _check_nobody_sits_there(day: Day, row: BookingRow, but: Collection[int]) -> None:
    """Raises SlotTaken with who sits at its tables, whatever was planned: the plan of a party that sat longer than it
    is over, and the next party may sit there by now."""
    tables = {table.id for table in row.tables}
    sitting = [
        id
        for view in (day.day_view, *day.beside)
        for id, entry in view.entries.items()
        if id not in but and entry.status == "seated" and tables & set(entry.tables)
    ]
    if sitting:
        raise SlotTaken(in_the_way=[("booking", id) for id in sorted(sitting)])
