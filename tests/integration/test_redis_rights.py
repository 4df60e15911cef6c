"""A Redis that answers and takes no events is a degradation that readiness tells, and bookings go on."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from redis.asyncio import Redis

from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.servers import Servers

FORBIDDEN = {"publish": ["-publish"], "any channel": ["resetchannels"], "a write": ["-set", "-hset", "-xadd"]}


@pytest.fixture
async def admin(servers: Servers) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(servers.valkey.url)
    yield client
    await client.aclose()


@pytest.mark.slow
@pytest.mark.parametrize("what", FORBIDDEN)
async def test_redis_that_takes_no_events_is_not_ok(
    start_hub: StartHub, admin: Redis, redis_url: str, what: str
) -> None:
    name, where = f"limited-{secrets.token_hex(4)}", urlsplit(redis_url)
    rights = ["on", ">secret", "~*", "&*", "+@all"]
    await admin.execute_command("ACL", "SETUSER", name, *rights)
    try:
        url = urlunsplit(where._replace(netloc=f"{name}:secret@{where.hostname}:{where.port}"))
        hub = await start_hub(REDIS_URL=url)
        client = (await hub.register()).client
        ready = (await client.get("/health/ready")).json()
        assert (ready["status"], ready["checks"]["redis"]) == ("ready", "ok")
        await admin.execute_command("ACL", "SETUSER", name, *FORBIDDEN[what])
        answer = await client.get("/health/ready")
        assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["checks"]["redis"]) == ("degraded", "does not take events")
        booking = {"date": day_after(7), "time": "18:00"}
        assert (await client.post("/bookings", json=booking)).status_code == 201
    finally:
        await admin.execute_command("ACL", "DELUSER", name)
