"""What the races share: a hub of two worker processes, a context without HTTP, the judge's connection and its log."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from hub.config import Settings
from hub.views.context import VenueContext
from tests import servers as made
from tests.conftest import SECRET_KEY, make_settings
from tests.races import PostgresLog
from tests.servers import HubServer, Servers
from tests.writing import writing_context


class Place(NamedTuple):
    """A slot at a table; no table: any that fits."""

    day: date
    at: str
    table: int | None = None

    def body(self, guests: int = 2) -> dict[str, Any]:
        chosen = {} if self.table is None else {"table_id": self.table}
        return {"date": self.day.isoformat(), "time": self.at, "guests": guests, **chosen}


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[Any]:
    """A connection of the judge's own to this test's database."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


class Crowded(NamedTuple):
    """A hub of two worker processes on a database that several races share; each has days or tables of its own."""

    server: HubServer
    settings: Settings


@pytest.fixture(scope="package")
def crowded(servers: Servers, template: str, folder: Path) -> Iterator[Crowded]:
    async def start() -> Crowded:
        url = await stack.enter_async_context(made.cloned_database(servers, template))
        settings = make_settings(url, servers.redis_url(), data_dir)
        environ = made.environment(DATABASE_URL=url, REDIS_URL=settings.redis_url, SECRET_KEY=SECRET_KEY)
        server = await made.start_hub(data_dir, environ, workers=2)
        stack.push_async_callback(server.stop)
        return Crowded(server, settings)

    data_dir = folder / secrets.token_hex(4)
    data_dir.mkdir()
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        try:
            yield runner.run(start())
        finally:
            runner.run(stack.aclose())


@pytest.fixture
async def crowded_sql(crowded: Crowded) -> AsyncIterator[Any]:
    """The judge's connection to the database of ``crowded``."""
    connection = await asyncpg.connect(crowded.settings.database_url)
    yield connection
    await connection.close()


@pytest.fixture
def log(servers: Servers) -> PostgresLog:
    return PostgresLog(servers)


@pytest.fixture
async def context(connected: Settings) -> VenueContext:
    """A venue's context in this process, for verbs that are called without HTTP; nobody listens to it."""
    return writing_context(connected, lambda events: None)
