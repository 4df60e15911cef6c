"""Names and texts of a day: who dines and what notes there are about them, what was written of bookings and blocks,
which of the staff holds a table.

Events and views hold ids, times and codes only, so these are read when they are first shown. They belong to a view's
version as all else does: a change of one is an event (hub.commands.guest_names; the kind ``noted``). They are read
together with the version of the stream, and a view that is behind it is brought there before they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from hub.domain.day import DayView
from hub.domain.shown import UNTOLD, Texts
from hub.errors import Unavailable
from hub.store import days
from hub.store.days import ReadTexts
from hub.views.cache import ViewCache
from hub.views.cached_view import CachedView

Name = tuple[str, str | None]
UNKNOWN: Name = ("?", None)
ATTEMPTS = 10
"""How often it reads again because new guests came meanwhile, or names changed."""
Key = tuple[str, int]
"""What is read: ("guest", id), ("booking", id), ("block", id) or ("hold", id)."""
KINDS = ("guest", "booking", "block", "hold")


@dataclass(slots=True)
class _Known:
    """What is known of one view. ``names``: (name, phone number) by guest."""

    names: dict[int, Name] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)
    read_at: dict[Key, int] = field(default_factory=dict)
    """The version of the stream at which each was read."""
    newest: int = 0
    """The newest of these versions: a view before it may not be shown with these texts."""
    whole_at: int = -1
    """The version of the view at which nothing was missing."""


class DayTexts:
    """Names and texts of each view that this process has shown."""

    def __init__(self, views: ViewCache) -> None:
        self._views = views
        self._known: WeakKeyDictionary[DayView, _Known] = WeakKeyDictionary()

    def forget(self) -> None:
        self._known.clear()

    def names_of(self, day_view: DayView) -> Mapping[int, Name]:
        """The names for a view that :meth:`is_loaded`."""
        return self._of(day_view).names

    def texts_of(self, day_view: DayView) -> Texts:
        """The texts for a view that :meth:`is_loaded`."""
        return self._of(day_view).texts

    def is_loaded(self, day_view: DayView) -> bool:
        """Whether all names and texts are in memory as they were at the view's version."""
        known = self._of(day_view)
        return known.newest <= day_view.version and not self._missing(day_view, known)

    async def load(self, cached: CachedView) -> None:
        """Learn all names and texts of a view; when it returns they are known. Raises HubError.

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

    def _missing(self, day_view: DayView, known: _Known) -> set[Key]:
        if known.whole_at == day_view.version:
            return set()
        missing = {key for key, changed_at in _shown(day_view) if known.read_at.get(key, -1) < changed_at}
        if not missing:
            known.whole_at = day_view.version
        return missing

    async def _read(self, cached: CachedView, known: _Known, keys: set[Key]) -> None:
        found = await days.texts(cached.venue_id, cached.day_view.day, _ids(keys))
        if found.epoch != cached.epoch:
            raise Unavailable()  # the next look at the database finds it
        version = found.version
        wanted = {key for key in keys if known.read_at.get(key, -1) <= version}
        _take(found, wanted, known.names, known.texts)
        known.read_at |= dict.fromkeys(wanted, version)
        known.newest = max(known.newest, version)


async def read_once(venue_id: int, day_view: DayView) -> tuple[Mapping[int, Name], Texts]:
    """The present names and texts of a view that is not kept: events hold none. Raises HubErrors."""
    keys = {key for key, _ in _shown(day_view)}
    known = _Known()
    _take(await days.texts(venue_id, day_view.day, _ids(keys)), keys, known.names, known.texts)
    return known.names, known.texts


def _shown(day_view: DayView) -> Iterator[tuple[Key, int]]:
    """What is needed to show a view, each with the version of it at which it changed last."""
    renamed, noted = day_view.renamed, day_view.noted
    for booking, entry in day_view.entries.items():
        yield ("guest", entry.guest_id), renamed.get(entry.guest_id, 0)
        yield ("booking", booking), noted.get(booking, 0)
    for wait in day_view.waitlist.values():
        yield ("guest", wait.guest_id), renamed.get(wait.guest_id, 0)
    for block in day_view.blocks:
        yield ("block", block), 0
    for hold in day_view.holds:
        yield ("hold", hold), 0


def _ids(keys: set[Key]) -> list[list[int]]:
    return [sorted(id for kind, id in keys if kind == wanted) for wanted in KINDS]


def _take(found: ReadTexts, keys: set[Key], names: dict[int, Name], texts: Texts) -> None:
    """Note what was read of ``keys``."""
    for kind, id in keys:
        if kind == "guest":
            names[id] = found.names.get(id, UNKNOWN)
            texts.guest_notes[id] = found.texts.guest_notes.get(id, ())
        elif kind == "booking":
            texts.bookings[id] = found.texts.bookings.get(id, UNTOLD)
        elif kind == "block":
            texts.blocks[id] = found.texts.blocks.get(id, "")
        else:
            texts.holds[id] = found.texts.holds.get(id)
