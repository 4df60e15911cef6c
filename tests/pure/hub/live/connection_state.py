"""What tests of a connection's state share: frames as a client says them, and a connection in any state."""

from __future__ import annotations

import json
from typing import Any

from hub.config import LiveBounds
from hub.live.protocol import Action, ConnectionState, Send, State

BOUNDS = LiveBounds()
EXPIRES_AT = 10_000.0
"""When the token of these connections ends, by the wall clock."""
CONNECT = {"op": "connect", "id": 1, "token": "t"}
PING = {"op": "ping", "id": "p"}
VALID: dict[str, dict[str, Any]] = {
    "connect": CONNECT,
    "subscribe": {"op": "subscribe", "id": 2, "channel": "tables"},
    "unsubscribe": {"op": "unsubscribe", "id": 3, "channel": "tables"},
    "refresh": {"op": "refresh", "id": 4, "token": "t"},
    "ping": PING,
    "presence": {"op": "presence", "id": 6, "channel": "presence:2026-11-24", "data": {"card": 7}},
}


def frame(message: Any) -> bytes:
    return json.dumps(message).encode()


def connection(state: State = "new", bounds: LiveBounds = BOUNDS) -> ConnectionState:
    """A connection that has come to ``state`` as a client's does."""
    made = ConnectionState(bounds)
    if state in ("checking", "open"):
        made.receive(frame(CONNECT), 0.0)
    if state == "open":
        made.accepted(EXPIRES_AT)
    if state == "closed":
        made.closed()
    assert made.state == state
    return made


def one(steps: list[Action]) -> Action:
    [step] = steps
    return step


def refused(steps: list[Action]) -> dict[str, Any]:
    """The error that is the one answer."""
    step = one(steps)
    assert isinstance(step, Send)
    assert step.message["op"] == "error"
    return step.message
