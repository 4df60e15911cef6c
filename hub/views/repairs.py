"""Views that a verification found behind are brought to their heads, each by itself.

One that can't be read, or whose reading hangs, keeps no other one waiting: a repair that takes long gives its place to
the next, and goes on without one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime

from hub import logs
from hub.errors import HubError
from hub.metrics import Metrics
from hub.store.freshness import Head
from hub.views.background import Background
from hub.views.cached_view import CachedView
from hub.views.quarantine import Quarantine, Unreadable
from hub.views.updater import ViewUpdater

AT_ONCE = 8
"""How many repairs begin at a time: fewer than there are connections, which requests need too."""
PLACE_SECONDS = 0.25
"""For how long a repair keeps its place."""
SAID = 20
log = logs.get("hub.views.repairs")


class Repairs:
    """The repairs of one process, one at a time for a stream."""

    def __init__(self, updater: ViewUpdater, quarantine: Quarantine, background: Background, metrics: Metrics) -> None:
        self._updater = updater
        self._quarantine = quarantine
        self._background = background
        self._metrics = metrics
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[str | None]] = {}

    def begin(self, cached: CachedView, head: Head | None, at: datetime, loop_time: float) -> asyncio.Task[str | None]:
        """Bring a view to ``head``, or load it anew; then it is what the database held at ``at``.

        One that is repaired already is left to that. The task's result is the code of what failed, or None.
        """
        task = self._tasks.get(cached.stream)
        if task is None:
            task = self._tasks[cached.stream] = self._background.begin(self._repair(cached, head, at, loop_time))
            task.add_done_callback(lambda _: self._tasks.pop(cached.stream, None))
        return task

    async def wait_for(self, stream: str) -> None:
        """Until no repair of this stream is under way."""
        task = self._tasks.get(stream)
        if task is not None:
            await asyncio.wait([task])

    async def finished(self, tasks: Collection[asyncio.Task[str | None]], within: float) -> None:
        """Wait for these, for so many seconds at most, and say once what failed."""
        done, under_way = await asyncio.wait(tasks, timeout=within)
        failed = [code for task in done if not task.cancelled() and (code := task.result()) is not None]
        if failed or under_way:
            log.warning(
                "views could not be brought up to date yet",
                failed=len(failed), errors=sorted(set(failed)), under_way=len(under_way),
            )  # fmt: skip

    async def _repair(self, cached: CachedView, head: Head | None, at: datetime, loop_time: float) -> str | None:
        async with self._places:
            work = self._background.begin(self._to_head(cached, head))
            await asyncio.wait([work], timeout=PLACE_SECONDS)
        failed = await work
        if failed is None:
            self._updater.note_verified(cached, at, loop_time, head)
        return failed

    async def _to_head(self, cached: CachedView, head: Head | None) -> str | None:
        """What can't be read is unavailable by itself: it is said, and given up."""
        try:
            if cached.stream in self._updater.of_old_epoch:
                await self._updater.reload(cached, "epoch")
                return None
            if head is not None and cached.version < head.version:
                self._metrics.lag.observe(head.version - cached.version)
                await self._updater.bring_to(cached, head.version, "freshness_check")
            if not cached.consistent or (head is not None and cached.version < head.version):
                await self._updater.reload(cached, "gap")
        except Unreadable:
            return None
        except HubError as error:
            return error.code
        except Exception as error:
            self._quarantine.add(cached.stream, error)
            self._updater.give_up(cached)
        return None
