"""What a change of the restaurant's rules does to bookings that were made before it. Pure.

A booking keeps its instants. Under another zone, other hours or newer time-zone data the same instants may show another
wall time, lie on another service day, or outside of every opening: the booking is stranded, and somebody has to decide.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hub.domain import calendar
from hub.domain.rules import Rules
from hub.errors import OutsideOpeningHours

OVERLAP = timedelta(days=4 * 365)
"""For how long, counted from its first offset, two fingerprints of this year and of the last are compared."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A booking as the database keeps it. ``promised`` is the local start that its guest was promised, as RFC 3339.
    ``is_to_come``, or here: it is neither canceled nor over."""

    id: int
    starts_at: datetime
    ends_at: datetime
    service_date: date
    promised: str | None
    is_seated: bool = False
    is_to_come: bool = True


@dataclass(frozen=True, slots=True)
class Stranded:
    """A booking that does not fit the rules any more, and why: one sentence for an operator."""

    booking_id: int
    why: str

    def __str__(self) -> str:
        return f"{self.booking_id} ({self.why})"


def fingerprint(rules: Rules, zone_data: str, now: datetime) -> dict[str, Any]:
    """What decides which service day and wall time an instant has, JSON-ready. ``zone_data`` is the data's version.

    ``offsets`` are the zone's own from the year before ``now`` to three years on, as [[from (Unix time), seconds]]:
    newer data for the same zone can't say any more what was promised by the older.
    """
    minutes = {"opens": rules.opens, "closes": rules.closes, "slot": rules.slot}
    first, last = (datetime(now.year + years, 1, 1, tzinfo=UTC) for years in (-1, 4))
    return {
        "zone": rules.zone.key,
        "zone_data": zone_data,
        **{name: round(length / timedelta(minutes=1)) for name, length in minutes.items()},
        "offsets": _offsets(rules.zone, int(first.timestamp()), int(last.timestamp())),
    }


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Which of the things of :func:`fingerprint` changed: name → ``before → after``. The offsets follow from others."""
    return {
        name: f"{before.get(name)} → {value}"
        for name, value in after.items()
        if name != "offsets" and before.get(name) != value
    }


def is_same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the rules of two fingerprints say the same of every booking to come.

    Newer time-zone data may, and so does the same zone a year later: what counts are the offsets where both have any.

    Raises KeyError, ValueError, TypeError or IndexError for what is no fingerprint.
    """
    first, last = after["offsets"][0][0], before["offsets"][0][0] + OVERLAP.total_seconds()

    def offsets(of: Mapping[str, Any]) -> list[list[int]]:
        found = [each for each in of["offsets"] if each[0] <= last]
        at = max(bisect_right(found, first, key=lambda change: change[0]) - 1, 0)
        return [[first, found[at][1]], *found[at + 1 :]]

    return difference(before, after).keys() <= {"zone_data"} and offsets(before) == offsets(after)


def promise(starts_at: datetime, zone: tzinfo) -> str:
    """The local start as a guest reads it: RFC 3339 with the offset of the zone."""
    return starts_at.astimezone(zone).isoformat(timespec="minutes")


def promised_by(before: Mapping[str, Any], starts_at: datetime) -> str:
    """What :func:`promise` said by the rules of a fingerprint. An instant outside of its years has the nearest offset.

    Raises KeyError, ValueError, TypeError or IndexError for what is no fingerprint.
    """
    offsets: list[list[int]] = before["offsets"]
    at = bisect_right(offsets, starts_at.timestamp(), key=lambda change: change[0])
    return promise(starts_at, timezone(timedelta(seconds=offsets[max(at - 1, 0)][1])))


@lru_cache(maxsize=64)  # the same for all venues of a zone, and it takes a while
def _offsets(zone: ZoneInfo, first: int, last: int) -> list[list[int]]:
    def offset(at: int) -> int:
        length = datetime.fromtimestamp(at, zone).utcoffset()
        assert length is not None
        return round(length.total_seconds())

    found = [[first, offset(first)]]
    for day in range(first, last, 86400):
        if offset(day + 86400) != found[-1][1]:
            # The first second of the day that has another offset than its beginning: no zone changes twice in a day.
            change = bisect_left(range(day, day + 86400), True, key=lambda at: offset(at) != found[-1][1]) + day
            found.append([change, offset(change)])
    return found


def judge(kept: Kept, rules: Rules) -> Stranded | None:
    """Whether the rules still fit a booking: its promised wall time first, then the opening hours."""
    now = promise(kept.starts_at, rules.zone)
    if kept.promised is not None and kept.promised[:16] != now[:16]:
        return Stranded(kept.id, f"{_wall(kept.promised)} was promised, the same instant is now {_wall(now)}")
    try:
        slot = calendar.slot_from(kept.starts_at, rules)
    except OutsideOpeningHours:
        return Stranded(kept.id, f"{_wall(now)} is outside the opening hours")
    # A slot that is shorter by now fits: its end is the guest's.
    return None if kept.ends_at <= max(slot.ends_at, calendar.opening(slot.day, rules)[1]) else _too_long(kept, rules)


def _too_long(kept: Kept, rules: Rules) -> Stranded:
    return Stranded(kept.id, f"it ends at {_wall(promise(kept.ends_at, rules.zone))}, after the closing")


def _wall(text: str) -> str:
    return text[:16].replace("T", " ")
