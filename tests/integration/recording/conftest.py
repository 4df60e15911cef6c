"""The three hubs that the scenario is played against, started once for all of its tests."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import servers as made
from tests.conftest import SECRET_KEY
from tests.integration.recording.play import Venue
from tests.servers import HubServer, Servers
from tests.tonight import midday

USUAL = {
    "RESTAURANT_TIMEZONE": "Europe/Istanbul",  # whose clocks stay
    "VENUE_NAME": "Moda Meyhanesi",
    "VENUE_COUNTRY": "TR",
    "ADMIN_EMAILS": "boss@example.com",
}
STRICT = {
    "RESTAURANT_TIMEZONE": "Europe/Berlin",
    "WORKDAY_START_HOUR": "0",
    "WORKDAY_END_HOUR": "24",
    "CANCEL_DEADLINE_MINUTES": "100000",
    "BOOKINGS_PER_USER": "2",
    "OVERLAPPING_PER_USER": "1",
    "LOGIN_FAILURES_PER_ADDRESS": "1",
    "REGISTRATIONS_PER_ADDRESS": "2",
    "PROXIES_COUNT": "1",
    "PUBLIC_URL": "https://tables.example.com",
    "ALLOWED_ORIGINS": "https://book.example.com",
    "METRICS_TOKEN": "a token for the scraper",
    "LIVE_FIRST_FRAME_SECONDS": "1",
    "LIVE_SUBSCRIPTIONS": "2",
    "LIVE_SESSIONS_PER_USER": "1",
    "LIVE_VISITORS": "1",
    "LIVE_MESSAGES_PER_SECOND": "1",
    "LIVE_MESSAGE_BURST": "20",
}
TONIGHT = {"VENUE_NAME": "Moda Meyhanesi", "VENUE_COUNTRY": "TR", "ADMIN_EMAILS": "boss@example.com"}
"""Where a service day is on: its clocks show noon, whenever the tests run (tests.tonight)."""


@dataclass(slots=True)
class Stage:
    """The hubs, and the loop in which they are asked."""

    runner: asyncio.Runner
    venues: dict[str, Venue]


@pytest.fixture(scope="package")
def stage(servers: Servers, template: str, folder: Path) -> Iterator[Stage]:
    async def start(name: str, variables: dict[str, str]) -> HubServer:
        url = await stack.enter_async_context(made.cloned_database(servers, template))
        redis = servers.redis_url(1 + secrets.randbelow(1023))
        environ = made.environment(DATABASE_URL=url, REDIS_URL=redis, SECRET_KEY=SECRET_KEY)
        hubs.append(await made.start_hub(folder / f"{name}-{secrets.token_hex(4)}", environ | variables))
        return hubs[-1]

    async def staff_of(hub: HubServer) -> dict[str, Any]:
        host, admin = await asyncio.gather(*(hub.staff(role, f"{role}@example.com") for role in ("host", "admin")))
        for client in hub.clients:
            await client.aclose()
        hub.clients.clear()
        return {name: {"access_token": each.token} for name, each in (("host", host), ("admin", admin))}

    async def usual() -> Venue:
        hub = await start("usual", USUAL)
        environ = hub.environ | {"WORKER_METRICS_PORT": str(made.free_port())}
        worker, _ = made.spawn(hub.data_dir, environ, "worker")
        stack.callback(made.end_group, worker, 0)
        people = await staff_of(hub)
        return Venue(hub, ZoneInfo(USUAL["RESTAURANT_TIMEZONE"]), people, hub.data_dir / "mail")

    async def strict() -> Venue:
        return Venue(await start("strict", STRICT), ZoneInfo(STRICT["RESTAURANT_TIMEZONE"]), {})

    async def tonight() -> Venue:
        hours = {name: str(value) for name, value in midday().items()} | TONIGHT
        hub = await start("tonight", hours)
        return Venue(hub, ZoneInfo(hours["RESTAURANT_TIMEZONE"]), await staff_of(hub), tonight=True)

    async def all_of_them() -> dict[str, Venue]:
        async with asyncio.TaskGroup() as group:  # which ends those that still start when one can't
            tasks = {one.__name__: group.create_task(one()) for one in (usual, strict, tonight)}
        return {name: task.result() for name, task in tasks.items()}

    async def stop() -> None:
        await asyncio.gather(*(hub.stop(timeout=0) for hub in hubs))  # killed: what they say then is not recorded
        await stack.aclose()

    stack, hubs = AsyncExitStack(), list[HubServer]()
    with asyncio.Runner() as runner:
        try:
            yield Stage(runner, runner.run(all_of_them()))
        finally:
            runner.run(stop())
