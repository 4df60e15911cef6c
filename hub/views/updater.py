"""The views that a process holds move by the events that it commits or receives, each of which must continue the last.

An event that arrives too early waits a little for the one before; then the missing ones are read from the database. A
view that can't be continued is read anew. The live channel is called as the ViewObserver.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable, Set
from datetime import datetime

from hub import logs
from hub.domain.events import ApplyResult, Event
from hub.domain.floor import FloorView
from hub.errors import HubError, Unavailable
from hub.metrics import Metrics
from hub.store.freshness import Head
from hub.views.background import Background
from hub.views.cached_view import CachedView, ViewObserver
from hub.views.context import Context
from hub.views.quarantine import Unreadable
from hub.views.reader import ViewReader
from hub.views.step import Step, step_of

GAP_SECONDS = 0.005
"""How long an event that was overtaken by a later one may still arrive by itself."""
IDLE_SECONDS = 600.0
LOOK_SECONDS = 10.0
"""How often it is looked for idle views."""
IN_USE_SECONDS = 10.0
"""For how long after a read or a write a view is compared with the database each second."""
ROOM_PART = 16
"""Which part of the bound is made free at once, as a divisor."""
log = logs.get("hub.views.updater")


class ViewUpdater:
    """The held views of one process."""

    def __init__(self, context: Context, reader: ViewReader, background: Background, metrics: Metrics) -> None:
        self.cached: dict[str, CachedView] = {}
        self.load_buffers: dict[str, list[Event]] = {}
        """Events of the streams that are just being loaded."""
        self.of_old_epoch: set[str] = set()
        """Streams whose views are still of the epoch before: nobody is given them until they are loaded anew."""
        self.observer: ViewObserver | None = None
        self.wants_verification = asyncio.Event()
        """Set when something may have been missed."""
        self._context = context
        self._reader = reader
        self._background = background
        self._metrics = metrics
        self._look_again = 0.0

    def add(self, cached: CachedView) -> None:
        """Hold a view that was loaded."""
        self.cached[cached.stream] = cached
        self._make_room(cached)
        self._metrics.views.set(len(self.cached))

    def apply(self, events: Iterable[Event]) -> None:
        """Take events that were committed: here, or elsewhere and published. Never waits."""
        for event in events:
            if event.epoch != self._context.epoch:
                self.wants_verification.set()
                continue
            if event.stream in self.of_old_epoch:
                continue
            cached = self.cached.get(event.stream)
            if cached is None:
                if (buffer := self.load_buffers.get(event.stream)) is not None:
                    buffer.append(event)
            elif event.version > cached.version:
                cached.reorder_buffer[event.version] = event
                self._advance(cached)
            elif event.version == cached.version and event.id != cached.head:
                self._mark_inconsistent(cached)

    def _advance(self, cached: CachedView) -> None:
        """Apply what is next of the events that have arrived; wait a little for one that is missing."""
        if not cached.consistent:
            return  # what has arrived is applied to what is loaded
        steps = []
        while (event := cached.reorder_buffer.pop(cached.version + 1, None)) is not None:
            step = self._apply(cached, event)
            if step is None:
                self._mark_inconsistent(cached)
                break
            steps.append(step)
        for version in [v for v in cached.reorder_buffer if v <= cached.version]:
            del cached.reorder_buffer[version]
        if steps:
            self._notify(cached, steps)
        if cached.reorder_buffer and cached.consistent and cached.waiting is None:
            cached.waiting = asyncio.get_running_loop().call_later(GAP_SECONDS, self._gap, cached)
        elif cached.waiting is not None and not (cached.reorder_buffer and cached.consistent):
            cached.waiting.cancel()
            cached.waiting = None

    def _notify(self, cached: CachedView, steps: list[Step]) -> None:
        try:
            if self.observer is not None:
                self.observer.changed(cached, steps)
        except Exception:  # what it did not take comes with the view that is loaded anew
            log.exception("a change could not be sent to its subscribers; the view is loaded again")
            self._mark_inconsistent(cached)

    def _apply(self, cached: CachedView, event: Event) -> Step | None:
        """None when the event can't be applied: it can't be read, or is not of the view's own history."""
        view = cached.view
        try:
            if isinstance(view, FloorView):
                step = Step(event.version, event.at, frozenset(), frozenset(), frozenset((view.touched(event),)))
            else:
                subject, id, tables = view.touched(event)
                step = step_of(event, subject, id, tables)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        if view.apply(event) is not ApplyResult.APPLIED:
            return None
        cached.history.append(step)
        return step

    def _mark_inconsistent(self, cached: CachedView) -> None:
        """Something was committed that this view can't be continued by: load it anew, and show it to nobody before."""
        if not cached.consistent:
            return
        cached.consistent = False
        log.warning("an event does not fit a view; the view is loaded again", stream=cached.stream)
        self._background.begin(self._repair(cached, "gap"))

    def _gap(self, cached: CachedView) -> None:
        cached.waiting = None
        if cached.reorder_buffer and cached.consistent and self.cached.get(cached.stream) is cached:
            self._background.begin(self._repair(cached, "gap"))

    async def _repair(self, cached: CachedView, cause: str) -> None:
        try:
            await (self.catch_up(cached, cause) if cached.consistent else self.reload(cached, "gap"))
        except HubError as error:
            log.warning("a view could not be brought up to date yet", stream=cached.stream, error=error.code)
            self.wants_verification.set()
        except Exception:
            log.exception("a view could not be brought up to date", stream=cached.stream)
            self.wants_verification.set()

    async def bring_to(self, cached: CachedView, version: int, cause: str) -> None:
        """Catch up until the view is at ``version``, if the database has it."""
        for _ in range(2):  # the first reading may have begun before the event was there
            if cached.version < version:
                await self.catch_up(cached, cause)

    async def catch_up(self, cached: CachedView, cause: str) -> None:
        """Read the events since the view's version; one reading at a time a view."""
        if cached.catching_up is None:
            cached.catching_up = self._background.begin(self._read_on(cached, cause))
            cached.catching_up.add_done_callback(lambda task: self._caught_up(cached, task))
        await asyncio.shield(cached.catching_up)

    def _caught_up(self, cached: CachedView, task: asyncio.Task[None]) -> None:
        cached.catching_up = None
        if not task.cancelled():
            task.exception()

    async def _read_on(self, cached: CachedView, cause: str) -> None:
        while True:
            events = await self._reader.events_since(cached.stream, cached.version)
            if any(event.epoch != self._context.epoch for event in events):
                self.wants_verification.set()
                return
            fresh = [event for event in events if event.version > cached.version]
            if not fresh:
                return
            self._metrics.repairs.labels(cause).inc()
            cached.reorder_buffer.update((event.version, event) for event in fresh)
            self._advance(cached)
            if fresh[0].version > cached.version or not cached.consistent:
                # The event that is next is not there at all, or can't be applied: only the rows have the state.
                await self.reload(cached, "gap")
                return

    async def reload(self, cached: CachedView, reason: str) -> None:
        """Load a view anew because what it holds can't be continued; one loading at a time a view.

        Raises Unavailable, also when the view can't be read: then it is held no more.
        """
        if cached.reloading is None:
            cached.reloading = self._background.begin(self._replace(cached, reason))
            cached.reloading.add_done_callback(lambda task: self._reload_ended(cached, task))
        await asyncio.shield(cached.reloading)

    def _reload_ended(self, cached: CachedView, task: asyncio.Task[None]) -> None:
        cached.reloading = None
        if not task.cancelled():
            task.exception()

    async def _replace(self, cached: CachedView, reason: str) -> None:
        begun_at, begun_loop = self._context.now(), asyncio.get_running_loop().time()
        try:
            loaded = await self._reader.read(cached.stream)
        except Unreadable:
            self.give_up(cached)
            raise
        if loaded.epoch != self._context.epoch:
            raise Unavailable()  # the next verification takes the epoch, and with it this view
        if cached.epoch != loaded.epoch:
            reason = "epoch"
        cached.view, cached.epoch, cached.consistent = loaded.view, loaded.epoch, True
        cached.verified_at, cached.verified_loop = begun_at, begun_loop
        cached.history.clear()
        self.of_old_epoch.discard(cached.stream)
        if self.observer is not None:
            self.observer.replaced(cached, reason)
        self._advance(cached)

    def give_up(self, cached: CachedView) -> None:
        """Drop a view that can't be read, and call the observer for its watchers."""
        if self.cached.get(cached.stream) is cached:
            del self.cached[cached.stream]
            self.of_old_epoch.discard(cached.stream)
            self._metrics.views.set(len(self.cached))
            if self.observer is not None:
                self.observer.failed(cached)

    def in_use(self, now: float, asked: Set[str]) -> list[CachedView]:
        """Views that are watched, were read or written a moment ago, or are asked for. Not those of the old epoch."""
        since = now - IN_USE_SECONDS
        return [
            cached
            for stream, cached in self.cached.items()
            if (cached.watchers or cached.used_at > since or stream in asked) and stream not in self.of_old_epoch
        ]

    def views_of_old_epoch(self) -> list[CachedView]:
        """Those that are to be loaded anew because the epoch has changed."""
        self.of_old_epoch &= self.cached.keys()
        return [self.cached[stream] for stream in self.of_old_epoch]

    def note_verified(self, cached: CachedView, at: datetime, loop_time: float, head: Head | None) -> bool:
        """Note that a view is what the database held at ``at``, where it is: it was compared with ``head`` (None: it
        was equal), and is the one that is still held. Returns whether nothing is left to do for it."""
        if self.cached.get(cached.stream) is not cached:
            return True
        if (
            not cached.consistent
            or cached.stream in self.of_old_epoch
            or (head is not None and cached.version < head.version)
        ):
            return False
        cached.verified_at = max(cached.verified_at, at)
        cached.verified_loop = max(cached.verified_loop, loop_time)
        return True

    def evict_idle(self, now: float) -> None:
        """Forget views that nobody watched or read for a while."""
        if now < self._look_again:
            return
        self._look_again = now + LOOK_SECONDS
        for cached in list(self.cached.values()):
            if not cached.watchers and now - cached.used_at > IDLE_SECONDS:
                del self.cached[cached.stream]
        self._metrics.views.set(len(self.cached))

    def _make_room(self, added: CachedView) -> None:
        """Forget the longest unused of those that nobody watches, where they are more than the bound: a part at once,
        since finding them takes a look at all."""
        most = self._context.settings.views_most
        if not most or len(self.cached) <= most:
            return
        # But for the one that somebody is about to be given.
        unwatched = [cached for cached in self.cached.values() if not cached.watchers and cached is not added]
        beyond = len(unwatched) + 1 - most
        if beyond > 0:
            for cached in heapq.nsmallest(beyond + most // ROOM_PART, unwatched, key=lambda cached: cached.used_at):
                del self.cached[cached.stream]
