"""Who dines: the names of guests on a floor. Events hold ids only, so names are read when they are first shown.

Names belong to a view's version as all else does: a change of one is an event (hub.commands.guest_names). They are read
together with the version of the stream, and a view that is behind it is brought there before they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import orjson

from hub.domain.day import DayView
from hub.errors import Unavailable
from hub.store import database
from hub.views.cache import ViewCache
from hub.views.cached_view import CachedView

Name = tuple[str, str | None]
UNKNOWN: Name = ("?", None)
ATTEMPTS = 10
"""How often it reads again because new guests came meanwhile, or names changed."""
READ = """
SELECT h.epoch, coalesce(s.version, 0) AS version,
       (SELECT coalesce(jsonb_object_agg(id, jsonb_build_array(name, phone)), '{}')
        FROM guests WHERE id = ANY($2)) AS names
FROM hub h LEFT JOIN streams s ON s.name = $1
"""


@dataclass(slots=True)
class _Known:
    """What is known of one view's guests. ``names``: (name, phone number) by guest."""

    names: dict[int, Name] = field(default_factory=dict)
    read_at: dict[int, int] = field(default_factory=dict)
    """Guest → the version of the stream at which the name was read."""
    newest: int = 0
    """The newest of these versions: a view before it may not be shown with these names."""
    whole_at: int = -1
    """The version of the view at which no name was missing."""


class GuestNames:
    """Names and phone numbers of the guests on each view that this process has shown."""

    def __init__(self, views: ViewCache) -> None:
        self._views = views
        self._known: WeakKeyDictionary[DayView, _Known] = WeakKeyDictionary()

    def forget(self) -> None:
        self._known.clear()

    def of(self, day_view: DayView) -> Mapping[int, Name]:
        """The names for a view that :meth:`is_loaded`."""
        return self._of(day_view).names

    def is_loaded(self, day_view: DayView) -> bool:
        """Whether all names are in memory as they were at the view's version."""
        known = self._of(day_view)
        return known.newest <= day_view.version and not self._missing(day_view, known)

    async def load(self, cached: CachedView) -> None:
        """Learn the names of all guests on a view; when it returns they are known. Raises HubError.

        A guest whom the database does not know is UNKNOWN, and not asked for again.
        """
        for _ in range(ATTEMPTS):
            day_view = cached.day_view
            known = self._of(day_view)
            missing = self._missing(day_view, known)
            if missing:
                await self._read(cached, known, missing)
            if known.newest > cached.version:
                await self._views.get(cached.stream, at_least=known.newest)
            if self.is_loaded(cached.day_view):
                return
        raise Unavailable()  # others came each time while we read, or it is held no more

    def _of(self, day_view: DayView) -> _Known:
        known = self._known.get(day_view)
        if known is None:
            known = self._known[day_view] = _Known()
        return known

    def _missing(self, day_view: DayView, known: _Known) -> set[int]:
        if known.whole_at == day_view.version:
            return set()
        read_at, renamed = known.read_at, day_view.renamed
        missing = {
            guest
            for entry in day_view.entries.values()
            if read_at.get(guest := entry.guest_id, -1) < renamed.get(guest, 0)
        }
        if not missing:
            known.whole_at = day_view.version
        return missing

    async def _read(self, cached: CachedView, known: _Known, guests: set[int]) -> None:
        [row] = await database.fetch(READ, cached.stream, sorted(guests))
        if row["epoch"] != cached.epoch:
            raise Unavailable()  # the next look at the database finds it
        version, found = row["version"], orjson.loads(row["names"])
        for guest in guests:
            if known.read_at.get(guest, -1) <= version:
                known.read_at[guest] = version
                known.names[guest] = tuple(found.get(str(guest), UNKNOWN))
        known.newest = max(known.newest, version)
