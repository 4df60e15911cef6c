"""How many of a process's connections the reading of one venue's views may take.

A venue whose rows are slow to read, or locked, would else take all of them, and every other venue would wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.domain.events import venue_of
from hub.errors import Overloaded
from hub.store.pool import ACQUIRE_SECONDS

AT_ONCE = 4
"""Readings of one venue at a time; a process has 16 connections."""


class ReadPlaces:
    """The places of each venue that is being read."""

    def __init__(self) -> None:
        self._places: dict[int, asyncio.Semaphore] = {}
        self._wanted: dict[int, int] = {}

    @asynccontextmanager
    async def take(self, stream: str) -> AsyncIterator[None]:
        """A place for the reading of one view. Raises Overloaded when none becomes free as soon as a connection would
        have to."""
        venue = venue_of(stream)
        places = self._places.setdefault(venue, asyncio.Semaphore(AT_ONCE))
        self._wanted[venue] = self._wanted.get(venue, 0) + 1
        try:
            try:
                async with asyncio.timeout(ACQUIRE_SECONDS):
                    await places.acquire()
            except TimeoutError:
                raise Overloaded() from None
            try:
                yield
            finally:
                places.release()
        finally:
            self._wanted[venue] -= 1
            if not self._wanted[venue]:
                del self._wanted[venue], self._places[venue]
