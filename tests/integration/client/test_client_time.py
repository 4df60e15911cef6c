"""The Python client and time: what it shows ages by itself, a silent line is given up, clocks may jump."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from websockets.frames import Frame, Opcode

from hub.client import connection
from hub.client.age import Clocks
from hub.client.client import LiveClient, State
from hub.client.watch import how_fresh
from tests.integration.client.scripted import CHANNEL, PATIENCE, Peer, at, scripted
from tests.servers import CHECKOUT

SOON = {"stale_after_ms": 400, "silence_ms": 60_000, "ping_every_ms": 60_000}


class Shown:
    """Every state that a client showed of its channel."""

    def __init__(self, client: LiveClient) -> None:
        self.states: list[State] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._follow(client))

    async def _follow(self, client: LiveClient) -> None:
        async for state in client.watch(CHANNEL):
            self.states.append(state)
            self._news.set()

    async def until(self, found: Callable[[State], bool], since: int = 0) -> State:
        async with asyncio.timeout(PATIENCE):
            while not (right := [state for state in self.states[since:] if found(state)]):
                self._news.clear()
                await self._news.wait()
        return right[0]

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def is_live(state: State) -> bool:
    return state.fresh == "live"


def is_stale(state: State) -> bool:
    return state.fresh == "stale"


async def test_a_state_turns_stale_by_itself_and_says_since_when() -> None:
    again = asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.bring(**SOON)
        await again.wait()
        await peer.fresh()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        await shown.until(is_live)
        count = len(shown.states)
        before = datetime.now(UTC)
        stale = await shown.until(is_stale, count)  # no frame came: time alone brought it
        assert stale.position == at(1) and stale.age is not None and stale.age >= 0.4
        assert stale.stale_since is not None and abs(stale.stale_since - before) < timedelta(seconds=PATIENCE)
        assert client.fresh == "stale"
        count = len(shown.states)
        again.set()
        assert (await shown.until(is_live, count)).age is not None
        await shown.end()


async def test_frames_that_are_old_when_they_come_never_show_live() -> None:
    async def talk(peer: Peer) -> None:
        asked = await peer.connected(**SOON)
        await peer.hears("ping")
        await peer.snapshot(asked["id"])
        for age in (30, 20, 10, 2):
            await peer.fresh(age)
            await peer.update(1, 2)
        await peer.update(2, 3)

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        await shown.until(lambda state: state.position == at(3))
        assert [state.fresh for state in shown.states if state.fresh == "live"] == []
        await shown.end()


async def test_nothing_is_live_before_the_first_pong() -> None:
    answer = asyncio.Event()

    async def talk(peer: Peer) -> None:
        peer.mute = True
        asked = await peer.connected(stale_after_ms=60_000, silence_ms=60_000, ping_every_ms=60_000)
        await peer.snapshot(asked["id"])
        await peer.fresh()
        await peer.update(1, 2)
        await answer.wait()
        ping = await peer.hears("ping")
        await peer.say("pong", id=ping["id"], server_time=datetime.now(UTC).isoformat())

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        state = await shown.until(lambda state: state.position == at(2))
        assert (state.fresh, state.age, state.stale_since, how_fresh(state)) == (
            "stale",
            None,
            None,
            "stale (not checked yet)",
        )
        answer.set()
        await shown.until(is_live)
        await shown.end()


async def test_what_awaits_a_snapshot_is_stale_while_all_else_is_live() -> None:
    seen, resynced = asyncio.Event(), asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.bring(stale_after_ms=60_000)
        await seen.wait()
        await peer.say("resync", channel=CHANNEL, reason="slow")
        await resynced.wait()
        await peer.fresh()
        await peer.say("snapshot", channel=CHANNEL, position=at(9), at="", data={"tables": {}})

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        await shown.until(is_live)
        count = len(shown.states)
        seen.set()
        stale = await shown.until(is_stale, count)
        assert stale.stale_since is not None
        resynced.set()
        assert is_live(await shown.until(lambda state: state.position == at(9)))
        await shown.end()


async def test_a_silent_line_is_given_up() -> None:
    async def talk(peer: Peer) -> None:
        if peer.number == 1:
            peer.mute = True
            await peer.connected(silence_ms=400, ping_every_ms=100)
            await peer.hears("ping", 2)  # it was asked before it is given up
        else:
            await peer.bring()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        await shown.until(is_live)
        assert client.connections == 2
        await shown.end()


async def test_a_frame_that_trickles_in_is_no_silence() -> None:
    async def talk(peer: Peer) -> None:
        peer.mute = True  # a pong in the middle of the frame would break it
        asked = await peer.connected(silence_ms=500, ping_every_ms=60_000)
        await peer.snapshot(asked["id"])
        await peer.fresh()
        note = {"op": "update", "channel": CHANNEL, "previous": at(1), "position": at(2), "at": "", "data": {}}
        frame = Frame(Opcode.TEXT, json.dumps(note).encode()).serialize(mask=False)
        for byte in range(0, len(frame), 8):  # in all it takes several times the silence
            peer.socket.transport.write(frame[byte : byte + 8])
            await asyncio.sleep(0.1)
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        await shown.until(lambda state: state.position == at(2))
        assert client.connections == 1
        await shown.end()


async def test_a_snapshot_that_never_comes_is_asked_for_on_another_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PENDING_SECONDS", 0.5)

    async def talk(peer: Peer) -> None:
        await peer.bring()
        if peer.number == 1:
            await peer.say("resync", channel=CHANNEL, reason="gap")
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        async with asyncio.timeout(PATIENCE):
            while client.connections < 2:
                await shown.until(is_live, len(shown.states))
        await shown.end()


async def test_a_line_that_is_told_anew_again_and_again_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow one: each snapshot comes in full, and the next is pending before anybody looks."""
    monkeypatch.setattr(connection, "PENDING_SECONDS", 0.5)

    async def talk(peer: Peer) -> None:
        await peer.bring()
        for version in range(2, 12):
            await peer.say("resync", channel=CHANNEL, reason="slow")
            await asyncio.sleep(0.1)  # the line's own time
            await peer.say("snapshot", channel=CHANNEL, position=at(version), at="", data={"tables": {}})
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        await shown.until(lambda state: state.position == at(11))
        assert client.connections == 1
        await shown.end()


