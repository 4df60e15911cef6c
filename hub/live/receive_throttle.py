"""What a client has sent and nobody has looked at yet: a little in one turn of the loop, however much has arrived.

uvloop reads a quarter of a megabyte at a time, and again at once; as small frames that is tens of thousands, whose
handling would hold up everybody else for seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

AT_ONCE = 1024
"""Bytes in one turn: a whole command, or 170 empty pings, which take about a millisecond."""
PAUSE_SECONDS = 0.005
"""Between two turns of one who sends more than it may."""


class ReceiveThrottle:
    """One session's way in. ``take`` gets the bytes, and says whether its client has to be slowed down."""

    __slots__ = ("_handle", "_take", "_transport", "left")

    def __init__(self, transport: asyncio.Transport, take: Callable[[bytes], bool]) -> None:
        self._transport = transport
        self._take = take
        self.left = bytearray()
        """What has arrived and nobody has looked at."""
        self._handle: asyncio.Handle | None = None

    def received(self, data: bytes) -> None:
        """Take bytes that have arrived: some of them now, the rest in turns to come, and nothing more meanwhile."""
        if self._handle is None and len(data) <= AT_ONCE:
            if data and self._take(data):  # which is nearly all that ever comes
                self._slow_down()
            return
        self.left += data
        if self._handle is None:
            self._go_on()

    def _slow_down(self) -> None:
        if not self._transport.is_closing():
            self._transport.pause_reading()
            self._handle = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._go_on)

    def close(self) -> None:
        """Nobody will look at the rest."""
        self.left.clear()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _go_on(self) -> None:
        waited, self._handle = self._handle is not None, None
        data = bytes(self.left[:AT_ONCE])
        del self.left[:AT_ONCE]
        slower = bool(data) and self._take(data)
        if self._transport.is_closing():
            self.left.clear()
        elif slower or self.left:
            if not waited:
                self._transport.pause_reading()
            loop = asyncio.get_running_loop()
            self._handle = loop.call_later(PAUSE_SECONDS, self._go_on) if slower else loop.call_soon(self._go_on)
        elif waited:
            self._transport.resume_reading()
