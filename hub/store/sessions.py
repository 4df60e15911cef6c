"""Log-ins: begun, prolonged, ended. (hub.store.freshness: how every process learns of those that ended.)"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hub.store import database
from hub.store.write_queue import WriteQueue, account

# The account's row is held while the session is made: a change of password or an end of all sessions either waits for
# this session and ends it too, or comes first, and then the password is not the one that was checked.
BEGIN = (
    "WITH u AS (SELECT id, role FROM users WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL FOR SHARE), "
    "s AS (INSERT INTO sessions (user_id) SELECT id FROM u RETURNING id) "
    "SELECT s.id, u.role FROM s, u"
)
END = (
    "UPDATE sessions SET ended_at = clock_timestamp() WHERE user_id = $1 AND id = $2 AND ended_at IS NULL RETURNING id"
)
END_ALL = "SELECT hub_end_sessions($1) AS id"
READ = (
    "SELECT u.role, s.ended_at IS NOT NULL, s.created_at + $2 <= clock_timestamp() "
    "FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.user_id = $3"
)


async def begin(queue: WriteQueue, user_id: int, password_hash: str) -> tuple[int, str] | None:
    """A new session of an account that may log in and has this password yet: its id, and the account's role."""
    rows = await queue.write([account(user_id)], BEGIN, user_id, password_hash, user=user_id)
    return tuple(rows[0]) if rows else None


async def begin_in(connection: Any, user_id: int) -> int:
    """A new session of an account whose row the transaction has changed; returns its id."""
    made: int = await connection.fetchval("INSERT INTO sessions (user_id) VALUES ($1) RETURNING id", user_id)
    return made


async def read(session_id: int, user_id: int, length: timedelta) -> tuple[str, bool, bool] | None:
    """Of a session of an account: the account's role, whether it was ended, and whether it has lasted for ``length``,
    which is the most."""
    rows = await database.fetch(READ, session_id, length, user_id)
    return tuple(rows[0]) if rows else None


async def end(queue: WriteQueue, user_id: int, session_id: int | None) -> list[int]:
    """End this session of an account, or all (None); returns the ids of those that were ended now."""
    what = (END_ALL, user_id) if session_id is None else (END, user_id, session_id)
    return [row["id"] for row in await queue.write([account(user_id)], *what, user=user_id)]


async def end_all(connection: Any, user_id: int) -> list[int]:
    """End every session of an account whose row the transaction has changed; returns their ids."""
    return [row["id"] for row in await connection.fetch(END_ALL, user_id)]
