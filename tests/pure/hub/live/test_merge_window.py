"""A stream whose changes could not be told is tried again once, however many of them there were."""

from __future__ import annotations

import asyncio

from hub.live.merge_window import MergeWindow
from hub.live.write_batcher import WriteBatcher
from tests.process import METRICS


async def test_a_stream_has_one_timer_by_which_it_is_tried_again() -> None:
    tried: asyncio.Queue[str] = asyncio.Queue()
    window = MergeWindow(WriteBatcher(METRICS), tried.put_nowait)
    for _ in range(5):
        window.schedule_in("day:1", 0.0)
    window.schedule_in("day:2", 0.0)
    assert [await tried.get(), await tried.get()] == ["day:1", "day:2"]
    window.schedule_in("day:1", 0.0)
    assert await tried.get() == "day:1" and tried.empty()


async def test_none_is_tried_after_the_end() -> None:
    tried: asyncio.Queue[str] = asyncio.Queue()
    window = MergeWindow(WriteBatcher(METRICS), tried.put_nowait)
    window.schedule_in("day:1", 0.0)
    window.stop()
    ended = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.0, ended.set_result, None)
    await ended
    assert tried.empty()
