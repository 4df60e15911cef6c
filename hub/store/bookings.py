"""Bookings as their readers see them, each with its tables, its guest and where its day's stream stands; and what is
asked of a single one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from hub.domain.change import BookingRow, Guest, Party
from hub.domain.day import Undo
from hub.domain.events import floor_of
from hub.domain.floor import Table
from hub.manage_links import GOOD_AFTER_END, Link
from hub.store import database
from hub.store.expected import EXPECTED

Place = tuple[datetime, int]
"""Where a booking stands in a list: by start, then by id."""
COLUMNS = (
    "b.id, b.venue_id, b.guest_id, b.user_id, b.reference, b.channel, b.note, b.house_note, b.occasion, b.needs, "
    "b.table_id, t.name, t.seats, b.guests, b.starts_at, b.ends_at, b.service_date, b.status, b.revision, "
    "b.created_at, b.canceled_at, b.link_version, b.pinned, b.arrived_at, b.seated_at, b.table_since, b.left_at, "
    "b.undo, b.table_ids, CASE WHEN b.table_ids IS NOT NULL THEN (SELECT jsonb_agg(jsonb_build_array(a.id, a.name, "
    "a.seats)) FROM tables a WHERE a.venue_id = b.venue_id AND b.table_ids @> to_jsonb(a.id)) END AS all_tables, "
    "s.version, (SELECT epoch FROM hub) AS epoch, "
    "g.name AS guest_name, g.phone AS guest_phone, g.email AS guest_email "
    "FROM bookings b JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id "
    "JOIN guests g ON g.group_id = b.group_id AND g.id = b.guest_id "
    "JOIN streams s ON s.name = hub_stream(b.venue_id, b.service_date)"
)
# The bound from below keeps a guest's long past out of the index scan: no slot is longer than a day.
TO_COME = f"{EXPECTED} AND b.starts_at > statement_timestamp() - interval '25 hours'"
BY_NEARNESS = "({0} < $11), CASE WHEN {0} < $11 THEN $11 - {0} ELSE {0} - $11 END"
"""By start; but what was before the instant $11 comes after the others, the latest first."""
MADE_BY_THE_HUB = """
SELECT count(*) FROM events
WHERE data->>'booking' = $1 AND venue_id = $2 AND kind = 'extended' AND actor IS NULL
  AND (data->'entry'->>'revision')::integer BETWEEN $3 + 1 AND $4
"""
MOST_OWN = 100
# The version of users' own bookings in a venue: the sum of the revisions of all they have there and the version of the
# floor, which names their tables.
OWN_VERSIONS = """
SELECT u.id AS of_user, u.venue_id AS of_venue, h.epoch AS of_epoch,
       coalesce((SELECT sum(b.revision) FROM bookings b WHERE b.user_id = u.id AND b.venue_id = u.venue_id), 0)::bigint
           + coalesce((SELECT version FROM streams WHERE name = u.floor), 0) AS of_version
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u(id, venue_id, floor), hub h
"""
OWN = f"""
SELECT v.of_epoch, v.of_version, x.*
FROM ({OWN_VERSIONS}) v LEFT JOIN LATERAL (
    SELECT {COLUMNS}
    WHERE b.user_id = v.of_user AND b.venue_id = v.of_venue AND {TO_COME}
    ORDER BY b.starts_at, b.id LIMIT {MOST_OWN}) x ON true
"""  # noqa: S608 constants
Owner = tuple[int, int]
"""A user and a venue."""
Version = tuple[str, int]
"""The database's epoch, and the version in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking(BookingRow):
    """A booking as its reader sees it, with its guest as they are now. ``epoch`` and ``version`` are where its day's
    stream stands with it; ``left`` is the day that a change of day left behind, and its version."""

    guest: Guest
    canceled_at: datetime | None
    epoch: str
    version: int
    left: tuple[date, int] | None = None
    replayed: bool = False
    """This is the first answer to a request that came again with the same idempotency key."""

    @property
    def made_at(self) -> datetime:
        assert self.created_at is not None
        return self.created_at


@dataclass(frozen=True, slots=True)
class FoundBooking:
    """One of several bookings that were read together. ``link`` is what a link to it says now."""

    user_id: int | None
    link: Link
    ends_at: datetime
    row: Any

    def booking(self) -> Booking:
        """Raises what a row does that can't be read, for whoever asked for this one, and for nobody else."""
        return booking_from(self.row)


async def of_ids(venue_id: int, ids: Sequence[int]) -> dict[int, FoundBooking]:
    """Bookings of a venue by id, without those that do not exist."""
    rows = await database.fetch(f"SELECT {COLUMNS} WHERE b.venue_id = $1 AND b.id = ANY ($2)", venue_id, ids)
    return {
        row["id"]: FoundBooking(row["user_id"], Link(row["id"], row["link_version"]), row["ends_at"], row)
        for row in rows
    }


