"""Every name and number of the live protocol, once: ops, close codes, error codes, reasons of resync. Pure.

The types, the AsyncAPI document and the tables of docs/live-protocol.md follow from it, or are compared with it by a
test. It needs the standard library alone: the client imports it too.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

SUBPROTOCOL = "booking.v1.json"
Advice: TypeAlias = Literal["stop", "reconnect", "login", "renew"]

STALE_AFTER_MS = 5000
"""An age beyond which a client may not call what it holds live."""
SILENCE_MS = 15000
"""After so much silence a client gives the line up."""
PING_EVERY_MS = 5000
"""How often a client asks for the hub's clock."""
LARGEST_FRAME = 1_000_000
"""No frame of the hub has more bytes than this."""
HISTORY_VERSIONS = 200
"""From how many versions back a client can resume."""
HISTORY_MS = 600_000
"""How old the oldest event may be that it missed."""


class Close(NamedTuple):
    """A close that the hub decides. ``low`` to ``high``: after how many milliseconds to come back."""

    code: int
    name: str
    advice: Advice
    low: int
    high: int
    why: str

    @property
    def reconnect(self) -> bool:
        return self.advice in ("reconnect", "renew")


def _close(code: int, name: str, advice: Advice, low: int, high: int, why: str) -> Close:
    return Close(code, name, advice, low, high, why)


CLOSES: dict[str, Close] = {
    "frame_error": _close(1002, "protocol_error", "stop", 0, 0, "a frame that breaks RFC 6455"),
    "unsupported_data": _close(1003, "unsupported_data", "stop", 0, 0, "a binary frame"),
    "not_utf8": _close(1007, "not_utf8", "stop", 0, 0, "a text frame that is not UTF-8"),
    "too_big": _close(1009, "too_big", "stop", 0, 0, "a frame that is too large"),
    "internal": _close(1011, "internal", "reconnect", 1000, 5000, "a fault of the hub"),
    "restart": _close(1012, "restart", "reconnect", 0, 3000, "the hub restarts"),
    "overloaded": _close(
        1013, "overloaded", "reconnect", 2000, 10000, "too many visitors, or too many sockets that did not connect"
    ),
    "protocol_error": _close(
        4000,
        "protocol_error",
        "stop",
        0,
        0,
        "not JSON, not an object, no op, a command before connect, a second connect after connected",
    ),
    "unauthenticated": _close(4001, "unauthenticated", "login", 0, 0, "the token is not accepted"),
    "connect_timeout": _close(4002, "connect_timeout", "reconnect", 500, 5000, "no connect came in time"),
    "revoked": _close(4003, "revoked", "login", 0, 0, "logged out, here or elsewhere"),
    "too_many": _close(
        4100, "too_many", "reconnect", 5000, 20000, "too many sessions of this user or address, or too many frames"
    ),
    "slow_consumer": _close(4101, "slow_consumer", "reconnect", 1000, 10000, "nothing was read for too long"),
    "token_expired": _close(4200, "token_expired", "renew", 0, 0, "the token has ended"),
}
"""By a name of its own: two codes are called protocol_error on the wire."""

ADVICE: dict[Advice, str] = {
    "stop": "stop, and say so: the program is at fault",
    "reconnect": "connect again within retry_after_ms",
    "login": "log in again; not with this token",
    "renew": "POST /auth/refresh, then connect again at once",
}


class Refusal(NamedTuple):
    """An error that a command may get; the session lives."""

    why: str
    what_to_do: str


ERRORS: dict[str, Refusal] = {
    "bad_request": Refusal("no such op; a field is missing or wrong (`message` says which)", "mend the client"),
    "unknown_channel": Refusal("no such channel, or a day out of range", "do not ask again"),
    "forbidden": Refusal(
        "your role may not see it; the token is another user's", "do not ask again with this role or token"
    ),
    "too_many_subscriptions": Refusal("as many channels as `limits` allow are watched", "unsubscribe one"),
    "rate_limited": Refusal("too many frames; this one was not carried out", "send it again after `retry_after_ms`"),
    "auth_error": Refusal("`refresh`: the token is no good", "POST /auth/refresh, or log in"),
    "unavailable": Refusal("the hub can't read or verify the channel now", "subscribe again after `retry_after_ms`"),
    "overloaded": Refusal("the hub has too much to do", "send it again after `retry_after_ms`"),
    "internal": Refusal("a fault of the hub", "do not ask again on this connection"),
}

RESYNCS: dict[str, str] = {
    "epoch": "the database was restored, or another one took its place",
    "gap": "the hub itself missed something",
    "rules": "other tables or other rules decide now what the channel shows",
    "slow": "you read too slowly, and what waited for you was dropped",
    "role": "you have another role, which sees more of the channel or less",
}

CLIENT_OPS = ("connect", "subscribe", "unsubscribe", "refresh", "ping", "presence")
HUB_OPS = (
    "connected", "subscribed", "unsubscribed", "refreshed", "pong", "noted",
    "snapshot", "update", "resync", "fresh", "roles", "expiring", "error", "bye",
)  # fmt: skip
