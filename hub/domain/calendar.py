"""Time as the restaurant means it: opening hours, slots, service days, deadlines, and the clock's two odd nights.

What turns a wall time into an instant, or judges an instant by the restaurant's rules, belongs here. Pure: no clock
(``now`` is an argument) and no I/O. Every instant taken or given is aware, every one given is in UTC, ranges are
half-open.

Arithmetic is done in UTC only: Python adds to and compares two datetimes of one zone by their wall clocks, which is
wrong on the night of a change. Dates before year 2 and after year 9998 are refused before anything is computed, so no
step (an offset, an opening day of up to 47 hours) leaves what a datetime can hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hub.domain.rules import Rules
from hub.errors import InThePast, NonexistentLocalTime, OutsideOpeningHours, TooFarAhead

GRACE = timedelta(minutes=10)
"""How long a guest may undo a booking that was just made, whatever the deadline."""
_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 2, 9998


@dataclass(frozen=True, slots=True)
class Slot:
    """One start that the restaurant offers, computed and never stored: [starts_at, ends_at) in UTC and its service
    day."""

    starts_at: datetime
    ends_at: datetime
    day: date


# ── Wall clock and instants ─────────────────────────────────────────────────────────────────────────────────────────


def instant(day: date, at: time, rules: Rules) -> datetime:
    """The instant (UTC) at which the restaurant's clock shows ``at`` on the calendar date ``day``.

    An ``at`` with an offset is combined with ``day`` in that offset and converted. Without one it is local: a wall time
    that occurs twice means the first. Raises NonexistentLocalTime with ``next_valid`` where the clock jumps over it,
    InThePast or TooFarAhead for a year that can't be computed with. Source: the rules of the REST contract.
    """
    _check_year(day)
    if at.tzinfo is not None:
        return datetime.combine(day, at).astimezone(UTC)
    found, exists = _resolve(datetime.combine(day, at), rules.zone)
    if not exists:
        shown = found.astimezone(rules.zone)
        # The date is said too: after a jump from 23:00 to midnight (America/Nuuk) the next valid time is tomorrow's.
        raise NonexistentLocalTime(
            f"The clocks jump over that time; the next one is {shown:%H:%M:%S} on {shown.date()}.",
            next_valid=f"{shown:%H:%M:%S}",
        )
    return found


def local_text(instant: datetime, rules: Rules) -> str:
    """RFC 3339 in the restaurant's local time with its offset, to the second: 2026-11-24T18:00:00+03:00."""
    return _local(instant, rules).isoformat(timespec="seconds")


def local_date_time(instant: datetime, rules: Rules) -> tuple[date, time]:
    """The calendar date and the wall time (naive) that the restaurant's clock shows at an instant."""
    local = _local(instant, rules)
    return local.date(), local.time()


def today(now: datetime, rules: Rules) -> date:
    """The restaurant's calendar date at ``now``."""
    return _local(now, rules).date()


# ── Service days ────────────────────────────────────────────────────────────────────────────────────────────────────


def opening(day: date, rules: Rules) -> tuple[datetime, datetime]:
    """From when until when (UTC) the service day ``day`` is open; closing may lie on the next calendar date.

    A boundary that the clock jumps over is the first instant after the jump; one that occurs twice is the first. So two
    service days never overlap, and a day may be empty when the jump swallows all of it. Raises InThePast or TooFarAhead
    for a year that can't be computed with.
    """
    _check_year(day)
    return _opening(day, rules)


def occupied_range(day: date, rules: Rules) -> tuple[datetime, datetime]:
    """From when until when (UTC) slots of the service day ``day`` can hold a table: beyond its closing by less than a
    slot where the restaurant is open around the clock, else :func:`opening`. Raises as that does."""
    opens, closes = opening(day, rules)
    return opens, min(closes + rules.slot, _open_until(day, closes, rules))


def day_end(day: date, rules: Rules) -> datetime:
    """When (UTC) the service day ``day`` ends: at its closing or at the local midnight after its date, whichever is
    later. Raises as :func:`opening` does."""
    _, closes = opening(day, rules)
    # The first instant whose local date is the day after: where the clock jumps over midnight, the jump.
    midnight = datetime.combine(day + _DAY, time(), rules.zone).astimezone(UTC)
    return max(closes, midnight)


def sits_until(day: date, rules: Rules) -> datetime:
    """Until when (UTC) a party of the service day ``day`` may come, and sits on without anybody's doing: beyond the
    closing until the day ends, or as long as a slot may reach into the next one. No later than :func:`stay_until`.
    Raises as :func:`opening` does."""
    return max(occupied_range(day, rules)[1], day_end(day, rules))