async def of_user(venue_id: int, user_id: int, after: Place, most: int) -> list[Booking]:
    """A user's bookings in a venue that are neither canceled nor over, the first ones after a place."""
    query = (
        f"SELECT {COLUMNS} WHERE b.user_id = $1 AND b.venue_id = $5 AND {TO_COME} "
        "AND (b.starts_at, b.id) > ($2, $3) ORDER BY b.starts_at, b.id LIMIT $4"
    )
    return [booking_from(row) for row in await database.fetch(query, user_id, *after, most, venue_id)]


async def search(
    venue_id: int,
    first: date,
    last: date,
    named: tuple[str | None, str | None, str | None],
    *,
    statuses: Sequence[str],
    after: Place | None,
    most: int,
    earlier: datetime,
) -> list[Booking]:
    """The bookings of service days, the first ones after a place: by start, but those before the instant ``earlier``
    come after the others, the latest first. ``statuses``: () for any. ``named``: patterns of LIKE for the guest's name
    and number, and a reference, one of which has to fit; without a name all do."""
    rows = await database.fetch(
        f"SELECT {COLUMNS} WHERE b.venue_id = $1 AND b.service_date BETWEEN $2 AND $3 "
        "AND ($4::text[] IS NULL OR b.status = ANY($4)) "
        "AND ($5::text IS NULL OR g.name ILIKE $5 OR g.phone LIKE $6 OR b.reference = $7) "
        f"AND ($8::timestamptz IS NULL OR ({BY_NEARNESS.format('b.starts_at')}, b.id) "
        f"> ({BY_NEARNESS.format('$8')}, $9)) "
        f"ORDER BY {BY_NEARNESS.format('b.starts_at')}, b.id LIMIT $10",
        venue_id, first, last, list(statuses) or None, *named, *(after or (None, None)), most, earlier,
    )  # fmt: skip
    return [booking_from(row) for row in rows]


async def venue_of_link(venue_ids: Sequence[int], link: Link) -> int | None:
    """The one of these venues in which the booking of a link is. None: there is none, its links were ended, or it is
    over for longer than they are good."""
    rows = await database.fetch(
        "SELECT venue_id FROM bookings WHERE venue_id = ANY($1) AND id = $2 AND link_version = $3 "
        "AND ends_at > clock_timestamp() - $4::interval",
        venue_ids, link.booking_id, link.version, GOOD_AFTER_END,
    )  # fmt: skip
    return rows[0]["venue_id"] if rows else None


async def made_by_the_hub(venue_id: int, booking_id: int, after: int, until: int) -> int:
    """How many of a booking's revisions after ``after``, up to ``until``, the hub alone made."""
    [row] = await database.fetch(MADE_BY_THE_HUB, str(booking_id), venue_id, after, until)
    count: int = row["count"]
    return count


async def own_versions(owners: Iterable[Owner]) -> dict[Owner, Version]:
    """The version of each one's own bookings now."""
    rows = await database.fetch(OWN_VERSIONS, *_columns(owners))
    return {(row["of_user"], row["of_venue"]): (row["of_epoch"], row["of_version"]) for row in rows}


async def own(owner: Owner) -> tuple[Version, list[Booking]]:
    """One user's own bookings that are to come, by start, at most MOST_OWN of them."""
    rows = await database.fetch(OWN, *_columns([owner]))
    bookings = [booking_from(row) for row in rows if row["id"] is not None]
    return (rows[0]["of_epoch"], rows[0]["of_version"]), bookings


def _columns(owners: Iterable[Owner]) -> tuple[list[int], list[int], list[str]]:
    """The users, the venues and the venues' floors, as OWN_VERSIONS takes them."""
    found = list(owners)
    return [user for user, _ in found], [venue for _, venue in found], [floor_of(venue) for _, venue in found]


def booking_from(row: Any) -> Booking:
    """The booking of a row of COLUMNS."""
    return Booking(
        row["id"],
        row["venue_id"],
        Party(
            row["guest_id"], row["user_id"], row["reference"], row["channel"], row["note"], row["house_note"],
            row["occasion"], tuple(orjson.loads(row["needs"])),
        ),
        Table(row["table_id"], row["name"], row["seats"]),
        row["guests"], row["starts_at"], row["ends_at"], row["service_date"], row["status"], row["revision"],
        row["created_at"], _more_tables(row), row["pinned"], row["arrived_at"], row["seated_at"], row["table_since"],
        row["left_at"], Undo.parse(orjson.loads(row["undo"])) if row["undo"] else None,
        guest=Guest(row["guest_id"], row["guest_name"], row["guest_phone"], row["guest_email"]),
        canceled_at=row["canceled_at"], epoch=row["epoch"], version=row["version"],
    )  # fmt: skip


def _more_tables(row: Any) -> tuple[Table, ...]:
    if row["all_tables"] is None:
        return ()
    found = {id: Table(id, name, seats) for id, name, seats in orjson.loads(row["all_tables"])}
    return tuple(found[id] for id in orjson.loads(row["table_ids"]) if id != row["table_id"])
