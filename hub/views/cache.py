"""The views that this process holds: load them, keep them current, verify that they are.

A view is loaded from the checkpoint in Redis and the events since it, or else from the rows (hub.views.checkpoints); it
moves by the events that this process commits or receives, each of which must continue its last one; and each second one
query (hub.store.freshness) compares all of them with PostgreSQL, so whatever was lost costs about a second. What can't
be continued is loaded anew; what can't be read is unavailable by itself (hub.views.quarantine). The live channel is
called as the ViewObserver.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from hub import logs
from hub.domain.events import TABLES, ApplyResult, Event, position_text, stream_of
from hub.domain.floor import FloorView
from hub.errors import HubError, Unavailable
from hub.metrics import Metrics
from hub.security import Tokens
from hub.store import database, freshness, streams
from hub.views.cached_view import CachedView, ViewObserver
from hub.views.checkpoints import Checkpoints, Loaded, load
from hub.views.context import Context
from hub.views.quarantine import Quarantine, Unreadable
from hub.views.step import Step

T = TypeVar("T")

GAP_SECONDS = 0.005
"""How long an event that was overtaken by a later one may still arrive by itself."""
VERIFY_SECONDS = 1.0
UNVERIFIED_SECONDS = 3.0
IDLE_SECONDS = 600.0
MOST_VIEWS = 500
ATTEMPTS = 5
"""How often a verification or a loading begins again because the epoch changed meanwhile."""
log = logs.get("hub.views.cache")


class ViewCache:
    """All views of one process."""

    def __init__(self, context: Context, tokens: Tokens, checkpoints: Checkpoints | None, metrics: Metrics) -> None:
        self._context = context
        self._tokens = tokens
        self._checkpoints = checkpoints
        self._metrics = metrics
        self._quarantine = Quarantine(metrics)
        self._cached: dict[str, CachedView] = {}
        self._loading: dict[str, asyncio.Task[CachedView]] = {}
        self._observer: ViewObserver | None = None
        self._epoch_changed: Callable[[], None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._verify_now = asyncio.Event()
        self._verifying: asyncio.Task[None] | None = None
        self._load_buffer: dict[str, list[Event]] = {}
        """Events of streams that are just being loaded."""
        self._verified_loop = float("-inf")
        self._since: datetime | None = None
        self._of_old_epoch: set[str] = set()
        """Streams whose views are still of the epoch before: nobody is given them until they are loaded anew."""

    # -- reading

    def peek(self, stream: str) -> CachedView | None:
        """A held view that is verified, without waiting; None when it must be loaded or can't be trusted now."""
        cached = self._cached.get(stream)
        now = asyncio.get_running_loop().time()
        if (
            cached is None
            or not cached.consistent
            or stream in self._of_old_epoch
            or now - self._verified_loop > UNVERIFIED_SECONDS
        ):
            return None
        cached.used_at = now
        return cached

    async def get(self, stream: str, *, at_least: int = 0) -> CachedView:
        """The view of a stream, loaded if need be (once, however many ask), at version ``at_least`` if that exists.

        Raises Unavailable when it can't be verified at the moment.
        """
        cached = self.peek(stream)
        if cached is None:
            known = self._cached.get(stream)
            if known is not None:
                if not known.consistent:
                    await self._reload(known, "gap")
                if self.peek(stream) is None:
                    await self._wait_until_verified()
                cached = self.peek(stream)
            else:
                cached = await self._load_once(stream)
        if cached is None:
            raise Unavailable("What is free can't be verified at the moment. Try again shortly.")
        await self._bring_to(cached, at_least, "requested")
        return cached

    async def day(self, day: date, *, at_least: int = 0) -> CachedView:
        return await self.get(stream_of(day), at_least=at_least)

    async def floor(self, *, at_least: int = 0) -> CachedView:
        return await self.get(TABLES, at_least=at_least)

    async def to_write(self, stream: str) -> CachedView:
        """The view that a change is decided on, loaded if need be. It need not be verified: the commit compares its
        version. Raises Unavailable."""
        cached = self._cached.get(stream)
        if cached is None:
            cached = await self._load_once(stream)
        elif not cached.consistent or stream in self._of_old_epoch:
            await self._reload(cached, "gap")
        cached.used_at = asyncio.get_running_loop().time()
        return cached

    async def bring_to_head(self, stream: str) -> None:
        """Make a cached view what the database holds now, by its events or anew. Raises Unavailable."""
        cached = self._cached.get(stream)
        if cached is None:
            return
        if cached.consistent and cached.epoch == self._context.epoch:
            await self._catch_up(cached, "requested")
        else:
            await self.verify()

    async def reload(self, stream: str) -> None:
        """Load a cached view anew: it shows other than what is in the rows. Raises Unavailable."""
        cached = self._cached.get(stream)
        if cached is not None:
            cached.consistent = False  # what is committed meanwhile is applied to what is loaded, or it would go back
            await self._reload(cached, "gap")

    def holds(self, cached: CachedView) -> bool:
        """Whether this view is still kept current; one that was let go meanwhile is not."""
        return self._cached.get(cached.stream) is cached

    def position(self, cached: CachedView) -> str:
        return position_text(cached.epoch, cached.version)

    async def _wait_until_verified(self) -> None:
        self._verify_now.set()
        try:
            async with asyncio.timeout(1.0):
                await self.verify()
        except TimeoutError:
            raise Unavailable("What is free can't be verified at the moment. Try again shortly.") from None

    # -- loading

    async def _load_once(self, stream: str) -> CachedView:
        task = self._loading.get(stream)
        if task is None:
            self._quarantine.check(stream)
            task = self._begin(self._load(stream))
            self._loading[stream] = task
            task.add_done_callback(lambda task: self._loaded(stream, task))
        return await asyncio.shield(task)

    def _loaded(self, stream: str, task: asyncio.Task[CachedView]) -> None:
        self._loading.pop(stream, None)
        buffered = self._load_buffer.pop(stream, ())
        if not task.cancelled() and task.exception() is None:
            self.apply(buffered)

    async def _load(self, stream: str) -> CachedView:
        if self._verified_loop == float("-inf"):
            await self.verify()  # which learns the epoch, whose change forgets what is held
        for _ in range(ATTEMPTS):
            begun_at = self._context.now()
            loaded = await self._read(stream)
            if loaded.epoch == self._context.epoch:
                break
            await self.verify()  # which takes the epoch that the database has now
        else:
            raise Unavailable()
        loop = asyncio.get_running_loop()
        # What was loaded was committed a moment ago: this view alone is verified by that.
        cached = self._cached[stream] = CachedView(stream, loaded.view, loop.time(), loaded.epoch, verified_at=begun_at)
        self._metrics.views.set(len(self._cached))
        if len(self._cached) > MOST_VIEWS:
            self._evict(loop.time())
        return cached

    async def _read(self, stream: str) -> Loaded:
        """Raises Unavailable, also for what can't be read, and Overloaded."""
        try:
            loaded = await load(self._checkpoints, self._context.epoch, stream)
        except HubError:
            raise
        except Exception as error:
            self._quarantine.add(stream, error)
            raise Unreadable() from error
        self._quarantine.remove(stream)
        self._metrics.loads.labels("rows" if loaded.from_rows else "checkpoint").inc()
        if loaded.from_rows and self._checkpoints is not None:
            saving = self._checkpoints.write(loaded.epoch, stream, loaded.view.version, loaded.view.checkpoint())
            self._begin(saving)
        return loaded

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task in the background, which ends with this part."""
        task: asyncio.Task[T] = database.in_background(work)
        self._keep(task)
        return task

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _evict(self, now: float) -> None:
        """Forget views that nobody watched or read for a while, and the longest unused beyond the bound."""
        unwatched = sorted((h for h in self._cached.values() if not h.watchers), key=lambda h: h.used_at)
        beyond = max(0, len(self._cached) - MOST_VIEWS)
        for index, cached in enumerate(unwatched):
            if index < beyond or now - cached.used_at > IDLE_SECONDS:
                del self._cached[cached.stream]
        self._metrics.views.set(len(self._cached))

    # -- keeping current

    def apply(self, events: Iterable[Event]) -> None:
        """Take events that were committed: here, or elsewhere and published. Never waits."""
        for event in events:
            if event.epoch != self._context.epoch:
                self._verify_now.set()
                continue
            if event.stream in self._of_old_epoch:
                continue
            cached = self._cached.get(event.stream)
            if cached is None:
                if event.stream in self._loading:
                    self._load_buffer.setdefault(event.stream, []).append(event)
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
            if self._observer is not None:
                self._observer.changed(cached, steps)
        except Exception:  # what it did not take comes with the view that is loaded anew
            log.exception("a change could not be sent to its subscribers; the view is loaded again")
            self._mark_inconsistent(cached)

    def _apply(self, cached: CachedView, event: Event) -> Step | None:
        """None when the event can't be applied: it can't be read, or is not of the view's own history."""
        view = cached.view
        try:
            if isinstance(view, FloorView):
                step = Step(event.version, event.at, frozenset(), frozenset((view.touched(event),)))
            else:
                booking, tables = view.touched(event)
                step = Step(event.version, event.at, frozenset((booking,)), tables)
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
        self._begin(self._repair(cached, "gap"))

    def _gap(self, cached: CachedView) -> None:
        cached.waiting = None
        if cached.reorder_buffer and cached.consistent and self._cached.get(cached.stream) is cached:
            self._begin(self._repair(cached, "gap"))

    async def _repair(self, cached: CachedView, cause: str) -> None:
        try:
            await (self._catch_up(cached, cause) if cached.consistent else self._reload(cached, "gap"))
        except HubError as error:
            log.warning("a view could not be brought up to date yet", stream=cached.stream, error=error.code)
            self._verify_now.set()
        except Exception:
            log.exception("a view could not be brought up to date", stream=cached.stream)
            self._verify_now.set()

    async def _bring_to(self, cached: CachedView, version: int, cause: str) -> None:
        """Catch up until the view is at ``version``, if the database has it."""
        for _ in range(2):  # the first reading may have begun before the event was there
            if cached.version < version:
                await self._catch_up(cached, cause)

    async def _catch_up(self, cached: CachedView, cause: str) -> None:
        """Read the events since the view's version; one reading at a time a view."""
        if cached.catching_up is None:
            cached.catching_up = self._begin(self._read_on(cached, cause))
            cached.catching_up.add_done_callback(lambda task: self._caught_up(cached, task))
        await asyncio.shield(cached.catching_up)

    def _caught_up(self, cached: CachedView, task: asyncio.Task[None]) -> None:
        cached.catching_up = None
        if not task.cancelled():
            task.exception()

    async def _read_on(self, cached: CachedView, cause: str) -> None:
        while True:
            events = await streams.events_since(cached.stream, cached.version)
            if any(event.epoch != self._context.epoch for event in events):
                self._verify_now.set()
                return
            fresh = [event for event in events if event.version > cached.version]
            if not fresh:
                return
            self._metrics.repairs.labels(cause).inc()
            cached.reorder_buffer.update((event.version, event) for event in fresh)
            self._advance(cached)
            if fresh[0].version > cached.version or not cached.consistent:
                # The event that is next is not there at all, or can't be applied: only the rows have the state.
                await self._reload(cached, "gap")
                return

    async def _reload(self, cached: CachedView, reason: str) -> None:
        """Load a view anew because what it holds can't be continued; one loading at a time a view.

        Raises Unavailable, also when the view can't be read: then it is held no more.
        """
        if cached.reloading is None:
            cached.reloading = self._begin(self._replace(cached, reason))
            cached.reloading.add_done_callback(lambda task: self._reload_ended(cached, task))
        await asyncio.shield(cached.reloading)

    def _reload_ended(self, cached: CachedView, task: asyncio.Task[None]) -> None:
        cached.reloading = None
        if not task.cancelled():
            task.exception()

    async def _replace(self, cached: CachedView, reason: str) -> None:
        begun_at = self._context.now()
        try:
            loaded = await self._read(cached.stream)
        except Unreadable:
            self._give_up(cached)
            raise
        if loaded.epoch != self._context.epoch:
            raise Unavailable()  # the next verification takes the epoch, and with it this view
        if cached.epoch != loaded.epoch:
            reason = "epoch"
        cached.view, cached.epoch, cached.consistent, cached.verified_at = loaded.view, loaded.epoch, True, begun_at
        cached.history.clear()
        self._of_old_epoch.discard(cached.stream)
        if self._observer is not None:
            self._observer.replaced(cached, reason)
        self._advance(cached)

    def _give_up(self, cached: CachedView) -> None:
        """Drop a view that can't be read, and call the observer for its watchers."""
        if self._cached.get(cached.stream) is cached:
            del self._cached[cached.stream]
            self._of_old_epoch.discard(cached.stream)
            self._metrics.views.set(len(self._cached))
            if self._observer is not None:
                self._observer.failed(cached)

    # -- verifying

    def start(self, observer: ViewObserver | None, epoch_changed: Callable[[], None]) -> None:
        self._observer = observer
        self._epoch_changed = epoch_changed
        self._keep(asyncio.create_task(self._keep_verifying(), name="verification"))

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def verify_now(self) -> None:
        """Ask for a verification at once: something may have been missed."""
        self._verify_now.set()

    async def _keep_verifying(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(UNVERIFIED_SECONDS - VERIFY_SECONDS / 2):
                    await self.verify()
            except HubError as error:
                log.warning("the views could not be verified", error=error.code)
            except TimeoutError:
                log.warning("the views could not be verified", error="timeout")
            except Exception:  # whatever it was: not verified, and tried again in a second
                log.exception("the views could not be verified")
            self._evict(loop.time())
            try:
                async with asyncio.timeout(VERIFY_SECONDS):
                    await self._verify_now.wait()
            except TimeoutError:
                pass
            self._verify_now.clear()

    async def verify(self) -> None:
        """Compare every held view with the database's heads, and catch up those that are behind.

        However many ask at once, one query is made. Raises Unavailable, Overloaded.
        """
        if self._verifying is None:
            self._verifying = self._begin(self._verify_all())
            self._verifying.add_done_callback(self._verify_ended)
        await asyncio.shield(self._verifying)

    def _verify_ended(self, task: asyncio.Task[None]) -> None:
        self._verifying = None
        if not task.cancelled():
            task.exception()  # whoever waits gets it; nobody may be waiting any more

    async def _verify_all(self) -> None:
        for _ in range(ATTEMPTS):
            if await self._compare():
                return
        raise Unavailable("The database's epoch keeps changing. Try again shortly.")

    async def _compare(self) -> bool:
        """One look at the database, and what follows of it; False when it must look again."""
        known = {cached.stream: (cached.version, cached.head) for cached in self._cached.values()}
        loop = asyncio.get_running_loop()
        asked_at, asked_loop = self._context.now(), loop.time()
        found = await freshness.look(known, self._since)
        if found.follows:
            raise Unavailable("The database is a standby: it may lag, and takes no bookings.")
        self._learn(found)
        if found.moved:
            await database.fetch_apart(database.RENEW_EPOCH_IF_SWAPPED)
            return False
        if found.epoch != self._context.epoch:
            self._take_epoch(found.epoch)
            return False
        if self._of_old_epoch:
            await self._reload_old_epoch()
            return False
        lost = [stream for stream, head in found.heads.items() if not head.continues(*known[stream])]
        if lost:
            # What was committed, and shown, is not in the database any more: no position may be continued.
            log.error("the database has lost commits; it gets a new epoch", streams=lost[:20])
            await database.fetch_apart(database.RENEW_EPOCH, self._context.epoch)
            return False
        for stream, head in found.heads.items():
            await self._one_alone(stream, head)
        for cached in [cached for cached in self._cached.values() if not cached.consistent]:
            await self._one_alone(cached.stream, None)
        for stream in known:
            self._note_verified(stream, asked_at, found.heads.get(stream))
        self._verified_loop = asked_loop
        self._metrics.verified(loop.time() - asked_loop)
        if self._observer is not None:
            self._observer.verified(asked_at)
        return True

    def _note_verified(self, stream: str, at: datetime, head: freshness.Head | None) -> None:
        """A view that was compared, and is what the database held at ``at``. One whose loading began before is not."""
        cached = self._cached.get(stream)
        if cached is not None and cached.consistent and (head is None or cached.version >= head.version):
            cached.verified_at = max(cached.verified_at, at)

    async def _one_alone(self, stream: str, head: freshness.Head | None) -> None:
        """Bring one view to its head. What can't be read is unavailable by itself, and stops no other's
        verification."""
        cached = self._cached.get(stream)
        if cached is None:
            return
        try:
            if head is not None and cached.version < head.version:
                self._metrics.lag.observe(head.version - cached.version)
                await self._bring_to(cached, head.version, "freshness_check")
            if not cached.consistent or (head is not None and cached.version < head.version):
                await self._reload(cached, "gap")
        except Unreadable:
            pass  # said, and given up
        except HubError:
            raise
        except Exception as error:
            self._quarantine.add(stream, error)
            self._give_up(cached)

    async def _reload_old_epoch(self) -> None:
        for stream in list(self._of_old_epoch):
            cached = self._cached.get(stream)
            if cached is not None:
                with contextlib.suppress(Unreadable):  # said, and given up
                    await self._reload(cached, "epoch")
            self._of_old_epoch.discard(stream)

    def _learn(self, found: freshness.Found) -> None:
        # Read again what ended up to ten seconds before the last verification: a transaction that began before it may
        # have committed after it.
        self._since = found.now - timedelta(seconds=10)
        fresh = {user: role for user, role in found.roles.items() if self._tokens.roles.get(user) != role}
        ended = self._tokens.learn(ended=found.ended, roles=fresh.items(), now=found.now.timestamp())
        if (ended or fresh) and self._observer is not None:
            self._observer.ended(ended, fresh)

    def _take_epoch(self, epoch: str) -> None:
        """Another database, or the same one restored: nothing that is held may be continued.

        What is watched is loaded anew by this verification, or by the next one should the database fail meanwhile.
        """
        first = not self._context.epoch
        self._context.epoch = epoch
        self._since = None
        self._tokens.forget()
        self._load_buffer.clear()
        for cached in list(self._cached.values()):
            if cached.watchers:
                self._of_old_epoch.add(cached.stream)
            else:
                del self._cached[cached.stream]
        if not first:
            log.warning("the database has a new epoch; every view is loaded again", epoch=epoch)
        if self._epoch_changed is not None:
            self._epoch_changed()
