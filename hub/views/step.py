"""One change of a state, as those hear of it who show it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hub.domain.events import Event
from hub.domain.held import BOOKING


@dataclass(frozen=True, slots=True)
class Step:
    """The version that a change led to, when it was committed, and what it touched: bookings, the tables that are taken
    at other times by it (of the floor: those that changed), and what else, as (what, id)."""

    version: int
    at: datetime
    bookings: frozenset[int]
    tables: frozenset[int]
    others: frozenset[tuple[str, int]] = frozenset()


def step_of(event: Event, subject: str, id: int, tables: frozenset[int]) -> Step:
    """The step of an event of a day that is about this booking, block, hold or entry of the waitlist."""
    if subject == BOOKING:
        return Step(event.version, event.at, frozenset((id,)), tables)
    return Step(event.version, event.at, frozenset(), tables, frozenset(((subject, id),)))
