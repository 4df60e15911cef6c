"""Accounts and log-ins: register, log in, stay logged in, log out, who am I; and making a user by command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email

from hub.commands import phones, weak_passwords
from hub.commands.passwords import Passwords
from hub.commands.throttle import Attempt
from hub.errors import AuthError, NotFound, SessionOver
from hub.security import Identity, Tokens
from hub.store import accounts, keys, sessions, write_queue
from hub.store.accounts import Account
from hub.store.keys import Key
from hub.views.context import VenueContext


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token and the seconds that it lives."""

    access_token: str
    expires_in: int


def address(given: str) -> str:
    """An e-mail address in the one form in which it is stored and looked for. Raises ValueError for what is none."""
    try:
        # Whether mail can be delivered to it is for the mail to find out.
        return validate_email(given.strip(), check_deliverability=False, globally_deliverable=False).normalized.lower()
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None


def as_stored(given: str) -> str:
    """The form in which an address was stored, also by `hub create-user`, which takes any text for one."""
    try:
        return address(given)
    except ValueError:
        return given.strip().lower()


async def register(
    context: VenueContext,
    *,
    passwords: Passwords,
    tokens: Tokens,
    email: str,
    password: str,
    phone_number: str,
    full_name: str,
    language: str | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Grant:
    """A new account of a user, logged in, with a mail to send by which its owner verifies the address.

    Raises what hub.store.keys.once raises, EmailTaken, PhoneTaken, Overloaded, and ValidationFailed for a weak password
    or no phone number.
    """
    phone_number = phones.checked(phone_number, context.venue.country)
    password = weak_passwords.check(password, email=email, full_name=full_name, venue=context.settings.venue.name)
    email = email.lower()
    hashed = await passwords.hash(password)
    spoken = language or context.settings.default_language

    async def work(connection: Any) -> tuple[int, int]:
        return await accounts.register(
            connection, email=email, phone_number=phone_number, full_name=full_name, password_hash=hashed,
            language=spoken, request_id=request_id,
        )  # fmt: skip

    once = keys.once(key, work, lambda made: {"account": made[0]})
    user_id, session_id = await context.shared.write_queue.transact([write_queue.address(email)], once, user=None)
    return Grant(*tokens.make(user_id=user_id, role="user", session_id=session_id))


async def log_in(
    context: VenueContext,
    *,
    passwords: Passwords,
    tokens: Tokens,
    email: str,
    password: str,
    attempt: Attempt | None = None,
) -> Grant:
    """A new session. Raises AuthError, alike and as slowly for an unknown e-mail as for a wrong password.

    ``attempt`` learns whose account it is, and says whether others go first.
    """
    found = await accounts.credentials(as_stored(email))
    if found is not None and attempt is not None:
        attempt.user_id = found.id
    stored, last = found.password_hash if found else None, attempt is not None and attempt.last
    if not await passwords.verify(password, stored, last=last) or found is None:
        raise AuthError("The e-mail or the password is wrong.")
    made = await sessions.begin(context.shared.write_queue, found.id, found.password_hash)
    if made is None:
        raise AuthError("The e-mail or the password is wrong.")
    session_id, role = made
    return Grant(*tokens.make(user_id=found.id, role=role, session_id=session_id))


async def is_password(passwords: Passwords, *, user_id: int, password: str, attempt: Attempt | None = None) -> bool:
    """Whether it is the present password of an account that may log in."""
    found, last = await accounts.credentials(user_id), attempt is not None and attempt.last
    return await passwords.verify(password, found.password_hash if found else None, last=last)


async def email_of(user_id: int) -> str | None:
    """The address of an account that may log in."""
    found = await accounts.credentials(user_id)
    return found.email if found else None


async def refresh(context: VenueContext, *, tokens: Tokens, by: Identity) -> Grant:
    """A new token of the same session, with the role as it is now. Raises SessionOver SESSION_HOURS after log-in."""
    found = await sessions.read(by.session_id, by.user_id, context.settings.session_length)
    role, is_ended, is_over = found or ("", True, True)
    if is_ended:
        raise AuthError()
    if is_over:
        raise SessionOver()
    return Grant(*tokens.make(user_id=by.user_id, role=role, session_id=by.session_id))


async def log_out(context: VenueContext, *, by: Identity, everywhere: bool = False) -> list[int]:
    """End this session, or all of the user's; returns the ids of those that were ended now.

    Every process learns of them from the database within two seconds.
    """
    return await sessions.end(context.shared.write_queue, by.user_id, None if everywhere else by.session_id)


async def who_am_i(*, user_id: int) -> Account:
    """An account, for its owner. Raises NotFound when it no longer exists."""
    found = await accounts.read(user_id)
    if found is None:
        raise NotFound("This account does not exist any more.")
    return found
