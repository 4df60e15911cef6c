"""Versioned streams in PostgreSQL: lock their heads, append an event, read the events since a version.

A writer locks the streams that it will touch before anything else, by name (:func:`lock`), and appends under those
locks; so versions are gapless and every day's writers queue in one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from hub.domain.events import Event
from hub.store import database


async def lock(connection: Any, names: Iterable[str]) -> None:
    """Take the row locks of these streams in the order of their names, making rows that are missing."""
    for name in sorted(set(names)):
        await connection.execute("SELECT hub_lock($1)", name)


async def append(
    connection: Any, *, stream: str, kind: str, data: dict[str, Any], actor: int | None, request_id: str | None
) -> Event:
    """Write the next event of a stream whose lock the transaction holds."""
    [row] = await connection.fetch(
        "SELECT version, at, id, previous, epoch FROM hub_append($1, $2, $3, $4, $5)",
        stream,
        kind,
        orjson.dumps(data).decode(),
        actor,
        request_id,
    )
    return Event(stream, row["version"], kind, data, row["at"], row["id"], row["previous"], row["epoch"])


async def clock(connection: Any) -> datetime:
    """The database's clock now, not at the transaction's start: what a deadline is judged by, after the lock."""
    [row] = await connection.fetch("SELECT clock_timestamp() AS now")
    now: datetime = row["now"]
    return now


async def events_since(stream: str, version: int, *, most: int = 1000) -> list[Event]:
    """The events after ``version``, in order, at most ``most`` of them."""
    # The event at ``version`` is read too: its id shows which history the first one after it continues.
    rows = await database.fetch(
        "SELECT id, version, kind, data, at, lag(id, 1, 0::bigint) OVER (ORDER BY version) AS previous, "
        "(SELECT epoch FROM hub) AS epoch "
        "FROM events WHERE stream = $1 AND version >= $2 ORDER BY version LIMIT $3",
        stream,
        version,
        most + 1,
    )
    events = [
        Event(
            stream,
            row["version"],
            row["kind"],
            orjson.loads(row["data"]),
            row["at"],
            row["id"],
            row["previous"],
            row["epoch"],
        )
        for row in rows
        if row["version"] > version
    ]
    return events[:most]


def dump(event: Event) -> bytes:
    """An event as it goes from process to process. It holds ids and times only."""
    return orjson.dumps(
        {
            "epoch": event.epoch,
            "stream": event.stream,
            "id": event.id,
            "previous": event.previous,
            "version": event.version,
            "kind": event.kind,
            "data": event.data,
            "at": event.at.isoformat(),
        }
    )


def parse(payload: bytes) -> Event:
    """The event of what :func:`dump` made. Raises ValueError, KeyError or TypeError on anything else."""
    data = orjson.loads(payload)
    at = datetime.fromisoformat(data["at"])
    return Event(
        data["stream"],
        data["version"],
        data["kind"],
        data["data"],
        at,
        data["id"],
        data["previous"],
        data["epoch"],
    )
