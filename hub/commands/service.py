"""What the staff do with a booking in the room: it arrives, sits, moves, stays on, leaves, does not come; undo; and
walk-ins.

As in hub.commands.changes a booking is read first and decided on as its day shows it (hub.domain.service).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from hub.commands import guests as guests_of_venues
from hub.commands import notifications
from hub.commands.bookings import Booking, booking_of, new_reference, read, shown
from hub.commands.changes import ATTEMPTS, seen_as, submit
from hub.commands.guests import Wanted
from hub.domain import calendar, service
from hub.domain.change import Change, Party, Seen
from hub.errors import Conflict, NotAsSeen, ValidationFailed
from hub.security import Identity
from hub.store.commit import Key
from hub.views.context import VenueContext
from hub.views.writes import Done, WorkingViews, Write

Step = Literal["arrive", "finish", "no-show", "undo"]
Decide = Callable[[Seen, str, WorkingViews, datetime], Change]


async def step(context: VenueContext, what: Step, booking_id: int, **how: object) -> Booking:
    """One step without a choice. Raises NotFound, Changed, AlreadyCanceled, AlreadyOver, Conflict; undo SlotTaken."""
    decide: dict[str, Decide] = {
        "arrive": lambda seen, day, views, now: service.arrive(seen, views.day_view(day), now=now),
        "finish": lambda seen, day, views, now: service.finish(seen, views.day_view(day), now=now),
        "no-show": lambda seen, day, views, now: service.mark_no_show(seen, views.day_view(day), now=now),
        "undo": lambda seen, day, views, now: service.undo(seen, views.day(day), views.floor, now=now),
    }
    done, before = await _write(context, booking_id, decide[what], **how)  # type: ignore[arg-type]
    return booking_of(done, before)


async def seat(
    context: VenueContext, booking_id: int, *, table_ids: Sequence[int] | None = None, **how: object
) -> Booking:
    """Raises as :func:`step`, and NotFound, TableTooSmall, SlotTaken with who is in the way."""

    def decide(seen: Seen, day: str, views: WorkingViews, now: datetime) -> Change:
        return service.seat(seen, views.day(day), views.floor, table_ids=table_ids, rules=context.rules, now=now)

    done, before = await _write(context, booking_id, decide, **how)  # type: ignore[arg-type]
    return booking_of(done, before)


async def extend(context: VenueContext, booking_id: int, *, minutes: int, **how: object) -> Booking:
    """Raises as :func:`step`, OutsideOpeningHours, and SlotTaken with who is next and where they could go."""

    def decide(seen: Seen, day: str, views: WorkingViews, now: datetime) -> Change:
        return service.extend(seen, views.day(day), views.floor, minutes=minutes, rules=context.rules, now=now)

    done, before = await _write(context, booking_id, decide, **how)  # type: ignore[arg-type]
    return booking_of(done, before)


async def move(
    context: VenueContext,
    booking_id: int,
    *,
    table_ids: Sequence[int] | None = None,
    swap_with: int | None = None,
    pinned: bool | None = None,
    by: Identity,
    **how: object,
) -> list[Booking]:
    """Other tables, those of another booking, or whether it keeps to them. Returns all that changed.

    Raises as :func:`step`, and NotFound, TableTooSmall, SlotTaken with who is in the way.
    """
    if swap_with is not None and (table_ids is not None or pinned is not None):
        raise ValidationFailed([{"field": "swap_with", "message": "either swap_with or tables may be given"}])
    other = await read(context, by=by, booking_id=swap_with) if swap_with is not None else None

    def decide(seen: Seen, day: str, views: WorkingViews, now: datetime) -> Change:
        if other is None:
            return service.move(seen, views.day(day), views.floor, table_ids=table_ids, pinned=pinned, now=now)
        return service.swap(seen, seen_as(other, None), views.day(day), now=now)

    done, before = await _write(context, booking_id, decide, by=by, **how)  # type: ignore[arg-type]
    changed = [booking_of(done, before)]
    if other is not None:
        for row in done.change.more_bookings:
            changed.append(shown(row, other.guest, at=None, epoch=done.epoch, version=done.versions[row.stream]))
    return changed


async def _write(
    context: VenueContext,
    booking_id: int,
    decide: Decide,
    *,
    by: Identity,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> tuple[Done, Booking]:
    not_shown = 0
    for _ in range(ATTEMPTS):
        found = await read(context, by=by, booking_id=booking_id)
        stream, seen = context.day_stream(found.service_date), seen_as(found, revisions)

        def decided(views: WorkingViews, now: datetime, seen: Seen = seen, stream: str = stream) -> Change:
            return decide(seen, stream, views, now)

        write = Write(
            (stream,),
            decided,
            by.user_id,
            request_id,
            notices=lambda change: notifications.of(change, context.settings),
            key=key,
        )
        if (done := await submit(context, found, write, not_shown)) is not None:
            return done, found
        not_shown = found.revision
    raise Conflict()


async def walk_in(
    context: VenueContext,
    *,
    by: Identity,
    guests: int,
    name: str | None = None,
    phone: str | None = None,
    table_ids: Sequence[int] | None = None,
    minutes: int | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Booking:
    """A party that sits now, cut short where its tables' next booking begins. Raises OutsideOpeningHours, NotFound,
    TableTooSmall, SlotTaken, ValidationFailed for what is no phone number."""
    who = await guests_of_venues.find(context, Wanted(name=name or "", phone=phone), field="phone")
    party = Party(who.id, who.user_id, new_reference(), "walkin", new_guest=who.new)
    for _ in range(ATTEMPTS):
        stream = context.day_stream(calendar.service_day(context.now(), context.rules))

        def decide(views: WorkingViews, now: datetime, stream: str = stream) -> Change:
            return service.walk_in(
                views.day(stream), views.floor, venue_id=context.id, party=party, guests=guests, table_ids=table_ids,
                minutes=minutes, rules=context.rules, now=now,
            )  # fmt: skip

        try:
            done = await context.writes.submit(Write((stream,), decide, by.user_id, request_id, key=key))
        except NotAsSeen:
            continue
        return booking_of(done)
    raise Conflict()
