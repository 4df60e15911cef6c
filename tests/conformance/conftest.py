"""One hub for all statements of the live protocol, another with tight bounds, and a client that shares no code with
the hub."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import jwt
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests import servers as made
from tests.between import Between
from tests.conftest import SECRET_KEY
from tests.http_clients import NO_CERTIFICATES
from tests.servers import HubServer, Servers

PATIENCE = made.PATIENCE
TIGHT = {
    "LIVE_FIRST_FRAME_SECONDS": "1",
    "LIVE_EXPIRING_SECONDS": "3",
    "LIVE_GRACE_SECONDS": "1",
    "LIVE_MESSAGES_PER_SECOND": "100",
    "LIVE_MESSAGE_BURST": "300",
    "LIVE_FLOOD_SECONDS": "0.5",
    "LIVE_SUBSCRIPTIONS": "3",
    "LIVE_SESSIONS_PER_ADDRESS": "3",
    "LIVE_OUTBOUND_BYTES": "16384",
    "LIVE_STALL_SECONDS": "0.5",
    "LIVE_STUCK_SECONDS": "2",
    "LIVE_PING_SECONDS": "1",
    "LIVE_SILENCE_SECONDS": "2.5",
    "PROXIES_COUNT": "1",
}
"""Of the second hub, so that what takes a while by default is soon there. Each test there has an address of its own."""
addresses = (f"192.0.2.{n}" for n in itertools.count(1))
days = itertools.count(20)


def frame(payload: bytes, opcode: int = 1, *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    """A frame of RFC 6455, right or wrong. Its mask is zero, which leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        length = bytes((masked << 7 | size,))
    elif size < 65536:
        length = bytes((masked << 7 | 126,)) + size.to_bytes(2, "big")
    else:
        length = bytes((masked << 7 | 127,)) + size.to_bytes(8, "big")
    return bytes((fin << 7 | rsv << 4 | opcode,)) + length + bytes(4 if masked else 0) + payload


class Talker:
    """One socket: says frames, and hears them one by one."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, op: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"op": op, **fields}))

    def raw(self, *frames: bytes) -> None:
        """Bytes as they are, past the library."""
        self.socket.socket.sendall(b"".join(frames))

    def next(self, timeout: float = PATIENCE) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=timeout))
        return message

    def hears(self, op: str, fits: Callable[[dict[str, Any]], bool] = lambda frame: True) -> dict[str, Any]:
        """The next frame of this kind; what comes before it is passed over."""
        while True:
            message = self.next()
            if message["op"] == op and fits(message):
                return message

    def answer(self, id: Any) -> dict[str, Any]:
        """The next frame that carries this id."""
        while (message := self.next()).get("id", ...) != id:
            pass
        return message

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        self.say(op, **fields)
        return self.answer(fields["id"])

    def heard_until_pong(self) -> list[dict[str, Any]]:
        """All that came until now, but for ``fresh``."""
        self.say("ping", id="until now")
        heard = []
        while (message := self.next()).get("id") != "until now":
            heard.append(message)
        return [message for message in heard if message["op"] != "fresh"]

    def end(self) -> tuple[int | None, dict[str, Any] | None]:
        """The close code, and the bye before it."""
        bye = None
        with contextlib.suppress(ConnectionClosed):
            while True:
                message = self.next()
                bye = message if message["op"] == "bye" else bye
        return self.socket.close_code, bye

    def ends(self, code: int) -> dict[str, Any]:
        """It is closed with this code, and was told so; returns the bye."""
        closed, bye = self.end()
        assert closed == code
        assert bye is not None and bye["code"] == code
        return bye


class Bare:
    """A socket that answers nothing by itself and reads when it is asked to; its buffers are a far network's."""

    def __init__(self, end: socket.socket, headers: str) -> None:
        self.end = end
        self._buffer = b""
        self.raw(
            b"GET /live HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + headers.encode() + b"\r\n"
        )
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self.end.recv(65536)
        assert self._buffer.startswith(b"HTTP/1.1 101 ")
        self._buffer = self._buffer.partition(b"\r\n\r\n")[2]

    def raw(self, *frames: bytes) -> None:
        self.end.sendall(b"".join(frames))

    def say(self, op: str, **fields: Any) -> None:
        self.raw(frame(json.dumps({"op": op, **fields}).encode()))

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """(opcode, payload) of each frame, until the connection ends."""
        while True:
            while (found := self._one()) is None:
                try:
                    more = self.end.recv(65536)
                except ConnectionError:
                    return
                if not more:
                    return
                self._buffer += more
            yield found

    def _one(self) -> tuple[int, bytes] | None:
        if len(self._buffer) < 2:
            return None
        size, start = self._buffer[1], 2
        wide = {126: 2, 127: 8}.get(size, 0)
        size, start = int.from_bytes(self._buffer[2 : 2 + wide], "big") if wide else size, start + wide
        if len(self._buffer) < start + size:
            return None
        found = self._buffer[0] & 15, self._buffer[start : start + size]
        self._buffer = self._buffer[start + size :]
        return found

    def hears(self, op: str) -> dict[str, Any]:
        """The next message of this kind."""
        for opcode, payload in self.frames():
            if opcode == 1 and (message := json.loads(payload))["op"] == op:
                return dict(message)
        raise AssertionError(f"the connection ended before {op}")

    def end_of_it(self) -> tuple[int | None, list[dict[str, Any]]]:
        """The close code (None: the line was cut without one), and the messages before it."""
        code, heard = None, []
        for opcode, payload in self.frames():
            if opcode == 1:
                heard.append(json.loads(payload))
            elif opcode == 8:
                code = int.from_bytes(payload[:2], "big")
                break
        return code, heard


