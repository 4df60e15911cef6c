"""What a client that comes back has missed: the changes of a board after the position that it holds."""

from __future__ import annotations

from datetime import UTC, datetime

from hub import database, streams
from hub.domain.event import parse_position
from hub.held import HISTORY, HISTORY_AGE, Held, Step


async def steps_since(held: Held, since: str | None, epoch: str) -> list[Step] | None:
    """The changes after a position, if it can be resumed from: from memory, else from the events; else None."""
    wanted = parse_position(since)
    if wanted is None or wanted[0] != epoch or not 0 < held.version - wanted[1] <= HISTORY:
        return None
    version = wanted[1]
    if held.history and held.history[0].version <= version + 1:
        steps = [step for step in held.history if step.version > version]
    else:
        # What an event freed is not in it, so every table is told anew, removed ones too: its values are absolute.
        tables = frozenset(row["id"] for row in await database.fetch("SELECT id FROM tables"))
        steps = []
        for event in await streams.events_since(held.stream, version, most=HISTORY + 1):
            touched = event.data.get("booking")
            bookings = frozenset((int(touched),)) if touched is not None else frozenset[int]()
            named = frozenset((int(event.data["table"]),)) if touched is None else tables
            steps.append(Step(event.version, event.at, bookings, named))
        if not steps or steps[0].version != version + 1:
            return None
    return steps if datetime.now(UTC) - steps[0].at <= HISTORY_AGE else None


def chain(read: list[Step] | None, held: Held, after: int, until: int) -> list[Step] | None:
    """One step for each version after ``after`` up to ``until``, of what was read and what is in memory now.

    None when there is a hole, or more of them, or older ones, than can be resumed from. Memory counts as it is now: the
    board may have moved on while the rest was read.
    """
    if not 0 < until - after <= HISTORY:
        return None
    known = {step.version: step for step in (*(read or ()), *held.history)}
    steps = [known[version] for version in range(after + 1, until + 1) if version in known]
    whole = len(steps) == until - after and datetime.now(UTC) - steps[0].at <= HISTORY_AGE
    return steps if whole else None
