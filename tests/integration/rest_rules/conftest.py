"""What the tests of the REST rules share: two hubs with accounts of every role, days, bookings, rows and processes.

The hubs are started once for all of these files.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio

from tests.guests import ROWS
from tests.integration.rest import day_after, query, running
from tests.integration.rest_rules.house import House
from tests.servers import Account, HubServer, Servers

ADMIN = "boss@example.com"
HOUSE = "house@example.com"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def hub(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    """Two processes, every rule as by default; ADMIN_EMAILS holds one more for tests that register their own."""
    emails = f"{ADMIN}, Second.Boss@Example.com"
    async with running(servers, template, folder, workers=2, ADMIN_EMAILS=emails) as server:
        yield server


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def berlin(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    """Open from 18:00 to 02:00 in Berlin; no guest may cancel or change anything within 69 days."""
    async with running(
        servers,
        template,
        folder,
        RESTAURANT_TIMEZONE="Europe/Berlin",
        WORKDAY_START_HOUR=18,
        WORKDAY_END_HOUR=26,
        CANCEL_DEADLINE_MINUTES=100000,
        METRICS_TOKEN="a token for the scraper",
        HOST_EMAIL=HOUSE,
        DEFAULT_LANGUAGE="ru",
        SESSION_HOURS=1,
        ADMIN_EMAILS=ADMIN,
    ) as server:
        yield server


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def admin(hub: HubServer) -> Account:
    return await hub.staff("admin", ADMIN)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def host(hub: HubServer) -> Account:
    return await hub.staff("host")


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def house(servers: Servers, template: str, folder: Path) -> AsyncIterator[House]:
    """A hub of its own: the others' choose among the tables of the first room alone."""
    async with running(servers, template, folder, workers=2) as hub:
        yield House(hub, await hub.staff("admin"), await hub.register())


@pytest_asyncio.fixture(loop_scope="session")
async def guest(hub: HubServer) -> Account:
    return await hub.register()


DAYS = iter(range(30, 390))
"""Days after today, each for one test; tests that need certain days take them outside of these."""


@pytest.fixture
def day() -> str:
    """A day that no other test of these files books."""
    return day_after(next(DAYS))


async def book(client: httpx.AsyncClient, day: str, at: str = "18:00", **fields: Any) -> dict[str, Any]:
    answer = await client.post("/bookings", json={"date": day, "time": at, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def available(client: httpx.AsyncClient, day: str, at: str = "18:00", **query: Any) -> dict[str, Any]:
    answer = await client.get("/tables/available", params={"date": day, "time": at, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def version(position: str) -> int:
    return int(position.partition(":")[2])


async def deliveries(hub: HubServer, booking_id: int) -> list[Any]:
    text = f"{ROWS} WHERE booking_id = $1 ORDER BY revision, topic, lead_minutes, audience"
    return await query(hub, text, booking_id)


async def make_past(hub: HubServer, booking_id: int) -> None:
    """Move a booking and its occupancy two years back: what no request can make."""
    for table, column in (("bookings", "id"), ("occupancies", "booking_id")):
        await query(
            hub,
            f"UPDATE {table} SET starts_at = starts_at - interval '730 days', ends_at = ends_at - interval '730 days' "
            f"WHERE {column} = $1",
            booking_id,
        )
    await query(
        hub,
        "SELECT hub_lock(s.name), hub_append(s.name, 'rescheduled', jsonb_build_object("
        "'booking', b.id, 'entry', hub_entry(b)), NULL, NULL) FROM bookings b, "
        "hub_stream(b.venue_id, b.service_date) AS s(name) WHERE b.id = $1",
        booking_id,
    )
