"""The waitlist of the evening: join, ready, here, leave, seat; and how long it would take. Another place, and undo, are
hub.commands.waitlist_order's; what is put right of a party is hub.commands.waitlist_correction's.

An entry is read first, to know whose it is and which day it is on, and decided on as its day shows it
(hub.domain.waitlist). The quotes of the others go with each change.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, Literal

from hub.commands import guests as guests_of_venues
from hub.commands.bookings import booking_of, done_before, new_reference
from hub.commands.call import Call
from hub.commands.guests import Wanted
from hub.domain import calendar, waitlist
from hub.domain.allocation import Day
from hub.domain.change import Change, Guest, Party, WaitRow
from hub.domain.events import days_beside
from hub.domain.floor import FloorView
from hub.domain.stays import Stays
from hub.domain.waitlist import Estimate, SeenEntry
from hub.errors import AuthError, Changed, Conflict, NotAsSeen, NotFound
from hub.store import waitlist as entries
from hub.store.bookings import Booking
from hub.store.waitlist import WaitlistEntry
from hub.views.cache import ViewCache
from hub.views.context import VenueContext
from hub.views.writes import Done, WorkingViews

ATTEMPTS = 3
"""How often a change begins again when the entry was changed between its reading and its commit."""
NO_SUCH = "There is no such entry on the waitlist."


async def read(context: VenueContext, entry_id: int) -> WaitlistEntry:
    """An entry, also one that has ended. Raises NotFound."""
    found = await entries.read(context.id, entry_id)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


async def join(
    context: VenueContext,
    call: Call,
    *,
    guests: int,
    name: str,
    phone: str | None = None,
    area_id: int | None = None,
    force: bool = False,
) -> WaitlistEntry:
    """A party waits from now on. ``force``: also where a table is free at once.

    Raises NotFound for the area, TableTooSmall, AlreadyWaiting, NoWait with what is free, WaitlistClosed, and
    ValidationFailed for what is no phone number.
    """
    who = await guests_of_venues.find(context, Wanted(name=name, phone=phone), field="phone")
    for _ in range(ATTEMPTS):
        day = calendar.service_day(context.now(), context.rules)
        stream, stays = context.day_stream(day), await stays_of(context, day)

        def decide(views: WorkingViews, now: datetime, stream: str = stream, stays: Stays = stays) -> Change:
            return waitlist.join(
                views.day(stream), views.floor, venue_id=context.id, guest_id=who.id, new_guest=who.new, guests=guests,
                area_id=area_id, force=force, stays=stays, rules=context.rules, now=now, alike=who.alike,
            )  # fmt: skip

        try:
            return entry_of(await context.writes.submit(call.write(context, (stream,), decide)))
        except NotAsSeen:
            continue  # the service day ended a moment ago
        except AuthError:
            raise NotFound(guests_of_venues.NO_SUCH) from None  # they were erased a moment ago
    raise Conflict()


async def step(
    context: VenueContext, call: Call, what: Literal["ready", "here", "leave"], entry_id: int
) -> WaitlistEntry:
    """One step without a choice. Raises NotFound, Changed with what the entry is, and Conflict."""

    def decide(seen: SeenEntry, stream: str, stays: Stays, views: WorkingViews, now: datetime) -> Change:
        return waitlist.step(seen, views.day(stream), views.floor, what, stays=stays, rules=context.rules, now=now)

    async def deciding(before: WaitlistEntry) -> Decide:
        return decide

    done, before = await write(context, call, entry_id, deciding)
    return entry_of(done, before)


async def seat(
    context: VenueContext, call: Call, entry_id: int, *, table_ids: Sequence[int] | None = None, in_turn: bool = False
) -> tuple[WaitlistEntry, Booking]:
    """The party sits; its booking is made with it. ``in_turn``: not where one that waits before it sits later by that.
    Raises as :func:`step`, and OutsideOpeningHours, NotFound for a table, TableTooSmall, SlotTaken, PassedOver."""

    async def deciding(before: WaitlistEntry) -> Decide:
        party = Party(before.guest_id, before.user_id, new_reference(), "waitlist")

        def decide(seen: SeenEntry, stream: str, stays: Stays, views: WorkingViews, now: datetime) -> Change:
            return waitlist.seat(
                seen, views.day(stream), views.floor, party=party, table_ids=table_ids, stays=stays,
                rules=context.rules, now=now, in_turn=in_turn,
            )  # fmt: skip

        return decide

    done, before = await write(context, call, entry_id, deciding)
    return entry_of(done, before), booking_of(done)


async def repeat(answer: Mapping[str, Any]) -> tuple[WaitlistEntry, Booking | None]:
    """The entry as it stood after a write, and the booking that was made with it, from what was kept under the write's
    key. Raises KeyError, TypeError and ValueError for what this release can't read."""
    done = await done_before(answer)
    return entry_of(done), booking_of(done) if done.change.booking is not None else None