class Gate:
    """The way of both hubs to their database, in a thread of its own; closed, the database hangs."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self._loop = asyncio.new_event_loop()
        self._between = Between(parts.hostname, parts.port)
        self._opened = threading.Event()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._carry()])
        self._thread.start()
        assert self._opened.wait(PATIENCE)
        at = f"{parts.username}:{parts.password}@127.0.0.1:{self._between.port}"
        self.url = urlunsplit(parts._replace(netloc=at))

    async def _carry(self) -> None:
        async with self._between.open():
            self._opened.set()
            await self._ended.wait()

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        self._loop.call_soon_threadsafe(self._between.carries.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._between.carries.set)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in."""

    token: str
    email: str
    http: httpx.Client

    def book(self, day: date, time: str = "18:00", guests: int = 2) -> dict[str, Any]:
        return self.done("POST", "/bookings", {"date": day.isoformat(), "time": time, "guests": guests})

    def asks(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.http.request(method, path, json=body, headers=headers)

    def done(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.asks(method, path, body)
        assert answer.is_success, answer.text
        return dict(answer.json()) if answer.content else {}

    def claims(self, **other: Any) -> str:
        """The token with other claims in it, signed by the hub's key."""
        mine = jwt.decode(self.token, options={"verify_signature": False})
        return jwt.encode(mine | other, SECRET_KEY, algorithm="HS256")


class Hubs:
    """A hub with every default and one with tight bounds, on one database; a guest, a host and an admin."""

    def __init__(self, hub: HubServer, tight: HubServer, gate: Gate, database_url: str) -> None:
        self.hub, self.tight, self.gate, self.database_url = hub, tight, gate, database_url
        self.open_ones = contextlib.ExitStack()
        self.http = httpx.Client(base_url=hub.url, timeout=PATIENCE, trust_env=False, verify=NO_CERTIFICATES)
        self.guest, self.host, self.admin = self.register(), self.staff("host"), self.staff("admin")

    @property
    def token(self) -> str:
        return self.guest.token

    def open(self, *, tight: bool = False, address: str | None = None, url: str | None = None, **how: Any) -> Talker:
        how.setdefault("subprotocols", ["booking.v1.json"])
        if tight:
            how["additional_headers"] = {"X-Forwarded-For": address or next(addresses)}
        calm = {"compression": None, "ping_interval": None, "proxy": None, "close_timeout": 2}
        url = url or (self.tight if tight else self.hub).live_url
        return Talker(self.open_ones.enter_context(connect(url, **calm | how)))

    def bare(self, *, address: str | None = None) -> Bare:
        """A bare socket at the hub with tight bounds."""
        end = self.open_ones.enter_context(socket.socket())
        end.settimeout(PATIENCE)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        end.connect(("127.0.0.1", urlsplit(self.tight.url).port))
        return Bare(end, f"X-Forwarded-For: {address or next(addresses)}\r\n")

    def slow(self, outcome: str) -> float:
        """How many sessions of the hub with tight bounds were found slow, with this outcome."""
        text = self.http.get(self.tight.url + "/metrics").text
        return sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith(f'hub_live_slow_total{{outcome="{outcome}"')
        )

    def joined(self, token: str | None = None, *, since: Any = None, **how: Any) -> Talker:
        """A session of this token, or of the guest, that was let in."""
        talker = self.open(**how)
        talker.say("connect", id=1, token=token or self.token, since=since)
        assert talker.next()["op"] == "connected"
        return talker

    def watching(self, channel: str, token: str | None = None, **how: Any) -> tuple[Talker, dict[str, Any]]:
        """A session that has its snapshot of the channel, and that snapshot."""
        talker = self.joined(token, since={channel: None}, **how)
        return talker, talker.hears("snapshot")

    def register(self) -> Person:
        return self._person(lambda: self.hub.register())

    def log_in(self, email: str) -> Person:
        return self._person(lambda: self.hub.log_in(email))

    def staff(self, role: str) -> Person:
        return self._person(lambda: self.hub.staff(role))

    def _person(self, make: Callable[[], Any]) -> Person:
        async def made_now() -> Any:
            account = await make()
            for client in self.hub.clients:
                await client.aclose()
            self.hub.clients.clear()
            return account

        account = asyncio.run(made_now())
        return Person(account.token, account.email, self.http)

    def query(self, sql: str, *values: Any) -> list[Any]:
        """Rows of the hub's database, past the gate."""

        async def ask() -> list[Any]:
            connection = await asyncpg.connect(self.database_url)
            try:
                return list(await connection.fetch(sql, *values))
            finally:
                await connection.close()

        return asyncio.run(ask())

    def knock(self, *headers: tuple[str, str], version: str | None = "13", tight: bool = False) -> Knocked:
        """An upgrade with these headers beside its own, and what is answered."""
        server = self.tight if tight else self.hub
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE)
        connection.putrequest("GET", "/live")
        own = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]
        own += [("Sec-WebSocket-Version", version)] if version is not None else []
        for name, value in [*own, *headers]:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Knocked(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


@dataclass(frozen=True, slots=True)
class Knocked:
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="package")
def hubs(servers: Servers, template: str, folder: Path) -> Iterator[Hubs]:
    with asyncio.Runner() as runner, contextlib.ExitStack() as stack:
        database = made.cloned_database(servers, template)
        url = runner.run(database.__aenter__())
        stack.callback(lambda: runner.run(database.__aexit__(None, None, None)))
        gate = Gate(url)
        stack.callback(gate.end)
        environ = made.environment(DATABASE_URL=gate.url, REDIS_URL=servers.redis_url(7), SECRET_KEY=SECRET_KEY)

        async def start(name: str, variables: dict[str, str]) -> HubServer:
            hub = await made.start_hub(folder / name, environ | variables)
            stack.callback(lambda: runner.run(hub.stop()))
            return hub

        async def both() -> tuple[HubServer, HubServer]:
            async with asyncio.TaskGroup() as group:  # which ends the one that still starts when the other can't
                first, second = (group.create_task(start(*each)) for each in (("conformance", {}), ("tight", TIGHT)))
            return first.result(), second.result()

        hub, tight = runner.run(both())
        found = Hubs(hub, tight, gate, url)
        stack.callback(found.http.close)
        yield found


@pytest.fixture(autouse=True)
def hung_up(hubs: Hubs) -> Iterator[None]:
    """Nobody stays connected after a test."""
    yield
    hubs.open_ones.close()


@pytest.fixture
def day() -> date:
    """A service day that no other test touches."""
    return (datetime.now(UTC) + timedelta(days=next(days))).date()
