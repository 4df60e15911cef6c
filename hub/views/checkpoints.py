"""How a view is read: from a checkpoint in Redis and the events since it, or else from the rows.

Checkpoints are a cache that may be lost or overwritten at any time: what does not carry this installation's mark
(hub.views.signing) is a miss. Redis is never waited for longer than WAIT_SECONDS, and not asked again for a while after
it failed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub import logs
from hub.config import Settings
from hub.domain.day import DayView
from hub.domain.events import ApplyResult, day_of, venue_of
from hub.domain.floor import FloorView
from hub.store import days, floors, streams
from hub.views.signing import Signer

WAIT_SECONDS = 0.1
REST_SECONDS = 2.0
FORM = 5
"""The form of what is saved; another one is another key."""
ONLY_NEWER = """
local held = redis.call('HGET', KEYS[1], 'version')
if held and tonumber(held) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'data', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
log = logs.get("hub.views.checkpoints")


class Checkpoints:
    """Reads and writes checkpoints; every failure of Redis is a miss."""

    def __init__(self, redis: Redis, settings: Settings, signer: Signer) -> None:
        self._redis = redis
        self._signer = signer
        self._ttl = round(settings.cache_ttl.total_seconds())
        self._rest_until = float("-inf")

    def _key(self, epoch: str, stream: str) -> str:
        return f"hub:{epoch}:checkpoint:{FORM}:{stream}"

    def _resting(self) -> bool:
        return asyncio.get_running_loop().time() < self._rest_until

    def _failed(self, error: Exception) -> None:
        if not self._resting():
            log.warning("Redis does not answer: views are loaded without checkpoints", error=type(error).__name__)
        self._rest_until = asyncio.get_running_loop().time() + REST_SECONDS

    async def read(self, epoch: str, stream: str) -> dict[str, Any] | None:
        """What was saved last, or None. Takes at most WAIT_SECONDS."""
        if self._resting():
            return None
        try:
            key = self._key(epoch, stream)
            async with asyncio.timeout(WAIT_SECONDS):
                data: Any = await self._redis.hget(key, "data")
            content = self._signer.open("checkpoint", key.encode(), data) if data else None
            saved: dict[str, Any] | None = orjson.loads(content) if content else None
            return saved
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            self._failed(error)
            return None

    async def write(self, epoch: str, stream: str, version: int, data: dict[str, Any]) -> None:
        """Save, if nothing as new or newer is there: a slow reader can't put back an old day."""
        if self._resting():
            return
        try:
            key = self._key(epoch, stream)
            signed = self._signer.sign(key.encode(), orjson.dumps(data))
            async with asyncio.timeout(1.0):
                await self._redis.eval(ONLY_NEWER, 1, key, str(version), signed, str(self._ttl))
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)

    async def drop(self, epoch: str, stream: str) -> None:
        """Throw away what can't be continued: left there, it would pass for current once the head reaches it."""
        if self._resting():
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._redis.delete(self._key(epoch, stream))
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A view (or the floor) as it is committed in the database of ``epoch``."""

    view: DayView | FloorView
    epoch: str
    from_rows: bool


async def load(checkpoints: Checkpoints | None, epoch: str, stream: str) -> Loaded:
    """The view of a stream (the floor for ``tables``) as it is committed now. The epoch that is found may be another
    one than ``epoch``, of which checkpoints are looked for.

    Raises Unavailable, Overloaded; and whatever a row does that can't be read.
    """
    saved = await checkpoints.read(epoch, stream) if checkpoints is not None else None
    view = _restored(stream, saved) if saved is not None else None
    if view is not None:
        since = await streams.since(stream, view.version)
        events = since.events
        # A checkpoint above the head, or of another event at its version, is not of this database; one too far behind
        # is not worth continuing.
        continues = since.epoch == epoch and since.held == view.head
        reaches = (events[-1].version if events else view.version) == since.version
        if continues and reaches and all(view.apply(event) is ApplyResult.APPLIED for event in events):
            return Loaded(view, epoch, from_rows=False)
    if checkpoints is not None and saved is not None:
        await checkpoints.drop(epoch, stream)
    day, venue_id = day_of(stream), venue_of(stream)
    read, found = await (floors.read(venue_id) if day is None else days.read(venue_id, day))
    return Loaded(read, found, from_rows=True)


def _restored(stream: str, saved: dict[str, Any]) -> DayView | FloorView | None:
    """The view of a checkpoint; None when another release wrote what is there."""
    day = day_of(stream)
    try:
        return FloorView.restore(saved) if day is None else DayView.restore(day, saved)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning(
            "a checkpoint can't be read; the view is loaded from its rows", stream=stream, error=type(error).__name__
        )
        return None
