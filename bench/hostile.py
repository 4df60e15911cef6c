"""Whether those who do right notice those who don't: the last subscriber's wait, alone and beside hostile clients.

The hostile ones are a process of their own: ``python -m bench.hostile PORT CHANNEL TOKEN``, until it is ended. Each
does one thing wrong, for as long as the hub lets it, and then comes back a second later.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
import uvloop

from bench import report
from bench.live_sides import Hub, cpu, resident
from bench.servers import CHECKOUT, Servers
from bench.sockets import masked

WATCHERS = 200
SETTLE_SECONDS = 30.0
"""Until those who stop reading have been found out, at the bounds as shipped."""


def measure(
    servers: Servers,
    runner: asyncio.Runner,
    tokens: list[str],
    turn: Callable[[Hub, float], Awaitable[Any]],
    *,
    seconds: float,
    rounds: int,
) -> str:
    """``turn`` publishes for some seconds and returns the waits; here alone, beside hostile clients, alone again."""
    hub = Hub("", servers.start_hub("live"), servers, tokens)

    async def run() -> list[list[str]]:
        await hub.open()
        await hub.connect(WATCHERS)
        await turn(hub, seconds)  # warms up
        found: dict[str, list[list[float]]] = {"alone": [], "beside hostile clients": []}
        used: dict[str, list[float]] = {name: [] for name in found}
        sent_away: list[dict[str, float]] = []

        async def take(name: str) -> None:
            before, began = cpu(hub.pids), time.perf_counter()
            found[name].append((await turn(hub, seconds)).waits)
            used[name].append((cpu(hub.pids) - before) / (time.perf_counter() - began))

        grown = []
        for _ in range(rounds):
            await take("alone")
            before, memory = await _closes(hub), resident(hub.pids)
            words = (str(hub.crowd.port), f"availability:{hub.day}", tokens[0])
            hostile = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.hostile", *words, cwd=CHECKOUT)
            await turn(hub, SETTLE_SECONDS)
            await take("beside hostile clients")
            grown.append((resident(hub.pids) - memory) / 2**20)
            after = await _closes(hub)
            sent_away.append({name: after[name] - before.get(name, 0) for name in after})
            hostile.terminate()
            await hostile.wait()
        await take("alone")
        rows = []
        for name, waits in found.items():
            all_waits = [wait for each in waits for wait in each]
            rows.append(
                [
                    name,
                    *(f"{report.percentile(all_waits, share) * 1e3:.1f}" for share in (0.5, 0.99, 0.999)),
                    f"{sum(used[name]) / len(used[name]):.2f}",
                ]
            )
        total = {name: sum(each.get(name, 0) for each in sent_away) for name in sent_away[0]}
        said = ", ".join(f"{name} {count:.0f}" for name, count in sorted(total.items()) if count)
        rows.append([f"sent away meanwhile: {said}", "", "", "", ""])
        rows.append([f"memory, more than before: {', '.join(f'{each:.1f}' for each in grown)} MiB", "", "", "", ""])
        await hub.close()
        return rows

    rows = runner.run(run())
    head = ("", "last socket p50, ms", "p99, ms", "p99.9, ms", "of a core, the hub")
    return report.table(f"{WATCHERS} subscribers, 50 updates/s, and {sum(CROWD.values())} hostile clients", head, rows)


async def _closes(hub: Hub) -> dict[str, float]:
    """How many sessions the hub has sent away, by the close's name."""
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"http://127.0.0.1:{hub.crowd.port}/metrics")).text
    found = {}
    for line in text.splitlines():
        if line.startswith("hub_live_closes_total{"):
            found[line.split('"')[1]] = float(line.rsplit(" ", 1)[1])
    return found


# -- the hostile ones


class Villain:
    """One connection, for one who does something wrong with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, channel: str, token: str) -> None:
        self.reader, self.writer, self.channel = reader, writer, channel
        self.hello = masked(1, orjson.dumps({"op": "connect", "id": 1, "token": token, "since": {channel: None}}))
        self.ids = itertools.count(2)

    def command(self, op: str, **fields: Any) -> bytes:
        return masked(1, orjson.dumps({"op": op, "id": next(self.ids), **fields}))

    async def send(self, data: bytes, each: float) -> None:
        """Write, and not again before ``each`` seconds are over: what it would do all day."""
        self.writer.write(data)
        await self.writer.drain()
        await asyncio.sleep(each)

    async def read_on(self) -> None:
        with contextlib.suppress(OSError):
            while await self.reader.read(65536):
                pass


async def stops_reading(me: Villain) -> None:
    me.writer.write(me.hello)
    me.writer.transport.pause_reading()  # type: ignore[attr-defined]
    while True:
        await me.send(me.command("ping"), 10)


async def reads_a_kilobyte_a_second(me: Villain) -> None:
    me.writer.write(me.hello)
    while await me.reader.read(128):  # noqa: ASYNC110 - its rate
        await asyncio.sleep(0.125)


async def says_nothing(me: Villain) -> None:
    await me.read_on()


async def floods(me: Villain) -> None:
    me.writer.write(me.hello)
    reading = asyncio.create_task(me.read_on())
    while not reading.done():
        await me.send(b"".join(me.command("ping") for _ in range(20)), 0.1)


async def pings_as_fast_as_it_is_taken(me: Villain) -> None:
    me.writer.write(me.hello)
    reading = asyncio.create_task(me.read_on())
    pings = masked(9, b"") * 2000
    while not reading.done():
        await me.send(pings, 0)


async def subscribes_without_end(me: Villain) -> None:
    me.writer.write(me.hello)
    reading = asyncio.create_task(me.read_on())
    while not reading.done():
        await me.send(b"".join(me.command("subscribe", channel=me.channel) for _ in range(20)), 0.1)


async def sends_one_byte_fragments(me: Villain) -> None:
    me.writer.write(me.hello)
    reading = asyncio.create_task(me.read_on())
    first = bytearray(masked(1, b"{"))
    first[0] &= 0x7F  # it is not the last one
    me.writer.write(bytes(first))
    while not reading.done():
        await me.send(bytes((0x00, 0x81)) + bytes(4) + b" ", 0.01)


async def sends_what_is_no_text(me: Villain) -> None:
    me.writer.write(me.hello)
    await me.send(masked(1, b"\xff\xfe"), 0)
    await me.read_on()


async def sends_too_much(me: Villain) -> None:
    me.writer.write(me.hello)
    await me.send(masked(1, bytes(20_000)), 0)
    await me.read_on()


CROWD: dict[Callable[[Villain], Awaitable[None]], int] = {
    stops_reading: 20,
    reads_a_kilobyte_a_second: 20,
    says_nothing: 10,
    floods: 5,
    pings_as_fast_as_it_is_taken: 2,
    subscribes_without_end: 5,
    sends_one_byte_fragments: 5,
    sends_what_is_no_text: 5,
    sends_too_much: 5,
}


async def be(kind: Callable[[Villain], Awaitable[None]], port: int, channel: str, token: str) -> None:
    """One after the other, each until it is sent away."""
    while True:
        with contextlib.suppress(OSError):
            end = socket.socket()
            if kind in (stops_reading, reads_a_kilobyte_a_second):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # else its own kernel reads for it
            end.setblocking(False)
            await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=end, limit=4096)
            writer.write(
                f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            with contextlib.suppress(asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                await kind(Villain(reader, writer, channel, token))
            writer.close()
        await asyncio.sleep(1)


async def main(port: int, channel: str, token: str) -> None:
    await asyncio.gather(*(be(kind, port, channel, token) for kind, count in CROWD.items() for _ in range(count)))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
