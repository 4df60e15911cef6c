"""What Sanic's server does wrong for us, pinned with small apps and none of our code.

A test that fails here after an upgrade of Sanic says which code of ours goes round the fault, and may go. (Sanic's
WebSocket support: test_sanic_faults.)
"""

from __future__ import annotations

import errno
import inspect
import socket
import sys
from typing import Any

import pytest
from sanic import Sanic

from tests.backlog import established, knocking
from tests.http_clients import http_client
from tests.sanic_apps import PATIENCE, make_app, works_around

SECURITY = {"content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options"}


@works_around("hub.process.ports.BACKLOG")
async def test_backlog_is_100_by_default() -> None:
    assert inspect.signature(Sanic.create_server).parameters["backlog"].default == 100


@works_around("hub.process.ports.BACKLOG")
@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the state of a connection in TCP_INFO")
@pytest.mark.parametrize(("given", "taken"), [({}, 101), ({"backlog": 4096}, 120)])
async def test_connections_at_once_beyond_the_backlog_wait_for_a_retransmission(
    given: dict[str, int], taken: int
) -> None:
    app = make_app()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = await app.create_server(sock=listening, access_log=False, **given)
    assert server is not None
    try:
        with knocking(listening.getsockname(), 120) as clients:
            assert established(clients, taken) == taken
    finally:
        await server.close()
        listening.close()
        Sanic._app_registry.pop(app.name, None)


@works_around("that tests and tools make the socket themselves and pass it as sock=")
async def test_port_0_is_port_8000() -> None:
    app = make_app()
    try:
        server = await app.create_server(host="127.0.0.1", port=0, access_log=False)
    except OSError as error:  # somebody else has it
        assert error.errno == errno.EADDRINUSE and "8000" in str(error)
    else:
        assert server is not None and server.server is not None
        assert server.server.sockets[0].getsockname()[1] == 8000
        await server.close()
    finally:
        Sanic._app_registry.pop(app.name, None)


@works_around("the limits and deadlines that hub.process.app.create_app sets")
async def test_defaults_are_wide() -> None:
    app = make_app()
    Sanic._app_registry.pop(app.name, None)
    config = {name: app.config[name] for name in ("REQUEST_MAX_SIZE", "WEBSOCKET_MAX_SIZE")}
    assert config == {"REQUEST_MAX_SIZE": 10**8, "WEBSOCKET_MAX_SIZE": 2**20}


@works_around("hub.live.upgrade._address, and the headers of hub.rest.pages")
async def test_request_has_no_remote_addr_and_an_answer_no_security_headers() -> None:
    from sanic import text

    app = make_app()

    @app.get("/address")
    async def address(request: Any) -> Any:
        return text(f"{request.remote_addr!r} {request.ip}")

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = await app.create_server(sock=listening, access_log=False)
    assert server is not None
    await server.startup()
    await server.before_start()
    await server.start_serving()
    try:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with http_client(base_url=base, timeout=PATIENCE) as client:
            answer = await client.get("/address")
    finally:
        await server.before_stop()
        await server.close()
        await server.after_stop()
        listening.close()
        Sanic._app_registry.pop(app.name, None)
    assert answer.text == "'' 127.0.0.1"
    assert not SECURITY & set(answer.headers)
