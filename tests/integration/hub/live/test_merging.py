"""When a change is told, with what else, and how often its frame is built: by the timer that is set and in turns of the
loop, whose clock stands still, and never by how fast this machine is."""

from __future__ import annotations

import asyncio

import pytest

from hub.domain.events import MAIN, parse_position, stream_of
from hub.live.frames import text_frame
from tests.clock import Clock, turns_of_the_loop
from tests.integration.hub.test_metrics import value
from tests.process import AVAILABILITY, DAY, Process, make_user, messages

STREAM = stream_of(MAIN, DAY)
AT_ONCE = 2
"""Turns from a change to the last write of few watchers: in one its frame is built, in the next it is written."""
TOLD = AT_ONCE + 1
"""A timer that is due comes to its turn after those who are in it."""
BUDGET = 0.02
"""Seconds that a frame may wait for what else comes."""
HEAVY = 1.0
"""Seconds that the frames before took to be written to all."""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's series alone."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)


async def commit(process: Process, count: int) -> None:
    """So many changes of the day, of which no view has heard yet; each takes another table."""
    user = await make_user("Ada")
    for _ in range(count):
        await process.book(user)


def change(process: Process, number: int) -> None:
    """The view hears of one of them."""
    process.views.apply([process.committed[number]])


def due(process: Process, clock: Clock) -> float:
    """When what is not told yet will be."""
    handle = process.broadcaster._merging._timers[STREAM]
    return handle.when() if isinstance(handle, asyncio.TimerHandle) else clock.now


async def test_a_change_in_a_calm_is_told_in_the_next_turn_of_the_loop(process: Process, clock: Clock) -> None:
    watcher = await process.enter(AVAILABILITY)
    await commit(process, 1)
    begin = len(watcher.said)
    change(process, 0)
    assert watcher.ops(begin) == []  # who changes the view is not kept by those who watch it
    await turns_of_the_loop(AT_ONCE)
    assert watcher.ops(begin) == ["update"]  # and no time has passed: after a timer it would still be to come


@pytest.mark.parametrize(
    ("took", "waits"),
    [
        (HEAVY, [0.0, 0.0, 0.02, 0.02, 0.02, 0.02, 0.02]),
        (0.0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.005, 0.005]),
    ],
    ids=["much to write", "little to write"],
)
async def test_no_frame_of_a_burst_waits_longer_than_its_budget(
    process: Process, clock: Clock, took: float, waits: list[float]
) -> None:
    """One change after the other, each as soon as the one before is told: what a frame uses up beyond its lead, the
    next one waits for."""
    watcher = await process.enter(AVAILABILITY)
    await commit(process, len(waits))
    begin, waited = len(watcher.said), []
    for number in range(len(waits)):
        process.broadcaster.writer.took = took
        change(process, number)
        waited.append(due(process, clock) - clock.now)
        clock.now += waited[-1]
        await turns_of_the_loop(TOLD)
        assert watcher.ops(begin) == ["update"] * (number + 1)  # told when it was due
    assert waited == pytest.approx(waits, abs=1e-6)
    assert max(waited) <= BUDGET + 1e-6


async def test_changes_of_a_burst_are_one_frame_that_the_last_does_not_put_off(process: Process, clock: Clock) -> None:
    watcher = await process.enter(AVAILABILITY)
    await commit(process, 5)
    begin = len(watcher.said)
    for number in (0, 1):
        process.broadcaster.writer.took = HEAVY
        change(process, number)
        await turns_of_the_loop(TOLD)
    change(process, 2)
    until = due(process, clock)
    assert until == pytest.approx(clock.now + BUDGET, abs=1e-6)
    for number in (3, 4):
        clock.now += BUDGET / 3
        change(process, number)
        await turns_of_the_loop(TOLD)
    assert due(process, clock) == until  # in a burst without end it would else never be told
    assert watcher.ops(begin) == ["update", "update"]
    clock.now = until
    await turns_of_the_loop(TOLD)

    *_, second, third = told = watcher.said[begin:]
    versions = [(parse_position(each["previous"]), parse_position(each["position"])) for each in told]
    epoch = process.context.epoch
    assert versions == [((epoch, before), (epoch, after)) for before, after in ((0, 1), (1, 2), (2, 5))]
    assert len(second["data"]["tables"]) == 1 and len(third["data"]["tables"]) == 3
    everything = messages(process.broadcaster._builder.snapshot(watcher.subscriptions[AVAILABILITY]))[0]["data"][
        "tables"
    ]
    merged = {table: taken for each in told for table, taken in each["data"]["tables"].items()}
    assert merged == everything and len(merged) == 5
    assert value(process.metrics, "hub_live_frames_total", op="update") == 3
    assert value(process.metrics, "hub_live_merged_total") == 2


async def test_a_frame_that_was_held_up_does_not_hold_up_the_next(process: Process, clock: Clock) -> None:
    await process.enter(AVAILABILITY)
    await commit(process, 4)
    for number in (0, 1):
        process.broadcaster.writer.took = HEAVY
        change(process, number)
        await turns_of_the_loop(TOLD)
    process.broadcaster.writer.took = HEAVY
    change(process, 2)
    clock.now += 1.0  # the loop was another's all the time
    await turns_of_the_loop(TOLD)
    change(process, 3)
    assert due(process, clock) == pytest.approx(clock.now, abs=1e-6)


async def test_a_frame_is_built_once_however_many_watch(process: Process, clock: Clock) -> None:
    many, built = 50, "hub_live_frames_total"
    clients = [await process.enter() for _ in range(many)]

    async def subscribe() -> list[bytes]:
        """What is pending for each but the answer to its own command."""
        pending = []
        for client in clients:
            await process.subscribe(client, AVAILABILITY)
            answer, snapshot, *_ = process.broadcaster.writer.take(client)
            assert [each["op"] for each in messages(answer) + messages(snapshot)] == ["subscribed", "snapshot"]
            pending.append(snapshot)
        return pending

    snapshots = await subscribe()
    assert all(frame is snapshots[0] for frame in snapshots)
    assert value(process.metrics, built, op="snapshot") == 1

    await commit(process, 2)
    for version in (1, 2):
        change(process, version - 1)
        await turns_of_the_loop(1)  # built, and not yet written
        taken = [process.broadcaster.writer.take(client) for client in clients]
        updates = [frame for [frame] in taken]
        assert all(frame is updates[0] for frame in updates)
        [update] = messages(updates[0])
        assert update["op"] == "update" and parse_position(update["position"]) == (process.context.epoch, version)
        assert value(process.metrics, built, op="update") == version
        await turns_of_the_loop(1)

    again = await subscribe()  # once for this version too
    assert again[0] != snapshots[0] and all(frame is again[0] for frame in again)
    assert value(process.metrics, built, op="snapshot") == 2
    assert again[0] == text_frame(messages(again[0])[0])  # nothing of it is one client's own
