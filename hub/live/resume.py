"""What a client that comes back has missed: the changes of a view after the version that it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from hub.domain.day import KINDS as DAY_KINDS
from hub.domain.day import RENAMED
from hub.domain.events import TABLES
from hub.domain.floor import KINDS as FLOOR_KINDS
from hub.store import database, streams
from hub.views.cached_view import HISTORY, HISTORY_AGE, CachedView, Step


async def read_missed(cached: CachedView, after: int) -> list[Step]:
    """The changes after a version that memory does not reach back to, of the events; [] when none are needed, or more
    than can be resumed from, or one of them is of another release."""
    within_memory = cached.history and cached.history[0].version <= after + 1
    if within_memory or not 0 < cached.version - after <= HISTORY:
        return []
    # What an event freed is not in it, so every table is told anew, removed ones too: its values are absolute.
    tables = frozenset(row["id"] for row in await database.fetch("SELECT id FROM tables"))
    steps = []
    for event in await streams.events_since(cached.stream, after, most=HISTORY + 1):
        if event.kind not in (FLOOR_KINDS if cached.stream == TABLES else DAY_KINDS):
            return []
        touched = event.data.get("booking")
        bookings = frozenset((int(touched),)) if touched is not None else frozenset[int]()
        if event.kind == RENAMED:
            named = frozenset[int]()
        else:
            named = frozenset((int(event.data["table"]),)) if touched is None else tables
        steps.append(Step(event.version, event.at, bookings, named))
    return steps


def chain(read: Iterable[Step], cached: CachedView, after: int, until: int) -> list[Step] | None:
    """One step for each version after ``after`` up to ``until``, of what was read and what is in memory now.

    None when there is a hole, or more of them, or older ones, than can be resumed from. Memory counts as it is now: the
    view may have moved on while the rest was read.
    """
    if not 0 < until - after <= HISTORY:
        return None
    known = {step.version: step for step in (*read, *cached.history)}
    steps = [known[version] for version in range(after + 1, until + 1) if version in known]
    whole = len(steps) == until - after and datetime.now(UTC) - steps[0].at <= HISTORY_AGE
    return steps if whole else None
