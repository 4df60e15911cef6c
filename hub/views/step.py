"""One change of a state, as those hear of it who show it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Step:
    """The version that a change led to, when it was committed, and the bookings and tables that it touched."""

    version: int
    at: datetime
    bookings: frozenset[int]
    tables: frozenset[int]
