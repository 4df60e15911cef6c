"""What waits for one who has left reaches nobody who came after, though the kernel gives both the same descriptor."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import pytest

from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.outside import complaints
from tests.sockets import UNBOUNDED, Wire
from tests.traffic import Traffic, writing

DAY = day_after(7)
ROUNDS = 20
AT_ONCE = 8
ANSWER = re.compile(rb'HTTP/1\.1 200 OK\r\n(?:[\w-]+: [^\r]*\r\n)+\r\n\{"status":"live","checks":\{\}\}')
"""Of /health/live, and not a byte more."""


async def ask(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /health/live HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    return reader, writer


@pytest.mark.slow
async def test_frames_of_one_who_left_reach_nobody_who_came_after(start_hub: StartHub) -> None:
    hub = await start_hub(**UNBOUNDED)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, [DAY])
    await traffic.seed(20)
    where = urlsplit(hub.url)
    assert where.hostname and where.port
    channels = [f"floor:{DAY}", f"availability:{DAY}"]
    came_after = []
    async with writing(traffic):
        for turn in range(ROUNDS):
            leaving = [await Wire.open(hub, keeps=False) for _ in range(AT_ONCE)]
            for wire in leaving:
                wire.connect(host.token, *channels)
            for wire in leaving:
                await wire.until(lambda w=wire: w.holds(*channels))  # type: ignore[misc]
            for wire in leaving:
                if turn % 2:
                    wire.transport.abort()
                else:
                    wire.transport.close()
            came_after += [await ask(where.hostname, where.port) for _ in range(AT_ONCE)]
    assert traffic.written > ROUNDS
    for reader, writer in came_after:
        async with asyncio.timeout(10):
            answer = await reader.readuntil(b"\r\n\r\n")
            size = int(re.search(rb"content-length: (\d+)", answer.lower()).group(1))  # type: ignore[union-attr]
            answer += await reader.readexactly(size)
            assert ANSWER.fullmatch(answer), answer[:500]
            # Whatever else was written to it came before the answer to this.
            writer.write(f"GET /nowhere HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n".encode())
            assert (await reader.read()).startswith(b"HTTP/1.1 404 ")
        writer.close()
        await writer.wait_closed()
    assert complaints(hub) == []
