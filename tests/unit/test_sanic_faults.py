"""What Sanic's own WebSocket support does wrong for us, each fault pinned with a small app and none of our code.

hub.live.upgrade and hub.live.session exist because of these. A test that fails here after an upgrade of Sanic is good
news: look whether the code that goes round the fault can go.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sanic import Sanic
from sanic.exceptions import Forbidden
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

Handler = Callable[[Any, Any], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler, *, stopping: Callable[[str], Awaitable[None]] | None = None, **route: Any) -> Any:
    """A Sanic app with one WebSocket route, served in this loop; the route's URL. ``stopping`` runs while it stops."""
    app: Sanic[Any, Any] = Sanic(f"faults-{secrets.token_hex(4)}", configure_logging=False)
    # TOUCHUP would write Sanic's own functions anew from their source, which works for one app a process.
    app.config.update(AUTO_EXTEND=False, ACCESS_LOG=False, MOTD=False, TOUCHUP=False)
    app.config.update(WEBSOCKET_MAX_SIZE=1000, WEBSOCKET_PING_INTERVAL=None, GRACEFUL_SHUTDOWN_TIMEOUT=1.0)
    app.add_websocket_route(handler, "/live", **route)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"ws://127.0.0.1:{listening.getsockname()[1]}/live"

    @app.before_server_stop
    async def stop(app: Any) -> None:
        if stopping is not None:
            await stopping(url)

    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert server is not None
    await server.startup()
    await server.before_start()
    await server.start_serving()
    try:
        yield url
    finally:
        await server.before_stop()
        await server.close()
        await server.after_stop()
        listening.close()
        Sanic._app_registry.pop(app.name, None)


def opened(url: str, **how: Any) -> connect:
    return connect(url, proxy=None, compression=None, ping_interval=None, close_timeout=1, **how)


async def close_of(client: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(5):
            await client.recv()
    return client.close_code


@pytest.mark.parametrize("error", [Forbidden("not you"), RuntimeError("a fault")])
async def test_handshake_is_complete_before_the_handler_and_its_error_is_close_1000(error: Exception) -> None:
    async def handler(request: Any, ws: Any) -> None:
        raise error

    async with serving(handler) as url, opened(url) as client:
        assert client.response is not None
        assert client.response.status_code == 101
        assert await close_of(client) == 1000


async def test_subprotocols_refuse_a_client_that_offers_none() -> None:
    async def handler(request: Any, ws: Any) -> None:
        await ws.send("hello")

    async with serving(handler, subprotocols=["booking.v1.json"]) as url:
        with pytest.raises(InvalidStatus) as refused:
            async with opened(url):
                pass
        assert refused.value.response.status_code == 400
        async with opened(url, subprotocols=["booking.v1.json"]) as client:
            assert await client.recv() == "hello"


async def test_text_that_is_not_utf8_leaves_a_deaf_session() -> None:
    heard: list[Any] = []
    failed: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failed.append(context))
    fell = asyncio.Event()

    async def handler(request: Any, ws: Any) -> None:
        async def listen() -> None:
            while True:
                heard.append(await ws.recv())
                await ws.send("heard")

        listening = asyncio.create_task(listen())
        try:
            await fell.wait()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async with serving(handler) as url, opened(url) as client:
        await client.send("one")
        assert await client.recv() == "heard"
        await client.send(b"\xff\xfe", text=True)
        await client.send("two")
        # Neither an answer, nor a close: two round trips of the same loop later the second is still not heard.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await client.recv()
        assert heard == ["one"]
        assert client.close_code is None
        fell.set()


async def test_frame_over_the_size_is_closed_before_any_code_of_ours_runs() -> None:
    heard: list[Any] = []

    async def handler(request: Any, ws: Any) -> None:
        while True:
            heard.append(await ws.recv())

    async with serving(handler) as url, opened(url) as client:
        await client.send("x" * 1001)
        assert await close_of(client) == 1009
        assert heard == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_origin_is_never_checked(origin: str) -> None:
    async def handler(request: Any, ws: Any) -> None:
        await ws.send("welcome")

    async with serving(handler) as url, opened(url, origin=origin) as client:
        assert await client.recv() == "welcome"


async def test_close_hangs_while_the_client_does_not_read() -> None:
    """The keepalive's ping waits behind the same blocked write, so nothing ends such a session."""
    blocked, closing, free = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handler(request: Any, ws: Any) -> None:
        writing = asyncio.create_task(flood(ws))
        await blocked.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await ws.close(1008)
                closing.set()
        assert not closing.is_set()
        writing.cancel()
        free.set()
        request.transport.abort()
        await asyncio.gather(writing, return_exceptions=True)

    async def flood(ws: Any) -> None:
        while True:
            sent = asyncio.ensure_future(ws.send("x" * 900))
            done, _ = await asyncio.wait({sent}, timeout=0.5)
            if not done:
                blocked.set()
            await sent

    async with serving(handler) as url:
        async with opened(url, max_queue=1) as client:
            async with asyncio.timeout(20):
                await free.wait()
            assert client.close_code is None
            client.transport.abort()


async def test_upgrade_is_still_accepted_while_the_server_stops() -> None:
    """Its listening socket is closed only at the end of the stop: refusing is up to us."""
    seen: list[Any] = []

    async def handler(request: Any, ws: Any) -> None:
        await ws.send("welcome")

    async def stopping(url: str) -> None:
        async with opened(url) as client:
            seen.append(await client.recv())

    async with serving(handler, stopping=stopping):
        pass
    assert seen == ["welcome"]
