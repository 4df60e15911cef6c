"""What the tests of the REST contract share: a hub for a whole file, how its refusals look, its log and its rows."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson

from hub.rest.statuses import STATUSES
from tests import servers as made
from tests.conftest import SECRET_KEY
from tests.servers import HubServer, Servers

MEMBERS = {"type", "title", "status", "detail", "error_code", "request_id"}
WRITTEN = ("users", "sessions", "tables", "bookings", "occupancies", "waitlist", "events", "outbox")
"""Tables that a refused request leaves as they are; a stream may have been made, at version 0."""


@contextlib.asynccontextmanager
async def running(
    servers: Servers, template: str, folder: Path, *, workers: int = 1, **variables: Any
) -> AsyncIterator[HubServer]:
    """A real `hub serve` on a database and a numbered Valkey database of its own."""
    own = folder / secrets.token_hex(4)
    async with made.cloned_database(servers, template) as url:
        redis = servers.redis_url(1 + secrets.randbelow(1023))
        environ = made.environment(DATABASE_URL=url, REDIS_URL=redis, SECRET_KEY=SECRET_KEY)
        environ |= {name: str(value) for name, value in variables.items()}
        server = await made.start_hub(own, environ, workers=workers)
        try:
            yield server
        finally:
            await server.stop()


def day_after(days: int) -> str:
    """A date so many days from now, in UTC."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def last_sunday(month: int) -> date:
    """The next last Sunday of a month that lies at least two days ahead: Europe's clocks change on March's."""
    today = datetime.now(UTC).date()
    for year in (today.year, today.year + 1):
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        found = last - timedelta(days=(last.weekday() + 1) % 7)
        if found >= today + timedelta(days=2):
            return found
    raise AssertionError("unreachable")


def refused(response: httpx.Response, *codes: str) -> dict[str, Any]:
    """The problem of a refusal with one of these codes, after a look at all of its members."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body: dict[str, Any] = response.json()
    code = body["error_code"]
    assert code in codes, response.text
    assert body.keys() >= MEMBERS
    assert body["status"] == response.status_code
    assert response.status_code == STATUSES[code], response.text
    assert body["detail"] and body["title"] and body["type"]
    assert body["request_id"] == response.headers["x-request-id"]
    assert ("errors" in body) == (code == "validation_error")
    for error in body.get("errors", ()):
        assert error.keys() == {"field", "message"} and error["message"]
    if response.status_code == 503 and code != "outcome_unknown":
        assert int(response.headers["retry-after"]) >= 1
    return body


def log_lines(server: HubServer) -> list[dict[str, Any]]:
    """Every line of the server's log; each must be JSON."""
    return [orjson.loads(line) for line in server.whole_output().splitlines()]


async def query(server: HubServer, text: str, *args: Any) -> list[asyncpg.Record]:
    """Rows from the server's own database."""
    connection = await asyncpg.connect(server.environ["DATABASE_URL"])
    try:
        return await connection.fetch(text, *args)
    finally:
        await connection.close()


async def counts(server: HubServer) -> dict[str, int]:
    """How many rows each table holds that a refusal may not touch."""
    text = " UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS rows FROM {name}" for name in WRITTEN)
    return {row["name"]: row["rows"] for row in await query(server, text)}
