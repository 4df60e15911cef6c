"""One connection of a LiveClient: what is sent, what is received, and a task that keeps the times.

What is held is moved on by hub.client.mirror, how old it may be is hub.client.age's to say, and what to do after a
close hub.client.retry's.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from hub.client.age import AgeRule, Clocks
from hub.client.mirror import Took
from hub.client.retry import backoff
from hub.client.watched import LiveRefused, Shared, Watched
from hub.live.registry import PING_EVERY_MS, SILENCE_MS, STALE_AFTER_MS

CONNECT_SECONDS = 10.0
PENDING_SECONDS = 30.0
"""What was promised and never comes would leave a channel waiting for ever on a line that is otherwise well."""
TICK_SECONDS = 0.25
LARGEST = 4 * 2**20
"""Bytes of a frame. The hub's have at most 1 MB; a larger one is refused before it fills the memory."""
log = logging.getLogger(__name__)


class Line(ClientConnection):
    """A connection that knows when bytes came last: on a slow line one frame can take longer than a silence may."""

    received_at = float("-inf")

    def data_received(self, data: bytes) -> None:
        self.received_at = self.loop.time()
        super().data_received(data)


def clocks() -> Clocks:
    return Clocks(time.time() * 1000, time.monotonic() * 1000)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _instant(text: Any) -> float | None:
    """Milliseconds since 1970 of an RFC 3339 text; None of null."""
    return None if text is None else datetime.fromisoformat(text).timestamp() * 1000


