"""Each second one query (hub.store.freshness) compares the views that are in use in this process with PostgreSQL.

So whatever was lost costs about a second. The same query learns the epoch, and the sessions, roles and venues that
changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub import logs
from hub.errors import HubError, Unavailable
from hub.metrics import Metrics
from hub.security import Tokens
from hub.store import database, epochs, freshness, venues
from hub.views.background import Background
from hub.views.cached_view import NEVER, NOT_YET
from hub.views.context import Context
from hub.views.quarantine import Quarantine
from hub.views.repairs import Repairs
from hub.views.updater import ViewUpdater

VERIFY_SECONDS = 1.0
UNVERIFIED_SECONDS = 3.0
ATTEMPTS = 5
"""How often a verification or a loading begins again because the epoch changed meanwhile."""
REPAIR_SECONDS = 0.5
"""How long it is waited for views that are behind before it is told how fresh the others are."""
log = logs.get("hub.views.verification")


@dataclass(frozen=True, slots=True)
class _Compared:
    """That views were compared with the database, as it was at ``at``, and the repairs of those that differ."""

    at: datetime
    tasks: list[asyncio.Task[str | None]]


class Verification:
    """Keeps the views of one process verified.

    Those in use are compared each second: the watched ones, and those that were read a moment ago. Another one is
    compared when it is asked for, so what this costs follows what is used, and not what is held.
    """

    def __init__(
        self,
        context: Context,
        tokens: Tokens,
        updater: ViewUpdater,
        quarantine: Quarantine,
        background: Background,
        metrics: Metrics,
    ) -> None:
        self.verified_loop = NOT_YET
        """When the database was asked last and has answered, by the loop's clock."""
        self._context = context
        self._tokens = tokens
        self._updater = updater
        self._repairs = Repairs(updater, quarantine, background, metrics)
        self._background = background
        self._metrics = metrics
        self._epoch_changed: Callable[[], None] | None = None
        self._verifying: asyncio.Task[asyncio.Task[None] | None] | None = None
        self._since: datetime | None = None
        self._asked: set[str] = set()
        """Streams that the next comparison looks at, in use or not."""
        self._told_at = NEVER

    def start(self, epoch_changed: Callable[[], None]) -> None:
        self._epoch_changed = epoch_changed
        self._background.keep(asyncio.create_task(self._keep_verifying(), name="verification"))

    @property
    def is_first(self) -> bool:
        """Whether nothing was verified yet, so that the epoch is not known."""
        return self.verified_loop == NOT_YET

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
            self._updater.evict_idle(loop.time())
            try:
                async with asyncio.timeout(VERIFY_SECONDS):
                    await self._updater.wants_verification.wait()
            except TimeoutError:
                pass
            self._updater.wants_verification.clear()

    async def verify(self) -> None:
        """Compare every view in use with the database's heads, and catch up those that are behind.

        However many ask at once, one query is made. A view whose catching up takes long, or fails, is not waited for.
        Raises Unavailable, Overloaded.
        """
        repairing = await asyncio.shield(self._begin())
        if repairing is not None:
            await asyncio.shield(repairing)

    async def verify_view(self, stream: str) -> None:
        """The same for a view that may not be in use; the query is shared with all who ask meanwhile."""
        self._asked.add(stream)
        while stream in self._asked:  # else it was asked about before somebody else came
            await asyncio.shield(self._begin())
        await self._repairs.wait_for(stream)

    def _begin(self) -> asyncio.Task[asyncio.Task[None] | None]:
        # One that has ended may still be here until the loop's next turn, which whoever waits for it does not give it.
        if self._verifying is None or self._verifying.done():
            self._verifying = self._background.begin(self._verify_all())
            self._verifying.add_done_callback(self._verify_ended)
        return self._verifying

    def _verify_ended(self, task: asyncio.Task[asyncio.Task[None] | None]) -> None:
        if self._verifying is task:
            self._verifying = None
        if not task.cancelled():
            task.exception()  # whoever waits gets it; nobody may be waiting any more

    async def _verify_all(self) -> asyncio.Task[None] | None:
        """Returns what goes on: the repairs of views that are behind."""
        asked, self._asked = self._asked, set()
        for _ in range(ATTEMPTS):
            repairs = await self._compare(asked)
            if repairs is not None:
                break
        else:
            raise Unavailable("The database's epoch keeps changing. Try again shortly.")
        if repairs.tasks:
            return self._background.begin(self._finish(repairs))
        self._tell(repairs.at)
        return None

    async def _compare(self, asked: Set[str]) -> _Compared | None:
        """One look at the database, and what follows of it; None when it must look again."""
        loop = asyncio.get_running_loop()
        views = self._updater.in_use(loop.time(), asked)
        known = {cached.stream: (cached.version, cached.head) for cached in views}
        asked_at, asked_loop = self._context.now(), loop.time()
        found = await freshness.look(known, self._since)
        if found.follows:
            raise Unavailable("The database is a standby: it may lag, and takes no bookings.")
        stale = found.venues or self._since is None
        self._learn(found)
        if stale:
            retired = self._context.learn(await venues.read(self._context.settings, database.fetch_apart))
            if retired and self._updater.observer is not None:
                self._updater.observer.retired(retired)
        # Only now is all of it learnt: had a read failed, the next look would ask for the same again. Ten seconds are
        # read twice, since a transaction that began before this look may commit after it.
        self._since = found.now - timedelta(seconds=10)
        if found.moved:
            await epochs.renew_if_swapped()
            return None
        if found.epoch != self._context.epoch:
            self._take_epoch(found.epoch)
            return None
        lost = [stream for stream, head in found.heads.items() if not head.continues(*known[stream])]
        if lost:
            # What was committed, and shown, is not in the database any more: no position may be continued.
            log.error("the database has lost commits; it gets a new epoch", streams=lost[:20])
            await epochs.renew_from(self._context.epoch)
            return None
        repairs = []
        for cached in [*views, *self._updater.views_of_old_epoch()]:
            head = found.heads.get(cached.stream)
            if not self._updater.note_verified(cached, asked_at, asked_loop, head):
                repairs.append(self._repairs.begin(cached, head, asked_at, asked_loop))
        self.verified_loop = asked_loop
        self._metrics.compared.set(len(known))
        self._metrics.verified(loop.time() - asked_loop)
        return _Compared(asked_at, repairs)

    async def _finish(self, compared: _Compared) -> None:
        await self._repairs.finished(compared.tasks, REPAIR_SECONDS)
        self._tell(compared.at)

    def _tell(self, at: datetime) -> None:
        """What is held equals the database at ``at``, but for the views that say themselves that they do not."""
        if self._updater.observer is not None and at > self._told_at:
            self._told_at = at
            self._updater.observer.verified(at)

    def _learn(self, found: freshness.DatabaseState) -> None:
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
