"""The event subscriber says when it was cut off, to whoever must look again and to the graphs. (What it hears:
test_feed.)"""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from hub.config import Settings
from hub.metrics import Metrics
from hub.views.signing import Signer
from hub.views.subscriber import EventSubscriber
from tests.guests import make_context
from tests.integration.hub.test_metrics import value


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's series alone."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)


async def test_a_cut_is_counted_once_and_the_views_are_asked_to_verify(settings: Settings) -> None:
    redis, metrics, asked = Redis.from_url(settings.redis_url), Metrics(), asyncio.Event()
    signer = Signer(settings.secret_key, metrics)
    event_subscriber = EventSubscriber(
        redis, make_context(settings), metrics, signer, on_events=lambda events: None, on_missed=asked.set
    )
    assert value(metrics, "hub_redis_up") == 0
    event_subscriber.start()
    try:
        assert await event_subscriber.confirmed(3.0)
        async with asyncio.timeout(3):
            await asked.wait()
        assert (value(metrics, "hub_redis_up"), value(metrics, "hub_subscriber_disconnects_total")) == (1, 0)
        asked.clear()
        assert await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub") >= 1
        async with asyncio.timeout(6):
            await asked.wait()
            while not value(metrics, "hub_subscriber_heartbeat_seconds_count"):  # noqa: ASYNC110 - a counter can't be awaited
                await asyncio.sleep(0.02)
            beaten = value(metrics, "hub_subscriber_heartbeat_seconds_count")
            while value(metrics, "hub_subscriber_heartbeat_seconds_count") == beaten:  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.02)
        assert (value(metrics, "hub_redis_up"), value(metrics, "hub_subscriber_disconnects_total")) == (1, 1)
    finally:
        await event_subscriber.stop()
        await redis.aclose()
    assert value(metrics, "hub_redis_up") == 0
