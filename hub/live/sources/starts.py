"""The starts of service days: views of hub.views.cache put together, the day with the tables and, where bookings reach
over a day's end, the days beside.

Nothing is worked out of a day until somebody asks for its starts, and what was is forgotten when nobody watches them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from hub.domain import starts
from hub.domain.calendar import Slot
from hub.domain.day import DayView
from hub.domain.events import channel_epoch, day_of, days_beside, floor_of, venue_of
from hub.domain.starts import DayStarts, Offer, Served
from hub.errors import Unavailable
from hub.live.projections.projection import Channel
from hub.live.sources.source import ChannelState
from hub.live.sources.views import Views
from hub.views.cache import ViewCache
from hub.views.cached_view import CachedView
from hub.views.context import Context, VenueContext
from hub.views.step import Step


class StartsState:
    """One day's. It moves with the day's view; its epoch is the database's with a digest of all else that decides."""

    def __init__(
        self,
        served: Callable[[CachedView], Served],
        venue: VenueContext,
        day: CachedView,
        floor: CachedView,
        beside: Sequence[CachedView],
    ) -> None:
        self._served = served
        self._venue = venue
        self.stream = day.stream
        self.day, self.floor, self.beside = day, floor, tuple(beside)
        self._watchers = 0
        self._decided_by: tuple[Any, ...] = ()
        """What the offer was made of."""
        self._slots: Mapping[str, Slot] = {}
        self._offer: Offer | None = None
        self._view: DayStarts | None = None

    @property
    def parts(self) -> tuple[CachedView, ...]:
        return self.day, self.floor, *self.beside

    def use(self, day: CachedView, floor: CachedView, beside: Sequence[CachedView]) -> None:
        """Be made of these views from now on: of a part that was let go, the one that was loaded in its place."""
        for part in self.parts:
            part.watchers -= self._watchers
        self.day, self.floor, self.beside = day, floor, tuple(beside)
        for part in self.parts:
            part.watchers += self._watchers

    @property
    def watchers(self) -> int:
        """Who watches the starts watches all that they are made of."""
        return self._watchers

    @watchers.setter
    def watchers(self, count: int) -> None:
        for part in self.parts:
            part.watchers += count - self._watchers
        self._watchers = count

    @property
    def version(self) -> int:
        return self.day.version

    @property
    def epoch(self) -> str:
        return channel_epoch(self.day.epoch, self.offer.digest)

    @property
    def verified_at(self) -> datetime:
        return min(part.verified_at for part in self.parts)

    @property
    def history(self) -> Sequence[Step]:
        return self.day.history

    @property
    def offer(self) -> Offer:
        """Worked out anew when one of the views that it was made of has moved."""
        rules = self._venue.rules
        made_of = (rules, *((part.view, part.version) for part in (self.floor, *self.beside)))
        if self._offer is None or made_of != self._decided_by:
            around = [part.day_view for part in self.beside]
            if self._offer is None or self._decided_by[0] != rules:
                self._slots = starts.slots_of(self.day.day_view.day, rules)
            made = starts.offer(self._slots, self._served(self.floor), around)
            if self._offer is None or made.digest != self._offer.digest or made.beside != self._offer.beside:
                self._offer = made  # else what was worked out of it still holds
            self._decided_by = made_of
        return self._offer

    @property
    def view(self) -> DayStarts:
        offer = self.offer
        if self._view is None or self._view.day_view is not self.day.view or self._view.offer is not offer:
            self._view = DayStarts(self.day.day_view, offer)
        return self._view


class StartsSource(Views):
    """The states of the days that somebody asks for."""

    def __init__(self, context: Context, views: ViewCache) -> None:
        super().__init__(context, views)
        self._states: dict[str, StartsState] = {}
        self._served_by: dict[str, tuple[tuple[Any, ...], Served]] = {}
        """By the stream of a venue's tables: what they serve, and what that was made of. All days share it."""

    def _served(self, floor: CachedView) -> Served:
        rules = self.venue(venue_of(floor.stream)).rules
        made_of = rules, floor.view, floor.version
        known = self._served_by.get(floor.stream)
        if known is None or known[0] != made_of:
            known = self._served_by[floor.stream] = made_of, starts.served(floor.floor_view, rules)
        return known[1]

    async def read(self, channel: Channel, *, at_least: int) -> ChannelState:
        day = await self._views.get(channel.stream, at_least=at_least)
        floor, around = await self._around(channel.stream)
        state = self._states.get(channel.stream)
        if state is None:
            state = StartsState(self._served, self.venue(channel.venue_id), day, floor, around)
            self._states[channel.stream] = state
        else:
            state.use(day, floor, around)
        return state

    async def _around(self, stream: str) -> tuple[CachedView, list[CachedView]]:
        """The views that decide beside the day's."""
        floor = await self._views.get(floor_of(venue_of(stream)))
        names = _beside(stream) if self.venue(venue_of(stream)).reaches_over else ()
        return floor, [await self._views.get(name) for name in names]

    def streams(self, state: ChannelState) -> Collection[str]:
        """Those of the days beside too: bookings may reach over a day's end from one moment to the next."""
        return state.stream, floor_of(venue_of(state.stream)), *_beside(state.stream)

    def keeps(self, state: ChannelState) -> bool:
        made = cast(StartsState, state)
        return self._states.get(state.stream) is made and all(self._views.holds(part) for part in made.parts)

    def is_ready(self, state: ChannelState) -> bool:
        """While the epoch changes its views are loaded anew one after the other, and do not fit together."""
        made = cast(StartsState, state)
        place = self._context.venue(venue_of(state.stream))
        reaches_over = place is not None and place.reaches_over
        return bool(made.beside) is reaches_over and len({part.epoch for part in made.parts}) == 1

    async def prepare(self, state: ChannelState) -> None:
        if self.is_ready(state):
            return
        day = await self._views.get(state.stream)
        cast(StartsState, state).use(day, *await self._around(state.stream))
        if not self.is_ready(state):
            raise Unavailable()  # the epoch has changed again

    async def catch_up(self, state: ChannelState) -> None:
        for part in cast(StartsState, state).parts[1:]:
            await self._views.bring_to_head(part.stream)

    async def as_it_was(self, channel: Channel, epoch: str, day_view: DayView) -> tuple[str, Any]:
        """What would have been free at that version by the tables and rules of now."""
        floor, around = await self._around(channel.stream)
        if any(part.epoch != epoch for part in (floor, *around)):
            raise Unavailable()  # the database is another one since a moment ago
        rules = self.venue(channel.venue_id).rules
        slots = starts.slots_of(day_view.day, rules)
        made = starts.offer(slots, self._served(floor), [part.day_view for part in around])
        return channel_epoch(epoch, made.digest), DayStarts(day_view, made)

    def views_verified(self) -> None:
        for stream in [stream for stream, state in self._states.items() if not state.watchers]:
            del self._states[stream]
        if not self._states:
            self._served_by.clear()


def _beside(stream: str) -> tuple[str, str]:
    return days_beside(venue_of(stream), cast(date, day_of(stream)))
