"""What a batch of changes is decided to be: each in turn, on the days as they will be with those before it.

What happens by time alone (hub.domain.housekeeping) stands in front, as changes without a caller: nobody is refused
because of a hold whose time is over, and nobody is given a table at which people sit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.domain import housekeeping
from hub.domain.allocation import Day
from hub.domain.change import Change
from hub.domain.events import day_of
from hub.domain.rules import Rules
from hub.errors import HubError
from hub.store.orders import Order
from hub.views.writes import PendingWrite, WorkingViews


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided for one write: a change, or a refusal."""

    change: Change | None
    refusal: HubError | None = None

    @property
    def wrote(self) -> bool:
        return self.change is not None and bool(self.change.events)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided at ``now``: what is due by then, and in its order what was asked for."""

    now: datetime
    due: list[Change]
    asked: list[Decided]

    @property
    def streams(self) -> set[str]:
        """Those that get events."""
        asked = [each.change for each in self.asked if each.change is not None]
        return {event.stream for change in (*self.due, *asked) for event in change.events}


def decide(working: WorkingViews, batch: Sequence[PendingWrite], rules: Rules | None, now: datetime) -> Plan:
    """``rules`` None: nothing is due."""
    plan = Plan(now, due(working, rules, now), [])
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


def due(working: WorkingViews, rules: Rules | None, now: datetime) -> list[Change]:
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


def has_a_hold_ended(working: WorkingViews, plan: Plan, at: datetime) -> bool:
    """Whether a hold that the days still show ended between the decision and ``at``: who was refused may have been
    because of it."""
    days = [view.day_view for name, view in working.cached.items() if day_of(name) is not None]
    return housekeeping.a_hold_ended(days, plan.now, at)


def orders(working: WorkingViews, batch: Sequence[PendingWrite], plan: Plan) -> list[Order]:
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
                notices=waiting.write.notices(decided.change) if decided.change is not None else None,
                key=waiting.write.key,
                link=waiting.write.link,
                versions={name: versions[name] for name in waiting.write.streams} if waiting.write.key else {},
            )
            for waiting, decided in zip(batch, plan.asked, strict=True)
        ),
    ]
