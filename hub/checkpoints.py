"""How a board is read: from a checkpoint in Redis and the events since it, or else from the rows.

Checkpoints are a cache that may be lost at any time. Redis is never waited for longer than WAIT_SECONDS, and not asked
again for a while after it failed.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub import database, logs
from hub.config import Settings
from hub.domain.board import Board
from hub.domain.event import Event, Heard, day_of
from hub.domain.room import Room

WAIT_SECONDS = 0.1
REST_SECONDS = 2.0
FORM = 1
"""The form of what is saved; another one is another key."""
ONLY_NEWER = """
local held = redis.call('HGET', KEYS[1], 'version')
if held and tonumber(held) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'data', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
log = logs.get("hub.checkpoints")


class Checkpoints:
    """Reads and writes checkpoints; every failure of Redis is a miss."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._ttl = round(settings.cache_ttl.total_seconds())
        self._rest_until = float("-inf")

    def _key(self, epoch: str, stream: str) -> str:
        return f"hub:{epoch}:checkpoint:{FORM}:{stream}"

    def _resting(self) -> bool:
        return asyncio.get_running_loop().time() < self._rest_until

    def _failed(self, error: Exception) -> None:
        if not self._resting():
            log.warning("checkpoints are out of reach", error=type(error).__name__)
        self._rest_until = asyncio.get_running_loop().time() + REST_SECONDS

    async def read(self, epoch: str, stream: str) -> dict[str, Any] | None:
        """What was saved last, or None. Takes at most WAIT_SECONDS."""
        if self._resting():
            return None
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                data = await self._redis.hget(self._key(epoch, stream), "data")
            saved: dict[str, Any] | None = orjson.loads(data) if data else None
            return saved
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            self._failed(error)
            return None

    async def write(self, epoch: str, stream: str, version: int, data: dict[str, Any]) -> None:
        """Save, if nothing as new or newer is there: a slow reader can't put back an old day."""
        if self._resting():
            return
        try:
            async with asyncio.timeout(1.0):
                await self._redis.eval(
                    ONLY_NEWER, 1, self._key(epoch, stream), str(version), orjson.dumps(data), str(self._ttl)
                )
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


async def load(checkpoints: Checkpoints, epoch: str, stream: str) -> tuple[Board | Room, bool]:
    """The board of a stream (the room for ``tables``) as it is committed now, and whether it was read from the rows.

    Raises Unavailable, Overloaded.
    """
    saved = await checkpoints.read(epoch, stream)
    view = _restored(stream, saved) if saved is not None else None
    if view is not None:
        [row] = await database.fetch(SINCE, stream, view.version)
        events = _events(stream, row["events"])
        # A checkpoint above the head is not of this database; one too far behind is not worth continuing.
        reaches = events[-1].version == row["head"] if events else view.version == (row["head"] or 0)
        if reaches and all(view.apply(event) is Heard.APPLIED for event in events):
            return view, False
    if saved is not None:
        await checkpoints.drop(epoch, stream)
    day = day_of(stream)
    if day is None:
        [row] = await database.fetch(ROOM)
        return Room.restore({"version": row["version"], "tables": orjson.loads(row["tables"])}), True
    [row] = await database.fetch(DAY, stream, day)
    return Board.restore(day, {"version": row["version"], "entries": orjson.loads(row["entries"])}), True


def _restored(stream: str, saved: dict[str, Any]) -> Board | Room | None:
    """The board of a checkpoint; None when somebody else wrote what is there."""
    day = day_of(stream)
    try:
        return Room.restore(saved) if day is None else Board.restore(day, saved)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning("a checkpoint can't be read", stream=stream, error=type(error).__name__)
        return None


def _events(stream: str, rows: str) -> list[Event]:
    return [
        Event(stream, version, kind, data, datetime.fromisoformat(at)) for version, kind, data, at in orjson.loads(rows)
    ]


SINCE = """
SELECT (SELECT version FROM streams WHERE name = $1) AS head,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(version, kind, data, at) ORDER BY version), '[]')
        FROM (SELECT * FROM events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT 1000) e) AS events
"""
ROOM = """
SELECT coalesce((SELECT version FROM streams WHERE name = 'tables'), 0) AS version,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(id, name, seats)), '[]') FROM tables WHERE retired_at IS NULL)
           AS tables
"""
DAY = """
SELECT coalesce((SELECT version FROM streams WHERE name = $1), 0) AS version,
       (SELECT coalesce(jsonb_object_agg(id::text, hub_entry(
                   id, user_id, table_id, guests, starts_at, ends_at, status, revision)), '{}')
        FROM bookings WHERE service_date = $2 AND status <> 'canceled') AS entries
"""
