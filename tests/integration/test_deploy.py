"""A hub that is replaced, killed, or fails inside: what its clients see, and that none of them is left behind. (How it
stops: test_stop.)
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import pytest

from hub.client.client import LiveClient, State
from hub.domain.events import parse_position
from tests.between import Between
from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.outside import both_serve, clients, complaints, workers
from tests.sockets import UNBOUNDED, Wire, agree, where
from tests.traffic import Traffic
from tests.watching import PATIENCE, converged, truth
from tests.watching import Watcher as Strict

pytestmark = pytest.mark.slow  # a minute and more of waiting for bounds

DAY = day_after(7)
CHANNELS = [f"availability:{DAY}", f"floor:{DAY}", f"starts:{DAY}", "tables"]


@dataclass(slots=True)
class Follower:
    """A LiveClient on some channels, and every state that it showed."""

    client: LiveClient
    states: dict[str, list[State]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, channel: str) -> None:
        async for state in self.client.watch(channel):
            self.states.setdefault(channel, []).append(state)
            self.news.set()

    async def until_equal(self, database_url: str, within: float) -> None:
        expected = await truth(database_url, *CHANNELS)
        wanted = {channel: (view.position, view.data, "live") for channel, view in expected.items()}
        shown: dict[str, object] = {}
        try:
            async with asyncio.timeout(within):
                while shown != wanted:
                    self.news.clear()
                    shown = {c: (s[-1].position, s[-1].data, s[-1].fresh) for c, s in self.states.items()}
                    if shown != wanted:
                        await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"after {within:g} s: {shown}, not {wanted}") from None

    def check(self) -> None:
        """No view ever went back."""
        for states in self.states.values():
            versions = [parse_position(state.position) for state in states]
            assert versions == sorted(versions, key=lambda at: at[1] if at else -1)


@contextlib.asynccontextmanager
async def following(url: str, token: str) -> AsyncIterator[Follower]:
    async with LiveClient(url, token) as client:
        follower = Follower(client)
        tasks = [asyncio.create_task(follower.follow(channel)) for channel in CHANNELS]
        try:
            yield follower
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended


async def test_clients_go_on_at_the_next_hub_and_miss_nothing(start_hub: StartHub, database_url: str) -> None:
    first, second = await asyncio.gather(start_hub(workers=2, **UNBOUNDED), start_hub(workers=2, **UNBOUNDED))
    await both_serve(first, second)
    host = await first.staff("host")
    traffic = Traffic([second.url], host.token, [DAY])
    await traffic.seed(10)
    async with contextlib.AsyncExitStack() as stack:
        balancer = await stack.enter_async_context(Between(*where(first)).open())
        address = f"http://127.0.0.1:{balancer.port}"
        followers = [await stack.enter_async_context(following(address, host.token)) for _ in range(12)]
        # What a LiveClient merges away a wire shows: each link of the chain, over both of its connections.
        before = await Wire.open(address)
        before.connect(host.token, *CHANNELS)
        for follower in followers:
            await follower.until_equal(database_url, PATIENCE)
        writes = asyncio.create_task(traffic.during(4, 20))
        await before.until(lambda: len(before.all("update")) > 20)
        balancer.to = where(second)  # as a balancer does that sees readiness go
        stop = asyncio.create_task(first.stop())
        assert await asyncio.wait_for(before.gone, 9) == 1012
        after = await Wire.open(address)
        after.take_over(before)
        after.connect(host.token, *CHANNELS)
        begun = time.monotonic()
        assert await stop == 0
        await writes
        assert traffic.failed == 0
        took = await agree([after], database_url, *CHANNELS, within=PATIENCE)
        for follower in followers:
            await follower.until_equal(database_url, 3 * PATIENCE)
            follower.check()
            assert follower.client.connections >= 2
        print(f"all are current {time.monotonic() - begun:.1f} s after they were sent away, {took:.2f} s after the end")
        assert before.faults == after.faults == []
        # Recovered by what they held: nobody needed a snapshot, and the links follow each other without a gap.
        assert not after.all("snapshot") and not after.all("resync")
        for links in after.chain.values():
            positions = [position for _, position in links]
            assert [previous for previous, _ in links[1:]] == positions[:-1]
            assert len(set(positions)) == len(positions)
        await after.leave()
    assert complaints(first) == complaints(second) == []


async def test_process_that_is_killed_costs_its_clients_a_reconnect_and_no_version(
    start_hub: StartHub, database_url: str
) -> None:
    hub = await start_hub(workers=2, **UNBOUNDED)
    await both_serve(hub)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, [DAY])
    await traffic.seed(10)
    async with contextlib.AsyncExitStack() as stack:
        followers = [await stack.enter_async_context(following(hub.url, host.token)) for _ in range(8)]
        for follower in followers:
            await follower.until_equal(database_url, PATIENCE)
        # The kernel may have given all of them to one process: it is the one that must go.
        max(workers(hub), key=lambda each: clients(each, hub)).kill()
        await traffic.during(3, 20)
        for follower in followers:
            await follower.until_equal(database_url, 3 * PATIENCE)
            follower.check()
        assert any(follower.client.connections > 1 for follower in followers)


# -- a fault inside


@contextlib.asynccontextmanager
async def without_phone_numbers(database_url: str) -> AsyncIterator[None]:
    """The query of who dines fails, in a way that nobody foresaw: a function that it calls of these types raises."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f"{FAULT}; {PREPARE_ANEW}")
        try:
            yield
        finally:
            await connection.execute(f"DROP FUNCTION jsonb_build_array(varchar, varchar, jsonb); {PREPARE_ANEW}")
    finally:
        await connection.close()


