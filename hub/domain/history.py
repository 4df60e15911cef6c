"""What was done to a booking: its events, read as acts with the state before and after each. Pure.

An event holds the state after it alone, so the state before is that of the booking's event before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from hub.domain.day import MOVED_AWAY, MOVED_HERE, RENAMED, Entry
from hub.domain.events import day_of

CANCELED, UNDONE = "canceled", "undone"
PASSED_OVER = (MOVED_AWAY, RENAMED)
"""Kinds of events that are no act of their own: a booking that moves away from a day moves to another one in the
same transaction, and another name of its guest changes nothing of a booking."""
EVENTS_BEFORE = 2
"""So many events before an act say what was before it: the event of a cancellation, which may have been taken back,
holds no state, and the one before it does."""
RESCHEDULED, REFILED = "rescheduled", "refiled"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event of one booking as the database keeps it. ``entry`` is its data's, or null."""

    id: int
    stream: str
    kind: str
    entry: Mapping[str, Any] | None
    at: datetime
    actor: int | None
    request_id: str | None
    exceed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BookingRevision:
    """A booking at a revision. ``tables`` are all of its tables, ``table_id`` the first."""

    service_date: date
    table_id: int
    guests: int
    starts_at: datetime
    ends_at: datetime
    status: str
    revision: int
    tables: tuple[int, ...] = ()
    pinned: bool = False
    arrived_at: datetime | None = None
    seated_at: datetime | None = None
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One change. ``id`` is its event's, ``actor`` a user's; None is the hub itself or a command of its operator.

    ``before`` is None for the first act; both are None where an event can't be read by this release. ``forgotten``:
    there were acts before this one, which are not kept any more.
    """

    id: int
    at: datetime
    actor: int | None
    action: str
    before: BookingRevision | None
    after: BookingRevision | None
    request_id: str | None
    forgotten: bool = False
    exceed: Sequence[str] = ()
    """The rules that staff passed over: hold, seats. Why, the house note says."""


def acts(events: Iterable[Recorded], made_at: datetime) -> list[Act]:
    """The acts of a booking that was made at ``made_at``: of its events, in their order, the first of which may be
    forgotten."""
    found: list[Act] = []
    before: BookingRevision | None = None
    for event in events:
        if event.kind in PASSED_OVER:
            continue
        after = _after(event, before)
        forgotten = not found and event.at > made_at
        found.append(
            Act(
                event.id, event.at, event.actor, _action(event), before, after, event.request_id, forgotten,
                event.exceed,
            )
        )  # fmt: skip
        before = after
    return found


def _action(event: Recorded) -> str:
    """The kind of an event, but for a change of day: somebody moved the booking, or the rules put it on another day."""
    if event.kind != MOVED_HERE:
        return event.kind
    # A guest who comes by the link of a mail has no account, but has made a request.
    return REFILED if event.actor is None and event.request_id is None else RESCHEDULED


def _after(event: Recorded, before: BookingRevision | None) -> BookingRevision | None:
    # A walk-in that is taken back is canceled as well: of another step the state before it is shown.
    if event.kind == CANCELED or (event.kind == UNDONE and event.entry is None):
        return None if before is None else replace(before, status=CANCELED, revision=before.revision + 1)
    try:
        day = day_of(event.stream)
        if event.entry is None or day is None:
            return None
        entry = Entry.parse(event.entry)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return BookingRevision(
        day, entry.table_id, entry.guests, entry.starts_at, entry.ends_at, entry.status, entry.revision, entry.tables,
        entry.pinned, entry.arrived_at, entry.seated_at, entry.left_at,
    )  # fmt: skip
