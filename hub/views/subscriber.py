"""Events in, over Redis pub/sub: supervised, with a heartbeat of its own, and it says when something may be missing.

redis-py resubscribes silently and never notices a half-open link; so the connection is made here, watched here,
and after every (re)subscription the views are asked to verify themselves at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from itertools import count
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub import logs
from hub.domain.events import Event
from hub.metrics import Metrics
from hub.store import streams
from hub.views import publisher
from hub.views.context import Context
from hub.views.signing import Signer

BEAT_SECONDS = 1.0
MISSED_BEATS = 3
RETRY_SECONDS = 0.5
CANCEL_SECONDS = 0.2
AT_ONCE = 64  # messages in one turn of the loop: about two milliseconds
log = logs.get("hub.views.subscriber")


class EventSubscriber:
    """One connection a process, subscribed to the channels of all venues, and to a private one for the heartbeat.

    Also to those of venues of which nothing is held yet: the first to ask for one would have to wait for Redis, or
    miss an event. An event that nobody needs costs some microseconds.
    """

    def __init__(
        self,
        redis: Redis,
        context: Context,
        metrics: Metrics,
        signer: Signer,
        *,
        on_events: Callable[[list[Event]], None],
        on_missed: Callable[[], None],
    ) -> None:
        self._redis = redis
        self._context = context
        self._metrics = metrics
        self._signer = signer
        self._on_events = on_events
        self._on_missed = on_missed
        self._private = f"hub:beat:{secrets.token_hex(8)}"
        self._task: asyncio.Task[Any] | None = None
        self.subscribed = asyncio.Event()
        """Set while Redis has confirmed the subscription."""
        self._down = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="event subscriber")

    async def stop(self) -> None:
        task, self._task = self._task, None
        while task is not None and not task.done():
            task.cancel()
            # A cancellation is lost when it meets the end of a time limit within the library (seen while it connects).
            await asyncio.wait([task], timeout=CANCEL_SECONDS)

    def restart(self) -> None:
        """Subscribe anew: the epoch, and with it the channels, changed."""
        if self._task is not None:
            self._task.cancel()
            self.subscribed.clear()
            self.start()

    async def confirmed(self, within: float) -> bool:
        """Wait until Redis has confirmed the subscription, at most ``within`` seconds; whether it has."""
        if not self.subscribed.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self.subscribed.wait()
        return self.subscribed.is_set()

    async def _run(self) -> None:
        while self._is_current():
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                if not self._down:
                    log.warning("events from Redis do not arrive", error=type(error).__name__)
                    self._metrics.subscriber_disconnects.inc()
                self._down = True
            except Exception:  # a fault of ours: the verification covers what is missed until we listen again
                log.exception("the subscription in Redis failed")
            finally:
                if self._is_current() or self._task is None:  # else a new one may have subscribed already
                    self.subscribed.clear()
                    self._metrics.redis_up.set(0)
            await asyncio.sleep(RETRY_SECONDS)

    def _is_current(self) -> bool:
        """Whether this task is the one that listens: not one that was cancelled and did not end."""
        return self._task is asyncio.current_task()

    async def _listen(self) -> None:
        """Follow one connection until it fails or its heartbeat stays away."""
        loop = asyncio.get_running_loop()
        names = [*publisher.channels(self._context.epoch), self._private]
        confirmed: set[bytes] = set()
        pubsub = self._redis.pubsub()
        try:
            await pubsub.subscribe(*names)
            beaten, beat_at = loop.time(), 0.0
            for number in count(1):
                if not self._is_current():
                    return
                now = loop.time()
                if now - beaten > BEAT_SECONDS * MISSED_BEATS:
                    raise TimeoutError("no heartbeat")
                if now >= beat_at:
                    beat_at = now + BEAT_SECONDS
                    await self._redis.publish(self._private, b"")
                message = await pubsub.get_message(timeout=max(0.01, beat_at - loop.time()))
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    if message["channel"] in confirmed:
                        # A confirmation more than we asked for: the library reconnected by itself.
                        confirmed.clear()
                        self._metrics.subscriber_disconnects.inc()
                    confirmed.add(message["channel"])
                    if len(confirmed) == len(names):
                        # What was published before this moment may have passed us by.
                        self._ready()
                elif message["channel"] == self._private.encode():
                    beaten = loop.time()
                    self._metrics.heartbeats.observe(beaten - (beat_at - BEAT_SECONDS))
                elif message["type"] == "message":
                    self._take(message["channel"], message["data"])
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)  # a message that has arrived already is returned without suspending
        finally:
            with contextlib.suppress(RedisError, OSError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    def _ready(self) -> None:
        self.subscribed.set()
        self._metrics.redis_up.set(1)
        if self._down:
            log.info("events from Redis arrive again")
        self._down = False
        self._on_missed()

    def _take(self, name: bytes, payload: bytes) -> None:
        if payload.startswith(self._context.publisher_id):
            return  # our own: applied at its commit
        if len(payload) == len(self._context.publisher_id):
            return  # without an event: another process tried whether Redis takes any
        content = self._signer.open("event", name, payload[len(self._context.publisher_id) :])
        if content is None:
            return
        try:
            event = streams.parse(content)
        except (ValueError, KeyError, TypeError) as error:
            # It is ours, of another release: the next freshness check finds what it changed.
            log.warning(
                "an event of another release can't be read; its view is verified against the database",
                error=type(error).__name__,
            )
            self._on_missed()
            return
        self._on_events([event])
