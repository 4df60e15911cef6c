"""Venue 1, which is as the variables of the hub say: each process that serves writes it down when it starts.

A command may run in a shell with other variables, or with none. It takes from here what the hub goes by, so that a
paper has the times of the bookings on it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import orjson

from hub.config import Settings
from hub.domain.events import MAIN
from hub.store import database, venues

READ = f"{venues.SELECT} WHERE id = $1"
# A slug that is another venue's stays as it was: `hub migrate` says whose it is.
WRITE = """
UPDATE venues SET name = $2, zone = $3, country = $4, language = $5, phone = $6, address = $7, website = $8,
    settings = $9::jsonb, changed_at = clock_timestamp(),
    slug = CASE WHEN EXISTS (SELECT FROM venues o WHERE o.slug = $1 AND o.id <> 1) THEN slug ELSE $1 END
WHERE id = 1 AND (slug, name, zone, country, language, phone, address, website, settings)
    IS DISTINCT FROM ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)
"""
WRITE_UNLESS_STARTED = f"{WRITE} AND rules IS NULL"
"""``rules`` are those of the last start."""
HOUR = timedelta(hours=1)
VARIABLES: Mapping[str, Callable[[Settings], object]] = {
    "VENUE_SLUG": lambda settings: settings.venue.slug,
    "VENUE_NAME": lambda settings: settings.venue.name,
    "VENUE_ADDRESS": lambda settings: settings.venue.address,
    "VENUE_PHONE": lambda settings: settings.venue.phone,
    "VENUE_COUNTRY": lambda settings: settings.venue.country,
    "DEFAULT_LANGUAGE": lambda settings: settings.venue.language,
    "PUBLIC_URL": lambda settings: settings.venue.website,
    "RESTAURANT_TIMEZONE": lambda settings: settings.rules.zone.key,
    "WORKDAY_START_HOUR": lambda settings: f"{settings.rules.opens / HOUR:g}",
    "WORKDAY_END_HOUR": lambda settings: f"{settings.rules.closes / HOUR:g}",
    "BOOKING_SLOT_HOURS": lambda settings: f"{settings.rules.slot / HOUR:g}",
    "CANCEL_DEADLINE_MINUTES": lambda settings: f"{settings.rules.cancel_deadline / HOUR * 60:g}",
    "BOOKING_DAYS_AHEAD": lambda settings: settings.rules.days_ahead,
    "TABLE_OVERSIZE": lambda settings: settings.rules.oversize,
}
"""What is written down of venue 1, by the variable that says it."""


async def write(
    settings: Settings, execute: Callable[..., Awaitable[Any]] = database.write, *, unless_started: bool = False
) -> None:
    """Write to the row of venue 1 what the settings say of it; ``unless_started``: only while no hub has started on
    this database. Raises what ``execute`` does."""
    venue, rules = settings.venue, settings.rules
    await execute(
        WRITE_UNLESS_STARTED if unless_started else WRITE,
        *(venue.slug, venue.name, rules.zone.key, venue.country, venue.language),
        *(venue.phone, venue.address, venue.website, orjson.dumps(venues.own_of(rules)).decode()),
    )


async def as_served(settings: Settings, fetch: Callable[..., Awaitable[Sequence[Any]]] = database.fetch) -> Settings:
    """The settings with venue 1 as the hub has it. Raises ValueError for a zone that this machine does not know, and
    what ``fetch`` does."""
    [row] = await fetch(READ, MAIN)
    try:
        venue, rules = venues.parse(row, settings)
    except ZoneInfoNotFoundError:
        raise ValueError(f"the hub's time zone {row['zone']} is not known on this machine") from None
    return replace(settings, venue=venue, rules=rules, default_language=venue.language)


def overruled(given: Settings, served: Settings) -> list[str]:
    """A sentence for each variable that is set here, and was another when the hub started."""
    return [
        f"{name} is {here} here, but the hub was started with {'none' if there is None else there}, which counts"
        for name, value in VARIABLES.items()
        if name in given.given and (here := value(given)) != (there := value(served))
    ]
