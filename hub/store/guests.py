"""Guests: who dines in the venues of a group, as their rows say it. (hub.store.guest_book: what is known of them.)"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.store import database

MOST_ALIKE = 100
"""How many guests of one phone number or address are compared by their names."""
COLUMNS = "id, name, phone, email, language, user_id, created_at, revision"
READ = f"SELECT {COLUMNS} FROM guests WHERE group_id = $1 AND id = $2 AND erased_at IS NULL"
GUEST_OF = "SELECT hub_guest($1, $2) AS id"
SHARE = "SELECT revision FROM guests WHERE group_id = $1 AND id = $2 AND erased_at IS NULL FOR SHARE"
CHANGE = (
    "UPDATE guests SET name = coalesce($3, name), phone = $4, email = $5, language = coalesce($6, language), "
    f"changed_at = clock_timestamp() WHERE group_id = $1 AND id = $2 RETURNING {COLUMNS}"
)
# An account may say anybody's name and phone number; that the e-mail is theirs, its owner has proved. An address that
# was given is where the mails are expected: a guest with another one, or with none, is not taken for it.
ALIKE = (
    "SELECT g.id, g.user_id, g.name FROM guests g LEFT JOIN users u ON u.id = g.user_id "
    "WHERE g.group_id = $1 AND g.erased_at IS NULL AND (g.phone = $2 OR g.email = $3) "
    "AND ($3::text IS NULL OR g.email = $3) AND (g.user_id IS NULL OR (g.email = $3 AND u.verified_at IS NOT NULL)) "
    f"ORDER BY g.user_id IS NULL, g.id LIMIT {MOST_ALIKE}"
)


@dataclass(frozen=True, slots=True)
class Details:
    """What is written of a guest. ``user_id`` is their account: it says it, and they alone change it."""

    id: int
    name: str
    phone: str | None
    email: str | None
    language: str
    user_id: int | None
    created_at: datetime
    revision: int

    @property
    def has_account(self) -> bool:
        return self.user_id is not None


@dataclass(frozen=True, slots=True)
class Namesake:
    """A guest who may be the one whom somebody named."""

    id: int
    user_id: int | None
    name: str


async def read(group_id: int, guest_id: int, connection: Any = database) -> Details | None:
    """A guest of a group, unless they were erased; ``connection``: within its transaction."""
    rows: Sequence[Any] = await connection.fetch(READ, group_id, guest_id)
    return Details(*rows[0]) if rows else None


async def of_account(group_id: int, user_id: int) -> int | None:
    """The guest that an account is in a group, who is made where there is none. None: the account is no more."""
    [row] = await database.fetch(GUEST_OF, group_id, user_id)
    found: int | None = row["id"]
    return found


async def alike(group_id: int, phone: str | None, email: str | None) -> list[Namesake]:
    """The guests of a group with this phone number or e-mail, an account's first."""
    return [Namesake(*row) for row in await database.fetch(ALIKE, group_id, phone, email)]


async def new_id() -> int:
    """An id that is set aside for a guest who is still to be written."""
    [row] = await database.fetch("SELECT nextval(pg_get_serial_sequence('guests', 'id')) AS id")
    found: int = row["id"]
    return found


async def share(connection: Any, group_id: int, guest_id: int) -> int | None:
    """Keep a guest from being erased until the end of the transaction; returns their revision, None: they were."""
    found: int | None = await connection.fetchval(SHARE, group_id, guest_id)
    return found


async def change(
    connection: Any, group_id: int, guest_id: int, *, name: str | None, phone: str | None, email: str | None,
    language: str | None,
) -> Details:  # fmt: skip
    """Write the phone number and e-mail of a guest whose row is locked, and the name and language that are given."""
    return Details(*await connection.fetchrow(CHANGE, group_id, guest_id, name, phone, email, language))
