"""The views that this process holds, for whoever reads one or decides a change on it.

A view is loaded when it is asked for first (hub.views.reader). It moves by the events of its stream
(hub.views.updater), and each second all of them are compared with PostgreSQL (hub.views.verification).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hub.domain.events import position_text
from hub.errors import Unavailable
from hub.metrics import Metrics
from hub.security import Tokens
from hub.views.background import Background
from hub.views.cached_view import CachedView, ViewObserver
from hub.views.checkpoints import Checkpoints
from hub.views.context import Context
from hub.views.reader import ViewReader
from hub.views.updater import ViewUpdater
from hub.views.verification import ATTEMPTS, UNVERIFIED_SECONDS, Verification


class ViewCache:
    """All views of one process."""

    def __init__(self, context: Context, tokens: Tokens, checkpoints: Checkpoints | None, metrics: Metrics) -> None:
        self._context = context
        self._background = Background()
        self._reader = ViewReader(context, checkpoints, self._background, metrics)
        self._updater = ViewUpdater(context, self._reader, self._background, metrics)
        self._verification = Verification(
            context, tokens, self._updater, self._reader.quarantine, self._background, metrics
        )
        self._loading: dict[str, asyncio.Task[CachedView]] = {}
        self.apply = self._updater.apply
        """Take events that were committed: here, or elsewhere and published. Never waits."""

    def start(self, observer: ViewObserver | None, epoch_changed: Callable[[], None]) -> None:
        self._updater.observer = observer
        self._verification.start(epoch_changed)

    async def stop(self) -> None:
        await self._background.cancel()

    def verify_now(self) -> None:
        """Ask for a verification at once: something may have been missed."""
        self._updater.wants_verification.set()

    async def verify(self) -> None:
        """Compare every view in use with the database. Raises Unavailable, Overloaded."""
        await self._verification.verify()

    # -- reading

    def peek(self, stream: str) -> CachedView | None:
        """A held view that is verified, without waiting; None when it must be loaded or can't be trusted now."""
        cached = self._updater.cached.get(stream)
        now = asyncio.get_running_loop().time()
        if (
            cached is None
            or not cached.consistent
            or stream in self._updater.of_old_epoch
            or now - cached.verified_loop > UNVERIFIED_SECONDS
        ):
            return None
        cached.used_at = now
        return cached

    async def get(self, stream: str, *, at_least: int = 0) -> CachedView:
        """The view of a stream, loaded if need be (once, however many ask), at version ``at_least`` if that exists.

        Raises Unavailable when it can't be verified at the moment.
        """
        cached = self.peek(stream)
        if cached is None and (known := self._updater.cached.get(stream)) is not None:
            known.used_at = asyncio.get_running_loop().time()
            if not known.consistent:
                await self._updater.reload(known, "gap")
            if self.peek(stream) is None:
                await self._wait_until_verified(stream)
            cached = self.peek(stream)
        if cached is None and stream not in self._updater.cached:  # or no more: the epoch has changed
            cached = await self._load_once(stream)
            if asyncio.get_running_loop().time() - cached.verified_loop > UNVERIFIED_SECONDS:
                await self._wait_until_verified(stream)  # the loading took so long
                cached = self.peek(stream)
        if cached is None:
            raise Unavailable("What is free can't be verified at the moment. Try again shortly.")
        await self._updater.bring_to(cached, at_least, "requested")
        return cached

    def is_ready(self, stream: str) -> bool:
        """Whether :meth:`to_write` has nothing to load for it."""
        cached = self._updater.cached.get(stream)
        return cached is not None and cached.consistent and stream not in self._updater.of_old_epoch

    async def to_write(self, stream: str) -> CachedView:
        """The view that a change is decided on, loaded if need be. It need not be verified: the commit compares its
        version. Raises Unavailable."""
        cached = self._updater.cached.get(stream)
        if cached is None:
            cached = await self._load_once(stream)
        elif not cached.consistent or stream in self._updater.of_old_epoch:
            await self._updater.reload(cached, "gap")
        cached.used_at = asyncio.get_running_loop().time()
        return cached

    async def bring_to_head(self, stream: str) -> None:
        """Make a cached view what the database holds now, by its events or anew. Raises Unavailable."""
        cached = self._updater.cached.get(stream)
        if cached is None:
            return
        if cached.consistent and cached.epoch == self._context.epoch:
            await self._updater.catch_up(cached, "requested")
        else:
            await self._verification.verify()

    async def reload(self, stream: str) -> None:
        """Load a cached view anew: it shows other than what is in the rows. Raises Unavailable."""
        cached = self._updater.cached.get(stream)
        if cached is not None:
            cached.consistent = False  # what is committed meanwhile is applied to what is loaded, or it would go back
            await self._updater.reload(cached, "gap")

    def holds(self, cached: CachedView) -> bool:
        """Whether this view is still kept current; one that was let go meanwhile is not."""
        return self._updater.cached.get(cached.stream) is cached

    def position(self, cached: CachedView) -> str:
        return position_text(cached.epoch, cached.version)

    async def _wait_until_verified(self, stream: str) -> None:
        try:
            async with asyncio.timeout(1.0):
                await self._verification.verify_view(stream)
        except TimeoutError:
            raise Unavailable("What is free can't be verified at the moment. Try again shortly.") from None

    # -- loading

    async def _load_once(self, stream: str) -> CachedView:
        task = self._loading.get(stream)
        if task is None:
            self._reader.quarantine.check(stream)
            task = self._background.begin(self._load(stream))
            self._loading[stream] = task
            self._updater.load_buffers[stream] = []
            task.add_done_callback(lambda task: self._loaded(stream, task))
        return await asyncio.shield(task)

    def _loaded(self, stream: str, task: asyncio.Task[CachedView]) -> None:
        self._loading.pop(stream, None)
        buffered = self._updater.load_buffers.pop(stream, [])
        if not task.cancelled() and task.exception() is None:
            self._updater.apply(buffered)

    async def _load(self, stream: str) -> CachedView:
        if self._verification.is_first:
            await self._verification.verify()  # which learns the epoch, whose change forgets what is held
        loop = asyncio.get_running_loop()
        for _ in range(ATTEMPTS):
            begun_at, begun_loop = self._context.now(), loop.time()
            loaded = await self._reader.read(stream)
            if loaded.epoch == self._context.epoch:
                break
            await self._verification.verify()  # which takes the epoch that the database has now
        else:
            raise Unavailable()
        # What was loaded was committed a moment ago: this view alone is verified by that.
        cached = CachedView(
            stream, loaded.view, loop.time(), loaded.epoch, verified_at=begun_at, verified_loop=begun_loop
        )
        self._updater.add(cached)
        return cached
