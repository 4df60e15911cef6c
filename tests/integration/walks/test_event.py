"""The files on the way of an event from its commit to a socket are those of docs/architecture.md: looked up where it is
laid down to wait for the next of them, and where it leaves for Redis and for the socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from hub.config import Settings
from hub.live.merge_window import MergeWindow
from hub.live.write_batcher import WriteBatcher
from hub.metrics import Metrics
from hub.views.publisher import EventPublisher
from hub.views.signing import Signer
from hub.views.subscriber import EventSubscriber
from hub.views.wake_ups import WakeUps
from tests.integration.walks.walk import at_work, check_in_all, every_file, ours, walk_of
from tests.process import FLOOR, Process, make_user, messages
from tests.servers import PATIENCE
from tests.writing import writing_context

HANDED_ON = (
    (EventPublisher, "publish"), (Pipeline, "execute"), (MergeWindow, "schedule"), (WriteBatcher, "enqueue_all"),
)  # fmt: skip
"""Where it leaves for Redis, and where it, or what has become of it, is laid down for another turn of the loop."""


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def glass() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a line: the hub's, and that of whoever watches."""
    ends = socket.socketpair()
    for each in ends:
        each.setblocking(False)
    yield ends
    for each in ends:
        each.close()


def note_where_it_is_handed_on(monkeypatch: pytest.MonkeyPatch, line: int) -> set[str]:
    """The files at work then, as they come; ``line`` is the descriptor of the socket."""
    files: set[str] = set()

    def noted(method: Any) -> Any:
        def note(*args: Any, **named: Any) -> Any:
            files.update(at_work(), (method.__code__.co_filename,))
            return method(*args, **named)

        return note

    for owner, name in HANDED_ON:
        monkeypatch.setattr(owner, name, noted(getattr(owner, name)))
    write = os.write

    def written(descriptor: int, data: bytes) -> int:
        if descriptor == line:
            files.update(at_work())
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", written)
    return files


async def test_the_way_of_an_event_is_the_one_in_the_document(
    connected: Settings,
    process: Process,
    redis: Redis,
    glass: tuple[socket.socket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walk, before = walk_of("From an event to the glass"), walk_of("A booking, step by step")
    metrics = Metrics()
    signer, wake_ups = Signer(connected.secret_key, metrics), WakeUps(connected)
    publisher = EventPublisher(redis, wake_ups, metrics, signer, publisher_id=b"another process!")
    subscriber = EventSubscriber(
        redis, process.context, metrics, signer, on_events=process.views.apply, on_missed=lambda: None
    )
    subscriber.start()
    assert await subscriber.confirmed(PATIENCE)
    host, ada = await process.enter(FLOOR), await make_user("Ada")
    process.writer = writing_context(connected, lambda events: publisher.publish(events))

    async def told() -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            frames = await asyncio.get_running_loop().sock_recv(glass[1], 65536)
        return messages(frames)[0]

    await process.book(ada, 12)
    publisher.start()
    await host.until(lambda: host.ops()[-1] == "update")  # what is read once, as the names of guests, is read now
    host.fd = glass[0].fileno()
    await publisher.stop()
    files = note_where_it_is_handed_on(monkeypatch, host.fd)
    await process.book(ada, 15)
    in_all: set[str] = set()
    with every_file(in_all):
        publisher.start()
        assert (await told())["op"] == "update"
    await publisher.stop()
    await subscriber.stop()
    await wake_ups.close()
    assert ours(files) - set(before.way) == set(walk.way)
    check_in_all(walk, ours(in_all) | set(walk.way))
