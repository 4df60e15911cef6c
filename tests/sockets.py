"""Bare sockets for tests of many or badly behaved clients.

A Wire is a WebSocket client with as little in it as can be: thousands of them share one test process with little
processor time, and each can do what a library would not let it do. What it is told goes to the Mirror of the channel.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import orjson

from hub.client.mirror import Mirror, Took
from hub.domain.events import parse_position
from tests.servers import HubServer
from tests.watching import truth

UNBOUNDED = {
    "LIVE_SESSIONS_PER_USER": "0",
    "LIVE_SESSIONS_PER_ADDRESS": "0",
    "LIVE_UNCONNECTED_PER_ADDRESS": "0",
    "LIVE_VISITORS": "0",
}
"""For tests whose thousands of clients are one user at one address."""
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(payload: bytes, opcode: int = TEXT, *, fin: bool = True) -> bytes:
    """A client's frame. Its mask is zero, which leaves the payload as it is."""
    head = bytes((fin << 7 | opcode,))
    size = len(payload)
    if size < 126:
        head += bytes((0x80 | size,))
    elif size < 65536:
        head += b"\xfe" + size.to_bytes(2, "big")
    else:
        head += b"\xff" + size.to_bytes(8, "big")
    return head + bytes(4) + payload


def parsed(buffer: bytearray) -> list[tuple[int, bytes]]:
    """(opcode, payload) of every whole frame of a server at the start of the buffer, which loses them."""
    found, at = [], 0
    while len(buffer) - at >= 2:
        size, start = buffer[at + 1], at + 2
        wide = {126: 2, 127: 8}.get(size, 0)
        if len(buffer) - start < wide:
            break
        if wide:
            size = int.from_bytes(buffer[start : start + wide], "big")
            start += wide
        if len(buffer) - start < size:
            break
        payload = bytes(buffer[start : start + size])
        if buffer[at] & 0x40:  # by itself, without the context of those before it
            payload = zlib.decompressobj(wbits=-15).decompress(payload + b"\0\0\xff\xff")
        found.append((buffer[at] & 15, payload))
        at = start + size
    del buffer[:at]
    return found


def where(server: HubServer | str) -> tuple[str, int]:
    """Host and port of a server, or of a URL."""
    parts = urlsplit(server if isinstance(server, str) else server.url)
    assert parts.hostname and parts.port
    return parts.hostname, parts.port


