"""Service days and the floor as channels show them: the views of hub.views.cache, and the guests' names for them."""

from __future__ import annotations

from typing import cast

from hub.live.projections.projection import Channel, Rendering
from hub.live.sources.source import ChannelState, Source
from hub.views.cache import ViewCache
from hub.views.cached_view import CachedView
from hub.views.context import Context
from hub.views.day_texts import DayTexts


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
    """The same with the names of the guests and the texts, which are read when they are first shown."""

    def __init__(self, context: Context, views: ViewCache) -> None:
        super().__init__(context, views)
        self._texts = DayTexts(views)

    def is_ready(self, state: ChannelState) -> bool:
        return self._texts.is_loaded(state.view)

    async def prepare(self, state: ChannelState) -> None:
        await self._texts.load(cast(CachedView, state))

    def rendering(self, state: ChannelState) -> Rendering:
        return Rendering(self._text(state), self._texts.names_of(state.view), self._texts.texts_of(state.view))

    def forget(self) -> None:
        self._texts.forget()  # a guest's id may be another person's in a restored database
