"""A worker's sweep forgets what is past its time, a piece a look, and counts it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.store import database, retention
from tests.integration.workers.test_tasks import Running
from workers.forgetting import Forgetting
from workers.metrics import WorkerMetrics

EVENTS = (
    "INSERT INTO events (stream, version, kind, data, at) "
    "SELECT $1, n, 'booked', '{}', now() - interval '500 days' FROM generate_series(1, $2::bigint) n"
)
OLD = stream_of(MAIN, datetime.now(UTC).date() - timedelta(days=500))


def forgotten(metrics: WorkerMetrics, what: str) -> Any:
    return metrics.registry.get_sample_value("hub_worker_forgotten_total", {"what": what})


async def left() -> int:
    [row] = await database.fetch("SELECT count(*) AS number FROM events WHERE stream = $1", OLD)
    number: int = row["number"]
    return number


async def test_sweep_forgets(connected: Settings) -> None:
    await database.write(EVENTS, OLD, 3)
    running = Running(connected)
    assert await running.dispatchers["note"].sweep()
    assert await left() == 0
    await running.dispatchers["note"].stop()


async def test_full_pieces_follow_each_other_and_then_there_is_a_pause(
    connected: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 2)
    metrics = WorkerMetrics()
    forgetting = Forgetting(connected, metrics)
    assert forgotten(metrics, "events") == 0
    await database.write(EVENTS, OLD, 5)
    for remaining in (3, 1, 0):
        await forgetting.look()
        assert await left() == remaining
    assert forgotten(metrics, "events") == 5
    await database.write(EVENTS, OLD, 1)
    await forgetting.look()
    assert await left() == 1  # its time is in an hour
    assert forgotten(metrics, "keys") == 0


async def test_events_are_kept_for_ever_where_that_is_said(connected: Settings) -> None:
    await database.write(EVENTS, OLD, 3)
    metrics = WorkerMetrics()
    await Forgetting(replace(connected, events_days=0), metrics).look()
    assert await left() == 3 and forgotten(metrics, "events") is None
