"""Versioned streams in PostgreSQL: lock their heads, append an event, read the events since a version.

A writer locks the streams that it will touch before anything else, by name (:func:`lock`), and appends under those
locks; so versions are gapless and every day's writers queue in one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from hub import database
from hub.domain.event import Event


async def lock(connection: Any, names: Iterable[str]) -> None:
    """Take the row locks of these streams in the order of their names, making rows that are missing."""
    for name in sorted(set(names)):
        await connection.execute("SELECT hub_lock($1)", name)


async def append(
    connection: Any, *, stream: str, kind: str, data: dict[str, Any], actor: int | None, request_id: str | None
) -> Event:
    """Write the next event of a stream whose lock the transaction holds."""
    [row] = await connection.fetch(
        "SELECT version, at FROM hub_append($1, $2, $3, $4, $5)",
        stream,
        kind,
        orjson.dumps(data).decode(),
        actor,
        request_id,
    )
    return Event(stream, row["version"], kind, data, row["at"])


async def clock(connection: Any) -> datetime:
    """The database's clock now, not at the transaction's start: what a deadline is judged by, after the lock."""
    [row] = await connection.fetch("SELECT clock_timestamp() AS now")
    now: datetime = row["now"]
    return now


async def events_since(stream: str, version: int, *, most: int = 1000) -> list[Event]:
    """The events after ``version``, in order, at most ``most`` of them."""
    rows = await database.fetch(
        "SELECT version, kind, data, at FROM events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3",
        stream,
        version,
        most,
    )
    return [Event(stream, row["version"], row["kind"], orjson.loads(row["data"]), row["at"]) for row in rows]


def dump(event: Event, epoch: str, origin: bytes) -> bytes:
    """An event as the bell sends it, behind the sender's 16 bytes. It holds ids and times only."""
    return origin + orjson.dumps(
        {
            "epoch": epoch,
            "stream": event.stream,
            "version": event.version,
            "kind": event.kind,
            "data": event.data,
            "at": event.at.isoformat(),
        }
    )


def parse(payload: bytes) -> tuple[str, Event]:
    """(epoch, event) from what :func:`dump` made. Raises ValueError or KeyError on anything else."""
    data = orjson.loads(payload[16:])
    at = datetime.fromisoformat(data["at"])
    return data["epoch"], Event(data["stream"], data["version"], data["kind"], data["data"], at)