@pytest.mark.parametrize("jump", [-3_600_000, 3_600_000])
async def test_a_jump_of_the_clocks_is_stale_until_the_next_pong(jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    shift, true = 0.0, connection.clocks
    monkeypatch.setattr(connection, "clocks", lambda: Clocks(true().wall + shift, true().mono))

    async def talk(peer: Peer) -> None:
        await peer.bring(stale_after_ms=60_000, silence_ms=60_000, ping_every_ms=60_000)
        await peer.hears("ping")
        peer.mute = True
        second = await peer.hears("ping", 2)  # at once, and not a minute later
        await answer.wait()
        await peer.say("pong", id=second["id"], server_time=datetime.now(UTC).isoformat())

    answer = asyncio.Event()
    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown = Shown(client)
        await shown.until(is_live)
        count = len(shown.states)
        shift = jump
        await shown.until(is_stale, count)
        count = len(shown.states)
        answer.set()
        await shown.until(is_live, count)
        assert client.connections == 1
        await shown.end()


@pytest.mark.slow
async def test_the_watcher_in_a_terminal_that_is_stopped_and_goes_on_never_prints_live_of_what_is_old() -> None:
    """A process that is stopped finds frames of the whole pause when it goes on: none of them is live."""
    stopped, went_on = asyncio.Event(), asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.bring(stale_after_ms=1500, silence_ms=60_000, ping_every_ms=60_000)
        await stopped.wait()
        await peer.fresh()
        await peer.update(1, 2)
        await asyncio.sleep(2)  # the pause itself
        went_on.set()

    async with scripted(talk) as url:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub.client.watch", url, "token", CHANNEL), stdout=subprocess.PIPE, cwd=CHECKOUT
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE):
                while b" live " not in await process.stdout.readline():
                    pass
                process.send_signal(signal.SIGSTOP)
                stopped.set()
                await went_on.wait()
                process.send_signal(signal.SIGCONT)
                lines = [(await process.stdout.readline()).decode()]
                while at(2) not in lines[-1]:
                    lines.append((await process.stdout.readline()).decode())
            assert all(" stale since " in line for line in lines), lines
        finally:
            process.kill()
            await process.wait()
