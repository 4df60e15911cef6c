"""What a channel shows: one object for each kind, which reads its state and builds the data of its frames.

A kind that is new gets an object here, or in a file of its own, and a row in hub.live.channels; the broadcaster knows
none of them by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

from hub.domain.calendar import local_text
from hub.live.channels import Channel
from hub.live.resume import chain, read_missed
from hub.views.cache import ViewCache
from hub.views.cached_view import CachedView, Step
from hub.views.context import Context
from hub.views.guest_names import GuestNames


class Source(Protocol):
    """The state that a channel shows, at one version of its stream. ``watchers``: the sessions that are subscribed."""

    stream: str
    watchers: int

    @property
    def version(self) -> int: ...


class Projection(Protocol):
    """A kind of channels. What may fail raises HubError."""

    async def read(self, channel: Channel, *, at_least: int) -> Source:
        """The channel's state, at version ``at_least`` if that exists."""

    def keeps(self, source: Source) -> bool:
        """Whether this state is still kept current; one that was let go is not."""

    async def read_missed(self, source: Source, after: int) -> list[Step]:
        """The changes after a version that memory does not reach back to."""

    def chain(self, read: Iterable[Step], source: Source, after: int, until: int) -> list[Step] | None:
        """One step for each version after ``after`` up to ``until``; None where it can't be continued."""

    def is_ready(self, source: Source) -> bool:
        """Whether all that it shows is in memory."""

    async def prepare(self, source: Source) -> None:
        """Read what is missing; when it returns the state is ready."""

    def snapshot(self, source: Source) -> dict[str, Any]: ...

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        """Absolute values of what these steps changed; {} when nothing of it shows."""

    def is_verified(self, source: Source, at: datetime) -> bool:
        """Whether it was equal to the database at ``at`` or later."""

    def forget(self) -> None:
        """The database is another one: what was remembered beside the state may not be shown."""


class WithoutHistory:
    """The part of a projection whose state is small: whoever missed something is told the whole of it."""

    async def read_missed(self, source: Source, after: int) -> list[Step]:
        return []

    def chain(self, read: Iterable[Step], source: Source, after: int, until: int) -> list[Step] | None:
        return None

    def is_ready(self, source: Source) -> bool:
        return True

    async def prepare(self, source: Source) -> None: ...


class _OfCachedViews:
    """What the channels have in common that show what hub.views.cache holds."""

    def __init__(self, context: Context, views: ViewCache) -> None:
        self._context = context
        self._views = views

    async def read(self, channel: Channel, *, at_least: int) -> Source:
        return await self._views.get(channel.stream, at_least=at_least)

    def keeps(self, source: Source) -> bool:
        return self._views.holds(cast(CachedView, source))

    async def read_missed(self, source: Source, after: int) -> list[Step]:
        return await read_missed(cast(CachedView, source), after)

    def chain(self, read: Iterable[Step], source: Source, after: int, until: int) -> list[Step] | None:
        return chain(read, cast(CachedView, source), after, until)

    def is_ready(self, source: Source) -> bool:
        return True

    async def prepare(self, source: Source) -> None: ...

    def is_verified(self, source: Source, at: datetime) -> bool:
        return cast(CachedView, source).verified_at >= at

    def forget(self) -> None: ...

    def _render(self, instant: datetime) -> str:
        return local_text(instant, self._context.rules)


def _tables(steps: Iterable[Step]) -> frozenset[int]:
    return frozenset[int]().union(*(step.tables for step in steps))


class Tables(_OfCachedViews):
    """{tables: {id: {name, seats}}}: the floor."""

    def snapshot(self, source: Source) -> dict[str, Any]:
        return cast(CachedView, source).floor_view.project()

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        return cast(CachedView, source).floor_view.project(_tables(steps))


class Availability(_OfCachedViews):
    """{tables: {id: [[start_at, end_at], …]}}: when each table is taken, and nothing of by whom."""

    def snapshot(self, source: Source) -> dict[str, Any]:
        return cast(CachedView, source).day_view.availability(self._render)

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        tables = _tables(steps)
        return cast(CachedView, source).day_view.availability(self._render, tables) if tables else {}


class Floor(_OfCachedViews):
    """{bookings: {id: {…}}}: who comes, with names, which are read when they are first shown."""

    def __init__(self, context: Context, views: ViewCache) -> None:
        super().__init__(context, views)
        self.guest_names = GuestNames(views)

    def is_ready(self, source: Source) -> bool:
        return self.guest_names.is_loaded(cast(CachedView, source).day_view)

    async def prepare(self, source: Source) -> None:
        await self.guest_names.load(cast(CachedView, source))

    def snapshot(self, source: Source) -> dict[str, Any]:
        day_view = cast(CachedView, source).day_view
        return day_view.floor(self._render, self.guest_names.of(day_view))

    def update(self, source: Source, steps: Sequence[Step]) -> dict[str, Any]:
        bookings = frozenset[int]().union(*(step.bookings for step in steps))
        if not bookings:
            return {}
        day_view = cast(CachedView, source).day_view
        return day_view.floor(self._render, self.guest_names.of(day_view), bookings)

    def forget(self) -> None:
        self.guest_names.forget()  # a user's id may be another person's in a restored database
