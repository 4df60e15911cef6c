"""An event of a stream, as every part sees it, and the names of streams. Pure.

A stream is a service day (``day:2026-11-24``) or the floor (``tables``) of a venue. Those of venue 1 are named so; a
stream of another venue has its id before it (``17/tables``). Versions of a stream are gapless from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

MAIN = 1
"""The id of the venue whose streams, channels and paths have no prefix."""
TABLES = "tables"
POSITION = re.compile(r"([a-z0-9]{8}(?:\.[a-z0-9]{12})?):(0|[1-9][0-9]{0,17})")
EPOCH_CHARACTERS = 8
"""Of the database's epoch."""


@dataclass(frozen=True, slots=True)
class Event:
    """One committed change.

    ``data`` is absolute: {booking, entry or null} of a day, {table, entry or null} of the floor. ``id`` is the event's
    row, ``previous`` that of the event before it in the stream (0: none): two histories of one stream may have the
    same versions, but not the same ids. ``epoch`` is the database's as the event was committed.
    """

    stream: str
    version: int
    kind: str
    data: dict[str, Any]
    at: datetime
    id: int = 0
    previous: int = 0
    epoch: str = ""


class ApplyResult(Enum):
    """What a view made of an event: applied it, knew it already, or misses at least one before it. Or the event
    belongs to another history than the view, or can't be read by this release: then the view must be loaded anew."""

    APPLIED = "applied"
    KNOWN = "known"
    GAP = "gap"
    OTHER = "other"
    UNREADABLE = "unreadable"


def stream_of(venue_id: int, day: date) -> str:
    """The stream of a venue's service day."""
    return f"{prefix(venue_id)}day:{day.isoformat()}"


def days_beside(venue_id: int, day: date) -> tuple[str, str]:
    """The streams of the service days before and after."""
    return stream_of(venue_id, day - timedelta(days=1)), stream_of(venue_id, day + timedelta(days=1))


def floor_of(venue_id: int) -> str:
    """The stream of a venue's floor."""
    return f"{prefix(venue_id)}{TABLES}"


def prefix(venue_id: int) -> str:
    """What stands before the names of a venue's streams."""
    return "" if venue_id == MAIN else f"{venue_id}/"


def venue_of(stream: str) -> int:
    """The venue that a stream is of."""
    prefix, slash, _ = stream.partition("/")
    return int(prefix) if slash else MAIN


def day_of(stream: str) -> date | None:
    """The service day of a day's stream; None for a floor's."""
    name = stream.rpartition("/")[2]
    return date.fromisoformat(name[4:]) if name.startswith("day:") else None


def check_continuity(version: int, head: int, event: Event) -> ApplyResult:
    """Where an event stands to a view at ``version``, whose last event has the id ``head``."""
    if event.version <= version:
        return ApplyResult.KNOWN if event.version < version or event.id == head else ApplyResult.OTHER
    if event.version > version + 1:
        return ApplyResult.GAP
    return ApplyResult.APPLIED if event.previous == head else ApplyResult.OTHER


def position_text(epoch: str, version: int) -> str:
    """A position as the wire shows it: ``epoch:version``."""
    return f"{epoch}:{version}"


def parse_position(text: object) -> tuple[str, int] | None:
    """(epoch, version) of a position from outside, or None when it can't be read."""
    match = POSITION.fullmatch(text) if isinstance(text, str) else None
    return (match[1], int(match[2])) if match else None


def parse_version(text: object) -> tuple[str, int] | None:
    """The same without what else the epoch names: the database's epoch, and the version of the stream."""
    position = parse_position(text)
    return position and (database_epoch(position[0]), position[1])


def channel_epoch(epoch: str, digest: str) -> str:
    """The epoch of a channel that shows more than its stream: the database's, with a digest of the rest."""
    return f"{epoch}.{digest}"


def database_epoch(epoch: str) -> str:
    """The database's epoch in that of a channel."""
    return epoch[:EPOCH_CHARACTERS]
