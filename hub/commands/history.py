"""The history of a booking, for staff: who did what and when, from its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.domain.floor import Table
from hub.domain.history import EVENTS_BEFORE, Act, acts
from hub.errors import NotFound
from hub.store import histories
from hub.store.histories import Actor
from hub.views.context import VenueContext


@dataclass(frozen=True, slots=True)
class History:
    """Acts, oldest first; who did them and which tables they name. ``following`` is the cursor of those before."""

    acts: Sequence[Act]
    actors: Mapping[int, Actor]
    tables: Mapping[int, Table]
    following: int | None


async def of_booking(context: VenueContext, booking_id: int, *, limit: int, cursor: int | None = None) -> History:
    """The last ``limit`` acts before ``cursor``; none where all are forgotten. Raises NotFound, Unavailable,
    Overloaded."""
    # More events than asked for: they say what was before the first act, and whether there is more.
    read = await histories.of_booking(context.id, booking_id, before=cursor, most=limit + EVENTS_BEFORE)
    if read is None:
        raise NotFound("There is no such booking.")
    made_at, events, actors = read
    found = acts(events, made_at)
    following = found[-limit].id if len(found) > limit else None
    found = found[-limit:]
    states = [state for act in found for state in (act.before, act.after) if state is not None]
    tables = await histories.tables(context.id, {id for state in states for id in state.tables})
    return History(found, actors, tables, following)
