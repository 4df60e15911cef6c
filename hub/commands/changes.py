"""Changes of a booking: reschedule, what is said of it, cancel.

A booking is read first, to know whose it is and which day it is on. The change is decided on that day's view, which
must show the booking as it was read; else it is read again.

Whoever says at which revision they saw it is refused when a person has changed it since. What the hub did by itself
meanwhile, when it gave a party that stays its tables for longer, is in nobody's way
(docs/decisions/0044-what-the-hub-does-by-itself.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any

from hub.commands.bookings import booking_of, bounds, read, with_reason
from hub.commands.call import Call
from hub.commands.unset import UNSET, Unset
from hub.domain import calendar, decisions
from hub.domain.change import BookingRow, Change, Seen
from hub.domain.lifecycle import CANCELED
from hub.errors import Changed, Conflict, Forbidden, NotAsSeen
from hub.store import bookings
from hub.store.bookings import Booking
from hub.views.context import VenueContext
from hub.views.writes import Done, WorkingViews, Write

ATTEMPTS = 3
"""How often a change begins again when the booking was changed between its reading and its commit."""


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """Another start, number of guests or table, and what is ``said`` of a booking (note, house_note, occasion, needs):
    what is left out stays. Several tables, ``pinned``, ``exceed`` and a ``house_note`` are the staff's to ask for."""

    day: date | Unset = UNSET
    at: time | Unset = UNSET
    guests: int | Unset = UNSET
    table_id: int | Unset | None = UNSET
    """None: choose. It keeps its tables unless this or ``table_ids`` is given."""
    table_ids: Sequence[int] | Unset = UNSET
    pinned: bool | None = None
    """Whether it keeps its tables also where the hub would choose."""
    said: Mapping[str, Any] | None = None
    exceed: Sequence[str] = ()
    """As of hub.commands.bookings.BookingRequest, for the ``reason`` that is added to the house note."""
    reason: str = ""

    @property
    def is_for_staff(self) -> bool:
        several = not isinstance(self.table_ids, Unset) and len(self.table_ids) > 1
        return bool(several or self.exceed or self.pinned is not None or (self.said and "house_note" in self.said))

    @property
    def says_alone(self) -> bool:
        """Whether nothing but what is said becomes another."""
        changes = (self.day, self.at, self.guests, self.table_id, self.table_ids)
        return bool(self.said) and self.pinned is None and all(isinstance(each, Unset) for each in changes)

    def tables(self, found: Booking) -> Sequence[int] | None:
        if not isinstance(self.table_id, Unset):
            return None if self.table_id is None else [self.table_id]
        return [table.id for table in found.tables] if isinstance(self.table_ids, Unset) else self.table_ids


async def reschedule(context: VenueContext, call: Call, booking_id: int, wanted: ChangeRequest) -> Booking:
    """Change a booking, at once or not at all. Nothing changed: no event.

    Raises what :func:`book` raises, and NotFound, Changed, AlreadyCanceled, AlreadyOver, Conflict, and TooLateToChange
    for a guest (calendar.changeable_until); a smaller party at the same time and table never is, and for staff what is
    said alone.
    """
    by, rules = call.by, context.rules
    if wanted.is_for_staff and not by.is_staff:
        raise Forbidden()
    not_shown = 0
    for _ in range(ATTEMPTS):
        found = await read(context, by=by, booking_id=booking_id)
        slot = _wanted_slot(context, found, wanted)
        old_stream, new_stream = context.day_stream(found.service_date), context.day_stream(slot.day)
        seen = await seen_as(found, call.revisions)
        party = found.guests if isinstance(wanted.guests, Unset) else wanted.guests
        tables = wanted.tables(found)

        def decide(
            views: WorkingViews, now: datetime, seen: Seen = seen, slot: calendar.Slot = slot, party: int = party,
            tables: Sequence[int] | None = tables, old_stream: str = old_stream, new_stream: str = new_stream,
        ) -> Change:  # fmt: skip
            day_view, staff = views.day_view(old_stream), by.is_staff
            texts = dict(wanted.said or {})
            house_note = texts.get("house_note", seen.party.house_note)
            if wanted.reason:
                texts["house_note"] = with_reason(house_note, wanted.reason)
            if wanted.says_alone:
                return decisions.note(seen, day_view, said=texts, staff=staff, rules=rules, now=now)

            change = decisions.reschedule(
                seen, day_view, views.day(new_stream), views.floor, slot, guests=party, table_ids=tables, staff=staff,
                rules=rules, now=now, pinned=wanted.pinned, exceed=wanted.exceed,
            )  # fmt: skip
            change = decisions.exceeding(change, wanted.exceed, views.floor)
            if wanted.reason:
                change = decisions.adding_a_reason(change, house_note)
            if not texts:
                return change
            return decisions.both(change, decisions.note(seen, day_view, said=texts, staff=staff, rules=rules, now=now))

        streams = (old_stream,) if old_stream == new_stream else (old_stream, new_stream)
        limits = bounds(context, by, slot, moved=found) if slot.starts_at != found.starts_at else None
        write = call.write(context, streams, decide, limits)
        if (done := await submit(context, found, write, not_shown)) is not None:
            return booking_of(done, found)
        not_shown = found.revision
    raise Conflict()


