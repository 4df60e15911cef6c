"""The role in PostgreSQL that serves: what it may do, and what its sessions are set to. `hub migrate` makes both so.

The owner (MIGRATION_DATABASE_URL) makes and changes tables; the role of DATABASE_URL reads and writes rows, and can
do nothing else. Where both are one role, its rights are left alone. Settings belong to the role, in this database
alone: a pooler that refuses or forgets what a connection asks for can't undo them.
"""

from __future__ import annotations

from typing import Any

import asyncpg

from hub import dsn
from hub.config import Settings
from hub.store import postgres

SETTINGS = {
    "default_transaction_isolation": "read committed",
    "lock_timeout": "8s",
    "idle_in_transaction_session_timeout": "10s",
}
"""The locks of a day are read after they are taken: another isolation would decide on what was before. The rest bounds
what one request that is stuck can hold up."""
SERVING_SETTINGS = {**SETTINGS, "statement_timeout": "30s"}
"""Of a role that serves and does not migrate: a migration may take as long as it must."""


class RoleError(Exception):
    """The serving role can't be made or used; the text says what to do."""


async def grant(owner: asyncpg.Connection[Any], settings: Settings) -> None:
    """Let the role of DATABASE_URL read and write rows, and make it when it is missing. Raises RoleError.

    ``owner`` is a connection of the tables' owner. Changes nothing where both are one role.
    """
    if settings.database_url == settings.migration_database_url:
        return
    serving = dsn.parse(settings.database_url)
    name = serving.user or await _name(settings)
    if name == await owner.fetchval("SELECT current_user"):
        return
    if not await owner.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name):
        await _make(owner, name, serving.password)
    schema = await owner.fetchval("SELECT quote_ident(current_schema())")
    role = await owner.fetchval("SELECT quote_ident($1)", name)
    await owner.execute(
        f"""
        GRANT USAGE ON SCHEMA {schema} TO {role};
        REVOKE CREATE ON SCHEMA {schema} FROM {role};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
        REVOKE INSERT, UPDATE, DELETE ON aerich FROM {role};
        """
    )
    if await owner.fetchval("SELECT has_schema_privilege($1, current_schema(), 'CREATE')", name):
        # Before PostgreSQL 15 everybody may make tables in `public`; only the schema's owner can change that.
        await owner.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC")


async def set_up(settings: Settings, migrated: str) -> None:
    """Give the serving role the settings of its sessions, from the next connection on.

    ``migrated`` is the :func:`identity` of the database that was migrated. Raises RoleError, also when that is not the
    one that DATABASE_URL leads to.
    """
    try:
        connection = await postgres.connect(settings.database_url, prepared=settings.prepared_statements)
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise RoleError(f"the role of DATABASE_URL can't log in: {error}") from error
    try:
        if await identity(connection) != migrated:
            raise RoleError("DATABASE_URL and MIGRATION_DATABASE_URL lead to two databases: name the same one in both")
        one = settings.database_url == settings.migration_database_url
        async with connection.transaction(isolation="read_committed"):
            await connection.execute("SELECT pg_advisory_xact_lock($1)", SETTING_LOCK)
            found = await connection.fetchval(CONFIGURED) or []
            present = dict(line.split("=", 1) for line in found)
            database = await connection.fetchval("SELECT quote_ident(current_database())")
            for name, value in (SETTINGS if one else SERVING_SETTINGS).items():
                # What an administrator chose stays; the isolation is nothing to choose.
                if name not in present or (name == "default_transaction_isolation" and present[name] != value):
                    await connection.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {database} SET {name} = '{value}'")
    finally:
        await connection.close()


async def identity(connection: asyncpg.Connection[Any]) -> str:
    """Which database this is, of which server, by whatever way it was reached."""
    return str(
        await connection.fetchval(
            "SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "FROM pg_control_system()"
        )
    )


async def _name(settings: Settings) -> str:
    """The role that DATABASE_URL leads to when it names none itself."""
    connection = await postgres.connect(settings.database_url, prepared=settings.prepared_statements)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


async def _make(owner: asyncpg.Connection[Any], name: str, password: str | None) -> None:
    command = await owner.fetchval(
        "SELECT format(CASE WHEN $2::text IS NULL THEN 'CREATE ROLE %I LOGIN' ELSE 'CREATE ROLE %I LOGIN PASSWORD %L' "
        "END, $1::text, $2::text)",
        name,
        password,
    )
    try:
        async with owner.transaction():
            await owner.execute(command)
    except asyncpg.InsufficientPrivilegeError:
        raise RoleError(
            f"DATABASE_URL names the role {name}, which the owner may not make: createuser --pwprompt {name}"
        ) from None


SETTING_LOCK = 0x626F6F6B696E68
CONFIGURED = """
SELECT setconfig FROM pg_db_role_setting
WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
"""
