"""What the tests of bad input share: a hub with a guest, an admin and a booking, and who judges the log and the rows.

The hub is started once for both files; the last tests of each judge all that came before them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.conftest import SECRET_KEY
from tests.integration.rest import counts, day_after, log_lines, query, running
from tests.servers import PASSWORD, Account, HubServer, Servers

ADMIN = "boss-of-zebulon@example.com"
NAME, PHONE = "Zebulon Unmistakable", "+49-555-0100-7788"
DAY = day_after(50)


@dataclass(slots=True)
class World:
    hub: HubServer
    guest: Account
    admin: Account
    booking: dict[str, Any]


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def world(servers: Servers, template: str, folder: Path) -> AsyncIterator[World]:
    async with running(servers, template, folder) as hub:
        guest = await hub.register("zebulon@example.com", full_name=NAME, phone_number=PHONE)
        admin = await hub.staff("admin", ADMIN)
        answer = await guest.client.post("/bookings", json={"date": DAY, "time": "18:00", "guests": 2})
        yield World(hub, guest, admin, answer.json())


@pytest_asyncio.fixture(loop_scope="session")
async def unchanged(world: World) -> AsyncIterator[None]:
    """Nothing is written by the test."""
    before = await counts(world.hub)
    yield
    assert await counts(world.hub) == before


async def raw(hub: HubServer, data: bytes) -> bytes:
    """The first bytes that the server answers to these."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(hub.url.rpartition(":")[2]))
    try:
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read(65536)
    finally:
        writer.close()
        await writer.wait_closed()


def check_log(world: World, *, more_than: int) -> None:
    """It holds more than so many lines, each whole, and neither an error nor a traceback."""
    lines = log_lines(world.hub)
    assert len(lines) > more_than
    assert [line for line in lines if line["level"] in ("error", "critical", "exception")] == []
    assert "Traceback" not in world.hub.output
    assert [line for line in lines if line.get("status", 0) >= 500] == []
    requests = [line for line in lines if line["event"] == "request"]
    for line in requests:
        assert line.keys() >= {"request_id", "user_id", "route", "status", "duration_ms", "method"}


async def check_secrets(world: World) -> None:
    """The log holds nothing personal."""
    output = world.hub.output
    rows = await query(world.hub, "SELECT email, phone_number, full_name, password_hash FROM users")
    secrets = {str(value) for row in rows for value in row.values()}
    secrets |= {world.guest.token, world.admin.token, PASSWORD, SECRET_KEY, "short67"}
    secrets |= {part for token in (world.guest.token, world.admin.token) for part in token.split(".")[1:]}
    assert [secret for secret in secrets if secret in output] == []


async def check_rows(world: World) -> None:
    """The database holds what it held."""
    assert (await world.guest.client.get(f"/bookings/{world.booking['id']}")).json() == world.booking
    assert await query(world.hub, "SELECT 1 FROM bookings WHERE id <> $1", world.booking["id"]) == []
    # The first floor plan; what the tests added was removed again.
    assert len(await query(world.hub, "SELECT 1 FROM tables WHERE retired_at IS NULL")) == 16
