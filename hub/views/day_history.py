"""A service day as it was at an earlier version: its view is built anew from the day's events, from the first one on.

Nothing of it is kept, since staff alone ask, and rarely. Events are read a page at a time, so other requests have their
turn meanwhile, and no view of more than MOST_EVENTS is built.
"""

from __future__ import annotations

from datetime import datetime

from hub.domain.day import DayView
from hub.domain.events import ApplyResult, day_of
from hub.errors import NotFound, Unavailable
from hub.store import streams
from hub.views.cache import ViewCache

PAGE = 500
MOST_EVENTS = 10_000
NO_SUCH = "There is no such version of this day."
GONE = "The changes that led to this version of the day are not kept any more."
FOREIGN = "A change that led to this version of the day can't be read by this release."
TOO_MANY = f"This version of the day is more than {MOST_EVENTS:,} changes away from its beginning."


async def at_version(views: ViewCache, stream: str, epoch: str | None, version: int) -> tuple[str, DayView]:
    """The database's epoch, and the view as it was at ``version`` of it.

    Raises NotFound where ``epoch`` is another one, and for a version that does not exist yet, whose events are not kept
    or can't be read; Unavailable and Overloaded.
    """
    present, head, _ = await _find(views, stream, None)
    if version > head or epoch not in (None, present):
        raise NotFound(NO_SUCH)
    return present, await build(stream, present, version)


async def at_instant(views: ViewCache, stream: str, at: datetime) -> tuple[str, DayView]:
    """The database's epoch, and the view at the last version that was committed at ``at`` or before.

    Raises as :func:`at_version`.
    """
    present, head, found = await _find(views, stream, at)
    if found < head:
        after = await streams.events_since(stream, found, most=1)
        if not after or after[0].version != found + 1:
            raise NotFound(GONE)  # one that is missing may have been committed before ``at`` too
    return present, await build(stream, present, found)


async def _find(views: ViewCache, stream: str, at: datetime | None) -> tuple[str, int, int]:
    """The epoch, the day's version, and the last one at an instant or before (0: none)."""
    await views.verify()  # a database that was restored or promoted gets its own epoch before anything of it is shown
    return await streams.version_at(stream, at)


async def build(stream: str, epoch: str, version: int) -> DayView:
    """The view at a version that exists. Raises NotFound when it can't be built any more, Unavailable, Overloaded."""
    day = day_of(stream)
    assert day is not None
    if version > MOST_EVENTS:
        raise NotFound(TOO_MANY)
    day_view = DayView(day, 0, {})
    while day_view.version < version:
        events = await streams.events_since(stream, day_view.version, most=min(PAGE, version - day_view.version))
        if not events:
            raise NotFound(GONE)
        for event in events:
            if event.epoch != epoch:
                raise Unavailable()  # the database is another one since a moment ago
            verdict = day_view.apply(event)
            if verdict is not ApplyResult.APPLIED:
                raise NotFound(FOREIGN if verdict is ApplyResult.UNREADABLE else GONE)
    return day_view
