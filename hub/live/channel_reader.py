"""Reads a channel's state, ready to be shown, within a bounded time: for a session that subscribes, and for REST."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from hub.errors import Unavailable
from hub.live import resume
from hub.live.projections.projection import Channel
from hub.live.refusals import NotRead
from hub.live.sources.source import ChannelState, Source
from hub.live.subscriptions import Subscription
from hub.views.step import Step

ATTEMPTS = 3
"""How often a view is looked for that is let go in the same moment."""
READ_SECONDS = 3.0
"""How long one who asks for a channel waits for its state. The loading of a view goes on, for whoever asks next."""


class ChannelReader:
    """It changes nothing, and knows nobody who watches."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources

    def source_of(self, channel: Channel) -> Source:
        return self._sources[channel.projection.source]

    async def prepare(
        self,
        channel: Channel,
        since: tuple[str, int] | None,
        after: tuple[str, int] | None = None,
        *,
        within: float = READ_SECONDS,
    ) -> tuple[ChannelState, list[Step]]:
        """The state of a channel, ready to be shown until somebody else's turn; and what was missed after ``since``,
        where memory does not reach back. It is at least as new as ``since`` and ``after``: positions of the present
        epoch of the database. Raises HubError."""
        seen = since or after
        source = self.source_of(channel)
        try:
            async with asyncio.timeout(within):
                for _ in range(ATTEMPTS):
                    # What the client has seen elsewhere may still be on its way to this process.
                    state = await source.read(channel, at_least=seen[1] if seen else 0)
                    if seen and seen[0] != state.epoch:
                        await source.catch_up(state)
                    read = await resume.read_missed(channel, state, since[1]) if since else []
                    await source.prepare(state)
                    if source.keeps(state):
                        return state, read
        except TimeoutError:
            raise NotRead() from None
        raise Unavailable()  # let go each time before anybody watched it, and nobody would keep it current

    async def read(
        self, channel: Channel, *, after: tuple[str, int] | None = None
    ) -> tuple[str, Callable[[], dict[str, Any]]]:
        """A channel's position, at ``after`` or later if that exists, and what makes its data at that position before
        anything else is awaited. Raises HubError when it can't be read or verified at the moment."""
        state, _ = await self.prepare(channel, None, after)
        unwatched = Subscription(channel, self.source_of(channel), state)
        return unwatched.position, unwatched.snapshot_data
