"""Fixtures of all tests: the servers of the session, a database per test, settings, a running hub."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import hypothesis
import pytest
import structlog

from hub.config import Settings, load
from hub.store import database, migration
from tests import folders, spread
from tests import servers as made
from tests.servers import HubServer, Servers, SharedHubs

for profile, examples in (("hub", 10), ("many", 300)):  # `make test` and `make test-slow`
    hypothesis.settings.register_profile(profile, deadline=None, max_examples=examples)  # no timing is asserted
hypothesis.settings.register_profile(  # what a branch costs to reach is no matter of chance there
    "few", hypothesis.settings(), deadline=None, max_examples=20, derandomize=True
)
hypothesis.settings.load_profile("hub")
structlog.configure(  # by itself structlog has each traceback drawn with colours, which costs more than most tests
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
SECRET_KEY = "a key for tests alone, of more than 32 bytes"


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder of this process of the tests, which is gone after the session."""
    with folders.made() as path:
        yield path


@pytest.fixture
def data_dir(folder: Path) -> Iterator[Path]:
    """A data directory for one test; the private folder of servers that ran as root goes with it."""
    path = folder / secrets.token_hex(4)
    path.mkdir()
    yield path
    made.embedded.remove(path)


@pytest.fixture(scope="session")
def servers(folder: Path) -> Iterator[Servers]:
    started = made.start_servers(folder / "servers")
    yield started
    made.stop_servers(started)


@pytest.fixture(scope="session")
def template(servers: Servers, folder: Path) -> str:
    """The name of a database that has every migration and the first floor plan, and no user."""

    async def make() -> None:
        admin = await asyncpg.connect(servers.postgres.url)
        await admin.execute("CREATE DATABASE template")
        await admin.close()
        url = servers.database_url("template")
        await migration.migrate(make_settings(url, servers.redis_url(), folder))

    asyncio.run(make())
    return "template"


@pytest.fixture
async def database_url(servers: Servers, template: str) -> AsyncIterator[str]:
    """A database of this test's own."""
    async with made.cloned_database(servers, template) as url:
        yield url


@pytest.fixture
def patient_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis has seconds to answer, for tests that ask where a view came from."""
    monkeypatch.setattr("hub.views.checkpoints.WAIT_SECONDS", made.PATIENCE)


@pytest.fixture
def redis_url(servers: Servers) -> str:
    """One of Valkey's numbered databases, unlikely to be another test's. Channels are shared by all of them: what
    keeps tests apart there is the epoch."""
    return servers.redis_url(1 + secrets.randbelow(1023))


def make_settings(database_url: str, redis_url: str, data_dir: Path, **variables: str) -> Settings:
    environ = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY, "WORKERS": "1"}
    environ |= made.UNBOUNDED_BOOKINGS
    return load(environ | variables, data_dir=data_dir)


@pytest.fixture
def settings(database_url: str, redis_url: str, data_dir: Path) -> Settings:
    """Settings for parts that run inside the test, with every default."""
    return make_settings(database_url, redis_url, data_dir)


@pytest.fixture
async def connected(settings: Settings) -> AsyncIterator[Settings]:
    """The settings, with hub.store.database connected to this test's database."""
    await database.connect(settings)
    yield settings
    await database.close()


StartHub = Callable[..., Awaitable[HubServer]]


@pytest.fixture
async def start_hub(database_url: str, redis_url: str, data_dir: Path) -> AsyncIterator[StartHub]:
    """``await start_hub(workers=2, CANCEL_DEADLINE_MINUTES="0")``: a real `hub serve` on this test's database.

    May be called several times: each call is a process of its own with a data directory of its own.
    """
    starts: list[asyncio.Task[HubServer]] = []
    numbers = itertools.count()

    async def start(*, workers: int = 1, port: int | None = None, **variables: Any) -> HubServer:
        environ = made.environment(DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY=SECRET_KEY)
        own = data_dir / f"hub-{next(numbers)}"
        environ |= {k: str(v) for k, v in variables.items()}
        starts.append(asyncio.create_task(made.start_hub(own, environ, workers=workers, port=port)))
        return await starts[-1]

    yield start
    for task in starts:  # of several at once, one that still starts when another could not
        task.cancel()
    started = await asyncio.gather(*starts, return_exceptions=True)
    await asyncio.gather(*(server.stop() for server in started if isinstance(server, HubServer)))


@pytest.fixture(scope="module")
def shared_hubs(servers: Servers, template: str, folder: Path) -> Iterator[SharedHubs]:
    """Those of one file: a hub that nobody asks costs in a minute what it costs to start one. Where all files of a
    folder ask the same ones, its conftest shares them for longer."""
    with sharing(servers, template, folder) as shared:
        yield shared


@contextlib.contextmanager
def sharing(servers: Servers, template: str, folder: Path) -> Iterator[SharedHubs]:
    shared = SharedHubs(servers, template, folder, SECRET_KEY=SECRET_KEY)
    try:
        yield shared
    finally:
        shared.stop()


ShareHub = Callable[..., Awaitable[HubServer]]


@pytest.fixture
async def share_hub(shared_hubs: SharedHubs) -> AsyncIterator[ShareHub]:
    """``await share_hub(PROXIES_COUNT="1")``: a real `hub serve` with these variables, which earlier tests of this file
    or folder have used too, and its database with what they left. A start costs seconds: for tests that keep to
    accounts and days of their own, and neither stop it nor count all of its rows."""
    used: list[HubServer] = []

    async def share(**variables: str) -> HubServer:
        used.append(await shared_hubs.get(**variables))
        return used[-1]

    yield share
    for hub in used:
        for client in hub.clients:
            await client.aclose()
        hub.clients.clear()


async def two_hubs(start_hub: StartHub, **variables: Any) -> list[HubServer]:
    """Two on one database, which hear of each other over Valkey."""
    return list(await asyncio.gather(start_hub(**variables), start_hub(**variables)))


@pytest.fixture
async def hub_server(start_hub: StartHub) -> HubServer:
    """One `hub serve` with one worker process."""
    return await start_hub()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected and imported stays until the end. Looking through it for garbage, again and again, would take
    a tenth of all that the tests take of a processor."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of several tests with one id, a run in several processes would leave out all but one, and say nothing."""
    ids = Counter(item.nodeid for item in items)
    assert ids.total() == len(ids), f"several tests have one id: {ids.most_common(3)}"
    items.sort(key=spread.rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> spread.Spread:
    return spread.Spread(config, log)
