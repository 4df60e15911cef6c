"""Attackers from another process and another address: each kind is bounded or cut off, and nobody else notices.

They are those of `python -m bench attackers`, which measures what they cost (docs/performance.md). Here no time is
measured: the deadlines are shorter, and what is awaited are ends.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bench.attackers import KINDS, Honest
from tests.http_clients import NO_CERTIFICATES, http_client
from tests.integration.http.conftest import connection, port_of, read_answer, send
from tests.integration.rest import refused, running
from tests.outside import complaints, resident, series, total
from tests.servers import CHECKOUT, PATIENCE, UNBOUNDED, UNBOUNDED_CONNECTIONS, HubServer, Servers

AS_SHIPPED = dict.fromkeys([*UNBOUNDED, *UNBOUNDED_CONNECTIONS], "")
"""The bounds that the environment of tests takes away."""
SHORT = {
    "HTTP_HEAD_SECONDS": "2",
    "HTTP_BODY_SECONDS": "2",
    "HTTP_UNREAD_SECONDS": "2",
    "LIVE_FIRST_FRAME_SECONDS": "2",
}
GROWTH = 96 * 2**20
"""200 connections with a quarter of a megabyte each, and as much again for all else. Without bounds it was a
gigabyte."""
PER_ADDRESS, OTHERS = 200, 50
"""Connections that one address may have, and more than all others keep in these tests. Sockets of the live channel have
a bound of the same size for themselves."""
ENDING = ("slow heads", "slow bodies", "unread answers", "unconnected sockets")
"""Kinds whose connections are all ended by the hub; the others ask on and on."""
DAY = str(datetime.now(UTC).date() + timedelta(days=30))
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    async with running(servers, template, folder, **AS_SHIPPED, **SHORT) as server:
        yield server


@asynccontextmanager
async def attackers(kind: str, hub: HubServer, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """Their process, until the end of the block. It writes a line for each connection that has ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.attackers", kind, str(port_of(hub)), token, DAY),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_attackers_are_bounded_and_nobody_else_notices(hub: HubServer, kind: str) -> None:
    villain, ada = await hub.register(), await hub.register()
    before = resident(hub)
    honest = Honest(port_of(hub), ada.token, DAY, ada.email)
    most = {"connections": 0.0, "memory": 0}

    async def look() -> None:
        found = total(await series(hub), "hub_http_connections")
        most.update(connections=max(most["connections"], found), memory=max(most["memory"], resident(hub) - before))

    async with attackers(kind, hub, villain.token) as said:
        ended = 0
        async with asyncio.timeout(2 * PATIENCE):
            while not honest.log_ins or (kind in ENDING and ended < KINDS[kind][1]):
                beside = asyncio.create_task(honest.during(1))
                await look()
                await beside
                while kind in ENDING and ended < KINDS[kind][1]:
                    try:
                        await asyncio.wait_for(said.readline(), 0.5)
                    except TimeoutError:
                        break  # none has ended for a while: look again
                    ended += 1
        await look()
    print(f"{kind}: {most}, {len(honest.waits)} reads beside")
    assert not honest.failed and honest.waits and honest.log_ins
    assert most["connections"] <= PER_ADDRESS * (2 if kind == "unconnected sockets" else 1) + OTHERS
    assert most["memory"] < GROWTH
    assert complaints(hub) == []


@pytest.mark.slow
async def test_addresses_that_a_client_makes_up_are_its_own(
    hub: HubServer, servers: Servers, template: str, folder: Path
) -> None:
    """Neither does it get around a bound, nor can it use up what others are allowed."""
    bounds = {**AS_SHIPPED, "LOGIN_FAILURES_PER_ADDRESS": "3", "TRUSTED_PROXIES": "127.0.0.9", "PROXIES_COUNT": "1"}
    victim = "127.0.0.2"
    async with running(servers, template, folder, **bounds) as behind:
        ada = await behind.register()

        async def log_in(source: str, number: int, claimed: str, password: str) -> httpx.Response:
            headers = {"X-Forwarded-For": claimed, "Forwarded": f"for={claimed}", "X-Real-IP": claimed}
            transport = httpx.AsyncHTTPTransport(local_address=source, verify=NO_CERTIFICATES)
            async with http_client(base_url=behind.url, transport=transport, timeout=PATIENCE) as client:
                email = ada.email if password != "a guess" else f"guest-{number}@example.com"
                return await client.post("/auth/login", json={"email": email, "password": password}, headers=headers)

        guesses = [await log_in("127.0.0.66", n, victim if n % 2 else f"192.0.2.{n}", "a guess") for n in range(4)]
        assert [answer.status_code for answer in guesses] == [401] * 3 + [429]
        refused(guesses[-1], "too_many_attempts")
        # The one whose address was named is not throttled; what a trusted proxy says is believed.
        assert (await log_in(victim, 0, "192.0.2.77", "wrong password")).status_code == 401
        through = [await log_in("127.0.0.9", n, "192.0.2.88", "a guess") for n in range(4)]
        assert [answer.status_code for answer in through] == [401] * 3 + [429]
        assert (await log_in("127.0.0.9", 0, "192.0.2.99", "a guess")).status_code == 401


@pytest.mark.parametrize("size", [7_000, 60_000])
async def test_huge_query_is_refused_in_a_small_answer(hub: HubServer, size: int) -> None:
    ada = await hub.register()
    names = "&".join(f"n{number}={'v' * 20}" for number in range(size // 26))
    request = f"GET /tables/available?{names} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {ada.token}\r\n\r\n"
    async with connection(hub) as end:
        await send(end, request.encode())
        status, headers, body = await read_answer(end)
    assert status in (413, 422), body
    assert headers["content-type"] == "application/problem+json"
    assert len(body) <= 4096
    assert complaints(hub) == []
