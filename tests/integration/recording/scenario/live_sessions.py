"""Handshakes, refusals, tokens and roles of live sessions, and every end that is had at the usual bounds."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import (
    Ask,
    Capability,
    Open,
    Say,
    Step,
    hear,
    joins,
    quiet,
    registers,
)

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
WRONG: dict[str, Any] = {
    "no such op": {"op": "sing", "id": 10},
    "no id": {"op": "ping"},
    "an id that can't be": {"op": "ping", "id": [1]},
    "a long id": {"op": "ping", "id": "x" * 65},
    "no channel": {"op": "subscribe", "id": 11},
    "a channel that is no text": {"op": "subscribe", "id": 12, "channel": 5},
    "one channel and several": {"op": "subscribe", "id": 13, "channel": "tables", "channels": {"tables": None}},
    "no channels": {"op": "subscribe", "id": 14, "channels": {}},
    "channels in a list": {"op": "subscribe", "id": 15, "channels": ["tables"]},
    "unsubscribe from nothing": {"op": "unsubscribe", "id": 16},
    "refresh without a token": {"op": "refresh", "id": 17},
}
REFUSED = {
    "no such channel": "weather",
    "a channel of no day": "floor:today",
    "a channel of a day too far ahead": "availability:{too_far}",
    "a channel of a day long ago": "availability:{long_ago}",
    "a channel that needs a day": "availability",
    "a channel for hosts": "floor:{day}",
}


def ends(name: str, *frames: Any, who: str | None = None, token_ends_in: int | None = None) -> list[Step]:
    """A socket that the hub closes after the last of these frames."""
    first = [Say(f"{name}: before", name, frame, ["connected"], who=who, brief=True) for frame in frames[:-1]]
    last = Say(name, name, frames[-1], ["bye"], ends=True, who=who, token_ends_in=token_ends_in)
    return [Open(f"{name}: the socket", name), *first, last]


def ends_by(name: str, raw: bytes) -> list[Step]:
    """A socket that the hub closes after these bytes."""
    return [Open(f"{name}: the socket", name), Say(name, name, raw=raw, hears=["bye"], ends=True)]


def knocks(name: str, **headers: str) -> Ask:
    """An upgrade with other headers."""
    return Ask(name, "GET /live", headers=UPGRADE | {key.replace("_", "-"): value for key, value in headers.items()})


CONNECT = {"op": "connect", "id": 1}
CAPABILITY = Capability(
    "live sessions",
    [
        registers("kim", 701),
        registers("lou", 702),
        Ask("no upgrade", "GET /live"),
        Ask("no upgrade, the head", "HEAD /live"),
        Ask("an upgrade that is posted", "POST /live", headers=UPGRADE),
        knocks("another version", Sec_WebSocket_Version="12"),
        knocks("another subprotocol", Sec_WebSocket_Protocol="booking.v9.json"),
        knocks("no subprotocol named", Sec_WebSocket_Protocol=""),
        knocks("a page of another origin", Origin="https://other.example.com"),
        knocks("a page of no origin", Origin="null"),
        knocks("a key that is none", Sec_WebSocket_Key="short"),
        Open("no subprotocol named at all", "bare", subprotocols=()),
        Open("several subprotocols", "several", subprotocols=("other", "booking.v1.json")),
        Say("a connect to what may be and what may not", "several",
            {"op": "connect", "id": 1, "client": {"name": "x"}, "since": {"weather": None, "tables": None}},
            ["connected", "error weather", "subscribed tables", "snapshot tables"], who="lou"),
        Open("compressed", "deflated", compression="deflate"),
        Say("connect, compressed", "deflated", {"op": "connect", "id": 1, "since": {"venue": None}},
            ["connected", "subscribed venue", "snapshot venue"], brief=True),
        quiet("nothing more, compressed", "deflated"),
        *joins("kim", "kim"),
        *(
            Say(name, "kim", frame, [f"error {frame['channel']}" if frame.get("channel") in ("tables",) else "error"])
            for name, frame in WRONG.items()
        ),
        *(
            Say(name, "kim", {"op": "subscribe", "id": name, "channel": channel}, [f"error {channel}"])
            for name, channel in REFUSED.items()
        ),
        Say("leave what there is not", "kim", {"op": "unsubscribe", "id": 18, "channel": "x"}, ["unsubscribed x"]),
        Say("ping", "kim", {"op": "ping", "id": 19}, ["pong"]),
        Say("ping with a text", "kim", {"op": "ping", "id": "nineteen", "more": True}, ["pong"]),
        Say("subscribe to what may be and what may not", "kim",
            {"op": "subscribe", "id": 20, "channels": {"tables": None, "floor:{day}": None, "mine": None}},
            ["subscribed tables", "snapshot tables", "error floor:{day}", "subscribed mine", "snapshot mine"]),
        Ask("another token", "POST /auth/refresh", who="kim", keep="newer"),
        Say("refresh", "kim", {"op": "refresh", "id": 21}, ["refreshed"], who="newer"),
        Say("refresh with another's token", "kim", {"op": "refresh", "id": 22}, ["error"], who="lou"),
        Say("refresh with a token that has ended", "kim", {"op": "refresh", "id": 23}, ["error"], who="kim",
            token_ends_in=-5),
        Say("refresh with no token of ours", "kim", {"op": "refresh", "id": 24, "token": "nonsense"}, ["error"]),
        Say("refresh with a short one", "kim", {"op": "refresh", "id": 25}, ["refreshed", "expiring"], who="kim",
            token_ends_in=40),
        *joins("visitor", None, "venue", brief=True),
        *(
            Say(f"a visitor may not see {name}", "visitor", {"op": "subscribe", "id": name, "channel": name},
                [f"error {name}"])
            for name in ("tables", "mine", "availability:{day}", "floor:{day}")
        ),
        Say("a visitor has no token to refresh", "visitor", {"op": "refresh", "id": 26}, ["error"], who="lou"),
        Open("a connect that is wrong: the socket", "careless"),
        Say("a connect that is wrong", "careless", {"op": "connect", "id": 1, "since": ["tables"]}, ["error"]),
        Say("a connect with a token that is no text", "careless", {"op": "connect", "id": 2, "token": 5}, ["error"]),
        Say("a connect that is right after all", "careless", {"op": "connect", "id": 3}, ["connected"], who="lou"),
        *ends("no JSON", "{"),
        *ends("no object", "[]"),
        *ends("no op", "{}"),
        *ends("a command before connect", {"op": "ping", "id": 1}),
        *ends("an op that is unknown before connect", {"op": "sing", "id": 1}),
        *ends("a second connect", CONNECT, CONNECT),
        *ends("bytes", b"{}"),
        *ends_by("text that is not UTF-8", b"\x81\x81\0\0\0\0\xff"),
        *ends_by("a frame of no kind", b"\x83\x80\0\0\0\0"),
        *ends("a first frame that is too large", {"op": "connect", "id": 1, "client": "x" * 9000}),
        *ends("a frame that is too large", CONNECT, {"op": "ping", "id": 1, "more": "x" * 17000}),
        *ends("a token that is none", {"op": "connect", "id": 1, "token": "nonsense"}),
        *ends("a token that has ended", CONNECT, who="lou", token_ends_in=-5),
        Ask("log out", "POST /auth/logout", who="kim"),
        hear("the session of the log-out ends", "kim", "bye", ends=True),
        *ends("a token of a session that has ended", CONNECT, who="kim"),
    ],
)  # fmt: skip
