"""The AsyncAPI 3.0 document of the live channel: every message of both sides, as one table. Pure.

MESSAGES is the table: who says a message, what it is for, and the JSON Schema (draft 7) of its frame. A message that is
new in hub.live.protocol gets a row here. What channels there are, and what they show, is said by their projections. How
a client uses all of it is told by docs/live-protocol.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from hub.config import LiveBounds
from hub.domain.roles import RANK, VISITOR
from hub.live import messages
from hub.live.channels import KINDS
from hub.live.projections.projection import Projection
from hub.live.registry import ADVICE, CLOSES, ERRORS, RESYNCS, SUBPROTOCOL
from hub.live.schemas import (
    COUNT,
    DATE,
    FROM_ONE,
    ID,
    INSTANT,
    POSITION_REF,
    SHARED,
    TEXT,
    TOKEN,
    Schema,
    or_null,
    pair,
    record,
    ref,
)

SECURITY = "The access token of the REST API (a JWT), as `token` of the first frame: connect. A visitor sends none."
TITLE = "Booking hub: the live channel"
DESCRIPTION = (
    "What can be booked and who comes, as it changes: a WebSocket whose text frames are JSON objects, told apart by "
    "`op`. A client that follows the rules of docs/live-protocol.md holds one committed state of each channel, knows "
    "which, and is never silently stale."
)

HANDSHAKE: Schema = {
    "type": "object",
    "properties": {
        "Sec-WebSocket-Protocol": {"type": "string", "enum": [SUBPROTOCOL]},
        "Origin": {"type": "string", "description": "Absent, the hub's own, or one of ALLOWED_ORIGINS."},
    },
}


CHANNELS: Schema = {
    "type": "object",
    "propertyNames": ref("channel"),
    "additionalProperties": or_null(POSITION_REF),
    "description": "Channels with the position that the client holds of each.",
}
ROLES: Schema = {
    "type": "object",
    "additionalProperties": {"enum": [role for role in RANK if role != VISITOR]},
    "description": "The user's role in the venue of this address, and in each of which they are a member, by its "
    "slug; a visitor has none.",
}
SINCE: Schema = {**or_null(POSITION_REF), "description": "What the client holds; null: nothing."}

PREFIX = "([a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?/)?"
"""Of the names of another venue's channels."""

SCHEMAS: dict[str, Schema] = {
    **SHARED,
    "channel": {
        "description": ", ".join(kind.spelling for kind in KINDS.values())
        + ": of the venue of this address. Another venue's has its slug before it: soho/tables.",
        "type": "string",
        "pattern": f"^{PREFIX}({'|'.join(kind.pattern for kind in KINDS.values())})$",
    },
    **{name: schema for kind in KINDS.values() for name, schema in kind.components.items()},
}


def _frame(op: str, fields: Schema, *optional: str) -> Schema:
    return record({"op": {"const": op}, **fields}, *optional)


def _state(op: str, kind: Projection[Any]) -> Schema:
    """The payload of a snapshot or an update of one kind of channel."""
    name: Schema = {"type": "string", "pattern": f"^{PREFIX}{kind.pattern}$"}
    moment = {"position": POSITION_REF, "at": INSTANT}
    if op == "snapshot":
        return _frame(op, {"channel": name, **moment, "data": kind.data})
    data = {**kind.changes, "description": "What changed, as it is now; {} when nothing of it shows on this channel."}
    return _frame(op, {"channel": name, "previous": POSITION_REF, **moment, "data": data})


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who says it, what it means, its payload; of a client's, also the ops of what may answer it."""

    by: Literal["client", "hub"]
    summary: str
    payload: Schema
    answers: tuple[str, ...] = ()


def _client(op: str, summary: str, fields: Schema, *optional: str, answers: tuple[str, ...]) -> Message:
    return Message("client", summary, _frame(op, {"id": ID, **fields}, *optional), (*answers, "error"))


def _hub(op: str, summary: str, fields: Schema, *optional: str) -> Message:
    return Message("hub", summary, _frame(op, fields, *optional))


_STATE = ("subscribed", "snapshot", "update", "fresh")

