"""The days that each capability has for itself, and their names."""

from __future__ import annotations

from datetime import date, timedelta


def some_days(today: date, number: int) -> dict[date, str]:
    """A Wednesday some weeks ahead, another one for each ``number``, and the days after it."""
    first = today + timedelta(days=28 + (2 - today.weekday()) % 7 + 7 * number)
    days = {first: "day", first + timedelta(days=1): "next day", first + timedelta(days=2): "third day"}
    days |= {first + timedelta(days=3): "fourth day"}
    return days | {_clocks_change(today, 3): "spring", _clocks_change(today, 10): "autumn"}


def _clocks_change(today: date, month: int) -> date:
    """The next last Sunday of March or October, on which Europe's clocks change; not today's, nor tomorrow's."""
    for year in (today.year, today.year + 1):
        last = date(year, month, 31)
        if (found := last - timedelta(days=(last.weekday() + 1) % 7)) > today + timedelta(days=1):
            return found
    raise AssertionError("there is one in each year")
