"""Guests: who dines in the venues of a group, with an account or without one.

Staff book for a guest whom they know, or for a new one; they read a guest, correct what is written of one without an
account, and erase one. Numbers, times and tables of bookings stay then; whatever anybody wrote about the guest goes,
wherever it stands.
"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.commands import guest_mails, guest_names, phones
from hub.commands.unset import UNSET, Unset
from hub.domain.change import NewGuest
from hub.domain.text import folded
from hub.errors import Changed, Forbidden, HasBookings, NotFound, ValidationFailed
from hub.security import Identity
from hub.store import database, keys
from hub.store.expected import EXPECTED
from hub.store.keys import Key
from hub.views.context import VenueContext

NO_SUCH = "There is no such guest."
MOST_ALIKE = 100
"""How many guests of one phone number or address are compared by their names."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who dines, as a booking shows them to the house and to themselves."""

    id: int
    name: str
    phone: str | None
    email: str | None


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
    """The guest whom staff name: the one of this id, or one of the same name (see ``ALIKE``), or else a new one. For a
    new one an id is set aside here: the day shows it before the row is written.

    ``field`` is what the request calls the phone number. Raises NotFound for an id of no guest of the venue's group, or
    of one who is erased, and ValidationFailed for what is no phone number.
    """
    group = context.venue.group_id
    if wanted.id is not None:
        rows = await database.fetch(f"{KNOWN} AND id = $2", group, wanted.id)
        if not rows:
            raise NotFound(NO_SUCH)
        return Found(rows[0]["id"], rows[0]["user_id"])
    phone = checked_phone(wanted.phone, context, field=field) if wanted.phone is not None else None
    email = None if isinstance(wanted.email, Unset) else wanted.email
    if same := await _alike(context, wanted.name, phone, email):
        return Found(same[0]["id"], same[0]["user_id"], alike=frozenset(row["id"] for row in same))
    [row] = await database.fetch("SELECT nextval(pg_get_serial_sequence('guests', 'id')) AS id")
    language = wanted.language or context.venue.language
    return Found(row["id"], None, NewGuest(row["id"], wanted.name, phone, email, language))


async def alike(context: VenueContext, guest: Guest) -> frozenset[int]:
    """All guests without an account who have the name and the phone number of this one."""
    return frozenset(row["id"] for row in await _alike(context, guest.name, guest.phone, None))


async def _alike(context: VenueContext, name: str, phone: str | None, email: str | None) -> list[Any]:
    if phone is None and email is None:
        return []
    rows = await database.fetch(ALIKE, context.venue.group_id, phone, email)
    return [row for row in rows if folded(row["name"]) == folded(name)]


KNOWN = "SELECT id, user_id, name FROM guests WHERE group_id = $1 AND erased_at IS NULL"
# An account may say anybody's name and phone number; that the e-mail is theirs, its owner has proved. An address that
# was given is where the mails are expected: a guest with another one, or with none, is not taken for it.
ALIKE = (
    "SELECT g.id, g.user_id, g.name FROM guests g LEFT JOIN users u ON u.id = g.user_id "
    "WHERE g.group_id = $1 AND g.erased_at IS NULL AND (g.phone = $2 OR g.email = $3) "
    "AND ($3::text IS NULL OR g.email = $3) AND (g.user_id IS NULL OR (g.email = $3 AND u.verified_at IS NOT NULL)) "
    f"ORDER BY g.user_id IS NULL, g.id LIMIT {MOST_ALIKE}"
)
"""The guests of a group ($1) with this phone number ($2) or e-mail ($3), an account's first."""


def checked_phone(text: str, context: VenueContext, *, field: str) -> str:
    """The number in E.164, by the venue's country. Raises ValidationFailed."""
    try:
        return phones.normal(text, context.venue.country)
    except ValueError as error:
        raise ValidationFailed([{"field": field, "message": str(error)}]) from None


# -- one guest, for the staff


@dataclass(frozen=True, slots=True)
class Details:
    """What is written of a guest. ``has_account``: their account says it, and they alone change it."""

    id: int
    name: str
    phone: str | None
    email: str | None
    language: str
    has_account: bool
    created_at: datetime
    revision: int


async def read(context: VenueContext, guest_id: int) -> Details:
    """A guest of the venue's group. Raises NotFound, also for one who is erased."""
    rows = await database.fetch(DETAILS, context.venue.group_id, guest_id)
    return _details(rows[0] if rows else None)


