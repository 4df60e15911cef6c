"""What one process counts of its views and of its broadcaster, after a short history of which every change is known."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.domain.events import MAIN, TABLES, stream_of
from hub.live import channels
from hub.live.frames import text_frame
from hub.live.write_batcher import WriteBatcher
from hub.metrics import Metrics
from tests.clock import turns_of_the_loop
from tests.integration.hub.test_metrics import value
from tests.process import AVAILABILITY, DAY, FLOOR, Client, Process, make_user

WRITES = "hub_live_commit_to_write_seconds"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's series alone."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)


def of(metrics: Metrics, name: str, label: str, *values: str) -> tuple[float | None, ...]:
    """A series by each value of its label."""
    return tuple(value(metrics, name, **{label: each}) for each in values)


def frames(metrics: Metrics) -> tuple[float | None, ...]:
    return of(metrics, "hub_live_frames_total", "op", "snapshot", "update")


def recoveries(metrics: Metrics) -> tuple[float | None, ...]:
    return of(metrics, "hub_live_recoveries_total", "outcome", "current", "resumed", "snapshot")


def repairs(metrics: Metrics) -> tuple[float | None, ...]:
    return of(metrics, "hub_view_repairs_total", "cause", "gap", "freshness_check", "requested")


async def resume(process: Process, client: Client, since: str) -> None:
    channel = channels.parse(AVAILABILITY)
    assert channel is not None
    await process.broadcaster.subscribe(client, channel, since=since, id=None)


async def test_frames_merged_changes_and_recoveries_are_counted(process: Process) -> None:
    metrics, user = process.metrics, await make_user("Ada")
    assert (frames(metrics), recoveries(metrics)) == ((0, 0), (0, 0, 0))
    one, two = await process.enter(AVAILABILITY), await process.enter(AVAILABILITY, FLOOR)
    begin = process.views.position(await process.views.get(stream_of(MAIN, DAY)))
    assert (frames(metrics), recoveries(metrics)) == ((2, 0), (0, 0, 3))  # two channels; three subscriptions
    assert value(metrics, "hub_live_subscriptions") == 3

    for _ in range(3):
        await process.book(user)
    process.receive()  # of all of them in one tick: one frame a channel, which tells two more
    await two.until(lambda: two.ops().count("update") == 2)
    assert (frames(metrics), value(metrics, "hub_live_merged_total")) == ((2, 2), 4)

    now = process.views.position(await process.views.get(stream_of(MAIN, DAY)))
    for since in (now, begin, begin, "otherone:1", "unreadable"):
        await resume(process, await process.enter(), since)
    # Those who resume are told what they missed; that is built for each, and no frame that others watch.
    assert recoveries(metrics) == (1, 2, 5)
    assert (frames(metrics), value(metrics, "hub_live_merged_total")) == ((3, 2), 4)
    assert value(metrics, "hub_live_subscriptions") == 8

    process.broadcaster.leave(two)
    process.broadcaster.unsubscribe(one, AVAILABILITY)
    assert value(metrics, "hub_live_subscriptions") == 5


async def test_each_frame_of_changes_is_one_way_from_its_oldest_commit_to_the_last_write(process: Process) -> None:
    metrics, user = process.metrics, await make_user("Ada")
    watchers = [await process.enter(AVAILABILITY) for _ in range(3)]
    assert value(metrics, f"{WRITES}_count") == 0  # a snapshot tells no change
    hour = timedelta(hours=1).total_seconds()

    async def tell(*ages: float) -> tuple[float, float]:
        """Changes that were committed so many seconds ago are heard of in one tick; how long the oldest took, at
        least and at most."""
        events = []
        for age in ages:
            await process.book(user)
            events.append(replace(process.committed[-1], at=datetime.now(UTC) - timedelta(seconds=age)))
        told = [len(watcher.said) for watcher in watchers]
        least = (datetime.now(UTC) - events[0].at).total_seconds()
        process.views.apply(events)
        for watcher, begin in zip(watchers, told, strict=True):
            await watcher.until(lambda w=watcher, b=begin: "update" in w.ops(b))
        async with asyncio.timeout(6):
            while process.broadcaster.writer._began is not None:  # noqa: ASYNC110 - it is measured after the last write
                await asyncio.sleep(0)
        return least, (datetime.now(UTC) - events[0].at).total_seconds()

    least, most = await tell(0.0)
    first = value(metrics, f"{WRITES}_sum")
    assert value(metrics, f"{WRITES}_count") == 1  # however many were written to
    assert first is not None and least <= first <= most

    least, most = await tell(hour, 0.0)
    both = value(metrics, f"{WRITES}_sum")
    assert value(metrics, f"{WRITES}_count") == 2
    assert both is not None and least <= both - first <= most  # the oldest of the frame, not the last
    assert value(metrics, f"{WRITES}_bucket", le="5.0") == (1 if first <= 5 else 0)

    told = watchers[0].ops().count("fresh")
    process.verified(datetime.now(UTC))
    process.broadcaster.fresh.send()
    await watchers[0].until(lambda: watchers[0].ops().count("fresh") == told + 1)
    for watcher in watchers:
        process.broadcaster.suspend(watcher)
    await process.book(user)
    process.views.apply(process.committed[-1:])
    async with asyncio.timeout(6):
        while frames(metrics) != (1, 3):  # noqa: ASYNC110 - a counter can't be awaited
            await asyncio.sleep(0)
    await turns_of_the_loop(3)  # in which it would be written
    assert value(metrics, f"{WRITES}_count") == 2  # neither tells a change, and nobody was told of the last one


async def test_a_delivery_is_a_frame_that_was_written_to_a_session() -> None:
    metrics, full = Metrics(), Client()
    writer, clients = WriteBatcher(metrics), [Client() for _ in range(4)]
    writer.full.add(full)
    frame = text_frame({"op": "update"})
    writer.enqueue_all([*clients, full], frame)
    writer.enqueue(clients[0], frame)
    await clients[-1].until(lambda: clients[-1].said)
    assert value(metrics, "hub_live_deliveries_total") == 5 and full.kept  # kept is not yet written


@pytest.mark.usefixtures("patient_checkpoints")
async def test_views_their_loads_and_their_repairs_are_counted_by_cause(process: Process) -> None:
    metrics, views, user = process.metrics, process.views, await make_user("Ada")
    assert value(metrics, "hub_views_cached") == 0
    watcher = await process.enter(AVAILABILITY)
    for _ in range(2):
        await views.get(stream_of(MAIN, DAY))
        await views.get(TABLES)
    assert value(metrics, "hub_views_cached") == 2
    assert of(metrics, "hub_view_loads_total", "source", "rows", "checkpoint") == (2, 0)

    async def told(version: int) -> None:
        position = f"{process.context.epoch}:{version}"
        await watcher.until(lambda: any(m["op"] == "update" and m["position"] == position for m in watcher.said))

    async def book(count: int) -> list[Any]:
        for _ in range(count):
            await process.book(user)
        return process.committed[-count:]

    views.apply(await book(1))  # the next one, as it should be
    await told(1)
    assert repairs(metrics) == (0, 0, 0)
    views.apply((await book(2))[1:])  # the first of them never comes
    await told(3)
    assert repairs(metrics) == (1, 0, 0)
    await book(4)
    await views.verify()
    await told(7)
    assert repairs(metrics) == (1, 1, 0)
    behind = "hub_view_lag_versions"
    assert (value(metrics, f"{behind}_count"), value(metrics, f"{behind}_sum")) == (1, 4)
    await book(1)
    await views.get(stream_of(MAIN, DAY), at_least=8)  # asked by somebody who has seen it elsewhere
    await told(8)
    assert repairs(metrics) == (1, 1, 1)
    await views.get(stream_of(MAIN, DAY), at_least=8)
    await views.verify()  # and nothing is missed any more
    assert repairs(metrics) == (1, 1, 1)
    assert (value(metrics, f"{behind}_count"), value(metrics, f"{behind}_sum")) == (1, 4)
    assert of(metrics, "hub_view_loads_total", "source", "rows", "checkpoint") == (2, 0)  # repaired, not read whole

    views._updater.evict_idle(asyncio.get_running_loop().time() + timedelta(days=1).total_seconds())
    assert value(metrics, "hub_views_cached") == 1  # the one that is watched
    async with asyncio.timeout(6):
        await views._background.finish()  # checkpoints are written aside
    await views.get(TABLES)
    assert of(metrics, "hub_view_loads_total", "source", "rows", "checkpoint") == (2, 1)
