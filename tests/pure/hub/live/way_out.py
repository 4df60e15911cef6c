"""A session's way out over a real socket pair, for the tests of hub.live.send_queue."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, cast

import uvloop

from hub.config import LiveBounds
from hub.live import write_batcher
from hub.live.send_queue import SendQueue

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
Run = Callable[[Coroutine[Any, Any, None]], None]


class Way(asyncio.Protocol):
    """The hub's end of a connection, joined to its outbox as hub.live.upgrade joins them."""

    transport: asyncio.Transport
    out: SendQueue

    def __init__(self, bounds: LiveBounds) -> None:
        self.bounds = bounds
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.out = SendQueue(self.transport, self.bounds, 100.0)
        self.fd = self.out.fd

    def pause_writing(self) -> None:
        self.out.fill(100.0)

    def resume_writing(self) -> None:
        self.out.drained()
        self.again()

    def again(self) -> None:
        """The kernel has enough: look again, as the session does."""
        if self.out.pump():
            asyncio.get_running_loop().call_later(0.01, self.again)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.out.close()
        self.lost.set()

    def enqueue(self, *frames: bytes) -> bool:
        """What the broadcaster does with the frames of a tick."""
        if self.out.busy:
            return self.out.keep(list(frames), 100.0)
        write_batcher.write(self, b"".join(frames))
        return True

    def write(self, data: bytes) -> None:
        self.transport.write(data)


class Reader:
    """The client's end; it reads when it is told to."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.read = bytearray()

    async def take(self, size: int) -> bytes:
        """The next ``size`` bytes, however long they take."""
        loop = asyncio.get_running_loop()
        while len(self.read) < size:
            more = await loop.sock_recv(self.end, 65536)
            if not more:
                break
            self.read += more
        taken, self.read = bytes(self.read[:size]), self.read[size:]
        return taken

    def at_once(self) -> bytes:
        """What lies in the socket already."""
        try:
            return self.end.recv(1 << 20)
        except BlockingIOError:
            return b""


@asynccontextmanager
async def pair(**bounds: Any) -> AsyncIterator[tuple[Way, Reader]]:
    near, far = socket.socketpair()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    near.setblocking(False)
    far.setblocking(False)
    _, way = await asyncio.get_running_loop().create_connection(lambda: Way(LiveBounds(**bounds)), sock=near)
    try:
        yield way, Reader(far)
    finally:
        way.transport.abort()
        await way.lost.wait()
        far.close()


def frame(number: int, size: int = 4096) -> bytes:
    return number.to_bytes(4, "big") * (size // 4)


def fill(way: Way) -> list[bytes]:
    """Frames written until the transport is full."""
    sent: list[bytes] = []
    while not way.out.full:
        sent.append(frame(len(sent)))
        assert way.enqueue(sent[-1])
        assert len(sent) < 1000
    return sent
