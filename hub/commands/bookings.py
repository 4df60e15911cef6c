"""Bookings: book, read one, list mine. (hub.commands.changes: reschedule, cancel.)

To book is to decide on the day's view (hub.domain.decisions) and to commit that in one round trip
(hub.views.group_commit). The constraint on occupancies has the last word.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hub.commands import guests as guests_of_venues
from hub.commands import holds
from hub.commands.call import Call
from hub.commands.guests import Wanted
from hub.domain import calendar, decisions
from hub.domain.change import BookingRow, Change, Guest, Party
from hub.domain.events import day_of
from hub.domain.lifecycle import CANCELED
from hub.errors import AuthError, Forbidden, HoldOver, HubError, NotFound, SlotTaken, ValidationFailed
from hub.manage_links import GOOD_AFTER_END
from hub.security import Identity
from hub.store import bookings as stored
from hub.store import streams
from hub.store.bookings import Booking
from hub.store.commit import replayed_anew
from hub.store.orders import Bounds
from hub.views.context import VenueContext
from hub.views.writes import Done, WorkingViews

MOST_CHANGES = 50
"""How many changes of a day a refusal names."""
HOUSE_NOTE = 500
"""Characters of what staff say of a booking: a reason beyond them is cut."""
REFERENCE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of what references are made: no character looks like another."""


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A table for a slot that starts at local ``day`` ``at``, and what is said of it. What staff alone may ask for is
    ``guest``, several tables, ``minutes``, ``house_note`` and ``exceed``."""

    day: date
    at: time
    guests: int
    table_ids: Sequence[int] | None = None
    """None: the smallest free one that fits, or a combination, in the area, if one is named."""
    area_id: int | None = None
    hold: str | None = None
    """The token of a hold, which becomes this booking."""
    guest: Wanted | None = None
    """For whom it is, by phone; None: for whoever books. An e-mail of one whom staff know is noted with that guest."""
    note: str | None = None
    occasion: str | None = None
    needs: Sequence[str] = ()
    house_note: str | None = None
    minutes: int | None = None
    """How long they stay, if not as long as everybody."""
    exceed: Sequence[str] = ()
    """What is passed over: "hold", others' holds give way to it; "seats", more come than the named tables have seats
    for. The ``reason`` is added to the house note."""
    reason: str = ""
    seen: tuple[str, int] | None = None
    """The position of the day that was looked at: a refusal tells what changed since."""

    @property
    def is_for_staff(self) -> bool:
        several = self.table_ids is not None and len(self.table_ids) > 1
        given = any(each is not None for each in (self.guest, self.minutes, self.house_note))
        return several or given or bool(self.exceed)


async def book(context: VenueContext, call: Call, wanted: BookingRequest) -> Booking:
    """All or nothing is written: a new guest, booking, occupancy, event and notifications.

    Raises Forbidden for what is the staff's to ask for, what hub.commands.guests.note_email and find raise,
    OutsideOpeningHours, NonexistentLocalTime, InThePast, TooFarAhead, NotFound (the table, or the guest),
    TableTooSmall, SlotTaken with alternatives (and with what changed since it was ``seen``), for a hold that is over
    HoldOver with the same, HoldDiffers, TooManyBookings (for a guest).
    """
    by, rules = call.by, context.rules
    if wanted.is_for_staff and not by.is_staff:
        raise Forbidden()
    calendar.check_range(wanted.day, calendar.today(context.now(), rules), rules)
    stay = None if wanted.minutes is None else timedelta(minutes=wanted.minutes)
    slot = calendar.slot_at(wanted.day, wanted.at, rules, stay)
    stream = context.day_stream(slot.day)
    if (guest := wanted.guest) is None:
        who, channel = guests_of_venues.Found(await context.guest_of(by.user_id), by.user_id), "account"
    else:
        await guests_of_venues.note_email(context, call, guest)
        who, channel = await guests_of_venues.find(context, guest), "phone"
    party = Party(
        who.id,
        who.user_id,
        new_reference(),
        channel,
        wanted.note,
        with_reason(wanted.house_note, wanted.reason),
        wanted.occasion,
        tuple(wanted.needs),
        new_guest=who.new,
    )

    held = await holds.find(context, wanted.hold) if wanted.hold is not None else None

    def decide(views: WorkingViews, now: datetime) -> Change:
        made = decisions.book(
            views.day(stream),
            views.floor,
            slot,
            venue_id=context.id,
            party=party,
            guests=wanted.guests,
            table_ids=wanted.table_ids,
            area_id=wanted.area_id,
            rules=rules,
            now=now,
            staff=by.is_staff,
            exceed=wanted.exceed,
            of_hold=wanted.hold is not None,
            held=held and held[0],
        )
        return decisions.exceeding(made, wanted.exceed, views.floor)

    write = call.write(context, (stream,), decide, bounds(context, by, slot))
    try:
        return booking_of(await context.writes.submit(write))
    except (SlotTaken, HoldOver) as refusal:
        if wanted.seen is not None and wanted.seen[0] == context.epoch:
            with contextlib.suppress(HubError):  # the refusal stands without it
                refusal.extra["changed"] = await streams.kinds_since(stream, wanted.seen[1], most=MOST_CHANGES)
        raise
    except AuthError:
        if guest is None:
            raise
        raise NotFound(guests_of_venues.NO_SUCH) from None  # they were erased a moment ago


def with_reason(house_note: str | None, reason: str) -> str | None:
    """What staff say of a booking, with why they passed others over."""
    return " · ".join(filter(None, (house_note, reason)))[:HOUSE_NOTE] or None


def new_reference() -> str:
    """Eight characters by which people name a booking; of a million million, so none is met again by chance."""
    number = secrets.randbits(40)
    return "".join(REFERENCE[number >> shift & 31] for shift in range(0, 40, 5))


def bounds(context: VenueContext, by: Identity, slot: calendar.Slot, *, moved: Booking | None = None) -> Bounds | None:
    """How many bookings ahead, and how many that overlap ``slot``, a guest may have; one that is moved is not one more.
    None: any number."""
    settings = context.settings
    most = settings.bookings_per_user if moved is None else 0
    if by.is_staff or not (most or settings.overlapping_per_user):
        return None
    user_id, booking_id = (by.user_id, 0) if moved is None else (moved.party.user_id, moved.id)
    if user_id is None:
        return None
    return Bounds(user_id, slot.starts_at, slot.ends_at, booking_id, most, settings.overlapping_per_user)


def booking_of(done: Done, before: Booking | None = None) -> Booking:
    """The booking as it stands after a write; ``before`` is what it was."""
    row, written = done.change.booking, done.written
    assert row is not None
    at = written.at if written is not None else None
    stream = row.stream
    # A move to another day has an event on the day that it left.
    events = written.streams if written is not None else ()
    left = next(((day, done.versions[name]) for name in events if name != stream and (day := day_of(name))), None)
    created_at = row.created_at or at
    assert created_at is not None
    if written is not None and written.guest is not None:
        guest = Guest(**written.guest)
    else:  # nothing was written
        assert before is not None
        guest = before.guest
    return shown(
        replace(row, id=row.id or (written.id if written is not None else 0), created_at=created_at),
        guest,
        at=at,
        epoch=done.epoch,
        version=done.versions[stream],
        left=left,
        replayed=written is not None and written.replayed,
    )


def shown(
    row: BookingRow,
    guest: Guest,
    *,
    at: datetime | None,
    epoch: str,
    version: int,
    left: tuple[date, int] | None = None,
    replayed: bool = False,
) -> Booking:
    """A row as its reader sees it; ``at`` is when it was written."""
    return Booking(
        **{each.name: getattr(row, each.name) for each in fields(BookingRow)},
        guest=guest,
        canceled_at=at if row.status == CANCELED else None,
        epoch=epoch,
        version=version,
        left=left,
        replayed=replayed,
    )


async def repeat(answer: Mapping[str, Any]) -> Booking:
    """The booking as it stood after a write, from what was kept under the write's key, and its guest as they are now.

    Raises KeyError, TypeError and ValueError for what this release can't read.
    """
    return booking_of(await done_before(answer))


async def done_before(answer: Mapping[str, Any]) -> Done:
    """What became of a write, from what was kept under its key. Raises as :func:`repeat` does."""
    written = await replayed_anew(answer)
    return Done(written.change, written, written.epoch, dict(written.versions))


async def read(context: VenueContext, *, by: Identity, booking_id: int) -> Booking:
    """One booking, for its owner, the staff, and who has a link to it. Raises NotFound for anybody else's, as for
    none."""
    found: stored.FoundBooking | None = await context.gathered(stored.of_ids).row(booking_id)
    if found is None or not _is_shown(found, by, context.now()):
        raise NotFound("There is no such booking.")
    return found.booking()


def _is_shown(found: stored.FoundBooking, by: Identity, now: datetime) -> bool:
    if by.link is None:
        return by.is_staff or found.user_id == by.user_id
    # The link may have been ended since it was traded for a token.
    return by.link == found.link and now < found.ends_at + GOOD_AFTER_END


async def list_mine(
    context: VenueContext, *, by: Identity, limit: int, after: tuple[str, str] | None = None
) -> tuple[list[Booking], str | None]:
    """My bookings that are neither canceled nor over, by start, at most ``limit``; and the cursor of the next page.
    ``after``: the name by which a cursor was given, and the cursor; None: the first page.

    Raises ValidationFailed, of that name, for a cursor that this call did not give.
    """
    return page(await stored.of_user(context.id, by.user_id, read_cursor(after), limit + 1), limit)


def page(found: list[Booking], limit: int) -> tuple[list[Booking], str | None]:
    """The first ``limit`` of what was found, and the cursor of the next page."""
    return found[:limit], cursor_after(found[limit - 1]) if len(found) > limit else None


def cursor_after(last: Booking) -> str:
    return base64.urlsafe_b64encode(f"{last.starts_at.timestamp():.0f}.{last.id}".encode()).decode().rstrip("=")


def read_cursor(given: tuple[str, str] | None) -> tuple[datetime, int]:
    if given is None:
        return datetime(1970, 1, 1, tzinfo=UTC), 0
    name, text = given
    try:
        start, _, booking = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(".")
        if not (start.isdigit() and booking.isdigit() and len(start) < 12 and len(booking) < 19):
            raise ValueError(text)
        return datetime.fromtimestamp(int(start), UTC), int(booking)
    except (ValueError, binascii.Error, UnicodeError, OverflowError):
        raise ValidationFailed([{"field": name, "message": "not a cursor of this list"}]) from None
