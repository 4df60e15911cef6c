"""The event subscriber against a real Valkey: what it takes, what it ignores, and that no fault ends it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from hub.config import Settings
from hub.domain.events import MAIN, Event, stream_of, venue_of
from hub.metrics import Metrics
from hub.store import streams
from hub.views import publisher
from hub.views.context import Context
from hub.views.signing import Signer
from hub.views.subscriber import EventSubscriber
from hub.views.wake_ups import WakeUps
from tests.integration.hub.test_metrics import value

WITHIN = 6.0


class Receiver:
    """Who hears the events: it keeps them, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.received: list[Event] = []
        self.faults = 0
        self.missed = 0
        self.news = asyncio.Event()

    def receive(self, events: list[Event]) -> None:
        if self.faults:
            self.faults -= 1
            raise ZeroDivisionError
        self.received += events
        self.news.set()

    def miss(self) -> None:
        self.missed += 1
        self.news.set()

    async def until(self, found: Callable[[], Any]) -> None:
        async with asyncio.timeout(WITHIN):
            while not found():
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def context(settings: Settings) -> Context:
    return Context(settings, lambda events: None, epoch=secrets.token_hex(4))


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> Metrics:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    return Metrics()


@pytest.fixture
def signer(settings: Settings, metrics: Metrics) -> Signer:
    return Signer(settings.secret_key, metrics)


@pytest.fixture
async def receiver(redis: Redis, context: Context, metrics: Metrics, signer: Signer) -> AsyncIterator[Receiver]:
    """Listening, from the moment at which Valkey confirmed it."""
    receiver = Receiver()
    event_subscriber = EventSubscriber(
        redis, context, metrics, signer, on_events=receiver.receive, on_missed=receiver.miss
    )
    event_subscriber.start()
    await receiver.until(lambda: receiver.missed == 1)
    yield receiver
    await event_subscriber.stop()


def event(context: Context, version: int, venue_id: int = MAIN) -> Event:
    data, stream = {"booking": version, "entry": None}, stream_of(venue_id, date(2026, 11, 24))
    return Event(stream, version, "booked", data, datetime.now(UTC), version, version - 1, context.epoch)


async def publish(redis: Redis, context: Context, payload: bytes, venue_id: int = MAIN) -> None:
    await redis.publish(publisher.channel(context.epoch, venue_id), payload)


def signed(
    context: Context,
    signer: Signer,
    content: bytes,
    publisher_id: bytes = b"f" * 16,
    of: str | None = None,
    venue_id: int = MAIN,
) -> bytes:
    """What a process of the same installation publishes; ``of`` another epoch's channel."""
    return publisher_id + signer.sign(publisher.channel(of or context.epoch, venue_id).encode(), content)


async def test_an_event_of_another_process_is_heard_and_our_own_is_not(
    redis: Redis, context: Context, receiver: Receiver, signer: Signer
) -> None:
    await publish(redis, context, signed(context, signer, streams.dump(event(context, 1)), context.publisher_id))
    await publish(redis, context, signed(context, signer, streams.dump(event(context, 2))))
    await receiver.until(lambda: receiver.received)
    assert [received.version for received in receiver.received] == [2]


async def test_events_of_every_venue_are_heard_each_on_its_own_channel(
    redis: Redis, context: Context, receiver: Receiver, signer: Signer, settings: Settings
) -> None:
    """As a publisher sends them: it signs each for the channel of its venue."""
    venues = [*range(1, publisher.PARTITIONS + 2), 999]
    wake_ups = WakeUps(settings)
    sender = publisher.EventPublisher(redis, wake_ups, Metrics(), signer, publisher_id=b"f" * 16)
    sender.start()
    sender.publish([event(context, version, venue_id) for version in (1, 2) for venue_id in venues])
    await receiver.until(lambda: len(receiver.received) == 2 * len(venues))
    await sender.stop()
    await wake_ups.close()
    heard = [(venue_of(each.stream), each.version) for each in receiver.received]
    assert sorted(heard) == sorted((venue_id, version) for venue_id in venues for version in (1, 2))
    for venue_id in venues:  # in order, each venue's
        assert [version for of, version in heard if of == venue_id] == [1, 2]
    names = {publisher.channel(context.epoch, venue_id) for venue_id in venues}
    assert names == set(publisher.channels(context.epoch)) and len(names) == publisher.PARTITIONS


@pytest.mark.parametrize("junk", [b"", b"x", b"\xff" * 40, b"f" * 16 + b"{}", b"f" * 32])
async def test_a_message_without_our_mark_is_dropped_and_counted(
    redis: Redis, context: Context, receiver: Receiver, signer: Signer, metrics: Metrics, junk: bytes
) -> None:
    await publish(redis, context, junk)
    await publish(redis, context, signed(context, signer, streams.dump(event(context, 3))))
    await receiver.until(lambda: receiver.received)
    assert receiver.missed == 1  # the same connection
    assert value(metrics, "hub_redis_unsigned_total", kind="event") == 1


@pytest.mark.parametrize("forged", ["no mark", "another key", "another channel", "another venue", "changed"])
async def test_a_forged_event_is_dropped_and_counted(
    redis: Redis, context: Context, receiver: Receiver, signer: Signer, metrics: Metrics, forged: str
) -> None:
    content = streams.dump(event(context, 1))
    payloads = {
        "no mark": b"f" * 16 + content,
        "another key": signed(context, Signer("y" * 32, Metrics()), content),
        "another channel": signed(context, signer, content, of="another0"),
        "another venue": signed(context, signer, content, venue_id=2),
        "changed": signed(context, signer, content).replace(b'"booking":1', b'"booking":2'),
    }
    await publish(redis, context, payloads[forged])
    await publish(
        redis, context, signed(context, signer, streams.dump(event(context, 2)))
    )  # the control: ours is heard
    await receiver.until(lambda: receiver.received)
    assert [received.version for received in receiver.received] == [2]
    assert value(metrics, "hub_redis_unsigned_total", kind="event") == 1


@pytest.mark.parametrize("content", [b"{}", b'["a",1]', b"null", b"\xff"])
async def test_an_event_of_another_form_has_the_views_look_at_the_database(
    redis: Redis, context: Context, receiver: Receiver, signer: Signer, content: bytes
) -> None:
    await publish(redis, context, signed(context, signer, content))
    await publish(redis, context, signed(context, signer, streams.dump(event(context, 3))))
    await receiver.until(lambda: receiver.received)
    assert receiver.missed == 2  # at the subscription, and now


async def test_a_message_without_an_event_is_passed_over(
    redis: Redis, context: Context, receiver: Receiver, signer: Signer, metrics: Metrics
) -> None:
    await publish(redis, context, b"f" * 16)
    await publish(redis, context, signed(context, signer, streams.dump(event(context, 3))))
    await receiver.until(lambda: receiver.received)
    assert value(metrics, "hub_redis_unsigned_total", kind="event") == 0


async def test_a_fault_of_who_listens_costs_a_new_subscription(
    redis: Redis, context: Context, receiver: Receiver, signer: Signer
) -> None:
    receiver.faults = 1
    await publish(redis, context, signed(context, signer, streams.dump(event(context, 1))))
    await receiver.until(lambda: receiver.missed == 2)  # it listens again, and has the views verify themselves
    await publish(redis, context, signed(context, signer, streams.dump(event(context, 2))))
    await receiver.until(lambda: receiver.received)
    assert [received.version for received in receiver.received] == [2]