class Connection:
    """From its first frame to its end. ``expiring`` is called when the token ends soon."""

    def __init__(self, shared: Shared, expiring: Callable[[], None]) -> None:
        self._shared = shared
        self._expiring = expiring
        self._age = AgeRule()
        self._ids = itertools.count(1)
        self._line: Line | None = None
        self._connect_id = 0
        self._joined_at: float | None = None
        self._pinged_at = float("-inf")
        self._ping_every, self._silence = PING_EVERY_MS / 1000, SILENCE_MS / 1000
        self.offered: str | None = shared.token
        """The token that the hub got last."""
        self.bye: Mapping[str, Any] | None = None
        """What the hub said before it closed; it goes before the close code, which can be lost on the way."""

    def lasted_ms(self) -> float:
        """For how long the hub had let it in; -1: never."""
        return -1 if self._joined_at is None else (_now() - self._joined_at) * 1000

    async def run(self, line: Line) -> None:
        """Talk until the line ends."""
        self._line = line
        line.received_at = _now()
        keeping = asyncio.create_task(self._keep(line), name="live client's time")
        try:
            await self._connect()
            async for text in line:
                try:
                    await self._take(json.loads(text))
                except (ValueError, KeyError, TypeError, AttributeError):
                    log.warning("the client could not read a frame of the hub: %.200s", text)
                    line.transport.abort()
                self.look()
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    # -- time

    async def _keep(self, line: Line) -> None:
        """Ping, ask again, say stale at the moment when it is, and give up a silent line."""
        opened_at = _now()
        try:
            while not self._given_up(line, opened_at):
                await self._mind()
                left = self._age.live_for(clocks()) / 1000
                await asyncio.sleep(min(TICK_SECONDS, left) if left else TICK_SECONDS)
        except Exception:  # a line whose time nobody minds would be shown as live for ever
            log.exception("the connection failed, and the client closes it")
        line.transport.abort()

    async def _mind(self) -> None:
        self.look()
        if self._joined_at is not None:
            if _now() - self._pinged_at >= self._ping_every or self._age.lost_bounds(clocks()):
                await self._ping()
            await self.ask([each for each in self._each() if each.again_at is not None and each.again_at <= _now()])

    def _given_up(self, line: Line, opened_at: float) -> bool:
        now = _now()
        if now - line.received_at > self._silence:
            return True
        if self._joined_at is None:
            return now - opened_at > CONNECT_SECONDS
        for each in self._each():
            each.settled_at = each.settled_at if each.pending else now
        return any(now - each.settled_at > PENDING_SECONDS for each in self._each())

    def _each(self) -> list[Watched]:
        return list(self._shared.watched.values())

    def look(self) -> None:
        """Compare what is held with the clock, and wake whom a change concerns."""
        reading = clocks()
        age = self._age.age(reading) if self._joined_at is not None else None
        for watched in self._shared.watched.values():
            settled = not watched.mirror.broken
            if settled and age is not None:
                watched.current_at = reading.wall - age
            live = settled and age is not None and age <= self._age.stale_after
            if live is not watched.live:
                watched.live = live
                watched.wake()

    # -- what is said

    async def send(self, op: str, *, id: int | None = None, **fields: Any) -> None:
        """Send a message; before `connected` there is none but connect."""
        if self._line is not None and (self._joined_at is not None or op == "connect"):
            with contextlib.suppress(ConnectionClosed):  # the reader sees the end
                await self._line.send(json.dumps({"op": op, "id": id or next(self._ids), **fields}))

    async def _connect(self) -> None:
        self._connect_id = next(self._ids)
        since = {name: watched.mirror.position for name, watched in self._shared.watched.items()}
        for watched in self._each():
            self._note(watched, self._connect_id)
        self.offered = self._shared.token
        token = {} if self.offered is None else {"token": self.offered}
        await self.send("connect", id=self._connect_id, **token, since=since)

    async def ask(self, watched: Sequence[Watched], *, anew: bool = False) -> None:
        """Subscribe (again) to these with what is held, or ``anew`` as if nothing were. Those that come too early are
        asked for after `connected`."""
        if not watched or self._joined_at is None:
            return
        id = next(self._ids)
        for each in watched:
            self._note(each, id)
        held = {each.mirror.channel: None if anew else each.mirror.position for each in watched}
        await self.send("subscribe", id=id, channels=held)

    def _note(self, watched: Watched, id: int) -> None:
        watched.asked, watched.again_at, watched.settled_at = id, None, _now()
        watched.mirror.asked()

    async def refresh(self) -> None:
        """Send the hub a token that was renewed."""
        self.offered = self._shared.token
        await self.send("refresh", token=self.offered)

    async def _ping(self) -> None:
        id = next(self._ids)
        self._pinged_at = _now()
        self._age.ping(id, clocks())
        await self.send("ping", id=id)

    # -- what is received

    async def _take(self, message: dict[str, Any]) -> None:
        match message["op"]:
            case "connected":
                await self._connected(message)
            case "snapshot" | "update" | "resync" | "subscribed":
                await self._take_state(message)
            case "fresh":
                self._age.fresh(_instant(message["verified_at"]))
            case "pong":
                server_time = _instant(message["server_time"])
                if server_time is not None:
                    self._age.pong(message["id"], server_time, clocks())
            case "roles" | "refreshed":
                self._shared.roles = message.get("roles", self._shared.roles)
            case "unsubscribed" if message["id"] is None and message["channel"] in self._shared.watched:
                watched = self._shared.watched[message["channel"]]
                self._refuse(watched, "forbidden", "Your role may not see this channel any more.")
            case "error":
                self._error(message)
            case "expiring":
                self._expiring()
            case "bye":
                self.bye = message

    async def _connected(self, message: dict[str, Any]) -> None:
        self._joined_at = _now()
        limits = message.get("limits", {})
        self._age.stale_after = float(limits.get("stale_after_ms", STALE_AFTER_MS))
        self._silence = limits.get("silence_ms", SILENCE_MS) / 1000
        self._ping_every = limits.get("ping_every_ms", PING_EVERY_MS) / 1000
        roles = message.get("roles", {})
        # Another role may see more of a channel, or less, at the same position.
        anew = self._shared.venue is not None and roles != self._shared.roles
        self._shared.roles, self._shared.venue = roles, message.get("venue")
        await self._ping()
        each_one = list(self._each())
        await self.ask(
            each_one if anew else [each for each in each_one if each.asked is None and each.mirror.broken], anew=anew
        )
        if self._shared.token is not None and self._shared.token != self.offered:
            await self.refresh()

    async def _take_state(self, message: dict[str, Any]) -> None:
        watched = self._shared.watched.get(message["channel"])
        if watched is None:
            return
        if message["op"] == "subscribed":
            if message["id"] != watched.asked:
                return  # it answers a question that was given up
            watched.asked, watched.tries = None, 0
        took = watched.mirror.take(message)
        if took is Took.APPLIED:
            watched.settled_at = _now()  # over a slow line the next one may be due before anybody looks
            watched.count += 1
            self.look()
            watched.wake()
        elif took is Took.ASK_AGAIN and watched.asked is None and watched.again_at is None:
            await self.ask([watched])  # one question a gap: what comes meanwhile may not fit either

    def _error(self, message: dict[str, Any]) -> None:
        id, channel = message["id"], message.get("channel")
        if id == self._connect_id and channel is None and self._joined_at is None:
            # Not let in. What may work later is tried on another connection, so that the pauses grow.
            if not message["retryable"]:
                self.bye = {"code": 4000, "reason": message["message"], "reconnect": False}
            if self._line is not None:
                self._line.transport.abort()
            return
        for name, watched in list(self._shared.watched.items()):
            # A question that was one too many is refused without its channels.
            if watched.refused is None and (name == channel or (channel is None and id == watched.asked)):
                self._refused(watched, message)

    def _refused(self, watched: Watched, message: dict[str, Any]) -> None:
        watched.asked = None
        if not message["retryable"]:
            self._refuse(watched, message["code"], message["message"])
            return
        pause = max(message["retry_after_ms"] or 0, 500, backoff(watched.tries, random.random)) / 1000
        watched.again_at = _now() + pause
        watched.tries += 1
        watched.mirror.asked()  # until then nothing comes of this channel

    def _refuse(self, watched: Watched, code: str, message: str) -> None:
        watched.refused = LiveRefused(code, message)
        watched.wake()
