"""What a start compares and files anew: the rules that venues had at the last start, and bookings that are not over."""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import orjson

from hub.domain.day import MOVED_AWAY, MOVED_HERE
from hub.domain.events import stream_of
from hub.domain.stranded import Kept
from hub.store import database, streams
from hub.store.expected import EXPECTED

READ = (
    "SELECT b.id, b.starts_at, b.ends_at, b.service_date, b.promised_start, b.status = 'seated' AS is_seated, "
    f"{EXPECTED} AS is_to_come FROM bookings b WHERE b.venue_id = $1 AND "
)
TO_COME = f"{READ} {EXPECTED} ORDER BY b.id"
NOT_OVER = f"{READ} (b.ends_at > clock_timestamp() OR b.status = 'seated') ORDER BY b.id"


async def to_come(venue_id: int, connection: Any = database) -> list[Kept]:
    """A venue's bookings to come, by id. Raises what the connection does."""
    return [Kept(*row) for row in await connection.fetch(TO_COME, venue_id)]


async def not_over(venue_id: int) -> list[Kept]:
    """Those to come, and canceled ones too, by id."""
    return [Kept(*row) for row in await database.fetch(NOT_OVER, venue_id)]


async def rules_of(venue_ids: Iterable[int]) -> dict[int, dict[str, Any] | None]:
    """The rules that venues had at the last start, by venue; None: there was none."""
    rows = await database.fetch("SELECT id, rules FROM venues WHERE id = ANY($1::bigint[])", list(venue_ids))
    return {row["id"]: orjson.loads(row["rules"]) if row["rules"] else None for row in rows}


async def keep_rules(rules: Mapping[int, Mapping[str, Any]]) -> None:
    """For the next start, by venue."""
    await database.write(
        "UPDATE venues v SET rules = n.rules FROM unnest($1::bigint[], $2::jsonb[]) AS n(id, rules) "
        "WHERE v.id = n.id AND v.rules IS DISTINCT FROM n.rules",
        list(rules),
        [_text(each) for each in rules.values()],
    )


async def add_to_rules(venue_id: int, rules: Mapping[str, Any], more: Mapping[str, Any]) -> None:
    """Keep ``more`` with the rules, unless they are others by now."""
    query = "UPDATE venues SET rules = rules || $3::jsonb WHERE id = $1 AND rules = $2::jsonb"
    await database.write(query, venue_id, _text(rules), _text(more))


async def keep_promises(venue_id: int, promised: Mapping[int, str]) -> None:
    """The local start that guests were promised, by booking, where none is kept yet."""
    await database.write(
        "UPDATE bookings b SET promised_start = p.start FROM unnest($2::bigint[], $3::text[]) AS p(id, start) "
        "WHERE b.venue_id = $1 AND b.id = p.id AND b.promised_start IS NULL",
        venue_id,
        list(promised),
        list(promised.values()),
    )


async def file_anew(connection: Any, venue_id: int, days: Mapping[int, tuple[date, date]]) -> int:
    """File bookings under the second day which are to come on the first, with an event on both; how many were. One that
    was changed meanwhile is left as it is."""
    await streams.lock(connection, [stream_of(venue_id, day) for pair in days.values() for day in pair])
    rows = await connection.fetch(
        "UPDATE bookings b SET service_date = d.after, revision = b.revision + 1, updated_at = clock_timestamp() "
        "FROM unnest($2::bigint[], $3::date[], $4::date[]) AS d(id, before, after) "
        f"WHERE b.venue_id = $1 AND b.id = d.id AND b.service_date = d.before AND {EXPECTED} "
        "RETURNING b.id, hub_entry(b) AS entry",
        venue_id, list(days), *map(list, zip(*days.values(), strict=True)),
    )  # fmt: skip
    for id, entry in sorted(map(tuple, rows)):
        for day, kind, shown in zip(days[id], (MOVED_AWAY, MOVED_HERE), (None, orjson.loads(entry)), strict=True):
            data = {"booking": id, "entry": shown}
            await streams.append(
                connection, stream=stream_of(venue_id, day), kind=kind, data=data, actor=None, request_id=None
            )
    return len(rows)


def _text(data: Mapping[str, Any]) -> str:
    return orjson.dumps(data).decode()
