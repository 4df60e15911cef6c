"""Service days and the floor as channels show them: the views of hub.views.cache, and the guests' names for them."""

from __future__ import annotations

from typing import cast

from hub.live.projections.projection import Channel, Rendering
from hub.live.sources.source import ChannelState, Source
from hub.views.cache import ViewCache
from hub.views.cached_view import CachedView
from hub.views.context import Context
from hub.views.guest_names import GuestNames


class Views(Source):
    """What this process holds of the database."""

    def __init__(self, context: Context, views: ViewCache) -> None:
        self._context = context
        self._views = views

    async def read(self, channel: Channel, *, at_least: int) -> ChannelState:
        return await self._views.get(channel.stream, at_least=at_least)

    def keeps(self, state: ChannelState) -> bool:
        return self._views.holds(cast(CachedView, state))


class NamedViews(Views):
    """The same with the names of the guests, which are read when they are first shown."""

    def __init__(self, context: Context, views: ViewCache) -> None:
        super().__init__(context, views)
        self._guest_names = GuestNames(views)

    def is_ready(self, state: ChannelState) -> bool:
        return self._guest_names.is_loaded(state.view)

    async def prepare(self, state: ChannelState) -> None:
        await self._guest_names.load(cast(CachedView, state))

    def rendering(self, state: ChannelState) -> Rendering:
        return Rendering(self._text(state), self._guest_names.of(state.view))

    def forget(self) -> None:
        self._guest_names.forget()  # a guest's id may be another person's in a restored database
