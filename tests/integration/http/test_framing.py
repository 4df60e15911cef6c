"""Bytes that are no request: each gets 400 as problem+json and one line in the log, and the connection ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.http.conftest import connection, problem, read_answer, read_to_end, send
from tests.integration.rest import log_lines, running
from tests.outside import complaints
from tests.servers import PATIENCE, HubServer, Servers

pytestmark = pytest.mark.asyncio(loop_scope="module")
GET = b"GET /health/live HTTP/1.1\r\n"
POST = b"POST /auth/login HTTP/1.1\r\nHost: hub\r\n"


HANDSHAKE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    async with running(servers, template, folder, HTTP_HEAD_SECONDS=2, HTTP_BODY_SECONDS=2) as hub:
        yield hub


WRONG = {
    "target without a slash": b"GET a HTTP/1.1\r\nHost: hub\r\n\r\n",
    "target with half an address": b"GET http://[::1 HTTP/1.1\r\nHost: hub\r\n\r\n",
    "target with a wrong port": b"GET http://hub:99999999/ HTTP/1.1\r\nHost: hub\r\n\r\n",
    "empty target": b"GET  HTTP/1.1\r\nHost: hub\r\n\r\n",
    "bytes in the target": b"GET /\xff HTTP/1.1\r\nHost: hub\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/2.0\r\nHost: hub\r\n\r\n",
    "half of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40) + b"\r\n\r\n",
    "no head at all": b"\0\0\0\0\r\n\r\n",
    "no Host": GET + b"\r\n",
    "two Host lines": GET + b"Host: hub\r\nHost: hub\r\n\r\n",
    "two hosts in one line": GET + b"Host: hub, evil\r\n\r\n",
    "Host with a path": GET + b"Host: hub/evil\r\n\r\n",
    "space before the colon": POST + b"Content-Length : 2\r\n\r\n{}",
    "tab before the colon": POST + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "no colon": GET + b"Host: hub\r\nno colon here\r\n\r\n",
    "no name": GET + b"Host: hub\r\n: x\r\n\r\n",
    "NUL in a value": GET + b"Host: hub\r\nX: a\0b\r\n\r\n",
    "bare CR in a value": GET + b"Host: hub\r\nX: a\rb\r\n\r\n",
    "bare LF in a value": GET + b"Host: hub\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n",
    "a folded line": GET + b"Host: hub\r\nX: a\r\n b\r\n\r\n",
    "bytes in a name": GET + b"Host: hub\r\nX\xe9: a\r\n\r\n",
    "length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "length with a sign": POST + b"Content-Length: +2\r\n\r\n{}",
    "length in another script": POST + "Content-Length: ٢\r\n\r\n{}".encode(),
    "another encoding": POST + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "chunk size 0x21": POST + b"Transfer-Encoding: chunked\r\n\r\n0x21\r\n" + b"x" * 33 + b"\r\n0\r\n\r\n",
    "chunk size with a space before": POST + b"Transfer-Encoding: chunked\r\n\r\n 2\r\n{}\r\n0\r\n\r\n",
    "chunk longer than it said": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx5\r\n",
    "a trailer": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n",
    "chunks of HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_request_gets_400_and_one_line(hub: HubServer, name: str) -> None:
    before = refusals(hub)
    async with connection(hub) as end:
        await send(end, WRONG[name])
        told = problem(await read_to_end(end))
    assert (told["status"], told["error_code"]) == (400, "malformed")
    async with asyncio.timeout(PATIENCE):
        while refusals(hub) == before:  # noqa: ASYNC110 - another process' log
            await asyncio.sleep(0.01)
    assert refusals(hub) == before + 1
    assert complaints(hub) == []


def refusals(hub: HubServer) -> int:
    return sum(line["event"] == "request" and line["status"] == 400 for line in log_lines(hub))


@pytest.mark.parametrize(
    ("request_", "stays"),
    [
        (GET + b"Host: hub\r\n\r\n", True),
        (b"\r\n\r\n" + GET + b"Host: hub\r\n\r\n", True),
        (GET + b"Host: [::1]:80\r\n\r\n", True),
        (GET + b"Host:\r\n\r\n", True),
        (GET + b"host:hub\r\nX:\r\nY: \t \r\nZ: caf\xe9 \xe5\xae\xa2\r\n\r\n", True),
        (b"GET http://hub/health/live?a=b HTTP/1.1\r\nHost: hub\r\n\r\n", True),
        (GET + b"Host: hub\r\nConnection: TE, keep-alive\r\n\r\n", True),
        (GET + b"Host: hub\r\nConnection: TE\r\n\r\n", True),
        (GET + b"Host: hub\r\nConnection: TE\r\nConnection: Close\r\n\r\n", False),
        (b"GET /health/live HTTP/1.0\r\n\r\n", False),
        (b"GET /health/live HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", True),
    ],
)
async def test_connection_stays_open_where_both_sides_may_expect_it(
    hub: HubServer, request_: bytes, stays: bool
) -> None:
    async with connection(hub) as end:
        for _ in range(2 if stays else 1):
            await send(end, request_)
            status, headers, _ = await read_answer(end)
            assert (status, headers["connection"]) == (200, "keep-alive" if stays else "close")
        if not stays:
            assert await read_to_end(end) == b""


async def test_one_who_sends_much_that_is_refused_still_reads_why(hub: HubServer) -> None:
    """Closing with bytes that nobody has read would reset the connection, and the answer would be lost."""
    for head in (b"GET a HTTP/1.1\r\nHost: hub\r\n\r\n", POST + b"Content-Length: 900000\r\n\r\n"):
        async with connection(hub) as end:
            await send(end, head + b"x" * 300_000)
            assert (await read_to_end(end)).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("value", ["客".encode(), b"caf\xe9", b"\xff\xfe"])
async def test_header_of_a_neighbour_does_not_keep_a_page_from_the_live_channel(hub: HubServer, value: bytes) -> None:
    for more, status in ((b"Cookie: name=" + value, 101), (b"Sec-WebSocket-Extensions: " + value, 400)):
        async with connection(hub) as end:
            await send(end, b"GET /live HTTP/1.1\r\nHost: hub\r\n" + HANDSHAKE + more + b"\r\n\r\n")
            assert (await read_answer(end))[0] == status
    assert complaints(hub) == []


@pytest.mark.slow
async def test_no_header_whatever_its_bytes_is_a_fault_of_the_hub(hub: HubServer) -> None:
    """2,000 random lines, in names that the hub reads and in others."""
    dice = random.Random(20261129)
    names = (
        b"X-Name", b"Cookie", b"Origin", b"Authorization", b"X-Request-ID", b"If-None-Match", b"Accept", b"Forwarded",
        b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Host", b"Upgrade", b"Connection", b"Expect", b"Range",
        b"Content-Type", b"Content-Length", b"Transfer-Encoding", b"Sec-WebSocket-Key", b"Sec-WebSocket-Version",
        b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions", b"Accept-Encoding", b"Host", b"\xff", b"",
    )  # fmt: skip
    values = (b"websocket", b"Upgrade", b"13", b"Bearer ", b"chunked", b"0", b"for=", b"https", "客".encode())
    paths = (b"/live", b"/auth/me", b"/tables/available?date=2026-12-01&time=18:00", b"/", b"/docs", b"/nowhere", b"a")

    def line() -> bytes:
        kind = dice.randrange(4)
        noise = bytes(dice.randrange(256) for _ in range(dice.randrange(24)))
        if kind == 0:
            return noise
        value = noise if kind == 1 else dice.choice(values) + (noise if kind == 2 else b"")
        return dice.choice(names) + b": " + value

    async def ask(path: bytes, lines: list[bytes]) -> None:
        head = b"GET " + path + b" HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"
        if path == b"/live":
            head += HANDSHAKE
        request = head + b"".join(each + b"\r\n" for each in lines) + b"\r\n"
        async with connection(hub) as end:
            await send(end, request)
            answer = await read_to_end(end)
            assert answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4", b"HTTP/1.1 101")), (request, answer)

    for _ in range(10):  # some announce a body that never comes
        await asyncio.gather(*(ask(dice.choice(paths), [line(), line()]) for _ in range(100)))
    assert complaints(hub) == []
