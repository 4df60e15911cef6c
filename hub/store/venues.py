"""The venues and their members, as the database keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from hub import logs
from hub.config import Settings
from hub.domain.events import MAIN, floor_of
from hub.domain.rules import Rules
from hub.domain.venue import VenueProfile
from hub.store import database
from hub.store.expected import EXPECTED

log = logs.get("hub.store.venues")
SELECT = "SELECT id, group_id, slug, name, zone, country, language, phone, address, website, settings FROM venues"
READ = f"{SELECT} WHERE (retired_at IS NULL OR $2) AND id <> $1 ORDER BY id"
MINUTE = timedelta(minutes=1)


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
            found.append(parse(row, settings))
        except (ZoneInfoNotFoundError, ValueError, TypeError, KeyError) as error:
            log.error("a venue can't be read, and is not served here", venue=row["slug"], error=repr(error))
    return found


def parse(row: Any, settings: Settings) -> tuple[VenueProfile, Rules]:
    """A row of SELECT. Raises ZoneInfoNotFoundError, ValueError, TypeError and KeyError for one that can't be read."""
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


def rules_of(zone: str, own: Mapping[str, Any], usual: Rules) -> Rules:
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


def own_of(rules: Rules) -> dict[str, int | None]:
    """Rules as :func:`rules_of` takes them, with nothing left out but the zone."""
    lengths = {"opens": rules.opens, "closes": rules.closes, "slot": rules.slot}
    lengths["cancel_deadline"] = rules.cancel_deadline
    minutes = {name: round(length / MINUTE) for name, length in lengths.items()}
    return {**minutes, "days_ahead": rules.days_ahead, "oversize": rules.oversize}


# -- made, retired and listed by command


OWNED = (
    "SELECT v.id FROM venues v JOIN memberships m ON m.venue_id = v.id WHERE m.user_id = $1 AND m.role = 'owner' "
    "AND m.ended_at IS NULL AND v.retired_at IS NULL ORDER BY v.id FOR NO KEY UPDATE OF v"
)
SET_ROLE = (
    "INSERT INTO memberships (user_id, venue_id, role, ended_at) "
    "VALUES ($1, $2, coalesce($3, 'viewer'), CASE WHEN $3::text IS NULL THEN clock_timestamp() END) "
    "ON CONFLICT (user_id, venue_id) DO UPDATE SET role = coalesce($3, memberships.role), "
    "ended_at = excluded.ended_at, changed_at = clock_timestamp()"
)
MAKE = """
WITH own AS (INSERT INTO venue_groups (name) SELECT $3::text WHERE $1::bigint IS NULL RETURNING id)
INSERT INTO venues (group_id, slug, name, zone, country, language, phone, address, website, settings)
VALUES (coalesce($1, (SELECT id FROM own)), $2, $3::text, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (slug) DO NOTHING RETURNING id
"""


async def make(connection: Any, group_id: int | None, venue: VenueProfile, zone: str, rules: str) -> int | None:
    """A venue with ``rules`` as JSON, in a group, or in one of its own (None), whatever the profile says of its id and
    group; returns its id. None: its slug is in use, or was; then nothing of the transaction is to be kept."""
    profile = venue.slug, venue.name, zone, venue.country, venue.language, venue.phone, venue.address, venue.website
    made: int | None = await connection.fetchval(MAKE, group_id, *profile, rules)
    return made


async def group_of(connection: Any, slug: str) -> int | None:
    """The group of an open venue."""
    statement = "SELECT group_id FROM venues WHERE slug = $1 AND retired_at IS NULL"
    found: int | None = await connection.fetchval(statement, slug)
    return found


async def lock(connection: Any, slug: str, *, retired: bool = False) -> int | None:
    """The id of an open venue, also of a ``retired`` one where that is said; its row is locked until the end of the
    transaction."""
    found: int | None = await connection.fetchval(
        "SELECT id FROM venues WHERE slug = $1 AND (retired_at IS NULL OR $2) FOR NO KEY UPDATE", slug, retired
    )
    return found


async def lock_owned(connection: Any, user_id: int) -> list[int]:
    """The open venues that an account owns, whose rows are locked until the end of the transaction."""
    return [row["id"] for row in await connection.fetch(OWNED, user_id)]


async def is_last_owner(connection: Any, venue_id: int, user_id: int) -> bool:
    """Whether a venue, whose row the transaction has locked, has no other owner."""
    owners = await connection.fetch(
        "SELECT user_id FROM memberships WHERE venue_id = $1 AND role = 'owner' AND ended_at IS NULL", venue_id
    )
    return [row["user_id"] for row in owners] == [user_id]


async def set_role(connection: Any, venue_id: int, user_id: int, role: str | None) -> None:
    """Give an account a role in a venue, or (None) end it."""
    await connection.execute(SET_ROLE, user_id, venue_id, role)


async def count_to_come(connection: Any, venue_id: int) -> int:
    """How many bookings of a venue are to come, or here."""
    statement = f"SELECT count(*) FROM bookings b WHERE b.venue_id = $1 AND {EXPECTED}"  # noqa: S608 constants
    found: int = await connection.fetchval(statement, venue_id)
    return found


async def note_change(connection: Any, venue_id: int, *, retired: bool = False) -> None:
    """Have every process read a venue anew; ``retired``: it is closed from now on."""
    await connection.execute(
        "UPDATE venues SET changed_at = clock_timestamp(), "
        "retired_at = CASE WHEN $2 THEN clock_timestamp() ELSE retired_at END WHERE id = $1", venue_id, retired,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A venue for an operator, with how many tables and members it has."""

    id: int
    slug: str
    name: str
    zone: str
    group_id: int
    retired_at: datetime | None
    tables: int
    members: int


async def listed() -> list[Listed]:
    """All venues by id, those that are retired too."""
    rows = await database.fetch(
        "SELECT v.id, v.slug, v.name, v.zone, v.group_id, v.retired_at, "
        "(SELECT count(*) FROM tables t WHERE t.venue_id = v.id AND t.retired_at IS NULL) AS tables, "
        "(SELECT count(*) FROM memberships m WHERE m.venue_id = v.id AND m.ended_at IS NULL) AS members "
        "FROM venues v ORDER BY v.id"
    )
    return [Listed(*row) for row in rows]


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