class Wire(asyncio.Protocol):
    """One socket. ``said`` keeps every message where ``keeps``; ``mirrors`` hold what the channels show."""

    transport: asyncio.Transport

    def __init__(self, *, keeps: bool = True, on_message: Callable[[dict[str, Any]], None] | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.status: asyncio.Future[int] = loop.create_future()
        """Of the handshake's answer."""
        self.gone: asyncio.Future[int] = loop.create_future()
        """The close code; 1006 where there was none."""
        self.keeps = keeps
        self.on_message = on_message
        self.said: list[dict[str, Any]] = []
        self.mirrors: dict[str, Mirror] = {}
        self.chain: dict[str, list[tuple[str | None, str]]] = {}
        """By channel, each state that was taken: (previous, position); previous is None of a snapshot."""
        self.faults: list[str] = []
        self.answers_close = True
        self._asking: set[str] = set()
        self._asked: dict[str, str | None] = {}
        """By channel: the position that was said last, by connect or subscribe."""
        self._buffer = bytearray()
        self._id = 0
        self._code = 1006
        self._news = asyncio.Event()

    @classmethod
    async def open(cls, server: HubServer | str, *, narrow: bool = False, handshake: bool = True, **how: Any) -> Wire:
        """Connect and shake hands. ``narrow``: as over a far network and not the loopback, whose buffers hold
        megabytes: a small segment size keeps the hub's side small, a small buffer ours."""
        loop = asyncio.get_running_loop()
        end = socket.socket()
        end.setblocking(False)
        if narrow:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        try:
            await loop.sock_connect(end, where(server))
        except BaseException:
            end.close()
            raise
        _, wire = await loop.create_connection(lambda: cls(**how), sock=end)
        if handshake:
            wire.shake()
            assert await asyncio.wait_for(asyncio.shield(wire.status), 30) == 101
        return wire

    def shake(self, more: str = "") -> None:
        """Send the handshake; ``more``: further lines of its head, each with its end."""
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET /live HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n".encode()
        )

    def raw(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def say(self, op: str, **fields: Any) -> int:
        self._id += 1
        if op == "subscribe":
            self._asked[fields.get("channel", "")] = fields.get("since")
        self.raw(frame(orjson.dumps({"op": op, "id": self._id, **fields})))
        return self._id

    def connect(self, token: str, *channels: str) -> int:
        """The connect frame, with what is held of these channels."""
        for channel in channels:
            self.mirrors.setdefault(channel, Mirror(channel))
        self._asking = set(channels)
        self._asked = {name: self.mirrors[name].position for name in channels}
        return self.say("connect", token=token, since=self._asked)

    def take_over(self, other: Wire) -> None:
        """Go on with what another connection held."""
        self.mirrors, self.chain = other.mirrors, other.chain

    async def until(self, found: Callable[[], Any], within: float = 10.0) -> Any:
        """Wait for something among what was said or is held; looks again after every message."""
        try:
            async with asyncio.timeout(within):
                while not (result := found()):
                    if self.gone.done():
                        raise AssertionError(f"closed with {self.gone.result()} before: {self.said[-5:]}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {within:g} s: {self.said[-5:]}") from None
        return result

    def all(self, op: str, **fields: Any) -> list[dict[str, Any]]:
        return [m for m in self.said if m["op"] == op and all(m.get(k) == v for k, v in fields.items())]

    def holds(self, *channels: str) -> bool:
        return all((m := self.mirrors.get(c)) is not None and m.position and not m.broken for c in channels)

    async def leave(self) -> None:
        """End it from our side, at once."""
        self.transport.abort()
        await self.gone

    # -- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.status.done():
            head, mark, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not mark:
                return
            self.status.set_result(int(head.split(None, 2)[1]))
            self._buffer = bytearray(rest)
        if self.status.result() != 101:
            return
        for opcode, payload in parsed(self._buffer):
            if opcode == TEXT:
                self._take(orjson.loads(payload))
            elif opcode == PING:
                self.transport.write(frame(payload, PONG))
            elif opcode == CLOSE:
                self._code = int.from_bytes(payload[:2], "big") if payload else 1005
                if self.answers_close:
                    self.transport.write(frame(payload, CLOSE))
        self._news.set()

    def connection_lost(self, exc: BaseException | None) -> None:
        if not self.status.done():
            self.status.set_result(0)
        if not self.gone.done():  # else whoever waited for it has given up
            self.gone.set_result(self._code)
        self._news.set()

    # -- what is said

    def _take(self, message: dict[str, Any]) -> None:
        if self.keeps:
            self.said.append(message)
        if self.on_message is not None:
            self.on_message(message)
        mirror = self.mirrors.get(message.get("channel", ""))
        if mirror is not None and message.get("code") in ("unavailable", "overloaded"):
            wait = (message["retry_after_ms"] or 1000) / 1000
            asyncio.get_running_loop().call_later(wait, self._ask_again, mirror)
        if mirror is None or message["op"] not in ("snapshot", "update", "resync", "subscribed"):
            return
        if message["op"] == "subscribed":
            self._asking.discard(mirror.channel)
        held = mirror.position
        took = mirror.take(message)
        if took is Took.APPLIED:
            self._link(mirror, message, held)
        elif took is Took.ASK_AGAIN and mirror.channel not in self._asking:
            self._asking.add(mirror.channel)
            self.say("subscribe", channel=mirror.channel, since=held)

    def _ask_again(self, mirror: Mirror) -> None:
        """What the hub could not answer for now is asked for once more."""
        if not self.gone.done():
            self.say("subscribe", channel=mirror.channel, since=mirror.position)

    def _link(self, mirror: Mirror, message: dict[str, Any], held: str | None) -> None:
        """Note how a state continues the one before it: none twice, none skipped, never back.

        The answer to a question continues what was held when it was asked; more may have come while it was on its way.
        """
        previous = message.get("previous")
        self.chain.setdefault(mirror.channel, []).append((previous, message["position"]))
        before, after = parse_position(held), parse_position(message["position"])
        if before is None or after is None or before[0] != after[0]:
            return
        if after[1] < before[1] or previous not in (None, held, self._asked.get(mirror.channel)):
            self.faults.append(f"{mirror.channel} at {held} was told {previous} → {message['position']}")


async def agree(wires: list[Wire], database_url: str, *channels: str, within: float) -> float:
    """Wait until every wire holds what the database holds; nobody may be writing. Returns the seconds it took."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    expected = await truth(database_url, *channels)

    def wrong() -> list[tuple[int, str, str | None, str]]:
        return [
            (index, channel, wire.mirrors[channel].position, expected[channel].position)
            for index, wire in enumerate(wires)
            for channel in channels
            if (wire.mirrors[channel].position, wire.mirrors[channel].data)
            != (expected[channel].position, expected[channel].data)
        ]

    while found := wrong():
        if loop.time() - begun > within:
            raise AssertionError(f"{len(found)} views are wrong after {within:g} s: {found[:5]}")
        await asyncio.sleep(0.02)  # many sockets: looking often costs more than it tells
    return loop.time() - begun
