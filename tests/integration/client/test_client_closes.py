"""The Python client against a hub that says what the contract allows: tokens that end, and closes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.error import HTTPError

import pytest

from hub.client import renewal
from hub.client.client import LiveClient, LiveClosed
from hub.client.renewal import SessionEnded
from hub.client.retry import STOPS
from tests.integration.client.scripted import Peer, at, scripted
from tests.integration.client.watched import held, is_live, show


async def closes(peer: Peer, code: int) -> None:
    await peer.socket.close(code, "for good")


async def says_bye_and_is_lost(peer: Peer, code: int) -> None:
    await peer.bye(code, reconnect=False)
    peer.socket.transport.abort()


@pytest.mark.parametrize("end", [closes, says_bye_and_is_lost])
@pytest.mark.parametrize("code", sorted(STOPS))
async def test_a_final_code_ends_the_client(end: Callable[[Peer, int], Awaitable[None]], code: int) -> None:
    connections = 0

    async def talk(peer: Peer) -> None:
        nonlocal connections
        connections += 1
        await peer.hears("connect")
        await end(peer, code)

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        with pytest.raises(LiveClosed) as raised:
            await held(client)
        assert (raised.value.code, connections) == (code, 1)
        assert "for good" in str(raised.value)


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1012, 1013, 3000, 4002, 4099, 4100, 4101, 4999])
async def test_any_other_code_brings_the_client_back(code: int) -> None:
    async def talk(peer: Peer) -> None:
        await (closes(peer, code) if peer.number == 1 else peer.bring())

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        assert (await held(client, is_live)).position == at(1)
        assert client.connections == 2


async def test_a_token_that_ended_is_renewed_and_the_client_comes_back_at_once() -> None:
    tokens = []

    async def talk(peer: Peer) -> None:
        tokens.append((await peer.hears("connect"))["token"])
        await (closes(peer, 4200) if tokens[-1] == "old" else peer.bring())

    async def renew() -> str:
        return "new"

    async with scripted(talk) as url, LiveClient(url, "old", renew=renew) as client:
        await held(client)
        assert (tokens, client.token) == (["old", "new"], "new")


async def test_a_renewal_that_fails_for_now_is_tried_again_without_the_old_token() -> None:
    tries, tokens = 0, []

    async def talk(peer: Peer) -> None:
        tokens.append((await peer.hears("connect"))["token"])
        await (closes(peer, 4200) if tokens[-1] == "old" else peer.bring())

    async def renew() -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionRefusedError
        return "new"

    async with scripted(talk) as url, LiveClient(url, "old", renew=renew) as client:
        await held(client)
        assert (tries, tokens) == (3, ["old", "new"])


@pytest.mark.parametrize("error", [SessionEnded("over"), KeyError("access_token")], ids=["over", "no token"])
async def test_a_renewal_that_is_refused_ends_the_client(error: Exception) -> None:
    async def talk(peer: Peer) -> None:
        await closes(peer, 4200)

    async def renew() -> str:
        raise error

    async with scripted(talk) as url, LiveClient(url, "old", renew=renew) as client:
        with pytest.raises(LiveClosed) as raised:
            await held(client)
        assert raised.value.code == 4001


@pytest.mark.parametrize("status, raised", [(401, SessionEnded), (403, SessionEnded), (429, OSError), (503, OSError)])
async def test_what_the_hub_answers_to_a_renewal(
    status: int, raised: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise HTTPError("", status, "", None, None)  # type: ignore[arg-type]

    monkeypatch.setattr(renewal.urllib.request, "urlopen", refuse)
    with pytest.raises(raised):
        await renewal.refresher("http://hub", lambda: "token")()


@pytest.mark.parametrize("error", [ConnectionRefusedError(), KeyError("access_token")], ids=["away", "nonsense"])
async def test_a_renewal_ahead_of_time_that_fails_keeps_the_connection(error: Exception) -> None:
    tries, failed = 0, asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.bring()
        await peer.say("expiring", **{"in": 60})
        await failed.wait()
        await peer.update(1, 2)

    async def renew() -> str:
        nonlocal tries
        tries += 1
        failed.set()
        raise error

    async with scripted(talk) as url, LiveClient(url, "old", renew=renew) as client:
        await held(client, lambda state: state.position == at(2))
        assert (tries, client.connections) == (1, 1)


async def test_a_token_that_ends_soon_is_renewed_on_the_same_connection() -> None:
    async def talk(peer: Peer) -> None:
        await peer.bring()
        await peer.say("expiring", **{"in": 60})
        told = await peer.hears("refresh")
        assert told["token"] == "new"
        await peer.say("refreshed", id=told["id"], expires_in=3600, roles={"main": "host"})
        await peer.update(1, 2)

    async def renew() -> str:
        return "new"

    async with scripted(talk) as url, LiveClient(url, "old", renew=renew) as client:
        await held(client, lambda state: state.position == at(2))
        assert (client.connections, client.roles) == (1, {"main": "host"})


async def test_a_window_of_a_bye_is_obeyed() -> None:
    loop = asyncio.get_running_loop()
    said_at = came_at = 0.0

    async def talk(peer: Peer) -> None:
        nonlocal said_at, came_at
        if peer.number == 1:
            said_at = loop.time()
            await peer.bye(1012, reconnect=True, low=700, high=701)
            await peer.socket.close(1012)
        else:
            came_at = loop.time()
            await peer.bring()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        await held(client)
    assert came_at - said_at >= 0.7


async def test_a_refused_upgrade_is_tried_again_not_before_it_may_be() -> None:
    loop = asyncio.get_running_loop()
    tries: list[float] = []

    def refuse(connection: Any, request: Any) -> Any:
        tries.append(loop.time())
        if len(tries) > 1:
            return None
        answer = connection.respond(503, "too many")
        answer.headers["Retry-After"] = "1"
        return answer

    async with scripted(show, process_request=refuse) as url, LiveClient(url, "token") as client:
        await held(client)
    assert len(tries) == 2 and tries[1] - tries[0] >= 1
