"""Whose turn it is: whether a party that is seated now takes a table from one that waits before it. Pure.

The queue is played on the evening as it is, and once more with the party at its table (hub.domain.quote). Who waits
before it and is expected to sit later by it is passed over. So is who could sit there now, as long as this party will:
where that is shorter than parties stay, no play knows of it. Where another table would do as well, nobody is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.domain.allocation import Day, units_in
from hub.domain.calendar import Slot
from hub.domain.change import BookingRow
from hub.domain.floor import FloorView, Unit
from hub.domain.quote import STEP, Quote, Waiter, evening_of, queue_of
from hub.domain.rules import Rules
from hub.domain.stays import Stays
from hub.errors import PassedOver


def check(
    entry_id: int, day: Day, seated: Day, booking: BookingRow, floor: FloorView, *, stays: Stays, rules: Rules,
    now: datetime,
) -> None:  # fmt: skip
    """``seated`` is the day with the party of this entry at its tables, by this booking. Raises PassedOver with the
    first who waits before it and loses by it, and the tables which that one was to get or could have."""
    queue = queue_of(day.day_view.waitlist.items())
    place = next(place for place, each in enumerate(queue) if each.id == entry_id)
    evening = evening_of(day, floor, stays=stays, rules=rules, now=now)
    before = evening.play(queue[: place + 1])
    after = evening_of(seated, floor, stays=stays, rules=rules, now=now).play(queue[:place])
    stay = Slot(now, booking.ends_at, booking.service_date)
    could, can = (_seated(queue[:place], each, floor, stay) for each in (day, seated))
    for each in queue[:place]:
        if _is_later(after[each.id], before[each.id]):
            raise PassedOver(waitlist_id=each.id, unit=evening.planned(each.id))
        if each.id in could and each.id not in can:
            raise PassedOver(waitlist_id=each.id, unit=could[each.id])


def _seated(queue: Sequence[Waiter], day: Day, floor: FloorView, stay: Slot) -> dict[int, Unit]:
    """The tables at which these would sit for that time, were all of them seated now, one after the other."""
    found: dict[int, Unit] = {}
    taken: set[int] = set()
    for each in queue:
        for unit in units_in(floor, each.guests, each.area_id):
            if taken.isdisjoint(unit.ids) and day.is_unit_free(unit, stay):
                found[each.id] = unit
                taken.update(unit.ids)
                break
    return found


def _is_later(now: Quote | None, before: Quote | None) -> bool:
    """By a step of what parties are told: less is nothing that anybody waits for."""
    if now is None or before is None:
        return before is not None
    return now.likely - before.likely >= STEP
