"""Clients that hang up at any byte and at any moment, of every route, and a database that stands still with every
connection in use: afterwards each connection of the pool is there to be taken, and honest requests are served.

What is judged is seen from outside: by the sessions that PostgreSQL has, and by requests that wait for it.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
import httpx
import pytest
from sanic import Sanic, text

from hub.config import Settings
from hub.store import postgres
from hub.store.database import MODELS_POOL_SIZE, POOL_SIZE
from hub.store.pool import Pool
from tests.conftest import StartHub
from tests.every_route import EACH, REQUESTS, book, needs_nothing, request_of, routes
from tests.http_clients import http_client
from tests.integration.http.conftest import connected, send
from tests.outside import complaints, reaches, series, total
from tests.sanic_apps import make_app
from tests.servers import PATIENCE, HubServer, Servers, paused
from tests.settled_town import answered, settle
from tests.tonight import midday

HANG_UPS = 1500
GIVEN_BACK = ("hub_live_sessions", "hub_live_subscriptions", "hub_changes_waiting")
FEW, EACH_SLOW = 5, 20
"""The slowest routes, and how often each of them is hung up on."""
AT_ONCE = 12
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: a close that resets the connection instead of ending it."""
SESSIONS = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'hub'"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = $1::text::regclass"

Watcher: TypeAlias = "asyncpg.Connection[Any]"


@pytest.fixture
async def watcher(database_url: str) -> AsyncIterator[Watcher]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


# -- the judge


async def all_idle(watcher: Watcher, patience: float = PATIENCE) -> None:
    """No session of a hub is left within a transaction. AssertionError with those that are, after a long wait."""
    found: set[str] = set()
    try:
        async with asyncio.timeout(patience):
            while found := await _states(watcher) - {"idle"}:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"sessions did not end what they had begun: {found}") from None


async def all_can_be_taken(watcher: Watcher, client: httpx.AsyncClient, path: str, table: str, count: int) -> None:
    """As many requests as there are connections wait in PostgreSQL at once, for a table that is locked."""

    async def ask() -> None:
        while (answer := await client.get(path, timeout=2 * PATIENCE)).status_code == 503:
            pass  # to connect anew took long, on a busy machine
        assert answer.status_code == 200

    async with watcher.transaction():
        await watcher.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        asking = [asyncio.create_task(ask()) for _ in range(count)]
        try:
            async with asyncio.timeout(PATIENCE):
                while (waiting := await watcher.fetchval(WAITING, table)) < count:  # noqa: ASYNC110 - other processes
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{waiting} of {count} connections can be taken") from None
    await asyncio.gather(*asking)


async def _states(watcher: Watcher) -> set[str]:
    return {row["state"] for row in await watcher.fetch(SESSIONS)}


async def is_whole(hub: HubServer, watcher: Watcher, token: str) -> None:
    await all_idle(watcher)
    limits = httpx.Limits(max_connections=2 * POOL_SIZE)
    async with http_client(base_url=hub.url, headers={"Authorization": f"Bearer {token}"}, limits=limits) as client:
        await all_can_be_taken(watcher, client, "/bookings/my", "bookings", POOL_SIZE)
        await all_can_be_taken(watcher, client, "/admin/tables", "tables", MODELS_POOL_SIZE)
        assert (await client.get("/health/ready")).json()["status"] == "ready"


# -- the attackers


async def hang_up(hub: HubServer | int, request: bytes, chance: random.Random, within: float) -> None:
    """Send a request, or its beginning; then hang up, at a random moment of the ``within`` seconds that it takes."""
    end = await connected(hub)
    try:
        cut = len(request) if chance.random() < 0.8 else chance.randrange(len(request))
        await send(end, request[:cut])
        if cut == len(request):
            await asyncio.sleep(chance.uniform(0, within))  # the moment is the attack
        if chance.random() < 0.5:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    finally:
        end.close()


async def at_random(attacks: list[Callable[[], Awaitable[None]]], chance: random.Random) -> None:
    """All of them in a random order, AT_ONCE at a time."""
    chance.shuffle(attacks)
    left = iter(attacks)

    async def some() -> None:
        for attack in left:
            await attack()

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


def test_every_route_has_a_request(settings: Settings) -> None:
    without = [route for route in routes(settings) if route not in REQUESTS and not needs_nothing(route)]
    assert not without, f"{without}: add a request of each to REQUESTS in tests/every_route.py"


