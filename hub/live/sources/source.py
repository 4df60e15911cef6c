"""A source: where channels get the state that they show. One object for each way to keep states current."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from hub.domain.calendar import local_text
from hub.domain.day import DayView
from hub.domain.events import Event, venue_of
from hub.errors import NotFound
from hub.live.projections.projection import Channel, Rendering
from hub.views.context import Context, VenueContext
from hub.views.step import Step

NO_NAMES: Mapping[int, tuple[str, str | None]] = {}


class ChannelState(Protocol):
    """What a channel shows, at one version of its stream. ``watchers``: the sessions that are subscribed."""

    stream: str
    watchers: int

    @property
    def version(self) -> int: ...

    @property
    def epoch(self) -> str:
        """The database's, that it was read from; with what else decides what is shown, where that is not its stream's
        alone."""

    @property
    def view(self) -> Any:
        """What a projection reads."""

    @property
    def verified_at(self) -> datetime:
        """When it was the database's state last, by this machine's clock read before the database was asked."""

    @property
    def history(self) -> Sequence[Step]:
        """Its last changes, the oldest first; none where they are not remembered."""


class Listener(Protocol):
    """Who is told what sources find: the broadcaster. Neither waits."""

    def changed(self, state: ChannelState, steps: Sequence[Step]) -> None:
        """A state moved on."""

    def replaced(self, state: ChannelState, reason: str) -> None:
        """A state was loaded anew: what its watchers hold can't be continued."""


class Source(Protocol):
    """A way to keep states current. What may fail raises HubError."""

    _context: Context

    def start(self) -> None:
        """Keep what is held current from now on."""
        return

    async def stop(self) -> None:
        return

    async def read(self, channel: Channel, *, at_least: int) -> ChannelState:
        """The channel's state, at version ``at_least`` if that exists."""

    def streams(self, state: ChannelState) -> Collection[str]:
        """The streams whose changes may show on its channels: its own, and those that its epoch tells of."""
        return (state.stream,)

    async def catch_up(self, state: ChannelState) -> None:
        """Somebody holds a position of another epoch: look whether the database has what it names."""
        return

    async def as_it_was(self, channel: Channel, epoch: str, day_view: DayView) -> tuple[str, Any]:
        """What a channel of a service day shows of an earlier version of it: its epoch there, and its view. ``epoch``
        is the database's."""
        return epoch, day_view

    def keeps(self, state: ChannelState) -> bool:
        """Whether this state is still kept current; one that was let go is not."""

    def is_ready(self, state: ChannelState) -> bool:
        """Whether all that is shown of it is in memory."""
        return True

    async def prepare(self, state: ChannelState) -> None:
        """Read what is missing; when it returns the state is ready."""
        return

    def rendering(self, state: ChannelState) -> Rendering:
        """What data are made with beside the view of a state that is ready."""
        return Rendering(self._text(state), NO_NAMES)

    def _text(self, state: ChannelState) -> Callable[[datetime], str]:
        """How instants are written in the state's venue."""
        rules = self.venue(venue_of(state.stream)).rules
        return lambda instant: local_text(instant, rules)

    def venue(self, venue_id: int) -> VenueContext:
        """Raises NotFound for a venue that is open no more."""
        found = self._context.venue(venue_id)
        if found is None:
            raise NotFound("There is no such venue.")
        return found

    def hint(self, events: Iterable[Event]) -> None:
        """Events were committed, here or elsewhere. Never waits."""
        return

    def left(self, channel: Channel, session: str) -> None:
        """A session of this process watches a channel no longer."""
        return

    def views_verified(self) -> None:
        """The views were compared with the database: time to do the same with what is held here."""
        return

    def forget(self) -> None:
        """The database is another one: what was remembered beside the state may not be shown."""
        return
