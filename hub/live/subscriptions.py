"""A channel with those who watch it, as the broadcaster keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from hub.domain.events import database_epoch, position_text
from hub.live.frames import Frame
from hub.live.projections.projection import Channel
from hub.live.sources.source import ChannelState, Source
from hub.views.step import Step


class Socket(Protocol):
    """A session, as its bytes see it."""

    fd: int
    """The socket, while frames may go straight to it; else -1."""
    deflates: bool
    """Whether it took permessage-deflate."""

    def write(self, data: bytes) -> None: ...


class Subscriber(Socket, Protocol):
    """A session, as the broadcaster sees it."""

    name: str
    """16 hexadecimal digits, as ``connected`` says it."""
    subscriptions: dict[str, Subscription]
    lagging: set[Subscription]
    given_bytes: int
    """Of the frames that were made for it alone, since it looked last."""

    @property
    def session_id(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    def role_at(self, venue_id: int) -> str: ...
    def keep(self, frames: list[bytes]) -> None: ...
    def end(self, name: str, reason: str) -> None: ...
    def take_roles(self) -> None: ...


class Subscription:
    """A channel somebody watches, at the version that its watchers were last told."""

    def __init__(self, channel: Channel, source: Source, state: ChannelState) -> None:
        self.channel = channel
        self.source = source
        self.state = state
        self.streams = source.streams(state)
        """Those by whose changes it may have news."""
        self.epoch = state.epoch
        self.version = state.version
        self.subscribers: set[Subscriber] = set()
        self.watchers = 0
        """Sessions that are subscribed: the subscribers, and those that are suspended because they are slow."""
        self.steps: list[Step] = []
        """Changes of the state that no frame tells yet."""
        self.snapshot: tuple[str, Frame] | None = None
        self.loading: asyncio.Task[None] | None = None
        self.behind: dict[Subscriber, str] = {}
        """Those who are to be told anew as soon as it is ready, and why."""
        self.catching_up: asyncio.Task[None] | None = None

    @property
    def position(self) -> str:
        """Where those who watch are."""
        return position_text(self.epoch, self.version)

    @property
    def cut_off_by(self) -> str | None:
        """Why what its watchers hold can't be continued, as resync says it: the state is of another epoch."""
        if self.epoch == self.state.epoch:
            return None
        return "rules" if database_epoch(self.epoch) == database_epoch(self.state.epoch) else "epoch"

    @property
    def has_news(self) -> bool:
        """Whether its watchers are to be told something."""
        return bool(self.steps) or self.cut_off_by is not None

    @property
    def is_ready(self) -> bool:
        """Whether all that it shows is in memory."""
        return self.source.is_ready(self.state)

    def begin_anew(self) -> None:
        """The state was loaded anew, and is all that is to be told."""
        self.steps.clear()
        self.snapshot = None
        self.epoch, self.version = self.state.epoch, self.state.version

    async def prepare(self) -> None:
        """Read what is missing of that. Raises HubError."""
        await self.source.prepare(self.state)

    def is_verified(self, at: datetime) -> bool:
        """Whether what it shows was equal to the database at ``at`` or later."""
        return self.state.verified_at >= at

    def snapshot_data(self) -> dict[str, Any]:
        return self.channel.projection.snapshot(self.state.view, self.source.rendering(self.state))

    def update_data(self, steps: Sequence[Step]) -> dict[str, Any]:
        return self.channel.projection.update(self.state.view, steps, self.source.rendering(self.state))
