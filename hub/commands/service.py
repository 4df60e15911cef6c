"""What the staff do with a booking in the room: it arrives, sits, moves, stays on, leaves, does not come; undo; and
walk-ins.

As in hub.commands.changes a booking is read first and decided on as its day shows it (hub.domain.service).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from hub.commands import guests as guests_of_venues
from hub.commands.bookings import booking_of, done_before, new_reference, read, shown, with_reason
from hub.commands.call import Call
from hub.commands.changes import ATTEMPTS, seen_as, submit
from hub.commands.guests import Wanted
from hub.commands.waitlist import stays_of
from hub.domain import calendar, decisions, holds, moves, service
from hub.domain import undo as undoing
from hub.domain.change import Change, Party, Seen
from hub.domain.floor import FloorView
from hub.errors import AuthError, Conflict, NotAsSeen, ValidationFailed
from hub.security import Identity
from hub.store.bookings import Booking
from hub.views.context import VenueContext
from hub.views.writes import Done, WorkingViews

Step = Literal["arrive", "finish", "no-show"]
Decide = Callable[[list[Seen], Sequence[str], WorkingViews, datetime], Change]
"""What is done to the bookings that were read, the one that was named first; the streams are of its day, and of the
other day that it touches."""


async def step(context: VenueContext, call: Call, what: Step, booking_id: int) -> Booking:
    """One step without a choice. Raises NotFound, Changed, AlreadyCanceled, AlreadyOver, Conflict."""

    def decide(seen: list[Seen], days: Sequence[str], views: WorkingViews, now: datetime) -> Change:
        match what:
            case "arrive":
                return service.arrive(seen[0], views.day_view(days[0]), rules=context.rules, now=now)
            case "finish":
                return service.finish(seen[0], views.day_view(days[0]), now=now)
            case "no-show":
                return service.mark_no_show(seen[0], views.day_view(days[0]), now=now)

    done, before = await _write(context, call, booking_id, decide)
    return booking_of(done, before[0])


async def undo(context: VenueContext, call: Call, booking_id: int) -> Booking:
    """Take back the last step, of two that were swapped for both. Raises as :func:`step`, TableTooSmall, SlotTaken with
    who is in the way, and AlreadyWaiting for who was seated from the waitlist and has joined anew."""
    stays = await stays_of(context, calendar.service_day(context.now(), context.rules))
    found = await read(context, by=call.by, booking_id=booking_id)
    waited = found.undo is not None and "wait" in found.undo.before
    alike = await guests_of_venues.alike(context, found.guest) if waited else frozenset()

    def decide(seen: list[Seen], days: Sequence[str], views: WorkingViews, now: datetime) -> Change:
        [first, *others], [day, *back_to] = seen, days
        return undoing.undo(
            first, views.day(day), views.floor, other=next(iter(others), None), stays=stays, rules=context.rules,
            now=now, back_to=next(map(views.day, back_to), None), alike=alike,
        )  # fmt: skip

    done, before = await _write(context, call, booking_id, decide, _swapped_with, _goes_back_to)
    return booking_of(done, before[0])


def _goes_back_to(found: Booking) -> date | None:
    return None if found.undo is None else found.undo.back_to


def _swapped_with(found: Booking) -> Sequence[int]:
    return () if found.undo is None or found.undo.swap_with is None else (found.undo.swap_with,)


async def seat(
    context: VenueContext,
    call: Call,
    booking_id: int,
    *,
    table_ids: Sequence[int] | None = None,
    short: bool = False,
    exceed: Sequence[str] = (),
    reason: str = "",
) -> Booking:
    """``exceed`` with "seats": at tables that have too few, for the ``reason`` that is added to the house note. Raises
    as :func:`step`, and NotFound, TableTooSmall, SlotTaken with who is in the way."""

    def decide(seen: list[Seen], days: Sequence[str], views: WorkingViews, now: datetime) -> Change:
        change = service.seat(
            seen[0], views.day(days[0]), views.floor, table_ids=table_ids, short=short, rules=context.rules, now=now,
            exceed=exceed,
        )  # fmt: skip
        return _for_a_reason(change, exceed, reason, views.floor)

    done, before = await _write(context, call, booking_id, decide)
    return booking_of(done, before[0])


def _for_a_reason(change: Change, exceed: Sequence[str], reason: str, floor: FloorView) -> Change:
    """The same change with what was passed over, and why."""
    if not exceed or not change.events:
        return change
    assert change.booking is not None
    party = change.booking.party
    noted = replace(party, house_note=with_reason(party.house_note, reason))
    change = decisions.adding_a_reason(decisions.exceeding(change, exceed, floor), party.house_note)
    return decisions.saying(change, noted)


async def extend(context: VenueContext, call: Call, booking_id: int, *, minutes: int) -> Booking:
    """Raises as :func:`step`, OutsideOpeningHours, and SlotTaken with who is next and where they could go."""

    def decide(seen: list[Seen], days: Sequence[str], views: WorkingViews, now: datetime) -> Change:
        return service.extend(seen[0], views.day(days[0]), views.floor, minutes=minutes, rules=context.rules, now=now)

    done, before = await _write(context, call, booking_id, decide)
    return booking_of(done, before[0])


async def move(
    context: VenueContext,
    call: Call,
    booking_id: int,
    *,
    table_ids: Sequence[int] | None = None,
    swap_with: int | None = None,
    pinned: bool | None = None,
    exceed: Sequence[str] = (),
    reason: str = "",
) -> list[Booking]:
    """Other tables, those of another booking, or whether it keeps to them. Returns the booking, and the other one.
    ``exceed`` and ``reason`` are as of :func:`seat`, for other tables.

    Raises as :func:`step`, and NotFound, TableTooSmall, SlotTaken with who is in the way.
    """
    if swap_with is not None and (table_ids is not None or pinned is not None):
        raise ValidationFailed([{"field": "swap_with", "message": "either swap_with or tables may be given"}])
    others = () if swap_with is None else (swap_with,)

    def decide(seen: list[Seen], days: Sequence[str], views: WorkingViews, now: datetime) -> Change:
        where, rules = views.day(days[0]), context.rules
        if swap_with is not None:
            return moves.swap(seen[0], seen[1], where, views.floor, rules=rules, now=now)
        change = moves.move(
            seen[0], where, views.floor, table_ids=table_ids, pinned=pinned, rules=rules, now=now, exceed=exceed
        )
        return _for_a_reason(change, exceed, reason, views.floor)

    done, before = await _write(context, call, booking_id, decide, lambda _: others)
    return _moved(done, before)


async def repeat_move(context: VenueContext, kept: Mapping[str, Any], *, by: Identity) -> list[Booking]:
    """The bookings as they stood after a move, from what was kept under its key; what was said of the other one is read
    anew, for none of it is kept. Raises NotFound, and KeyError, TypeError and ValueError for what this release can't
    read."""
    done = await done_before(kept)
    first = booking_of(done)
    others = [await read(context, by=by, booking_id=row.id) for row in done.change.more_bookings]
    return _moved(done, [first, *others])


def _moved(done: Done, before: Sequence[Booking]) -> list[Booking]:
    changed = [booking_of(done, before[0])]
    for row, other in zip(done.change.more_bookings, before[1:], strict=True):
        new = replace(row, party=other.party)
        changed.append(shown(new, other.guest, at=None, epoch=done.epoch, version=done.versions[row.stream]))
    return changed


async def _write(
    context: VenueContext,
    call: Call,
    booking_id: int,
    decide: Decide,
    others_of: Callable[[Booking], Sequence[int]] = lambda _: (),
    other_day_of: Callable[[Booking], date | None] = lambda _: None,
) -> tuple[Done, list[Booking]]:
    """What became of it, and the bookings as they were: the one that was named and those that change with it. The
    call's revisions are those of the first; ``other_day_of`` names another day that it touches."""
    not_shown = 0
    for _ in range(ATTEMPTS):
        found = await read(context, by=call.by, booking_id=booking_id)
        others = [await read(context, by=call.by, booking_id=each) for each in others_of(found)]
        days = [each for each in (found.service_date, other_day_of(found)) if each is not None]
        streams = tuple(context.day_stream(each) for each in days)
        seen = [await seen_as(found, call.revisions), *[await seen_as(each, None) for each in others]]

        def decided(
            views: WorkingViews, now: datetime, seen: list[Seen] = seen, streams: Sequence[str] = streams
        ) -> Change:
            return decide(seen, streams, views, now)

        try:
            done = await submit(context, found, call.write(context, streams, decided), not_shown)
        except AuthError:
            raise Conflict("The guest's data were erased a moment ago.") from None
        if done is not None:
            return done, [found, *others]
        not_shown = found.revision
    raise Conflict()


