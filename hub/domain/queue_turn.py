"""Whose turn it is: whether a party that is seated now takes a table that one before it was to get. Pure.

The queue is played on the evening as it is, and once more with the party at its table (hub.domain.quote). Who waits
before it and is expected to sit later by it is passed over. Where another table would do as well, nobody is.
"""

from __future__ import annotations

from datetime import datetime

from hub.domain.allocation import Day
from hub.domain.floor import FloorView
from hub.domain.quote import STEP, Quote, evening_of, queue_of
from hub.domain.rules import Rules
from hub.domain.stays import Stays
from hub.errors import PassedOver


def check(entry_id: int, day: Day, seated: Day, floor: FloorView, *, stays: Stays, rules: Rules, now: datetime) -> None:
    """``seated`` is the day with the party of this entry at its table. Raises PassedOver with the first who waits
    before it and sits later by it, and the tables which that one was to get."""
    queue = queue_of(day.day_view.waitlist.items())
    place = next(place for place, each in enumerate(queue) if each.id == entry_id)
    evening = evening_of(day, floor, stays=stays, rules=rules, now=now)
    before = evening.play(queue[: place + 1])
    after = evening_of(seated, floor, stays=stays, rules=rules, now=now).play(queue[:place])
    for each in queue[:place]:
        if _is_later(after[each.id], before[each.id]):
            raise PassedOver(waitlist_id=each.id, unit=evening.planned(each.id))


def _is_later(now: Quote | None, before: Quote | None) -> bool:
    """By a step of what parties are told: less is nothing that anybody waits for."""
    if now is None or before is None:
        return before is not None
    return now.likely - before.likely >= STEP
