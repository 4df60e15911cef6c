"""What was written of a party that waits is put right: what hub.domain.queue_correction decides.

Another name or phone number is looked up as when a party joins; who is found by it may not wait already. A guest of
whom there are notes, and beside them nothing but this entry, keeps it: they are called otherwise from now on, whoever
else has that name, so that no allergy gets lost. Else a guest whom the house knows by it becomes the party's. Where it
knows nobody, a guest of whom nothing but this entry is known is called otherwise; and where more is known of them, the
party is a new guest: their own name stays with their bookings.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hub.commands import guests as guests_of_venues
from hub.commands.call import Call
from hub.commands.guests import Wanted
from hub.commands.unset import UNSET, Unset
from hub.commands.waitlist import Decide, entry_of, write
from hub.domain import queue_correction
from hub.domain.change import Change, NewName
from hub.domain.queue_correction import Who
from hub.domain.stays import Stays
from hub.domain.waitlist import SeenEntry
from hub.store import waitlist as entries
from hub.store.waitlist import WaitlistEntry
from hub.views.context import VenueContext
from hub.views.writes import WorkingViews


async def correct(
    context: VenueContext,
    call: Call,
    entry_id: int,
    *,
    guests: int | None = None,
    name: str | None = None,
    phone: str | Unset | None = UNSET,
) -> WaitlistEntry:
    """What is None, or UNSET, stays; ``phone`` of None is taken away. Raises NotFound, Changed with what the entry is,
    Conflict, TableTooSmall, AlreadyWaiting, and ValidationFailed for what is no phone number."""

    async def deciding(before: WaitlistEntry) -> Decide:
        who = await _who(context, before, name, phone)

        def decide(seen: SeenEntry, stream: str, stays: Stays, views: WorkingViews, now: datetime) -> Change:
            return queue_correction.correct(
                seen, views.day(stream), views.floor, guests=guests, who=who, stays=stays, rules=context.rules, now=now
            )

        return decide

    done, before = await write(context, call, entry_id, deciding)
    return entry_of(done, before)


async def _who(context: VenueContext, entry: WaitlistEntry, name: str | None, phone: str | Unset | None) -> Who | None:
    """Whose the party is to be; None: whose it is."""
    was = entry.guest
    if isinstance(phone, Unset):
        phone = was.phone
    elif phone is not None:
        phone = guests_of_venues.checked_phone(phone, context, field="phone")
    now = replace(was, name=was.name if name is None else name, phone=phone)
    fields = tuple(each for each in ("name", "phone") if getattr(was, each) != getattr(now, each))
    if not fields:
        return None
    found = await guests_of_venues.find(context, Wanted(name=now.name, phone=now.phone), field="phone")
    known_beside, is_noted = await entries.known_beside(was.id, entry.id)
    is_same = found.id == was.id
    keeps = not known_beside and (is_same or found.new is not None or is_noted)
    if is_same and not keeps:
        return None
    return Who(found.id, found.new, NewName(now.name, now.phone) if keeps else None, fields, found.alike)