def stay_until(day: date, rules: Rules) -> datetime:
    """Until when (UTC) a party of the service day ``day`` may keep its tables, however long it stays: the next day's
    opening, or as long as a slot may reach into it. Raises as :func:`opening` does."""
    return max(occupied_range(day, rules)[1], opening(day + _DAY, rules)[0])


def is_around_the_clock(rules: Rules) -> bool:
    """Whether each service day opens when the one before closes."""
    return rules.closes - rules.opens >= _DAY


def service_day(starts_at: datetime, rules: Rules) -> date:
    """The service day whose opening holds an instant; outside of every opening, the instant's local calendar date.

    A start at 00:30 of a day that closes at 02:00 belongs to the day before.
    """
    return _service(_utc(starts_at), rules)[0]


def slot_at(day: date, at: time, rules: Rules, length: timedelta | None = None) -> Slot:
    """The slot that starts at wall time ``at`` on the calendar date ``day`` (see :func:`instant`).

    Raises what :func:`instant` raises, and OutsideOpeningHours as :func:`slot_from` does.
    """
    return slot_from(instant(day, at, rules), rules, length)


def slot_from(starts_at: datetime, rules: Rules, length: timedelta | None = None) -> Slot:
    """The slot that starts at an instant and lasts ``rules.slot`` of elapsed time, on every day of the year; or
    ``length``, which staff may agree upon.

    Raises OutsideOpeningHours when it starts before its service day's opening or ends after its closing. In a
    restaurant that is open around the clock a slot may end in the next service day: nobody has to leave at midnight;
    one of another length ends there no later than the last slot does.
    """
    starts_at = _utc(starts_at)
    ends_at = starts_at + (rules.slot if length is None else length)
    day, opens, closes = _service(starts_at, rules)
    if not opens <= starts_at < closes or ends_at > _open_until(day, closes, rules):
        raise OutsideOpeningHours()
    if length is not None and ends_at > occupied_range(day, rules)[1]:
        raise OutsideOpeningHours()
    return Slot(starts_at, ends_at, day)


def changed_slot(old: Slot, day: date | None, at: time | None, rules: Rules) -> Slot:
    """The slot of a booking that held ``old`` after a change of its calendar date, its time, or both; None: unchanged.

    One of another length than ``rules.slot`` keeps it.

    A date alone keeps the wall time. A time with an offset and no date names, of all instants at which clocks of that
    offset show it, the one that is nearest to the old start. A wall time without a date stays within the service day:
    00:30 for a booking of 23:30, in a day that closes at 02:00, is an hour later. Raises what :func:`slot_at` raises.
    """
    if day is None and at is None:
        return old
    old_day, old_time = local_date_time(old.starts_at, rules)
    if (day or old_day, old_time if at is None else at) == (old_day, old_time):
        return old
    length = None if old.ends_at - old.starts_at == rules.slot else old.ends_at - old.starts_at
    if day is not None:
        return slot_at(day, old_time if at is None else at, rules, length)
    assert at is not None
    if at.tzinfo is None:
        opened = datetime.combine(old.day, time()) + rules.opens
        after_midnight = datetime.combine(old.day, at) < opened and rules.closes > _DAY
        return slot_at(old.day + _DAY if after_midnight else old.day, at, rules, length)
    near = [datetime.combine(old_day + shift, at).astimezone(UTC) for shift in (-_DAY, timedelta(0), _DAY)]
    return slot_from(min(near, key=lambda found: abs(found - old.starts_at)), rules, length)


