"""Slots over every change of every zone's clock for five years.

The sweep brings its own oracle (:class:`Clock`): it knows offsets and changes only, and never asks zoneinfo what a wall
time means.
"""

from __future__ import annotations

import bisect
import functools
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest

from hub.domain import calendar
from hub.domain.calendar import Slot
from hub.domain.rules import Rules
from hub.errors import NonexistentLocalTime, OutsideOpeningHours
from tests.pure.hub.domain.rules import DAY, HOUR, MINUTE, TICK, make_rules, outcome

HOURS = [(12, 22), (0, 24), (18, 26), (5, 29)]
SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2031, 12, 1, tzinfo=UTC)


class Clock:
    """A zone as a list of (instant of change, offset from then on): the oracle of the sweep."""

    def __init__(self, changes: tuple[tuple[datetime, timedelta], ...]) -> None:
        self.changes, self.starts = changes, [at for at, _ in changes]

    def offset(self, at: datetime) -> timedelta:
        return self.changes[bisect.bisect_right(self.starts, at) - 1][1]

    def shows(self, wall: datetime) -> list[datetime]:
        """Every instant at which this clock shows a wall time."""
        near = {self.offset(wall.replace(tzinfo=UTC) + shift) for shift in (-DAY, timedelta(0), DAY)}
        return sorted(at for o in near if self.offset(at := wall.replace(tzinfo=UTC) - o) == o)

    def first(self, wall: datetime) -> datetime:
        """The first of them, or of the change that jumps over it."""
        local = wall.replace(tzinfo=UTC)
        jumps = (
            at for (_, o), (at, p) in zip(self.changes, self.changes[1:], strict=False) if at + o <= local < at + p
        )
        return next(iter(self.shows(wall)), None) or next(jumps)

    def opening(self, day: date, hours: tuple[int, int]) -> tuple[datetime, datetime]:
        midnight = datetime.combine(day, time())
        return self.first(midnight + hours[0] * HOUR), self.first(midnight + hours[1] * HOUR)


@functools.cache
def clocks() -> dict[str, Clock]:
    """One zone's name for each different clock among all Area/City names. Changes: days first, then halves."""
    found: dict[tuple[tuple[datetime, timedelta], ...], str] = {}
    days = [SINCE + n * DAY for n in range((UNTIL - SINCE).days)]
    for name in sorted(name for name in available_timezones() if "/" in name):
        zone = ZoneInfo(name)
        offsets = [day.astimezone(zone).utcoffset() or timedelta(0) for day in days]
        changes = [(SINCE - 4 * DAY, offsets[0])]
        for day, old, new in zip(days, offsets, offsets[1:], strict=False):
            if old != new:
                seconds = range(int(DAY.total_seconds()))
                low = bisect.bisect_left(
                    seconds,
                    True,
                    key=lambda s: (day + timedelta(seconds=s)).astimezone(zone).utcoffset() != old,
                )
                changes.append((day + timedelta(seconds=low), new))
        found.setdefault(tuple(changes), name)
    return {name: Clock(changes) for changes, name in found.items()}


@pytest.mark.slow
def test_clocks_are_the_ones_the_world_has() -> None:
    shapes = [p - o for c in clocks().values() for (_, o), (_, p) in zip(c.changes, c.changes[1:], strict=False)]
    assert len(clocks()) > 40 and len(shapes) > 200
    assert {HOUR, -HOUR, 30 * MINUTE, -30 * MINUTE} <= set(shapes)


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.slow
def test_every_change_of_every_zone(hours: tuple[int, int]) -> None:
    for name, clock in clocks().items():
        rules = make_rules(name, *hours)
        middle = [SINCE + 100 * DAY] if len(clock.changes) == 1 else []  # zones that never change have a night too
        for at in clock.starts[1:] + middle:
            local = (at + clock.offset(at - TICK)).replace(tzinfo=None)
            openings = {d: clock.opening(d, hours) for d in (local.date() + timedelta(n) for n in range(-2, 3))}
            for minutes in (*range(-165, 166, 15), -1, 1, 29, 31, 59, 61):
                check_wall_time(clock, rules, openings, local + minutes * MINUTE)
            for days in (-2, -1, 0, 1):
                check_day(clock, rules, hours, local.date() + timedelta(days))


def open_until(clock: Clock, rules: Rules, day: date) -> datetime:
    """The closing of a day, or of the next one where the house is open around the clock."""
    hours = round(rules.opens / HOUR), round(rules.closes / HOUR)
    closes = clock.opening(day, hours)[1]
    following = clock.opening(day + DAY, hours)
    return following[1] if hours[1] - hours[0] == 24 and following[0] == closes else closes


def check_wall_time(
    clock: Clock, rules: Rules, openings: dict[date, tuple[datetime, datetime]], wall: datetime
) -> None:
    day, at, shown = wall.date(), wall.time(), clock.shows(wall)
    if not shown:
        jump = clock.first(wall)
        with pytest.raises(NonexistentLocalTime) as refused:
            calendar.slot_at(day, at, rules)
        assert refused.value.extra["next_valid"] == f"{jump + clock.offset(jump):%H:%M:%S}", (rules.zone, wall)
        return
    assert calendar.instant(day, at, rules) == shown[0], (rules.zone, wall)
    assert outcome(calendar.slot_at, day, at, rules) == outcome(calendar.slot_from, shown[0], rules)
    for starts_at in shown:
        offset = clock.offset(starts_at)
        text = calendar.local_text(starts_at, rules)
        assert datetime.fromisoformat(text) == starts_at and text.startswith(wall.isoformat(timespec="seconds"))
        assert calendar.instant(day, at.replace(tzinfo=timezone(offset)), rules) == starts_at
        open_days = [d for d, (opens, closes) in openings.items() if opens <= starts_at < closes]
        assert [calendar.service_day(starts_at, rules)] == (open_days or [day]), (rules.zone, wall)
        fits = bool(open_days) and starts_at + 120 * MINUTE <= open_until(clock, rules, open_days[0])
        expected = Slot(starts_at, starts_at + 120 * MINUTE, open_days[0]) if fits else OutsideOpeningHours
        assert outcome(calendar.slot_from, starts_at, rules) == expected, (rules.zone, wall)


def check_day(clock: Clock, rules: Rules, hours: tuple[int, int], day: date) -> None:
    opens, closes = clock.opening(day, hours)
    assert calendar.opening(day, rules) == (opens, closes), (rules.zone, day)
    assert closes <= calendar.opening(day + DAY, rules)[0]
    marks = [
        datetime.combine(day, time()) + hours[0] * HOUR + n * 15 * MINUTE for n in range(4 * (hours[1] - hours[0]))
    ]
    firsts = [shown[0] for mark in marks if (shown := clock.shows(mark))]
    until = open_until(clock, rules, day)
    slots = (Slot(at, at + 120 * MINUTE, day) for at in firsts if at < closes and at + 120 * MINUTE <= until)
    found = calendar.grid(day, rules)
    assert found == tuple(slots), (rules.zone, day)
    assert all(calendar.slot_from(slot.starts_at, rules) == slot for slot in found[::5])
