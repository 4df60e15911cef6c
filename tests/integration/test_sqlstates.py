"""Every class of SQLSTATE as an answer: what is the database's state is 503 and passes, and readiness says it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.conftest import StartHub
from tests.guests import until
from tests.integration.rest import log_lines
from tests.servers import HubServer

DAY = datetime.now(UTC).date() + timedelta(days=9)
BOOKING = {"date": str(DAY), "time": "18:00", "guests": 1}
STATE = (
    "08000 08006 25006 25P03 28000 28P01 3D000 42501 53100 53200 55000 57P01 57P02 57P03 58000 58030 F0000 XX000 XX001"
)
FAULT = (
    "02000 03000 09000 0A000 0F000 0L000 0P000 0Z000 20000 21000 22012 23502 23503 23505 23514 23P01 24000 25000 25001 "
    "26000 27000 2B000 2D000 2F000 34000 38000 39000 3B000 3F000 42601 42P01 44000 54000 HV000 P0001"
)
ANSWERS = {
    **dict.fromkeys(STATE.split(), (503, "unavailable")),
    **dict.fromkeys(FAULT.split(), (500, "internal")),
    **dict.fromkeys(("53300", "53400", "55P03", "57014"), (503, "overloaded")),
    **dict.fromkeys(("40001", "40P01"), (409, "conflict")),
    "40003": (503, "outcome_unknown"),
}
FAILING = """
CREATE TABLE failing (state text);
INSERT INTO failing VALUES ('00000');
CREATE OR REPLACE FUNCTION hub_lock(p_stream text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'injected' USING ERRCODE = (SELECT state FROM failing);
END $$;
CREATE OR REPLACE FUNCTION hub_commit(p_request jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'injected' USING ERRCODE = (SELECT state FROM failing);
END $$;
"""


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def _ready(hub: HubServer) -> tuple[int, str]:
    answer = await hub.client().get("/health/ready")
    return answer.status_code, answer.json()["checks"]["postgresql"]


@pytest.mark.slow
async def test_each_class_of_sqlstate_has_its_answer(hub_server: HubServer, sql: asyncpg.Connection[Any]) -> None:
    guest = await hub_server.register()
    made = await guest.client.post("/bookings", json=BOOKING)
    path = f"/bookings/{made.json()['id']}"
    await sql.execute(FAILING)
    for state, (status, code) in ANSWERS.items():
        await sql.execute("UPDATE failing SET state = $1", state)
        for answer in (
            await guest.client.post("/bookings", json=BOOKING),
            await guest.client.patch(path, json={"guests": 2}),
        ):
            assert (answer.status_code, answer.json()["error_code"]) == (status, code), state
            assert ("retry-after" in answer.headers) == (code in ("unavailable", "overloaded")), state
        ready = await hub_server.client().get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "not_ready"), state
    said = {
        line["sqlstate"]: line["problem"]
        for line in log_lines(hub_server)
        if line["event"] == "the database refuses statements"
    }
    assert said.keys() == set(STATE.split()) | {"53300", "53400"}
    assert said["25006"] == "it is read-only"


async def test_a_server_that_takes_no_writes_is_not_ready_and_says_why(
    hub_server: HubServer, sql: asyncpg.Connection[Any], database_url: str
) -> None:
    guest = await hub_server.register()
    name = database_url.rpartition("/")[2]
    await sql.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await sql.execute(END_OTHERS)
    assert await until(lambda: _is(hub_server, 503, "takes no bookings (SQLSTATE 25006)"))
    answer = await guest.client.post("/bookings", json=BOOKING)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "unavailable")
    assert (await guest.client.get("/bookings/my")).status_code == 200  # what reads goes on
    await sql.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    await sql.execute(END_OTHERS)
    assert await until(lambda: _is(hub_server, 200, "ok"))
    assert (await guest.client.post("/bookings", json=BOOKING)).status_code == 201


async def test_a_role_that_may_not_log_in_is_the_databases_state(
    start_hub: StartHub, sql: asyncpg.Connection[Any], database_url: str
) -> None:
    role, parts = f"r_{secrets.token_hex(4)}", urlsplit(database_url)
    await sql.execute(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD 'none'")
    try:
        where = parts._replace(netloc=f"{role}:none@{parts.hostname}:{parts.port}")
        hub = await start_hub(DATABASE_URL=urlunsplit(where))
        guest = await hub.register()
        await sql.execute(f"ALTER ROLE {role} NOLOGIN")
        await sql.execute(END_OTHERS)
        assert await until(lambda: _is(hub, 503, "takes no bookings (SQLSTATE 28000)"))
        answer = await guest.client.post("/bookings", json=BOOKING)
        assert (answer.status_code, answer.json()["error_code"]) == (503, "unavailable")
        await sql.execute(f"ALTER ROLE {role} LOGIN")
        assert await until(lambda: _is(hub, 200, "ok"))
        await hub.stop()
    finally:
        await sql.execute(f"DROP ROLE {role}")


END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def _is(hub: HubServer, status: int, postgresql: str) -> bool:
    return await _ready(hub) == (status, postgresql)