@pytest.mark.slow
async def test_whoever_hangs_up_leaves_the_pool_whole(
    start_hub: StartHub, settings: Settings, watcher: Watcher
) -> None:
    """And all else that was taken for it: sessions, subscriptions, connections of its address, tasks."""
    hub = await start_hub(HTTP_CONNECTIONS_PER_ADDRESS=2 * EACH, **midday())
    town = await settle(hub, settings, watcher)
    chance, loop = random.Random(750), asyncio.get_running_loop()
    found, within = routes(settings), {}
    assert {"POST /bookings", "GET /live", "GET /health/ready"} <= set(found) and set(REQUESTS) <= set(found)
    for route in found:  # each of them does its work when nobody hangs up
        began = loop.time()
        status, body = await answered(hub, request_of(town, route))
        assert status in (101, 200, 201, 202, 204), (route, status, body)
        within[route] = 1.5 * (loop.time() - began) + 0.005

    within["GET /live"] += 0.1  # what is subscribed to is told after the handshake
    tasks = total(await series(hub), "hub_event_loop_tasks")

    def attack(route: str) -> Callable[[], Awaitable[None]]:
        return lambda: hang_up(hub, request_of(town, route), chance, within[route])

    slow = sorted(set(found) - {"GET /live"}, key=within.__getitem__)[-FEW:]  # they hash passwords
    quick = [route for route in found if route not in slow]
    attacks = [attack(route) for route in slow * EACH_SLOW]
    attacks += [attack(quick[n % len(quick)]) for n in range(HANG_UPS - len(attacks))]
    await at_random(attacks, chance)
    await is_whole(hub, watcher, town.token(town.admin))
    await reaches(hub, lambda m: not any(total(m, name) for name in GIVEN_BACK), PATIENCE)
    await reaches(hub, lambda m: total(m, "hub_http_connections") <= 2, PATIENCE)  # the one that asks for it
    await reaches(hub, lambda m: total(m, "hub_event_loop_tasks") <= tasks + 4, PATIENCE)
    for route in found:
        status, body = await answered(hub, request_of(town, route))
        assert status in (101, 200, 201, 202, 204), (route, status, body)
    assert complaints(hub) == []


@pytest.mark.parametrize("careful", [True, False])
async def test_judge_sees_a_connection_that_is_not_given_back(
    settings: Settings, watcher: Watcher, careful: bool
) -> None:
    """The same attack on a handler that takes a connection as ours do, and on one that takes it without a block."""
    pool = Pool(connect=postgres.Connector(settings.database_url), max_size=4)

    async def in_block(request: Any) -> Any:
        async with pool.source.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_sleep(0.01)")
        return text("done")

    async def without(request: Any) -> Any:
        connection = await pool.source.acquire()
        await connection.execute("BEGIN")
        await connection.execute("SELECT pg_sleep(0.01)")
        await connection.execute("COMMIT")
        await pool.source.release(connection)
        return text("done")

    async with pooled_app(pool, in_block if careful else without) as port:
        chance = random.Random(4)
        request = b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n"
        await asyncio.gather(*(answered(port, request) for _ in range(4)))  # they are connected
        await at_random([lambda: hang_up(port, request, chance, 0.02) for _ in range(60)], chance)
        if careful:
            await all_idle(watcher)
            assert pool.source.get_size() == pool.source.get_idle_size()
        else:
            with pytest.raises(AssertionError, match="did not end what they had begun"):
                await all_idle(watcher, patience=0.5)
            assert pool.is_empty()


@asynccontextmanager
async def pooled_app(pool: Pool, handler: Callable[[Any], Awaitable[Any]]) -> AsyncIterator[int]:
    """An application of one route, served in this loop; its port."""
    await pool.open()
    app = make_app()
    app.add_route(handler, "/", name="pooled")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
        assert server is not None
        await server.startup()
        await server.start_serving()
        try:
            yield listening.getsockname()[1]
        finally:
            await server.close()
            Sanic.unregister_app(app)
            pool.source.terminate()


@pytest.mark.slow
async def test_database_that_stood_still_with_every_connection_in_use(
    start_hub: StartHub, settings: Settings, watcher: Watcher, servers: Servers
) -> None:
    """Some hang up meanwhile, the others wait until they are refused. Then it goes on."""
    hub = await start_hub(**midday())
    town = await settle(hub, settings, watcher)
    await is_whole(hub, watcher, town.token(town.admin))  # from here on all are connected
    kinds = ["DELETE /auth/me", "GET /bookings/my", "POST /bookings", "POST /admin/tables"]
    requests = [request_of(town, kinds[n % len(kinds)]) for n in range(2 * POOL_SIZE)]
    with paused(servers.postgres):
        asked = [asyncio.create_task(answered(hub, request)) for request in requests]
        first, waiting = await asyncio.wait(asked, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        assert first and waiting  # some are refused because the others have all connections
        for task in [*waiting][: POOL_SIZE // 2]:
            task.cancel()
        await asyncio.wait(asked, timeout=2 * PATIENCE)
        assert {task.result()[0] for task in asked if not task.cancelled()} == {503}
    await is_whole(hub, watcher, town.token(town.admin))
    assert (await answered(hub, book(town)))[0] == 201
    assert hub.process.poll() is None and "no database connection came back" not in hub.whole_output()
