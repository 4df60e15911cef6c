"""What each verb does to the waitlist of a service day: join, ready, here, seat, leave; and quotes anew. Pure.

See hub.domain.decisions, and hub.domain.queue_order for another place and undo. An entry waits until it ends: seated,
with a booking of the same change, or left. The quote that it was given at joining is its promise and stays
(``promised_until``); the present one is written anew with each change of who waits, and from time to time
(hub.commands.waitlist_keeper), where the room has changed it. That is no new revision: a revision counts what people
did.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from hub.domain import calendar, queue_turn, service
from hub.domain.allocation import Day, units_in
from hub.domain.change import NEW, BookingRow, Change, NewEvent, NewGuest, Party, WaitRow, Window
from hub.domain.day import DayView
from hub.domain.floor import FloorView
from hub.domain.held import Waiting
from hub.domain.quote import Quote, Waiter, evening_of, queue_of
from hub.domain.rules import Rules
from hub.domain.stays import Stays
from hub.errors import (
    AlreadyWaiting,
    Changed,
    Conflict,
    NotAsSeen,
    NotFound,
    NoWait,
    TableTooSmall,
    WaitlistClosed,
)

Step: TypeAlias = Literal["ready", "here", "seat", "leave"]
TRANSITIONS: Final[dict[tuple[str, Step], str]] = {
    ("waiting", "ready"): "ready",
    ("waiting", "here"): "here",
    ("ready", "here"): "here",
    ("waiting", "seat"): "seated",
    ("ready", "seat"): "seated",
    ("here", "seat"): "seated",
    ("waiting", "leave"): "left",
    ("ready", "leave"): "left",
    ("here", "leave"): "left",
}
"""(status, step) → the status after it. ready: they were told that a table is; here: they stand at the door."""
ENDS = frozenset({"seated", "left"})
QUEUED, CHANGED, LEFT = "queued", "queue_changed", "queue_left"
"""The kinds of its events; that a guest is called otherwise has one of its own (hub.domain.day)."""

DRAFTED = -(1 << 40)
"""Stands for the booking of a party that is being seated: it has no id yet, and no draft has this one."""


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """An entry that somebody wants to change, as its row was read. ``revisions``: those at which they want to change
    it; None: at any."""

    id: int
    venue_id: int
    service_date: date
    status: str
    revision: int
    revisions: frozenset[int] | None = None


def after(status: str, step: Step) -> str:
    """Raises Conflict for a step that does not lead on from this status."""
    found = TRANSITIONS.get((status, step))
    if found is None:
        raise Conflict(f"The party is {status}: {step} is not possible.")
    return found


def last_seating(day: date, rules: Rules) -> datetime | None:
    """The last start that the day offers; None: it offers none."""
    starts = calendar.grid(day, rules)
    return starts[-1].starts_at if starts else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a party that comes now would be told. ``quote`` is None unless the list is open."""

    state: Literal["open", "no_wait", "closed"]
    ahead: int
    quote: Quote | None = None


def estimate(
    day: Day, floor: FloorView, *, guests: int, stays: Stays, rules: Rules, now: datetime, area_id: int | None = None
) -> Estimate:
    """How long such a party would wait at ``now``: the same that :func:`join` would promise."""
    ahead = queue_of(day.day_view.waitlist.items())
    opens, closes = calendar.opening(day.day_view.day, rules)
    last = last_seating(day.day_view.day, rules)
    if last is None or not opens <= now < closes or not units_in(floor, guests, area_id):
        return Estimate("closed", len(ahead))
    evening = evening_of(day, floor, stays=stays, rules=rules, now=now)
    quote = evening.play([*ahead, Waiter(NEW, guests, area_id)])[NEW]
    if evening.free_now(guests, area_id):
        return Estimate("no_wait", len(ahead))
    if quote is None or quote.until > last:
        return Estimate("closed", len(ahead))
    return Estimate("open", len(ahead), quote)


