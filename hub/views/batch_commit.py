"""A batch of changes is decided on the views that this process holds, and committed if the database has not moved on.

All of a batch are decided in turn, each on the day as it will be with those before it, and leave in one call. When
another process was first, its events come back with the refusal and everybody is decided anew; for a while after that
this day's commits take the locks first, so that each of them succeeds. A refusal counts only when the database
confirmed the versions that it was decided on. What each caller is told then is hub.views.outcomes'.

What happens by time alone (hub.domain.housekeeping) stands in front of a batch, as changes without a caller: nobody is
refused because of a hold whose time is over, and nobody is given a table at which people sit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from hub import logs
from hub.domain import housekeeping
from hub.domain.allocation import Day
from hub.domain.change import Change
from hub.domain.events import Event, day_of, days_beside, floor_of, venue_of
from hub.domain.rules import Rules
from hub.errors import Conflict, HubError, NotAsShown, OutcomeUnknown, Overloaded, SlotTaken, Unavailable
from hub.store import database
from hub.store.commit import Answer, Early, Locked, Missed, commit
from hub.store.orders import Basis, Order
from hub.views.database_clock import DatabaseClock
from hub.views.outcomes import Outcomes
from hub.views.recent import RecentStreams
from hub.views.writes import Cache, Decided, PendingWrite, Plan, WorkingViews, by_streams

ATTEMPTS = 8
"""How often a change is decided again, because others were quicker, before its caller gets a conflict."""
CONTENDED_SECONDS = 0.5
"""For how long a day is committed apart that somebody else held; and after a miss takes its locks first."""
log = logs.get("hub.views.batch_commit")


class BatchCommit:
    """Commits the batches of one process, and answers whoever waits for a change of theirs."""

    def __init__(
        self,
        views: Cache,
        publish: Callable[[Sequence[Event]], None],
        *,
        epoch: Callable[[], str],
        now: Callable[[], datetime],
        reaches_over: Callable[[int], bool],
        rules: Callable[[int], Rules | None],
        on_due: Callable[[Sequence[Change]], None],
        join: Callable[[Sequence[PendingWrite]], list[PendingWrite]],
    ) -> None:
        """``rules`` of a venue; None: nothing is due there. ``on_due`` is as of Outcomes. ``join`` gives those who wait
        and are to go with a batch."""
        self._views = views
        self._outcomes = Outcomes(views, publish, on_due)
        self._epoch = epoch
        self._clock = DatabaseClock(now)
        self._reaches_over = reaches_over
        self._rules = rules
        self._join = join
        self._contended, self._held = RecentStreams(CONTENDED_SECONDS), RecentStreams(CONTENDED_SECONDS)

    def is_apart(self, stream: str) -> bool:
        """Whether somebody else held it, or was first there, a short while ago."""
        return stream in self._contended or stream in self._held

    async def renew(self, streams: Sequence[str]) -> None:
        """Load these views anew: they do not show what was read from the rows."""
        for stream in streams:
            await self._try(self._views.reload, stream)

    async def together(self, batch: list[PendingWrite]) -> list[PendingWrite]:
        """Try once to commit changes of any days of a venue, waiting for nobody who holds one of them. Returns those
        that have no answer yet, and of whom nothing was written: each day's are to be committed by themselves. Those
        whose guest is busy are among them."""
        left: list[PendingWrite] = []
        try:
            ready = await self._that_can_be_loaded(batch)
            left = await self._attempt(tuple(sorted({each.write.streams[0] for each in ready})), ready, together=True)
            for waiting in left:
                waiting.attempts = 0
            left += [waiting for waiting in batch if waiting.busy]
            left = [waiting for waiting in left if not waiting.answer.done()]
        finally:
            _end(batch, left)
        return left

    async def commit(self, streams: tuple[str, ...], batch: list[PendingWrite]) -> list[PendingWrite]:
        """Answer each of a batch, and of those who join it. Those whose guest is busy are returned instead: nothing of
        theirs was written."""
        rounds: list[list[PendingWrite]] = []
        busy: list[PendingWrite] = []
        try:
            while batch:
                rounds.append(batch)
                batch = await self._attempt(streams, batch)
                for waiting in batch:
                    if waiting.attempts >= ATTEMPTS:
                        waiting.fail(Conflict())
                batch = [waiting for waiting in batch if not waiting.answer.done()]
            every = dict.fromkeys(chain.from_iterable(rounds))
            busy = [waiting for waiting in every if waiting.busy and not waiting.answer.done()]
        finally:
            _end(chain.from_iterable(rounds), busy)
        return busy

    async def _that_can_be_loaded(self, batch: list[PendingWrite]) -> list[PendingWrite]:
        """Those whose days can be loaded; the others are answered."""
        apart = by_streams(batch)
        if all(self._views.is_ready(stream) for streams in apart for stream in self._needed(streams)[0]):
            return batch  # at once: after an await the requests that were just answered would go first
        found = await asyncio.gather(*(self._working_views(streams) for streams in apart), return_exceptions=True)
        for part, views in zip(apart.values(), found, strict=True):
            for waiting in part:
                if isinstance(views, Exception):
                    waiting.fail(views)
        return [waiting for waiting in batch if not waiting.answer.done()]

    async def _attempt(
        self, streams: tuple[str, ...], batch: list[PendingWrite], *, together: bool = False
    ) -> list[PendingWrite]:
        """Decide and commit once. Returns those who are to be decided again; nothing of theirs was written. Who joins
        is added to ``batch``."""
        if not batch:
            return []
        for waiting in batch:
            waiting.attempts += 1
            waiting.busy = False
        try:
            working, plan, answer = await self._round(streams, batch, together)
        except OutcomeUnknown as error:
            self._views.verify_now()
            return self._repeatable(batch, error)
        except (SlotTaken, NotAsShown) as error:
            if together:
                return batch  # whose day it is, is found when they are tried apart
            # The database knows better than the views: they are loaded anew, and each is decided alone.
            log.warning("a view did not show what the database holds", streams=streams)
            await self.renew(streams)
            return await self._each_alone(streams, batch, error)
        except Exception as error:  # whatever it is, each caller gets an answer, and the queue goes on
            if together and not isinstance(error, Unavailable | Overloaded):
                return batch
            return await self._each_alone(streams, batch, error)
        self._clock.note(answer.at, is_exact=isinstance(answer, Early) or plan.now > answer.at)
        if isinstance(answer, Early):
            return batch
        if isinstance(answer, Locked):
            self._held.add(answer.streams)
            return batch
        if isinstance(answer, Missed):
            self._contended.add(answer.streams & set(streams) or streams)
            await self._catch_up(working, answer)
            return batch
        return self._outcomes.settle(working, streams, batch, plan, answer)

    async def _try(self, work: Callable[[str], Awaitable[None]], stream: str) -> None:
        """What can't be read now fails the next attempt too, which answers its callers."""
        try:
            await work(stream)
        except HubError as error:
            log.warning("a view could not be brought up to date", stream=stream, error=error.code)
        except Exception:
            log.exception("a view could not be brought up to date", stream=stream)

    def _repeatable(self, batch: list[PendingWrite], error: HubError) -> list[PendingWrite]:
        """Those with a key: the key says what became of them, so they may be tried again. The others fail with
        ``error``."""
        for waiting in batch:
            waiting.unknown += 1
            if waiting.write.key is None or waiting.unknown >= 3:
                waiting.fail(error)
        return [waiting for waiting in batch if not waiting.answer.done()]

    async def _each_alone(
        self, streams: tuple[str, ...], batch: list[PendingWrite], error: Exception
    ) -> list[PendingWrite]:
        """What one of them ran into must not be the others' answer. Nothing of the batch was written."""
        again = isinstance(error, SlotTaken | NotAsShown)
        if len(batch) == 1 and (batch[0].attempts > 1 or not again):
            batch[0].fail(error)
            return []
        if len(batch) == 1:
            return batch
        if isinstance(error, Unavailable | Overloaded):  # the database's state, not one of the changes
            for waiting in batch:
                waiting.fail(error)
            return []
        for waiting in batch:
            waiting.alone = True
            await self.commit(streams, [waiting])
        return []

    async def _round(
        self, streams: tuple[str, ...], batch: list[PendingWrite], together: bool
    ) -> tuple[WorkingViews, Plan, Answer]:
        """What was decided, on which views, and what the database says of it."""
        working, epoch = await self._working_views(streams), self._epoch()
        if any(view.epoch != epoch for view in working.cached.values()):  # it changed while they were loaded
            await self._views.verify()
            working, epoch = await self._working_views(streams), self._epoch()
            if any(view.epoch != epoch for view in working.cached.values()):
                raise Unavailable()
        if not together and any(stream in self._contended for stream in streams):
            plan, answer = await database.transact(lambda connection: self._locked(connection, working, streams, batch))
        else:
            plan = self._decide(working, batch)
            answer = await commit(
                epoch,
                working.venue_id,
                self._basis(working, plan.streams),
                _orders(working, batch, plan),
                together=together,
            )
        return working, plan, answer

    async def _locked(
        self, connection: Any, working: WorkingViews, streams: tuple[str, ...], batch: list[PendingWrite]
    ) -> tuple[Plan, Answer]:
        """The same with the locks taken first, in one transaction: what is decided then can't be overtaken. Who came
        while they were waited for joins the batch."""
        ahead = {event.stream for change in self._due(working) for event in change.events}
        basis = self._basis(working, ahead | set(streams))
        first = await commit(self._epoch(), working.venue_id, basis, [], connection)
        if isinstance(first, Missed):
            self._views.apply(first.events)
            if first.epoch != self._epoch() or not first.streams <= {
                name for name, view in working.cached.items() if view.consistent and not view.reorder_buffer
            }:
                return Plan(self._clock.now(), [], []), first
        batch += self._join(batch)
        plan = self._decide(working, batch)
        basis = self._basis(working, plan.streams)
        return plan, await commit(self._epoch(), working.venue_id, basis, _orders(working, batch, plan), connection)

    def _needed(self, streams: tuple[str, ...]) -> tuple[set[str], dict[str, tuple[str, ...]]]:
        """The views that these are decided on, and of each day those beside it."""
        beside: dict[str, tuple[str, ...]] = {}
        venue_id = venue_of(streams[0])
        if self._reaches_over(venue_id):
            for stream in streams:
                if (day := day_of(stream)) is not None:
                    beside[stream] = days_beside(venue_id, day)
        return {*streams, floor_of(venue_id), *(name for names in beside.values() for name in names)}, beside

    async def _working_views(self, streams: tuple[str, ...]) -> WorkingViews:
        names, beside = self._needed(streams)
        cached = {name: await self._views.to_write(name) for name in sorted(names)}
        return WorkingViews(cached, venue_of(streams[0]), beside)

    def _basis(self, working: WorkingViews, written: set[str]) -> list[Basis]:
        """All that is decided on. Streams that get no event are only kept from changing until the commit is over."""
        return [Basis(name, view.version, view.head, name in written) for name, view in working.cached.items()]

    async def _catch_up(self, working: WorkingViews, missed: Missed) -> None:
        self._views.apply(missed.events)
        if missed.epoch != self._epoch() or not missed.events:
            # The database has another life, or it has lost what is cached: a verification finds out, and takes it.
            await self._try(lambda _: self._views.verify(), "")
            return
        for stream in missed.streams or working.cached:
            await self._try(self._views.bring_to_head, stream)

    def _decide(self, working: WorkingViews, batch: Sequence[PendingWrite]) -> Plan:
        """By the database's clock."""
        return _plan(working, batch, self._rules(working.venue_id), self._clock.now())

    def _due(self, working: WorkingViews) -> list[Change]:
        """What is due on the days now; nothing of it is drafted."""
        found = _due_on(working, self._rules(working.venue_id), self._clock.now())
        working.drafts.clear()
        return found


