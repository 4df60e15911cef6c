"""What each verb does to a day: a pure function from what is known to the change that is to be written, or a refusal.

A decision is made on views at certain versions. The change says all that follows of it: rows, events, mails, and the
range of the database's clock in which it holds. Whoever commits it (hub_commit) compares the versions and reads that
clock, so a decision may be made on what a process holds and with its own clock, and is made anew when either was wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hub.domain import calendar, holds, lifecycle
from hub.domain.allocation import SEATS, Day, choose, named_unit
from hub.domain.change import NEW, BookingRow, Change, NewEvent, Party, Seen, WaitRow, Window, instant_text
from hub.domain.day import MOVED_AWAY, MOVED_HERE, NOTED, DayView, Undo
from hub.domain.floor import FloorView
from hub.domain.rules import Rules
from hub.errors import (
    AlreadyCanceled,
    Changed,
    Conflict,
    Forbidden,
    NotAsSeen,
    TooLateToCancel,
    TooLateToChange,
)


def book(
    day: Day,
    floor: FloorView,
    slot: calendar.Slot,
    *,
    venue_id: int,
    party: Party,
    guests: int,
    table_ids: Sequence[int] | None,
    rules: Rules,
    now: datetime,
    area_id: int | None = None,
    staff: bool = False,
    exceed: Collection[str] = (),
    of_hold: bool = False,
    held: holds.Held | None = None,
) -> Change:
    """A new booking. ``exceed``, where staff ask: "hold", others' holds give way to it; "seats", the named tables may
    have too few. ``of_hold``: it gets the
    tables that ``held`` keeps, whatever ``table_ids`` says; None: nothing is known of its hold any more.

    Raises InThePast, TooFarAhead, NotFound, TableTooSmall, SlotTaken; for a hold HoldDiffers and HoldOver.
    """

    def on(day: Day, table_ids: Sequence[int] | None) -> Change:
        # Tables that are held for fewer than come stay theirs.
        oversize = None if staff or (of_hold and table_ids is not None) else rules.oversize
        unit = choose(
            day, floor, slot, guests=guests, table_ids=table_ids, rules=rules, now=now, area_id=area_id,
            oversize=oversize, exceed=exceed if staff else None,
        )  # fmt: skip
        first, *more = unit.tables
        row = BookingRow(
            NEW, venue_id, party, first, guests, slot.starts_at, slot.ends_at, slot.day,
            lifecycle.after(None, "book"), 1, more_tables=tuple(more),
        )  # fmt: skip
        return Change(
            booking=row,
            events=[NewEvent(row.stream, "booked", {"booking": None, "entry": row.entry()})],
            mail="confirmed",
            window=Window(*calendar.bookable_between(slot, rules)),
        )

    def over_holds(day: Day, table_ids: Sequence[int] | None) -> Change:
        calendar.check_bookable(slot, now, rules)
        return holds.over_holds(day, venue_id, lambda day: on(day, table_ids), staff=staff, exceed=exceed)

    if of_hold:
        return holds.book(day, slot, held, over_holds, venue_id=venue_id, guests=guests)
    return over_holds(day, table_ids)


def reschedule(
    seen: Seen,
    old_day: DayView,
    new_day: Day,
    floor: FloorView,
    slot: calendar.Slot,
    *,
    guests: int,
    table_ids: Sequence[int] | None,
    staff: bool,
    rules: Rules,
    now: datetime,
    pinned: bool | None = None,
    exceed: Collection[str] = (),
) -> Change:
    """Another slot, number of guests or table for a booking: all of it, or a refusal. What is as it was is no change.

    ``table_ids`` None: choose, but for a booking that is to keep its tables: ``pinned`` says whether it is from now on
    (None: as it was). ``exceed`` is as of :func:`book`. Raises what that raises, and Changed, AlreadyCanceled,
    AlreadyOver, NotAsSeen, Conflict for a status that does not allow it, and TooLateToChange for a guest; a smaller
    party at the same time and table is never too late. Of a party that sits only the number of guests may change: see
    :func:`_sits_as`.
    """
    old = found(seen, old_day)
    if old.status != "seated":
        lifecycle.check_open(old.status, old.ends_at, now)
    status = _after(old, "reschedule", staff=staff)
    if status == "arrived" and slot.day != old.service_date:
        raise Conflict("The party is here: it can't be booked for another day.")
    kept, stays = _ids(old), old.pinned if pinned is None else pinned
    if table_ids is None and stays:
        table_ids = kept
    wanted = None if table_ids is None else tuple(sorted(table_ids))
    as_it_was = (old.starts_at, old.guests, kept, old.pinned)
    if old.status == "seated":
        if (slot.starts_at, wanted, stays) != (old.starts_at, kept, old.pinned):
            raise Conflict("The party is seated: of what was booked only the number of guests can be changed.")
        return _sits_as(old, guests, now)
    if (slot.starts_at, guests, wanted, stays) == as_it_was:
        return Change(booking=old)
    window = Window(until=old.ends_at)
    smaller_party = (slot.starts_at, wanted) == (old.starts_at, kept) and guests < old.guests
    if not staff and not smaller_party:
        window = Window(
            until=min(old.ends_at, _just_after(calendar.changeable_until(old.starts_at, seen.created_at, rules)))
        )
        if not window.holds(now):
            raise TooLateToChange()
    if slot.starts_at != old.starts_at:
        calendar.check_bookable(slot, now, rules)
        since, until = calendar.bookable_between(slot, rules)
        window = Window(since, min(until, window.until or until))
    # A guest's party may keep the tables that it has, however small it is by now.
    oversize = None if staff or wanted == kept else rules.oversize
    # One that sits closer than its table is made for stays so, as long as it becomes no larger.
    crowded = (SEATS,) if wanted == kept and guests <= old.guests else exceed if staff else None

    def on(new_day: Day) -> Change:
        unit = choose(
            new_day, floor, slot, guests=guests, table_ids=table_ids, rules=rules, now=now, but=old.id,
            oversize=oversize, exceed=crowded,
        )  # fmt: skip
        if (slot.starts_at, guests, tuple(sorted(unit.ids)), stays) == as_it_was:
            return Change(booking=old)
        first, *more = unit.tables
        new = replace(
            old, table=first, more_tables=tuple(more), guests=guests, starts_at=slot.starts_at, ends_at=slot.ends_at,
            service_date=slot.day, status=status, pinned=stays, revision=old.revision + 1,
            undo=undo_of(old, "reschedule", now, day=slot.day),
        )  # fmt: skip
        entry = {"booking": new.id, "entry": new.entry()}
        if new.service_date == old.service_date:
            events = [NewEvent(new.stream, "rescheduled", entry)]
        else:
            events = [
                NewEvent(old.stream, MOVED_AWAY, {"booking": new.id, "entry": None}),
                NewEvent(new.stream, MOVED_HERE, entry),
            ]
        mail = "rescheduled" if worth_a_mail(old, new) else None
        return Change(booking=new, events=events, mail=mail, window=window)

    return holds.over_holds(new_day, seen.venue_id, on, staff=staff, exceed=exceed)


def worth_a_mail(old: BookingRow, new: BookingRow) -> bool:
    """Whether the guest is written to: of another time, and of another number while nobody has come. How many stand at
    the door or sit they know; at which table, the restaurant decides."""
    return new.starts_at != old.starts_at or (new.status == "booked" and new.guests != old.guests)


def _sits_as(old: BookingRow, guests: int, now: datetime) -> Change:
    """A party that sits is of so many guests, however late. It is counted and not placed: so many people are at these
    tables, also where that is more than they have seats, so a number that was counted is never refused. Other tables
    are hub.domain.moves', which asks for the seats."""
    if guests == old.guests:
        return Change(booking=old)
    new = replace(old, guests=guests, revision=old.revision + 1, undo=undo_of(old, "reschedule", now))
    event = NewEvent(new.stream, "rescheduled", {"booking": new.id, "entry": new.entry()})
    return Change(booking=new, events=[event])


