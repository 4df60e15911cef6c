"""A hub that says what a test tells it to: the other end of the wire for the Python client.

It speaks from the contract alone. Pings are answered by themselves, until ``mute``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

CHANNEL = "tables"
PATIENCE = 20.0
Talk = Callable[["Peer"], Awaitable[None]]


def clock(age: float = 0) -> str:
    """The hub's clock as the wire shows it, so many seconds ago."""
    return (datetime.now(UTC) - timedelta(seconds=age)).isoformat(timespec="milliseconds")


class Peer:
    """One connection as the hub has it: what it heard, and what it says."""

    def __init__(self, socket: ServerConnection, number: int) -> None:
        self.socket = socket
        self.number = number
        """1 is the first connection of the test."""
        self.heard: list[dict[str, Any]] = []
        self.mute = False
        self._news = asyncio.Event()

    async def read(self) -> None:
        try:
            async for text in self.socket:
                message = json.loads(text)
                self.heard.append(message)
                self._news.set()
                if message["op"] == "ping" and not self.mute:
                    await self.say("pong", id=message["id"], server_time=clock())
        except ConnectionClosed:
            pass

    async def hears(self, op: str, count: int = 1) -> dict[str, Any]:
        """Wait for the ``count``-th message of this kind."""
        async with asyncio.timeout(PATIENCE):
            while len(found := [m for m in self.heard if m["op"] == op]) < count:
                self._news.clear()
                await self._news.wait()
        return found[count - 1]

    def all(self, op: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["op"] == op]

    async def say(self, op: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"op": op, **fields}))

    async def fresh(self, age: float = 0) -> None:
        await self.say("fresh", verified_at=clock(age))

    async def connected(self, *, role: str = "user", **limits: int) -> dict[str, Any]:
        """Let the client in; returns its connect."""
        asked = await self.hears("connect")
        venue = {"slug": "main", "name": "Lia", "zone": "UTC", "service_day": "2026-11-24", "day_ends_at": clock(-9)}
        told = {"session": "s", "protocol": "booking.v1.json", "roles": {"main": role}, "expires_in": 3600}
        await self.say("connected", id=asked["id"], **told, server_time=clock(), venue=venue, limits=limits)
        return asked

    async def snapshot(self, id: int, version: int = 1, channel: str = CHANNEL, **data: Any) -> None:
        """The answer to a subscribe: the whole state."""
        await self.subscribed(id, version, recovered=False, channel=channel)
        await self.say("snapshot", channel=channel, position=at(version), at=clock(), data=data or {"tables": {}})

    async def subscribed(self, id: int, version: int, *, recovered: bool, channel: str = CHANNEL) -> None:
        await self.say("subscribed", id=id, channel=channel, position=at(version), recovered=recovered)

    async def update(self, previous: int, version: int, channel: str = CHANNEL, **data: Any) -> None:
        positions = {"previous": at(previous), "position": at(version)}
        await self.say("update", channel=channel, **positions, at=clock(), data=data)

    async def bring(self, version: int = 1, **limits: int) -> dict[str, Any]:
        """Let the client in and give it a fresh state of each channel that it asks for."""
        asked = await self.connected(**limits)
        for channel in asked["since"]:
            await self.snapshot(asked["id"], version, channel)
        await self.fresh()
        return asked

    async def goes_on(self) -> None:
        """Say fresh every now and then until the connection ends."""
        try:
            while True:
                await self.fresh()
                await asyncio.sleep(0.2)
        except ConnectionClosed:
            pass

    def bye(self, code: int, *, reconnect: bool, low: int = 0, high: int = 0) -> Awaitable[None]:
        window = [low, high]
        return self.say("bye", code=code, name="x", reason="for good", reconnect=reconnect, retry_after_ms=window)


def at(version: int) -> str:
    return f"abcdefgh:{version}"


@asynccontextmanager
async def scripted(talk: Talk, **how: Any) -> AsyncIterator[str]:
    """A hub that does what ``talk`` says with each connection, and then waits for its end; yields its address."""
    count = 0
    failures: list[Exception] = []

    async def handle(socket: ServerConnection) -> None:
        nonlocal count
        count += 1
        peer = Peer(socket, count)
        reading = asyncio.create_task(peer.read())
        talking = asyncio.create_task(said(peer))
        try:
            await socket.wait_closed()
        finally:
            reading.cancel()
            talking.cancel()
            await asyncio.gather(reading, talking, return_exceptions=True)

    async def said(peer: Peer) -> None:
        try:
            await talk(peer)
        except ConnectionClosed:
            pass
        except Exception as error:
            failures.append(error)
            await peer.socket.close(4000, "the test's own hub failed")

    async with serve(handle, "127.0.0.1", 0, subprotocols=["booking.v1.json"], **how) as server:  # type: ignore[list-item]
        [listening] = server.sockets
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            if failures:
                raise failures[0]
