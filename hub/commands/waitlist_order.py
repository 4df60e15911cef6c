"""Another place on the waitlist, and the last step of an entry taken back: what hub.domain.queue_order decides.

What an entry was before its last step is read from its day's events, which hold it; who is the next to change the entry
changes its revision, and nothing of what was read is written then.
"""

from __future__ import annotations

from datetime import datetime

from hub.commands import guests as guests_of_venues
from hub.commands.call import Call
from hub.commands.waitlist import Decide, entry_of, write
from hub.domain import queue_order
from hub.domain.change import Change
from hub.domain.day import QUEUE_CORRECTED
from hub.domain.queue_order import UNDONE, LastStep, Reason
from hub.domain.stays import Stays
from hub.domain.waitlist import SeenEntry
from hub.store import waitlist as entries
from hub.store.waitlist import WaitlistEntry
from hub.views.context import VenueContext
from hub.views.writes import WorkingViews

NOT_TO_UNDO = (UNDONE, QUEUE_CORRECTED)


async def move(context: VenueContext, call: Call, entry_id: int, *, place: int, reason: Reason) -> WaitlistEntry:
    """The party gets this place. Raises NotFound, Changed with what the entry is, and Conflict."""

    def decide(seen: SeenEntry, stream: str, stays: Stays, views: WorkingViews, now: datetime) -> Change:
        return queue_order.move(
            seen, views.day(stream), views.floor, place=place, reason=reason, stays=stays, rules=context.rules, now=now
        )

    async def deciding(before: WaitlistEntry) -> Decide:
        return decide

    done, before = await write(context, call, entry_id, deciding)
    return entry_of(done, before)


async def undo(context: VenueContext, call: Call, entry_id: int) -> WaitlistEntry:
    """Take back the last step. Raises as :func:`move`, AlreadyWaiting and NotAtThisTime."""

    async def deciding(before: WaitlistEntry) -> Decide:
        last, alike = await _last_step(context, before), await guests_of_venues.alike(context, before.guest)

        def decide(seen: SeenEntry, stream: str, stays: Stays, views: WorkingViews, now: datetime) -> Change:
            return queue_order.undo(
                seen, last, views.day(stream), views.floor, stays=stays, rules=context.rules, now=now,
                alike=alike,
            )  # fmt: skip

        return decide

    done, before = await write(context, call, entry_id, deciding)
    return entry_of(done, before)


async def _last_step(context: VenueContext, entry: WaitlistEntry) -> LastStep | None:
    found = await entries.before_last_step(context.id, entry.id, entry.revision, NOT_TO_UNDO)
    return None if found is None else LastStep(*found)
