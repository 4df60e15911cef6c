"""The guest book: guests found while somebody types, what is known of their visits, and notes about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hub.commands import guest_names, guests
from hub.commands.call import Call
from hub.commands.search import contains, phone_part
from hub.domain import calendar, roles
from hub.errors import Conflict, NotFound
from hub.security import Identity
from hub.store import guest_book
from hub.store import guests as stored_guests
from hub.store.guest_book import MOST_NOTES, Known, Note, Reader
from hub.store.guest_names import NOTED
from hub.store.guests import Details
from hub.views.context import VenueContext

NO_SUCH_NOTE = "There is no such note."


@dataclass(frozen=True, slots=True)
class KnownDetails:
    """All that is written of one guest; ``known`` is None of one who gave no name."""

    details: Details
    known: Known | None


async def search(context: VenueContext, *, by: Identity, text: str) -> list[Known]:
    """The guests whose name, phone number or e-mail has ``text`` in it, whoever came last first."""
    return await guest_book.search(_reader(context, by), contains(text), phone_part(text))


async def read(context: VenueContext, guest_id: int, *, by: Identity) -> KnownDetails:
    """One guest. Raises NotFound, also for one who is erased."""
    details = await guests.read(context, guest_id)
    return KnownDetails(details, await guest_book.read(_reader(context, by), guest_id))


def _reader(context: VenueContext, by: Identity) -> Reader:
    today = calendar.service_day(context.now(), context.rules)
    return context.venue.group_id, context.id, by.role in roles.MANAGERS, today


async def add_note(
    context: VenueContext, call: Call, guest_id: int, *, kind: str, text: str, keep_until: date | None
) -> Note:
    """Note something about a guest. A dietary note without an end follows the guest's bookings (hub.store.note_ends).
    Raises NotFound, Changed, and what hub.store.keys.once raises."""
    await guests.read(context, guest_id)  # before any day is locked: whose guest it is not, holds up nobody

    async def work(connection: Any) -> Note:
        await _check(connection, context, call, guest_id)
        made = await guest_book.add_note(
            connection, context.venue.group_id, guest_id, kind=kind, text=text, keep_until=keep_until
        )
        if made is None:
            raise Conflict(f"There are {MOST_NOTES} notes about this guest already. Remove one first.")
        return made

    return await guest_names.change(
        context.shared, call, guest_id, work, whose=NOTED, kept=lambda made: {"note": made.id}
    )


async def read_note(context: VenueContext, guest_id: int, note_id: int) -> Note:
    """Raises NotFound."""
    found = await guest_book.read_note(context.venue.group_id, guest_id, note_id)
    if found is None:
        raise NotFound(NO_SUCH_NOTE)
    return found


async def remove_note(context: VenueContext, call: Call, guest_id: int, note_id: int) -> None:
    """Raises NotFound, Changed, and what hub.store.keys.once raises."""
    await guests.read(context, guest_id)

    async def work(connection: Any) -> None:
        await _check(connection, context, call, guest_id)
        if not await guest_book.remove_note(connection, context.venue.group_id, guest_id, note_id):
            raise NotFound(NO_SUCH_NOTE)

    await guest_names.change(context.shared, call, guest_id, work, whose=NOTED)


async def _check(connection: Any, context: VenueContext, call: Call, guest_id: int) -> None:
    """Keep the guest from being erased until the end of the transaction. Raises NotFound and Changed."""
    found = await stored_guests.share(connection, context.venue.group_id, guest_id)
    if found is None:
        raise NotFound(guests.NO_SUCH)
    call.check(found)
