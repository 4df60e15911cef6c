"""A session over a real socket pair, with a client that does not read: what is thrown away, and what never is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as wall
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from websockets.protocol import State
from websockets.server import ServerProtocol

from hub.commands import bookings
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import LiveBounds, Settings
from hub.domain.events import MAIN
from hub.live import channels, subscribing
from hub.live.frames import PING, PONG, TEXT, text_frame
from hub.live.send_queue import KERNEL_UNSENT, Pong, Reply, SendQueue
from hub.live.session import LiveSession
from hub.live.sessions import Sessions
from hub.security import Identity, Tokens
from hub.views.subscriber import EventSubscriber
from tests.process import AVAILABILITY, DAY, METRICS, WITHIN, Process, make_user, messages


class Confirmed:
    """A feed that hears Redis."""

    async def confirmed(self, within: float) -> bool:
        return True


class Connection(asyncio.Protocol):
    """The hub's end, joined to its session as hub.live.upgrade joins them."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        core = ServerProtocol(max_size=65536, state=State.OPEN)
        self.session = LiveSession(self.sessions, cast(asyncio.Transport, transport), core, "somewhere")

    def data_received(self, data: bytes) -> None:
        self.session.received(data)

    def pause_writing(self) -> None:
        self.session.full()

    def resume_writing(self) -> None:
        self.session.drained()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.session.lost()


class Reader:
    """The client's end: it reads when it is told to, and answers nothing."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.read = b""
        self.ops: list[str] = []
        self.said: list[dict[str, Any]] = []

    async def until(self, op: str) -> list[str]:
        """Read until this is said; all that was said so far but pongs."""
        async with asyncio.timeout(WITHIN):
            while op not in self.ops:
                self.read += await asyncio.get_running_loop().sock_recv(self.end, 1 << 16)
                self._take()
        return self.ops

    def _take(self) -> None:
        while len(self.read) > 4:
            size, start = self.read[1], 2
            if size == 126:
                size, start = int.from_bytes(self.read[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(self.read[2:10], "big"), 10
            if len(self.read) < start + size:
                return
            if self.read[0] == 0x81:
                self.said += messages(self.read[: start + size])
                if self.said[-1]["op"] != "pong":
                    self.ops.append(self.said[-1]["op"])
            self.read = self.read[start + size :]


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """Over TCP, of which alone the kernel says how much it has not sent; the far end takes little."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    return near, far


@asynccontextmanager
async def connected(
    process: Process,
    settings: Settings,
    *,
    pair: Callable[[], tuple[socket.socket, socket.socket]] = socket.socketpair,
    **bounds: Any,
) -> AsyncIterator[tuple[LiveSession, Reader]]:
    """A host's session, past its connect."""
    sessions = Sessions(settings, Tokens(settings), process.broadcaster, cast(EventSubscriber, Confirmed()), METRICS)
    sessions.bounds = LiveBounds(**bounds)
    near, far = pair()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    for end in (near, far):
        end.setblocking(False)
    _, connection = await asyncio.get_running_loop().create_connection(lambda: Connection(sessions), sock=near)
    session = connection.session
    session.identity = Identity(1, "host", 1, datetime.now(UTC).timestamp() + 3600)
    assert sessions.admit(session, "somewhere", 1) is None
    session._admitted = 1
    process.broadcaster.subscribers.add(session)
    try:
        yield session, Reader(far)
    finally:
        session.abort()
        await session.gone
        far.close()


async def subscribe(process: Process, session: LiveSession, name: str) -> None:
    channel = channels.parse(name)
    assert channel is not None
    await process.broadcaster.subscribe(session, channel, since=None, id=1)


async def choke(process: Process, session: LiveSession) -> None:
    """Answers until its transport is full."""
    while not session.queue.full:
        process.broadcaster.writer.send(session, {"op": "pong", "id": "x" * 2000})
        process.broadcaster.writer.flush(session)
    await asyncio.sleep(0)


async def let_news_wait(process: Process, session: LiveSession, reader: Reader) -> None:
    """A watcher whose transport is full, with an update that waits for it, and its freshness pending in this tick."""
    ada = await make_user("Ada")
    await subscribe(process, session, AVAILABILITY)
    await reader.until("fresh")
    await choke(process, session)
    await process.book(ada)
    process.receive()
    async with asyncio.timeout(WITHIN):
        while len(session.queue._waiting) < 1:  # noqa: ASYNC110 - the update
            await asyncio.sleep(0)
    process.verified(datetime.now(UTC))
    process.broadcaster.fresh.send()


