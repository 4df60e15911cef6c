"""Bookings that do not fit the restaurant's rules any more, after a change of the zone, the hours or the time-zone
data.

The rules are settings, so they change between two starts: each start compares them with those of the last one, which
the database keeps. Bookings to come keep their instants and what their guests were promised; the service day that a
booking lies on follows the new rules, since that is where everybody looks for it. What nobody can decide here is said.
"""

from __future__ import annotations

import contextlib
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tzdata

from hub import logs
from hub.domain import calendar
from hub.domain.events import MAIN
from hub.domain.rules import Rules
from hub.domain.stranded import Kept, Stranded, difference, fingerprint, is_same, judge, promised_by
from hub.store import database
from hub.store import stranded as stored

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
    return _judge(await stored.to_come(venue_id, connection), rules)


def _judge(to_come: Sequence[Kept], rules: Rules) -> list[Stranded]:
    """Of a party that sits already nothing is left to decide."""
    return [found for each in to_come if not each.is_seated and (found := judge(each, rules)) is not None]


async def settle_all(rules: Mapping[int, Rules]) -> set[int]:
    """Settle every venue, by id; returns those in which a table may be held by a booking of the day before or after.

    One query asks which rules they had at the last start. Where those say the same and every booking did fit, every one
    does, and nothing more is read: all others are settled. Venue 1 always is: its rules are settings, which another
    process may still have otherwise. Raises HubErrors.
    """
    now, data = datetime.now(UTC), zone_data()
    before = {venue_id: each or {} for venue_id, each in (await stored.rules_of(rules)).items()}
    reaching: set[int] = set()
    renamed: dict[int, dict[str, Any]] = {}
    """Fingerprints that differ and say the same."""
    for venue_id, each in rules.items():
        after = fingerprint(each, data, now)
        if venue_id != MAIN and _all_fit(before.get(venue_id, {}), after):
            if before[venue_id] != after | ALL_FIT:
                renamed[venue_id] = after | ALL_FIT
            continue
        settled = await settle(venue_id, each)
        if settled.reaches_over:
            reaching.add(venue_id)
        elif venue_id != MAIN and not settled.stranded:
            # Only where nothing was written by other rules meanwhile: then those are what the next start compares.
            await stored.add_to_rules(venue_id, settled.rules, ALL_FIT)
    if renamed:
        await stored.keep_rules(renamed)
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
    before = (await stored.rules_of([venue_id]))[venue_id]
    if before is not None and (changed := difference(before, after)):
        not_over = await stored.not_over(venue_id)
        await _remember_promises(venue_id, before, not_over)
        moved = await _file_anew(venue_id, not_over, rules)
        log.warning("the rules changed since the last start", venue=venue_id, changed=changed, bookings_moved=moved)
    await stored.keep_rules({venue_id: after})
    # Read after the filing, also by a process that another one was quicker than: what it had read before is old.
    to_come = await stored.to_come(venue_id)
    stranded = _judge(to_come, rules)
    if stranded:
        named = [str(each) for each in stranded[:SAID]]
        log.warning("bookings do not fit the rules any more", venue=venue_id, count=len(stranded), bookings=named)
    return Settled(
        stranded, after, any(each.ends_at > calendar.opening(each.service_date, rules)[1] for each in to_come)
    )


async def _remember_promises(venue_id: int, before: dict[str, Any], not_over: Sequence[Kept]) -> None:
    """Keep the wall time that the guests were promised, for bookings that were made while it followed from the zone."""
    try:
        promised = {each.id: promised_by(before, each.starts_at) for each in not_over if each.promised is None}
    except (KeyError, ValueError, TypeError, IndexError) as error:
        log.warning("the hub can't read the rules of its last start", error=type(error).__name__)
        return
    await stored.keep_promises(venue_id, promised)


async def _file_anew(venue_id: int, not_over: Sequence[Kept], rules: Rules) -> int:
    """Move each booking to come to the service day on which its start lies by now, with an event on both days."""
    wrong = {
        each.id: (each.service_date, day)
        for each in not_over
        if each.is_to_come and (day := calendar.service_day(each.starts_at, rules)) != each.service_date
    }
    moved = 0
    ids = list(wrong)
    for begin in range(0, len(ids), AT_ONCE):
        days = {id: wrong[id] for id in ids[begin : begin + AT_ONCE]}
        moved += await database.transact(lambda connection, days=days: stored.file_anew(connection, venue_id, days))  # type: ignore[misc]
    return moved


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
