"""Two roles: the owner migrates, the other serves with rows alone; and a pooler between the hub and PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from hub.config import Settings
from hub.process import doctor
from hub.process.doctor.findings import NOTE, WRONG
from hub.store import migration, roles
from tests.conftest import SECRET_KEY, make_settings
from tests.guests import workers
from tests.pgbouncer import needs_pgbouncer, pgbouncer
from tests.servers import CHECKOUT, HubServer, Servers, environment
from tests.servers import start_hub as start

DAY = str(datetime.now(UTC).date() + timedelta(days=5))


@dataclass(slots=True)
class Two:
    """A database of its own, the owner's URL, and that of a role that `hub migrate` is to make."""

    owner: str
    serving: str


@contextlib.asynccontextmanager
async def administrator(servers: Servers) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(servers.postgres.url)
    yield connection
    await connection.close()


@pytest.fixture
async def two(servers: Servers) -> AsyncIterator[Two]:
    """The owner is no superuser either, but may make roles."""
    unique = secrets.token_hex(4)
    owner, serving, name = f"owner_{unique}", f"app_{unique}", f"d_{unique}"
    port = servers.postgres.port
    async with administrator(servers) as admin:
        await admin.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'o'")
        await admin.execute(f"CREATE DATABASE {name} OWNER {owner}")
    yield Two(f"postgresql://{owner}:o@127.0.0.1:{port}/{name}", f"postgresql://{serving}:s@127.0.0.1:{port}/{name}")
    async with administrator(servers) as admin:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.execute(f"DROP ROLE IF EXISTS {serving}")
        await admin.execute(f"DROP ROLE {owner}")


def variables(two: Two, redis_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": two.serving,
        "MIGRATION_DATABASE_URL": two.owner,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET_KEY,
    }


def settings_of(two: Two, redis_url: str, data_dir: Path) -> Settings:
    return make_settings(two.serving, redis_url, data_dir, MIGRATION_DATABASE_URL=two.owner)


async def booking_flow(hub: HubServer, settings: Settings, **given: str) -> None:
    """Register, book, move, cancel; a host and an admin; the worker's mails; the next migration and epoch."""
    guest, host, admin = await hub.register(), await hub.staff("host"), await hub.staff("admin")
    made = await guest.client.post("/bookings", json={"date": DAY, "time": "18:00", "guests": 2})
    assert made.status_code == 201, made.text
    booking = made.json()["id"]
    for client, method, path, body in (
        (guest.client, "PATCH", f"/bookings/{booking}", {"time": "20:00"}),
        (host.client, "PATCH", f"/bookings/{booking}", {"guests": 1}),
        (guest.client, "GET", f"/tables/available?date={DAY}&time=18:00&guests=2", None),
        (guest.client, "GET", "/bookings/my", None),
        (admin.client, "POST", "/admin/tables", {"name": "Terrace 1", "seats": 4}),
        (guest.client, "DELETE", f"/bookings/{booking}", None),
        (guest.client, "POST", "/auth/refresh", None),
        (guest.client, "POST", "/auth/logout", {"everywhere": True}),
    ):
        answer = await client.request(method, path, json=body)
        assert answer.status_code < 300, (path, answer.text)
    assert "/" not in await hub.command("migrate")
    await hub.command("new-epoch")
    assert "confirmed" in await hub.command("deliveries")
    with workers(settings) as begin:
        worker = begin(**given)
        await worker.says('"delivery_')
        worker.stop()


