"""What Sanic's server and its manager of processes do wrong for us, pinned with small apps and none of our code.

A test that fails here after an upgrade of Sanic says which code of ours goes round the fault, and may go. (Sanic's
WebSocket support: test_sanic_faults.)
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import inspect
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psutil
import pytest
from sanic import Sanic

from tests.backlog import established, knocking
from tests.sanic_apps import PATIENCE, make_app, works_around
from tests.servers import CHECKOUT, environment, free_port

SECURITY = {"content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options"}


@asynccontextmanager
async def program(
    *arguments: str, **variables: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient, int]]:
    """tests.sanic_apps as a program; its process, a client of it, and the pid of the process that serves."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.sanic_apps", str(port), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(**variables),
        cwd=CHECKOUT,
        start_new_session=True,
    )
    try:
        pid = int((await line_of(process)).removeprefix("ready "))
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=PATIENCE) as client:
            async with asyncio.timeout(2 * PATIENCE):
                while True:  # the manager counts a process as started a moment after it serves
                    with contextlib.suppress(httpx.TransportError):
                        assert (await client.get("/pid")).text == str(pid)
                        break
            yield process, client, pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.wait_for(process.communicate(), PATIENCE)


async def line_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 2 * PATIENCE)).decode().strip()


@works_around("Sessions.draining, and that the hub refuses upgrades and readiness itself while it stops")
async def test_listening_socket_still_accepts_while_the_server_stops() -> None:
    async with program("--single") as (process, client, pid):
        os.kill(pid, signal.SIGTERM)
        assert await line_of(process) == "stopping"
        assert (await client.get("/go")).text == "went"  # on a new connection
        await asyncio.wait_for(process.wait(), PATIENCE)


@works_around("hub.process.application.Application.stop")
async def test_signal_before_the_server_serves_is_lost() -> None:
    async with program("--single", STOPPED_EARLY="1") as (process, client, pid):
        assert (await client.get("/pid")).text == str(pid)
        assert process.returncode is None


@works_around("hub.process.serving._look_after restarts a process that was killed")
async def test_process_that_crashed_is_not_restarted() -> None:
    async with program() as (process, client, pid):
        os.kill(pid, signal.SIGKILL)
        assert await line_of(process) == "failed"  # the manager knows
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.7):  # five rounds of the manager's loop, and more than a start takes
                await line_of(process)
        assert process.returncode is None
        # Worse than refused: the manager holds the socket, so the kernel accepts, and nobody ever answers.
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/pid", timeout=httpx.Timeout(PATIENCE, read=0.2))


@works_around("hub.process.serving.end_with_parent")
async def test_kill_of_the_manager_leaves_its_process_serving() -> None:
    async with program() as (process, client, pid):
        os.kill(process.pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            while psutil.Process(pid).ppid() == process.pid:  # noqa: ASYNC110 - it holds the pipe that would tell
                await asyncio.sleep(0.01)
            for _ in range(20):
                assert (await client.get("/pid")).text == str(pid)


@works_around("hub.process.serving.BACKLOG")
async def test_backlog_is_100_by_default_wherever_one_serves() -> None:
    for function in (Sanic.run, Sanic.prepare, Sanic.create_server):
        assert inspect.signature(function).parameters["backlog"].default == 100


@works_around("hub.process.serving.BACKLOG")
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
    config = {
        name: app.config[name] for name in ("REQUEST_MAX_SIZE", "WEBSOCKET_MAX_SIZE", "GRACEFUL_SHUTDOWN_TIMEOUT")
    }
    assert config == {"REQUEST_MAX_SIZE": 10**8, "WEBSOCKET_MAX_SIZE": 2**20, "GRACEFUL_SHUTDOWN_TIMEOUT": 15.0}


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
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE) as client:
            answer = await client.get("/address")
    finally:
        await server.before_stop()
        await server.close()
        await server.after_stop()
        listening.close()
        Sanic._app_registry.pop(app.name, None)
    assert answer.text == "'' 127.0.0.1"
    assert not SECURITY & set(answer.headers)