def cancel(seen: Seen, day: DayView, *, staff: bool, rules: Rules, now: datetime) -> Change:
    """Cancel a booking and free what it holds. Raises Changed, AlreadyCanceled, AlreadyOver, NotAsSeen,
    Conflict, and for a guest TooLateToCancel."""
    old = found(seen, day)
    lifecycle.check_open(old.status, old.ends_at, now)
    status = _after(old, "cancel", staff=staff)
    window = Window(until=old.ends_at)
    if not staff:
        window = Window(
            until=min(old.ends_at, _just_after(calendar.changeable_until(old.starts_at, seen.created_at, rules)))
        )
        if not window.holds(now):
            raise TooLateToCancel()
    new = replace(old, status=status, revision=old.revision + 1, undo=undo_of(old, "cancel", now))
    event = NewEvent(old.stream, "canceled", {"booking": new.id, "entry": None})
    return Change(booking=new, events=[event], mail="canceled", window=window)


def note(seen: Seen, day: DayView, *, said: Mapping[str, Any], staff: bool, rules: Rules, now: datetime) -> Change:
    """What is ``said`` of a booking is another, by the names of Party's fields. What is as it was is no change.

    Staff may until the party has left, however late; a guest as they may cancel. Raises as :func:`cancel`, and for a
    guest TooLateToChange.
    """
    old = found(seen, day)
    if not staff:
        lifecycle.check_open(old.status, old.ends_at, now)
    status = _after(old, "note", staff=staff)
    party = replace(old.party, **said)
    if party == old.party:
        return Change(booking=old)
    window = Window()
    if not staff:
        window = Window(
            until=min(old.ends_at, _just_after(calendar.changeable_until(old.starts_at, seen.created_at, rules)))
        )
        if not window.holds(now):
            raise TooLateToChange()
    new = replace(old, party=party, status=status, revision=old.revision + 1)
    if new.undo is not None and party.house_note != old.party.house_note:
        before = {name: value for name, value in new.undo.before.items() if name != HOUSE_NOTE}
        new = replace(new, undo=replace(new.undo, before=before))  # what they wrote stays
    event = NewEvent(new.stream, NOTED, {"booking": new.id, "entry": new.entry()})
    return Change(booking=new, texts=True, events=[event], window=window)