@lru_cache(maxsize=512)
def grid(day: date, rules: Rules, step: timedelta = timedelta(minutes=15)) -> tuple[Slot, ...]:
    """Every slot of a service day that starts on the wall clock's grid of ``step``, in the order of time.

    Marks count from the service day's midnight. A mark that the clock jumps over is left out; of one that it shows
    twice only the first is offered, as that is what its wall time means.
    """
    _, closes = opening(day, rules)
    until = _open_until(day, closes, rules)
    midnight = datetime.combine(day, time())
    mark = midnight - (-rules.opens // step) * step  # rounded up: the first mark at or after the opening
    found = []
    while mark < midnight + rules.closes:
        starts_at, exists = _resolve(mark, rules.zone)
        ends_at = starts_at + rules.slot
        if exists and starts_at < closes and ends_at <= until:
            found.append(Slot(starts_at, ends_at, day))
        mark += step
    return tuple(found)


# ── What may be asked for, and until when ───────────────────────────────────────────────────────────────────────────


def check_range(day: date, today: date, rules: Rules) -> None:
    """Refuse a date further than ``days_ahead`` days ahead (TooFarAhead) or ``days_back`` days back (InThePast).

    For reading and before any other computation: it can't overflow, whatever date a client sends.
    """
    distance = (day - today).days
    if distance > rules.days_ahead:
        raise TooFarAhead()
    if distance < -rules.days_back:
        raise InThePast()


def check_bookable(slot: Slot, now: datetime, rules: Rules) -> None:
    """Refuse a start that is not in the future (InThePast) or more than ``days_ahead`` local days off (TooFarAhead)."""
    since, until = bookable_between(slot, rules)
    if now >= until:
        raise InThePast()
    if now < since:
        raise TooFarAhead()


def bookable_between(slot: Slot, rules: Rules) -> tuple[datetime, datetime]:
    """The half-open range of ``now`` (UTC) in which :func:`check_bookable` passes, for a database to judge by.

    It begins with the local midnight ``days_ahead`` days before the start's local date, and ends at the start. Once
    begun it stays, even where a clock that is set back across midnight shows the day before again for a while.
    """
    starts_at = _utc(slot.starts_at)
    ahead = today(starts_at, rules).toordinal() - rules.days_ahead
    earliest = date.fromordinal(max(ahead, date(_FIRST_YEAR, 1, 1).toordinal()))
    return _resolve(datetime.combine(earliest, time()), rules.zone)[0], starts_at


def changeable_until(starts_at: datetime, made_at: datetime, rules: Rules) -> datetime:
    """The last instant (UTC) at which a guest may cancel or change a booking: ``cancel_deadline`` before its start.

    By elapsed time, also across a change of the clocks. Who booked by mistake has GRACE after ``made_at`` to undo it,
    also inside the deadline. Hosts and admins may later; the verbs know who asks.
    """
    return max(_utc(starts_at) - rules.cancel_deadline, _utc(made_at) + GRACE)


# ── Below: what the above stand on ──────────────────────────────────────────────────────────────────────────────────


def _check_year(day: date) -> None:
    if day.year < _FIRST_YEAR:
        raise InThePast()
    if day.year > _LAST_YEAR:
        raise TooFarAhead()


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")  # astimezone() would take it for the machine's own local time
    _check_year(instant)
    return instant.astimezone(UTC)


def _local(instant: datetime, rules: Rules) -> datetime:
    return _utc(instant).astimezone(rules.zone)


def _opening(day: date, rules: Rules) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time())
    return _resolve(midnight + rules.opens, rules.zone)[0], _resolve(midnight + rules.closes, rules.zone)[0]


def _open_until(day: date, closes: datetime, rules: Rules) -> datetime:
    """Until when a restaurant is open that closes the service day ``day`` at ``closes``.

    Where the next day opens in that same moment, as long as a slot may last beyond it. A day that a change of the
    clocks swallows whole, which opens when it closes, is no reason to stay open.
    """
    if not is_around_the_clock(rules) or day.year >= _LAST_YEAR:
        return closes
    following, until = _opening(day + _DAY, rules)
    return until if following == closes else closes


def _service(starts_at: datetime, rules: Rules) -> tuple[date, datetime, datetime]:
    """The service day of an instant in UTC, with that day's opening and closing."""
    day = starts_at.astimezone(rules.zone).date()
    opens, closes = _opening(day, rules)
    if opens <= starts_at < closes:
        return day, opens, closes
    # The day before, when it closes after midnight; the day after, where the clock is set back across midnight
    # (from 00:01 to 23:01, as America/St_Johns did) once that day has opened.
    for other in (day - _DAY, day + _DAY):
        other_opens, other_closes = _opening(other, rules)
        if other_opens <= starts_at < other_closes:
            return other, other_opens, other_closes
    return day, opens, closes


def _resolve(wall: datetime, zone: ZoneInfo) -> tuple[datetime, bool]:
    """The first instant (UTC) at which a zone's clock shows a naive wall time, and whether it ever does.

    Where it never does: the first instant after the jump.
    """
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first, True
    # In a gap fold=0 counts with the offset from before the jump, which gives an instant after it, and fold=1 the other
    # way round (PEP 495). The jump lies between the two, on a whole second: halve until it is found.
    before = wall.replace(tzinfo=zone, fold=1, microsecond=0).astimezone(UTC)
    seconds = int((first - before).total_seconds())
    low, high = 0, seconds
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).replace(tzinfo=None) < wall:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high), False
