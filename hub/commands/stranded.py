"""Bookings that do not fit the restaurant's rules any more, after a change of the zone, the hours or the time-zone
data.

The rules are settings, so they change between two starts: each start compares them with those of the last one, which
the database keeps. Bookings to come keep their instants and what their guests were promised; the service day that a
booking lies on follows the new rules, since that is where everybody looks for it. What nobody can decide here is said.
"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

import contextlib
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import tzdata

from hub import logs
from hub.domain import calendar
from hub.domain.day import MOVED_AWAY, MOVED_HERE
from hub.domain.events import MAIN, stream_of
from hub.domain.rules import Rules
from hub.domain.stranded import Kept, Stranded, difference, fingerprint, is_same, judge, promised_by
from hub.store import database, streams
from hub.store.expected import EXPECTED

TO_COME = (
    "SELECT b.id, b.starts_at, b.ends_at, b.service_date, b.promised_start, b.status = 'seated' AS is_seated "
    f"FROM bookings b WHERE b.venue_id = $1 AND {EXPECTED} ORDER BY b.id"
)
NOT_OVER = (
    f"SELECT b.id, b.starts_at, b.service_date, b.promised_start, {EXPECTED} AS to_come FROM bookings b "
    "WHERE b.venue_id = $1 AND (b.ends_at > clock_timestamp() OR b.status = 'seated') ORDER BY b.id"
)
FINGERPRINTS = "SELECT id, rules FROM venues WHERE id = ANY($1::bigint[])"
NOTE = "UPDATE venues SET rules = rules || $3::jsonb WHERE id = $1 AND rules = $2::jsonb"
RENAME = "UPDATE venues v SET rules = n.rules FROM unnest($1::bigint[], $2::jsonb[]) AS n(id, rules) WHERE v.id = n.id"
ALL_FIT = {"all_fit": True}
"""With the rules that the database keeps: every booking to come fits them, and reaches into no other day."""
AT_ONCE = 500  # bookings in one transaction: it locks the streams of all their days
SAID = 20
log = logs.get("hub.commands.stranded")


@dataclass(frozen=True, slots=True)
class Settled:
    """What a start found. ``reaches_over``: a table may be held by a booking of the day before or after."""

    stranded: Sequence[Stranded]
    rules: Mapping[str, Any]
    """Their fingerprint, which the database keeps."""
    reaches_over: bool


async def find(connection: Any, venue_id: int, rules: Rules) -> list[Stranded]:
    """A venue's bookings to come that ``rules`` do not fit, by id. Changes nothing. Raises what the driver raises."""
    return _judge(await connection.fetch(TO_COME, venue_id), rules)


def _judge(rows: Sequence[Any], rules: Rules) -> list[Stranded]:
    """Of a party that sits already nothing is left to decide."""
    waited_for = [_kept(row) for row in rows if not row["is_seated"]]
    return [found for booking in waited_for if (found := judge(booking, rules)) is not None]


def _kept(row: Any) -> Kept:
    return Kept(row["id"], row["starts_at"], row["ends_at"], row["service_date"], row["promised_start"])


async def settle_all(rules: Mapping[int, Rules]) -> set[int]:
    """Settle every venue, by id; returns those in which a table may be held by a booking of the day before or after.

    One query asks which rules they had at the last start. Where those say the same and every booking did fit, every one
    does, and nothing more is read: all others are settled. Venue 1 always is: its rules are settings, which another
    process may still have otherwise. Raises HubErrors.
    """
    now, data = datetime.now(UTC), zone_data()
    rows = await database.fetch(FINGERPRINTS, list(rules))
    before = {row["id"]: orjson.loads(row["rules"]) if row["rules"] else {} for row in rows}
    reaching: set[int] = set()
    renamed: dict[int, str] = {}
    """Fingerprints that differ and say the same."""
    for venue_id, each in rules.items():
        after = fingerprint(each, data, now)
        if venue_id != MAIN and _all_fit(before.get(venue_id, {}), after):
            if before[venue_id] != after | ALL_FIT:
                renamed[venue_id] = orjson.dumps(after | ALL_FIT).decode()
            continue
        settled = await settle(venue_id, each)
        if settled.reaches_over:
            reaching.add(venue_id)
        elif venue_id != MAIN and not settled.stranded:
            # Only where nothing was written by other rules meanwhile: then those are what the next start compares.
            await database.write(NOTE, venue_id, *(orjson.dumps(each).decode() for each in (settled.rules, ALL_FIT)))
    if renamed:
        await database.write(RENAME, list(renamed), list(renamed.values()))
    return reaching


