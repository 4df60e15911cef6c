"""The rules that decide what can be booked, and when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rules:
    """A venue's rules. Lengths are timedeltas; hours count from local midnight."""

    zone: ZoneInfo
    opens: timedelta
    """From local midnight of the service day to opening, on the wall clock."""
    closes: timedelta
    """From local midnight of the service day to closing, on the wall clock; up to 24 h after opening."""
    slot: timedelta
    cancel_deadline: timedelta
    days_ahead: int
    days_back: int = 30
    oversize: int | None = None
    """How many seats more than their party a guest's tables may have; None: any number. Staff may exceed it."""
