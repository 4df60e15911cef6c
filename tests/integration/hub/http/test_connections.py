"""The clock of a process's connections."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import pytest

from hub.config import HttpBounds
from hub.http.client import Proxies
from hub.http.connections import SWEEP_SECONDS, Connections
from hub.metrics import Metrics


@dataclass(slots=True, eq=False)
class Looked:
    """A connection that notes when it was looked at."""

    times: list[float] = field(default_factory=list)
    group: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def mind(self, now: float) -> None:
        self.times.append(now)
        self.news.set()

    def abort(self) -> None:
        raise AssertionError("nothing is wrong with it")


@pytest.mark.slow
async def test_time_in_which_the_process_stood_still_counts_for_no_deadline() -> None:
    connections = Connections(HttpBounds(), Proxies((), 0))
    member = Looked()
    connections.enter(member, "127.0.0.1", 3)
    connections.start(Metrics())
    try:
        await member.news.wait()
        time.sleep(4 * SWEEP_SECONDS)  # noqa: ASYNC251 - what is tried: nothing runs here meanwhile
        for _ in range(2):
            member.news.clear()
            await member.news.wait()
    finally:
        await connections.stop()
    first, second, third = member.times
    assert 0 < second - first <= 2 * SWEEP_SECONDS
    assert 0 < third - second <= 2 * SWEEP_SECONDS
