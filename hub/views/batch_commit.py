"""A batch of changes is decided on the views that this process holds, and committed if the database has not moved on.

All of a batch are decided in turn, each on the day as it will be with those before it, and leave in one call. When
another process was first, its events come back with the refusal and everybody is decided anew; for a while after that
this day's commits take the locks first, so that each of them succeeds. A refusal counts only when the database
confirmed the versions that it was decided on. What is decided, and in which order, is hub.views.plan's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from hub import logs
from hub.domain.change import Change
from hub.domain.events import Event, day_of, floor_of, stream_of, venue_of
from hub.domain.rules import Rules
from hub.errors import (
    AlreadyOver,
    Conflict,
    HoldLimit,
    HubError,
    InProgress,
    InThePast,
    KeyMismatch,
    NotAsSeen,
    NotAsShown,
    NotAtThisTime,
    OutcomeUnknown,
    OutsideOpeningHours,
    Overloaded,
    SlotTaken,
    TableInUse,
    TooFarAhead,
    TooLateToCancel,
    TooLateToChange,
    TooManyBookings,
    Unavailable,
)
from hub.store import database
from hub.store.commit import Answer, Committed, Early, Locked, Missed, Written, commit
from hub.store.orders import Basis
from hub.views.database_clock import DatabaseClock
from hub.views.plan import Decided, Plan, decide, due, has_a_hold_ended, orders
from hub.views.recent import RecentStreams
from hub.views.writes import Cache, Done, PendingWrite, WorkingViews, by_streams

ATTEMPTS = 8
"""How often a change is decided again, because others were quicker, before its caller gets a conflict."""
CONTENDED_SECONDS = 0.5
"""For how long a day is committed apart that somebody else held; and after a miss takes its locks first."""
ONE_DAY = (timedelta(days=-1), timedelta(days=1))
BY_THE_CLOCK = (
    AlreadyOver, InThePast, NotAtThisTime, OutsideOpeningHours, TooFarAhead, TooLateToCancel, TooLateToChange,
)  # fmt: skip
LEFT_OUT: dict[str, type[HubError]] = {
    "key": KeyMismatch, "bounds": TooManyBookings, "held": TableInUse, "answer": OutcomeUnknown,
    "link": NotAsSeen, "running": InProgress, "hoarded": HoldLimit,
}  # fmt: skip
"""Why the database left a change out, and what its caller is told."""
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
        """``rules`` of a venue; None: nothing is due there. ``on_due`` is told what was written by time alone. ``join``
        gives those who wait and are to go with a batch."""
        self._views = views
        self._publish = publish
        self._epoch = epoch
        self._clock = DatabaseClock(now)
        self._reaches_over = reaches_over
        self._rules = rules
        self._on_due = on_due
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
        return self._settle(working, streams, batch, plan, answer)

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
                orders(working, batch, plan),
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
        return plan, await commit(self._epoch(), working.venue_id, basis, orders(working, batch, plan), connection)

    def _needed(self, streams: tuple[str, ...]) -> tuple[set[str], dict[str, tuple[str, ...]]]:
        """The views that these are decided on, and of each day those beside it."""
        beside: dict[str, tuple[str, ...]] = {}
        venue_id = venue_of(streams[0])
        if self._reaches_over(venue_id):
            for stream in streams:
                if (day := day_of(stream)) is not None:
                    beside[stream] = tuple(stream_of(venue_id, day + shift) for shift in ONE_DAY)
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

    def _settle(
        self,
        working: WorkingViews,
        streams: tuple[str, ...],
        batch: list[PendingWrite],
        plan: Plan,
        answer: Committed,
    ) -> list[PendingWrite]:
        """Answer everybody; returns those who are to be decided again, by the database's clock."""
        versions = {name: view.version for name, view in working.cached.items() if name in streams}
        events: list[Event] = []
        done: list[tuple[PendingWrite, Done]] = []
        left_out = False
        undecided: list[tuple[PendingWrite, Decided]] = []
        again: list[PendingWrite] = []  # even its key was not looked up
        kept = [result for result in answer.results[: len(plan.due)] if isinstance(result, Written)]
        for written in kept:
            events += written.events
            versions |= written.versions
        for waiting, decided, result in zip(batch, plan.asked, answer.results[len(plan.due) :], strict=True):
            if isinstance(result, Written):
                left_out = left_out or (result.replayed and decided.wrote)
                events += result.events
                versions |= {event.stream: event.version for event in result.events}
                moved = {**_of(waiting, versions), **result.versions}
                done.append((waiting, Done(result.change, result, result.epoch, moved)))
            elif result.first is not None:
                left_out = left_out or decided.wrote
                waiting.fail(result.first)
            elif result.why == "busy" or (result.why == "running" and waiting.unknown):
                # Its own commit, of which nobody said what became, may be the one that holds its key.
                left_out = left_out or decided.wrote
                waiting.busy, waiting.attempts = True, 0
            elif result.why == "again":
                waiting.attempts -= 1
                again.append(waiting)
            elif result.why in LEFT_OUT:
                left_out = left_out or decided.wrote
                waiting.fail(LEFT_OUT[result.why]())
            elif decided.change is not None and not decided.wrote:
                done.append((waiting, Done(decided.change, None, answer.epoch, _of(waiting, versions))))
            else:
                left_out = left_out or result.why == "time"
                undecided.append((waiting, decided))
        for waiting, each in done:
            if not waiting.answer.done():
                waiting.answer.set_result(each)
        if events:
            self._tell(events)
        if kept:
            self._on_due([written.change for written in kept])
        working.drafts.clear()
        if has_a_hold_ended(working, plan, answer.at):
            return again + [waiting for waiting, _ in undecided]
        return again + [
            waiting
            for waiting, decided in undecided
            if self._is_to_be_decided(waiting, decided, working, answer.at, left_out)
        ]

    def _tell(self, events: list[Event]) -> None:
        """Apply and publish what was committed. What fails here is found by the next verification."""
        for tell in (self._views.apply, self._publish):
            try:
                tell(events)
            except Exception:
                log.exception("a commit could not be applied or published")
                self._views.verify_now()

    def _is_to_be_decided(
        self, waiting: PendingWrite, decided: Decided, working: WorkingViews, at: datetime, left_out: bool
    ) -> bool:
        """Whether the database's clock, or a change of the batch that was not written, makes another decision of this
        one. If not, its refusal stands, and is the answer."""
        error: Exception | None = decided.refusal
        if error is None or left_out or isinstance(error, BY_THE_CLOCK):
            try:
                waiting.write.decide(working, at)
            except Exception as refusal:  # a fault of the decision's is its caller's alone
                error = refusal
            else:
                return True
        waiting.fail(error)
        return False

    def _decide(self, working: WorkingViews, batch: Sequence[PendingWrite]) -> Plan:
        """By the database's clock."""
        return decide(working, batch, self._rules(working.venue_id), self._clock.now())

    def _due(self, working: WorkingViews) -> list[Change]:
        """What is due on the days now; nothing of it is drafted."""
        found = due(working, self._rules(working.venue_id), self._clock.now())
        working.drafts.clear()
        return found


def _end(batch: Iterable[PendingWrite], left: Sequence[PendingWrite]) -> None:
    """None but those who are left is without an answer, unless this was ended, or has a fault."""
    for waiting in batch:
        if waiting not in left:
            waiting.fail(OutcomeUnknown())


def _of(waiting: PendingWrite, versions: Mapping[str, int]) -> dict[str, int]:
    """Where its own streams stand."""
    return {stream: versions[stream] for stream in waiting.write.streams}
