"""The database's epoch: the name of one life of its contents, which a restore or a failover ends."""

from __future__ import annotations

import asyncpg

from hub.config import Settings
from hub.errors import Unavailable
from hub.store import database, postgres
from hub.store.failures import classify
from hub.store.pool import COMMAND_SECONDS

RENEW_IF_SWAPPED = """
UPDATE hub h SET epoch = substr(md5(gen_random_uuid()::text), 1, 8), system_identifier = c.system_identifier,
    timeline = hub_timeline()
FROM pg_control_system() c
WHERE h.system_identifier <> c.system_identifier::text OR h.timeline <> hub_timeline()
"""
"""A database that was restored into another server must not continue the old positions, nor must a standby that was
promoted: it may not have got the last commits of the server that it followed."""
RENEW = "UPDATE hub SET epoch = substr(md5(gen_random_uuid()::text), 1, 8) WHERE epoch = $1"
"""Of all who see the same fault of the same epoch, one makes another."""


async def renew_if_swapped() -> None:
    """Give a database that is on another server or timeline by now another epoch."""
    await database.fetch_apart(RENEW_IF_SWAPPED)


async def renew_from(epoch: str) -> None:
    """Give a database that has lost commits of ``epoch`` another one."""
    await database.fetch_apart(RENEW, epoch)


async def renew(settings: Settings) -> str:
    """Give the database another epoch and return it: what to do after a restore, before or while the hub runs.

    Every process notices within about a second, and every client gets a snapshot; nothing else is changed. Raises
    Unavailable when PostgreSQL does not answer or has no migrated database.
    """
    try:
        connection = await postgres.connect(
            settings.database_url, prepared=settings.prepared_statements, command_timeout=COMMAND_SECONDS
        )
        try:
            # The server is taken for this database's own from now on, or the first verification would renew the epoch
            # again.
            epoch: str | None = await connection.fetchval(
                "UPDATE hub h SET epoch = substr(md5(gen_random_uuid()::text), 1, 8), "
                "system_identifier = c.system_identifier, timeline = hub_timeline() "
                "FROM pg_control_system() c RETURNING h.epoch"
            )
        finally:
            await connection.close()
    except (asyncpg.PostgresError, OSError) as error:
        if isinstance(error, asyncpg.UndefinedTableError):
            raise Unavailable("The database is not migrated: run hub migrate.") from error
        raise classify(error) or Unavailable(f"The epoch could not be changed: {error}") from error
    if epoch is None:
        raise Unavailable("The database is not migrated: run hub migrate.")
    return epoch
