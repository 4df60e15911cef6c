"""Holds: tables that are kept for somebody who is about to book, for a few minutes. Pure.

Who books asks hub.domain.decisions, which asks here what becomes of the holds of the day.

A hold takes its tables as a booking does. The constraint knows no clock, so one that is over is let go before anything
else is decided (hub.domain.housekeeping), and becomes a booking in one commit: never free in between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hub.domain import calendar
from hub.domain.allocation import Day, choose
from hub.domain.change import NEW, Change, HoldRow, NewEvent, Window
from hub.domain.day import DayView
from hub.domain.floor import FloorView
from hub.domain.held import Hold
from hub.domain.rules import Rules
from hub.errors import Forbidden, HoldDiffers, HoldLimit, HoldOver, NotFound, SlotTaken

LIFE = timedelta(minutes=5)
"""For how long tables are held, and by how much longer once somebody asks for it."""
SHARE = 5
"""Of so many tables one, and at least one, may be held by guests for the same time."""
NO_SUCH = "There is no such hold."
ENDED = "The time for which the table was held is over."
WRITTEN_WITHIN = timedelta(seconds=30)
"""How long after its decision a hold may be written: its end was counted from then."""


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as its row was read: it may be over, or gone, by the time that a booking is decided."""

    id: int
    starts_at: datetime
    guests: int
    made_at: datetime


def hold(
    day: Day,
    floor: FloorView,
    slot: calendar.Slot,
    *,
    venue_id: int,
    guests: int,
    table_ids: Sequence[int] | None,
    area_id: int | None,
    digest: str,
    made_by: int,
    staff: bool,
    of_staff: Collection[int],
    before: Sequence[tuple[int, DayView]],
    rules: Rules,
    now: datetime,
) -> Change:
    """Hold the tables that a booking would get. ``before`` are holds whose place this one takes, with their days: of a
    guest all others, since a guest has one. ``of_staff`` are the day's holds that are no guest's.

    Raises Forbidden for a guest who names tables, HoldLimit, and what a booking raises.
    """
    if table_ids is not None and not staff:
        raise Forbidden()
    calendar.check_bookable(slot, now, rules)
    given_up = [(id, view, found) for id, view in before if (found := view.holds.get(id)) is not None]
    own_day = [id for id, view, _ in given_up if view is day.day_view]
    there = without(day, own_day)
    if not staff:
        _check_share(there.day_view, floor, slot, of_staff)
    unit = choose(
        there, floor, slot, guests=guests, table_ids=table_ids, rules=rules, now=now, area_id=area_id,
        oversize=None if staff else rules.oversize,
    )  # fmt: skip
    decided_at = now.replace(microsecond=0)
    row = HoldRow(
        NEW, venue_id, slot.day, unit.ids, slot.starts_at, slot.ends_at, guests, decided_at + LIFE, digest, made_by,
    )  # fmt: skip
    since, until = calendar.bookable_between(slot, rules)
    rows = [row_of(venue_id, view.day, id, found) for id, view, found in given_up]
    return Change(
        hold=row,
        replaced=rows,
        events=[*map(released, rows), NewEvent(row.stream, "held", {"hold": None, "entry": row.entry()})],
        window=Window(max(since, decided_at - timedelta(seconds=1)), min(until, decided_at + WRITTEN_WITHIN)),
        one_hold_of=None if staff else made_by,
    )