MESSAGES: dict[str, Message] = {
    "connect": _client(
        "connect",
        "The first frame: who it is, and what it watches and holds. Without a token: a visitor.",
        {
            "token": or_null(TOKEN),
            "client": {"type": "object", "description": "Name and version of the program, as it likes."},
            "since": or_null(CHANNELS),
        },
        "token",
        "client",
        "since",
        answers=("connected", *_STATE),
    ),
    "subscribe": _client(
        "subscribe",
        "Watch a channel, or several, or ask again with what is held: channel (and since), or channels.",
        {"channel": ref("channel"), "since": SINCE, "channels": {**CHANNELS, "minProperties": 1}},
        "channel",
        "since",
        "channels",
        answers=_STATE,
    ),
    "unsubscribe": _client(
        "unsubscribe", "Watch a channel no longer.", {"channel": ref("channel")}, answers=("unsubscribed",)
    ),
    "refresh": _client("refresh", "Go on with a new token of the same user.", {"token": TOKEN}, answers=("refreshed",)),
    "ping": _client("ping", "Is anybody there?", {}, answers=("pong",)),
    "presence": _client(
        "presence",
        "Say which booking is open and which is dragged, to those who watch the same presence channel; at most 5 a "
        "second. It is gone when the channel is left.",
        {
            "channel": ref("channel"),
            "data": record({"card": or_null(FROM_ONE), "dragging": or_null(FROM_ONE)}, "card", "dragging"),
        },
        answers=("noted",),
    ),
    "connected": _hub(
        "connected",
        "The token is accepted.",
        {
            "id": ID,
            "session": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "protocol": {"const": SUBPROTOCOL},
            "roles": ROLES,
            "expires_in": {**or_null(COUNT), "description": "Seconds until the token ends; null of a visitor."},
            "server_time": INSTANT,
            "venue": record(
                {
                    "slug": TEXT,
                    "name": TEXT,
                    "zone": TEXT,
                    "service_day": DATE,
                    "day_ends_at": INSTANT,
                }
            ),
            "limits": record({name: or_null(COUNT) for name in messages.limits(LiveBounds())}),
        },
    ),
    "subscribed": _hub(
        "subscribed",
        "The channel is watched. Not recovered: a snapshot follows. Recovered at a later position: one update does.",
        {"id": ID, "channel": ref("channel"), "position": POSITION_REF, "recovered": {"type": "boolean"}},
    ),
    "unsubscribed": _hub(
        "unsubscribed",
        "The channel is not watched any more. Without an id: the role may not see it any more.",
        {"id": or_null(ID), "channel": TEXT},
    ),
    "refreshed": _hub("refreshed", "The new token is accepted.", {"id": ID, "expires_in": COUNT, "roles": ROLES}),
    "roles": _hub("roles", "A role was won or lost; these are the roles now.", {"roles": ROLES}),
    "noted": _hub("noted", "The answer to presence.", {"id": ID, "channel": ref("channel")}),
    "pong": _hub("pong", "The answer to ping.", {"id": ID, "server_time": INSTANT}),
    "snapshot": Message(
        "hub", "The whole state of a channel.", {"oneOf": [_state("snapshot", kind) for kind in KINDS.values()]}
    ),
    "update": Message(
        "hub", "What changed between two positions.", {"oneOf": [_state("update", kind) for kind in KINDS.values()]}
    ),
    "resync": _hub(
        "resync",
        "What is held of the channel can't be continued; a snapshot follows.",
        {"channel": ref("channel"), "reason": {"enum": sorted(RESYNCS)}},
    ),
    "fresh": _hub(
        "fresh",
        "All that was told before it was equal to the database then, by the hub's clock; null: it never was verified.",
        {"verified_at": or_null(INSTANT)},
    ),
    "expiring": _hub("expiring", "The token ends in so many seconds: refresh.", {"in": COUNT}),
    "error": _hub(
        "error",
        "A command was refused; the session lives.",
        {
            "id": or_null(ID),
            "channel": TEXT,
            "code": {"enum": sorted(ERRORS)},
            "message": TEXT,
            "retryable": {"type": "boolean"},
            "retry_after_ms": or_null(COUNT),
        },
        "channel",
    ),
    "bye": _hub(
        "bye",
        "The hub closes with this code.",
        {
            "code": {"enum": sorted(close.code for close in CLOSES.values())},
            "name": {"enum": sorted({close.name for close in CLOSES.values()})},
            "reason": TEXT,
            "reconnect": {"type": "boolean"},
            "retry_after_ms": {**pair(COUNT), "description": "Wait a random time between the two."},
        },
    ),
}


def document() -> dict[str, Any]:
    """The whole document, JSON-ready."""
    channel, secured = {"$ref": "#/channels/live"}, [{"$ref": "#/components/securitySchemes/token"}]

    def said(ops: tuple[str, ...]) -> list[Schema]:
        return [{"$ref": f"#/channels/live/messages/{op}"} for op in ops]

    operations: dict[str, Any] = {
        op: {
            "action": "receive",
            "channel": channel,
            "summary": message.summary,
            "messages": said((op,)),
            "reply": {"channel": channel, "messages": said(message.answers)},
        }
        for op, message in MESSAGES.items()
        if message.by == "client"
    }
    told = ("snapshot", "update", "resync", "fresh", "roles", "unsubscribed", "expiring", "error", "bye")
    summary = "What the hub says by itself, to all who watch or to one."
    operations["tell"] = {"action": "send", "channel": channel, "summary": summary, "messages": said(told)}
    variables = {"host": {"default": "127.0.0.1:8000", "description": "The hub's host and port."}}
    server = {"host": "{host}", "variables": variables, "security": secured}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": TITLE, "version": "1", "description": DESCRIPTION, "license": {"name": "MIT"}},
        "defaultContentType": "application/json",
        "servers": {"plain": {**server, "protocol": "ws"}, "encrypted": {**server, "protocol": "wss"}},
        "channels": {
            "live": {
                "address": "/live",
                "description": f"One socket for everything. Subprotocol: {SUBPROTOCOL}. At /v/SLUG/live it is the "
                "same, and names without a prefix are of that venue's channels.",
                "messages": {op: {"$ref": f"#/components/messages/{op}"} for op in MESSAGES},
                "bindings": {"ws": {"method": "GET", "headers": HANDSHAKE, "bindingVersion": "0.1.0"}},
                "x-subprotocol": SUBPROTOCOL,
                "x-close-codes": [
                    {
                        "code": close.code,
                        "name": close.name,
                        "why": close.why,
                        "advice": close.advice,
                        "reconnect": close.reconnect,
                        "retry_after_ms": [close.low, close.high],
                    }
                    for close in CLOSES.values()
                ],
                "x-advice": ADVICE,
                "x-error-codes": {code: refusal._asdict() for code, refusal in ERRORS.items()},
                "x-resync-reasons": RESYNCS,
            }
        },
        "operations": operations,
        "components": {
            "messages": {
                op: {"name": op, "summary": message.summary, "payload": message.payload}
                for op, message in MESSAGES.items()
            },
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "apiKey", "in": "password", "description": SECURITY}},
        },
    }