async def change(
    context: VenueContext,
    guest_id: int,
    *,
    by: Identity,
    name: str | None = None,
    phone: str | Unset | None = UNSET,
    email: str | Unset | None = UNSET,
    language: str | None = None,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Details:
    """Correct what is written of a guest without an account; floors show another name or phone number at once.

    With another address the links in earlier mails end, mails that wait go to the new one, and bookings to come are
    confirmed and reminded of there, as few a day as to any address that nobody has verified. Raises NotFound,
    ValidationFailed, Conflict, Forbidden for a guest with an account, Changed for one at another revision than these,
    and what hub.store.keys.once raises.
    """
    if isinstance(phone, str):
        phone = checked_phone(phone, context, field="phone")
    # Before any day is locked: whose guest it is not, holds up nobody.
    await _without_account(database, context, guest_id)

    unchanged = False

    async def work(connection: Any) -> Details:
        nonlocal unchanged
        before = await _without_account(connection, context, guest_id, revisions)
        new_email = before.email if isinstance(email, Unset) else email
        row = await connection.fetchrow(
            "UPDATE guests SET name = coalesce($2, name), phone = $3, email = $4, language = coalesce($5, language), "
            "changed_at = clock_timestamp() WHERE id = $1 AND group_id = $6 "
            f"RETURNING {COLUMNS}",
            guest_id,
            name,
            before.phone if isinstance(phone, Unset) else phone,
            new_email,
            language,
            context.venue.group_id,
        )
        if new_email != before.email:
            await guest_mails.readdress(connection, guest_id, new_email, context.settings.reminders)
        unchanged = row["revision"] == before.revision
        return _details(row)

    return await guest_names.change(
        context.shared, guest_id, work, whose=guest_names.GUEST, by=by.user_id, request_id=request_id,
        key=key, kept=lambda changed: keys.kept({"guest": changed.id}, unchanged=unchanged),
    )  # fmt: skip


async def note_email(
    context: VenueContext, wanted: Wanted, *, by: Identity, request_id: str | None = None, key: Key | None = None
) -> None:
    """Note the e-mail that a guest whom staff know says when they book, before that is decided: its mails go there.
    What they say of themselves is true also where the booking is refused. ``key`` is the booking's: where it stands for
    one that was made already, nothing is noted.

    Raises as :func:`change`, also Forbidden for a guest whose account says another e-mail, and as
    hub.store.keys.look_up.
    """
    if wanted.id is None or isinstance(wanted.email, Unset):
        return
    if (await read(context, wanted.id)).email == wanted.email:
        return
    if key is not None:
        await keys.look_up(key)
    await change(context, wanted.id, by=by, email=wanted.email, request_id=request_id)


async def erase(
    context: VenueContext,
    guest_id: int,
    *,
    by: Identity,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> None:
    """Leave nothing that could name a guest without an account, on open floors neither. Raises NotFound, HasBookings,
    Conflict, Forbidden for a guest with an account, who erases that, Changed for one at another revision than these,
    and what hub.store.keys.once raises."""
    await _without_account(database, context, guest_id)

    async def work(connection: Any) -> None:
        await _without_account(connection, context, guest_id, revisions)
        await erase_rows(connection, [guest_id])

    await guest_names.change(
        context.shared, guest_id, work, whose=guest_names.GUEST, by=by.user_id, request_id=request_id, key=key
    )


COLUMNS = "id, name, phone, email, language, user_id, created_at, revision"
DETAILS = f"SELECT {COLUMNS} FROM guests WHERE group_id = $1 AND id = $2 AND erased_at IS NULL"


def _details(row: Any) -> Details:
    if row is None:
        raise NotFound(NO_SUCH)
    return Details(
        row["id"], row["name"], row["phone"], row["email"], row["language"], row["user_id"] is not None,
        row["created_at"], row["revision"],
    )  # fmt: skip


async def _without_account(
    connection: Any, context: VenueContext, guest_id: int, revisions: frozenset[int] | None = None
) -> Details:
    """The guest as their row is; ``connection`` may be the transaction that holds it. Raises NotFound, Forbidden, and
    Changed for one at another revision than these."""
    rows = await connection.fetch(DETAILS, context.venue.group_id, guest_id)
    found = _details(rows[0] if rows else None)
    if found.has_account:
        raise Forbidden("This guest has an account. What it says is theirs alone to change.")
    if revisions is not None and found.revision not in revisions:
        raise Changed()
    return found


# -- the end of a guest


OF_GUESTS = "(SELECT id FROM bookings WHERE guest_id = ANY($1))"
ERASE = (
    "SELECT hub_erase_guests($1)",
    "DELETE FROM guest_notes WHERE guest_id = ANY($1)",
    "UPDATE bookings SET note = NULL, house_note = NULL, occasion = NULL, needs = '[]', "
    "link_version = link_version + 1 WHERE guest_id = ANY($1)",
    # What the keys are called that came by a link, the guest chose.
    "DELETE FROM idempotency_keys WHERE caller IN (SELECT 'booking:' || id FROM bookings WHERE guest_id = ANY($1))",
    # What a mail server answered may name the address.
    "UPDATE outbox SET target = '', last_error = NULL, claimed_until = NULL, "
    "dropped_at = CASE WHEN coalesce(sent_at, failed_at) IS NULL THEN coalesce(dropped_at, clock_timestamp()) "
    f"ELSE dropped_at END WHERE payload->>'audience' = 'guest' AND booking_id IN {OF_GUESTS}",
    f"UPDATE outbox SET last_error = NULL WHERE payload->>'audience' = 'house' AND booking_id IN {OF_GUESTS}",
    # A request with the key is still answered, without the words.
    "UPDATE idempotency_keys SET answer = answer #- '{rows,booking,party,note}' #- '{rows,booking,party,house_note}' "
    "#- '{rows,booking,party,occasion}' #- '{rows,booking,party,needs}' WHERE (answer->>'guest')::bigint = ANY($1)",
)
"""What becomes of guests, by their ids, in the transaction that keeps bookings of theirs out."""


END_WAITS = (
    "UPDATE waitlist SET status = 'left', revision = revision + 1, changed_at = clock_timestamp() "
    "WHERE guest_id = ANY($1) AND status IN ('waiting', 'ready', 'here')"
)
"""An entry names nobody, but nobody could be called for it any more. Its day is told by hub.commands.guest_names."""


async def erase_rows(connection: Any, guest_ids: Sequence[int]) -> None:
    """Leave nothing that could name these guests. The transaction holds what keeps out bookings that are being made:
    their rows, or their accounts', FOR UPDATE. Raises HasBookings while bookings of theirs are to come."""
    to_come = f"SELECT EXISTS (SELECT FROM bookings b WHERE b.guest_id = ANY($1) AND {EXPECTED})"
    if await connection.fetchval(to_come, guest_ids):
        raise HasBookings()
    for statement in (*ERASE, END_WAITS):
        await connection.execute(statement, guest_ids)
