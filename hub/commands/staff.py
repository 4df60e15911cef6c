"""What an operator does to accounts by command: make, list, disable, end sessions, set a password. Needs a database.

An operator vouches for the address of an account that a command makes, so it is verified from the start, and for a
password that a command sets, so it is confirmed. Sessions that a command ends are noticed by every process within two
seconds.
"""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from hub.commands import guest_names, phones, weak_passwords
from hub.commands.account_life import end_sessions
from hub.commands.accounts import as_stored
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.domain import text
from hub.store import account_tokens, database
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
    settings: Settings, *, email: str, role: str, password: str | None, name: str | None, phone: str | None
) -> bool:
    """Make a user, or change the role (and what else is given) of the one with this e-mail; true when it was made.

    Another role or password ends the account's sessions. A new user needs a password. So does staff whose address is
    not verified or whose password is not confirmed: a stranger may have registered it, and knows the present one.
    Raises ValueError without one, or for what registration would refuse, ValidationFailed for a weak password, and
    PhoneTaken.
    """
    email = as_stored(email)
    _check_address(email)
    phone = phones.normal(phone, settings.venue.country) if phone is not None else None
    name = text.name(name, most=255) if name is not None else None
    hashed = await _hashed(settings, password, email=email, name=name or "") if password is not None else None

    rows = await database.fetch("SELECT id FROM users WHERE email = $1", email)
    if not rows:
        if hashed is None:
            raise ValueError("a new user needs a password")
        await database.write(
            "INSERT INTO users (email, phone_number, full_name, password_hash, role, language, verified_at, "
            "password_confirmed_at, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, statement_timestamp(), "
            "statement_timestamp(), statement_timestamp(), statement_timestamp())",
            email,
            phone,
            name or email.partition("@")[0],
            hashed,
            role,
            settings.default_language,
        )
        return True
    user_id = rows[0]["id"]

    async def work(connection: Any) -> None:
        found = await connection.fetchrow(
            "SELECT id, role, verified_at, password_confirmed_at FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id
        )
        if hashed is None and role != "user":
            if found["verified_at"] is None:
                raise ValueError(NOBODYS)
            if found["password_confirmed_at"] is None:
                raise ValueError(NOT_THE_OWNERS)
        await connection.execute(
            "UPDATE users SET role = $2, full_name = coalesce($3, full_name), "
            "phone_number = coalesce($4, phone_number), password_hash = coalesce($5, password_hash), "
            "verified_at = CASE WHEN $5::text IS NULL THEN verified_at ELSE coalesce(verified_at, clock_timestamp()) "
            "END, password_confirmed_at = CASE WHEN $5::text IS NULL THEN password_confirmed_at "
            "ELSE coalesce(password_confirmed_at, clock_timestamp()) END, "
            "changed_at = clock_timestamp() WHERE id = $1",
            found["id"],
            role,
            name,
            phone,
            hashed,
        )
        if hashed is not None or role != found["role"]:
            await account_tokens.use_up(connection, found["id"], "reset")
            await end_sessions(connection, found["id"])

    if name is None and phone is None:
        await database.transact(work)
    else:
        await guest_names.change(_context(settings), user_id, work, by=None)
    return False


async def set_password(settings: Settings, *, email: str, password: str) -> None:
    """Another password, which is confirmed by that; the account's sessions end.

    A verified address of ADMIN_EMAILS makes its account an admin. Raises ValueError for no such account, and
    ValidationFailed.
    """
    email = as_stored(email)
    rows = await database.fetch("SELECT id, full_name FROM users WHERE email = $1", email)
    if not rows:
        raise ValueError(NO_SUCH)
    hashed = await _hashed(settings, password, email=email, name=rows[0]["full_name"])

    async def work(connection: Any) -> None:
        await connection.execute(
            "UPDATE users SET password_hash = $2, changed_at = clock_timestamp(), "
            "password_confirmed_at = coalesce(password_confirmed_at, clock_timestamp()), "
            "role = CASE WHEN $3 AND verified_at IS NOT NULL THEN 'admin' ELSE role END WHERE id = $1",
            rows[0]["id"],
            hashed,
            email in settings.admin_emails,
        )
        await account_tokens.use_up(connection, rows[0]["id"], "reset")
        await end_sessions(connection, rows[0]["id"])

    await database.transact(work)


async def disable(*, email: str) -> int:
    """Nobody logs in to this account until it is enabled; returns how many sessions ended. Raises ValueError."""
    return await _end(email, "disabled_at = coalesce(disabled_at, clock_timestamp()), changed_at = clock_timestamp()")


async def end_all_sessions(*, email: str) -> int:
    """Who uses this account has to log in anew; returns how many sessions ended. Raises ValueError."""
    return await _end(email, "changed_at = clock_timestamp()")


async def enable(*, email: str) -> None:
    """Let this account log in again. Raises ValueError."""
    query = (
        "UPDATE users SET disabled_at = NULL, changed_at = clock_timestamp() "
        "WHERE email = $1 AND erased_at IS NULL RETURNING id"
    )
    if not await database.write(query, as_stored(email)):
        raise ValueError(NO_SUCH)


async def _end(email: str, change: str) -> int:
    async def work(connection: Any) -> int:
        user_id = await connection.fetchval(
            f"UPDATE users SET {change} WHERE email = $1 RETURNING id",  # noqa: S608 a constant
            as_stored(email),
        )
        if user_id is None:
            raise ValueError(NO_SUCH)
        return len(await end_sessions(connection, user_id))

    return await database.transact(work)


async def listed(zone: ZoneInfo) -> list[str]:
    """One line an account: e-mail, role, whether it is verified, its password not confirmed, or it disabled; its open
    sessions and last log-in."""
    rows = await database.fetch(
        "SELECT u.email, u.role, u.verified_at, u.password_confirmed_at, u.disabled_at, "
        "count(s.id) FILTER (WHERE s.ended_at IS NULL) AS open, greatest(max(s.created_at), u.logged_in_at) AS last "
        "FROM users u LEFT JOIN sessions s ON s.user_id = u.id WHERE u.erased_at IS NULL "
        "GROUP BY u.id ORDER BY u.role, u.email"
    )
    lines = []
    for row in rows:
        states = ["verified" if row["verified_at"] else "unverified"]
        if row["verified_at"] and not row["password_confirmed_at"]:
            states.append("password not confirmed")
        if row["disabled_at"]:
            states.append("disabled")
        last = f"{row['last'].astimezone(zone):%Y-%m-%d %H:%M}" if row["last"] else "never"
        lines.append(f"{row['email']}: {row['role']}, {', '.join(states)}; last log-in {last}, {row['open']} open")
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
