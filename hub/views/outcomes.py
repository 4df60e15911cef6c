"""What each who waits is told of a batch that the database has taken, and who of them is to be decided again.

What was written is applied to this process's own views at once, and published. A refusal stands if neither the
database's clock nor a change that was left out makes another decision of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from hub import logs
from hub.domain import housekeeping
from hub.domain.change import Change
from hub.domain.events import Event, day_of
from hub.errors import (
    AlreadyOver,
    HoldLimit,
    HubError,
    InProgress,
    InThePast,
    KeyMismatch,
    NotAsSeen,
    NotAtThisTime,
    OutcomeUnknown,
    OutsideOpeningHours,
    TableInUse,
    TooFarAhead,
    TooLateToCancel,
    TooLateToChange,
    TooManyBookings,
)
from hub.store.commit import Committed, Written
from hub.views.writes import Cache, Decided, Done, PendingWrite, Plan, WorkingViews

BY_THE_CLOCK = (
    AlreadyOver, InThePast, NotAtThisTime, OutsideOpeningHours, TooFarAhead, TooLateToCancel, TooLateToChange,
)  # fmt: skip
LEFT_OUT: dict[str, type[HubError]] = {
    "key": KeyMismatch, "bounds": TooManyBookings, "held": TableInUse, "answer": OutcomeUnknown,
    "link": NotAsSeen, "running": InProgress, "hoarded": HoldLimit,
}  # fmt: skip
"""Why the database left a change out, and what its caller is told."""
log = logs.get("hub.views.outcomes")


class Outcomes:
    """Those of one process's commits."""

    def __init__(
        self,
        views: Cache,
        publish: Callable[[Sequence[Event]], None],
        on_due: Callable[[Sequence[Change]], None],
    ) -> None:
        """``on_due`` is told what was written by time alone."""
        self._views = views
        self._publish = publish
        self._on_due = on_due

    def settle(
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
        if _has_a_hold_ended(working, plan, answer.at):
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


def _has_a_hold_ended(working: WorkingViews, plan: Plan, at: datetime) -> bool:
    """Whether a hold that the days still show ended between the decision and ``at``: who was refused may have been
    because of it."""
    days = [view.day_view for name, view in working.cached.items() if day_of(name) is not None]
    return housekeeping.a_hold_ended(days, plan.now, at)


def _of(waiting: PendingWrite, versions: Mapping[str, int]) -> dict[str, int]:
    """Where its own streams stand."""
    return {stream: versions[stream] for stream in waiting.write.streams}
