"""A loop's clock that stands still until the test moves it: for what is due when, however busy the machine is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest


class Clock:
    """The time of a loop. A timer comes once ``now`` has been moved to it, and never by itself: so a guard of
    ``asyncio.timeout`` ends nothing here, and a test waits in turns of the loop."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clock]:
    """The clock of this test's loop."""
    loop = asyncio.get_running_loop()
    stopped = Clock(loop.time())
    with monkeypatch.context() as patch:
        patch.setattr(loop, "time", stopped)
        yield stopped


async def turns_of_the_loop(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
