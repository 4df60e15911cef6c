"""What the hub is compared with, each a process of its own: ``python -m bench.peers KIND PORT BODY_FILE``.

``fixed`` answers the same bytes from a bare uvloop protocol: the limit of the load generator itself. ``bare`` is a
Sanic handler that returns the bytes of the real answer's body. The others add to it, one after another, what the hub
adds to each request; every piece is the hub's own (hub.rest.endpoint), switched off where its layer is still to come.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

LAYERS = ("bare", "headers", "protocol", "wrapper", "authentication", "counters", "log line")


def main(kind: str, port: int, body: bytes) -> None:
    if kind == "fixed":
        _serve_fixed(port, body)
    else:
        _serve_sanic(kind, port, body)


def _serve_fixed(port: int, body: bytes) -> None:
    import uvloop

    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body

    class Fixed(asyncio.Protocol):
        transport: asyncio.Transport

        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            if data.endswith(b"\r\n\r\n"):
                self.transport.write(answer)

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Fixed, "127.0.0.1", port)
        await server.serve_forever()

    uvloop.run(run())


def _serve_sanic(kind: str, port: int, body: bytes) -> None:
    from sanic import HTTPResponse, Request, Sanic

    layer = LAYERS.index(kind)
    app: Sanic[Any, Any] = Sanic("peer", configure_logging=False)
    app.config.update(REQUEST_MAX_SIZE=65536, KEEP_ALIVE_TIMEOUT=75, ACCESS_LOG=False, AUTO_EXTEND=False)
    extra = {
        "etag": '"k3v9x0ab:40-1"',
        "cache-control": "no-cache",
        "x-request-id": "0123456789abcdef",
        "x-content-type-options": "nosniff",
    }

    if layer < LAYERS.index("wrapper"):

        async def available(request: Request) -> HTTPResponse:
            headers = dict(extra) if layer else {}
            return HTTPResponse(body, 200, headers, content_type="application/json")

        app.add_route(available, "/tables/available", methods=["GET"])
    else:
        _add_layers(app, layer, body, {name: extra[name] for name in ("etag", "cache-control")})

    @app.get("/health/ready")
    async def ready(request: Request) -> HTTPResponse:
        return HTTPResponse(b"{}")

    how: dict[str, Any] = {"host": "127.0.0.1", "port": port, "access_log": False, "motd": False}
    if layer >= LAYERS.index("protocol"):
        from hub.config import HttpBounds
        from hub.http.client import Proxies
        from hub.http.connections import Connections
        from hub.live.upgrade import LiveProtocol

        app.ctx.connections = Connections(HttpBounds(connections_per_address=0), Proxies((), 0))
        how["protocol"] = LiveProtocol
    app.run(single_process=True, **how)


def _add_layers(app: Any, layer: int, body: bytes, headers: dict[str, str]) -> None:
    """The hub's own route wrapper around a handler that returns fixed bytes, with the layers up to ``layer`` on."""
    from hub import config, logs
    from hub.metrics import Metrics
    from hub.rest import endpoint
    from hub.security import Tokens
    from hub.views.context import Context

    settings = config.load(os.environ)
    off: Callable[..., None] = lambda *args: None  # noqa: E731 - a name for one line
    if layer < LAYERS.index("log line"):
        endpoint.note = off
    counted = layer >= LAYERS.index("counters")
    who = endpoint.USER if layer >= LAYERS.index("authentication") else endpoint.ANYONE

    async def available(state: Any, ctx: endpoint.RequestContext) -> Any:
        return endpoint.answer(body, headers=dict(headers))

    endpoint.add(app, endpoint.Endpoint("GET", "/tables/available", "available", "The bytes", available, who=who))

    @app.before_server_start
    async def start(app: Any) -> None:
        logs.setup(settings, part="server")
        metrics = Metrics() if counted else SimpleNamespace(request=off)
        app.ctx.state = SimpleNamespace(
            context=Context(settings, publish=off),
            tokens=Tokens(settings),
            metrics=metrics,
            waiting=False,
        )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]).read_bytes())
