"""HTTP clients that mean harm, each kind by itself: what it costs the hub, and whether honest clients notice.

``measure`` starts a hub with the bounds as shipped. The attackers are another process (``python -m bench.attackers KIND
PORT TOKEN DAY``) and have an address of their own, as the honest clients have: of the loopback there are many.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import psutil

from bench import report
from bench.servers import CHECKOUT, Process, Servers

ATTACKER, HONEST = "127.0.0.66", "127.0.0.2"
SECONDS = 15.0
"""Longer than any of the deadlines."""
EACH_SECONDS = 0.02
PASSWORD = "correct horse battery"
LARGEST = "/docs/redoc.js"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(port: int, source: str, *, narrow: bool = False) -> Streams:
    end = socket.socket()
    if narrow:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    end.setblocking(False)
    end.bind((source, 0))
    await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=end, limit=4096 if narrow else 2**20)


def post(path: str, body: bytes, token: str = "") -> bytes:
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    head = f"POST {path} HTTP/1.1\r\nHost: hub\r\n{bearer}Content-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(path: str, token: str = "") -> bytes:
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: hub\r\n{bearer}\r\n".encode()


async def answer(streams: Streams) -> int:
    """The status of the next answer, which is read to its end."""
    head = await streams[0].readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
    await streams[0].readexactly(length)
    return int(head.split(b" ")[1])


# -- the attackers: each holds one connection until the hub ends it


async def slow_heads(streams: Streams, token: str, day: str) -> None:
    streams[1].write(b"GET / HTTP/1.1\r\nX: ")
    await drip(streams)


async def slow_bodies(streams: Streams, token: str, day: str) -> None:
    streams[1].write(b"POST /auth/login HTTP/1.1\r\nHost: hub\r\nContent-Length: 60000\r\n\r\n")
    await drip(streams)


async def drip(streams: Streams) -> None:
    ended = asyncio.ensure_future(streams[0].read())
    while not ended.done():
        streams[1].write(b" ")
        await asyncio.wait([ended], timeout=1)


async def unread_answers(streams: Streams, token: str, day: str) -> None:
    streams[1].transport.pause_reading()  # type: ignore[attr-defined]
    streams[1].write(get(LARGEST) * 3)
    while True:  # the hub's end is seen by writing
        await asyncio.sleep(1)
        streams[1].write(b"\r\n")
        await streams[1].drain()


async def key_floods(streams: Streams, token: str, day: str) -> None:
    body = json.dumps({f"k{number}": 1 for number in range(6000)}).encode()[:64000]
    body = body[: body.rindex(b",")] + b"}"
    while True:
        streams[1].write(post("/bookings", body, token))
        await answer(streams)


async def query_floods(streams: Streams, token: str, day: str) -> None:
    first = date.fromisoformat(day)
    while True:
        for ahead in range(300):
            for second in range(id(streams) % 60, 36000, 61):
                clock = f"{12 + second // 3600 % 9:02}:{second // 60 % 60:02}:{second % 60:02}"
                streams[1].write(get(f"/tables/available?date={first + timedelta(ahead)}&time={clock}", token))
                await answer(streams)


async def unconnected_sockets(streams: Streams, token: str, day: str) -> None:
    streams[1].write(
        b"GET /live HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await streams[0].read()


async def one_full_day(streams: Streams, token: str, day: str) -> None:
    while True:
        streams[1].write(post("/bookings", json.dumps({"date": day, "time": "18:00"}).encode(), token))
        await answer(streams)


async def wrong_log_ins(streams: Streams, token: str, day: str) -> None:
    while True:
        streams[1].write(post("/auth/login", b'{"email": "nobody@example.com", "password": "a wrong password"}'))
        await answer(streams)


KINDS: dict[str, tuple[Callable[[Streams, str, str], Awaitable[None]], int]] = {
    "slow heads": (slow_heads, 200),
    "slow bodies": (slow_bodies, 200),
    "unread answers": (unread_answers, 200),
    "key floods": (key_floods, 4),
    "query floods": (query_floods, 4),
    "unconnected sockets": (unconnected_sockets, 400),
    "one full day": (one_full_day, 800),
    "wrong log-ins": (wrong_log_ins, 200),
}


async def attack(kind: str, port: int, token: str, day: str) -> None:
    """Until it is ended; prints the seconds after which each connection ended."""
    villain, count = KINDS[kind]

    async def one() -> None:
        began = time.monotonic()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await villain(await connect(port, ATTACKER, narrow=kind == "unread answers"), token, day)
        print(f"{time.monotonic() - began:.2f}", flush=True)

    await asyncio.gather(*(one() for _ in range(count)))
    await asyncio.Event().wait()


# -- the honest ones


class Honest:
    """Asks for tables, over one connection and over new ones, and logs in now and then; notes how long it took."""

    def __init__(self, port: int, token: str, day: str, email: str) -> None:
        self.port, self.token, self.email = port, token, email
        self.ask = get(f"/tables/available?date={day}&time=19:00", token)
        self.waits: list[float] = []
        self.log_ins: list[float] = []
        self.failed: list[str] = []

    async def during(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        await asyncio.gather(self._read(end), self._come_anew(end), self._log_in(end))

    async def _one(self, streams: Streams, request: bytes, waits: list[float]) -> None:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(10):
                streams[1].write(request)
                status = await answer(streams)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.failed.append(type(error).__name__)
            return
        waits.append(time.perf_counter() - began)
        if status not in (200, 304):
            self.failed.append(str(status))

    async def _read(self, end: float) -> None:
        streams = await connect(self.port, HONEST)
        while time.monotonic() < end and not streams[1].is_closing():
            await self._one(streams, self.ask, self.waits)
            await asyncio.sleep(EACH_SECONDS)
        streams[1].close()

    async def _come_anew(self, end: float) -> None:
        while time.monotonic() < end:
            streams = await connect(self.port, HONEST)
            await self._one(streams, self.ask, self.waits)
            streams[1].close()
            await asyncio.sleep(10 * EACH_SECONDS)

    async def _log_in(self, end: float) -> None:
        body = json.dumps({"email": self.email, "password": PASSWORD}).encode()
        while time.monotonic() < end:
            streams = await connect(self.port, HONEST)
            await self._one(streams, post("/auth/login", body), self.log_ins)
            streams[1].close()
            await asyncio.sleep(1)


def measure(servers: Servers, start: Callable[[Servers, str], Process], day: str) -> str:
    """``start(servers, name)`` starts a hub on a new database, with every bound as shipped: one for each kind."""
    rows = []
    for kind in KINDS:
        name = kind.replace(" ", "").replace("-", "")
        servers.make_database(name)
        hub = start(servers, name)
        rows.append([kind, *asyncio.run(_beside(kind, name, hub, day))])
        servers.stop(hub)
    head = (
        "",
        "memory before, MB",
        "at most",
        "others' p99 alone, ms",
        "beside",
        "log-in p50 alone",
        "beside",
        "failed",
        "cut after, s",
    )
    return report.table(f"Attackers, {SECONDS:g} s each, the bounds as shipped", head, rows)


async def _beside(kind: str, name: str, hub: Process, day: str) -> list[str]:
    email = f"honest@{name}.example.com"  # all hubs count in one Redis how often an address is registered
    token = await _register(hub.port, email, "+4915112345601")
    villain = await _register(hub.port, f"villain@{name}.example.com", "+4915112345602")
    alone = Honest(hub.port, token, day, email)
    await alone.during(3)
    before = _memory(hub)
    words = (kind, str(hub.port), villain, day)
    attackers = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.attackers", *words), cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE
    )
    most = [before]
    beside = Honest(hub.port, token, day, email)
    honest = asyncio.create_task(beside.during(SECONDS))
    while not honest.done():
        await asyncio.wait([honest], timeout=0.5)
        most.append(_memory(hub))
    attackers.terminate()
    said, _ = await attackers.communicate()
    ended = [float(line) for line in said.split()]
    cut = f"{min(ended):.1f}–{max(ended):.1f} ({len(ended)} of {KINDS[kind][1]})" if ended else "–"
    failed = ", ".join(f"{beside.failed.count(what)} × {what}" for what in sorted(set(beside.failed))) or "none"
    log_ins = [f"{report.percentile(each.log_ins, 0.5) * 1e3:.0f}" if each.log_ins else "–" for each in (alone, beside)]
    return [
        f"{before:.0f}",
        f"{max(most):.0f}",
        f"{report.percentile(alone.waits, 0.99) * 1e3:.0f}",
        f"{report.percentile(beside.waits, 0.99) * 1e3:.0f}" if beside.waits else "–",
        *log_ins,
        f"{failed} of {len(beside.waits) + len(beside.log_ins)}",
        cut,
    ]


async def _register(port: int, email: str, phone: str) -> str:
    streams = await connect(port, HONEST)
    body = {"email": email, "password": PASSWORD, "phone_number": phone, "full_name": "Ada Guest"}
    streams[1].write(post("/auth/register", json.dumps(body).encode()))
    head = await streams[0].readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:")
    found = json.loads(await streams[0].readexactly(length))
    streams[1].close()
    return str(found["access_token"])


def _memory(hub: Process) -> float:
    """MB of the whole family that are its own."""
    total = 0
    for pid in hub.family():
        with contextlib.suppress(psutil.Error):
            total += psutil.Process(pid).memory_full_info().uss
    return total / 2**20


if __name__ == "__main__":
    asyncio.run(attack(*(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])))
