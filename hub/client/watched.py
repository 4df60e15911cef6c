"""What a LiveClient keeps of one channel, and what it shows of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from hub.client.mirror import Mirror

Freshness = Literal["live", "stale"]


class LiveRefused(Exception):
    """A channel was refused; ``code`` is the protocol's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class State:
    """One committed state of a channel, and how far it could be trusted when it was handed out.

    ``live``: it was at most ``stale_after_ms`` old. ``stale``: it may be older, or nobody knows.
    """

    channel: str
    position: str
    at: str
    data: dict[str, Any]
    fresh: Freshness
    age: float | None
    """Seconds since it was surely current; never too small. None: not known."""

    stale_since: datetime | None
    """When it was surely current last, in UTC; None where it is live, or where that is not known."""


class Watched:
    """One channel that somebody watches."""

    def __init__(self, channel: str) -> None:
        self.mirror = Mirror(channel)
        self.users = 0
        self.asked: int | None = None
        """The id of the question that is not answered yet."""
        self.again_at: float | None = None
        """When to ask again, by the loop's clock, after a refusal for now."""
        self.tries = 0
        """Refusals for now, in a row."""
        self.settled_at = 0.0
        """When it last held all that was promised to it, by the loop's clock."""
        self.live = False
        self.current_at: float | None = None
        """When what is held was surely current last: milliseconds since 1970 by the client's clock."""
        self.refused: LiveRefused | None = None
        self.count = 0
        self._news = asyncio.Event()

    @property
    def pending(self) -> bool:
        """Whether an answer, or what it promised, has still to come."""
        return self.mirror.broken and self.refused is None and self.again_at is None

    @property
    def seen(self) -> tuple[int, bool]:
        """What a watcher compares: another state, or another freshness."""
        return self.count, self.live

    async def news(self) -> None:
        """Wait until it is woken."""
        await self._news.wait()

    def wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def forget_questions(self) -> None:
        """The connection is gone: what was asked on it has no answer."""
        self.asked = self.again_at = None
        self.live = False

    def state(self, wall: float) -> State:
        """What it holds; ``wall``: milliseconds since 1970."""
        mirror, current = self.mirror, self.current_at
        assert mirror.position is not None and mirror.at is not None
        age = None if current is None else max(0.0, wall - current) / 1000
        since = None if current is None or self.live else datetime.fromtimestamp(current / 1000, UTC)
        fresh: Freshness = "live" if self.live else "stale"
        # A state is the watcher's own: what he does to it is not done to ours.
        return State(mirror.channel, mirror.position, mirror.at, _deep(mirror.data), fresh, age, since)


@dataclass(slots=True)
class Shared:
    """What outlives a connection: the token, what is watched, and what the hub said of roles and venue."""

    token: str | None
    watched: dict[str, Watched] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    venue: dict[str, Any] | None = None


def _deep(value: Any) -> Any:
    """A copy of what JSON can hold; many times quicker than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: _deep(each) for key, each in value.items()}
    return [_deep(each) for each in value] if isinstance(value, list) else value
