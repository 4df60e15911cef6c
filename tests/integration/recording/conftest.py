"""The two hubs that the scenario is played against, started once for all of its tests."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import servers as made
from tests.conftest import SECRET_KEY
from tests.integration.recording.play import Venue
from tests.servers import HubServer, Servers

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


@dataclass(slots=True)
class Stage:
    """Both hubs, and the loop in which they are asked."""

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

    async def usual() -> Venue:
        hub = await start("usual", USUAL)
        environ = hub.environ | {"WORKER_METRICS_PORT": str(made.free_port())}
        worker, _ = made.spawn(hub.data_dir, environ, "worker")
        stack.callback(made.end_group, worker, 0)
        host, admin = await asyncio.gather(*(hub.staff(role, f"{role}@example.com") for role in ("host", "admin")))
        for client in hub.clients:
            await client.aclose()
        hub.clients.clear()
        people = {name: {"access_token": each.token} for name, each in (("host", host), ("admin", admin))}
        return Venue(hub, ZoneInfo(USUAL["RESTAURANT_TIMEZONE"]), people, hub.data_dir / "mail")

    async def both() -> dict[str, Venue]:
        async with asyncio.TaskGroup() as group:  # which ends the one that still starts when the other can't
            one, other = group.create_task(usual()), group.create_task(start("strict", STRICT))
        strict = Venue(other.result(), ZoneInfo(STRICT["RESTAURANT_TIMEZONE"]), {})
        return {"usual": one.result(), "strict": strict}

    async def stop() -> None:
        await asyncio.gather(*(hub.stop(timeout=0) for hub in hubs))  # killed: what they say then is not recorded
        await stack.aclose()

    stack, hubs = AsyncExitStack(), list[HubServer]()
    with asyncio.Runner() as runner:
        try:
            yield Stage(runner, runner.run(both()))
        finally:
            runner.run(stop())
