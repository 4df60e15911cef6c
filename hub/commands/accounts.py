"""Accounts and log-ins: register, log in, stay logged in, log out, who am I; and making a user by command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email

from hub.commands import phones, weak_passwords
from hub.commands.passwords import Passwords
from hub.commands.throttle import Attempt
from hub.errors import AuthError, NotFound, SessionOver
from hub.security import Identity, Tokens
from hub.store import database, keys, write_queue
from hub.store.keys import Key
from hub.views.context import VenueContext


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token and the seconds that it lives."""

    access_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Account:
    """Who somebody is, as that person may see it."""

    id: int
    email: str
    phone_number: str | None
    full_name: str
    role: str
    language: str
    created_at: datetime
    verified: bool
    password_confirmed: bool
    revision: int


ACCOUNT = "id, email, phone_number, full_name, role, language, created_at, verified_at, password_confirmed_at, revision"
"""The columns of users that an Account is made of."""


def account_of(row: Any) -> Account:
    return Account(
        row["id"],
        row["email"],
        row["phone_number"],
        row["full_name"],
        row["role"],
        row["language"],
        row["created_at"],
        row["verified_at"] is not None,
        row["password_confirmed_at"] is not None,
        row["revision"],
    )


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
    statement = (
        "WITH u AS (INSERT INTO users (email, phone_number, full_name, password_hash, role, language, "
        "created_at, changed_at) "
        "VALUES ($1, $2, $3, $4, 'user', $5, statement_timestamp(), statement_timestamp()) RETURNING id), "
        "s AS (INSERT INTO sessions (user_id) SELECT id FROM u RETURNING id), "
        "o AS (INSERT INTO outbox (kind, topic, target, payload, user_id, ordering_key, due_at, request_id) "
        "SELECT 'mail', 'verify', $1, jsonb_build_object('revision', 0, 'lead_minutes', 0, 'audience', 'guest', "
        "'language', $5::text), id, 'account:' || id, clock_timestamp(), $6 FROM u) "
        "SELECT u.id AS user_id, s.id AS session_id FROM u, s"
    )
    spoken = language or context.settings.default_language

    async def work(connection: Any) -> Any:
        return await connection.fetchrow(statement, email, phone_number, full_name, hashed, spoken, request_id)

    once = keys.once(key, work, lambda row: {"account": row["user_id"]})
    row = await context.shared.write_queue.transact([write_queue.address(email)], once, user=None)
    return Grant(*tokens.make(user_id=row["user_id"], role="user", session_id=row["session_id"]))


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
    rows = await database.fetch(
        "SELECT id, password_hash FROM users WHERE email = $1 AND disabled_at IS NULL", as_stored(email)
    )
    found = rows[0] if rows else None
    if found is not None and attempt is not None:
        attempt.user_id = found["id"]
    stored, last = found["password_hash"] if found else None, attempt is not None and attempt.last
    if not await passwords.verify(password, stored, last=last) or found is None:
        raise AuthError("The e-mail or the password is wrong.")
    # The row is held while the session is made: a change of password or an end of all sessions either waits for this
    # session and ends it too, or comes first, and then the password is not the one that was checked.
    made = await context.shared.write_queue.write(
        [write_queue.account(found["id"])],
        "WITH u AS (SELECT id, role FROM users WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL "
        "FOR SHARE), "
        "s AS (INSERT INTO sessions (user_id) SELECT id FROM u RETURNING id) "
        "SELECT s.id AS session_id, u.role FROM s, u",
        found["id"],
        found["password_hash"],
        user=found["id"],
    )
    if not made:
        raise AuthError("The e-mail or the password is wrong.")
    return Grant(*tokens.make(user_id=found["id"], role=made[0]["role"], session_id=made[0]["session_id"]))


async def is_password(passwords: Passwords, *, user_id: int, password: str, attempt: Attempt | None = None) -> bool:
    """Whether it is the present password of an account that may log in."""
    rows = await database.fetch("SELECT password_hash FROM users WHERE id = $1 AND disabled_at IS NULL", user_id)
    last = attempt is not None and attempt.last
    return await passwords.verify(password, rows[0]["password_hash"] if rows else None, last=last)


async def email_of(user_id: int) -> str | None:
    """The address of an account that may log in."""
    rows = await database.fetch("SELECT email FROM users WHERE id = $1 AND disabled_at IS NULL", user_id)
    return rows[0]["email"] if rows else None


async def refresh(context: VenueContext, *, tokens: Tokens, by: Identity) -> Grant:
    """A new token of the same session, with the role as it is now. Raises SessionOver SESSION_HOURS after log-in."""
    rows = await database.fetch(
        "SELECT u.role, s.ended_at IS NOT NULL AS ended, s.created_at + $2 <= clock_timestamp() AS over "
        "FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.user_id = $3",
        by.session_id,
        context.settings.session_length,
        by.user_id,
    )
    if not rows or rows[0]["ended"]:
        raise AuthError()
    if rows[0]["over"]:
        raise SessionOver()
    return Grant(*tokens.make(user_id=by.user_id, role=rows[0]["role"], session_id=by.session_id))


async def log_out(context: VenueContext, *, by: Identity, everywhere: bool = False) -> list[int]:
    """End this session, or all of the user's; returns the ids of those that were ended now.

    Every process learns of them from the database within two seconds.
    """
    which = "user_id = $1" if everywhere else "user_id = $1 AND id = $2"
    rows = await context.shared.write_queue.write(
        [write_queue.account(by.user_id)],
        f"UPDATE sessions SET ended_at = clock_timestamp() WHERE {which} AND ended_at IS NULL RETURNING id",  # noqa: S608 a constant
        *((by.user_id,) if everywhere else (by.user_id, by.session_id)),
        user=by.user_id,
    )
    return [row["id"] for row in rows]


async def who_am_i(*, user_id: int) -> Account:
    """An account, for its owner. Raises NotFound when it no longer exists."""
    query = f"SELECT {ACCOUNT} FROM users WHERE id = $1 AND erased_at IS NULL"  # noqa: S608 a constant
    rows = await database.fetch(query, user_id)
    if not rows:
        raise NotFound("This account does not exist any more.")
    return account_of(rows[0])