def _check_share(view: DayView, floor: FloorView, slot: calendar.Slot, of_staff: Collection[int]) -> None:
    """Raises HoldLimit when guests would hold more than their share of the tables for a time; what staff hold, who are
    booking for guests of theirs, is not of that share."""
    there = sum(
        id not in of_staff and each.starts_at < slot.ends_at and each.ends_at > slot.starts_at
        for id, each in view.holds.items()
    )
    if there >= max(len(floor.tables) // SHARE, 1):
        raise HoldLimit("Others are about to book for that time. Try again shortly, or book without a hold.")


def book(
    day: Day,
    slot: calendar.Slot,
    held: Held | None,
    decide: Callable[[Day, Sequence[int] | None], Change],
    *,
    venue_id: int,
    guests: int,
) -> Change:
    """The booking for which tables are held, and the end of the hold. ``decide`` books on a day, at these tables or at
    any. Where the hold is over it is a booking like any other; ``held`` None: nothing is known of it any more.

    Raises HoldDiffers for another time or more guests than are held, HoldOver with alternatives for a hold that is over
    whose time is taken by now, and what a booking raises.
    """
    if held is not None and (held.starts_at != slot.starts_at or guests > held.guests):
        raise HoldDiffers()
    found = None if held is None else day.day_view.holds.get(held.id)
    if held is None or found is None:
        try:
            return decide(day, None)
        except SlotTaken as refused:
            raise HoldOver(**refused.extra) from None
    change = decide(without(day, [held.id]), found.tables)
    row = row_of(venue_id, slot.day, held.id, found)
    # The booking comes first: whoever shows one event after the other never shows the tables free.
    return replace(change, hold=row, events=[*change.events, released(row)])


EXCEEDED = "hold"
"""How a call of staff names the rule that holds are kept, which it may exceed."""


def over_holds(
    day: Day, venue_id: int, decide: Callable[[Day], Change], *, staff: bool, exceed: Collection[str]
) -> Change:
    """What ``decide`` makes of the day; with ``exceed`` also where holds are in its way and nothing else is free: they
    are let go. Whoever made one of them is told so when they book.

    Raises what ``decide`` raises on the day as it is. To staff a refusal says whether it would help to ``exceed``.
    """
    try:
        return decide(day)
    except SlotTaken as refused:
        if not staff:
            raise
        try:
            change = decide(without(day, list(day.day_view.holds)))
        except SlotTaken:
            raise refused from None  # its alternatives are free; those of a day without holds may be held
        if EXCEEDED not in exceed:
            refused.extra["exceed"] = [*exceed, EXCEEDED]
            raise refused from None
    booking = change.booking
    assert booking is not None
    wanted = {table.id for table in booking.tables}
    given_up = [
        row_of(venue_id, day.day_view.day, id, each)
        for id, each in sorted(day.day_view.holds.items())
        if wanted & set(each.tables) and each.starts_at < booking.ends_at and each.ends_at > booking.starts_at
    ]
    return replace(change, replaced=given_up, events=[*change.events, *map(released, given_up)])


def extend(venue_id: int, view: DayView, held: Held, digest: str) -> Change:
    """Hold for longer, once. Raises HoldOver when the time is over, HoldLimit when it was extended before."""
    found = view.holds.get(held.id)
    if found is None:
        raise HoldOver(ENDED)
    expires_at = found.expires_at + LIFE
    # Its end was counted from its decision, up to a second before it was written.
    if expires_at > held.made_at + 2 * LIFE + timedelta(seconds=1):
        refusal = HoldLimit("This hold was extended before, which is possible once.")
        refusal.retryable, refusal.retry_after = False, None
        raise refusal
    row = replace(
        row_of(venue_id, view.day, held.id, found), expires_at=expires_at, digest=digest, released=False,
    )  # fmt: skip
    event = NewEvent(row.stream, "held", {"hold": held.id, "entry": row.entry()})
    return Change(hold=row, events=[event], window=Window(until=found.expires_at))


def release(venue_id: int, view: DayView, hold_id: int) -> Change:
    """Let a hold go. Raises NotFound when it is gone."""
    found = view.holds.get(hold_id)
    if found is None:
        raise NotFound(NO_SUCH)
    row = row_of(venue_id, view.day, hold_id, found)
    return Change(hold=row, events=[released(row)])


def row_of(venue_id: int, day: date, id: int, found: Hold) -> HoldRow:
    """The row of a hold that is let go."""
    return HoldRow(
        id, venue_id, day, found.tables, found.starts_at, found.ends_at, found.guests, found.expires_at,
        made_by=found.made_by, released=True,
    )  # fmt: skip


def released(row: HoldRow) -> NewEvent:
    return NewEvent(row.stream, "released", {"hold": row.id, "entry": None})


def without(day: Day, holds: Sequence[int]) -> Day:
    """The same day as if these were not held."""
    if not holds:
        return day
    view = day.day_view.copy()
    for id in holds:
        view.put(id, None, "hold")
    return Day(view, day.beside)
