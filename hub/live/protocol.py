"""The live protocol's core, without I/O: what a client sends becomes commands to carry out, or ends its session. Pure.

A ConnectionState is the state of one session: it takes the client's frames with the time at which they came, and gives
back steps for hub.live.session to carry out. TABLE says which operation is allowed in which state; a pair that is
missing is the client's fault and ends the session. Commands are hub.live.client_commands', messages of the hub are
hub.live.messages'; docs/live-protocol.md is the contract.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import orjson

from hub.config import LiveBounds
from hub.live import client_commands, messages, registry
from hub.live.client_commands import Command, id_of

State = Literal["new", "checking", "open", "closed"]


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message."""

    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Do:
    """Carry out this command, after those that came before it."""

    command: Command


@dataclass(frozen=True, slots=True)
class End:
    """Say bye and close; ``name`` is a key of registry.CLOSES."""

    name: str
    reason: str


Action: TypeAlias = Send | Do | End

TABLE: dict[tuple[State, str], State] = {
    ("new", "connect"): "checking",
    **{("checking", op): "checking" for op in registry.CLIENT_OPS[1:]},
    **{("open", op): "open" for op in registry.CLIENT_OPS[1:]},
}
"""(state, op) → the state after it. What follows ``connect`` at once is taken, and carried out after it."""

OPS = frozenset(op for _, op in TABLE)
PLAIN_PING = re.compile(rb'\{"op": ?"ping", ?"id": ?(0|[1-9][0-9]{0,14})\}')
"""A ping as clients write it: every client sends one every few seconds, and nothing else while it is idle."""


@dataclass(slots=True)
class ConnectionState:
    """The state of one session: where it stands, how much it may still send, and how long it lasts."""

    bounds: LiveBounds
    begun_at: float = 0.0
    """When the connection was made, in monotonic seconds, as ``now`` is everywhere here."""
    state: State = "new"
    spent: bool = False
    """Whether it has sent all that it may for now."""
    _tokens: float = -1.0
    _filled_at: float = 0.0
    _flood_since: float | None = None
    _flood_last: float = field(default=0.0)
    _expires_at: float | None = None
    _warned: bool = False

    def accepted(self, expires_at: float | None) -> None:
        """A token was accepted, of a connect or a refresh; it ends at ``expires_at``, in seconds since 1970. A visitor
        has none that could end."""
        if self.state == "checking":
            self.state = "open"
        self._expires_at, self._warned = expires_at, False

    def pass_time(self, now: float, wall: float) -> list[Action]:
        """What time alone brings: a connect that did not come, a token that ends. ``wall``: seconds since 1970."""
        bounds = self.bounds
        if self.state == "closed":
            return []
        if self.state == "new":
            late = 0 < bounds.first_frame_seconds < now - self.begun_at
            return self._end("connect_timeout", "connect did not come in time") if late else []
        if self._expires_at is None:
            return []
        left = self._expires_at - wall
        if left <= -bounds.grace_seconds:
            return self._end("token_expired", "the token has ended")
        if left > bounds.expiring_seconds or self._warned or not bounds.expiring_seconds:
            return []
        self._warned = True
        return [Send(messages.expiring(max(0, round(left))))]

    def due_at(self) -> float:
        """Before when :meth:`pass_time`, which was just asked, brings nothing, in seconds since 1970."""
        if self.state != "open":
            return -math.inf
        if self._expires_at is None:
            return math.inf
        warns = bool(self.bounds.expiring_seconds) and not self._warned
        return self._expires_at + (-self.bounds.expiring_seconds if warns else self.bounds.grace_seconds)

    def closed(self) -> None:
        self.state = "closed"

    def receive(self, payload: bytes, now: float, *, binary: bool = False) -> list[Action]:
        """Take one message of the client at ``now`` (seconds, monotonic)."""
        if self.state == "closed":
            return []
        if binary:
            return self._end("unsupported_data", "text frames only")
        if 0 < self.largest < len(payload):
            return self._end("too_big", f"a frame has at most {self.largest} bytes here")
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return self._end("not_utf8", "the frame is not UTF-8")
        try:
            # Stricter than the standard library's: no NaN, and no lone surrogate, which no answer could repeat.
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            return self._end("protocol_error", "the frame is not JSON")
        if not isinstance(message, dict) or not isinstance(message.get("op"), str):
            return self._end("protocol_error", "the frame is not an object with an op")
        if not self._allow(now):
            if self._flooding(now):
                return self._end("too_many", "too many messages")
            return [Send(messages.error(id_of(message), "rate_limited", "Too many messages.", retry_after_ms=1000))]
        return self._take(message)

    def plain_ping(self, payload: bytes, now: float) -> bytes | None:
        """The id of a ping that needs no more than its answer, and counts as a message; None of anything else, which
        :meth:`receive` must judge."""
        found = PLAIN_PING.fullmatch(payload) if self.state == "open" else None
        if found is None or 0 < self.bounds.frame_bytes < len(payload) or not self._allow(now):
            return None
        return found[1]

    def control(self, now: float) -> list[Action]:
        """Take a ping or pong of the WebSocket itself: it counts as a message, and is no command."""
        if self.state == "closed" or self._allow(now) or not self._flooding(now):
            return []
        return self._end("too_many", "too many pings")

    @property
    def largest(self) -> int:
        """Bytes that the next message may have; 0 is no bound."""
        return self.bounds.first_frame_bytes if self.state == "new" else self.bounds.frame_bytes

    def _end(self, name: str, reason: str) -> list[Action]:
        self.state = "closed"
        return [End(name, reason)]

    def _allow(self, now: float) -> bool:
        bounds = self.bounds
        if not (bounds.messages_per_second and bounds.message_burst):
            return True
        if self._tokens < 0:
            self._tokens, self._filled_at = float(bounds.message_burst), now
        refill = (now - self._filled_at) * bounds.messages_per_second
        self._tokens, self._filled_at = min(float(bounds.message_burst), self._tokens + refill), now
        allowed = self._tokens >= 1
        if allowed:
            self._tokens -= 1
        self.spent = self._tokens < 1
        return allowed

    def _flooding(self, now: float) -> bool:
        """Whether it has gone on refusing for the bound's length; a second of calm ends a flood."""
        if self._flood_since is None or now - self._flood_last > 1:
            self._flood_since = now
        self._flood_last = now
        return 0 < self.bounds.flood_seconds <= now - self._flood_since

    def _take(self, message: dict[str, Any]) -> list[Action]:
        op = message["op"]
        if op not in OPS:
            if self.state == "new":
                return self._end("protocol_error", "connect comes first")
            return [Send(messages.error(id_of(message), "bad_request", "There is no such op."))]
        following = TABLE.get((self.state, op))
        if following is None:
            return self._end("protocol_error", "connect comes first" if self.state == "new" else "connect comes once")
        try:
            command = client_commands.parse(op, message)
        except ValueError as wrong:
            channel = message.get("channel")
            named = channel if isinstance(channel, str) and len(channel) <= 64 else None
            return [Send(messages.error(id_of(message), "bad_request", str(wrong), channel=named))]
        self.state = following
        return [Do(command)]
