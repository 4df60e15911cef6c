"""Guests: who dines in the venues of a group, with an account or without one.

Staff book for a guest whom they know, or for a new one; they read a guest, correct what is written of one without an
account, and erase one. Numbers, times and tables of bookings stay then; whatever anybody wrote about the guest goes,
wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.commands import guest_names, phones
from hub.commands.call import Call
from hub.commands.unset import UNSET, Unset
from hub.domain.change import Guest, NewGuest
from hub.domain.text import folded
from hub.errors import Forbidden, NotFound, ValidationFailed
from hub.store import database, erasure, guest_mails, guests, keys
from hub.store.guest_names import GUEST
from hub.store.guests import Details, Namesake
from hub.views.context import VenueContext

NO_SUCH = "There is no such guest."


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom staff book: a guest whom they know by ``id``, or one as they were named on the phone. ``phone`` is as it
    was typed, ``email`` in lower case; that of a known one is theirs from now on (see :func:`note_email`)."""

    id: int | None = None
    name: str = ""
    phone: str | None = None
    email: str | Unset | None = UNSET
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The guest of a booking: ``user_id`` is their account. ``new``: the row is still to be written, with the booking
    and so in its transaction, since a refused booking is to leave no guest behind. ``alike``: all who are called so,
    this one among them."""

    id: int
    user_id: int | None
    new: NewGuest | None = None
    alike: frozenset[int] = frozenset()


async def find(context: VenueContext, wanted: Wanted, *, field: str = "guest.phone") -> Found:
    """The guest whom staff name: the one of this id, or one of the same name (see hub.store.guests.alike), or else a
    new one. For a new one an id is set aside here: the day shows it before the row is written.

    ``field`` is what the request calls the phone number. Raises NotFound for an id of no guest of the venue's group, or
    of one who is erased, and ValidationFailed for what is no phone number.
    """
    group = context.venue.group_id
    if wanted.id is not None:
        known = await read(context, wanted.id)
        return Found(known.id, known.user_id)
    phone = checked_phone(wanted.phone, context, field=field) if wanted.phone is not None else None
    email = None if isinstance(wanted.email, Unset) else wanted.email
    if same := await _alike(group, wanted.name, phone, email):
        return Found(same[0].id, same[0].user_id, alike=frozenset(each.id for each in same))
    id, language = await guests.new_id(), wanted.language or context.venue.language
    return Found(id, None, NewGuest(id, wanted.name, phone, email, language))


async def alike(context: VenueContext, guest: Guest) -> frozenset[int]:
    """All guests without an account who have the name and the phone number of this one."""
    return frozenset(each.id for each in await _alike(context.venue.group_id, guest.name, guest.phone, None))


async def _alike(group: int, name: str, phone: str | None, email: str | None) -> list[Namesake]:
    if phone is None and email is None:
        return []
    return [each for each in await guests.alike(group, phone, email) if folded(each.name) == folded(name)]


def checked_phone(text: str, context: VenueContext, *, field: str) -> str:
    """The number in E.164, by the venue's country. Raises ValidationFailed."""
    try:
        return phones.normal(text, context.venue.country)
    except ValueError as error:
        raise ValidationFailed([{"field": field, "message": str(error)}]) from None


# -- one guest, for the staff


async def read(context: VenueContext, guest_id: int, connection: Any = database) -> Details:
    """A guest of the venue's group; ``connection``: within its transaction. Raises NotFound, also for one who is
    erased."""
    found = await guests.read(context.venue.group_id, guest_id, connection)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


async def change(
    context: VenueContext,
    call: Call,
    guest_id: int,
    *,
    name: str | None = None,
    phone: str | Unset | None = UNSET,
    email: str | Unset | None = UNSET,
    language: str | None = None,
) -> Details:
    """Correct what is written of a guest without an account; floors show another name or phone number at once.

    With another address the links in earlier mails end, mails that wait go to the new one, and bookings to come are
    confirmed and reminded of there, as few a day as to any address that nobody has verified. Raises NotFound,
    ValidationFailed, Conflict, Changed, Forbidden for a guest with an account, and what hub.store.keys.once raises.
    """
    if isinstance(phone, str):
        phone = checked_phone(phone, context, field="phone")
    # Before any day is locked: whose guest it is not, holds up nobody.
    _without_account(await read(context, guest_id))

    unchanged = False

    async def work(connection: Any) -> Details:
        nonlocal unchanged
        before = _without_account(await read(context, guest_id, connection))
        call.check(before.revision)
        new_email = before.email if isinstance(email, Unset) else email
        found = await guests.change(
            connection, context.venue.group_id, guest_id, name=name, email=new_email, language=language,
            phone=before.phone if isinstance(phone, Unset) else phone,
        )  # fmt: skip
        if new_email != before.email:
            await guest_mails.readdress(connection, guest_id, new_email, context.settings.reminders)
        unchanged = found.revision == before.revision
        return found

    return await guest_names.change(
        context.shared, call, guest_id, work, whose=GUEST,
        kept=lambda changed: keys.kept({"guest": changed.id}, unchanged=unchanged),
    )  # fmt: skip


async def note_email(context: VenueContext, call: Call, wanted: Wanted) -> None:
    """Note the e-mail that a guest whom staff know says when they book, before that is decided: its mails go there.
    What they say of themselves is true also where the booking is refused. The ``call`` is the booking's: where its key
    stands for one that was made already, nothing is noted.

    Raises as :func:`change`, also Forbidden for a guest whose account says another e-mail, and as
    hub.store.keys.look_up.
    """
    if wanted.id is None or isinstance(wanted.email, Unset):
        return
    if (await read(context, wanted.id)).email == wanted.email:
        return
    if call.key is not None:
        await keys.look_up(call.key)
    await change(context, Call(call.by, call.request_id), wanted.id, email=wanted.email)


async def erase(context: VenueContext, call: Call, guest_id: int) -> None:
    """Leave nothing that could name a guest without an account, on open floors neither. Raises NotFound, HasBookings,
    Conflict, Changed, Forbidden for a guest with an account, who erases that, and what hub.store.keys.once raises."""
    _without_account(await read(context, guest_id))

    async def work(connection: Any) -> None:
        call.check(_without_account(await read(context, guest_id, connection)).revision)
        await erasure.erase_guests(connection, [guest_id])

    await guest_names.change(context.shared, call, guest_id, work, whose=GUEST)


def _without_account(found: Details) -> Details:
    """A guest whom staff may change. Raises Forbidden."""
    if found.has_account:
        raise Forbidden("This guest has an account. What it says is theirs alone to change.")
    return found
