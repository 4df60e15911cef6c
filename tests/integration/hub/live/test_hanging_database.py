"""A database that does not answer: who asks for a day hears so in time, and the loading goes on for those after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.live import channels
from hub.live.refusals import NotRead
from hub.live.subscribing import subscribe_all
from tests.integration.hub.live.test_session import connected, until_count
from tests.process import DAY, WITHIN, Process

DAYS = [DAY + timedelta(days=n) for n in range(1, 5)]


@asynccontextmanager
async def hanging(database_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """No booking can be read meanwhile; all else can."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
            yield connection
    finally:
        await connection.close()


async def test_who_asks_for_a_day_while_the_database_hangs_is_refused_and_the_loading_goes_on(
    process: Process, database_url: str
) -> None:
    client, channel = await process.enter(), channels.AVAILABILITY.channel(DAY)
    async with hanging(database_url):
        for _ in range(2):
            with pytest.raises(NotRead) as refused:
                await process.broadcaster.subscribe(client, channel, since=None, id=1, within=0.05)
            assert (refused.value.code, refused.value.retryable) == ("unavailable", True)
        with pytest.raises(NotRead):
            await process.broadcaster.reader.prepare(channel, None, within=0.05)
        [loading] = process.views._loading.values()  # one, however many asked
        assert not loading.done() and not client.subscriptions
    async with asyncio.timeout(WITHIN):
        await loading
    await process.subscribe(client, channel.name)
    await client.until(lambda: "snapshot" in client.ops())
    assert process.views.peek(stream_of(MAIN, DAY)) is loading.result()


async def test_a_connect_that_asks_for_many_days_waits_for_one_of_them_alone(
    process: Process, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.live.subscribing.READ_SECONDS", 0.2)
    monkeypatch.setattr("hub.live.subscribing.HURRIED_SECONDS", 0.0)
    await process.enter("tables")  # which is in memory from now on
    days = [channels.FLOOR.channel(day).name for day in DAYS]
    async with connected(process, settings) as (session, reader), hanging(database_url):
        await subscribe_all(session, session._sessions, MAIN, 7, dict.fromkeys([*days, "tables"]))
        await until_count(reader, "snapshot", 1)
        errors = [said for said in reader.said if said["op"] == "error"]
        assert [error["channel"] for error in errors] == days
        assert {error["code"] for error in errors} == {"unavailable"} and all(error["retryable"] for error in errors)
        assert list(session.subscriptions) == ["tables"]
