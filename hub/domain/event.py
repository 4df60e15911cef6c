"""An event of a stream, as every part sees it, and the names of streams. Pure.

A stream is a service day (``day:2026-11-24``) or the room (``tables``). Versions of a stream are gapless from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

TABLES = "tables"
POSITION = re.compile(r"([a-z0-9]{8}):(0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Event:
    """One committed change.

    ``data`` is absolute: {booking, entry or null} of a day, {table, entry or null} of the room.
    """

    stream: str
    version: int
    kind: str
    data: dict[str, Any]
    at: datetime


class Heard(Enum):
    """What a view made of an event: applied it, knew it already, or misses at least one before it."""

    APPLIED = "applied"
    KNOWN = "known"
    GAP = "gap"


def stream_of(day: date) -> str:
    return f"day:{day.isoformat()}"


def day_of(stream: str) -> date | None:
    """The service day of a day's stream; None for the room's."""
    return date.fromisoformat(stream[4:]) if stream.startswith("day:") else None


def heard(version: int, event: Event) -> Heard:
    """Where an event stands to a view at ``version``."""
    if event.version <= version:
        return Heard.KNOWN
    return Heard.APPLIED if event.version == version + 1 else Heard.GAP


def position_text(epoch: str, version: int) -> str:
    """A position as the wire shows it: ``epoch:version``."""
    return f"{epoch}:{version}"


def parse_position(text: object) -> tuple[str, int] | None:
    """(epoch, version) of a position from outside, or None when it can't be read."""
    match = POSITION.fullmatch(text) if isinstance(text, str) else None
    return (match[1], int(match[2])) if match else None