FAULT = """
CREATE FUNCTION jsonb_build_array(varchar, varchar, jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'nobody foresaw this'; END $$
"""
PREPARE_ANEW = "ALTER TABLE guests SET (fillfactor = 99); ALTER TABLE guests RESET (fillfactor)"
"""Statements that name the table are analysed again, with the functions that there are now."""


async def test_crash_of_a_command_closes_1011_and_leaves_no_deaf_session(
    start_hub: StartHub, database_url: str
) -> None:
    hub = await start_hub(**UNBOUNDED)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, [DAY])
    await traffic.seed(3)
    async with await Strict.connected(hub.live_url, host.token, CHANNELS[0]) as other:
        async with without_phone_numbers(database_url):
            failing = await Strict.connected(hub.live_url, host.token, "tables")
            await failing.say("subscribe", channel=CHANNELS[1])
            code, bye = await failing.closed()
            assert code == 1011
            assert bye is not None and bye["code"] == 1011 and bye["reconnect"] and bye["retry_after_ms"][1] > 0
            assert (await other.ask("ping"))["op"] == "pong"
            # Over the whole connection too: a connect that asks for it.
            at_once = await Strict.open(hub.live_url)
            await at_once.say("connect", token=host.token, since={CHANNELS[1]: None})
            assert (await at_once.closed())[0] == 1011
        assert "a client's command failed" in hub.whole_output()
        assert other.socket.close_code is None
        await traffic.many(4)
        await converged([other], database_url, CHANNELS[0])
        async with await Strict.connected(hub.live_url, host.token, *CHANNELS) as again:
            await converged([again], database_url, *CHANNELS)


async def test_crash_while_a_change_is_told_is_made_good(start_hub: StartHub, database_url: str) -> None:
    """A guest whose name can't be read is booked: the floor can't be told for a while. It is later, by itself, and
    the other channels are told and verified all the while."""
    hub = await start_hub(**UNBOUNDED)
    host = await hub.staff("host")
    stranger = await hub.register()
    async with await Strict.connected(hub.live_url, host.token, *CHANNELS) as watcher:
        async with without_phone_numbers(database_url):
            answer = await stranger.client.post("/bookings", json={"date": DAY, "time": "18:00", "guests": 2})
            assert answer.status_code == 201
            await watcher.until(lambda: watcher.all("update", channel=CHANNELS[0]))
            # The names are asked for in the same moment, and again for the next; time enough for both to fail.
            answer = await stranger.client.post("/bookings", json={"date": DAY, "time": "13:00", "guests": 2})
            await watcher.until(lambda: len(watcher.all("update", channel=CHANNELS[0])) == 2)
            for _ in range(20):
                assert (await stranger.client.get("/bookings/my")).status_code == 200
            assert not watcher.all("update", channel=CHANNELS[1])
        if watcher.socket.close_code is None:
            await converged([watcher], database_url, *CHANNELS)
            await watcher.verified(watcher.said.index(watcher.all("update", channel=CHANNELS[1])[0]))
        else:
            assert watcher.socket.close_code == 1011


async def test_client_goes_on_after_a_crash(start_hub: StartHub, database_url: str) -> None:
    hub = await start_hub(**UNBOUNDED)
    host = await hub.staff("host")
    await Traffic([hub.url], host.token, [DAY]).seed(3)
    async with without_phone_numbers(database_url):
        context = following(hub.url, host.token)
        follower = await context.__aenter__()
        async with asyncio.timeout(3 * PATIENCE):
            while follower.client.connections < 2:  # noqa: ASYNC110 - a client says nothing of its attempts
                await asyncio.sleep(0.05)
    await follower.until_equal(database_url, 5 * PATIENCE)
    await context.__aexit__(None, None, None)


async def test_client_of_a_hub_that_stands_still_says_stale_by_itself(start_hub: StartHub, database_url: str) -> None:
    hub = await start_hub(**UNBOUNDED)
    host = await hub.staff("host")
    async with following(hub.url, host.token) as follower:
        await follower.until_equal(database_url, PATIENCE)
        os.killpg(hub.process.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(3 * PATIENCE):
                while {states[-1].fresh for states in follower.states.values()} != {"stale"}:
                    follower.news.clear()
                    await follower.news.wait()
        finally:
            os.killpg(hub.process.pid, signal.SIGCONT)
        assert all(states[-1].stale_since is not None for states in follower.states.values())
        await Traffic([hub.url], host.token, [DAY]).seed(1)
        await follower.until_equal(database_url, 5 * PATIENCE)


async def test_client_whose_question_was_one_too_many_asks_again(start_hub: StartHub) -> None:
    """rate_limited names no channel: the client knows its question by the id."""
    hub = await start_hub(LIVE_MESSAGE_BURST="3", LIVE_MESSAGES_PER_SECOND="2")
    guest = await hub.register()
    channels = [f"availability:{day_after(n)}" for n in range(7, 13)]
    shown: dict[str, State] = {}

    async def first_state(client: LiveClient, channel: str) -> None:
        async for state in client.watch(channel):
            shown[channel] = state
            await asyncio.Event().wait()  # goes on watching

    async with LiveClient(hub.url, guest.token) as client:
        async for _ in client.watch("tables"):
            tasks = [asyncio.create_task(first_state(client, channel)) for channel in channels]
            async with asyncio.timeout(3 * PATIENCE):
                while len(shown) < len(channels):  # noqa: ASYNC110 - all of them
                    await asyncio.sleep(0.05)
            break
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