def both(rescheduled: Change, noted: Change) -> Change:
    """One change of the two, of one booking at one revision."""
    if not noted.events:
        return rescheduled
    if not rescheduled.events:
        return noted
    assert noted.booking is not None
    change = saying(rescheduled, noted.booking.party)
    return replace(change, window=rescheduled.window.within(noted.window))


def saying(change: Change, party: Party) -> Change:
    """The same change of a booking of which this is said from now on."""
    assert change.booking is not None
    row = replace(change.booking, party=party)
    event = NewEvent(row.stream, NOTED, {"booking": row.id, "entry": row.entry()})
    return replace(change, booking=row, texts=True, events=[*change.events, event])


def adding_a_reason(change: Change, house_note: str | None) -> Change:
    """The same change of a booking, to whose house note, which is this one, a reason is added: an undo takes that away
    too. Events keep no words, so what is kept is how long the note was."""
    row = change.booking
    if not change.events:
        return change
    assert row is not None and row.undo is not None
    row = replace(row, undo=replace(row.undo, before={**row.undo.before, HOUSE_NOTE: len(house_note or "")}))
    events = [
        replace(event, data={**event.data, "entry": row.entry()})
        if "booking" in event.data and event.kind != MOVED_AWAY
        else event
        for event in change.events
    ]
    return replace(change, booking=row, events=events)


def exceeding(change: Change, exceed: Collection[str], floor: FloorView) -> Change:
    """The same change, whose act says which of the rules that staff allowed it to exceed it did."""
    row = change.booking
    assert row is not None
    crowded = named_unit(floor, [table.id for table in row.tables]).seats < row.guests
    did = {holds.EXCEEDED: bool(change.replaced), SEATS: crowded}
    exceeded = [rule for rule in did if did[rule] and rule in exceed]
    if not exceeded or not change.events:
        return change

    def told(event: NewEvent) -> NewEvent:
        # On the day that a booking left nothing is told of it; what was said of it is an act of its own.
        if event.kind in (MOVED_AWAY, NOTED) or "booking" not in event.data:
            return event
        return replace(event, data={**event.data, EXCEED: exceeded})

    return replace(change, events=[told(event) for event in change.events])


def found(seen: Seen, day: DayView) -> BookingRow:
    """The booking as its day shows it now. Raises Changed when it is at another revision than is wanted,
    AlreadyCanceled, and NotAsSeen when it was changed since it was read: whoever asks reads it again."""
    if seen.revisions is not None and seen.revision not in seen.revisions:
        raise Changed()
    if seen.status == lifecycle.CANCELED:
        raise AlreadyCanceled()  # it never changes again, and no day shows it
    entry = day.entries.get(seen.id)
    if entry is None or entry.revision != seen.revision or day.day != seen.service_date:
        raise NotAsSeen()
    return BookingRow.of(seen, entry)


HOUSE_NOTE = "house_note"
"""The key in Undo.before of how many characters of the house note were there before a reason was added."""
EXCEED = "exceed"
"""The key in an event's data of the rules that staff passed over."""


def undo_of(
    old: BookingRow,
    action: lifecycle.Action,
    now: datetime,
    *,
    swap_with: int | None = None,
    waited: WaitRow | None = None,
    day: date | None = None,
) -> Undo:
    """How to take back what is done to ``old`` now; ``waited`` is what its party was on the waitlist, ``day`` the
    service day that it gets."""

    def text(at: datetime | None) -> str | None:
        return None if at is None else instant_text(at)

    before: dict[str, Any] = {
        "status": old.status,
        "tables": [table.id for table in old.tables],
        "guests": old.guests,
        "pinned": old.pinned,
        "starts_at": text(old.starts_at),
        "ends_at": text(old.ends_at),
        "arrived_at": text(old.arrived_at),
        "seated_at": text(old.seated_at),
        "table_since": text(old.table_since),
        "left_at": text(old.left_at),
    }
    if sum(table.seats for table in old.tables) < old.guests:
        before["crowded"] = True
    if day is not None and day != old.service_date:
        before["service_date"] = old.service_date.isoformat()
    if waited is not None:
        before["wait"] = {"id": waited.id, **(waited.entry() or {})}
    return Undo(action, now.replace(microsecond=0) + lifecycle.UNDO_TIME, before, swap_with)


def _after(old: BookingRow, action: lifecycle.Action, *, staff: bool) -> lifecycle.Status:
    """Raises as lifecycle.after does, and Forbidden for an action that is for staff alone."""
    status = lifecycle.after(old.status, action)
    if not lifecycle.may(old.status, action, staff=staff):
        raise Forbidden()
    return status


def _ids(row: BookingRow) -> tuple[int, ...]:
    return tuple(sorted(table.id for table in row.tables))


def _just_after(last: datetime) -> datetime:
    """The end of a half-open range whose last instant is ``last``: the database's clock counts microseconds."""
    return last + timedelta(microseconds=1)
