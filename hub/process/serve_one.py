"""`hub serve-one`: one process that answers, on a socket that its parent listens on (hub.process.serve).

When it takes requests, and how it stops, belongs here; what it answers with is hub.process.app's.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import threading
from contextlib import AsyncExitStack
from typing import Any

from hub import logs
from hub.config import Settings
from hub.process import signals
from hub.process.ports import BACKLOG

DRAIN_SECONDS = 5.0
"""How long requests in flight may take once all watchers have been sent away."""
log = logs.get("hub.process.serve_one")


def serve_one(settings: Settings, descriptor: int) -> int:
    """Serve on the socket of this number until a signal, then drain. Until it serves, a signal ends it at once."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    _end_with_parent()
    listening = socket.socket(fileno=descriptor)
    listening.set_inheritable(False)
    logs.setup(settings, part="server")
    try:
        import uvloop
    except ImportError:  # where there is none
        return asyncio.run(_serve(settings, listening))
    return uvloop.run(_serve(settings, listening))


def _end_with_parent() -> None:
    """End when the parent is gone: this process would go on serving on the port, with nobody to stop it."""

    def end() -> None:
        os.read(0, 1)  # a pipe into which nobody writes, and whose other end is the parent's alone
        os._exit(1)

    threading.Thread(target=end, name="parent", daemon=True).start()


def _load(settings: Settings) -> tuple[Any, type[asyncio.Protocol]]:
    """The application and what speaks on its connections. What is loaded stays: to look through it for garbage, again
    and again while it grows, would take a fifth of the start."""
    gc.disable()
    try:
        from hub.live.upgrade import LiveProtocol
        from hub.process.app import create_app

        return create_app(settings), LiveProtocol
    finally:
        gc.enable()


async def _serve(settings: Settings, listening: socket.socket) -> int:
    app, protocol = _load(settings)
    server: Any = await app.create_server(
        sock=listening,
        protocol=protocol,
        backlog=BACKLOG,
        access_log=False,
        asyncio_server_kwargs={"start_serving": False},
    )
    await server.startup()
    stopping = asyncio.Event()
    async with AsyncExitStack() as begun:
        await server.before_start()
        begun.push_async_callback(server.after_stop)
        begun.push_async_callback(app.ctx.connections.end, DRAIN_SECONDS)
        begun.callback(server.close)
        await server.start_serving()
        begun.push_async_callback(server.before_stop)
        with signals.heard(stopping.set):
            await server.after_start()
            log.info("process_serves", pid=os.getpid())
            await stopping.wait()
    log.info("process_stopped", pid=os.getpid())
    return 0
