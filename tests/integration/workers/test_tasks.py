"""The tasks of a worker: by Redis's broker and by its own, for any kind of rows; and the readers of Redis's queue, of
which a worker that is gone leaves none behind for ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from redis.asyncio import Redis
from taskiq.kicker import AsyncKicker

from hub.config import Settings
from hub.store import database, outbox
from hub.store.outbox import LEASED, OutboxEntry, Outcome
from hub.views.wake_ups import DELIVER, LONGEST, QUEUE, WakeUps
from tests.guests import until
from tests.servers import PATIENCE
from workers import tasks
from workers.broker import make_broker
from workers.dispatcher import Dispatcher
from workers.forgetting import Forgetting
from workers.metrics import WorkerMetrics


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(settings.redis_url)
    yield client
    await client.aclose()


async def readers(redis: Redis) -> set[str]:
    if not await redis.exists("hub:wake"):
        return set()
    return {str(each["name"]) for each in await redis.xinfo_consumers("hub:wake", "hub")}


async def listen_until_heard(settings: Settings, redis: Redis, before: set[str]) -> set[str]:
    """Listen as a worker does, end in order, and return who read the queue meanwhile."""
    stopping = asyncio.Event()
    task = asyncio.create_task(tasks.listen(settings, tasks.Dispatchers(), stopping))

    async def heard() -> set[str]:
        return await readers(redis) - before

    found = await until(heard)
    stopping.set()
    await task
    return set(found)


@pytest.fixture
async def wake_ups(settings: Settings) -> AsyncIterator[WakeUps]:
    opened = WakeUps(settings)
    yield opened
    await opened.close()


async def test_wake_up_is_what_taskiq_itself_would_send(settings: Settings, redis: Redis, wake_ups: WakeUps) -> None:
    broker = make_broker(settings)
    await AsyncKicker(task_name=DELIVER, broker=broker, labels={}).kiq("note")  # type: ignore[call-overload]
    await broker.shutdown()
    await wake_ups.send("note")
    [(_, theirs), (_, ours)] = await redis.xrange(QUEUE)
    assert theirs.keys() == ours.keys() == {b"data"}
    messages = [json.loads(each[b"data"]) for each in (theirs, ours)]
    ids = [message.pop("task_id") for message in messages]
    assert messages[0] == messages[1]
    assert len(set(ids)) == 2 and {(type(id), len(id)) for id in ids} == {(str, 32)}


async def test_wake_ups_that_nobody_reads_are_bounded(redis: Redis, wake_ups: WakeUps) -> None:
    async with redis.pipeline(transaction=False) as pipe:
        for _ in range(2 * LONGEST):
            pipe.xadd(QUEUE, {"data": b""})
        await pipe.execute()
    await wake_ups.send("note")
    assert LONGEST <= await redis.xlen(QUEUE) < LONGEST * 1.2  # Redis trims whole blocks of the stream


async def test_wake_up_has_a_worker_run_the_task(connected: Settings, wake_ups: WakeUps) -> None:
    running, stopping = Running(connected), asyncio.Event()
    await enqueue("a")
    await wake_ups.send("note")  # sent before any worker listens
    task = asyncio.create_task(tasks.listen(connected, running.dispatchers, stopping))
    await running.until_sent("a")
    await enqueue("b")
    await wake_ups.send("note")  # while it listens
    await running.until_sent("a", "b")
    stopping.set()
    await running.stop(task)


async def test_worker_that_ends_leaves_no_reader(
    settings: Settings, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.tasks.LEAVE_SECONDS", PATIENCE)
    for _ in range(3):
        assert len(await listen_until_heard(settings, redis, set())) == 1
        assert await readers(redis) == set()


async def test_start_removes_the_readers_of_killed_workers(
    settings: Settings, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):  # killed: each asked once, and never again
        broker = make_broker(settings)
        await broker.startup()
        await redis.xreadgroup("hub", broker.consumer_name, {"hub:wake": ">"}, count=1)
        await broker.shutdown()
    killed = await readers(redis)
    assert len(killed) == 5
    await listen_until_heard(settings, redis, killed)
    assert await readers(redis) == killed  # they may be alive: it is not a minute ago that they asked
    monkeypatch.setattr(tasks, "GONE_SECONDS", -1.0)
    await listen_until_heard(settings, redis, killed)
    assert await readers(redis) == set()


class Notes:
    """A kind of its own: all that a new one needs. It keeps what it sends."""

    kind = "note"
    topics: tuple[str, ...] = ("said",)
    longest_seconds = 1.0

    def __init__(self) -> None:
        self.sent: list[str] = []

    def connect(self) -> Notes:
        return self

    async def close(self) -> None:
        pass

    async def read(self, entries: Sequence[OutboxEntry]) -> dict[int, Any]:
        rows = await database.fetch(f"SELECT o.id FROM {LEASED}", *outbox.leases_of(entries))
        return {row["id"]: row for row in rows}

    async def send(self, entry: OutboxEntry, about: Any, out: Any) -> Outcome:
        self.sent.append(entry.target)
        return Outcome(entry, "sent", answered=True)


async def enqueue(*targets: str) -> None:
    await database.write(
        "INSERT INTO outbox (kind, topic, target, payload, ordering_key, due_at) "
        "SELECT 'note', 'said', target, '{}', 'all', now() FROM unnest($1::text[]) target",
        list(targets),
    )


class Running:
    """A dispatcher of notes, and what was wrong with it."""

    def __init__(self, settings: Settings) -> None:
        self.notes, self.faults = Notes(), list[BaseException]()
        metrics = WorkerMetrics()
        dispatcher = Dispatcher(self.notes, metrics, Forgetting(settings, metrics), fault=self.faults.append)
        self.dispatchers = tasks.Dispatchers(note=dispatcher)

    async def until_sent(self, *targets: str) -> None:
        async def sent() -> bool:
            rows = await database.fetch("SELECT id FROM outbox WHERE sent_at IS NULL AND kind = 'note'")
            return not rows and not self.faults

        await until(sent)
        assert self.notes.sent == list(targets)

    async def stop(self, task: asyncio.Task[None]) -> None:
        await self.dispatchers["note"].stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_rows_of_another_kind_need_a_handler_alone_and_no_redis(connected: Settings) -> None:
    running = Running(connected)
    task = asyncio.create_task(tasks.sweep_regularly(running.dispatchers))
    await enqueue("a", "b", "c")
    await running.until_sent("a", "b", "c")  # one key: in the order in which they were written
    await database.write("UPDATE outbox SET sent_at = NULL, expired = 1 WHERE target = 'b'")
    await running.until_sent("a", "b", "c", "b")  # from quarantine too
    await running.stop(task)


async def test_kick_through_redis_delivers_and_a_forged_one_harms_nothing(connected: Settings) -> None:
    running, stopping = Running(connected), asyncio.Event()
    task = asyncio.create_task(tasks.listen(connected, running.dispatchers, stopping))
    broker = make_broker(connected)
    await broker.startup()
    for number, forged in enumerate(([["note"]], [{"kind": 1}], ["unknown"], [None], [1, 2, 3], [])):
        await enqueue(str(number))
        labels = {"timeout": "0.0001"} if number % 2 else {}
        await AsyncKicker(task_name="deliver", broker=broker, labels=labels).kiq(*forged)  # type: ignore[call-overload]
        await AsyncKicker(task_name="nobody knows it", broker=broker, labels={}).kiq()
        await AsyncKicker(task_name="deliver", broker=broker, labels=labels).kiq("note")  # type: ignore[call-overload]
        await running.until_sent(*map(str, range(number + 1)))
    await broker.shutdown()
    stopping.set()
    await running.stop(task)
