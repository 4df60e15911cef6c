"""Subscribers over raw WebSocket frames in one uvloop thread: they count deliveries by a marker and parse no JSON.

An update is known by how its frame begins and by the version in its position; so one that merges several changes counts
as one delivery and brings its socket to the last version of them. The clock of a change stops at the last socket.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

UPDATE = b'{"op":"update"'
SNAPSHOT = b'{"op":"snapshot"'
SUBSCRIBED = b'{"op":"subscribed"'
RESYNC = b'{"op":"resync"'
POSITION = b'"position":"'
EPOCH = 9
"""Characters of a position before its version."""


def masked(opcode: int, payload: bytes) -> bytes:
    """A frame of a client; its mask is zero, so that masking costs this process nothing."""
    size = len(payload)
    head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    return head + bytes(4) + payload


def unmasked(payload: bytes) -> bytes:
    """A text frame of a server."""
    size = len(payload)
    return (bytes((0x81, size)) if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")) + payload


class Socket(asyncio.Protocol):
    """One subscriber."""

    def __init__(self, crowd: Crowd, hello: bytes) -> None:
        self.crowd = crowd
        self.hello = hello
        self.buffer = b""
        self.upgraded = False
        self.current = False
        self.version = -1
        self.begun = 0.0
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.crowd.upgrade)

    def data_received(self, data: bytes) -> None:
        if self.buffer:
            data = self.buffer + data
        at, end = 0, len(data)
        if not self.upgraded:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self.buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.crowd.fail(f"a handshake was answered with {data[:200]!r}")
                return
            self.upgraded = True
            self.crowd.handshaken_at = time.perf_counter()
            if self.hello:
                self.transport.write(self.hello)
            else:
                self.arrive(self.crowd.version)
        while end - at >= 2:
            size, body = data[at + 1], at + 2
            if size == 126:
                size, body = int.from_bytes(data[body : body + 2], "big"), at + 4
            elif size == 127:
                size, body = int.from_bytes(data[body : body + 8], "big"), at + 10
            if body + size > end:
                break
            if data.startswith(UPDATE, body):
                self.crowd.deliveries += 1
                self.crowd.bytes += size
                self.move(_version(data, body))
            elif data[at] != 0x81:
                self.control(data[at] & 15, data[body : body + size])
            elif data.startswith(SNAPSHOT, body) or (
                data.startswith(SUBSCRIBED, body) and data.find(b'"recovered":true', body, body + size) > 0
            ):
                self.arrive(_version(data, body))
            elif data.startswith(RESYNC, body):
                self.crowd.resyncs += 1
            elif data.startswith((b'{"op":"error"', b'{"op":"bye"'), body):
                self.crowd.fail(f"a subscriber was told {data[body : body + size]!r}")
            at = body + size
        self.buffer = data[at:]

    def move(self, version: int) -> None:
        """The socket is told everything up to ``version``."""
        left = self.crowd.left
        for number in range(self.version + 1, version + 1):
            if number in left:
                left[number] -= 1
                if not left[number]:
                    self.crowd.reached(number)
        self.version = max(self.version, version)
        if version > self.crowd.furthest:
            self.crowd.furthest = version

    def arrive(self, version: int) -> None:
        if not self.current:
            self.current = True
            self.version = version
            self.crowd.arrived(time.perf_counter() - self.begun)
        else:
            self.move(version)  # the snapshot after a resync

    def control(self, opcode: int, payload: bytes) -> None:
        if opcode == 9:
            self.transport.write(masked(10, payload))
        elif opcode == 8:
            self.crowd.fail(f"a subscriber was sent away: {payload!r}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.fail("a subscriber lost its connection")


def _version(data: bytes, start: int) -> int:
    begin = data.find(POSITION, start) + len(POSITION) + EPOCH
    return int(data[begin : data.find(b'"', begin)])


class Crowd:
    """The subscribers of one server."""

    def __init__(self, port: int, path: str, *, version: int = 0) -> None:
        self.port = port
        self.upgrade = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self.version = version
        """What was published last, where the subscriber is not told so at its arrival."""
        self.sockets: list[Socket] = []
        self.deliveries = self.bytes = self.current = self.resyncs = 0
        self.began_at = self.handshaken_at = 0.0
        self.furthest = -1
        self.arrivals: list[float] = []
        self.left: dict[int, int] = {}
        self.done: dict[int, float] = {}
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._all_current: asyncio.Future[None] | None = None
        self.closing = False
        self.failure: str | None = None

    async def connect(self, hellos: list[bytes], *, at_once: int = 64, timeout: float = 120) -> float:
        """Connect one socket for each hello (b"" where the server asks for none); returns the seconds until all hold
        the state. A wait counts from the moment its connect began."""
        loop = asyncio.get_running_loop()
        self._all_current = loop.create_future()
        self._wanted = self.current + len(hellos)
        gate = asyncio.Semaphore(at_once)

        async def one(hello: bytes) -> None:
            async with gate:
                socket = Socket(self, hello)
                socket.begun = time.perf_counter()
                await loop.create_connection(lambda: socket, "127.0.0.1", self.port)
                self.sockets.append(socket)

        self.began_at = began = time.perf_counter()
        async with asyncio.timeout(timeout):
            await asyncio.gather(*(one(hello) for hello in hellos))
            await self._all_current
        return time.perf_counter() - began

    def arrived(self, wait: float) -> None:
        self.current += 1
        self.arrivals.append(wait)
        if self._all_current is not None and self.current == self._wanted and not self._all_current.done():
            self._all_current.set_result(None)

    def expect(self, version: int) -> None:
        """A change is about to be published: its clock stops at the last socket."""
        if version > self.furthest:
            self.left[version] = len(self.sockets)
        else:  # the hub's own verification was faster: some have it already
            self.left[version] = sum(socket.version < version for socket in self.sockets)
            if not self.left[version]:
                self.reached(version)

    def reached(self, version: int) -> None:
        self.done[version] = time.perf_counter()
        del self.left[version]
        if (waiting := self._waiting.pop(version, None)) is not None and not waiting.done():
            waiting.set_result(None)

    async def until(self, version: int, timeout: float = 60) -> None:
        """Wait until the last socket has been told of a version that is expected."""
        if version not in self.done:
            self._waiting[version] = asyncio.get_running_loop().create_future()
            if self.failure:
                raise RuntimeError(self.failure)
            async with asyncio.timeout(timeout):
                await self._waiting[version]

    def fail(self, why: str) -> None:
        if self.closing or self.failure:
            return
        self.failure = why
        for future in (self._all_current, *self._waiting.values()):
            if future is not None and not future.done():
                future.set_exception(RuntimeError(why))

    async def close(self) -> None:
        self.closing = True
        for socket in self.sockets:
            socket.transport.abort()
        self.sockets.clear()
        await asyncio.sleep(0.2)


class Answers(asyncio.Protocol):
    """A kept connection whose answers are bytes that arrive; one request at a time."""

    def __init__(self, ends: Callable[[bytes], bool]) -> None:
        self.ends = ends
        self.buffer = b""
        self.waiting: asyncio.Future[bytes] | None = None
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.waiting is not None and not self.waiting.done() and self.ends(self.buffer):
            self.waiting.set_result(self.buffer)

    async def ask(self, request: bytes) -> bytes:
        self.buffer, self.waiting = b"", asyncio.get_running_loop().create_future()
        self.transport.write(request)
        async with asyncio.timeout(30):
            return await self.waiting


def whole_answer(data: bytes) -> bool:
    """Whether an HTTP answer with a Content-Length is complete."""
    head, found, body = data.partition(b"\r\n\r\n")
    lines = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(found) and len(body) >= int(lines[0].split(b":")[1]) if lines else False
