"""Keeps the quotes of those who wait true while nobody touches the waitlist, and ends the list with its day.

A quote changes as tables are freed, bookings come and parties stay longer than was expected. Each process looks at the
days on which somebody waits, each half minute, and writes what has changed by a step of five minutes. The processes
look one after the other: what one wrote, the next finds true. Now and then one forgets who only waited, and left, long
ago (hub.store.waitlist_retention).
"""

from __future__ import annotations

import asyncio
import random
from datetime import date, datetime

from hub import logs
from hub.commands.waitlist import read_evening, stays_of
from hub.domain import waitlist
from hub.domain.change import Change
from hub.errors import HubError
from hub.store import database
from hub.store import waitlist as entries
from hub.store.waitlist_retention import forget_who_left
from hub.views.cache import ViewCache
from hub.views.context import Context, VenueContext
from hub.views.writes import WorkingViews, Write

LOOK_SECONDS = 30.0
FORGET_SECONDS = 3600.0
NOBODY = 0
"""The actor of what no account does."""
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
        loop = asyncio.get_running_loop()
        forget_at = loop.time()
        while True:
            # Spread, so that the processes do not look at the same time.
            await asyncio.sleep(LOOK_SECONDS * (0.5 + random.random()))  # noqa: S311 no secret
            try:
                await self.look()
                if loop.time() >= forget_at:
                    forget_at = loop.time() + FORGET_SECONDS
                    await forget_who_left()
            except HubError as error:
                log.warning("the waitlists could not be looked at", error=error.code)
            except Exception:
                log.exception("the waitlists could not be looked at")

    async def look(self) -> None:
        """Bring every list up to date; one that can't be is looked at next time. Raises HubErrors."""
        for venue_id, day in await entries.waited_on():
            venue = self._context.venue(venue_id)
            if venue is None:
                continue
            try:
                await self._keep(venue, day)
            except HubError as error:
                log.warning("a waitlist could not be looked at", venue=venue.venue.slug, error=error.code)

    async def _keep(self, venue: VenueContext, day: date) -> None:
        stream = venue.day_stream(day)
        stays = await stays_of(venue, day)

        def decide(views: WorkingViews, now: datetime) -> Change:
            day = views.day(stream)
            return waitlist.keep(day, views.floor, venue.id, stays=stays, rules=venue.rules, now=now)

        # By what this process holds: most looks end here, and cost the database nothing.
        now, (found, floor) = self._context.now(), await read_evening(venue, self._views, day)
        if waitlist.keep(found, floor, venue.id, stays=stays, rules=venue.rules, now=now).events:
            await venue.writes.submit(Write((stream,), decide, NOBODY))
