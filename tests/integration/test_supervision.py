"""`hub up` for real: what is killed comes back, what ends ends in order, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

from hub import config
from hub.process.ports import can_listen
from hub.process.up import HOURS
from tests import servers
from tests.http_clients import http_client
from tests.outside import told
from tests.servers import end_group, environment, free_port, until_ready

PARTS = ("postgres", "valkey", "server", "worker")
WITHIN = 20.0
"""Seconds of patience: what it takes is printed, beside the bound of docs/operations.md."""
pytestmark = pytest.mark.slow


@dataclass(slots=True)
class Up:
    """A running `hub up`."""

    data_dir: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def pid(self, part: str) -> int:
        return int((self.data_dir / "run" / f"{part}.pid").read_text())

    async def connect(self) -> asyncpg.Connection[Any]:
        """A connection to its database, with the rights of the hub."""
        return await asyncpg.connect(config.read_env_file(self.data_dir / "hub.env")["DATABASE_URL"])

    def everyone(self) -> list[psutil.Process]:
        """Every process that belongs to it: by its sessions, or by the folder that it works in."""
        sessions = {self.process.pid, *(self.pid(part) for part in PARTS)}
        return [each for each in psutil.process_iter() if _session(each) in sessions]


def _session(process: psutil.Process) -> int:
    with contextlib.suppress(OSError, psutil.Error):
        if process.status() != psutil.STATUS_ZOMBIE:
            return os.getsid(process.pid)
    return -1


def start(data_dir: Path, port: int, **variables: str) -> Up:
    arguments = ("up", "--port", str(port), "--workers", "2")
    process, log = servers.spawn(data_dir, environment(**variables), *arguments)
    return Up(data_dir, port, process, log)


async def started(data_dir: Path, port: int | None = None, **variables: str) -> Up:
    up = start(data_dir, port or free_port(), **variables)
    try:
        await until_ready(up.url, up.process, 60)
    except BaseException:
        end(up)
        raise AssertionError(up.output) from None
    return up


def end(up: Up) -> None:
    """Whatever became of it, nothing of it stays."""
    end_group(up.process, 10)
    for part in PARTS:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.killpg(up.pid(part), signal.SIGKILL)


async def until(what: Callable[[], object], *, within: float = WITHIN) -> float:
    """Wait until ``what()`` is true; returns the seconds. Fails the test when it is not ``within`` them."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        with contextlib.suppress(FileNotFoundError, ValueError):
            if what():
                return time.monotonic() - began
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {within:g} s")


@pytest.fixture
async def up(data_dir: Path) -> AsyncIterator[Up]:
    running = await started(data_dir)
    yield running
    end(running)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    end_group(process, 1)


async def log_in_demo(up: Up, client: httpx.AsyncClient) -> httpx.Response:
    await until(lambda: "Demo admin" in up.output)
    found = re.search(r"Demo admin: (\S+)  password: (\S+)", up.output)
    assert found
    return await client.post("/auth/login", json={"email": found[1], "password": found[2]})