def _plan(working: WorkingViews, batch: Sequence[PendingWrite], rules: Rules | None, now: datetime) -> Plan:
    """Each in turn, on the days as they will be with those before it. What is due by then stands in front, as changes
    without a caller. ``rules`` None: nothing is due."""
    plan = Plan(now, _due_on(working, rules, now), [])
    last = _looked_at_last(working, batch)
    for number, waiting in enumerate(batch, 1):
        try:
            change = waiting.write.decide(working, now)
        except HubError as refusal:
            plan.asked.append(Decided(None, refusal))
            continue
        plan.asked.append(Decided(change))
        if any(number < last.get(event.stream, 0) for event in change.events):
            working.draft(change, number)
    return plan


def _looked_at_last(working: WorkingViews, batch: Sequence[PendingWrite]) -> dict[str, int]:
    """By day the number of the last write that is decided on it."""
    return {
        name: number
        for number, waiting in enumerate(batch, 1)
        for stream in waiting.write.streams
        for name in (stream, *working.beside.get(stream, ()))
    }


def _due_on(working: WorkingViews, rules: Rules | None, now: datetime) -> list[Change]:
    """What is due by then on the days that are decided on; they are drafted with it."""
    if rules is None:
        return []
    names = [name for name in working.cached if day_of(name) is not None]
    changes: list[Change] = []
    for name in names:
        others = [working.day_view(other) for other in names if other != name]
        found = housekeeping.due(Day(working.day_view(name), others), working.venue_id, rules, now)
        for change in found:
            working.draft(change, 0)
        changes += found
    return changes


def _orders(working: WorkingViews, batch: Sequence[PendingWrite], plan: Plan) -> list[Order]:
    """The plan for the commit: first what is due."""
    versions = {name: view.version for name, view in working.cached.items()}
    return [
        *(Order(change, due=True) for change in plan.due),
        *(
            Order(
                decided.change,
                actor=waiting.write.actor,
                request_id=waiting.write.request_id,
                bounds=waiting.write.bounds,
                notifications=waiting.write.notifications(decided.change) if decided.change is not None else None,
                key=waiting.write.key,
                link=waiting.write.link,
                versions={name: versions[name] for name in waiting.write.streams} if waiting.write.key else {},
            )
            for waiting, decided in zip(batch, plan.asked, strict=True)
        ),
    ]


def _end(batch: Iterable[PendingWrite], left: Sequence[PendingWrite]) -> None:
    """None but those who are left is without an answer, unless this was ended, or has a fault."""
    for waiting in batch:
        if waiting not in left:
            waiting.fail(OutcomeUnknown())
