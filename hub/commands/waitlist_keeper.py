"""Keeps the quotes of those who wait true while nobody touches the waitlist, and ends the list with its day.

A quote changes as tables are freed, bookings come and parties stay longer than was expected. Each process looks at the
days on which somebody waits, each half minute, and writes what has changed by a step of five minutes. The processes
look one after the other: what one wrote, the next finds true.
"""

from __future__ import annotations

import asyncio
import random
from datetime import date, datetime, timedelta

from hub import logs
from hub.commands.waitlist import stays_of
from hub.domain import waitlist
from hub.domain.allocation import Day
from hub.domain.change import Change
from hub.domain.stays import Stays
from hub.errors import HubError
from hub.store import database
from hub.views.cache import ViewCache
from hub.views.context import Context, VenueContext
from hub.views.writes import WorkingViews, Write

LOOK_SECONDS = 30.0
NOBODY = 0
"""The actor of what no account does."""
# Of all venues: it is the hub that looks, and shows nothing of one to another.
WAITED_ON = (
    "SELECT DISTINCT venue_id, service_date FROM waitlist WHERE status IN ('waiting', 'ready', 'here') "
    "ORDER BY venue_id, service_date"
)
log = logs.get("hub.commands.waitlist_keeper")


class WaitlistKeeper:
    """The keeper of one process."""

    def __init__(self, context: Context, views: ViewCache) -> None:
        self._context = context
        self._views = views
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = database.in_background(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            # Spread, so that the processes do not look at the same time.
            await asyncio.sleep(LOOK_SECONDS * (0.5 + random.random()))  # noqa: S311 no secret
            try:
                await self.look()
            except HubError as error:
                log.warning("the waitlists could not be looked at", error=error.code)
            except Exception:
                log.exception("the waitlists could not be looked at")

    async def look(self) -> None:
        """Bring every list up to date. Raises HubErrors, of the list that is not asked for again any sooner."""
        for row in await database.fetch(WAITED_ON):
            venue = self._context.venue(row["venue_id"])
            if venue is not None:
                await self._keep(venue, row["service_date"])

    async def _keep(self, venue: VenueContext, day: date) -> None:
        stream = venue.day_stream(day)
        stays = await stays_of(venue, day)

        def decide(views: WorkingViews, now: datetime) -> Change:
            return _decide(venue, views.day(stream), stays, views, now)

        if await self._has_changed(venue, day, stays):
            await venue.writes.submit(Write((stream,), decide, NOBODY))

    async def _has_changed(self, venue: VenueContext, day: date, stays: Stays) -> bool:
        """By what this process holds: most looks end here, and cost the database nothing."""
        around = (-1, 1) if venue.reaches_over else ()
        beside = [await self._views.get(venue.day_stream(day + timedelta(days=shift))) for shift in around]
        floor, shown = await self._views.get(venue.floor_stream), await self._views.get(venue.day_stream(day))
        found = Day(shown.day_view, [each.day_view for each in beside])
        change = waitlist.keep(
            found, floor.floor_view, venue.id, stays=stays, rules=venue.rules, now=self._context.now()
        )
        return bool(change.events)


def _decide(venue: VenueContext, day: Day, stays: Stays, views: WorkingViews, now: datetime) -> Change:
    return waitlist.keep(day, views.floor, venue.id, stays=stays, rules=venue.rules, now=now)
