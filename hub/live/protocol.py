"""The live protocol's core, without I/O: what a client says becomes commands, and each answer is a message. Pure.

A Conversation is one session's side of it: it takes the client's frames with the time at which they came, and gives
back steps for the shell (hub.live.session) to carry out. TABLE says which operation is allowed in which state; a pair
that is missing is the client's fault and ends the session. docs/live-protocol.md is the contract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import orjson

from hub.config import LiveBounds
from hub.live import registry

Id: TypeAlias = int | str | None
State = Literal["new", "checking", "open", "closed"]


@dataclass(frozen=True, slots=True)
class Connect:
    """``token`` is None of a visitor."""

    id: Id
    token: str | None
    since: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Subscribe:
    """``channels`` maps each to the position that the client holds."""

    id: Id
    channels: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    id: Id
    channel: str


@dataclass(frozen=True, slots=True)
class Refresh:
    id: Id
    token: str


@dataclass(frozen=True, slots=True)
class Ping:
    id: Id


Command: TypeAlias = Connect | Subscribe | Unsubscribe | Refresh | Ping


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
    **{("checking", op): "checking" for op in ("subscribe", "unsubscribe", "refresh", "ping")},
    **{("open", op): "open" for op in ("subscribe", "unsubscribe", "refresh", "ping")},
}
"""(state, op) → the state after it. What follows ``connect`` at once is taken, and carried out after it."""

OPS = frozenset(op for _, op in TABLE)
PLAIN_PING = re.compile(rb'\{"op": ?"ping", ?"id": ?(0|[1-9][0-9]{0,14})\}')
"""A ping as clients write it: every client sends one every few seconds, and nothing else while it is idle."""
PLAIN_PONG = b'{"op":"pong","id":%b,"server_time":"%b"}'
"""Its answer, with the id as it came."""
TOKEN_MOST = 4096
"""Characters of a token."""


@dataclass(slots=True)
class ConnectionState:
    """The state of one session: where it stands, how much it may still send, and how long it lasts."""

    bounds: LiveBounds
    begun_at: float = 0.0
    """When the connection was made, in monotonic seconds, as ``now`` is everywhere here."""
    state: State = "new"
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
        return [Send(expiring(max(0, round(left))))]

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
            return [Send(error(_id(message), "rate_limited", "Too many messages.", retry_after_ms=1000))]
        return self._take(message)

    def plain_ping(self, payload: bytes, now: float) -> bytes | None:
        """The id of a ping that needs no more than its answer, and counts as a message; None of anything else, which
        :meth:`receive` must judge."""
        found = PLAIN_PING.fullmatch(payload) if self.state == "open" else None
        if found is None or 0 < self.largest < len(payload) or not self._allow(now):
            return None
        return found[1]

    def control(self, now: float) -> list[Action]:
        """Take a ping or pong of the WebSocket itself: it counts as a message, and is no command."""
        if self.state == "closed" or self._allow(now) or not self._flooding(now):
            return []
        return self._end("too_many", "too many pings")

    @property
    def spent(self) -> bool:
        """Whether it has sent all that it may for now."""
        return 0 <= self._tokens < 1

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
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

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
            return [Send(error(_id(message), "bad_request", "There is no such op."))]
        following = TABLE.get((self.state, op))
        if following is None:
            return self._end("protocol_error", "connect comes first" if self.state == "new" else "connect comes once")
        try:
            command = _command(op, message)
        except ValueError as wrong:
            channel = message.get("channel")
            named = channel if isinstance(channel, str) and len(channel) <= 64 else None
            return [Send(error(_id(message), "bad_request", str(wrong), channel=named))]
        self.state = following
        return [Do(command)]


def _id(message: dict[str, Any]) -> Id:
    """The message's id, or None where it has none that can be repeated."""
    found = message.get("id")
    if isinstance(found, str) and len(found) <= 64:
        return found
    return found if type(found) is int and -(2**53) < found < 2**53 else None


def _command(op: str, message: dict[str, Any]) -> Command:
    """The command of a message. Raises ValueError saying which field is wrong."""
    known = _id(message)
    if known is None:
        raise ValueError("id: an integer or a string of at most 64 characters is needed")
    if op == "ping":
        return Ping(known)
    if op == "connect":
        token = None if message.get("token") is None else _text(message, "token", TOKEN_MOST)
        return Connect(known, token, _channels(message, "since"))
    if op == "refresh":
        return Refresh(known, _text(message, "token", TOKEN_MOST))
    if op == "subscribe" and message.get("channels") is not None:
        if message.get("channel") is not None:
            raise ValueError("channel, channels: one of them is needed, not both")
        channels = _channels(message, "channels")
        if not channels:
            raise ValueError("channels: at least one is needed")
        return Subscribe(known, channels)
    channel = _text(message, "channel", 64)
    if op == "unsubscribe":
        return Unsubscribe(known, channel)
    return Subscribe(known, {channel: _since(message.get("since"))})


