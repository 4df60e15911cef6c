"""Small Sanic applications with none of our code in them, for the tests that pin what Sanic does wrong for us.

Run as a program (``python -m tests.sanic_apps PORT``) it is Sanic's own manager with one process that serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sanic import Sanic, text
from sanic.worker.loader import AppLoader
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Handler = Callable[[Any, Any], Awaitable[None]]
PATIENCE = 5.0
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


# -- as programs


def make_served() -> Sanic[Any, Any]:
    """What the processes below serve: /pid, and a stop that waits until somebody asked for /go."""
    app: Sanic[Any, Any] = Sanic("faults", configure_logging=False)
    app.config.update(AUTO_EXTEND=False, ACCESS_LOG=False, MOTD=False, GRACEFUL_SHUTDOWN_TIMEOUT=1.0)
    gone_on = threading.Event()

    @app.get("/pid")
    async def pid(request: Any) -> Any:
        return text(str(os.getpid()))

    @app.get("/go")
    async def go(request: Any) -> Any:
        gone_on.set()
        return text("went")

    @app.after_server_start
    async def ready(app: Any) -> None:
        if os.environ.get("STOPPED_EARLY"):
            os.kill(os.getpid(), signal.SIGTERM)
        print("ready", os.getpid(), flush=True)

    @app.before_server_stop
    async def stop(app: Any) -> None:
        print("stopping", flush=True)
        await asyncio.to_thread(gone_on.wait, PATIENCE)

    return app


def manage(port: int) -> None:
    """Sanic's manager, which says when it has seen that its one process failed."""
    app: Sanic[Any, Any] = Sanic("faults", configure_logging=False)
    app.config.update(AUTO_EXTEND=False)

    @app.main_process_ready
    async def watch(app: Any) -> None:
        def look() -> None:
            [process] = app.manager.transient_processes
            while process.state.name != "FAILED":
                time.sleep(0.02)
            print("failed", flush=True)

        threading.Thread(target=look, daemon=True).start()

    from tests.sanic_apps import make_served  # by the name that the other process imports it by

    app.prepare(host="127.0.0.1", port=port, workers=1, motd=False, access_log=False)
    Sanic.serve(primary=app, app_loader=AppLoader(factory=make_served))


if __name__ == "__main__":
    if sys.argv[2:] == ["--single"]:
        make_served().run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, motd=False)
    else:
        manage(int(sys.argv[1]))