@dataclass(frozen=True, slots=True)
class WalkInRequest:
    """A party that came in. No ``table_ids``: the first that is free for the whole time. ``exceed``, for the ``reason``
    that is noted: "hold", holds in its way are let go; "seats", its tables may have too few."""

    guests: int
    name: str | None = None
    phone: str | None = None
    table_ids: Sequence[int] | None = None
    minutes: int | None = None
    exceed: Sequence[str] = ()
    reason: str = ""


async def walk_in(context: VenueContext, call: Call, wanted: WalkInRequest) -> Booking:
    """It sits now, cut short where its tables' next booking begins. Raises OutsideOpeningHours, NotFound,
    TableTooSmall, SlotTaken, ValidationFailed for what is no phone number."""
    who = await guests_of_venues.find(context, Wanted(name=wanted.name or "", phone=wanted.phone), field="phone")
    party = Party(who.id, who.user_id, new_reference(), "walk-in", house_note=wanted.reason or None, new_guest=who.new)
    today = calendar.service_day(context.now(), context.rules)
    for _ in range(ATTEMPTS):
        stream = context.day_stream(today)

        def decide(views: WorkingViews, now: datetime, stream: str = stream) -> Change:
            nonlocal today
            today = calendar.service_day(now, context.rules)  # by the database's clock
            sit = functools.partial(
                service.walk_in, floor=views.floor, venue_id=context.id, party=party, guests=wanted.guests,
                table_ids=wanted.table_ids, minutes=wanted.minutes, rules=context.rules, now=now, exceed=wanted.exceed,
            )  # fmt: skip
            made = holds.over_holds(views.day(stream), context.id, sit, staff=True, exceed=wanted.exceed)
            return decisions.exceeding(made, wanted.exceed, views.floor)

        try:
            done = await context.writes.submit(call.write(context, (stream,), decide))
        except NotAsSeen:
            continue
        return booking_of(done)
    raise Conflict()