def _channels(message: dict[str, Any], name: str) -> dict[str, str | None]:
    """Channels with what is held of each; null is as left out."""
    found = message.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ValueError(f"{name}: an object of channels is needed")
    return {channel: _since(at) for channel, at in found.items()}


def _since(value: Any) -> str | None:
    """A position to resume from; what has another type is as one that can't be read."""
    return value if isinstance(value, str) and len(value) <= 64 else None


def _text(message: dict[str, Any], name: str, most: int) -> str:
    value = message.get(name)
    if not isinstance(value, str) or not value or len(value) > most:
        raise ValueError(f"{name}: a string of 1 to {most} characters is needed")
    return value


# -- messages of the hub


def limits(bounds: LiveBounds) -> dict[str, Any]:
    """What ``connected`` says of the bounds; null is none. Lengths are milliseconds."""
    return {
        "stale_after_ms": registry.STALE_AFTER_MS,
        "silence_ms": registry.SILENCE_MS,
        "ping_every_ms": registry.PING_EVERY_MS,
        "messages_per_second": bounds.messages_per_second or None if bounds.message_burst else None,
        "burst": bounds.message_burst or None if bounds.messages_per_second else None,
        "subscriptions": bounds.subscriptions or None,
        "frame_bytes": bounds.frame_bytes or None,
        "history_versions": registry.HISTORY_VERSIONS,
        "history_ms": registry.HISTORY_MS,
    }


def connected(
    id: Id,
    *,
    session: str,
    roles: dict[str, str],
    expires_in: int | None,
    at: str,
    venue: dict[str, Any],
    bounds: LiveBounds,
) -> dict[str, Any]:
    return {
        "op": "connected",
        "id": id,
        "session": session,
        "protocol": registry.SUBPROTOCOL,
        "roles": roles,
        "expires_in": expires_in,
        "server_time": at,
        "venue": venue,
        "limits": limits(bounds),
    }


def subscribed(id: Id, channel: str, position: str, recovered: bool) -> dict[str, Any]:
    return {"op": "subscribed", "id": id, "channel": channel, "position": position, "recovered": recovered}


def unsubscribed(id: Id, channel: str) -> dict[str, Any]:
    return {"op": "unsubscribed", "id": id, "channel": channel}


def refreshed(id: Id, expires_in: int, roles: dict[str, str]) -> dict[str, Any]:
    return {"op": "refreshed", "id": id, "expires_in": expires_in, "roles": roles}


def roles(roles: dict[str, str]) -> dict[str, Any]:
    return {"op": "roles", "roles": roles}


def pong(id: Id, at: str) -> dict[str, Any]:
    return {"op": "pong", "id": id, "server_time": at}


def snapshot(channel: str, position: str, at: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"op": "snapshot", "channel": channel, "position": position, "at": at, "data": data}


def update(channel: str, previous: str, position: str, at: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"op": "update", "channel": channel, "previous": previous, "position": position, "at": at, "data": data}


def resync(channel: str, reason: str) -> dict[str, Any]:
    return {"op": "resync", "channel": channel, "reason": reason}


def fresh(verified_at: str | None) -> dict[str, Any]:
    return {"op": "fresh", "verified_at": verified_at}


def expiring(seconds: int) -> dict[str, Any]:
    return {"op": "expiring", "in": seconds}


def error(
    id: Id,
    code: str,
    message: str,
    *,
    channel: str | None = None,
    retryable: bool = False,
    retry_after_ms: int | None = None,
) -> dict[str, Any]:
    return {
        "op": "error",
        "id": id,
        **({"channel": channel} if channel is not None else {}),
        "code": code,
        "message": message,
        "retryable": retryable or retry_after_ms is not None,
        "retry_after_ms": retry_after_ms,
    }


def bye(close: str, reason: str) -> dict[str, Any]:
    """``close`` is a key of registry.CLOSES."""
    found = registry.CLOSES[close]
    return {
        "op": "bye",
        "code": found.code,
        "name": found.name,
        "reason": reason,
        "reconnect": found.reconnect,
        "retry_after_ms": [found.low, found.high],
    }
