"""What an operator does to accounts by command: make, list, disable, end sessions, set a password. Needs a database.

An operator vouches for the address of an account that a command makes, so it is verified from the start, and for a
password that a command sets, so it is confirmed. Sessions that a command ends are noticed by every process within two
seconds.
"""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from hub.commands import guest_names, phones, venues, weak_passwords
from hub.commands.accounts import as_stored
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.domain import text
from hub.store import account_tokens, accounts, database, sessions
from hub.views.context import Context

NO_SUCH = "there is no account with this e-mail"
NOBODYS = (
    "nobody has verified this e-mail, so whoever registered it may not be its owner: give the account a new password"
)
NOT_THE_OWNERS = (
    "nobody has confirmed this account's password, so whoever chose it may not be the owner of the e-mail: give the "
    "account a new password"
)


async def create_user(
    settings: Settings,
    *,
    email: str,
    role: str,
    password: str | None,
    name: str | None,
    phone: str | None,
    venue: str | None = None,
) -> tuple[bool, str]:
    """Make a user, or change the role (and what else is given) of the one with this e-mail. ``venue``: the role is of
    the venue with this slug; the account's own stays, and a new one is a user's. Returns whether it was made, and the
    role that counts: the account's own may be more than that of the venue.

    Another own role, or another password, ends the account's sessions. A new user needs a password. So does staff whose
    address is not verified or whose password is not confirmed: a stranger may have registered it, and knows the present
    one. Raises ValueError without one, for what registration would refuse, and for what hub.commands.venues.set_member
    refuses; ValidationFailed for a weak password, and PhoneTaken.
    """
    own = role if venue is None else None
    email = as_stored(email)
    _check_address(email)
    phone = phones.normal(phone, settings.venue.country) if phone is not None else None
    name = text.name(name, most=255) if name is not None else None
    hashed = await _hashed(settings, password, email=email, name=name or "") if password is not None else None

    async def member(connection: Any) -> str:
        return role if venue is None else await venues.set_role(connection, slug=venue, email=email, role=role)

    async def make(connection: Any) -> str:
        if hashed is None:
            raise ValueError("a new user needs a password")
        await accounts.make(
            connection, email=email, phone_number=phone, full_name=name or email.partition("@")[0],
            password_hash=hashed, role=own or "user", language=settings.default_language,
        )  # fmt: skip
        return await member(connection)

    known = await accounts.credentials(email, disabled=True)
    if known is None:
        return True, await database.transact(make)
    user_id = known.id

    async def change(connection: Any) -> str:
        found = await accounts.lock(connection, user_id)
        if found is None:  # it was erased a moment ago
            raise ValueError(NO_SUCH)
        if hashed is None and own not in (None, "user"):
            if not found.verified:
                raise ValueError(NOBODYS)
            if not found.password_confirmed:
                raise ValueError(NOT_THE_OWNERS)
        await accounts.change(connection, user_id, full_name=name, phone_number=phone, role=own, password_hash=hashed)
        if hashed is not None or own not in (None, found.role):
            await account_tokens.use_up(connection, user_id, "reset")
            await sessions.end_all(connection, user_id)
        return await member(connection)

    if name is None and phone is None:
        return False, await database.transact(change)
    return False, await guest_names.change(_context(settings), None, user_id, change)


async def set_password(settings: Settings, *, email: str, password: str) -> None:
    """Another password, which is confirmed by that; the account's sessions end.

    A verified address of ADMIN_EMAILS makes its account an admin. Raises ValueError for no such account, and
    ValidationFailed.
    """
    email = as_stored(email)
    found = await accounts.credentials(email, disabled=True)
    if found is None:
        raise ValueError(NO_SUCH)
    user_id, hashed = found.id, await _hashed(settings, password, email=email, name=found.full_name)

    async def work(connection: Any) -> None:
        proved = await accounts.prove(
            connection, user_id, password_hash=hashed, password_confirmed=True, admins=settings.admin_emails
        )
        if proved is None:
            raise ValueError(NO_SUCH)  # it was erased a moment ago
        await account_tokens.use_up(connection, user_id, "reset")
        await sessions.end_all(connection, user_id)

    await database.transact(work)


async def disable(*, email: str) -> int:
    """Nobody logs in to this account until it is enabled; returns how many sessions ended. Raises ValueError."""
    return await _end(email, disable=True)


async def end_all_sessions(*, email: str) -> int:
    """Who uses this account has to log in anew; returns how many sessions ended. Raises ValueError."""
    return await _end(email, disable=False)


async def enable(*, email: str) -> None:
    """Let this account log in again. Raises ValueError."""
    if not await accounts.enable(as_stored(email)):
        raise ValueError(NO_SUCH)


async def _end(email: str, *, disable: bool) -> int:
    async def work(connection: Any) -> int:
        user_id = await accounts.lock_at(connection, as_stored(email), disable=disable)
        if user_id is None:
            raise ValueError(NO_SUCH)
        return len(await sessions.end_all(connection, user_id))

    return await database.transact(work)


async def listed(zone: ZoneInfo) -> list[str]:
    """One line an account: e-mail, role, whether it is verified, its password not confirmed, or it disabled; its open
    sessions and last log-in."""
    lines = []
    for each, open, latest in await accounts.listed():
        states = ["verified" if each.verified else "unverified"]
        if each.verified and not each.password_confirmed:
            states.append("password not confirmed")
        if each.disabled:
            states.append("disabled")
        last = f"{latest.astimezone(zone):%Y-%m-%d %H:%M}" if latest else "never"
        lines.append(f"{each.email}: {each.role}, {', '.join(states)}; last log-in {last}, {open} open")
    return lines


def _context(settings: Settings) -> Context:
    """Of a command: it publishes nothing, and the processes that serve find its events within a second."""
    return Context(settings, publish=lambda events: None)


async def _hashed(settings: Settings, password: str, *, email: str, name: str) -> str:
    if len(password) > 128:
        raise ValueError("the password needs 8 to 128 characters")
    weak_passwords.check(password, email=email, full_name=name, venue=settings.venue.name)
    passwords = Passwords()
    try:
        return await passwords.hash(password)
    finally:
        passwords.close()


def _check_address(email: str) -> None:
    """The form of an e-mail, for what a command gives. Raises ValueError."""
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", email) or len(email) > 254 or text.clean(email) != email:
        raise ValueError("that is not an e-mail address")
