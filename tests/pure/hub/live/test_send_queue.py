"""A session's way out over a real socket pair: what waits, what is thrown away, and in which order.

Each test runs on both event loops: their transports count what they hold in different ways.
"""

from __future__ import annotations

import asyncio
import fcntl
import random
import socket
import sys
import termios
from collections.abc import Coroutine
from typing import Any

import pytest

from hub.config import LiveBounds
from hub.live.send_queue import Fresh, Pong, Reply, SendQueue
from tests.pure.hub.live.way_out import LOOPS, Run, Way, fill, frame, pair


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    """Run a coroutine on the loop of this test."""

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            runner.run(asyncio.wait_for(coroutine, 30))

    return run


def test_frames_wait_while_the_transport_is_full_and_follow_in_order(run: Run) -> None:
    async def body() -> None:
        async with pair(outbound_bytes=1 << 20) as (way, reader):
            sent = fill(way)
            held = way.transport.get_write_buffer_size()
            assert held > 0
            for _ in range(20):
                sent.append(frame(len(sent)))
                assert way.enqueue(sent[-1])
            assert way.transport.get_write_buffer_size() == held
            assert await reader.take(sum(map(len, sent))) == b"".join(sent)
            assert not way.out.full
            assert way.enqueue(b"after")
            assert await reader.take(5) == b"after"

    run(body())


def test_bytes_keep_their_order_through_every_partial_write(run: Run) -> None:
    """Ours wait in the outbox while the transport is full, the protocol core's (pongs, closes) do not."""

    async def body() -> None:
        dice = random.Random(7)
        async with pair(outbound_bytes=0) as (way, reader):
            sent, read = bytearray(), bytearray()
            for number in range(400):
                data = frame(number, dice.choice((4, 256, 5000, 20000, 90000)))
                # What waits in the outbox goes before what is written past it: the session writes past it only pings.
                if dice.random() < 0.2 and not way.out.full:
                    way.transport.write(data)
                else:
                    assert way.enqueue(data)
                sent += data
                # What is written straight to the socket rests on this.
                assert way.out.full or way.transport.get_write_buffer_size() == 0
                if dice.random() < 0.5:
                    read += reader.at_once()
                    await asyncio.sleep(0)  # the loop's turn: it writes on
            read += await reader.take(len(sent) - len(read))
            assert read == sent

    run(body())


def test_keep_is_false_beyond_the_bound(run: Run) -> None:
    async def body() -> None:
        async with pair(outbound_bytes=100_000) as (way, _):
            fill(way)
            assert way.enqueue(bytes(100_000))
            assert not way.enqueue(b"x")
        async with pair(outbound_bytes=0) as (way, _):
            fill(way)
            assert way.enqueue(bytes(10_000_000))

    run(body())


def test_one_great_write_is_not_held_against_the_client_but_what_waited_is(run: Run) -> None:
    async def body() -> None:
        async with pair(outbound_bytes=100_000) as (way, reader):
            assert way.enqueue(bytes(300_000)) and way.out.full  # a snapshot, while there was room
            assert way.enqueue(bytes(90_000))
            while way.out._waiting_bytes:  # until it is the transport's
                await reader.take(len(reader.read) + 1000)
                reader.read.clear()
                await asyncio.sleep(0)
            held = way.transport.get_write_buffer_size()
            assert way.out.full and held > 50_000
            assert way.enqueue(bytes(100_000 - held))
            assert not way.enqueue(b"x")

    run(body())


def test_what_is_told_anew_may_be_larger_than_the_bound_but_not_what_follows(run: Run) -> None:
    async def body() -> None:
        async with pair(outbound_bytes=100_000) as (way, reader):
            fill(way)
            assert not way.out.keep([bytes(300_000)], 100.0)
            way.out.discard_data()
            assert way.out.keep([bytes(300_000)], 100.0, anew=True)
            assert way.enqueue(bytes(100_000))
            assert not way.enqueue(b"x")
            while way.out.busy or way.out._counted:
                await reader.take(len(reader.read) + 1000)
                reader.read.clear()
                way.out.idle_for(100.0)  # as the session looks, once a second
                await asyncio.sleep(0)
            fill(way)
            assert not way.out.keep([bytes(100_001)], 100.0)  # what has left is not spared twice

    run(body())


