"""What Sanic's own WebSocket support does wrong for us, each fault pinned with a small app and none of our code.

hub.live.upgrade and hub.live.session exist because of these. A test that fails here after an upgrade of Sanic is good
news: it says which code of ours goes round the fault, and may go. (Sanic's server: test_sanic_server_faults.)
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import weakref
from typing import Any

import pytest
from sanic.exceptions import Forbidden, ServerError
from websockets.exceptions import InvalidStatus
from websockets.protocol import State

from tests.sanic_apps import PATIENCE, close_of, opened, serving, works_around


@pytest.mark.parametrize("error", [Forbidden("not you"), RuntimeError("a fault")])
@works_around("hub.live.upgrade answers the handshake itself, and LiveSession.end closes with codes of its own")
async def test_handshake_is_complete_before_the_handler_and_its_error_is_close_1000(error: Exception) -> None:
    async def handler(request: Any, ws: Any) -> None:
        raise error

    async with serving(handler) as url, opened(url) as client:
        assert client.response is not None
        assert client.response.status_code == 101
        assert await close_of(client) == 1000


@works_around("hub.live.upgrade.accept chooses the subprotocol itself")
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


@works_around("hub.live.session reads bytes, and hub.live.protocol decodes them")
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


@works_around("hub.live.upgrade.LIBRARY_MAX_SIZE, well above the size that we refuse with a bye")
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
@works_around("hub.live.upgrade.origin_allowed")
async def test_origin_is_never_checked(origin: str) -> None:
    async def handler(request: Any, ws: Any) -> None:
        await ws.send("welcome")

    async with serving(handler) as url, opened(url, origin=origin) as client:
        assert await client.recv() == "welcome"


@works_around("LiveSession.abort, and the deadlines of LiveSession.mind")
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


@works_around("Sessions.draining, and what refuses newcomers by it")
async def test_upgrade_is_still_accepted_while_the_server_stops() -> None:
    """Refused by nobody but us. (That the socket itself still listens then: test_sanic_server_faults.)"""
    seen: list[Any] = []

    async def handler(request: Any, ws: Any) -> None:
        await ws.send("welcome")

    async def stopping(url: str) -> None:
        async with opened(url) as client:
            seen.append(await client.recv())

    async with serving(handler, stopping=stopping):
        pass
    assert seen == ["welcome"]


@works_around("LiveSession's transport is read by its own protocol core, and no recv is ever cancelled")
async def test_cancelling_recv_breaks_the_connection() -> None:
    async def handler(request: Any, ws: Any) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await ws.recv()
        await ws.send("cancelled")
        for _ in range(2):
            try:
                await ws.send(f"heard {await ws.recv()}")
            except ServerError as error:
                await ws.send(str(error))

    async with serving(handler) as url, opened(url) as client, asyncio.timeout(PATIENCE):
        assert await client.recv() == "cancelled"
        await client.send("one")
        await client.send("two")
        for _ in range(2):
            assert "already in progress" in str(await client.recv())


@works_around("LiveSession.left and LiveSession.lost, which hear of the end themselves and know its code")
@pytest.mark.parametrize("end", ["client leaves", "client dies", "server stops"])
async def test_every_end_is_a_cancelled_error_in_the_handler(end: str) -> None:
    ended: asyncio.Future[type[BaseException]] = asyncio.get_running_loop().create_future()

    async def handler(request: Any, ws: Any) -> None:
        await ws.send("hello")
        try:
            await ws.recv()
        except BaseException as error:
            ended.set_result(type(error))
            raise

    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(handler))
        client = await opened(url)
        async with asyncio.timeout(PATIENCE):
            assert await client.recv() == "hello"
            if end == "client leaves":
                await client.close(4321)
            elif end == "client dies":
                client.transport.abort()
            else:
                await stack.aclose()
            assert await ended is asyncio.CancelledError
        if end == "server stops":  # neither 1001 nor 1012, by which a client would know that it may come back
            assert await close_of(client) == 1000


@works_around("LiveProtocol.close cancels Sanic's timer of a connection that became a session")
async def test_closed_connection_stays_in_memory_until_its_timeout_timer_fires() -> None:
    seen: list[Any] = []

    async def handler(request: Any, ws: Any) -> None:
        connection = request.transport.get_protocol()
        seen.extend((connection._callback_check_timeouts, weakref.ref(ws), ws.connection_lost_waiter))
        await ws.recv()

    async with serving(handler) as url:
        async with opened(url) as client:
            await client.send("hello")
            await close_of(client)
        timer, ws, lost = seen
        seen.clear()
        async with asyncio.timeout(PATIENCE):
            await lost
            while asyncio.all_tasks() - {asyncio.current_task()}:  # noqa: ASYNC110 - what Sanic has still to do
                await asyncio.sleep(0)
        gc.collect()
        assert ws() is not None
        assert not timer.cancelled()
        assert 0 < timer.when() - asyncio.get_running_loop().time() <= 30
        timer.cancel()
        gc.collect()
        assert ws() is None, "something else holds it: cancelling the timer does not help any more"


@works_around("LiveSession.mind: the deadlines for the write buffer's progress and for silence are our own")
async def test_keepalive_never_drops_a_client_that_stops_reading() -> None:
    """Its ping waits behind the blocked write. One who is silent, but for whom nothing waits, is dropped meanwhile."""
    dropped = asyncio.Event()
    flooded: list[Any] = []
    sent = 0

    async def handler(request: Any, ws: Any) -> None:
        nonlocal sent
        if request.args.get("flood"):
            flooded.append(ws)
            while True:
                await ws.send("x" * 900)
                sent += 1
        try:
            await ws.recv()
        finally:
            dropped.set()

    async def drop_one(url: str) -> None:
        dropped.clear()
        silent = await opened(url)
        silent.transport.pause_reading()
        await dropped.wait()
        silent.transport.abort()

    keepalive = {"WEBSOCKET_PING_INTERVAL": 0.03, "WEBSOCKET_PING_TIMEOUT": 0.03}
    async with serving(handler, config=keepalive) as url, asyncio.timeout(4 * PATIENCE):
        deaf = await opened(f"{url}?flood=1", max_queue=1)
        deaf.transport.pause_reading()
        before = -1
        while sent != before or not sent:  # until the buffers between us are full, and the write is blocked
            before = sent
            await drop_one(url)
        [ws] = flooded
        await drop_one(url)
        assert ws.ws_proto.state is State.OPEN
        assert not ws.keepalive_ping_task.done()
        assert not ws.connection_lost_waiter.done()
        ws.io_proto.transport.abort()
        await ws.connection_lost_waiter
        deaf.transport.abort()


@works_around("hub.live.send_queue writes one serialised frame to every client")
async def test_nothing_is_compressed_even_where_it_is_offered() -> None:
    """Not a fault but what we rely on: a compressed frame would be one client's own."""

    async def handler(request: Any, ws: Any) -> None:
        await ws.send("hello")

    async with serving(handler) as url, opened(url, compression="deflate") as client:
        assert await client.recv() == "hello"
        assert client.protocol.extensions == []


@works_around("nothing yet: to Sanic /live is an ordinary route, so no order matters to Sessions.drain")
async def test_stop_listener_of_after_the_first_route_runs_before_sanic_cancels_the_handlers() -> None:
    handling: list[Any] = []
    seen: list[tuple[str, bool]] = []

    async def handler(request: Any, ws: Any) -> None:
        handling.append(asyncio.current_task())
        await ws.send("hello")
        await ws.recv()

    def note(when: str) -> None:
        seen.append((when, handling[0].done() or handling[0].cancelling() > 0))

    def prepare(app: Any) -> None:
        @app.before_server_stop
        async def stop(app: Any) -> None:
            note("registered before the route")

    async def stopping(url: str) -> None:
        note("registered after the route")

    async with serving(handler, prepare=prepare, stopping=stopping) as url:
        client = await opened(url)
        assert await client.recv() == "hello"
    assert seen == [("registered after the route", False), ("registered before the route", True)]
    await close_of(client)
