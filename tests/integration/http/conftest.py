"""What the tests of HTTP connections share: a plain socket to the hub, from an address of its own if need be."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.servers import PATIENCE, HubServer

LARGEST = "/docs/redoc.js"


def port_of(hub: HubServer) -> int:
    return int(hub.url.rpartition(":")[2])


async def connected(hub: HubServer | int, *, source: str = "127.0.0.1", narrow: bool = False) -> socket.socket:
    """A connection to a hub, or to a port, from one of the loopback's addresses. A narrow one has so small a buffer
    that its kernel takes nearly nothing for it."""
    end = socket.socket()
    if narrow:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    end.setblocking(False)
    end.bind((source, 0))
    await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", hub if isinstance(hub, int) else port_of(hub)))
    return end


@asynccontextmanager
async def connection(hub: HubServer, **how: Any) -> AsyncIterator[socket.socket]:
    end = await connected(hub, **how)
    try:
        yield end
    finally:
        end.close()


async def send(end: socket.socket, data: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(end, data)


async def read_to_end(end: socket.socket, patience: float = PATIENCE) -> bytes:
    """All that the hub sends until it closes; TimeoutError when it does not. A reset is an end too."""
    loop, found = asyncio.get_running_loop(), b""
    async with asyncio.timeout(patience):
        try:
            while data := await loop.sock_recv(end, 65536):
                found += data
        except ConnectionError:
            pass
    return found


async def read_answer(end: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The next answer: status, headers in lower case, body."""
    loop, found = asyncio.get_running_loop(), b""
    async with asyncio.timeout(PATIENCE):
        while b"\r\n\r\n" not in found:
            data = await loop.sock_recv(end, 65536)
            assert data, found
            found += data
        head, _, body = found.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            data = await loop.sock_recv(end, 65536)
            assert data, found[:500]
            body += data
    return int(first.split(" ")[1]), headers, body


def problem(answer: bytes) -> dict[str, Any]:
    """The problem of the one answer in these bytes, with its status."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower(), answer[:300]
    found: dict[str, Any] = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % found["status"])
    return found
