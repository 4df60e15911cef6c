"""What a client can say: its commands, as types, and how they are read from its messages. Pure.

A field that is missing or wrong raises ValueError, with words that the client is answered with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Id: TypeAlias = int | str | None
TOKEN_MOST = 4096
"""Characters of a token."""


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


@dataclass(frozen=True, slots=True)
class SayPresence:
    """What the client has open and drags, for the others who watch ``channel``; None: nothing."""

    id: Id
    channel: str
    card: int | None
    dragging: int | None


Command: TypeAlias = Connect | Subscribe | Unsubscribe | Refresh | Ping | SayPresence


def id_of(message: dict[str, Any]) -> Id:
    """The message's id, or None where it has none that can be repeated."""
    found = message.get("id")
    if isinstance(found, str) and len(found) <= 64:
        return found
    return found if type(found) is int and -(2**53) < found < 2**53 else None


def parse(op: str, message: dict[str, Any]) -> Command:
    """The command of a message. Raises ValueError saying which field is wrong."""
    known = id_of(message)
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
    if op == "presence":
        data = message.get("data")
        if not isinstance(data, dict):
            raise ValueError("data: an object is needed")
        return SayPresence(known, channel, _booking(data, "card"), _booking(data, "dragging"))
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


def _booking(data: dict[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is not None and not (type(value) is int and 0 < value < 2**63):
        raise ValueError(f"data.{name}: a booking's id or null is needed")
    return value


def _since(value: Any) -> str | None:
    """A position to resume from; what has another type is as one that can't be read."""
    return value if isinstance(value, str) and len(value) <= 64 else None


def _text(message: dict[str, Any], name: str, most: int) -> str:
    value = message.get(name)
    if not isinstance(value, str) or not value or len(value) > most:
        raise ValueError(f"{name}: a string of 1 to {most} characters is needed")
    return value
