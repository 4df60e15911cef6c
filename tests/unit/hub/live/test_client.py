"""The Python client against a peer that says what the contract allows: tokens that end, and closes that are final."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.error import HTTPError

import pytest
from websockets.asyncio.server import ServerConnection, serve

from hub.live.client import BROKEN, LiveClient, LiveClosed, LiveRefused
from hub.live.protocol import SUBPROTOCOL

CHANNEL = "tables"
WITHIN = 10.0
Talk = Callable[[ServerConnection, dict[str, Any]], Awaitable[None]]


@asynccontextmanager
async def peer(talk: Talk) -> AsyncIterator[str]:
    """A server that does what ``talk(socket, connect)`` says after each client's first message; yields its address."""

    async def handle(socket: ServerConnection) -> None:
        await talk(socket, json.loads(await socket.recv()))

    async with serve(handle, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as server:  # type: ignore[list-item]
        [listening] = server.sockets
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


async def say(socket: ServerConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def show(socket: ServerConnection, asked: dict[str, Any], version: int = 1) -> None:
    """Connected, subscribed, the state, and the proof."""
    await say(socket, op="connected", id=asked["id"])
    position = f"abcdefgh:{version}"
    await say(socket, op="subscribed", id=asked["id"], channel=CHANNEL, position=position, recovered=False)
    await say(socket, op="snapshot", channel=CHANNEL, position=position, at="2026-01-01T12:00:00Z", data={"tables": {}})
    await say(socket, op="proof", at="2026-01-01T12:00:01Z")


async def held(client: LiveClient, wanted: Callable[[Any], bool] = lambda state: True) -> Any:
    async with asyncio.timeout(WITHIN):
        async for state in client.watch(CHANNEL):
            if wanted(state):
                return state
    raise AssertionError


async def closes(socket: ServerConnection, code: int) -> None:
    await socket.close(code, "for good")


async def says_bye_and_is_lost(socket: ServerConnection, code: int) -> None:
    await say(socket, op="bye", code=code, reason="for good", reconnect=False, retry_after_ms=[0, 0])
    socket.transport.abort()


@pytest.mark.parametrize("end", [closes, says_bye_and_is_lost])
@pytest.mark.parametrize("code", [*sorted(BROKEN), 4000, 4001, 4002, 4003, 4099])
async def test_a_final_code_ends_the_client(end: Callable[[ServerConnection, int], Awaitable[None]], code: int) -> None:
    connections = 0

    async def talk(socket: ServerConnection, asked: dict[str, Any]) -> None:
        nonlocal connections
        connections += 1
        await end(socket, code)

    async with peer(talk) as url, LiveClient(url, "token") as client:
        with pytest.raises(LiveClosed) as raised:
            await held(client)
        assert (raised.value.code, connections) == (code, 1)


@pytest.mark.parametrize("code", [4200, 4299])
async def test_a_token_that_ended_is_renewed_and_the_client_comes_back_at_once(code: int) -> None:
    tokens = []

    async def talk(socket: ServerConnection, asked: dict[str, Any]) -> None:
        tokens.append(asked["token"])
        if asked["token"] == "old":
            await socket.close(code, "the token has ended")
        else:
            await show(socket, asked)
            await socket.wait_closed()

    async def renew() -> str:
        return "new"

    async with peer(talk) as url, LiveClient(url, "old", renew=renew) as client:
        assert (await held(client)).position == "abcdefgh:1"
        assert tokens == ["old", "new"]


async def test_a_renewal_that_fails_for_now_is_tried_again() -> None:
    tries = 0

    async def talk(socket: ServerConnection, asked: dict[str, Any]) -> None:
        if asked["token"] == "old":
            await socket.close(4200, "the token has ended")
        else:
            await show(socket, asked)
            await socket.wait_closed()

    async def renew() -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionRefusedError
        return "new"

    async with peer(talk) as url, LiveClient(url, "old", renew=renew) as client:
        assert (await held(client)).fresh
        assert tries == 3


@pytest.mark.parametrize("error", [
    HTTPError("", 401, "", None, None),  # type: ignore[arg-type]
    HTTPError("", 403, "", None, None),  # type: ignore[arg-type]
    KeyError("access_token"),
], ids=["401", "403", "no token"])  # fmt: skip
async def test_a_renewal_that_is_refused_ends_the_client(error: Exception) -> None:
    async def talk(socket: ServerConnection, asked: dict[str, Any]) -> None:
        await socket.close(4200, "the token has ended")

    async def renew() -> str:
        raise error

    async with peer(talk) as url, LiveClient(url, "old", renew=renew) as client:
        with pytest.raises(LiveClosed) as raised:
            await held(client)
        assert raised.value.code == 4001


@pytest.mark.parametrize("error", [ConnectionRefusedError(), KeyError("access_token")], ids=["away", "nonsense"])
async def test_a_renewal_ahead_of_time_that_fails_keeps_the_connection(error: Exception) -> None:
    tries = 0

    async def talk(socket: ServerConnection, asked: dict[str, Any]) -> None:
        await show(socket, asked)
        await say(socket, op="expiring", expires_in=60)
        await failed.wait()
        await say(socket, op="update", channel=CHANNEL, previous="abcdefgh:1", position="abcdefgh:2", at="", data={})
        await socket.wait_closed()

    failed = asyncio.Event()

    async def renew() -> str:
        nonlocal tries
        tries += 1
        failed.set()
        raise error

    async with peer(talk) as url, LiveClient(url, "old", renew=renew) as client:
        await held(client, lambda state: state.position == "abcdefgh:2")
        assert (tries, client.connections) == (1, 1)


async def test_a_channel_that_the_hub_takes_away_is_refused_and_not_called_live() -> None:
    narrowed = asyncio.Event()

    async def talk(socket: ServerConnection, asked: dict[str, Any]) -> None:
        await show(socket, asked)
        await narrowed.wait()
        await say(socket, op="unsubscribed", id=None, channel=CHANNEL)
        await say(socket, op="proof", at="2026-01-01T12:00:02Z")
        await socket.wait_closed()

    async with peer(talk) as url, LiveClient(url, "token") as client:
        async with asyncio.timeout(WITHIN):
            with pytest.raises(LiveRefused) as raised:
                async for _ in client.watch(CHANNEL):
                    narrowed.set()
        assert raised.value.code == "forbidden"


async def test_a_token_that_ended_while_the_client_was_away_is_renewed() -> None:
    tokens = []

    async def talk(socket: ServerConnection, asked: dict[str, Any]) -> None:
        tokens.append(asked["token"])
        if asked["token"] == "old" and tokens.count("old") == 2:
            await socket.close(4001, "the token has ended")
            return
        await show(socket, asked, version=len(tokens))
        if asked["token"] == "old":
            await socket.close(1012, "restart")
        await socket.wait_closed()

    async def renew() -> str:
        return "new"

    async with peer(talk) as url, LiveClient(url, "old", renew=renew) as client:
        await held(client, lambda state: state.position == "abcdefgh:3")
        assert tokens == ["old", "old", "new"]
