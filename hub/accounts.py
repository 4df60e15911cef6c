"""Accounts and log-ins: register, log in, stay logged in, log out, who am I; and making a user by command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from hub import database, weak_passwords
from hub.config import Settings
from hub.domain import text
from hub.errors import AuthError, NotFound, SessionOver
from hub.house import House
from hub.security import Identity, Passwords, Tokens
from hub.throttle import Attempt


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
    house: House,
    *,
    passwords: Passwords,
    tokens: Tokens,
    email: str,
    password: str,
    phone_number: str,
    full_name: str,
    language: str | None = None,
) -> Grant:
    """A new account, logged in. Raises EmailTaken, PhoneTaken, Overloaded, ValidationFailed for a weak password."""
    password = weak_passwords.check(password, email=email, full_name=full_name, venue=house.settings.venue.name)
    email = email.lower()
    role = "admin" if email in house.settings.admin_emails else "user"
    hashed = await passwords.hash(password)
    [row] = await database.fetch(
        "WITH u AS (INSERT INTO users (email, phone_number, full_name, password_hash, role, language) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id), "
        "s AS (INSERT INTO sessions (user_id) SELECT id FROM u RETURNING id) "
        "SELECT u.id AS user_id, s.id AS session_id FROM u, s",
        email,
        phone_number,
        full_name,
        hashed,
        role,
        language or house.settings.default_language,
    )
    return Grant(*tokens.make(user_id=row["user_id"], role=role, session_id=row["session_id"]))


async def log_in(
    house: House, *, passwords: Passwords, tokens: Tokens, email: str, password: str, attempt: Attempt | None = None
) -> Grant:
    """A new session. Raises AuthError, alike and as slowly for an unknown e-mail as for a wrong password.

    ``attempt`` is told whose account it is.
    """
    rows = await database.fetch("SELECT id, role, password_hash FROM users WHERE email = $1", as_stored(email))
    found = rows[0] if rows else None
    if found is not None and attempt is not None:
        attempt.user_id = found["id"]
    if not await passwords.verify(password, found["password_hash"] if found else None) or found is None:
        raise AuthError("The e-mail or the password is wrong.")
    [session] = await database.fetch("INSERT INTO sessions (user_id) VALUES ($1) RETURNING id", found["id"])
    return Grant(*tokens.make(user_id=found["id"], role=found["role"], session_id=session["id"]))


async def refresh(house: House, *, tokens: Tokens, by: Identity) -> Grant:
    """A new token of the same session, with the role as it is now. Raises SessionOver SESSION_HOURS after log-in."""
    rows = await database.fetch(
        "SELECT u.role, s.ended_at IS NOT NULL AS ended, s.created_at + $2 <= clock_timestamp() AS over "
        "FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.user_id = $3",
        by.session_id,
        house.settings.session_length,
        by.user_id,
    )
    if not rows or rows[0]["ended"]:
        raise AuthError()
    if rows[0]["over"]:
        raise SessionOver()
    return Grant(*tokens.make(user_id=by.user_id, role=rows[0]["role"], session_id=by.session_id))


async def log_out(house: House, *, by: Identity, everywhere: bool = False) -> list[int]:
    """End this session, or all of the user's; returns the ids of those that were ended now.

    Every process learns of them from the database within two seconds.
    """
    which = "user_id = $1" if everywhere else "user_id = $1 AND id = $2"
    rows = await database.fetch(
        f"UPDATE sessions SET ended_at = clock_timestamp() WHERE {which} AND ended_at IS NULL RETURNING id",  # noqa: S608 a constant
        *((by.user_id,) if everywhere else (by.user_id, by.session_id)),
    )
    return [row["id"] for row in rows]


async def who_am_i(house: House, *, by: Identity) -> Account:
    """The caller's own account. Raises NotFound when it no longer exists."""
    rows = await database.fetch(
        "SELECT id, email, phone_number, full_name, role, language, created_at FROM users WHERE id = $1", by.user_id
    )
    if not rows:
        raise NotFound("This account does not exist any more.")
    return Account(*rows[0])


async def create_user(
    settings: Settings, *, email: str, role: str, password: str | None, name: str | None, phone: str | None
) -> bool:
    """Make a user, or change the role (and what else is given) of the one with this e-mail; true when it was made.

    Needs an open database. A new user needs a password. Raises ValueError without one, or for what registration would
    refuse, and PhoneTaken.
    """
    email = as_stored(email)
    _check_lengths(email, password, phone)
    name = text.name(name, most=255) if name is not None else None
    hashed = None
    if password is not None:
        weak_passwords.check(password, email=email, full_name=name or "", venue=settings.venue.name)
        passwords = Passwords()
        hashed = await passwords.hash(password)
        passwords.close()
    changed = await database.fetch(
        "UPDATE users SET role = $2, full_name = coalesce($3, full_name), phone_number = coalesce($4, phone_number), "
        "password_hash = coalesce($5, password_hash), changed_at = clock_timestamp() WHERE email = $1 RETURNING id",
        email,
        role,
        name,
        phone,
        hashed,
    )
    if changed:
        return False
    if hashed is None:
        raise ValueError("a new user needs a password")
    await database.fetch(
        "INSERT INTO users (email, phone_number, full_name, password_hash, role, language) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        email,
        phone,
        name or email.partition("@")[0],
        hashed,
        role,
        settings.default_language,
    )
    return True


def _check_lengths(email: str, password: str | None, phone: str | None) -> None:
    """The bounds of registration, for what a command gives. Raises ValueError."""
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", email) or len(email) > 254:
        raise ValueError("that is not an e-mail address")
    for what, value, low, high in (
        ("the password", password, 8, 128),
        ("the phone number", phone, 5, 32),
    ):
        if value is not None and not low <= len(value) <= high:
            raise ValueError(f"{what} needs {low} to {high} characters")
