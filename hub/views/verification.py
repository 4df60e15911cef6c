"""Each second one query (hub.store.freshness) compares all views that this process holds with PostgreSQL.

So whatever was lost costs about a second. The same query learns the epoch, and the sessions, roles and venues that
changed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from hub import logs
from hub.errors import HubError, Unavailable
from hub.metrics import Metrics
from hub.security import Tokens
from hub.store import database, epochs, freshness, venues
from hub.views.background import Background
from hub.views.context import Context
from hub.views.quarantine import Quarantine, Unreadable
from hub.views.updater import ViewUpdater

VERIFY_SECONDS = 1.0
UNVERIFIED_SECONDS = 3.0
ATTEMPTS = 5
"""How often a verification or a loading begins again because the epoch changed meanwhile."""
log = logs.get("hub.views.verification")


class Verification:
    """Keeps the views of one process verified."""

    def __init__(
        self,
        context: Context,
        tokens: Tokens,
        updater: ViewUpdater,
        quarantine: Quarantine,
        background: Background,
        metrics: Metrics,
    ) -> None:
        self.verified_loop = float("-inf")
        """When all views were verified last, by the loop's clock."""
        self._context = context
        self._tokens = tokens
        self._updater = updater
        self._quarantine = quarantine
        self._background = background
        self._metrics = metrics
        self._epoch_changed: Callable[[], None] | None = None
        self._verifying: asyncio.Task[None] | None = None
        self._since: datetime | None = None

    def start(self, epoch_changed: Callable[[], None]) -> None:
        self._epoch_changed = epoch_changed
        self._background.keep(asyncio.create_task(self._keep_verifying(), name="verification"))

    @property
    def is_first(self) -> bool:
        """Whether nothing was verified yet, so that the epoch is not known."""
        return self.verified_loop == float("-inf")

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
            self._updater.evict(loop.time())
            try:
                async with asyncio.timeout(VERIFY_SECONDS):
                    await self._updater.wants_verification.wait()
            except TimeoutError:
                pass
            self._updater.wants_verification.clear()

    async def verify(self) -> None:
        """Compare every held view with the database's heads, and catch up those that are behind.

        However many ask at once, one query is made. Raises Unavailable, Overloaded.
        """
        if self._verifying is None:
            self._verifying = self._background.begin(self._verify_all())
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
        known = {cached.stream: (cached.version, cached.head) for cached in self._updater.cached.values()}
        loop = asyncio.get_running_loop()
        asked_at, asked_loop = self._context.now(), loop.time()
        found = await freshness.look(known, self._since)
        if found.follows:
            raise Unavailable("The database is a standby: it may lag, and takes no bookings.")
        if found.venues or self._since is None:
            retired = self._context.learn(await venues.read(self._context.settings, database.fetch_apart))
            if retired and self._updater.observer is not None:
                self._updater.observer.retired(retired)
        self._learn(found)
        if found.moved:
            await database.fetch_apart(epochs.RENEW_IF_SWAPPED)
            return False
        if found.epoch != self._context.epoch:
            self._take_epoch(found.epoch)
            return False
        if self._updater.of_old_epoch:
            await self._reload_old_epoch()
            return False
        lost = [stream for stream, head in found.heads.items() if not head.continues(*known[stream])]
        if lost:
            # What was committed, and shown, is not in the database any more: no position may be continued.
            log.error("the database has lost commits; it gets a new epoch", streams=lost[:20])
            await database.fetch_apart(epochs.RENEW, self._context.epoch)
            return False
        for stream, head in found.heads.items():
            await self._one_alone(stream, head)
        for cached in [cached for cached in self._updater.cached.values() if not cached.consistent]:
            await self._one_alone(cached.stream, None)
        for stream in known:
            self._note_verified(stream, asked_at, found.heads.get(stream))
        self.verified_loop = asked_loop
        self._metrics.verified(loop.time() - asked_loop)
        if self._updater.observer is not None:
            self._updater.observer.verified(asked_at)
        return True

    def _note_verified(self, stream: str, at: datetime, head: freshness.Head | None) -> None:
        """A view that was compared, and is what the database held at ``at``. One whose loading began before is not."""
        cached = self._updater.cached.get(stream)
        if cached is not None and cached.consistent and (head is None or cached.version >= head.version):
            cached.verified_at = max(cached.verified_at, at)

    async def _one_alone(self, stream: str, head: freshness.Head | None) -> None:
        """Bring one view to its head. What can't be read is unavailable by itself, and stops no other's
        verification."""
        cached = self._updater.cached.get(stream)
        if cached is None:
            return
        try:
            if head is not None and cached.version < head.version:
                self._metrics.lag.observe(head.version - cached.version)
                await self._updater.bring_to(cached, head.version, "freshness_check")
            if not cached.consistent or (head is not None and cached.version < head.version):
                await self._updater.reload(cached, "gap")
        except Unreadable:
            pass  # said, and given up
        except HubError:
            raise
        except Exception as error:
            self._quarantine.add(stream, error)
            self._updater.give_up(cached)

    async def _reload_old_epoch(self) -> None:
        for stream in list(self._updater.of_old_epoch):
            cached = self._updater.cached.get(stream)
            if cached is not None:
                with contextlib.suppress(Unreadable):  # said, and given up
                    await self._updater.reload(cached, "epoch")
            self._updater.of_old_epoch.discard(stream)

    def _learn(self, found: freshness.Found) -> None:
        # Read again what ended up to ten seconds before the last verification: a transaction that began before it may
        # have committed after it.
        self._since = found.now - timedelta(seconds=10)
        ended, changed = self._tokens.learn(
            ended=found.ended, roles=found.roles, memberships=found.memberships, now=found.now.timestamp()
        )
        if (ended or changed) and self._updater.observer is not None:
            self._updater.observer.ended(ended, changed)

    def _take_epoch(self, epoch: str) -> None:
        """Another database, or the same one restored: nothing that is held may be continued.

        What is watched is loaded anew by this verification, or by the next one should the database fail meanwhile.
        """
        first = not self._context.epoch
        self._context.epoch = epoch
        self._since = None
        self._tokens.forget()
        for buffer in self._updater.load_buffers.values():
            buffer.clear()
        for cached in list(self._updater.cached.values()):
            if cached.watchers:
                self._updater.of_old_epoch.add(cached.stream)
            else:
                del self._updater.cached[cached.stream]
        if not first:
            log.warning("the database has a new epoch; every view is loaded again", epoch=epoch)
        if self._epoch_changed is not None:
            self._epoch_changed()