async def test_what_waits_comes_before_what_is_pending_and_before_bye(process: Process, settings: Settings) -> None:
    async with connected(process, settings) as (session, reader):
        await let_news_wait(process, session, reader)
        session.end("restart", "the hub restarts")
        assert (await reader.until("bye"))[-3:] == ["update", "fresh", "bye"]


async def test_slow_session_is_told_no_freshness_of_what_was_thrown_away(process: Process, settings: Settings) -> None:
    """The sweep finds it slow between the tick in which its freshness is pending and the write."""
    async with connected(process, settings, stall_seconds=5, stuck_seconds=1000) as (session, reader):
        await let_news_wait(process, session, reader)
        session._backpressure.mind(session._sessions.now() + 6)
        assert session.lagging
        begin = len(reader.ops)
        await reader.until("resync")
        process.verified(datetime.now(UTC))
        ops = (await until_count(reader, "fresh", 2))[begin:]
        assert ops == ["resync", "snapshot", "fresh"]


@pytest.mark.parametrize("pings", [False, True])
async def test_who_takes_nothing_is_cut_off_in_time_though_they_ping(
    process: Process, settings: Settings, pings: bool
) -> None:
    """The kernel takes what is written, the client does not: data waits, and is thrown away; no pong is a new start."""
    bounds = {"first_frame_seconds": 0, "stall_seconds": 2, "stuck_seconds": 10}
    async with connected(process, settings, pair=tcp_pair, **bounds) as (session, reader):
        sessions, writer, loop = session._sessions, process.broadcaster.writer, asyncio.get_running_loop()
        await subscribe(process, session, AVAILABILITY)
        await reader.until("fresh")
        while session.queue.unsent() <= KERNEL_UNSENT:
            writer.send(session, {"op": "pong", "id": "x" * 500})
            writer.flush(session)
        start = sessions.now()
        for second in range(40):
            sessions._own, sessions._swept_at = start + second, loop.time()
            session.note_arrival()
            if second == 2:  # it is known to be slow by now
                writer.enqueue(session, text_frame({"op": "update"}))
            if pings and second:
                writer.enqueue(session, Pong(text_frame({"op": "pong", "id": second})))
            writer.flush(session)
            session.mind(sessions.now(), datetime.now(UTC).timestamp())
            if session.is_ending:
                break
        assert 10 <= second <= 14, second


async def until_count(reader: Reader, op: str, count: int) -> list[str]:
    async with asyncio.timeout(WITHIN):
        while reader.ops.count(op) < count:
            reader.read += await asyncio.get_running_loop().sock_recv(reader.end, 1 << 16)
            reader._take()
    return reader.ops


async def test_snapshots_of_views_that_are_held_go_out_as_they_are_read(process: Process, settings: Settings) -> None:
    """Nothing is awaited on their way: what is pending for one must be written before the next is made."""
    ada = await make_user("Ada")
    days = [DAY + timedelta(days=n) for n in range(6)]
    for day in days:
        for hour in (12, 14, 16, 18):
            for _ in range(5):
                who = Identity(ada, "user", 0, 0.0)
                await bookings.book(process.writer, Call(who), BookingRequest(day, wall(hour), 2))
    names = [f"floor:{day}" for day in days]
    await process.enter(*names)  # whose views are held from now on
    await process.views.verify()  # or what is held would have to wait for a verification when all that was slow
    # Each of these snapshots fits into what may be pending, and two of them do not.
    async with connected(process, settings, outbound_bytes=16384) as (session, reader):
        asking = asyncio.create_task(_subscribe_all(session, names))
        for _ in range(50):  # turns of the loop: nobody reads
            await asyncio.sleep(0)
        assert session.queue.full and not asking.done()
        await until_count(reader, "snapshot", len(names))
        await asking
        await process.book(ada, 20)
        process.receive()
        await reader.until("update")
        assert "resync" not in reader.ops and not session.lagging


async def _subscribe_all(session: LiveSession, names: list[str]) -> None:
    for name in names:
        await subscribing.subscribe(session, session._sessions, MAIN, 1, name, None)


async def test_a_pong_comes_behind_what_was_pending_before_it(process: Process, settings: Settings) -> None:
    async with connected(process, settings) as (session, reader):
        session.connection.state = "open"
        process.broadcaster.writer.send(session, {"op": "subscribed"})
        session.received(masked(b'{"op":"ping","id":7}'))
        session.received(masked(b'{"op": "ping", "id": 8}'))
        await reader.until("subscribed")
        while len(reader.said) < 3:
            reader.ops.clear()
            reader.read += await asyncio.get_running_loop().sock_recv(reader.end, 1 << 16)
            reader._take()
        assert [(said["op"], said.get("id")) for said in reader.said] == [
            ("subscribed", None),
            ("pong", 7),
            ("pong", 8),
        ]


