"""What becomes of an account after its registration: verified, reset, changed, exported, erased.

Whatever changes who may use an account (its password, its role, its end) ends its sessions in the same transaction;
each verb returns their ids, for this process to know at once. The others learn them from the database within seconds.
"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.commands import guest_names, guests, phones, venues, weak_passwords
from hub.commands.accounts import ACCOUNT, Account, Grant, account_of
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.errors import AuthError, Changed, Conflict, LastOwner, NotFound
from hub.security import Identity, Tokens
from hub.store import account_tokens, database, keys, write_queue
from hub.store.keys import Key, nothing
from hub.store.note_ends import UNTIL
from hub.views.context import VenueContext

LINK_IS_OVER = "This link is not valid any more. Ask for a new one."
MOST_EXPORTED = 10_000
"""Rows of each kind in an export: it is made in memory. What has more is named in it."""


@dataclass(frozen=True, slots=True)
class ChangedAccount:
    """An account after a change, and the sessions that the change ended."""

    account: Account
    ended: list[int]


async def verify(
    context: VenueContext,
    *,
    passwords: Passwords,
    token: str,
    by: Identity | None,
    password: str | None,
    key: Key | None = None,
) -> ChangedAccount:
    """The address is its reader's: the link in the first mail was followed.

    The link proves who reads the mailbox, not who chose the password. A session of the account (``by``) or its password
    proves that too, and confirms the password; another password becomes the account's, and every session ends. By the
    link alone the address is verified and the password stays unconfirmed, so no role comes of it: an address of
    ADMIN_EMAILS makes its account an admin when both are proved, and never before.

    Raises AuthError for a link that is over. The link is still good after ValidationFailed, for a weak password, and
    after Conflict, when the password was changed at the same moment.
    """
    settings = context.settings
    found = await account_tokens.find(token, "verify")
    if found is None:
        raise AuthError(LINK_IS_OVER)
    before, hashed = found["password_hash"], None
    own_session = by is not None and by.user_id == found["id"]
    confirmed = own_session or password is not None
    if password is not None and not own_session and not await passwords.verify(password, before):
        weak_passwords.check(password, email=found["email"], full_name=found["full_name"], venue=settings.venue.name)
        hashed = await passwords.hash(password)

    async def work(connection: Any) -> ChangedAccount:
        user_id = await account_tokens.take(connection, token, "verify")
        if user_id is None:
            raise AuthError(LINK_IS_OVER)
        if confirmed and not await _set_password(connection, user_id, hashed or before, before=before):
            raise Conflict()
        await account_tokens.use_up(connection, user_id, "verify", *(("reset",) if hashed else ()))
        changed = await _confirm(connection, settings, user_id, password=confirmed)
        ended = await end_sessions(connection, user_id) if hashed else []
        return ChangedAccount(changed.account, [*changed.ended, *ended])

    once = keys.once(key, work, lambda changed: {"account": changed.account.id})
    return await context.shared.write_queue.transact([write_queue.account(found["id"])], once, user=found["id"])


async def ask_reset(context: VenueContext, *, email: str, request_id: str | None, key: Key | None = None) -> None:
    """Enqueue a mail with a link to set a new password, if there is such an account; nobody can tell by the time."""

    async def work(connection: Any) -> None:
        await connection.execute("SELECT hub_enqueue_link($1, 'reset', $2)", email, request_id)

    once = keys.once(key, work, nothing)
    await context.shared.write_queue.transact([write_queue.address(email)], once, user=None)


async def reset(
    context: VenueContext, *, passwords: Passwords, tokens: Tokens, token: str, password: str, key: Key | None = None
) -> tuple[Grant, list[int]]:
    """A new password by the link of a mail, and a log-in with it; every other session ends.

    The link proves the address too: who registered it without having it is out. Raises AuthError for a link that is
    over, ValidationFailed for a weak password, and then the link is still good.
    """
    settings = context.settings
    found = await account_tokens.find(token, "reset")
    if found is None:
        raise AuthError(LINK_IS_OVER)
    weak_passwords.check(password, email=found["email"], full_name=found["full_name"], venue=settings.venue.name)
    hashed = await passwords.hash(password)

    async def work(connection: Any) -> tuple[int, Grant, list[int]]:
        user_id = await account_tokens.take(connection, token, "reset")
        if user_id is None:
            raise AuthError(LINK_IS_OVER)
        await account_tokens.use_up(connection, user_id, "reset", "verify")
        await _set_password(connection, user_id, hashed)
        changed = await _confirm(connection, settings, user_id, password=True)
        ended = [*changed.ended, *await end_sessions(connection, user_id)]
        session = await connection.fetchval("INSERT INTO sessions (user_id) VALUES ($1) RETURNING id", user_id)
        return user_id, Grant(*tokens.make(user_id=user_id, role=changed.account.role, session_id=session)), ended

    once = keys.once(key, work, lambda done: {"account": done[0]})
    row = write_queue.account(found["id"])
    _, grant, ended = await context.shared.write_queue.transact([row], once, user=found["id"])
    return grant, ended


async def change_password(
    context: VenueContext, *, passwords: Passwords, by: Identity, old: str, new: str, key: Key | None = None
) -> list[int]:
    """Another password; all sessions end, the caller's too. Raises AuthError when ``old`` is not the present one."""
    rows = await database.fetch("SELECT email, full_name, password_hash FROM users WHERE id = $1", by.user_id)
    stored = rows[0]["password_hash"] if rows else None
    if not await passwords.verify(old, stored):
        raise AuthError("The old password is wrong.")
    weak_passwords.check(
        new, email=rows[0]["email"], full_name=rows[0]["full_name"], venue=context.settings.venue.name, field="new"
    )
    hashed = await passwords.hash(new)

    async def work(connection: Any) -> list[int]:
        if not await _set_password(connection, by.user_id, hashed, before=stored):
            raise AuthError("The old password is wrong.")  # it was changed a moment ago
        await account_tokens.use_up(connection, by.user_id, "reset")
        return await end_sessions(connection, by.user_id)

    row, once = write_queue.account(by.user_id), keys.once(key, work, nothing)
    return await context.shared.write_queue.transact([row], once, user=by.user_id)


