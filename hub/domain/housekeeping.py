"""What happens to a service day by time alone. Pure.

A hold ends when its time is over. A party that sits longer than planned keeps its table, a quarter of an hour at a
time, for as long as nobody follows there: a table with people on it is never given away, also after the closing. When
the service day ends, whoever still sits has left, though nobody knows when. Nobody waits any more once it is closed.

None of this needs anybody to look at the clock: before anything else is decided on a day, what is due on it is (see
hub.views.batch_commit), and written in the same commit. Somebody looks all the same (hub.commands.housekeeping), for
those who watch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hub.domain import calendar, lifecycle
from hub.domain.allocation import Day
from hub.domain.change import BookingRow, Change, NewEvent, Party, Seen, WaitRow, Window
from hub.domain.day import DayView, Entry
from hub.domain.floor import Table
from hub.domain.held import Waiting
from hub.domain.holds import released, row_of
from hub.domain.room import Room
from hub.domain.rules import Rules

STEP = timedelta(minutes=15)
"""By how much a party's time is extended at once."""
_DAY = timedelta(days=1)
NEVER = datetime.max.replace(tzinfo=UTC)


def due(day: Day, venue_id: int, rules: Rules, now: datetime) -> list[Change]:
    """What is to be written because its time has come, in this order; each holds from then on."""
    view = day.day_view
    if now < _first_due(view, rules):
        return []
    dead = sorted((each.expires_at, id) for id, each in view.holds.items() if each.expires_at <= now)
    sitting = sorted(
        (each.ends_at, id) for id, each in view.entries.items() if each.status == "seated" and each.ends_at <= now
    )
    over_at, closes = calendar.sits_until(view.day, rules), calendar.occupied_range(view.day, rules)[1]
    changes: list[Change] = []
    shown = view.copy()

    def take(found: Change | None) -> None:
        if found is not None:
            changes.append(found)
            _show(shown, found)

    for expires_at, id in dead:
        row = row_of(venue_id, view.day, id, view.holds[id])
        take(Change(hold=row, events=[released(row)], window=Window(since=expires_at)))
    for _, id in sitting:
        take(_sits_on(Day(shown, day.beside), venue_id, id, view.entries[id], over_at, now))
    for id, each in _in_order(view.waitlist) if now >= closes else ():
        take(_waits_no_more(view.day, venue_id, id, each, closes))
    return changes


def _first_due(view: DayView, rules: Rules) -> datetime:
    """When something of this day may be due first. It is asked before every decision, kept until the day changes."""
    key = ("due", rules)
    found: datetime | None = view.answers.get(key)
    if found is None:
        times = [each.expires_at for each in view.holds.values()]
        times += [each.ends_at for each in view.entries.values() if each.status == "seated"]
        if view.waitlist:
            times.append(calendar.occupied_range(view.day, rules)[1])
        found = view.answers[key] = min(times, default=NEVER)
    return found


def _show(view: DayView, change: Change) -> None:
    for event in change.events:
        [(subject, id)] = [(name, value) for name, value in event.data.items() if name != "entry"]
        view.put(id, event.data["entry"], subject)


def _sits_on(day: Day, venue_id: int, id: int, entry: Entry, over_at: datetime, now: datetime) -> Change | None:
    """A party whose time is over: it has left when the service day is over too, else it has its table for longer. None
    when somebody follows at once: then both are shown, and people decide."""
    old = _row(day.day_view.day, venue_id, id, entry)
    if now >= over_at:
        # When they left nobody knows: what the table held until then stays, and no time of leaving is made up.
        row = replace(old, status=lifecycle.after(old.status, "finish"), revision=old.revision + 1, undo=None)
        return _of(row, "finished", max(over_at, entry.ends_at))
    steps = (now - entry.ends_at) // STEP + 1
    wanted = min(entry.ends_at + steps * STEP, over_at)
    # By the plan: of two who sit at one table and stay, the one whose time is last keeps it.
    until = Room(day, None, (id,)).free_until(entry.tables, entry.ends_at, wanted)
    if until <= entry.ends_at:
        return None
    return _of(replace(old, ends_at=until, revision=old.revision + 1), "extended", entry.ends_at)


def _of(row: BookingRow, kind: str, since: datetime) -> Change:
    event = NewEvent(row.stream, kind, {"booking": row.id, "entry": row.entry()})
    return Change(booking=row, events=[event], window=Window(since=since))


def _row(day: date, venue_id: int, id: int, entry: Entry) -> BookingRow:
    """The booking as its day shows it. What was said of it stays as it is, and is not needed."""
    party = Party(entry.guest_id, entry.user_id, reference="")
    table = Table(entry.table_id, "", 0)
    return BookingRow.of(Seen(id, venue_id, party, day, entry.status, entry.revision, table, entry.starts_at), entry)


def _in_order(waitlist: dict[int, Waiting]) -> Iterator[tuple[int, Waiting]]:
    yield from sorted(waitlist.items(), key=lambda each: each[1].place)


def _waits_no_more(day: date, venue_id: int, id: int, each: Waiting, closes: datetime) -> Change:
    row = WaitRow(
        id, venue_id, day, each.guest_id, each.guests, "left", each.place, each.joined_at, each.quoted_from,
        each.quoted_until, each.promised_until, each.area_id, each.revision + 1,
    )  # fmt: skip
    return Change(
        wait=row,
        events=[NewEvent(row.stream, "queue_left", {"wait": id, "entry": None})],
        window=Window(since=closes),
    )


def a_hold_ended(views: Sequence[DayView], after: datetime, until: datetime) -> bool:
    """Whether a hold that these days show ended between two looks at the clock."""
    return any(after < each.expires_at <= until for view in views for each in view.holds.values())


def last_over(now: datetime, rules: Rules) -> tuple[date, date, datetime]:
    """The last service day on which nobody sits any more at ``now``, the last on which nobody waits, and until when
    they are the last."""
    seated, one = _last(now, lambda day: calendar.sits_until(day, rules), rules)
    waiting, other = _last(now, lambda day: calendar.occupied_range(day, rules)[1], rules)
    return seated, waiting, min(one, other)


def _last(now: datetime, over_at: Callable[[date], datetime], rules: Rules) -> tuple[date, datetime]:
    day = calendar.today(now, rules) + _DAY
    while (found := over_at(day)) > now:
        day, until = day - _DAY, found
    return day, until