def masked(payload: bytes, first: int = TEXT) -> bytes:
    return bytes((first, 0x80 | len(payload))) + bytes(4) + payload


async def read_exactly(reader: Reader, size: int) -> bytes:
    read = b""
    async with asyncio.timeout(WITHIN):
        while len(read) < size:
            read += await asyncio.get_running_loop().sock_recv(reader.end, size - len(read))
    return read


@pytest.mark.parametrize("payload", [b"", b"x", b"x" * 125])
async def test_pings_of_the_websocket_are_answered_alike_alone_and_within_a_message(
    process: Process, settings: Settings, payload: bytes
) -> None:
    """Alone they are read here; between the fragments of a message the library reads them."""
    pong = bytes((PONG, len(payload))) + payload
    async with connected(process, settings) as (session, reader):
        session.connection.state = "open"
        session.received(masked(payload, PING))
        assert await read_exactly(reader, len(pong)) == pong
        session.received(masked(b'{"op":"dance",', TEXT & 0x7F))
        session.received(masked(payload, PING))
        assert await read_exactly(reader, len(pong)) == pong
        session.received(masked(payload, PONG))  # gets no answer
        session.received(masked(b'"id":5}', 0x80))
        await reader.until("error")
        assert [(said["code"], said["id"]) for said in reader.said] == [("bad_request", 5)]


async def test_pings_of_the_websocket_count_and_get_no_pong_where_nobody_reads(
    process: Process, settings: Settings
) -> None:
    bounds = {"messages_per_second": 1, "message_burst": 3, "flood_seconds": 1}
    async with connected(process, settings, **bounds) as (session, reader):
        await choke(process, session)
        waiting = session._transport.get_write_buffer_size()
        for left in (2, 1, 0):
            assert not session.is_spent
            session.received(masked(b"", PING))
            assert session.is_spent == (left == 0)
        assert session._transport.get_write_buffer_size() == waiting
        while not session.is_ending:  # what comes faster is looked at later, each time a little
            session.received(masked(b"", PONG) * 100)
            await asyncio.sleep(0)
        assert "too_many" in [said["name"] for said in await until_said(reader, "bye")]


async def until_said(reader: Reader, op: str) -> list[dict[str, Any]]:
    await reader.until(op)
    return [said for said in reader.said if said["op"] == op]


async def test_the_kernel_is_asked_before_it_can_hold_more_than_it_should(
    process: Process, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of a session that is told little not every second."""
    given, asked, most = 0, 0, 0

    def unsent(outbox: SendQueue) -> int:  # a client that reads nothing, over a line that takes nothing
        nonlocal asked
        asked += 1
        return given

    monkeypatch.setattr(SendQueue, "unsent", unsent)
    monkeypatch.setattr("hub.live.write_batcher.write", lambda subscriber, data: None)
    async with connected(process, settings) as (session, _):
        writer = process.broadcaster.writer
        for second in range(1, 400):
            frame = text_frame({"op": "fresh" if second % 3 else "pong", "more": "-" * (second % 70)})
            if second % 3:
                writer.enqueue_all([session], frame)
            else:
                writer.send_at_once(session, Reply(frame))
            given += len(frame)
            await asyncio.sleep(0)
            before = asked
            session._backpressure.mind(float(second))
            if session in writer.full:
                break
            most = max(most, given)
            assert asked == before  # nothing that was known could be too much
        assert asked == 1 and most <= KERNEL_UNSENT < given and session in writer.full


async def test_time_is_written_as_ever_though_only_its_milliseconds_are_new(
    process: Process, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = replace(settings.rules, zone=ZoneInfo("Europe/Berlin"))
    sessions = Sessions(
        replace(settings, rules=rules),
        Tokens(settings),
        process.broadcaster,
        cast(EventSubscriber, Confirmed()),
        METRICS,
    )
    change = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()) * 1000  # from +02:00 to +01:00
    for moment in (*range(change - 2_500, change + 2_500, 333), 0, change + 999, change + 1):
        monkeypatch.setattr("hub.live.sessions.time.time_ns", lambda m=moment: m * 1_000_000 + 999_999)
        shown = datetime.fromtimestamp(moment // 1000, rules.zone).replace(microsecond=moment % 1000 * 1000)
        assert sessions.time_text() == shown.isoformat(timespec="milliseconds")