def join(
    day: Day,
    floor: FloorView,
    *,
    venue_id: int,
    guest_id: int,
    new_guest: NewGuest | None,
    guests: int,
    area_id: int | None,
    force: bool,
    stays: Stays,
    rules: Rules,
    now: datetime,
    alike: Collection[int] = (),
) -> Change:
    """A party waits from now on. ``force``: also where a table is free at once. ``alike`` are other guests who are
    called so: whoever waits as one of them is this party.

    Raises NotAsSeen when the service day ended meanwhile, NotFound for the area, TableTooSmall, AlreadyWaiting, NoWait
    with what is free, and WaitlistClosed before the opening and when the quote would lie past the last seating.
    """
    at = now.replace(microsecond=0)
    view = day.day_view
    if calendar.service_day(at, rules) != view.day:
        raise NotAsSeen()
    if area_id is not None and area_id not in floor.areas:
        raise NotFound("There is no such area.")
    if not units_in(floor, guests, area_id):
        raise TableTooSmall()
    check_waits_once(view, {guest_id, *alike})
    opens, closes = calendar.opening(view.day, rules)
    last = last_seating(view.day, rules)
    if not opens <= at < closes or last is None:
        raise WaitlistClosed()
    evening = evening_of(day, floor, stays=stays, rules=rules, now=now)
    found = evening.play([*queue_of(view.waitlist.items()), Waiter(NEW, guests, area_id)])
    quote, free = found[NEW], evening.free_now(guests, area_id)
    if free and not force:
        raise NoWait(free=free)
    if quote is None or quote.until > last:
        raise WaitlistClosed()
    place = max((each.place for each in view.waitlist.values()), default=0) + 1
    row = WaitRow(
        NEW, venue_id, view.day, guest_id, guests, "waiting", place, at, quote.since, quote.until, quote.until,
        area_id, new_guest=new_guest,
    )  # fmt: skip
    return _of(row, QUEUED, _changed(view, venue_id, found, view), window=Window(until=closes))


def check_waits_once(view: DayView, guests: Collection[int], but: int | None = None) -> None:
    """Raises AlreadyWaiting where one of these guests waits, with another entry than ``but``."""
    for id, each in view.waitlist.items():
        if id != but and each.guest_id in guests:
            raise AlreadyWaiting(waitlist_id=id)


def step(
    seen: SeenEntry, day: Day, floor: FloorView, what: Literal["ready", "here", "leave"], *, stays: Stays, rules: Rules,
    now: datetime,
) -> Change:  # fmt: skip
    """One step without a choice. Raises Changed, Conflict, NotAsSeen."""
    row = as_shown(seen, day.day_view)
    row = replace(row, status=after(row.status, what), revision=row.revision + 1)
    if row.status not in ENDS:  # nobody's turn is another by it
        return _of(row, CHANGED, [])
    view = day.day_view.copy()
    view.put(row.id, None, "wait")
    room = Day(view, day.beside, day.played)
    return _of(row, LEFT, requoted(room, floor, row.venue_id, stays=stays, rules=rules, now=now))


def seat(
    seen: SeenEntry, day: Day, floor: FloorView, *, party: Party, table_ids: Sequence[int] | None, stays: Stays,
    rules: Rules, now: datetime, in_turn: bool = False,
) -> Change:  # fmt: skip
    """The party sits: its booking is made as a walk-in's is (hub.domain.service), and the entry ends with it.
    ``in_turn``: not where one that waits before it sits later by that.

    Raises as :func:`step` and as service.walk_in do, and PassedOver.
    """
    waited = as_shown(seen, day.day_view)
    row = replace(waited, status=after(waited.status, "seat"), revision=waited.revision + 1, booking=True)
    if calendar.service_day(now, rules) != seen.service_date:
        raise Conflict("The evening on which the party waited is over.")
    change = service.walk_in(
        day, floor, venue_id=row.venue_id, party=party, guests=row.guests, table_ids=table_ids, minutes=None,
        rules=rules, now=now, area_id=row.area_id, waited=waited,
    )  # fmt: skip
    booking = change.booking
    assert isinstance(booking, BookingRow)
    view = day.day_view.copy()
    view.put(row.id, None, "wait")
    view.put(DRAFTED, booking.entry())
    seated = Day(view, day.beside)
    if in_turn:
        queue_turn.check(row.id, day, seated, booking, floor, stays=stays, rules=rules, now=now)
    again = requoted(seated, floor, row.venue_id, stays=stays, rules=rules, now=now)
    ended = _of(row, LEFT, again, end=row.status)
    return replace(change, wait=row, more_waits=again, events=[*change.events, *ended.events])


