"""The supervisor with small programs: what ends is started again, and all of it ends in order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.process import datadir, supervisor
from hub.process.supervisor import NotStarted, Part, Supervisor

PATIENCE = 20.0
SLEEP = ("sleep", "60")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)",
)


def program(*command: str) -> Callable[[], subprocess.Popen[bytes]]:
    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        if command == STUBBORN:
            assert process.stdout is not None
            process.stdout.readline()
        return process

    return start


def make(
    name: str,
    start: Callable[[], subprocess.Popen[bytes]] | None = None,
    *,
    kill_after: float = PATIENCE,
    outlives: tuple[str, ...] = (),
    tidied: list[int] | None = None,
) -> Part:
    def tidy(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        process.stdout.close()
        if tidied is not None:
            tidied.append(process.pid)

    return Part(name, start or program(*SLEEP), tidy, kill_after, outlives=outlives)


async def until(found: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not found():  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def _signals_as_before() -> object:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def test_what_ends_is_started_again_and_tidied_up_after(tmp_path: Path) -> None:
    tidied: list[int] = []
    async with Supervisor("part", tmp_path) as watch:
        part = make("sleeper", tidied=tidied)
        await watch.start(part)
        first = part.process.pid
        assert datadir.read_pid(tmp_path, "sleeper") == first
        part.process.kill()
        await until(lambda: part.process.pid != first)
        assert tidied == [first]
        await until(lambda: datadir.read_pid(tmp_path, "sleeper") == part.process.pid)
    assert not alive(part.process.pid)
    assert tidied[-1] == part.process.pid
    assert datadir.read_pid(tmp_path, "sleeper") is None


async def test_pauses_grow_while_it_keeps_ending_up_to_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.03)
    pauses: list[float] = []
    monkeypatch.setattr(supervisor.log, "warning", lambda event, **values: pauses.append(values["restart_in"]))
    async with Supervisor("part") as watch:
        await watch.start(make("short", program("false")))
        await until(lambda: len(pauses) >= 4)
    assert pauses[:4] == [0.01, 0.02, 0.03, 0.03]


async def test_one_that_can_not_be_started_is_tried_again() -> None:
    tries: list[int] = []

    def start() -> subprocess.Popen[bytes]:
        tries.append(1)
        if len(tries) in (2, 3):
            raise NotStarted("not now")
        return program(*SLEEP)()

    async with Supervisor("part") as watch:
        part = make("shy", start)
        await watch.start(part)
        first = part.process
        first.kill()
        await until(lambda: part.process is not first)
    assert len(tries) == 4
    async with Supervisor("part") as watch:
        tries[:] = [1]
        with pytest.raises(NotStarted):  # the first time it is for the caller to say
            await watch.start(make("shy", start))
        assert watch.parts == {}


async def test_each_ends_after_what_it_outlives_and_a_second_signal_changes_nothing() -> None:
    tidied: list[int] = []
    async with Supervisor("part") as watch:
        for part in (
            make("store", outlives=("front", "back"), tidied=tidied),
            make("front", tidied=tidied),
            make("back", program(*STUBBORN), kill_after=0.3, tidied=tidied),
        ):
            await watch.start(part)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            os.kill(os.getpid(), number)
        await watch.wait()
    codes = {name: part.process.returncode for name, part in watch.parts.items()}
    assert codes == {"store": -signal.SIGTERM, "front": -signal.SIGTERM, "back": -signal.SIGKILL}
    assert tidied == [watch.parts[name].process.pid for name in ("front", "back", "store")]
    os.kill(os.getpid(), signal.SIGTERM)  # and after the end neither


async def test_a_restart_under_way_at_the_stop_is_ended_too() -> None:
    """A program that was started, and that nobody looks after, would be left."""
    begun, go = threading.Event(), threading.Event()
    started: list[int] = []

    def start() -> subprocess.Popen[bytes]:
        if started:
            begun.set()
            assert go.wait(PATIENCE)
        process = program(*SLEEP)()
        started.append(process.pid)
        return process

    async with Supervisor("part") as watch:
        part = make("slow", start)
        await watch.start(part)
        part.process.kill()
        await until(begun.is_set)
        watch.stop()
        asyncio.get_running_loop().call_later(0.05, go.set)
    assert len(started) == 2
    assert not any(map(alive, started))


async def test_more_parts_than_the_loop_has_threads_are_kept_alive() -> None:
    async with Supervisor("part") as watch:
        parts = [make(f"sleeper-{number}") for number in range(40)]
        async with asyncio.timeout(PATIENCE):
            for part in parts:
                await watch.start(part)
        first = parts[0].process
        first.kill()
        await until(lambda: parts[0].process is not first)
    assert not any(alive(part.process.pid) for part in parts)


async def test_one_whose_pid_file_can_not_be_written_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    async with Supervisor("part", tmp_path) as watch:
        monkeypatch.setattr(datadir, "write_pid", full)
        part = make("sleeper")
        with pytest.raises(OSError, match="no space"):
            await watch.start(part)
        assert not alive(part.process.pid)


async def test_a_fault_of_ours_ends_everything_and_is_told() -> None:
    def start() -> subprocess.Popen[bytes]:
        if started:
            raise ZeroDivisionError
        started.append(1)
        return program(*SLEEP)()

    started: list[int] = []
    with pytest.raises(ZeroDivisionError):
        async with Supervisor("part") as watch:
            await watch.start(make("good"))
            bad = make("bad", start)
            await watch.start(bad)
            bad.process.kill()
            await watch.wait()
    assert not any(alive(part.process.pid) for part in watch.parts.values())
