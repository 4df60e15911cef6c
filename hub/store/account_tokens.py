"""Tokens of the links in mails: whoever has one can read the mailbox. 256 random bits; only their digest is kept.

A worker makes the token when it makes the mail, so the text of a token is in the mail alone. A mail that is sent twice
has two tokens, and both are good. Taking one uses up all of its kind.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Literal

from hub.store import database
from hub.store.accounts import StoredCredentials

Kind = Literal["verify", "reset"]
LENGTHS: dict[str, timedelta] = {"verify": timedelta(days=7), "reset": timedelta(hours=1)}
"""How long a link is good, from the making of its mail."""


def digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


async def issue(user_id: int, kind: str) -> str:
    """A new token for this account; what ended long ago is forgotten. Raises HubErrors."""
    token = secrets.token_urlsafe(32)
    await database.write(
        "WITH old AS (DELETE FROM account_tokens "
        "WHERE user_id = $1 AND expires_at < clock_timestamp() - interval '1 day') "
        "INSERT INTO account_tokens (user_id, kind, digest, expires_at) VALUES ($1, $2, $3, clock_timestamp() + $4)",
        user_id,
        kind,
        digest(token),
        LENGTHS[kind],
    )
    return token


async def enqueue(connection: Any, email: str, request_id: str | None) -> None:
    """Enqueue a mail with a link to set a new password, if there is an account at this address."""
    await connection.execute("SELECT hub_enqueue_link($1, 'reset', $2)", email, request_id)


async def find(token: str, kind: Kind) -> StoredCredentials | None:
    """The account of a good token, without using it up; or None."""
    rows = await database.fetch(
        "SELECT u.id, u.email, u.full_name, u.password_hash FROM account_tokens t JOIN users u ON u.id = t.user_id "
        "WHERE t.digest = $1 AND t.kind = $2 AND t.used_at IS NULL AND t.expires_at > clock_timestamp() "
        "AND u.disabled_at IS NULL AND u.erased_at IS NULL",
        digest(token),
        kind,
    )
    return StoredCredentials(*rows[0]) if rows else None


async def take(connection: Any, token: str, kind: Kind) -> int | None:
    """Use up a good token within the caller's transaction; returns whose it was. None for one that is not good."""
    user_id: int | None = await connection.fetchval(
        "UPDATE account_tokens SET used_at = clock_timestamp() WHERE digest = $1 AND kind = $2 AND used_at IS NULL "
        "AND expires_at > clock_timestamp() RETURNING user_id",
        digest(token),
        kind,
    )
    return user_id


async def use_up(connection: Any, user_id: int, *kinds: Kind) -> None:
    """No other link of these kinds is good any more."""
    await connection.execute(
        "UPDATE account_tokens SET used_at = clock_timestamp() "
        "WHERE user_id = $1 AND kind = ANY($2) AND used_at IS NULL",
        user_id,
        list(kinds),
    )
