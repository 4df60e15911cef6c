"""What was done to an entry of the waitlist: its day's events, read as acts with what it was before and after. Pure.

An event holds the entry after it alone, and nothing of one that is not on the list any more. Another quote, or a place
that moved because another party was moved, is no act of this one: its revision stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.domain.day import QUEUE_CORRECTED, QUEUE_RENAMED
from hub.domain.held import Waiting
from hub.domain.queue_order import MOVED, UNDONE
from hub.domain.waitlist import LEFT, QUEUED

PASSED_OVER = (QUEUE_RENAMED,)
ACTIONS = {QUEUED: "joined", MOVED: "moved", UNDONE: "undone", QUEUE_CORRECTED: "corrected"}
"""Of the kinds that say what was done; else it is the status that the entry got."""


@dataclass(frozen=True, slots=True)
class RecordedWait:
    """An event of one entry as the database keeps it. ``entry`` and ``reason`` are its data's, or null."""

    kind: str
    entry: Mapping[str, Any] | None
    reason: str | None
    at: datetime
    actor: int | None
    request_id: str | None
    end: str | None = None
    """Of an end that is another than that the party left: seated."""
    fields: Sequence[str] | None = None
    """Of what was put right: what that was."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """An entry at a revision."""

    status: str
    place: int
    guests: int
    revision: int


@dataclass(frozen=True, slots=True)
class QueueAct:
    """One change. ``actor`` is a user's id; None is the hub itself, or the guest by their link. ``fields``: what was
    put right, of guests, name and phone; of the last two nothing is kept but that. ``forgotten``: there were others
    before this one, which are not kept any more."""

    at: datetime
    actor: int | None
    action: str
    before: QueueState | None
    after: QueueState | None
    reason: str | None
    request_id: str | None
    fields: Sequence[str] = ()
    forgotten: bool = False


def acts(events: Iterable[RecordedWait], status: str) -> list[QueueAct]:
    """The acts of one entry's events, which come in their order; ``status`` is its present one."""
    found: list[QueueAct] = []
    now: QueueState | None = None
    first: RecordedWait | None = None
    for event in events:
        first = first or event
        if event.kind == LEFT:
            end = event.end or "left"
            after = now and replace(now, status=end, revision=now.revision + 1)
            found.append(_act(event, end, now, after))
        else:
            try:
                entry = Waiting.parse(event.entry or {})
            except (KeyError, TypeError, ValueError):
                continue
            after = QueueState(entry.status, entry.place, entry.guests, entry.revision)
            if now is None or after.revision != now.revision:
                found.append(_act(event, ACTIONS.get(event.kind, entry.status), now, after))
        now = after
    if found and first is not None and first.kind != QUEUED:  # by which every entry began
        found[0] = replace(found[0], forgotten=True)
    # The events of earlier releases do not say which end it is.
    if status == "seated" and found and found[-1].after is not None:
        found[-1] = replace(found[-1], action=status, after=replace(found[-1].after, status=status))
    return found


def _act(event: RecordedWait, action: str, before: QueueState | None, after: QueueState | None) -> QueueAct:
    fields = tuple(event.fields or ())
    return QueueAct(event.at, event.actor, action, before, after, event.reason, event.request_id, fields)
