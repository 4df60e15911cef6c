"""What the hub can say: one function for each message. Pure.

hub.live.asyncapi describes them; docs/live-protocol.md tells what they mean.
"""

from __future__ import annotations

from typing import Any

from hub.config import LiveBounds
from hub.live import registry
from hub.live.client_commands import Id


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


def noted(id: Id, channel: str) -> dict[str, Any]:
    return {"op": "noted", "id": id, "channel": channel}


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
