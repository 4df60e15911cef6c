"""What the tests of the live channel share: two `hub serve` processes on one database, a day and a guest for each test.

The hubs are started once for all of these files. The client and its rules are in tests.watching.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import servers as made
from tests.conftest import SECRET_KEY
from tests.servers import Account, HubServer, Servers

TIGHT = {
    "LIVE_SUBSCRIPTIONS": "2",
    "LIVE_SESSIONS_PER_USER": "2",
    "LIVE_FLOOD_SECONDS": "0.5",
    "ALLOWED_ORIGINS": "https://book.example, http://localhost:5173",
    "PUBLIC_URL": "https://hub.example",
}


@dataclass(slots=True)
class Pair:
    """Two hubs on one database, a third with tight bounds, and the tokens of a host and an admin."""

    a: HubServer
    b: HubServer
    tight: HubServer
    database_url: str
    host: str
    admin: str


@pytest.fixture(scope="package")
def running(servers: Servers, template: str, folder: Path) -> Iterator[Pair]:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        clone = made.cloned_database(servers, template)
        database_url = runner.run(clone.__aenter__())
        given = {"DATABASE_URL": database_url, "REDIS_URL": servers.redis_url(1023), "SECRET_KEY": SECRET_KEY}
        environ = made.environment(**given)
        home = folder / f"live-{secrets.token_hex(4)}"
        running: list[HubServer] = []

        async def start_one(name: str, variables: dict[str, str]) -> HubServer:
            running.append(hub := await made.start_hub(home / name, environ | variables))
            return hub

        async def start() -> Pair:
            # When one of them does not start, a group ends what still starts; what runs is ended below.
            async with asyncio.TaskGroup() as group:
                starting = [group.create_task(start_one(*each)) for each in (("a", {}), ("b", {}), ("tight", TIGHT))]
            a, b, tight = (task.result() for task in starting)
            host, admin = [await a.staff(role) for role in ("host", "admin")]
            for client in a.clients:
                await client.aclose()
            a.clients.clear()
            return Pair(a, b, tight, database_url, host.token, admin.token)

        try:
            yield runner.run(start())
        finally:
            codes = [runner.run(hub.stop()) for hub in running]
            runner.run(clone.__aexit__(None, None, None))
            made.embedded.remove(home)
            assert not any(codes), codes


@pytest.fixture
async def hubs(running: Pair) -> AsyncIterator[Pair]:
    """The pair, whose HTTP clients live in this test's loop and end with it."""
    yield running
    for hub in (running.a, running.b, running.tight):
        for client in hub.clients:
            await client.aclose()
        hub.clients.clear()


DAYS = count(10)


@pytest.fixture
def day() -> date:
    """A service day that no other test touches."""
    return datetime.now(UTC).date() + timedelta(days=next(DAYS))


@pytest.fixture
async def guest(hubs: Pair) -> Account:
    return await hubs.a.register()


async def book(client: httpx.AsyncClient, day: date, time: str = "18:00", **fields: Any) -> dict[str, Any]:
    answer = await client.post("/bookings", json={"date": day.isoformat(), "time": time, "guests": 2, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def change(client: httpx.AsyncClient, booking: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = await client.patch(f"/bookings/{booking['id']}", json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def cancel(client: httpx.AsyncClient, booking: dict[str, Any]) -> None:
    answer = await client.delete(f"/bookings/{booking['id']}")
    assert answer.status_code == 200, answer.text
