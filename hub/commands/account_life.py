"""What becomes of an account after its registration: verified, reset, changed, exported, erased.

Whatever changes who may use an account (its password, its role, its end) ends its sessions in the same transaction;
each verb returns their ids, for this process to know at once. The others learn them from the database within seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.commands import guest_names, phones, weak_passwords
from hub.commands.accounts import Grant
from hub.commands.call import Call
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.errors import AuthError, Conflict, LastOwner, NotFound
from hub.security import Identity, Tokens
from hub.store import account_tokens, accounts, erasure, exports, keys, sessions, venues, write_queue
from hub.store.accounts import Account
from hub.store.keys import Key, nothing
from hub.views.context import VenueContext

LINK_IS_OVER = "This link is not valid any more. Ask for a new one."
GONE = "This account does not exist any more."


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
    before, hashed = found.password_hash, None
    own_session = by is not None and by.user_id == found.id
    confirmed = own_session or password is not None
    if password is not None and not own_session and not await passwords.verify(password, before):
        weak_passwords.check(password, email=found.email, full_name=found.full_name, venue=settings.venue.name)
        hashed = await passwords.hash(password)

    async def work(connection: Any) -> ChangedAccount:
        user_id = await account_tokens.take(connection, token, "verify")
        if user_id is None:
            raise AuthError(LINK_IS_OVER)
        if confirmed and not await accounts.prove(connection, user_id, password_hash=hashed, before=before):
            raise Conflict()
        await account_tokens.use_up(connection, user_id, "verify", *(("reset",) if hashed else ()))
        changed = await _confirm(connection, settings, user_id, password=confirmed)
        ended = await sessions.end_all(connection, user_id) if hashed else []
        return ChangedAccount(changed.account, [*changed.ended, *ended])

    once = keys.once(key, work, lambda changed: {"account": changed.account.id})
    return await context.shared.write_queue.transact([write_queue.account(found.id)], once, user=found.id)


async def ask_reset(context: VenueContext, *, email: str, request_id: str | None, key: Key | None = None) -> None:
    """Enqueue a mail with a link to set a new password, if there is such an account; nobody can tell by the time."""

    async def work(connection: Any) -> None:
        await account_tokens.enqueue(connection, email, request_id)

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
    weak_passwords.check(password, email=found.email, full_name=found.full_name, venue=settings.venue.name)
    hashed = await passwords.hash(password)

    async def work(connection: Any) -> tuple[int, Grant, list[int]]:
        user_id = await account_tokens.take(connection, token, "reset")
        if user_id is None:
            raise AuthError(LINK_IS_OVER)
        await account_tokens.use_up(connection, user_id, "reset", "verify")
        await accounts.prove(connection, user_id, password_hash=hashed)
        changed = await _confirm(connection, settings, user_id, password=True)
        ended = [*changed.ended, *await sessions.end_all(connection, user_id)]
        session = await sessions.begin_in(connection, user_id)
        return user_id, Grant(*tokens.make(user_id=user_id, role=changed.account.role, session_id=session)), ended

    once = keys.once(key, work, lambda done: {"account": done[0]})
    row = write_queue.account(found.id)
    _, grant, ended = await context.shared.write_queue.transact([row], once, user=found.id)
    return grant, ended


async def change_password(context: VenueContext, call: Call, *, passwords: Passwords, old: str, new: str) -> list[int]:
    """Another password; all sessions end, the caller's too. Raises AuthError when ``old`` is not the present one."""
    user_id = call.by.user_id
    found = await accounts.credentials(user_id, disabled=True)
    stored = found.password_hash if found else None
    if not await passwords.verify(old, stored) or found is None:
        raise AuthError("The old password is wrong.")
    weak_passwords.check(
        new, email=found.email, full_name=found.full_name, venue=context.settings.venue.name, field="new"
    )
    hashed = await passwords.hash(new)

    async def work(connection: Any) -> list[int]:
        if not await accounts.prove(connection, user_id, password_hash=hashed, before=stored):
            raise AuthError("The old password is wrong.")  # it was changed a moment ago
        await account_tokens.use_up(connection, user_id, "reset")
        return await sessions.end_all(connection, user_id)

    row, once = write_queue.account(user_id), keys.once(call.key, work, nothing)
    return await context.shared.write_queue.transact([row], once, user=user_id)


async def change_profile(
    context: VenueContext, call: Call, *, full_name: str | None, phone_number: str | None, language: str | None
) -> Account:
    """Change what is given; floors show another name or phone number at once. Raises what hub.store.keys.once raises,
    PhoneTaken, ValidationFailed for no phone number, Conflict, Changed, and NotFound for an account that is no more."""
    user_id = call.by.user_id
    if phone_number is not None:
        phone_number = phones.checked(phone_number, context.venue.country)

    before: Account | None = None

    async def work(connection: Any) -> Account:
        nonlocal before
        before = await _locked(connection, call)
        return await accounts.change(
            connection, user_id, full_name=full_name, phone_number=phone_number, language=language
        )

    def kept(account: Account) -> dict[str, Any]:
        return keys.kept({"account": account.id}, unchanged=before is not None and account.revision == before.revision)

    if full_name is None and phone_number is None:
        row, once = write_queue.account(user_id), keys.once(call.key, work, kept)
        return await context.shared.write_queue.transact([row], once, user=user_id)
    return await guest_names.change(context.shared, call, user_id, work, kept=kept)


async def erase(context: VenueContext, call: Call) -> list[int]:
    """The end of an account: name, addresses and password are gone everywhere, on open floors at once; numbers, times
    and tables stay.

    Raises HasBookings while bookings are to come, LastOwner for the last one of a venue, NotFound, Conflict, Changed,
    and what hub.store.keys.once raises.
    """
    user_id = call.by.user_id

    async def work(connection: Any) -> list[int]:
        # The row is locked FOR UPDATE, which keeps bookings out that are being made: their key to it waits.
        await _locked(connection, call)
        for venue_id in await venues.lock_owned(connection, user_id):
            if await venues.is_last_owner(connection, venue_id, user_id):
                raise LastOwner()
        await erasure.erase_account(connection, user_id)
        return await sessions.end_all(connection, user_id)

    return await guest_names.change(context.shared, call, user_id, work)


async def export(*, by: Identity) -> dict[str, Any]:
    """All that is kept of an account, JSON-ready: itself, its log-ins, what each group of venues knows of its owner,
    its bookings, their history, its mails. ``cut`` names that of which there is more than hub.store.exports.MOST."""
    found, cut = await exports.read(by.user_id)
    rows = found.pop("account")
    if not rows:
        raise NotFound(GONE)
    return {"account": rows[0], **found, "cut": cut}


# -- what several verbs do


async def _locked(connection: Any, call: Call) -> Account:
    """The caller's account, its row locked. Raises NotFound when it was erased, and Changed, with what it is."""
    found = await accounts.lock(connection, call.by.user_id)
    if found is None:
        raise NotFound(GONE)
    call.check(found.revision, present=found)
    return found


async def _confirm(connection: Any, settings: Settings, user_id: int, *, password: bool) -> ChangedAccount:
    """The mailbox is the account's, and the ``password`` too where that is proved: note it, and give the role that goes
    with the address once both are."""
    before = await accounts.lock(connection, user_id)
    if before is None or before.disabled:
        raise AuthError(LINK_IS_OVER)
    admins = settings.admin_emails
    account = await accounts.prove(connection, user_id, verified=True, password_confirmed=password, admins=admins)
    assert account is not None
    ended = await sessions.end_all(connection, user_id) if account.role != before.role else []
    return ChangedAccount(account, ended)