def requoted(
    day: Day, floor: FloorView, venue_id: int, *, stays: Stays, rules: Rules, now: datetime, was: DayView | None = None
) -> list[WaitRow]:
    """The entries whose quote is another by now, with it; or whose place is another than it ``was``."""
    view = day.day_view
    if not view.waitlist:
        return []
    evening = evening_of(day, floor, stays=stays, rules=rules, now=now)
    return _changed(view, venue_id, evening.play(queue_of(view.waitlist.items())), was or view)


def keep(day: Day, floor: FloorView, venue_id: int, *, stays: Stays, rules: Rules, now: datetime) -> Change:
    """What is to be written though nobody did anything: quotes anew; and the end of all who still wait when the day is
    over. Without events there is nothing."""
    view = day.day_view
    opens, until = calendar.occupied_range(view.day, rules)
    if now < opens:
        return Change()
    if now < until:
        rows = requoted(day, floor, venue_id, stays=stays, rules=rules, now=now)
        return Change(more_waits=rows, events=_events(rows, CHANGED))
    over = [
        replace(row_of(view.day, venue_id, id, each), status="left", revision=each.revision + 1)
        for id, each in sorted(view.waitlist.items())
    ]
    return Change(more_waits=over, events=_events(over, LEFT))


def row_of(day: date, venue_id: int, id: int, entry: Waiting) -> WaitRow:
    """An entry as its day shows it."""
    return WaitRow(
        id, venue_id, day, entry.guest_id, entry.guests, entry.status, entry.place, entry.joined_at, entry.quoted_from,
        entry.quoted_until, entry.promised_until, entry.area_id, entry.revision,
    )  # fmt: skip


def _changed(view: DayView, venue_id: int, found: dict[int, Quote | None], was: DayView) -> list[WaitRow]:
    """Raises NotAsSeen for another place of a party that joins in the same commit: it has no id yet."""
    rows = []
    for id, entry in sorted(view.waitlist.items()):
        quote, before = found[id], was.waitlist.get(id, entry)
        if id < 0:
            if entry.place != before.place:
                raise NotAsSeen()
            continue  # its quote is written anew when it can be
        since, until = (None, None) if quote is None else (quote.since, quote.until)
        if (entry.place, since, until) != (before.place, before.quoted_from, before.quoted_until):
            rows.append(replace(row_of(view.day, venue_id, id, entry), quoted_from=since, quoted_until=until))
    return rows


def check_revision(seen: SeenEntry) -> None:
    """Raises Changed when the entry is at another revision than is wanted."""
    if seen.revisions is not None and seen.revision not in seen.revisions:
        raise Changed()


def as_shown(seen: SeenEntry, view: DayView) -> WaitRow:
    """The entry as its day shows it. Raises Changed when it is at another revision than is wanted, Conflict for one
    that has ended, and NotAsSeen when it was changed since it was read."""
    check_revision(seen)
    if seen.status in ENDS:
        raise Conflict(f"The party does not wait any more: it is {seen.status}.")
    entry = view.waitlist.get(seen.id)
    if entry is None or entry.revision != seen.revision or view.day != seen.service_date:
        raise NotAsSeen()
    return row_of(view.day, seen.venue_id, seen.id, entry)


def _of(
    row: WaitRow, kind: str, again: Sequence[WaitRow], *, window: Window | None = None, end: str | None = None
) -> Change:
    """The change of one entry, with the quotes of the others that follow from it; ``end`` is another than that it
    left."""
    ended = {} if end is None else {"end": end}
    event = NewEvent(row.stream, kind, {"wait": row.id or None, "entry": row.entry(), **ended})
    return Change(
        wait=row, more_waits=again, events=[event, *_events(again, CHANGED)], window=window or Window()
    )  # fmt: skip


def _events(rows: Collection[WaitRow], kind: str) -> list[NewEvent]:
    return [NewEvent(row.stream, kind, {"wait": row.id, "entry": row.entry()}) for row in rows]
