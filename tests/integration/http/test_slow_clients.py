"""Clients that send slowly, read slowly or do neither: each is cut within its bound, costs little, and who is slow but
goes on is served."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.conftest import StartHub
from tests.integration.http.conftest import LARGEST, connected, connection, problem, read_answer, read_to_end, send
from tests.outside import complaints, reaches, resident, series, standing_still, total
from tests.servers import PATIENCE, HubServer

pytestmark = pytest.mark.slow
SHORT = {"HTTP_HEAD_SECONDS": "2", "HTTP_BODY_SECONDS": "2", "HTTP_UNREAD_SECONDS": "3"}
BOUND = 256 * 1024
ASK = f"GET {LARGEST} HTTP/1.1\r\nHost: hub\r\n\r\n".encode()


async def trickle(end: socket.socket, data: bytes, each: float) -> None:
    """Send a byte every ``each`` seconds, until the hub has closed."""
    try:
        for byte in data:
            await send(end, bytes([byte]))
            await asyncio.sleep(each)  # its rate
    except ConnectionError:
        pass


async def cut(hub: HubServer, reason: str) -> float:
    return total(await series(hub), "hub_http_connections_cut_total", reason=reason)


async def test_head_that_comes_too_slowly_is_answered_408(start_hub: StartHub) -> None:
    """Each byte is progress of a kind, but the deadline is for the whole."""
    hub = await start_hub(**SHORT)
    async with connection(hub) as end:
        sending = asyncio.create_task(trickle(end, b"GET /health/live HTTP/1.1\r\nX: " + b"x" * 1000, 0.1))
        told = problem(await read_to_end(end))
        assert (told["status"], told["error_code"]) == (408, "malformed")
        sending.cancel()
    assert await cut(hub, "head") == 1
    assert complaints(hub) == []


async def test_hub_that_stood_still_cuts_nobody(start_hub: StartHub) -> None:
    """What arrived meanwhile is answered: its deadlines count the time in which it could have read."""
    hub = await start_hub(**SHORT)
    async with connection(hub) as idle, connection(hub) as halfway:
        await send(halfway, b"GET /health/live HTTP/1.1\r\n")
        await reaches(hub, lambda m: total(m, "hub_http_connections") >= 3, PATIENCE)
        standing = asyncio.create_task(asyncio.to_thread(standing_still, hub, 5.0))
        await asyncio.sleep(0.5)  # it stands still by now; were it not so, the answers would come all the same
        await send(idle, b"GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n")
        await send(halfway, b"Host: hub\r\n\r\n")
        await standing
        for end in (idle, halfway):
            assert (await read_answer(end))[0] == 200
    assert complaints(hub) == []


async def test_second_head_has_the_same_deadline(start_hub: StartHub) -> None:
    hub = await start_hub(**SHORT)
    async with connection(hub) as end:
        await send(end, b"GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n")
        assert (await read_answer(end))[0] == 200
        sending = asyncio.create_task(trickle(end, b"GET /health/live HTTP/1.1\r\nX: " + b"x" * 1000, 0.1))
        assert problem(await read_to_end(end))["status"] == 408
        sending.cancel()


async def test_connection_on_which_nothing_comes_is_closed(start_hub: StartHub) -> None:
    hub = await start_hub(**SHORT)
    async with connection(hub) as end:
        assert await read_to_end(end) == b""
    assert await cut(hub, "silent") == 1


async def test_body_that_comes_too_slowly_is_answered_408(start_hub: StartHub) -> None:
    hub = await start_hub(**SHORT)
    head = b"POST /auth/login HTTP/1.1\r\nHost: hub\r\n"
    async with connection(hub) as whole, connection(hub) as chunked:
        await send(whole, head + b"Content-Length: 60000\r\n\r\n")
        await send(chunked, head + b"Transfer-Encoding: chunked\r\n\r\n")
        sending = [
            asyncio.create_task(trickle(whole, b" " * 1000, 0.1)),
            asyncio.create_task(trickle(chunked, b"1\r\n \r\n" * 500, 0.05)),
        ]
        for end in (whole, chunked):
            told = problem(await read_to_end(end))
            assert (told["status"], told["error_code"]) == (408, "malformed")
        for each in sending:
            each.cancel()
    assert await cut(hub, "body") == 2
    assert complaints(hub) == []


async def test_body_that_comes_steadily_is_read_however_long_it_takes(start_hub: StartHub) -> None:
    hub = await start_hub(**SHORT)
    async with connection(hub) as end:
        await send(end, b"POST /auth/login HTTP/1.1\r\nHost: hub\r\nContent-Length: 20000\r\n\r\n")
        for _ in range(20):  # 4 KB/s for 5 s
            await send(end, b" " * 1000)
            await asyncio.sleep(0.25)
        assert (await read_answer(end))[0] == 400  # it was read, and is no JSON
    assert await cut(hub, "body") == 0


async def test_body_that_is_thrown_away_has_a_deadline_too(start_hub: StartHub) -> None:
    hub = await start_hub(**SHORT)
    async with connection(hub) as end:
        await send(end, b"POST /nowhere HTTP/1.1\r\nHost: hub\r\nContent-Length: 60000\r\n\r\n")
        assert (await read_answer(end))[0] == 404
        await trickle(end, b" " * 500, 0.1)
        assert await read_to_end(end) == b""


async def test_answers_that_nobody_reads_cost_little_and_end(start_hub: StartHub) -> None:
    hub = await start_hub(**SHORT)
    many = 60
    whole = (await hub.client().get(LARGEST)).content
    assert len(whole) > 2 * BOUND  # else a copy for each would not be seen
    before = resident(hub)
    ends = [await connected(hub, narrow=True) for _ in range(many)]
    for end in ends:
        await send(end, ASK * 3)
    await reaches(hub, lambda m: total(m, "hub_http_connections") > many, PATIENCE)
    for _ in range(5):
        grown = resident(hub) - before
        print(f"grown by {grown / 2**20:.1f} MB")
        assert grown < many * BOUND
        for end in ends:  # whatever they send meanwhile
            try:
                end.send(b"\r\n")
            except (BlockingIOError, ConnectionError):
                pass
        await asyncio.sleep(0.2)
    await reaches(hub, lambda m: total(m, "hub_http_connections_cut_total", reason="unread") == many, 2 * PATIENCE)
    assert (await hub.client().get(LARGEST)).content == whole
    for end in ends:
        end.close()
    assert complaints(hub) == []
    assert "connections were cut" in hub.whole_output()


async def test_one_who_reads_slowly_gets_all_of_it_in_order(start_hub: StartHub) -> None:
    """Longer than an answer may wait unread, and through the close behind the last answer."""
    hub = await start_hub(**SHORT)
    whole = (await hub.client().get(LARGEST)).content
    loop = asyncio.get_running_loop()
    async with connection(hub, narrow=True) as end:
        await send(end, ASK + ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        found, piece = b"", 2048
        async with asyncio.timeout(4 * PATIENCE):
            began = loop.time()
            while data := await loop.sock_recv(end, piece):
                found += data
                if loop.time() - began < 6:
                    await asyncio.sleep(0.05)  # its rate
                else:
                    piece = 65536
    assert found.count(b"HTTP/1.1 200 OK") == 2
    first = found.index(whole)
    assert found.index(whole, first + len(whole)) + len(whole) == len(found)
    assert await cut(hub, "unread") == 0


async def test_requests_behind_an_unread_answer_are_not_read(start_hub: StartHub) -> None:
    hub = await start_hub(**{**SHORT, "HTTP_UNREAD_SECONDS": "0"})
    small = b"GET /health/live HTTP/1.1\r\nHost: hub\r\nX: " + b"x" * 4000 + b"\r\n\r\n"
    async with connection(hub, narrow=True) as end:
        await send(end, ASK)
        loop, sent = asyncio.get_running_loop(), 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                while True:
                    await loop.sock_sendall(end, small)
                    sent += len(small)
        print(f"{sent} bytes were taken")
        # What both kernels keep: megabytes on the side of the client, who sends.
        assert sent < 8 * 2**20
    async with connection(hub) as other:
        await send(other, small)
        assert (await read_answer(other))[0] == 200


async def test_of_each_bound_zero_is_none(start_hub: StartHub) -> None:
    hub = await start_hub(HTTP_HEAD_SECONDS=0, HTTP_BODY_SECONDS=0, HTTP_UNREAD_SECONDS=0, HTTP_CONNECTIONS=0)
    async with connection(hub) as silent, connection(hub) as head, connection(hub) as body:
        await send(head, b"GET /health/live HTTP/1.1\r\nHo")
        await send(body, b"POST /auth/login HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\n{")
        await asyncio.sleep(4)  # several looks of the sweep
        await send(silent, b"GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n")
        await send(head, b"st: hub\r\n\r\n")
        await send(body, b"}")
        assert [(await read_answer(end))[0] for end in (silent, head, body)] == [200, 200, 422]
