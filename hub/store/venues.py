"""The venues as the database keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from hub import logs
from hub.config import Settings
from hub.domain.events import MAIN, floor_of
from hub.domain.rules import Rules
from hub.domain.venue import VenueProfile
from hub.store import database

log = logs.get("hub.store.venues")
READ = """
SELECT id, group_id, slug, name, zone, country, language, phone, address, website, settings
FROM venues WHERE (retired_at IS NULL OR $2) AND id <> $1 ORDER BY id
"""


async def read(
    settings: Settings, fetch: Callable[..., Awaitable[Sequence[Any]]] = database.fetch, *, retired: bool = False
) -> list[tuple[VenueProfile, Rules]]:
    """Every venue that is open, and with ``retired`` those that were, but for venue 1, which is as the settings say.

    One that can't be read is left out, and said: its zone may not be known on this machine. ``fetch`` is how the
    database is asked. Raises what it raises.
    """
    found = []
    for row in await fetch(READ, MAIN, retired):
        try:
            found.append(_venue(row, settings))
        except (ZoneInfoNotFoundError, ValueError, TypeError, KeyError) as error:
            log.error("a venue can't be read, and is not served here", venue=row["slug"], error=repr(error))
    return found


def _venue(row: Any, settings: Settings) -> tuple[VenueProfile, Rules]:
    venue = VenueProfile(
        row["id"],
        row["group_id"],
        row["slug"],
        row["name"],
        row["address"],
        row["phone"],
        row["country"],
        row["language"],
        row["website"],
    )
    return venue, rules_of(row["zone"], orjson.loads(row["settings"]), settings.rules)


def rules_of(zone: str, own: Mapping[str, int], usual: Rules) -> Rules:
    """A venue's rules: its ``own`` ({opens, closes, slot, cancel_deadline} in minutes, {days_ahead} in days,
    {oversize} in seats), and the installation's for what it leaves out."""

    def minutes(name: str, otherwise: timedelta) -> timedelta:
        return timedelta(minutes=own[name]) if name in own else otherwise

    return Rules(
        ZoneInfo(zone),
        minutes("opens", usual.opens),
        minutes("closes", usual.closes),
        minutes("slot", usual.slot),
        minutes("cancel_deadline", usual.cancel_deadline),
        own.get("days_ahead", usual.days_ahead),
        usual.days_back,
        own.get("oversize", usual.oversize),
    )


async def make_tables(connection: Any, venue_id: int, tables: Sequence[tuple[int, int]]) -> None:
    """The first tables of a venue, (seats, how many) each: T2-1, T2-2, …"""
    wanted = [(f"T{seats}-{number}", seats) for seats, count in tables for number in range(1, count + 1)]
    await connection.execute("SELECT hub_lock($1)", floor_of(venue_id))
    await connection.execute(
        "WITH added AS (INSERT INTO tables (venue_id, group_id, name, seats) "
        "SELECT v.id, v.group_id, w.name, w.seats FROM venues v, "
        "unnest($2::text[], $3::integer[]) WITH ORDINALITY AS w(name, seats, n) WHERE v.id = $1 ORDER BY w.n "
        "RETURNING id, name, seats) "
        "SELECT hub_append($4, 'table_added', jsonb_build_object('table', id, 'entry', "
        "jsonb_build_object('name', name, 'seats', seats)), NULL, NULL) FROM added ORDER BY id",
        venue_id,
        [name for name, _ in wanted],
        [seats for _, seats in wanted],
        floor_of(venue_id),
    )
