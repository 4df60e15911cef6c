"""Another place in the queue of the waitlist, and the last step of a party taken back. Pure.

See hub.domain.waitlist. A place is a number that orders; some are free, where somebody sat or left. Who gets a place
that another has sends that one a place on, towards where they came from, and so on until one is free.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from hub.domain import calendar
from hub.domain.allocation import Day
from hub.domain.change import Change, NewEvent, WaitRow, Window
from hub.domain.floor import FloorView
from hub.domain.held import Waiting
from hub.domain.lifecycle import UNDO_TIME
from hub.domain.rules import Rules
from hub.domain.stays import Stays
from hub.domain.waitlist import (
    CHANGED,
    TRANSITIONS,
    SeenEntry,
    as_shown,
    check_revision,
    check_waits_once,
    requoted,
    row_of,
)
from hub.errors import Conflict, NotAsSeen, NotAtThisTime

MOVED, UNDONE = "queue_moved", "queue_undone"
"""The kinds of their events. A move says why; its words are codes, so that nothing in the log names anybody."""
Reason: TypeAlias = Literal["asked", "fits", "needs", "mistake", "other"]
"""Why a party gets another place: it or another asked; the table that is free fits it; what it needs (a child, an age,
a wheelchair); a slip of the hand is put right; another reason."""


@dataclass(frozen=True, slots=True)
class LastStep:
    """What an entry was before its last step, and when that was."""

    before: Waiting
    at: datetime

    @property
    def until(self) -> datetime:
        return self.at + UNDO_TIME


def move(
    seen: SeenEntry, day: Day, floor: FloorView, *, place: int, reason: Reason, stays: Stays, rules: Rules,
    now: datetime,
) -> Change:  # fmt: skip
    """The party gets this place. Raises Changed, NotAsSeen, and Conflict when it does not wait any more, has that place
    already, or the list is not so long."""
    row = as_shown(seen, day.day_view)
    if place == row.place:
        raise Conflict("The party has that place already.")
    if place > max(each.place for each in day.day_view.waitlist.values()):
        raise Conflict("The list is not so long.")
    row = replace(row, place=place, revision=row.revision + 1)
    return placed(row, day, floor, MOVED, {"reason": reason}, Window(), stays=stays, rules=rules, now=now)


def undo(
    seen: SeenEntry, last: LastStep | None, day: Day, floor: FloorView, *, stays: Stays, rules: Rules, now: datetime,
    alike: Collection[int] = (),
) -> Change:  # fmt: skip
    """Take back the last step of an entry: ready, here, leave, or another place. ``last`` is None for one that has
    none, or whose last step was to take one back; ``alike`` are other guests who are called as theirs.

    Raises Changed, NotAsSeen, AlreadyWaiting when the guest has joined anew, Conflict when there is nothing to take
    back or the evening is over, and NotAtThisTime when it is too late.
    """
    check_revision(seen)
    view = day.day_view
    if seen.status == "left":
        if view.day != seen.service_date or seen.id in view.waitlist:
            raise NotAsSeen()
    else:
        as_shown(seen, view)
    if last is None or not _is_step(last.before.status, seen.status):
        raise Conflict("There is nothing to undo.")
    if last.before.revision != seen.revision - 1:
        raise NotAsSeen()
    if now >= last.until:
        raise NotAtThisTime("It is too late to undo that.")
    if calendar.service_day(now, rules) != view.day:
        raise Conflict("The evening on which the party waited is over.")
    if seen.status == "left":
        check_waits_once(view, {last.before.guest_id, *alike})
    row = row_of(view.day, seen.venue_id, seen.id, view.waitlist.get(seen.id, last.before))
    place = row.place if last.before.status != seen.status != "left" else last.before.place
    row = replace(row, status=last.before.status, place=place, revision=seen.revision + 1)
    return placed(row, day, floor, UNDONE, {}, Window(until=last.until), stays=stays, rules=rules, now=now)


def _is_step(before: str, after: str) -> bool:
    return before == after or any(
        status == before and to == after for (status, step), to in TRANSITIONS.items() if step != "seat"
    )


def placed(
    row: WaitRow, day: Day, floor: FloorView, kind: str, more: Mapping[str, object], window: Window, *, stays: Stays,
    rules: Rules, now: datetime,
) -> Change:  # fmt: skip
    """The change by which an entry stands as ``row`` says, with the places and the quotes of the others."""
    view = day.day_view.copy()
    places = {id: each.place for id, each in view.waitlist.items()}
    for id, place in arranged(places, row.id, row.place).items():
        other = row if id == row.id else replace(row_of(view.day, row.venue_id, id, view.waitlist[id]), place=place)
        view.put(id, other.entry(), "wait")
    again = {
        each.id: each
        for each in requoted(
            Day(view, day.beside, day.played), floor, row.venue_id, stays=stays, rules=rules, now=now, was=day.day_view
        )
    }
    row = again.pop(row.id, row)
    events = [NewEvent(row.stream, kind, {"wait": row.id, "entry": row.entry(), **more})]
    events += [NewEvent(each.stream, CHANGED, {"wait": each.id, "entry": each.entry()}) for each in again.values()]
    return Change(wait=row, more_waits=list(again.values()), events=events, window=window)


def arranged(places: Mapping[int, int], id: int, place: int) -> dict[int, int]:
    """Who gets another place when ``id`` gets this one, and which."""
    there = {each: other for other, each in places.items() if other != id}
    towards = -1 if places.get(id, place) < place else 1
    found = {id: place}
    while (other := there.get(place)) is not None:
        place += towards
        found[other] = place
    return found
