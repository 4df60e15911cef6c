"""Accounts: who somebody is, what proves it, and what an operator notes of one. (hub.store.sessions: their log-ins.)"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.store import database


@dataclass(frozen=True, slots=True)
class Account:
    """Who somebody is, as that person may see it. ``disabled``: nobody may log in to it."""

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
    disabled: bool


@dataclass(frozen=True, slots=True)
class StoredCredentials:
    """An account, and the hash of its password."""

    id: int
    email: str
    full_name: str
    password_hash: str


COLUMNS = (
    "id, email, phone_number, full_name, role, language, created_at, verified_at IS NOT NULL, "
    "password_confirmed_at IS NOT NULL, revision, disabled_at IS NOT NULL"
)
READ = f"SELECT {COLUMNS} FROM users WHERE {{}} = $1 AND erased_at IS NULL"
CREDENTIALS = "SELECT id, email, full_name, password_hash FROM users WHERE {} = $1 AND (disabled_at IS NULL OR $2)"
REGISTER = (
    "WITH u AS (INSERT INTO users (email, phone_number, full_name, password_hash, role, language, "
    "created_at, changed_at) "
    "VALUES ($1, $2, $3, $4, 'user', $5, statement_timestamp(), statement_timestamp()) RETURNING id), "
    "s AS (INSERT INTO sessions (user_id) SELECT id FROM u RETURNING id), "
    "o AS (INSERT INTO outbox (kind, topic, target, payload, user_id, ordering_key, due_at, request_id) "
    "SELECT 'mail', 'verify', $1, jsonb_build_object('revision', 0, 'lead_minutes', 0, 'audience', 'guest', "
    "'language', $5::text), id, 'account:' || id, clock_timestamp(), $6 FROM u) "
    "SELECT u.id AS user_id, s.id AS session_id FROM u, s"
)
MAKE = (
    "INSERT INTO users (email, phone_number, full_name, password_hash, role, language, verified_at, "
    "password_confirmed_at, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, statement_timestamp(), "
    "statement_timestamp(), statement_timestamp(), statement_timestamp())"
)
CHANGE = (
    "UPDATE users SET full_name = coalesce($2, full_name), phone_number = coalesce($3, phone_number), "
    "language = coalesce($4, language), role = coalesce($5, role), password_hash = coalesce($6, password_hash), "
    "verified_at = coalesce(verified_at, CASE WHEN $6 IS NOT NULL THEN clock_timestamp() END), password_confirmed_at = "
    "coalesce(password_confirmed_at, CASE WHEN $6 IS NOT NULL THEN clock_timestamp() END), "
    f"changed_at = clock_timestamp() WHERE id = $1 RETURNING {COLUMNS}"
)
PROVE = (
    "UPDATE users SET password_hash = coalesce($2, password_hash), "
    "verified_at = coalesce(verified_at, CASE WHEN $4 THEN clock_timestamp() END), "
    "password_confirmed_at = coalesce(password_confirmed_at, CASE WHEN $5 THEN clock_timestamp() END), "
    "role = CASE WHEN email = ANY($6) AND ($4 OR verified_at IS NOT NULL) "
    "AND ($5 OR password_confirmed_at IS NOT NULL) THEN 'admin' ELSE role END, changed_at = clock_timestamp() "
    f"WHERE id = $1 AND erased_at IS NULL AND ($3::text IS NULL OR password_hash = $3) RETURNING {COLUMNS}"
)
LISTED = (
    f"SELECT {COLUMNS}, coalesce(s.open, 0), greatest(s.last, logged_in_at) FROM users LEFT JOIN (SELECT user_id, "
    "count(*) FILTER (WHERE ended_at IS NULL) AS open, max(created_at) AS last FROM sessions GROUP BY user_id) s "
    "ON s.user_id = id WHERE erased_at IS NULL ORDER BY role, email"
)


async def read(whose: int | str, connection: Any = database) -> Account | None:
    """An account by its id or its address, unless it was erased; ``connection``: within its transaction."""
    return _account(await connection.fetch(READ.format(_column(whose)), whose))


async def lock(connection: Any, user_id: int) -> Account | None:
    """The same, with its row locked until the end of the transaction."""
    return _account(await connection.fetch(f"{READ.format('id')} FOR NO KEY UPDATE", user_id))


def _column(whose: int | str) -> str:
    return "id" if isinstance(whose, int) else "email"


def _account(rows: Sequence[Any]) -> Account | None:
    return Account(*rows[0]) if rows else None


async def credentials(whose: int | str, *, disabled: bool = False) -> StoredCredentials | None:
    """Of an account by its id or its address; of a ``disabled`` one too where that is said."""
    rows = await database.fetch(CREDENTIALS.format(_column(whose)), whose, disabled)
    return StoredCredentials(*rows[0]) if rows else None


async def register(
    connection: Any, *, email: str, phone_number: str, full_name: str, password_hash: str, language: str,
    request_id: str | None,
) -> tuple[int, int]:  # fmt: skip
    """Make an account that is logged in, and the mail by which its address is verified; returns the ids of the account
    and of its session."""
    row = await connection.fetchrow(REGISTER, email, phone_number, full_name, password_hash, language, request_id)
    return row["user_id"], row["session_id"]


async def make(
    connection: Any,
    *,
    email: str,
    phone_number: str | None,
    full_name: str,
    password_hash: str,
    role: str,
    language: str,
) -> None:
    """Make an account whose address and password somebody vouches for."""
    await connection.execute(MAKE, email, phone_number, full_name, password_hash, role, language)


async def change(
    connection: Any, user_id: int, *, full_name: str | None, phone_number: str | None, language: str | None = None,
    role: str | None = None, password_hash: str | None = None,
) -> Account:  # fmt: skip
    """Change what is given of an account that the transaction has locked. Who gives another password vouches for it and
    for the address."""
    given = full_name, phone_number, language, role, password_hash
    return Account(*await connection.fetchrow(CHANGE, user_id, *given))


async def prove(
    connection: Any, user_id: int, *, password_hash: str | None = None, before: str | None = None,
    verified: bool = False, password_confirmed: bool = False, admins: Collection[str] = (),
) -> Account | None:  # fmt: skip
    """Note another password, and what is proved: that the address, and the password, are their owner's. Of both the
    accounts at the addresses of ``admins`` become admins. None: it was erased, or its password is not the one
    ``before`` any more."""
    given = password_hash, before, verified, password_confirmed, list(admins)
    return _account(await connection.fetch(PROVE, user_id, *given))


async def lock_at(connection: Any, email: str, *, disable: bool) -> int | None:
    """Lock the row of the account at an address, and ``disable`` it where that is said; returns its id."""
    found: int | None = await connection.fetchval(
        "UPDATE users SET disabled_at = coalesce(disabled_at, CASE WHEN $2 THEN clock_timestamp() END), "
        "changed_at = clock_timestamp() WHERE email = $1 RETURNING id", email, disable,
    )  # fmt: skip
    return found


async def enable(email: str) -> bool:
    """Let the account at an address log in again; false where there is none, or it was erased."""
    return bool(await database.write(
        "UPDATE users SET disabled_at = NULL, changed_at = clock_timestamp() "
        "WHERE email = $1 AND erased_at IS NULL RETURNING id", email,
    ))  # fmt: skip


async def names(user_ids: Collection[int]) -> dict[int, str]:
    """What people are called, by the ids of their accounts; of those that do not exist nothing."""
    rows = await database.fetch("SELECT id, full_name FROM users WHERE id = ANY($1)", sorted(user_ids))
    return {row["id"]: row["full_name"] for row in rows}


async def any_exists() -> bool:
    return bool(await database.fetch("SELECT 1 FROM users LIMIT 1"))


async def listed() -> list[tuple[Account, int, datetime | None]]:
    """All that were not erased, by role and address, each with its open sessions and its last log-in."""
    return [(Account(*account), open, last) for *account, open, last in await database.fetch(LISTED)]
