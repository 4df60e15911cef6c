"""`hub migrate` as a process of its own: the migrations, the first floor plan, and the epoch, each made once."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hub.store import epochs
from tests import servers as made
from tests.conftest import SECRET_KEY
from tests.servers import CHECKOUT, Servers


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[Any]:
    """A connection to this test's database."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def hub_migrate(database_url: str, redis_url: str, data_dir: Path) -> str:
    """What one process of `hub migrate` prints; AssertionError when it fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.process.cli", "migrate", "--data-dir", str(data_dir)),
        env=made.environment(DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY=SECRET_KEY),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=CHECKOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


@pytest.fixture
async def empty_database_url(servers: Servers) -> AsyncIterator[str]:
    """A database in which nothing was ever made."""
    name = f"t_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(servers.postgres.url)
    await admin.execute(f'CREATE DATABASE "{name}"')
    yield servers.database_url(name)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.mark.slow
async def test_five_processes_that_migrate_at_once_make_everything_once(
    empty_database_url: str, redis_url: str, data_dir: Path
) -> None:
    await asyncio.gather(*(hub_migrate(empty_database_url, redis_url, data_dir / str(n)) for n in range(5)))
    connection = await asyncpg.connect(empty_database_url)
    try:
        applied = [row["version"] for row in await connection.fetch("SELECT version FROM aerich ORDER BY id")]
        files = [path.name for path in (CHECKOUT / "migrations/models").glob("[0-9]*.py")]
        assert applied == sorted(files, key=lambda name: int(name.partition("_")[0]))
        room = [tuple(row) for row in await connection.fetch("SELECT id, name, seats FROM tables ORDER BY id")]
        names = [(f"T{seats}-{n}", seats) for seats, count in ((2, 7), (3, 6), (6, 3)) for n in range(1, count + 1)]
        assert room == [(number, name, seats) for number, (name, seats) in enumerate(names, start=1)]
        assert await connection.fetchval("SELECT count(*) FROM hub") == 1
        assert [tuple(row) for row in await connection.fetch("SELECT name, version FROM streams")] == [("tables", 16)]
        versions = await connection.fetch("SELECT version FROM events WHERE stream = 'tables' ORDER BY version")
        assert [row["version"] for row in versions] == list(range(1, 17))
    finally:
        await connection.close()


async def test_migrating_again_changes_nothing(sql: Any, database_url: str, redis_url: str, data_dir: Path) -> None:
    """Not the epoch, and not the floor: a house that has retired all its tables gets no first floor plan again."""
    await sql.execute("UPDATE tables SET retired_at = now()")
    state = "SELECT (SELECT epoch FROM hub), (SELECT count(*) FROM aerich), (SELECT count(*) FROM tables), version "
    before = await sql.fetch(state + "FROM streams")
    await hub_migrate(database_url, redis_url, data_dir)
    assert await sql.fetch(state + "FROM streams") == before


async def test_functions_of_before_are_replaced(sql: Any, database_url: str, redis_url: str, data_dir: Path) -> None:
    """In a new database they are as their files say. So they are in one that other versions of them were made in."""
    read = "SELECT proname::text, prosrc FROM pg_proc WHERE proname LIKE 'hub\\_%' AND prosqlbody IS NULL"
    new = {row["proname"]: row["prosrc"] for row in await sql.fetch(read)}
    assert len(new) > 30
    await sql.execute("DROP INDEX guest_notes_dietary")
    await sql.execute("DELETE FROM aerich WHERE split_part(version, '_', 1)::integer >= 2")
    await sql.execute("UPDATE pg_proc SET prosrc = prosrc || ' ' WHERE proname LIKE 'hub\\_%'")
    assert "dietary" in await hub_migrate(database_url, redis_url, data_dir)
    assert {row["proname"]: row["prosrc"] for row in await sql.fetch(read)} == new


async def test_a_database_on_another_server_gets_a_new_epoch(
    sql: Any, database_url: str, redis_url: str, data_dir: Path
) -> None:
    """A copied data directory must not continue the old positions; and the epoch changes once, not at each start."""
    here = await sql.fetchval("SELECT system_identifier::text FROM pg_control_system()")
    old = f"old{secrets.token_hex(2)}x"
    await sql.execute("UPDATE hub SET system_identifier = '7000000000000000001', epoch = $1", old)
    await hub_migrate(database_url, redis_url, data_dir)
    [row] = await sql.fetch("SELECT epoch, system_identifier FROM hub")
    assert row["epoch"] != old
    assert row["system_identifier"] == here
    await sql.execute(epochs.RENEW_IF_SWAPPED)
    assert await sql.fetchval("SELECT epoch FROM hub") == row["epoch"]