@pytest.mark.slow
async def test_role_that_serves_books_and_changes_no_table(two: Two, redis_url: str, data_dir: Path) -> None:
    settings = settings_of(two, redis_url, data_dir)
    await migration.migrate(settings)
    connection = await asyncpg.connect(two.serving)
    for forbidden in (
        "CREATE TABLE mine (id int)",
        "ALTER TABLE bookings ADD COLUMN mine int",
        "DROP TABLE bookings",
        "TRUNCATE bookings CASCADE",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP FUNCTION hub_lock(text)",
        "DELETE FROM aerich",
        "CREATE ROLE mine",
        "COPY bookings TO PROGRAM 'cat'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(forbidden)
    row = await connection.fetchrow(
        "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )
    assert list(row) == [False, False, False]
    set_to = {name: await connection.fetchval(f"SHOW {name}") for name in roles.SERVING_SETTINGS}
    assert set_to == roles.SERVING_SETTINGS
    await connection.close()
    found = [f for f in await doctor.check_postgresql(settings) if "the role" in f.text]
    assert [(finding.mark, "nothing else" in finding.text) for finding in found] == [("ok", True)]
    hub = await start(data_dir / "hub", environment(**variables(two, redis_url)))
    try:
        await booking_flow(hub, settings)
    finally:
        await hub.stop()


async def test_doctor_tells_what_the_role_lacks(two: Two, redis_url: str, data_dir: Path) -> None:
    settings = settings_of(two, redis_url, data_dir)
    await migration.migrate(settings)
    owner = await asyncpg.connect(two.owner)
    serving, name = urlsplit(two.serving).username, urlsplit(two.serving).path[1:]
    await owner.execute(f"REVOKE INSERT ON bookings FROM {serving}")
    await owner.execute(f"ALTER ROLE {serving} IN DATABASE {name} SET default_transaction_isolation = 'serializable'")
    await owner.execute(f"ALTER ROLE {serving} IN DATABASE {name} SET lock_timeout = 0")
    told = [(f.mark, f.text) for f in await doctor.check_postgresql(settings) if f"{serving}" in f.text]
    assert [mark for mark, _ in told] == [WRONG, WRONG, NOTE]
    assert "bookings: run hub migrate" in told[0][1] and "serializable" in told[1][1] and "lock_timeout" in told[2][1]
    await migration.migrate(settings)
    told = [(f.mark, f.text) for f in await doctor.check_postgresql(settings) if f"{serving}" in f.text]
    assert [mark for mark, _ in told] == [NOTE]  # what an administrator chose stays, and is told
    await owner.close()


async def test_isolation_is_set_where_the_server_has_another(two: Two, redis_url: str, data_dir: Path) -> None:
    owner = await asyncpg.connect(two.owner)
    await owner.execute(
        f"ALTER DATABASE {urlsplit(two.owner).path[1:]} SET default_transaction_isolation = 'serializable'"
    )
    await owner.close()
    await migration.migrate(settings_of(two, redis_url, data_dir))
    connection = await asyncpg.connect(two.serving)
    assert await connection.fetchval("SHOW transaction_isolation") == "read committed"
    await connection.close()


async def test_one_url_goes_on_working(two: Two, redis_url: str, data_dir: Path) -> None:
    settings = make_settings(two.owner, redis_url, data_dir)
    await migration.migrate(settings)
    connection = await asyncpg.connect(two.owner)
    assert await connection.fetchval("SHOW lock_timeout") == "8s"
    assert await connection.fetchval("SHOW statement_timeout") == "0"  # it migrates too
    assert (
        await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", urlsplit(two.serving).username)
        == 0
    )
    await connection.close()
    [note] = [f for f in await doctor.check_postgresql(settings) if "which serves" in f.text]
    assert (note.mark, "MIGRATION_DATABASE_URL" in note.text) == (NOTE, True)


async def test_role_that_nobody_may_make_is_named(servers: Servers, two: Two, redis_url: str, data_dir: Path) -> None:
    async with administrator(servers) as admin:
        await admin.execute(f"ALTER ROLE {urlsplit(two.owner).username} NOCREATEROLE")
    with pytest.raises(roles.RoleError, match="createuser --pwprompt app_"):
        await migration.migrate(settings_of(two, redis_url, data_dir))


@pytest.mark.slow
async def test_many_migrations_at_once_make_one_role(two: Two, redis_url: str, data_dir: Path) -> None:
    """Processes of their own, since Aerich migrates once a process."""
    program = (
        "import asyncio, os, pathlib, sys; from hub import config; from hub.store import migration; "
        "asyncio.run(migration.migrate(config.load(data_dir=pathlib.Path(sys.argv[1]))))"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, str(data_dir)),
            env=environment(**variables(two, redis_url)),
            cwd=CHECKOUT,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(4)
    ]
    said = await asyncio.gather(*(process.communicate() for process in processes))
    assert [process.returncode for process in processes] == [0] * 4, said


@needs_pgbouncer
@pytest.mark.slow
async def test_hub_behind_a_pooler_of_transactions(two: Two, redis_url: str, data_dir: Path, folder: Path) -> None:
    await migration.migrate(settings_of(two, redis_url, data_dir))
    async with pgbouncer(folder / secrets.token_hex(4), two.serving) as through:
        given = variables(two, redis_url) | {"DATABASE_URL": through, "DATABASE_PREPARED_STATEMENTS": "off"}
        settings = make_settings(through, redis_url, data_dir, MIGRATION_DATABASE_URL=two.owner)
        hub = await start(data_dir / "hub", environment(**given), workers=2)
        try:
            await booking_flow(hub, settings, DATABASE_PREPARED_STATEMENTS="off")
            # More at once than the pooler has connections, so that each statement may meet another one.
            guests = [await hub.register() for _ in range(6)]
            body = {"date": DAY, "time": "12:00", "guests": 2}
            answers = await asyncio.gather(*(guest.client.post("/bookings", json=body) for guest in guests * 3))
            assert {answer.status_code for answer in answers} <= {201, 409, 503}, [a.text for a in answers]
            assert sum(answer.status_code == 201 for answer in answers) >= 6
        finally:
            await hub.stop()
        assert "InvalidSQLStatementName" not in hub.output and "startup parameter" not in hub.output


@needs_pgbouncer
async def test_prepared_statements_are_lost_behind_a_pooler(
    two: Two, redis_url: str, data_dir: Path, folder: Path
) -> None:
    """What the variable is for: without it statements are looked for on connections that never heard of them."""
    await migration.migrate(settings_of(two, redis_url, data_dir))
    async with pgbouncer(folder / secrets.token_hex(4), two.serving, size=2) as through:
        one, other = [await asyncpg.connect(through) for _ in range(2)]
        assert await one.fetchval("SELECT 1 + $1::int", 1) == 2
        async with other.transaction():  # it has the connection on which the statement was prepared
            with pytest.raises(asyncpg.InvalidSQLStatementNameError):
                await one.fetchval("SELECT 1 + $1::int", 1)
        one.terminate()
        other.terminate()


@needs_pgbouncer
async def test_one_url_through_a_pooler_migrates(two: Two, redis_url: str, data_dir: Path, folder: Path) -> None:
    async with pgbouncer(folder / secrets.token_hex(4), two.owner) as through:
        settings = make_settings(through, redis_url, data_dir, DATABASE_PREPARED_STATEMENTS="off")
        assert await migration.migrate(settings)
        assert await migration.migrate(settings) == []
