"""Small Sanic applications with none of our code in them, for the tests that pin what Sanic does wrong for us."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sanic import Sanic
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Handler = Callable[[Any, Any], Awaitable[None]]
PATIENCE = 20.0
"""A guard against a hang, never a measurement."""


def works_around(what: str) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Marks a test of a library's fault: when it fails, its error says what of ours the fault was the reason for."""

    def wrap(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        @functools.wraps(test)
        async def run(*args: Any, **kwargs: Any) -> None:
            try:
                await test(*args, **kwargs)
            except BaseException as fault:
                fault.add_note(f"The library does otherwise now. Look whether this can go: {what}.")
                raise

        return run

    return wrap


def make_app() -> Sanic[Any, Any]:
    app: Sanic[Any, Any] = Sanic(f"faults-{secrets.token_hex(4)}", configure_logging=False)
    # TOUCHUP would write Sanic's own functions anew from their source, which works for one app a process.
    app.config.update(AUTO_EXTEND=False, ACCESS_LOG=False, MOTD=False, TOUCHUP=False)
    return app


@asynccontextmanager
async def serving(
    handler: Handler,
    *,
    stopping: Callable[[str], Awaitable[None]] | None = None,
    prepare: Callable[[Any], None] | None = None,
    config: dict[str, Any] | None = None,
    **route: Any,
) -> AsyncIterator[str]:
    """An app with one WebSocket route, served in this loop; the route's URL.

    ``stopping`` runs while it stops; ``prepare`` gets the app before the route is added to it.
    """
    app = make_app()
    app.config.update(WEBSOCKET_MAX_SIZE=1000, WEBSOCKET_PING_INTERVAL=None, GRACEFUL_SHUTDOWN_TIMEOUT=1.0)
    app.config.update(config or {})
    if prepare is not None:
        prepare(app)
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
    return connect(url, **{"proxy": None, "compression": None, "ping_interval": None, "close_timeout": 1} | how)


async def close_of(client: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            await client.recv()
    return client.close_code
