"""No session and no burst keeps the loop to itself, and whoever has little pending is not kept waiting by those who
have much: counted in turns of the loop, not in seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest
from redis.asyncio import Redis

from hub.config import Settings
from hub.domain.events import MAIN, stream_of
from hub.live.client_commands import Connect, Subscribe
from hub.live.frames import text_frame
from hub.live.protocol import Action, Do
from hub.live.receive_throttle import AT_ONCE as THROTTLE_AT_ONCE
from hub.live.sessions import AT_ONCE as MINDED_AT_ONCE
from hub.live.sessions import Sessions
from hub.live.write_batcher import AT_ONCE, WriteBatcher
from hub.security import Tokens
from hub.store import streams
from hub.views import publisher
from hub.views.context import Context
from hub.views.signing import Signer
from hub.views.subscriber import AT_ONCE as RECEIVED_AT_ONCE
from hub.views.subscriber import EventSubscriber
from tests.clock import Clock, turns_of_the_loop
from tests.integration.hub.live.test_session import Confirmed, connected, until_count
from tests.integration.hub.views.test_subscriber import (
    Receiver,
    context,
    event,
    metrics,
    receiver,
    redis,
    signed,
    signer,
)
from tests.process import DAY, METRICS, WITHIN, Client, Process
from tests.sockets import PING, frame

__all__ = ["context", "metrics", "receiver", "redis", "signer"]

FRAME = text_frame({"op": "update"})
DAYS = [f"availability:{DAY + timedelta(days=n)}" for n in range(20)]


class Turns:
    """What happens in each turn of the loop."""

    def __init__(self, counted: Callable[[], int]) -> None:
        self.count = 0
        self.most = 0
        self._counted = counted
        self._before = counted()

    def turn(self) -> None:
        now = self._counted()
        self.count, self.most, self._before = self.count + 1, max(self.most, now - self._before), now


@contextmanager
def turns(counted: Callable[[], int]) -> Iterator[Turns]:
    """Look at ``counted`` once in every turn of the loop: others do as much in between as they are let."""
    loop, seen = asyncio.get_running_loop(), Turns(counted)

    def look() -> None:
        nonlocal handle
        seen.turn()
        handle = loop.call_soon(look)

    handle = loop.call_soon(look)
    try:
        yield seen
    finally:
        handle.cancel()
        seen.turn()


async def test_many_writes_leave_the_loop_to_others_in_between() -> None:
    writer, clients = WriteBatcher(METRICS), [Client() for _ in range(5 * AT_ONCE)]
    with turns(lambda: sum(len(client.said) for client in clients)) as seen:
        writer.enqueue_all(clients, FRAME)
        await clients[-1].until(lambda: clients[-1].said)
    assert seen.most == AT_ONCE and all(len(client.said) == 1 for client in clients)


async def test_who_has_one_frame_pending_is_written_to_though_others_have_some_in_every_turn() -> None:
    writer, busy, quiet = WriteBatcher(METRICS), [Client() for _ in range(4 * AT_ONCE)], Client()
    told = 0

    def change() -> int:
        nonlocal told
        told += 1
        writer.enqueue_all(busy, FRAME)
        return told

    with turns(change) as seen:
        await busy[-1].until(lambda: busy[-1].said)
        begin = seen.count
        writer.enqueue(quiet, FRAME)
        await quiet.until(lambda: quiet.said)
        waited = seen.count - begin
    # Whoever came before it once, and nobody twice.
    assert waited <= len(busy) // AT_ONCE + 2
    await busy[-1].until(lambda: len(busy[-1].said) >= told)
    assert all(len(client.said) == told for client in busy)  # and what was pending for them meanwhile came too


async def carried_out(process: Process, settings: Settings, steps: Callable[[str], list[Action]]) -> tuple[Turns, int]:
    """A session with these commands, all of them on views in memory: what was subscribed in one turn at most."""
    for n in range(len(DAYS)):
        await process.views.get(stream_of(MAIN, DAY + timedelta(days=n)))
    async with connected(process, settings, outbound_bytes=1 << 20) as (session, reader):
        with turns(lambda: len(session.subscriptions)) as seen:
            token, _ = session._sessions.tokens.make(user_id=1, role="host", session_id=1)
            session._take(steps(token))
            await until_count(reader, "snapshot", len(DAYS))
        return seen, len(session.subscriptions)


async def test_one_connect_with_many_channels_leaves_the_loop_to_others_in_between(
    process: Process, settings: Settings
) -> None:
    def steps(token: str) -> list[Action]:
        return [Do(Connect(1, token, dict.fromkeys(DAYS)))]

    seen, subscribed = await carried_out(process, settings, steps)
    assert (seen.most, subscribed) == (1, len(DAYS))


async def test_many_commands_of_one_session_leave_the_loop_to_others_in_between(
    process: Process, settings: Settings
) -> None:
    def steps(token: str) -> list[Action]:
        return [Do(Subscribe(n, {name: None})) for n, name in enumerate(DAYS)]

    seen, subscribed = await carried_out(process, settings, steps)
    assert (seen.most, subscribed) == (1, len(DAYS))


@pytest.mark.parametrize("bounds", [{}, {"messages_per_second": 0}])
async def test_a_flood_that_has_arrived_leaves_the_loop_to_others_in_between(
    process: Process, settings: Settings, bounds: dict[str, int]
) -> None:
    """With bounds, which slow it down, and without."""
    flood = frame(b"", PING) * 20_000
    async with connected(process, settings, flood_seconds=1000, **bounds) as (session, _):
        throttle = session._socket._throttle
        with turns(lambda: -len(throttle.left)) as seen:
            session.received(flood)
            assert len(throttle.left) == len(flood) - THROTTLE_AT_ONCE
            async with asyncio.timeout(WITHIN):
                while throttle.left:  # noqa: ASYNC110 - in so many turns
                    await asyncio.sleep(0)
        assert seen.most == THROTTLE_AT_ONCE and seen.count >= len(flood) // THROTTLE_AT_ONCE


async def test_what_arrives_while_a_part_is_looked_at_is_answered_in_order(
    process: Process, settings: Settings
) -> None:
    """More than the socket holds: reading stops meanwhile, and goes on."""
    many = 5000
    async with connected(process, settings, messages_per_second=0) as (session, reader):
        session.connection.state = "open"
        sent = b"".join(frame(b'{"op":"dance","id":%d,"how":"%s"}' % (n, b"x" * 60)) for n in range(many))
        sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(reader.end, sent))
        await until_count(reader, "error", many)
        await sending
    assert [message["id"] for message in reader.said if message["op"] == "error"] == list(range(many))


async def test_a_session_that_ends_in_the_midst_of_a_flood_leaves_nothing_behind(
    process: Process, settings: Settings
) -> None:
    async with connected(process, settings, flood_seconds=1000) as (session, _):
        session.received(frame(b"", PING) * 20_000)
        session.abort()
        await session.gone
        assert not session._socket._throttle.left and session._socket._throttle._handle is None


async def test_a_burst_of_events_leaves_the_loop_to_others_in_between(
    redis: Redis, context: Context, receiver: Receiver, signer: Signer
) -> None:
    many = 2000
    async with redis.pipeline(transaction=True) as burst:
        for version in range(1, many + 1):
            content = signed(context, signer, streams.dump(event(context, version)))
            burst.publish(publisher.channel(context.epoch, MAIN), content)
        with turns(lambda: len(receiver.received)) as seen:
            await burst.execute()
            await receiver.until(lambda: len(receiver.received) == many)
    assert seen.most <= RECEIVED_AT_ONCE
    assert [event.version for event in receiver.received] == list(range(1, many + 1))


@dataclass(eq=False)
class Minded:
    """A session whose deadlines are far away: it counts how often it was asked."""

    gone: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    times: int = 0

    def mind(self, now: float, wall: float) -> None:
        self.times += 1

    def end(self, name: str, reason: str) -> None:
        raise AssertionError("it is not its time")

    def abort(self) -> None:
        raise AssertionError("it is not its time")


async def test_the_sweep_of_many_sessions_leaves_the_loop_to_others_in_between(
    process: Process, settings: Settings, clock: Clock
) -> None:
    sessions = Sessions(settings, Tokens(settings), process.broadcaster, cast(EventSubscriber, Confirmed()), METRICS)
    members = [Minded() for _ in range(5 * MINDED_AT_ONCE + 1)]
    for member in members:
        sessions.enter(member, f"somewhere {id(member)}")
    sessions.start()
    try:
        await turns_of_the_loop(2)
        with turns(lambda: sum(member.times for member in members)) as seen:
            clock.now += 1.0
            await turns_of_the_loop(10)
        assert seen.most == MINDED_AT_ONCE and all(member.times == 1 for member in members)
    finally:
        for member in members:
            sessions.leave(member, "somewhere")
        await sessions.drain(within=0.0)