async def test_a_first_start_says_what_it_made_and_where_the_page_is(up):
    await until(lambda: f"\nGuests: {up.url}/\n" in up.output)
    made = config.read_env_file(up.data_dir / "hub.env")
    assert stat.S_IMODE((up.data_dir / "hub.env").stat().st_mode) == 0o600
    assert {"DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SECRET_KEY"} <= made.keys()
    assert made["DATABASE_URL"].startswith("postgresql://hub_app:")  # a role with rows alone
    connection = await asyncpg.connect(made["DATABASE_URL"])
    assert await connection.fetchval("SELECT count(*) FROM tables") == 16
    await connection.close()
    async with http_client(base_url=up.url) as client:
        answer = await log_in_demo(up, client)
        assert answer.status_code == 200
        me = await client.get("/auth/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert me.json()["role"] == "admin"


async def test_each_part_comes_back_after_a_kill(up):
    for part in PARTS:
        old = up.pid(part)
        os.kill(old, signal.SIGKILL)
        took = await until(lambda part=part, old=old: up.pid(part) != old and psutil.pid_exists(up.pid(part)))
        print(f"{part} was back after {took:.2f} s of 1 s")
        await until_ready(up.url, up.process, 30)
    settings = config.load(environment(), data_dir=up.data_dir)
    connection = await asyncpg.connect(settings.database_url)
    await connection.close()


def listening(up: Up) -> set[int]:
    """The processes of the server that have its socket."""
    found = set()
    for each in psutil.Process(up.pid("server")).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # one that ends while we look
            if any(connection.laddr.port == up.port for connection in each.net_connections("tcp")):
                found.add(each.pid)
    return found


async def test_a_killed_process_of_the_server_is_replaced(up):
    await until(lambda: len(listening(up)) == 2)
    server, before = up.pid("server"), listening(up)
    victim = before.pop()
    os.kill(victim, signal.SIGKILL)
    took = await until(lambda: len(listening(up) - {victim}) == 2)
    print(f"the process was back after {took:.2f} s of 2 s")
    assert before < listening(up)
    assert up.pid("server") == server
    assert told("process_ended", up.output) == [victim]


def handles(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal."""
    [caught] = re.findall(r"SigCgt:\s+(\w+)", Path(f"/proc/{pid}/status").read_text())
    return bool(int(caught, 16) & 1 << number - 1)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells which signals a process handles")
async def test_a_signal_is_not_lost_in_the_moment_before_a_process_serves(up):
    """The signal comes as soon as it is handled."""
    await until(lambda: len(listening(up)) == 2)
    victim, other = listening(up)
    for _ in range(3):
        os.kill(victim, signal.SIGKILL)
        await until(lambda gone={victim, other}: listening(up) - gone)
        [victim] = listening(up) - {victim, other}
        while not handles(victim, signal.SIGTERM):  # noqa: ASYNC110 - only the kernel tells
            await asyncio.sleep(0.001)
        os.kill(victim, signal.SIGTERM)
        print("before it served:", victim not in told("process_serves", up.output))
        ended = victim
        await until(lambda pid=ended: pid in told("process_stopped", up.output))
        await until(lambda gone={ended, other}: listening(up) - gone)
        [victim] = listening(up) - {ended, other}
    assert "Traceback" not in up.output


async def test_a_kill_of_up_itself_is_repaired_by_the_next_start(up, stranger):
    await until(lambda: "Demo admin" in up.output)  # which it says once, after it answers
    left = {part: up.pid(part) for part in PARTS}
    up.process.kill()
    up.process.wait()
    again = start(up.data_dir, up.port)
    try:
        # What was left answers until it is ended, so that being ready says nothing yet.
        await until(lambda: all(again.pid(part) != pid for part, pid in left.items()), within=60)
        await until_ready(again.url, again.process, 60)
        await until(lambda: not {_session(each) for each in psutil.process_iter()} & set(left.values()))
        async with http_client(base_url=again.url) as client:
            assert (await log_in_demo(up, client)).status_code == 200
        assert stranger.poll() is None
    finally:
        end(again)


async def test_a_number_in_a_pid_file_that_is_somebody_elses_is_left_alone(data_dir, stranger):
    (data_dir / "run").mkdir()
    (data_dir / "run" / "server.pid").write_text(f"{stranger.pid}\n")
    up = await started(data_dir)
    end(up)
    assert stranger.poll() is None


async def test_a_second_start_is_soon_ready_and_keeps_everything(up):
    kept = config.read_env_file(up.data_dir / "hub.env")
    said = f"Demo log-ins: {up.data_dir}/demo-log-ins"
    await until(lambda: said in up.output)
    assert end_group(up.process, 10) == 0
    began = time.monotonic()
    again = await started(up.data_dir, up.port)
    took = time.monotonic() - began
    await until(lambda: up.output.count(said) == 2)  # the file is continued
    end(again)
    assert config.read_env_file(up.data_dir / "hub.env") == kept
    assert up.output.count("Demo admin") == 1  # a password is shown once
    print(f"ready again after {took:.2f} s of 3 s")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_all_in_order_and_a_second_one_changes_nothing(up, number):
    everyone = up.everyone()
    assert len(everyone) > len(PARTS)
    watched = {part: psutil.Process(up.pid(part)) for part in ("server", "worker", "valkey", "postgres")}
    ended: dict[str, float] = {}
    began = time.monotonic()
    up.process.send_signal(number)
    again = False
    while len(ended) < len(PARTS) and time.monotonic() - began < 12:
        for part, process in watched.items():  # in the order in which they end: one that ends meanwhile is seen later
            if part not in ended and _session(process) == -1:
                ended[part] = time.monotonic() - began
        if not again and time.monotonic() - began > 0.05:
            up.process.send_signal(signal.SIGTERM)
            up.process.send_signal(signal.SIGINT)
            again = True
        await asyncio.sleep(0.005)
    assert up.process.wait(5) == 0
    assert max(ended["server"], ended["worker"]) <= ended["valkey"] <= ended["postgres"]
    await until(lambda: all(_session(each) == -1 for each in everyone))
    assert [part for part in PARTS if (up.data_dir / "run" / f"{part}.pid").exists()] == []
    assert "database system is shut down" in (up.data_dir / "run" / "postgres.log").read_text()


@pytest.mark.parametrize("late", [0.0, 0.3, 0.6, 0.9, 1.2, 1.6])
async def test_a_signal_during_the_start_ends_it(data_dir, database_url, redis_url, late):
    """Before, between and after the moments at which the server's processes are ready: all end, in their time."""
    port = free_port()
    environ = environment(DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY="k" * 32)
    process, log = servers.spawn(data_dir, environ, "serve", "--port", str(port), "--workers", "2")
    try:
        await asyncio.sleep(late)  # the moment is the parameter
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 9) in (0, -signal.SIGTERM)
        await until(lambda: not any(_session(each) == process.pid for each in psutil.process_iter()))
        assert '"level":"error"' not in log.read_text() and "Traceback" not in log.read_text()
    finally:
        end_group(process, 0)


async def test_a_kill_of_the_server_itself_leaves_nothing_of_it(data_dir, database_url, redis_url):
    """In the moments of a start too; and the port is free for the next one."""
    port = free_port()
    environ = environment(DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY="k" * 32)
    for ready in (False, True):
        process, _ = servers.spawn(data_dir, environ, "serve", "--port", str(port), "--workers", "2")
        try:
            await until(lambda pid=process.pid: len(psutil.Process(pid).children()) == 2)
            if ready:
                await until_ready(f"http://127.0.0.1:{port}", process, 60)
            process.kill()
            process.wait()
            await until(lambda pid=process.pid: not any(_session(each) == pid for each in psutil.process_iter()))
            # A process of several threads looks ended with its first one; its sockets are closed with its last one.
            await until(lambda: can_listen("127.0.0.1", port))
        finally:
            end_group(process, 0)


@pytest.mark.parametrize("late", [0.15, 0.4, 0.7])
async def test_a_signal_while_a_killed_process_starts_again_ends_it_without_a_traceback(
    data_dir, database_url, redis_url, late
):
    port = free_port()
    environ = environment(DATABASE_URL=database_url, REDIS_URL=redis_url, SECRET_KEY="k" * 32)
    process, log = servers.spawn(data_dir, environ, "serve", "--port", str(port), "--workers", "2")
    try:
        await until(lambda: len(told("process_serves", log.read_text())) == 2, within=60)
        os.kill(told("process_serves", log.read_text())[0], signal.SIGKILL)
        await asyncio.sleep(late)  # the moment is the parameter
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 9) == 0
        await until(lambda: not any(_session(each) == process.pid for each in psutil.process_iter()))
        assert "Traceback" not in log.read_text()
    finally:
        end_group(process, 0)


