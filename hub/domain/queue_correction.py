"""What was written of a party that waits is put right: how many they are, and who. Pure.

See hub.domain.waitlist. The party keeps its place and its promise; its quote, and those behind it, count with the new
number. Events name nobody, so of a name and a phone number they say that these were put right, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from hub.domain.allocation import Day, units_in
from hub.domain.change import Change, NewGuest, NewName, Window
from hub.domain.day import QUEUE_CORRECTED
from hub.domain.floor import FloorView
from hub.domain.queue_order import placed
from hub.domain.rules import Rules
from hub.domain.stays import Stays
from hub.domain.waitlist import SeenEntry, as_shown, check_waits_once
from hub.errors import TableTooSmall


@dataclass(frozen=True, slots=True)
class Who:
    """Who a party says that it is: the guest of this id, whose row is still to be written where there is a ``new`` one.
    ``named``: the entry keeps its guest all the same, who is called so from now on. ``fields``: what is another by it,
    of name and phone; ``alike``: all whom the house knows by it."""

    guest_id: int
    new: NewGuest | None
    named: NewName | None
    fields: tuple[str, ...]
    alike: frozenset[int] = frozenset()


def correct(
    seen: SeenEntry, day: Day, floor: FloorView, *, guests: int | None, who: Who | None, stays: Stays, rules: Rules,
    now: datetime,
) -> Change:  # fmt: skip
    """The party is of so many guests, and of this name; None: as before. What changes nothing has no event.

    Raises Changed, NotAsSeen, Conflict when it does not wait any more, TableTooSmall, and AlreadyWaiting when it says
    that it is another guest who waits already, whichever of the two the entry is to have.
    """
    row = as_shown(seen, day.day_view)
    count = row.guests if guests is None else guests
    fields = [*(["guests"] if count != row.guests else []), *(who.fields if who is not None else ())]
    if not fields:
        return Change(wait=row)
    if count != row.guests and not units_in(floor, count, row.area_id):
        raise TableTooSmall()
    named = who.named if who is not None else None
    put_right = replace(row, guests=count, revision=row.revision + 1)
    if who is not None and who.guest_id != row.guest_id:
        check_waits_once(day.day_view, {who.guest_id, *who.alike}, but=row.id)
        if named is None:
            put_right = replace(put_right, guest_id=who.guest_id, new_guest=who.new)
    change = placed(
        put_right, day, floor, QUEUE_CORRECTED, {"fields": fields}, Window(), stays=stays, rules=rules, now=now
    )
    return replace(change, named=named)
