"""The schema: migrations are applied, the first floor plan is made, and the serving role gets its rights."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from typing import Any

import asyncpg
from tortoise import Tortoise

import migrations.models
from hub.config import Settings
from hub.domain.events import MAIN, floor_of
from hub.store import database, epochs, main_venue, postgres, roles, venues
from hub.store.orm import tortoise_config

MIGRATION_LOCK = 0x626F6F6B696E67
"""The advisory lock under which migrations run: any constant that nobody else uses."""


class SlugInUse(Exception):
    """VENUE_SLUG is another venue's, or was; the text says whose."""


async def migrate(settings: Settings) -> list[str]:
    """Bring the schema up to date and make the first floor plan when there is none; safe to run from many at once.

    Returns the names of the migrations that it applied. Works on connections of its own and leaves none open. Raises
    RoleError for the role that is to serve, and SlugInUse.
    """
    url, prepared = settings.migration_database_url, settings.prepared_statements
    connection = await postgres.connect(url, prepared=prepared)
    try:
        database.check_encoding(await connection.fetchval("SHOW server_encoding"))
        # A lock of a transaction, not of the session, which a pooler does not keep. It waits as long as it takes.
        async with connection.transaction(isolation="read_committed"):
            await connection.execute(
                "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; "
                "SET LOCAL idle_in_transaction_session_timeout = 0"
            )
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            applied = await _upgrade(url, prepared)
            await connection.execute(epochs.RENEW_IF_SWAPPED)
            await _set_venue_1(connection, settings)
            await _make_first_tables(connection, settings)
            await roles.grant(connection, settings)
            migrated = await roles.identity(connection)
        await roles.set_up(settings, migrated)
        return applied
    finally:
        await connection.close()


async def _set_venue_1(connection: asyncpg.Connection[Any], settings: Settings) -> None:
    """Write down what the settings say of venue 1, unless a hub has started and done so: this may be another shell than
    the hub's. Raises SlugInUse."""
    slug = settings.venue.slug
    other = await connection.fetchrow("SELECT id, name FROM venues WHERE slug = $1 AND id <> 1", slug)
    if other is not None:
        raise SlugInUse(f"VENUE_SLUG: {slug} names another venue ({other['id']}, {other['name']}), or did: choose one")
    await main_venue.write(settings, connection.execute, unless_started=True)


async def _upgrade(url: str, prepared: bool) -> list[str]:
    from aerich import Command  # a serving process needs none of it

    location = Path(migrations.models.__path__[0]).parent
    config = tortoise_config(url, pool_size=2, prepared=prepared, migrating=True)
    # Aerich initialises Tortoise only once a process; a second call would find the first one's closed connections.
    await Tortoise.init(config=config, _enable_global_fallback=True)
    command = Command(config, app="models", location=str(location))
    try:
        await command.init()
        applied: list[str] = await command.upgrade()
        return applied
    finally:
        await command.aclose()


async def _make_first_tables(connection: asyncpg.Connection[Any], settings: Settings) -> None:
    """The tables of TABLES_FOR_* in venue 1, once: only while it has none at all."""
    async with connection.transaction():
        await connection.execute("SELECT hub_lock($1)", floor_of(MAIN))
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM tables WHERE venue_id = $1)", MAIN):
            await venues.make_tables(connection, MAIN, settings.first_tables)


def known() -> set[str]:
    """The names of this code's migrations, as the database keeps those that were applied."""
    return {f"{module.name}.py" for module in pkgutil.iter_modules(migrations.models.__path__)}


async def pending(*, to_judge: bool = False) -> bool:
    """Whether a migration of this code is not applied to the connected database. ``to_judge``: asked on the connection
    that tells whether the hub is ready."""
    ask = database.fetch_to_judge if to_judge else database.fetch
    try:
        rows = await ask("SELECT version FROM aerich WHERE app = 'models'")
    except asyncpg.UndefinedTableError:  # none is
        return True
    return not known() <= {row["version"] for row in rows}