async def test_two_live_side_by_side(folder, data_dir):
    first, second = await asyncio.gather(started(data_dir / "a"), started(data_dir / "b"))
    try:
        for one in (first, second):
            assert {one.process.poll(), *(psutil.pid_exists(one.pid(part)) for part in PARTS)} == {None, True}
        written = [config.read_env_file(one.data_dir / "hub.env") for one in (first, second)]
        alike = set(written[0].items()) & set(written[1].items())
        assert {name for name, _ in alike} <= set(HOURS)  # the demo evening's, late in the day
    finally:
        end(first)
        end(second)
        servers.embedded.remove(first.data_dir)
        servers.embedded.remove(second.data_dir)


async def test_a_second_one_on_the_same_directory_is_refused(up):
    second = start(up.data_dir, free_port())
    assert await asyncio.to_thread(second.process.wait, 10) == 1
    assert "another `hub up` runs" in second.output
    async with http_client(base_url=up.url) as client:
        assert (await client.get("/health/ready")).status_code == 200


async def test_a_taken_port_is_said_in_one_line(up, data_dir):
    second = start(data_dir / "other", up.port)
    assert await asyncio.to_thread(second.process.wait, 10) == 1
    [line] = second.output.splitlines()
    assert f"127.0.0.1:{up.port} is taken" in line
    assert not (data_dir / "other" / "postgres").exists()


async def test_servers_of_somebody_else_are_used_and_not_started(data_dir, database_url, redis_url):
    up = await started(data_dir, DATABASE_URL=database_url, REDIS_URL=redis_url)
    try:
        assert not (data_dir / "postgres").exists()
        assert not (data_dir / "valkey").exists()
        await until(lambda: up.url + "/" in up.output)
        assert "Demo" not in up.output
    finally:
        end(up)
