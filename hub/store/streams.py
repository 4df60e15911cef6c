"""Versioned streams in PostgreSQL: lock their heads, append an event, read the events since a version.

A writer locks the streams that it will touch before anything else, by name (:func:`lock`), and appends under those
locks; so versions are gapless and every day's writers queue in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


HEAD = """
SELECT h.epoch, coalesce(s.version, 0) AS version, coalesce(s.head, 0) AS head
"""
OF = """
FROM hub h LEFT JOIN streams s ON s.name = $1
"""
"""With HEAD: where the stream $1 stands."""
SINCE = f"""
{HEAD}, (SELECT id FROM events WHERE stream = $1 AND version = $2) AS held,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(id, version, kind, data, at) ORDER BY version), '[]')
        FROM (SELECT * FROM events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT 1000) e) AS events
{OF}
"""  # noqa: S608 constants
# Compared by milliseconds, as the live channel gives the time of a commit.
AT = f"""
{HEAD}, coalesce((SELECT e.version FROM events e WHERE $2::timestamptz IS NOT NULL AND e.stream = $1
                 AND date_trunc('milliseconds', e.at) <= $2 ORDER BY e.version DESC LIMIT 1), 0) AS found
{OF}
"""  # noqa: S608 constants


@dataclass(frozen=True, slots=True)
class Since:
    """What a stream has after a version: its ``events``, in order, 1000 at most. It is at ``version`` in ``epoch``;
    ``held`` is the id of the event at the version that was asked for, 0: there is none."""

    epoch: str
    version: int
    held: int
    events: list[Event]


async def since(stream: str, version: int) -> Since:
    [row] = await database.fetch(SINCE, stream, version)
    held = row["held"] or 0
    return Since(row["epoch"], row["version"], held, chain(stream, row["epoch"], held, orjson.loads(row["events"])))


def chain(stream: str, epoch: str, held: int, found: Iterable[Sequence[Any]]) -> list[Event]:
    """The events of [id, version, kind, data, at as text] each, which follow one another from the id ``held`` on."""
    events = []
    for id, version, kind, data, at in found:
        events.append(Event(stream, version, kind, data, datetime.fromisoformat(at), id, held, epoch))
        held = id
    return events


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
            stream, row["version"], row["kind"], orjson.loads(row["data"]), row["at"], row["id"], row["previous"],
            row["epoch"],
        )
        for row in rows
        if row["version"] > version
    ]  # fmt: skip
    return events[:most]


async def kinds_since(stream: str, version: int, *, most: int) -> list[tuple[datetime, str]]:
    """When and how a stream was changed after a version: the kinds of its events, in order, the last ``most``."""
    rows = await database.fetch(
        "SELECT at, kind FROM events WHERE stream = $1 AND version > $2 ORDER BY version DESC LIMIT $3",
        stream, version, most,
    )  # fmt: skip
    return [(row["at"], row["kind"]) for row in reversed(rows)]


async def version_at(stream: str, at: datetime | None) -> tuple[str, int, int]:
    """The epoch, a stream's version, and the one that it had at an instant (0: none, or no instant)."""
    [row] = await database.fetch(AT, stream, at)
    return row["epoch"], row["version"], row["found"]


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
