"""What was done to an entry of the waitlist, for staff: who did what, when and why, from its day's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.commands.waitlist import NO_SUCH
from hub.domain.queue_history import QueueAct, acts
from hub.errors import NotFound
from hub.store import histories
from hub.store.histories import Actor
from hub.views.context import VenueContext


@dataclass(frozen=True, slots=True)
class QueueHistory:
    """Acts, oldest first, and who did them."""

    acts: Sequence[QueueAct]
    actors: Mapping[int, Actor]


async def of_entry(context: VenueContext, entry_id: int) -> QueueHistory:
    """Raises NotFound, and HubErrors."""
    read = await histories.of_wait(context.id, entry_id)
    if read is None:
        raise NotFound(NO_SUCH)
    status, events, actors = read
    return QueueHistory(acts(events, status), actors)
