"""One client's WebSocket: the bytes that it sends become messages, and the frames of the protocol itself are answered.

Small texts, pings and pongs, which are most of what clients send, are read here; all other frames, with fragments,
closes and faults, are read by the library's protocol core.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from hub import logs
from hub.live.frames import PING, TEXT, pong_bytes, rest_after, small_frame
from hub.live.receive_throttle import ReceiveThrottle

FRAGMENTS = 64
FAILURES = {1002: "frame_error", 1007: "not_utf8", 1009: "too_big", 1011: "internal"}
"""Codes with which the core fails a connection → the name of that close."""
log = logs.get("hub.live.websocket")


class Receiver(Protocol):
    """Whose WebSocket it is: a session."""

    name: str
    given_bytes: int
    """Bytes that were given to its transport beside the frames that it shares with others."""
    is_ending: bool
    """Whether nothing that arrives counts any more."""

    @property
    def is_spent(self) -> bool:
        """Whether it has sent all that it may for now."""

    @property
    def takes_answers(self) -> bool:
        """Whether its transport has room."""

    def note_arrival(self) -> None:
        """What has arrived is looked at now."""

    def take_small_text(self, payload: bytes) -> None:
        """A text message that came in one small frame, and notes its arrival."""

    def take_message(self, payload: bytes, *, binary: bool) -> None: ...

    def take_control(self) -> None:
        """A ping or a pong of the WebSocket itself."""

    def end(self, name: str, reason: str) -> None:
        """Close it with the code of ``name``."""

    def end_failed(self, name: str, reason: str) -> None:
        """The core has closed it by itself, with the code of ``name``."""

    def leave(self) -> None:
        """It has been closed by the client."""


class WebSocket:
    """The connection of one session, from the handshake on."""

    __slots__ = (
        "_binary",
        "_core",
        "_fragments",
        "_largest",
        "_parts",
        "_receiver",
        "_rest",
        "_throttle",
        "_transport",
        "received",
    )

    def __init__(self, receiver: Receiver, transport: asyncio.Transport, core: ServerProtocol, largest: int) -> None:
        """``largest``: bytes of a message that comes in fragments; 0 is no bound."""
        self._receiver = receiver
        self._transport = transport
        self._core = core
        self._largest = largest
        self._throttle = ReceiveThrottle(transport, self._take)
        self.received = self._throttle.received
        """Takes bytes of the client, whole frames or not."""
        self._fragments: list[bytes] = []
        self._parts = 0
        """Bytes of the message whose fragments have come."""
        self._rest = 0
        """Bytes of a frame that are still to come; -1 when nobody knows any more."""
        self._binary = False

    # -- in

    @property
    def waiting(self) -> bool:
        """Whether something has arrived that nobody has looked at."""
        return bool(self._throttle.left)

    def _take(self, data: bytes) -> bool:
        """Look at what has arrived; whether its client has to be slowed down."""
        receiver = self._receiver
        small = None if self._rest or self._fragments or receiver.is_ending else small_frame(data)
        try:
            if small is None:
                self._take_any(data)
            elif data[0] == TEXT:
                receiver.take_small_text(small)
            else:
                self._take_small_control(data[0], small)
        except Exception:
            self._fault()
        if small is None:
            self._after_events()
        return receiver.is_ending or receiver.is_spent

    def _take_any(self, data: bytes) -> None:
        self._receiver.note_arrival()
        self._rest = rest_after(self._rest, data)
        self._core.receive_data(data)
        self._take_events()

    def _take_small_control(self, first: int, payload: bytes) -> None:
        receiver = self._receiver
        receiver.note_arrival()
        receiver.take_control()
        # Pongs to one who does not read are left out: they would wait without a bound.
        if first == PING and receiver.takes_answers and not receiver.is_ending:
            pong = pong_bytes(payload)
            receiver.given_bytes += len(pong)
            self._transport.write(pong)

    def left(self) -> None:
        """The client closed its side."""
        self._throttle.close()
        self._core.receive_eof()
        try:
            self._take_events()
        except Exception:
            self._fault()
        self._after_events()

    def _fault(self) -> None:
        """A fault of ours must not leave a deaf session behind."""
        log.exception("a client's frame could not be handled", session=self._receiver.name)
        self._receiver.end("internal", "something went wrong on our side")

    def _take_events(self) -> None:
        for event in self._core.events_received():
            if isinstance(event, Frame) and not self._receiver.is_ending:
                self._take_frame(event)

    def _after_events(self) -> None:
        core, receiver = self._core, self._receiver
        if core.parser_exc is not None and core.close_sent is not None and not receiver.is_ending:
            # The core closes by itself: its close frame is not written yet.
            receiver.end_failed(FAILURES.get(core.close_sent.code, "frame_error"), core.close_sent.reason)
        self._write()
        if core.state is not State.OPEN and not receiver.is_ending:
            receiver.leave()
        if core.close_expected() and core.state is State.CLOSED:
            self._transport.close()

    def _take_frame(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CLOSE:
                self._receiver.take_control()
            return
        if frame.opcode is not Opcode.CONT:
            self._binary = frame.opcode is Opcode.BINARY
        in_parts = not frame.fin or frame.opcode is Opcode.CONT
        self._fragments.append(bytes(frame.data))
        self._parts += len(frame.data)
        if in_parts and 0 < self._largest < self._parts:
            self._receiver.end("too_big", "the message is too large")
        elif len(self._fragments) > FRAGMENTS:
            self._receiver.end("protocol_error", "the message comes in too many fragments")
        elif frame.fin:
            data = b"".join(self._fragments)
            self._fragments.clear()
            self._parts = 0
            self._receiver.take_message(data, binary=self._binary)

    # -- out

    def _write(self) -> None:
        """What the core wants to say by itself: pongs, but for one who does not read, the answer to a close, an end."""
        parts = self._core.data_to_send()
        data = b"".join(parts)
        if data and (self._receiver.takes_answers or self._core.state is not State.OPEN):
            self._receiver.given_bytes += len(data)
            self._transport.write(data)
        if b"" in parts and not self._transport.is_closing():
            self._transport.close()

    @property
    def can_be_told(self) -> bool:
        """Whether the client still takes messages."""
        return not self._transport.is_closing() and self._core.close_rcvd is None

    def send_close(self, code: int, reason: str) -> None:
        """Send a close frame, unless one was sent."""
        if self._core.state is State.OPEN:
            self._core.send_close(code, reason)
            self._write()

    def stop_reading(self) -> None:
        """Nobody will look at what is still to come, nor at what has come of a message."""
        self._throttle.close()
        self._fragments.clear()