def _wanted_slot(context: VenueContext, seen: Booking, wanted: ChangeRequest) -> calendar.Slot:
    """The slot after a change; the old one, as it stands, where neither date nor time is mentioned."""
    day = None if isinstance(wanted.day, Unset) else wanted.day
    at = None if isinstance(wanted.at, Unset) else wanted.at
    if day is not None:
        calendar.check_range(day, calendar.today(context.now(), context.rules), context.rules)
    old = calendar.Slot(seen.starts_at, seen.ends_at, seen.service_date)
    return calendar.changed_slot(old, day, at, context.rules)


async def cancel(context: VenueContext, call: Call, booking_id: int) -> Booking:
    """Cancel a booking and free its tables. Raises NotFound, Changed, AlreadyCanceled, AlreadyOver, TooLateToCancel
    (for a guest, CANCEL_DEADLINE_MINUTES before the start), Conflict."""
    not_shown = 0
    for _ in range(ATTEMPTS):
        found = await read(context, by=call.by, booking_id=booking_id)
        stream, seen = context.day_stream(found.service_date), await seen_as(found, call.revisions)

        def decide(views: WorkingViews, now: datetime, seen: Seen = seen, stream: str = stream) -> Change:
            return decisions.cancel(seen, views.day_view(stream), staff=call.by.is_staff, rules=context.rules, now=now)

        if (done := await submit(context, found, call.write(context, (stream,), decide), not_shown)) is not None:
            return booking_of(done, found)
        not_shown = found.revision
    raise Conflict()


async def seen_as(found: Booking, revisions: frozenset[int] | None) -> Seen:
    """What is decided on. ``revisions``: those that the caller saw; its present one too, where no person made it."""
    if revisions is not None and await _is_none_but_the_hubs(found, revisions):
        revisions |= {found.revision}
    return Seen(
        found.id, found.venue_id, found.party, found.service_date, found.status, found.revision, found.table,
        found.made_at, revisions, found.more_tables, _row(found) if found.status == CANCELED else None,
    )  # fmt: skip


async def _is_none_but_the_hubs(found: Booking, revisions: frozenset[int]) -> bool:
    """Whether since one of these revisions the hub alone has changed the booking."""
    earlier = max((each for each in revisions if each < found.revision), default=None)
    if earlier is None or found.revision in revisions:
        return False
    made = await bookings.made_by_the_hub(found.venue_id, found.id, earlier, found.revision)
    return made == found.revision - earlier


def _row(found: Booking) -> BookingRow:
    return BookingRow(**{each.name: getattr(found, each.name) for each in fields(BookingRow)})


async def submit(context: VenueContext, found: Booking, write: Write, not_shown: int) -> Done | None:
    """None when the booking is not any more what was read. ``not_shown`` is the revision at which its day did not show
    it a moment ago: if it is still there, the day's view is wrong. Raises Changed with what the booking is."""
    if found.revision == not_shown:
        await context.writes.renew(write.streams)
    try:
        return await context.writes.submit(write)
    except Changed as refusal:
        refusal.extra["present"] = found
        raise
    except NotAsSeen:
        return None
