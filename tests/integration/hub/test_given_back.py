"""What is taken for a request comes back wherever the request is cut off: connections to Redis, turns, counts."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from hub.commands.throttle import HOUR, Throttle
from hub.config import Settings
from hub.counters import MOST_CONNECTIONS, Counters
from hub.domain.events import MAIN
from hub.errors import EmailTaken
from hub.metrics import Metrics
from hub.views import publisher
from hub.views.checkpoints import Checkpoints
from hub.views.signing import Signer
from tests.servers import PATIENCE
from tests.steps import Moment, cancelled_at_each_await

EMAIL, ADDRESS = "ada@example.com", "192.0.2.7"
pytestmark = pytest.mark.parametrize("moment", ["waiting", "answered"])


@pytest.fixture
async def counters(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counters]:
    monkeypatch.setattr("hub.counters.WAIT_SECONDS", PATIENCE)  # Redis is there, however busy the machine
    made = Counters(settings.redis_url)
    yield made
    await made.close()


async def all_come_back(pool: Any, most: int) -> None:
    """As many connections as there may be can be taken at once."""
    taken = []
    try:
        async with asyncio.timeout(PATIENCE):
            for _ in range(most):
                taken.append(await pool.get_connection())
    finally:
        for connection in taken:
            await pool.release(connection)


@pytest.mark.parametrize("connected", [True, False])
async def test_count_that_is_cut_off_gives_its_connection_back(
    counters: Counters, moment: Moment, connected: bool
) -> None:
    """Nor does anybody get the answer that was meant for it."""
    await counters.add("known", HOUR, 7)

    async def count() -> int:
        if not connected:
            await counters._pool.disconnect()
        return await counters.add("other", HOUR)

    async def whole() -> None:
        await all_come_back(counters._pool, MOST_CONNECTIONS)
        assert [await counters.value("known") for _ in range(MOST_CONNECTIONS)] == [7] * MOST_CONNECTIONS

    assert await cancelled_at_each_await(count, moment, whole) >= 1


@pytest.mark.parametrize("connected", [True, False])
async def test_question_to_redis_that_is_cut_off_gives_its_connection_back(
    settings: Settings, moment: Moment, connected: bool
) -> None:
    redis = Redis.from_url(settings.redis_url)
    checkpoints = Checkpoints(redis, settings, Signer(settings.secret_key, Metrics()))
    await checkpoints.write("epoch", "day", 3, {"version": 3})

    async def read() -> None:
        if not connected:
            await redis.connection_pool.disconnect()
        checkpoints._rest_until = float("-inf")
        await checkpoints.read("epoch", "day")
        async with redis.pipeline(transaction=False) as pipe:
            pipe.publish(publisher.channel("epoch", MAIN), b"")
            pipe.set("hub:ready", "1", px=1000)
            await pipe.execute()

    async def whole() -> None:
        assert not redis.connection_pool._in_use_connections
        assert await redis.echo("the right answer") == b"the right answer"

    assert await cancelled_at_each_await(read, moment, whole) >= 2
    await redis.aclose()


@pytest.mark.parametrize("made", [True, False])
async def test_registration_that_is_cut_off_counts_as_it_went(
    settings: Settings, counters: Counters, moment: Moment, made: bool
) -> None:
    """For the address that gets a mail: once if there is an account, else not at all. The log has no complaint of a
    refusal that nobody waits for."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    throttle = Throttle(settings, counters, Metrics())
    key = f"mail/{throttle._digest(EMAIL)}"

    async def work() -> None:
        async with throttle.recipient(EMAIL), throttle.hashing(ADDRESS):
            await asyncio.sleep(0)
            if not made:
                raise EmailTaken()

    async def register() -> None:
        try:
            await throttle.finish(work())
        except EmailTaken:
            assert not made

    async def whole() -> None:
        async with asyncio.timeout(PATIENCE):
            while throttle._tasks:
                await asyncio.wait(throttle._tasks)
        gc.collect()  # asyncio complains of what nobody asked a task about when the task goes
        assert complaints == []
        assert await counters.value(key) == made
        assert not throttle._turns
        await counters.clear(key)

    assert await cancelled_at_each_await(register, moment, whole) >= 1