async def change_profile(
    context: VenueContext,
    *,
    by: Identity,
    full_name: str | None,
    phone_number: str | None,
    language: str | None,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Account:
    """Change what is given; floors show another name or phone number at once. Raises what hub.store.keys.once raises,
    PhoneTaken, ValidationFailed for no phone number, Conflict, Changed for an account at another revision than these,
    and NotFound for one that is no more."""
    if phone_number is not None:
        phone_number = phones.checked(phone_number, context.venue.country)

    before: int | None = None

    async def work(connection: Any) -> Account:
        nonlocal before
        before = await _check_revision(connection, by.user_id, revisions)
        row = await connection.fetchrow(
            "UPDATE users SET full_name = coalesce($2, full_name), phone_number = coalesce($3, phone_number), "
            "language = coalesce($4, language), changed_at = clock_timestamp() WHERE id = $1 AND erased_at IS NULL "
            f"RETURNING {ACCOUNT}",
            by.user_id,
            full_name,
            phone_number,
            language,
        )
        if row is None:
            raise NotFound("This account does not exist any more.")
        return account_of(row)

    def kept(account: Account) -> dict[str, Any]:
        return keys.kept({"account": account.id}, unchanged=account.revision == before)

    if full_name is None and phone_number is None:
        row, once = write_queue.account(by.user_id), keys.once(key, work, kept)
        return await context.shared.write_queue.transact([row], once, user=by.user_id)
    return await guest_names.change(
        context.shared, by.user_id, work, by=by.user_id, request_id=request_id, key=key, kept=kept
    )


async def erase(
    context: VenueContext,
    *,
    by: Identity,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> list[int]:
    """The end of an account: name, addresses and password are gone everywhere, on open floors at once; numbers, times
    and tables stay.

    Raises HasBookings while bookings are to come, LastOwner for the last one of a venue, NotFound, Conflict, Changed
    for an account at another revision than these, and what hub.store.keys.once raises.
    """

    async def work(connection: Any) -> list[int]:
        # The row is locked FOR UPDATE, which keeps bookings out that are being made: their key to it waits.
        if not await connection.fetchval("SELECT id FROM users WHERE id = $1 AND erased_at IS NULL", by.user_id):
            raise NotFound("This account does not exist any more.")
        await _check_revision(connection, by.user_id, revisions)
        for row in await connection.fetch(OWNED, by.user_id):
            if await venues.is_last_owner(connection, row["id"], by.user_id):
                raise LastOwner()
        guest_ids = [row["id"] for row in await connection.fetch(GUESTS, by.user_id)]
        await guests.erase_rows(connection, guest_ids)
        for statement in ERASE:
            await connection.execute(statement, by.user_id)
        await connection.execute(END_MEMBERSHIPS, by.user_id)
        return await end_sessions(connection, by.user_id)

    return await guest_names.change(context.shared, by.user_id, work, by=by.user_id, request_id=request_id, key=key)


ERASE = (
    "UPDATE users SET email = 'erased-' || id || '@erased.invalid', phone_number = NULL, full_name = '–', "
    "password_hash = '-', role = 'user', verified_at = NULL, password_confirmed_at = NULL, "
    "disabled_at = clock_timestamp(), erased_at = clock_timestamp(), changed_at = clock_timestamp() WHERE id = $1",
    "DELETE FROM account_tokens WHERE user_id = $1",
    "UPDATE outbox SET target = '', last_error = NULL, claimed_until = NULL, dropped_at = CASE WHEN "
    "coalesce(sent_at, failed_at) IS NULL THEN coalesce(dropped_at, clock_timestamp()) ELSE dropped_at END "
    "WHERE user_id = $1",
    # Nobody can use the keys any more, and what they are called their owner chose.
    "DELETE FROM idempotency_keys WHERE caller = 'user:' || $1::bigint",
)
OWNED = (
    "SELECT v.id FROM venues v JOIN memberships m ON m.venue_id = v.id WHERE m.user_id = $1 AND m.role = 'owner' "
    "AND m.ended_at IS NULL AND v.retired_at IS NULL ORDER BY v.id FOR NO KEY UPDATE OF v"
)
END_MEMBERSHIPS = (
    "UPDATE memberships SET ended_at = clock_timestamp(), changed_at = clock_timestamp() "
    "WHERE user_id = $1 AND ended_at IS NULL"
)
GUESTS = "SELECT id FROM guests WHERE user_id = $1"


async def export(*, by: Identity) -> dict[str, Any]:
    """All that is kept of an account, JSON-ready: itself, its log-ins, what each group of venues knows of its owner,
    its bookings, their history, its mails. ``cut`` names that of which there is more than MOST_EXPORTED."""
    found: dict[str, Any] = {}
    cut = []
    for name, statement in EXPORT.items():
        rows = await database.fetch(f"{statement} LIMIT {MOST_EXPORTED + 1}", by.user_id)
        found[name] = [dict(row) for row in rows[:MOST_EXPORTED]]
        if len(rows) > MOST_EXPORTED:
            cut.append(name)
    [account] = found.pop("account") or [None]
    if account is None:
        raise NotFound("This account does not exist any more.")
    return {"account": account, **found, "cut": cut}


EXPORT = {
    "account": "SELECT id, email, phone_number, full_name, role, language, created_at, changed_at, verified_at, "
    "password_confirmed_at, logged_in_at FROM users WHERE id = $1 AND erased_at IS NULL",
    "sessions": "SELECT id, created_at, ended_at FROM sessions WHERE user_id = $1 ORDER BY id",
    "memberships": "SELECT v.slug AS venue, m.role, m.changed_at, m.ended_at FROM memberships m "
    "JOIN venues v ON v.id = m.venue_id WHERE m.user_id = $1 ORDER BY m.id",
    "guests": "SELECT id, group_id, name, phone, email, language, "
    "ARRAY(SELECT jsonb_array_elements_text(tags)) AS tags, created_at, changed_at "
    "FROM guests WHERE user_id = $1 ORDER BY id",
    "notes": f"SELECT n.id, n.guest_id, n.kind, n.text, {UNTIL} AS keep_until, n.created_at FROM guest_notes n "
    "JOIN guests g ON g.id = n.guest_id WHERE g.user_id = $1 ORDER BY n.id",
    "bookings": "SELECT b.id, b.guest_id, b.reference, b.channel, b.note, b.house_note, b.occasion, "
    "ARRAY(SELECT jsonb_array_elements_text(b.needs)) AS needs, "
    "b.guests, b.starts_at, b.ends_at, b.service_date, b.status, b.revision, b.created_at, "
    "b.updated_at, b.canceled_at, b.venue_id, t.name AS table FROM bookings b "
    "JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id WHERE b.user_id = $1 ORDER BY b.id",
    "waits": "SELECT w.id, w.venue_id, w.service_date, w.guest_id, w.guests, w.status, w.joined_at, w.quoted_from, "
    "w.quoted_until, w.promised_until, w.booking_id, w.changed_at FROM waitlist w "
    "JOIN guests g ON g.group_id = w.group_id AND g.id = w.guest_id WHERE g.user_id = $1 ORDER BY w.id",
    "changes": "SELECT e.stream, e.version, e.kind, e.at, (e.data->>'booking')::bigint AS booking, e.request_id "
    "FROM events e WHERE e.actor = $1 ORDER BY e.id",
    "mails": "SELECT o.id, o.booking_id, o.topic AS kind, o.target AS recipient, o.payload->>'language' AS language, "
    "o.created_at, o.due_at, o.sent_at, o.dropped_at, o.failed_at FROM outbox o "
    "LEFT JOIN bookings b ON b.venue_id = o.venue_id AND b.id = o.booking_id "
    "WHERE o.kind = 'mail' AND o.payload->>'audience' = 'guest' "
    "AND (o.user_id = $1 OR b.user_id = $1) ORDER BY o.id",
}


# -- what several verbs do


async def _check_revision(connection: Any, user_id: int, revisions: frozenset[int] | None) -> int | None:
    """Lock the account's row; returns its revision. Raises Changed, with what the account is, when it is at another
    one than these."""
    row = await connection.fetchrow(
        f"SELECT {ACCOUNT} FROM users WHERE id = $1 AND erased_at IS NULL FOR NO KEY UPDATE", user_id
    )
    if row is None:
        return None
    if revisions is not None and row["revision"] not in revisions:
        raise Changed(present=account_of(row))
    return account_of(row).revision


async def end_sessions(connection: Any, user_id: int) -> list[int]:
    """End every session of an account whose row this transaction has changed; returns their ids."""
    return [row[0] for row in await connection.fetch("SELECT hub_end_sessions($1)", user_id)]


async def _set_password(connection: Any, user_id: int, hashed: str, *, before: str | None = None) -> bool:
    done = await connection.fetchval(
        "UPDATE users SET password_hash = $2, changed_at = clock_timestamp() "
        "WHERE id = $1 AND erased_at IS NULL AND ($3::text IS NULL OR password_hash = $3) RETURNING id",
        user_id,
        hashed,
        before,
    )
    return done is not None


async def _confirm(connection: Any, settings: Settings, user_id: int, *, password: bool) -> ChangedAccount:
    """The mailbox is the account's, and the ``password`` too where that is proved: note it, and give the role that goes
    with the address once both are."""
    row = await connection.fetchrow(
        "SELECT email, role, password_confirmed_at FROM users "
        "WHERE id = $1 AND disabled_at IS NULL AND erased_at IS NULL FOR NO KEY UPDATE",
        user_id,
    )
    if row is None:
        raise AuthError(LINK_IS_OVER)
    confirmed = password or row["password_confirmed_at"] is not None
    role = "admin" if confirmed and row["email"] in settings.admin_emails else row["role"]
    row_now = await connection.fetchrow(
        "UPDATE users SET verified_at = coalesce(verified_at, clock_timestamp()), role = $2, password_confirmed_at = "
        "CASE WHEN $3 THEN coalesce(password_confirmed_at, clock_timestamp()) END, "
        f"changed_at = clock_timestamp() WHERE id = $1 RETURNING {ACCOUNT}",
        user_id,
        role,
        confirmed,
    )
    ended = await end_sessions(connection, user_id) if role != row["role"] else []
    return ChangedAccount(account_of(row_now), ended)