def _all_fit(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether every booking fitted the rules of the last start, and these are the same."""
    try:
        return before.items() >= ALL_FIT.items() and is_same(before, after)
    except (KeyError, ValueError, TypeError, IndexError):
        return False


async def settle(venue_id: int, rules: Rules) -> Settled:
    """Compare a venue's rules with those of the last start, file bookings under their service days by the new ones, and
    say what is stranded. Needs an open database; safe to run from several processes at once. Raises HubErrors."""
    after = fingerprint(rules, zone_data(), datetime.now(UTC))
    [row] = await database.fetch(FINGERPRINTS, [venue_id])
    before = orjson.loads(row["rules"]) if row["rules"] else None
    if before is not None and (changed := difference(before, after)):
        rows = await database.fetch(NOT_OVER, venue_id)
        await _remember_promises(venue_id, before, rows)
        moved = await _file_anew(venue_id, rows, rules)
        log.warning("the rules changed since the last start", venue=venue_id, changed=changed, bookings_moved=moved)
    await database.write(
        "UPDATE venues SET rules = $2 WHERE id = $1 AND rules IS DISTINCT FROM $2",
        venue_id,
        orjson.dumps(after).decode(),
    )
    # Read after the filing, also by a process that another one was quicker than: what it had read before is old.
    to_come = await database.fetch(TO_COME, venue_id)
    stranded = _judge(to_come, rules)
    if stranded:
        named = [str(each) for each in stranded[:SAID]]
        log.warning("bookings do not fit the rules any more", venue=venue_id, count=len(stranded), bookings=named)
    return Settled(
        stranded, after, any(row["ends_at"] > calendar.opening(row["service_date"], rules)[1] for row in to_come)
    )


async def _remember_promises(venue_id: int, before: dict[str, Any], rows: Sequence[Any]) -> None:
    """Keep the wall time that the guests were promised, for bookings that were made while it followed from the zone."""
    unsaid = [row for row in rows if row["promised_start"] is None]
    try:
        promised = [promised_by(before, row["starts_at"]) for row in unsaid]
    except (KeyError, ValueError, TypeError, IndexError) as error:
        log.warning("the hub can't read the rules of its last start", error=type(error).__name__)
        return
    await database.write(
        "UPDATE bookings b SET promised_start = p.start FROM unnest($2::bigint[], $3::text[]) AS p(id, start) "
        "WHERE b.venue_id = $1 AND b.id = p.id AND b.promised_start IS NULL",
        venue_id,
        [row["id"] for row in unsaid],
        promised,
    )


async def _file_anew(venue_id: int, rows: Sequence[Any], rules: Rules) -> int:
    """Move each booking to come to the service day on which its start lies by now, with an event on both days."""
    wrong = {
        row["id"]: (row["service_date"], day)
        for row in rows
        if row["to_come"] and (day := calendar.service_day(row["starts_at"], rules)) != row["service_date"]
    }
    moved = 0
    ids = list(wrong)
    for begin in range(0, len(ids), AT_ONCE):
        days = {id: wrong[id] for id in ids[begin : begin + AT_ONCE]}
        moved += await database.transact(lambda connection, days=days: _file(connection, venue_id, days))  # type: ignore[misc]
    return moved


async def _file(connection: Any, venue_id: int, days: Mapping[int, tuple[date, date]]) -> int:
    """File these bookings anew, in one transaction, from the first day to the second; returns how many were. One that
    was changed meanwhile is left as it is."""
    await streams.lock(connection, [stream_of(venue_id, day) for pair in days.values() for day in pair])
    rows = await connection.fetch(
        "UPDATE bookings b SET service_date = d.after, revision = b.revision + 1, updated_at = clock_timestamp() "
        "FROM unnest($2::bigint[], $3::date[], $4::date[]) AS d(id, before, after) "
        f"WHERE b.venue_id = $1 AND b.id = d.id AND b.service_date = d.before AND {EXPECTED} "
        "RETURNING b.id, hub_entry(b) AS entry",
        venue_id,
        list(days),
        [before for before, _ in days.values()],
        [after for _, after in days.values()],
    )
    for row in sorted(rows, key=lambda row: row["id"]):
        before, after = days[row["id"]]
        await _append_event(connection, MOVED_AWAY, stream_of(venue_id, before), row["id"], None)
        await _append_event(connection, MOVED_HERE, stream_of(venue_id, after), row["id"], orjson.loads(row["entry"]))
    return len(rows)


async def _append_event(connection: Any, kind: str, stream: str, booking_id: int, entry: Any) -> None:
    data = {"booking": booking_id, "entry": entry}
    await streams.append(connection, stream=stream, kind=kind, data=data, actor=None, request_id=None)


def zone_data() -> str:
    """The version of the time-zone data in use: the system's where it has any and says it, else the package's."""
    return system_zone_data() or tzdata.IANA_VERSION


def system_zone_data() -> str | None:
    """The version of the data that Python prefers over its own package's, where the system has any and says it."""
    for folder in zoneinfo.TZPATH:
        with contextlib.suppress(OSError):
            with (Path(folder) / "tzdata.zi").open() as file:
                return file.readline().removeprefix("# version ").strip()
    return None
