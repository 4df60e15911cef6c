"""What redis-py's pub/sub does wrong for us, each fault pinned against a real Valkey and with none of our code.

hub.views.subscriber exists because of these. A test that fails here after an upgrade of redis-py says what of it may
go."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as LinkError
from redis.exceptions import TimeoutError as LinkTimeout

from tests.between import Between
from tests.sanic_apps import PATIENCE, works_around


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client beside the one that is tested: it publishes, and cuts the other off."""
    client: Redis = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def subscribed(client: Redis, channel: str) -> Any:
    """A subscription of ``client``, confirmed."""
    pubsub = client.pubsub()
    await pubsub.subscribe(channel)
    assert (await pubsub.get_message(timeout=PATIENCE))["type"] == "subscribe"
    return pubsub


async def cut(redis: Redis, name: str) -> None:
    """End the connections of the client of that name, as a restart of Valkey or a proxy would."""
    for each in await redis.client_list():
        if each["name"] == name:
            await redis.client_kill_filter(_id=each["id"])


@works_around("hub.views.subscriber: the views are verified after each confirmation of the subscription")
@pytest.mark.parametrize("made_from", ["url", "arguments"])
async def test_subscribes_again_by_itself_and_says_nothing_of_what_was_lost(
    redis: Redis, redis_url: str, made_from: str
) -> None:
    """A client made from a URL retries nothing: it raises once. One made from arguments says nothing at all."""
    name, where = secrets.token_hex(8), urlsplit(redis_url)
    if made_from == "url":
        client = Redis.from_url(redis_url, client_name=name)
    else:
        assert where.hostname and where.port
        client = Redis(host=where.hostname, port=where.port, password=where.password, client_name=name)
    pubsub = await subscribed(client, name)
    await cut(redis, name)
    assert await redis.publish(name, b"lost") == 0
    if made_from == "url":
        with pytest.raises(LinkError):
            await pubsub.get_message(timeout=PATIENCE)
    again = await pubsub.get_message(timeout=PATIENCE)
    assert again["type"] == "subscribe"  # the one sign: a confirmation more than was asked for
    assert await redis.publish(name, b"found") == 1
    assert (await pubsub.get_message(timeout=PATIENCE))["data"] == b"found"
    await pubsub.aclose()
    await client.aclose()


@works_around("hub.views.subscriber calls get_message in a loop of its own, which goes on after an error")
async def test_listen_ends_when_the_connection_is_cut(redis: Redis, redis_url: str) -> None:
    """Valkey is there all the time."""
    name = secrets.token_hex(8)
    client = Redis.from_url(redis_url, client_name=name)
    pubsub = await subscribed(client, name)
    await cut(redis, name)
    with pytest.raises(LinkError):
        async with asyncio.timeout(PATIENCE):
            async for _ in pubsub.listen():
                pass
    await pubsub.aclose()
    await client.aclose()


@works_around("the heartbeat of hub.views.subscriber")
async def test_half_open_link_is_never_noticed(redis: Redis, redis_url: str) -> None:
    """Not by its own health check either, which asks and does not wait for the answer."""
    name, where = secrets.token_hex(8), urlsplit(redis_url)
    assert where.hostname and where.port
    async with Between(where.hostname, where.port).open() as between:
        through = urlunsplit(where._replace(netloc=f":{where.password}@127.0.0.1:{between.port}"))
        client = Redis.from_url(through, health_check_interval=1, socket_timeout=0.5)
        pubsub = await subscribed(client, name)
        between.swallows = True
        assert await redis.publish(name, b"lost") == 1  # Valkey believes that it was heard
        # Longer than the interval of the check and the client's timeout together.
        assert [await pubsub.get_message(timeout=0.3) for _ in range(6)] == [None] * 6
        assert pubsub.connection.is_connected
        await pubsub.aclose()
        await client.aclose()


@works_around("blocking calls are bounded below socket_timeout: xread_block in workers.broker.make_broker")
async def test_blocking_call_must_block_for_less_than_the_timeout_of_the_socket(redis_url: str) -> None:
    client = Redis.from_url(redis_url, socket_timeout=0.1)
    with pytest.raises(LinkTimeout):
        await client.xread({"nothing": "$"}, block=int(PATIENCE * 1000))
    await client.aclose()
