"""A hub whose standard output takes nothing answers as with one that does: closed, full, its reader gone or stalled."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson
import pytest

from hub.log_writer import MOST_LINES
from tests.conftest import SECRET_KEY
from tests.guests import until
from tests.http_clients import http_client
from tests.integration.http.conftest import connection, read_to_end, send
from tests.integration.rest import day_after
from tests.outside import series, total
from tests.servers import CLOSED, PATIENCE, HubServer, end_group, environment, free_port, spawn, until_ready

DAY = day_after(25)


@dataclass(slots=True)
class Output:
    """A pipe for the standard output of a hub, and who reads it."""

    out: int
    into: int
    read: bytes = b""
    readers: list[threading.Thread] = field(default_factory=list)

    def begin_to_read(self) -> None:
        def drain() -> None:
            while data := os.read(self.out, 1 << 20):
                self.read += data

        self.readers.append(threading.Thread(target=drain))
        self.readers[-1].start()


@pytest.fixture
def output() -> Iterator[Output]:
    out, into = os.pipe()
    made = Output(out, into)
    yield made
    for reader in made.readers:
        reader.join(PATIENCE)
    for descriptor in (made.out, made.into):
        if descriptor >= 0:
            os.close(descriptor)


Start = Callable[[int], Awaitable[HubServer]]


@pytest.fixture
async def start(database_url: str, redis_url: str, data_dir: Path) -> AsyncIterator[Start]:
    """Starts a hub with this descriptor, or CLOSED, as its standard output."""
    running: list[HubServer] = []

    async def begin(stdout: int) -> HubServer:
        environ = environment(DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY=SECRET_KEY)
        port = free_port()
        own = data_dir / f"hub-{len(running)}"
        process, log = spawn(own, environ, "serve", "--port", str(port), "--workers", "1", stdout=stdout)
        server = HubServer(f"http://127.0.0.1:{port}", environ, own, process, log)
        running.append(server)
        try:
            await until_ready(server.url, process, PATIENCE)
        except BaseException:
            end_group(process, 0)
            raise AssertionError(f"hub serve did not become ready:\n{server.output}") from None
        return server

    yield begin
    await asyncio.gather(*(server.stop() for server in running))


async def check_serves(hub: HubServer, *, requests: int) -> None:
    """It answers what a hub with a well output answers: reads, a booking, refusals, and so many more."""
    guest = await hub.register()
    path = f"/tables/available?date={DAY}&time=18:00"
    assert (await guest.client.get("/health/ready")).status_code == 200
    booked = await guest.client.post("/bookings", json={"date": DAY, "time": "18:00", "guests": 2})
    assert booked.status_code == 201
    assert (await guest.client.get("/bookings/my")).json()["items"][0]["id"] == booked.json()["id"]
    assert (await guest.client.get("/nothing/here")).status_code == 404
    assert (await guest.client.post("/bookings", content=b"{")).status_code == 400
    head = f"GET {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {guest.token}\r\n"
    async with connection(hub) as end:
        asked = f"{head}\r\n" * (requests - 1) + f"{head}Connection: close\r\n\r\n"
        sending = asyncio.create_task(send(end, asked.encode()))
        answers = await read_to_end(end, 3 * PATIENCE)
        await sending
    assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b"HTTP/1.1 ") == requests


@pytest.mark.slow
async def test_full_disk_behind_the_output_changes_no_answer(start: Start) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        hub = await start(full)
    finally:
        os.close(full)
    await check_serves(hub, requests=200)

    async def counted() -> bool:
        return total(await series(hub), "hub_log_lines_dropped_total") > 200

    await until(counted)
    assert hub.output == ""  # nor is the standard error told instead


async def test_reader_that_is_gone_changes_no_answer(start: Start, output: Output) -> None:
    hub = await start(output.into)
    os.close(output.out)
    output.out = -1
    await check_serves(hub, requests=200)
    assert hub.output == ""
    assert await hub.stop() == 0


@pytest.mark.slow
async def test_reader_that_stalls_freezes_nothing_and_finds_the_gap_told(start: Start, output: Output) -> None:
    hub = await start(output.into)
    os.close(output.into)
    output.into = -1
    await check_serves(hub, requests=MOST_LINES + 1500)  # a pipe holds some 270 lines

    async def counted() -> float:
        return total(await series(hub), "hub_log_lines_dropped_total")

    await until(counted)
    output.begin_to_read()
    await until(lambda: told(output))
    async with http_client(base_url=hub.url) as client:
        await client.get("/health/live", headers={"X-Request-ID": "after-the-gap"})
    await until(lambda: written(output, b"after-the-gap"))
    assert await hub.stop() == 0
    output.readers[0].join(PATIENCE)
    lines = [orjson.loads(line) for line in output.read.splitlines()]
    gaps = [line["count"] for line in lines if "lines were dropped" in line["event"]]
    assert len(lines) > MOST_LINES and sum(gaps) > 1000
    assert [line["event"] for line in lines[-3:]].count("request") < 3  # what was said at the end is there too


async def told(output: Output) -> bool:
    return b"lines were dropped" in output.read


async def written(output: Output, text: bytes) -> bool:
    return text in output.read


@pytest.mark.slow
async def test_stalled_reader_holds_no_stop_up(start: Start, output: Output) -> None:
    hub = await start(output.into)
    await check_serves(hub, requests=1000)
    assert await hub.stop() == 0


async def test_output_that_is_closed_changes_no_answer(start: Start) -> None:
    """Its number must not become another file's: a connection to the database would be logged into."""
    hub = await start(CLOSED)
    await check_serves(hub, requests=200)
    assert hub.output == ""


async def test_request_id_method_and_path_of_any_bytes_are_answered_and_logged(hub_server: HubServer) -> None:
    for head in (
        b"GET /\xff\xfe\xed\xa0\x80 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /tables/available?date=\xff%ed%a0%80&time=%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-Request-ID: \xff\xe5\xae\xa2\x1b[31m\r\n\r\n",
        b"G\x7fT\xff /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 34\r\n\r\n"
        + b'{"email":"\xff\xed\xa0\x80","\\ud800":"\\udfff"}',
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(hub_server.url).port)
        writer.write(head)
        async with asyncio.timeout(PATIENCE):
            status = int((await reader.readline()).split()[1])
        assert status < 500
        writer.close()
    lines = hub_server.whole_output().splitlines()
    assert [line for line in map(orjson.loads, lines) if line["level"] in ("error", "critical")] == []
    assert all(line.isprintable() for line in lines)