Decide = Callable[[SeenEntry, str, Stays, WorkingViews, datetime], Change]


async def write(
    context: VenueContext, call: Call, entry_id: int, deciding: Callable[[WaitlistEntry], Awaitable[Decide]]
) -> tuple[Done, WaitlistEntry]:
    """What is decided of an entry is written; ``deciding`` says how, for the entry as it was read, each time that it
    was. Raises NotFound, Changed with what the entry is, Conflict, and what the decision raises."""
    not_shown = 0
    for _ in range(ATTEMPTS):
        found = await read(context, entry_id)
        stream, decide = context.day_stream(found.service_date), await deciding(found)
        stays = await stays_of(context, found.service_date)
        seen = SeenEntry(found.id, context.id, found.service_date, found.status, found.revision, call.revisions)

        def decided(
            views: WorkingViews, now: datetime, seen: SeenEntry = seen, stream: str = stream, stays: Stays = stays,
            decide: Decide = decide,
        ) -> Change:  # fmt: skip
            return decide(seen, stream, stays, views, now)

        if found.revision == not_shown:  # its day may not have shown it so a moment ago: the view is wrong then
            await context.writes.renew((stream,))
        try:
            return await context.writes.submit(call.write(context, (stream,), decided)), found
        except Changed:
            raise Changed(present=found) from None
        except AuthError:
            raise NotFound(guests_of_venues.NO_SUCH) from None  # they were erased a moment ago
        except NotAsSeen:
            not_shown = found.revision
    raise Conflict()


def entry_of(done: Done, before: WaitlistEntry | None = None) -> WaitlistEntry:
    """The entry as it stands after a write; ``before`` is what it was."""
    row, written = done.change.wait, done.written
    assert row is not None
    if written is not None and written.guest is not None:
        row, guest = replace(row, id=row.id or written.id), Guest(**written.guest)
    else:  # nothing was written
        assert before is not None
        guest = before.guest
    return WaitlistEntry(
        **{each.name: getattr(row, each.name) for each in fields(WaitRow)},
        guest=guest,
        user_id=before.user_id if before is not None else None,
        epoch=done.epoch,
        version=done.versions[row.stream],
        replayed=written is not None and written.replayed,
    )


async def stays_of(context: VenueContext, day: date) -> Stays:
    """How long parties stay in this venue. Raises HubErrors."""
    return await context.shared.stays.of(context.epoch, context.id, context.rules, day)


async def estimate(context: VenueContext, views: ViewCache, guests: int, area_id: int | None = None) -> Estimate:
    """What a party that comes now would be told, also one for which only one area will do. Raises HubErrors."""
    now = context.now()
    tonight = calendar.service_day(now, context.rules)
    stays = await stays_of(context, tonight)
    day, floor = await read_evening(context, views, tonight)
    return waitlist.estimate(day, floor, guests=guests, area_id=area_id, stays=stays, rules=context.rules, now=now)


async def read_evening(context: VenueContext, views: ViewCache, day: date) -> tuple[Day, FloorView]:
    """A service day and the floor, as this process holds them. Raises HubErrors."""
    around = days_beside(context.id, day) if context.reaches_over else ()
    beside = [await views.get(stream) for stream in around]
    floor, shown = await views.get(context.floor_stream), await views.get(context.day_stream(day))
    return Day(shown.day_view, [each.day_view for each in beside]), floor.floor_view
