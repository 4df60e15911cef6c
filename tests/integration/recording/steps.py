"""The kinds of steps that the scenario is made of. They are data: tests.integration.recording.play carries them out.

A text may hold {names}, which stand for what is known by then: {day}, or {booked.id} of the answer that a step keeps as
``booked``. A text that is one such name alone is the value itself, of whatever type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

NOTHING: Any = object()
"""No body."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP request. ``call`` is its method and its path."""

    name: str
    call: str
    body: Any = NOTHING
    """JSON; bytes and text go as they are."""
    who: str | None = None
    """Whose token goes with it: the answer that was kept by this name holds it, or it is the host's or the admin's."""
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: str | None = None
    """Under which name later steps find the answer's body, with ``etag``, and ``link_token``, the token of its link."""
    token_ends_in: int | None = None
    """Seconds; the token is signed anew with another end."""
    shows: Callable[[Any], Any] | None = None
    """What of the body is recorded, where not all of it is contract."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Wait for the mail to this address that has a link of this kind, and keep the link's token."""

    to: str
    kind: str
    keep: str


@dataclass(frozen=True, slots=True)
class Link:
    """The token by which the guest of a booking manages it, as the hub's mails have it."""

    booking: str
    """{booked.id}"""
    keep: str


@dataclass(frozen=True, slots=True)
class Late:
    """A booking of today was for some minutes earlier, as no request can make it."""

    booking: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Open:
    """A WebSocket, known as ``socket`` from then on. Nothing is said yet."""

    name: str
    socket: str
    subprotocols: Sequence[str] = ("booking.v1.json",)
    compression: str | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """One frame of a client (JSON, or text or bytes as they are), and what is heard after it.

    ``hears`` holds "op" or "op channel" for each frame that must come, in any order; they are recorded in this order.
    Frames ``fresh``, and pongs, are passed over where they are not named. Every other frame is recorded too.
    """

    name: str
    socket: str
    frame: Any = NOTHING
    """Left out: what is heard comes by itself."""
    hears: Sequence[str] = ()
    ends: bool = False
    """The hub closes the connection afterwards."""
    who: str | None = None
    """Whose token stands in the frame."""
    token_ends_in: int | None = None
    raw: bytes = b""
    """Bytes for the line itself, past the WebSocket's framing."""
    times: int = 1
    passes: Sequence[str] = ()
    """Other ops that are passed over."""
    brief: bool = False
    """What each frame is about is recorded, and not the frame: for what another step has shown."""
    keep: str | None = None
    """Under which name later steps find the positions that this socket holds, by channel: {held.tables}."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The client closes."""

    socket: str


@dataclass(frozen=True, slots=True)
class Together:
    """Steps that go out at the same time: for answers that the hub holds back a while."""

    steps: Sequence[Ask]


Step: TypeAlias = Ask | Mail | Link | Late | Open | Say | Leave | Together


@dataclass(frozen=True, slots=True)
class Capability:
    """Steps that need no other capability, and the file of their answers. ``hub``: "usual"; or "strict", whose bounds
    are tight and whose clocks change; or "tonight", where it is noon (tests.integration.recording.conftest)."""

    name: str
    steps: Sequence[Step]
    hub: str = "usual"


def hear(name: str, socket: str, *hears: str, ends: bool = False, keep: str | None = None) -> Say:
    """What comes by itself."""
    return Say(name, socket, hears=hears, ends=ends, keep=keep)


def quiet(name: str, socket: str) -> Say:
    """Nothing but the answer to a ping comes."""
    return Say(name, socket, {"op": "ping", "id": "quiet"}, ["pong"])


def joins(socket: str, who: str | None, *channels: str, keep: str | None = None, brief: bool = False) -> list[Step]:
    """A session that has its snapshot of each channel."""
    frame = {"op": "connect", "id": 1, "since": dict.fromkeys(channels)}
    answers = [f"{op} {channel}" for channel in channels for op in ("subscribed", "snapshot")]
    return [
        Open(f"{socket} opens a socket", socket),
        Say(f"{socket} connects", socket, frame, ["connected", *answers], who=who, keep=keep, brief=brief),
    ]


def registers(name: str, number: int, *, headers: Mapping[str, str] | None = None, **more: Any) -> Ask:
    """Somebody who registers, known as ``name`` from then on. The number makes the phone number."""
    body = {
        "email": f"{name}@example.com",
        "password": "correct horse battery",
        "phone_number": f"+90212555{number:04}",
        "full_name": f"{name.title()} Guest",
        **more,
    }
    return Ask(f"{name} registers", "POST /auth/register", body, keep=name, headers=headers or {})