def test_what_the_client_has_taken_is_not_held_against_it(run: Run) -> None:
    """Else what is told anew is thrown away and told again and again, until somebody looks at the transport."""

    async def body() -> None:
        async with pair(outbound_bytes=100_000) as (way, reader):
            fill(way)
            assert way.enqueue(bytes(100_000))
            while not way.out._counted:  # until it is the transport's
                await reader.take(1)
            held = way.out._counted
            assert held > 50_000
            while way.transport.get_write_buffer_size():
                await reader.take(1000)
                await asyncio.sleep(0)
            assert way.out.keep([bytes(100_000 - held // 2)], 100.0)

    run(body())


def test_of_two_that_are_told_anew_both_are_spared(run: Run) -> None:
    async def body() -> None:
        async with pair(outbound_bytes=100_000) as (way, reader):
            fill(way)
            assert way.out.keep([bytes(300_000)], 100.0, anew=True)
            assert way.out.keep([bytes(3_000)], 100.0, anew=True)
            assert way.enqueue(bytes(100_000))
            assert not way.enqueue(b"x")
            way.out.discard_data()
            assert way.out.keep([bytes(100_000)], 100.0)
            assert not way.out.keep([b"x"], 100.0)  # what was thrown away spares nobody
            while way.out._waiting_bytes:
                await reader.take(len(reader.read) + 1000)
                reader.read.clear()
                await asyncio.sleep(0)

    run(body())


def test_discarded_data_is_gone_and_answers_stay_in_order(run: Run) -> None:
    async def body() -> None:
        async with pair(outbound_bytes=100_000) as (way, reader):
            sent = fill(way)
            for number in range(10):
                way.enqueue(b"data" * 5000, Reply(b"answer %d" % number))
            assert not way.enqueue(b"more")
            way.out.discard_data()
            assert way.enqueue(Reply(b"last"))
            kept = b"".join(b"answer %d" % number for number in range(10)) + b"last"
            expected = b"".join(sent) + kept
            assert await reader.take(len(expected)) == expected
            assert way.enqueue(b".")
            assert await reader.take(1) == b"."

    run(body())


def test_what_is_fresh_waits_alone_and_makes_nobody_slow(run: Run) -> None:
    """Behind one great snapshot it may wait for long: to send the snapshot again for its sake would never end."""

    async def body() -> None:
        async with pair(stall_seconds=2.0, outbound_bytes=1 << 20) as (way, reader):
            sent = fill(way)
            assert way.out.keep([Fresh(b"fresh 1")], 100.0)
            assert not way.out.is_too_old(200.0)
            assert way.out.keep([b"data"], 100.0)
            assert way.out.keep([Fresh(b"fresh 2")], 101.0)
            assert not way.out.is_too_old(101.9)
            assert way.out.is_too_old(102.1)
            expected = b"".join(sent) + b"data" + b"fresh 2"
            assert await reader.take(len(expected)) == expected
            assert way.out._waiting_bytes == 0
            # What it was about is thrown away: so is it.
            sent = fill(way)
            way.out.keep([b"data", Fresh(b"fresh 3"), Reply(b"answer")], 103.0)
            way.out.discard_data()
            expected = b"".join(sent) + b"answer"
            assert await reader.take(len(expected)) == expected

    run(body())


def test_pongs_go_before_data_and_in_order(run: Run) -> None:
    async def body() -> None:
        async with pair(outbound_bytes=1 << 20) as (way, reader):
            sent = fill(way)
            for frames in ([b"data"], [Pong(b"pong 1")], [Pong(b"pong 2")], [Reply(b"answer")], [Pong(b"pong 3")]):
                assert way.out.keep(list(frames), 100.0)
            expected = b"".join(sent) + b"pong 1" + b"pong 2" + b"data" + b"answer" + b"pong 3"
            assert await reader.take(len(expected)) == expected

    run(body())


def test_idle_is_counted_from_the_last_byte_that_the_transport_gave_away(run: Run) -> None:
    async def body() -> None:
        async with pair() as (way, reader):
            assert way.out.idle_for(500.0) == 0.0
            fill(way)  # at 100
            way.transport.write(bytes(100_000))  # so that it stays full
            assert way.out.idle_for(103.0) == 3.0
            before = way.transport.get_write_buffer_size()
            while way.transport.get_write_buffer_size() == before:
                await reader.take(1)
                await asyncio.sleep(0)
            assert way.out.full
            assert way.out.idle_for(104.0) == 0.0
            assert way.out.idle_for(109.0) == 5.0
            # What is enqueued meanwhile is no progress.
            way.enqueue(b"more")
            assert way.out.idle_for(110.0) == 6.0

    run(body())


def test_one_who_takes_what_is_given_is_not_idle(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a slow line the kernel is filled as it empties: at each look it holds as much as at the one before."""
    monkeypatch.setattr(SendQueue, "in_kernel", lambda self: 4466)

    async def body() -> None:
        async with pair() as (way, reader):
            for second in range(60):
                way.out.keep([bytes(370)], 100.0 + second)
                way.out.pump()
                assert await reader.take(370) == bytes(370)
                assert way.out.idle_for(100.0 + second) <= 1.0
            assert way.out.idle_for(170.0) == 11.0  # nothing was given, and nothing taken

    run(body())


def test_room_is_waited_for_while_the_transport_is_full(run: Run) -> None:
    async def body() -> None:
        async with pair() as (way, reader):
            await way.out.until_empty()
            sent = fill(way)
            waiting = [asyncio.create_task(way.out.until_empty()) for _ in range(2)]
            given_up = asyncio.create_task(way.out.until_empty())
            await asyncio.sleep(0)
            assert not any(task.done() for task in waiting)
            given_up.cancel()  # one that gives up takes nobody with it
            assert await reader.take(sum(map(len, sent))) == b"".join(sent)
            await asyncio.gather(*waiting)
            assert not way.out.full

    run(body())


def test_closed_send_queue_lets_go_of_all_and_writes_nothing_more(run: Run) -> None:
    async def body() -> None:
        async with pair() as (way, reader):
            fill(way)
            way.enqueue(b"waits")
            waiting = asyncio.create_task(way.out.until_empty())
            await asyncio.sleep(0)
            way.out.close()
            await waiting
            assert (way.out._waiting, way.out._waiting_bytes) == ([], 0)

            way.out.drained()
            await way.out.until_empty()
            read = await reader.take(way.transport.get_write_buffer_size())
            assert b"waits" not in read

    run(body())


def test_broken_connection_is_the_transports_to_tell(run: Run) -> None:
    async def body() -> None:
        async with pair() as (way, reader):
            reader.end.close()
            assert way.enqueue(b"into the void")
            await asyncio.wait_for(way.lost.wait(), 5)

    run(body())


def test_send_queue_of_a_connection_that_is_being_cut(run: Run) -> None:
    async def body() -> None:
        async with pair() as (way, _):
            way.transport.abort()
            SendQueue(way.transport, way.bounds, 100.0).close()
            await way.lost.wait()

    run(body())


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's bound is Linux's")
def test_kernel_holds_little_for_a_client_that_does_not_read(run: Run) -> None:
    """Over TCP, with the buffers that a stranger's client has: by itself the kernel would take four megabytes."""

    async def body() -> None:
        loop = asyncio.get_running_loop()
        made: asyncio.Future[Way] = loop.create_future()

        def make() -> Way:
            way = Way(LiveBounds(outbound_bytes=0))
            loop.call_soon(made.set_result, way)
            return way

        listening = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(listening.getsockname())
        accepted, _ = listening.accept()
        await loop.connect_accepted_socket(make, accepted)
        way = await made
        try:
            written = 0
            while written < 2 << 20:
                assert way.enqueue(frame(written))
                written += 4096
                await asyncio.sleep(0)
            assert way.out.full
            taken = written - way.transport.get_write_buffer_size() - way.out._waiting_bytes
            received = int.from_bytes(fcntl.ioctl(client.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder)
            assert taken - received < 2 * 65536  # one segment as the kernel makes them, before it is known to be slow
        finally:
            way.transport.abort()
            await way.lost.wait()
            client.close()
            listening.close()

    run(body())
