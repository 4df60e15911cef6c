"""What a process measures of itself: read back as Prometheus would."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from hub.config import Settings
from hub.errors import HubError
from hub.metrics import Metrics
from hub.process.sampler import LAG_SECONDS, Sampler
from hub.store import database, pool
from hub.views.publisher import EventPublisher
from hub.views.signing import Signer
from hub.views.wake_ups import WakeUps
from tests.guests import make_context
from tests.integration.hub.test_metrics import value


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process's series alone."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    yield


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def sampler(connected: Settings, metrics: Metrics) -> Sampler:
    redis = Redis.from_url(connected.redis_url)
    signer = Signer(connected.secret_key, metrics)
    publisher = EventPublisher(
        redis, WakeUps(connected), metrics, signer, publisher_id=b"0" * 16
    )  # neither connects before it is used
    return Sampler(make_context(connected).shared, publisher, metrics)


async def test_connections_in_use_are_seen_and_a_free_one_is_not_waited_for(sampler: Sampler, metrics: Metrics) -> None:
    source = await database.pool()
    async with source.acquire(), source.acquire():
        await sampler.look()
    assert value(metrics, "hub_database_pool_connections", state="used") == 2
    assert value(metrics, "hub_database_pool_connections_max") == database.POOL_SIZE
    assert value(metrics, "hub_database_pool_wait_seconds_count") == 1
    assert value(metrics, "hub_database_pool_wait_seconds_bucket", le="1.0") == 1


async def test_an_exhausted_pool_is_a_long_wait(
    sampler: Sampler, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ACQUIRE_SECONDS", 0.06)  # a long wait need not last long here
    source = await database.pool()
    held = [await source.acquire() for _ in range(database.POOL_SIZE)]
    try:
        await sampler.look()
    finally:
        for connection in held:
            await source.release(connection)
    assert value(metrics, "hub_database_pool_connections", state="idle") == 0
    assert value(metrics, "hub_database_pool_wait_seconds_bucket", le="0.05") == 0
    assert value(metrics, "hub_database_pool_wait_seconds_count") == 1


async def test_a_database_that_is_away_is_no_wait(sampler: Sampler, metrics: Metrics) -> None:
    source = await database.pool()
    source.terminate()
    with pytest.raises(HubError):
        await sampler.look()
    assert value(metrics, "hub_database_pool_wait_seconds_count") == 0


async def test_tasks_that_have_not_ended_are_counted(sampler: Sampler, metrics: Metrics) -> None:
    await sampler.look()
    before = value(metrics, "hub_event_loop_tasks")
    assert before is not None and before >= 1  # this one
    waiting = [asyncio.create_task(asyncio.Event().wait()) for _ in range(20)]
    await sampler.look()
    assert value(metrics, "hub_event_loop_tasks") == before + 20
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await sampler.look()
    assert value(metrics, "hub_event_loop_tasks") == before


async def test_a_loop_that_is_held_up_is_late(sampler: Sampler, metrics: Metrics) -> None:
    sampler.start()
    await asyncio.sleep(0)
    held_up = LAG_SECONDS + 0.12
    until = asyncio.get_running_loop().time() + held_up
    while asyncio.get_running_loop().time() < until:
        pass  # holds up everybody, as a long computation would
    async with asyncio.timeout(3):
        while not value(metrics, "hub_event_loop_lag_seconds_count"):  # noqa: ASYNC110 - a counter can't be awaited
            await asyncio.sleep(0.02)
    await sampler.stop()
    soon = value(metrics, "hub_event_loop_lag_seconds_bucket", le="0.1")
    all_of_them = value(metrics, "hub_event_loop_lag_seconds_count")
    assert soon is not None and all_of_them is not None and all_of_them - soon >= 1
    assert value(metrics, "hub_processes") == value(metrics, "hub_processes_wanted") == 1


async def test_the_evening_is_shown_for_each_hour(sampler: Sampler, metrics: Metrics) -> None:
    await sampler.look_at_service()
    assert [value(metrics, "hub_service_covers", hour=hour) for hour in ("00", "19", "23")] == [0, 0, 0]
    assert value(metrics, "hub_service_tables", state="free") == 16
    assert value(metrics, "hub_service_seats") == 50
    assert value(metrics, "hub_service_bookings", status="no_show") == 0
