"""A channel with those who watch it, as the broadcaster keeps them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

from hub.live.channels import Channel
from hub.live.frames import Frame
from hub.live.projections import Projection, Source
from hub.views.cached_view import Step


class Socket(Protocol):
    """A session, as its bytes see it."""

    fd: int
    """The socket, while frames may go straight to it; else -1."""
    deflates: bool
    """Whether it took permessage-deflate."""

    def write(self, data: bytes) -> None: ...


class Subscriber(Socket, Protocol):
    """A session, as the broadcaster sees it."""

    subscriptions: dict[str, Subscription]
    lagging: set[Subscription]
    given_bytes: int
    """Of the frames that were owed to it alone, since it looked last."""

    @property
    def session_id(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    @property
    def role(self) -> str: ...
    def keep(self, frames: list[bytes]) -> None: ...
    def end(self, name: str, reason: str) -> None: ...
    def take_role(self, role: str) -> None: ...


class Subscription:
    """A channel somebody watches, at the version that its watchers were last told."""

    def __init__(self, channel: Channel, projection: Projection, source: Source, epoch: str) -> None:
        self.channel = channel
        self.projection = projection
        self.source = source
        self.epoch = epoch
        self.version = source.version
        self.subscribers: set[Subscriber] = set()
        self.watchers = 0
        """Sessions that are subscribed: the subscribers, and those that are suspended because they are slow."""
        self.steps: list[Step] = []
        """Changes of the state that no frame tells yet."""
        self.snapshot: tuple[str, Frame] | None = None
        self.loading: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether all that it shows is in memory."""
        return self.projection.is_ready(self.source)

    def is_verified(self, at: datetime) -> bool:
        return self.projection.is_verified(self.source, at)
