"""A hub that starts before its database, or with one that it can't use, says so and waits."""

from __future__ import annotations

import asyncio
import secrets
import sys
from pathlib import Path

import asyncpg
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests import servers as made
from tests.conftest import SECRET_KEY
from tests.guests import until
from tests.http_clients import http_client
from tests.integration.test_outages import Victim, postgres
from tests.servers import CHECKOUT, Servers, end_group, free_port, spawn, until_ready

__all__ = ["postgres"]


@pytest.mark.slow
async def test_a_hub_without_its_database_answers_that_it_waits(
    postgres: Victim, redis_url: str, folder: object
) -> None:
    environ = made.environment(DATABASE_URL=postgres.url, REDIS_URL=redis_url, SECRET_KEY=SECRET_KEY)
    await asyncio.to_thread(postgres.server.stop)
    port = free_port()
    process, log = spawn(postgres.folder / "hub", environ, "serve", "--port", str(port), "--workers", "1")
    url = f"http://127.0.0.1:{port}"
    try:
        async with http_client(base_url=url, timeout=10) as client:

            async def answers() -> bool:
                try:
                    return (await client.get("/health/live")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(answers)
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
            assert ready.json()["checks"]["serving"] == "starting"
            for method, path in (("GET", "/bookings/my"), ("POST", "/auth/login"), ("GET", "/tables/available")):
                answer = await client.request(method, path)
                assert (answer.status_code, answer.json()["error_code"]) == (503, "unavailable"), path
                assert answer.headers["content-type"] == "application/problem+json"
                assert int(answer.headers["retry-after"]) >= 1
            with pytest.raises(InvalidStatus) as refused:
                await connect(url.replace("http", "ws") + "/live")
            assert refused.value.response.status_code == 503
            await postgres.start()

            async def misses_its_schema() -> bool:
                ready = await client.get("/health/ready")
                assert ready.status_code == 503
                return bool(ready.json()["checks"]["postgresql"] == "migrations are missing")

            await until(misses_its_schema)
            migrating = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "hub.process.cli", "migrate", "--data-dir", str(postgres.folder / "hub")),
                env=environ,
                cwd=CHECKOUT,
            )
            assert await migrating.wait() == 0
            await until_ready(url, process, made.PATIENCE)
            assert (await client.post("/auth/login", json={})).status_code == 422
        assert process.poll() is None
        lines = log.read_text().splitlines()
        assert [line for line in lines if "Traceback" in line] == []
        assert any("waiting for the database" in line for line in lines)
    finally:
        await asyncio.to_thread(end_group, process, 9.0)


@pytest.mark.slow
async def test_a_hub_waits_until_every_migration_is_applied(database_url: str, redis_url: str, data_dir: Path) -> None:
    """Each is a transaction of its own: between two of them a hub may find all that it reads at its start."""
    environ = made.environment(DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY=SECRET_KEY, SMTP_URL="")
    sql = await asyncpg.connect(database_url)
    last = await sql.fetchrow("DELETE FROM aerich WHERE id = (SELECT max(id) FROM aerich) RETURNING *")
    assert last is not None
    port = free_port()
    process, log = spawn(data_dir, environ, "serve", "--port", str(port), "--workers", "1")
    try:
        await until(lambda: asyncio.sleep(0, "waiting for the database" in log.read_text()))
        async with http_client(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/health/ready")).status_code == 503
        await sql.execute("INSERT INTO aerich VALUES ($1, $2, $3, $4)", *last.values())
        await until_ready(f"http://127.0.0.1:{port}", process, made.PATIENCE)
        assert "Traceback" not in log.read_text()
        assert "run hub migrate" in log.read_text()
    finally:
        await asyncio.to_thread(end_group, process, 9.0)
        await sql.close()


@pytest.mark.slow
async def test_a_database_that_is_not_utf8_is_told_in_one_line(
    servers: Servers, redis_url: str, data_dir: object
) -> None:
    name = f"latin_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(servers.postgres.url)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    environ = made.environment(
        DATABASE_URL=servers.database_url(name), REDIS_URL=redis_url, SECRET_KEY=SECRET_KEY, SMTP_URL=""
    )

    async def run(command: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub.process.cli", command, "--data-dir", str(data_dir)),
            env=environ,
            cwd=CHECKOUT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode, output.decode()

    try:
        code, said = await run("migrate")
        assert code == 1 and "encoding is LATIN1" in said and "ENCODING 'UTF8'" in said
        assert len(said.splitlines()) == 1
        code, said = await run("doctor")
        assert code == 1
        assert [line for line in said.splitlines() if line.startswith("!!") and "LATIN1" in line]
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
