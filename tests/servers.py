"""What the tests run against: a PostgreSQL and a Valkey of their own, and real `hub serve` processes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import argon2
import httpx
import psutil

from hub.process import embedded, ports
from hub.store import postgres
from tests.http_clients import NO_CERTIFICATES, http_client

CHECKOUT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "400"}
"""For a cluster that is thrown away: nothing that a test could see depends on these."""


@dataclass(slots=True)
class Servers:
    """One PostgreSQL and one Valkey for the whole session."""

    folder: Path
    postgres: embedded.Server
    valkey: embedded.Server

    def database_url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.postgres.url)._replace(path=f"/{name}"))

    def redis_url(self, number: int = 0) -> str:
        return urlunsplit(urlsplit(self.valkey.url)._replace(path=f"/{number}"))


def start_servers(folder: Path) -> Servers:
    return Servers(
        folder,
        embedded.start_postgres(folder, settings=QUICK),
        embedded.start_valkey(folder, settings={"appendonly": "no", "databases": "1024"}),
    )


def stop_servers(servers: Servers) -> None:
    """Stop both, and leave nothing: neither a process nor a file."""
    servers.valkey.stop()
    servers.postgres.stop()
    embedded.remove(servers.folder)


def signal_all(server: embedded.Server, number: signal.Signals) -> None:
    """To every process of it: PostgreSQL's backends live in sessions of their own."""
    parent = psutil.Process(server.pid)
    for process in [parent, *parent.children(recursive=True)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


@contextlib.contextmanager
def paused(server: embedded.Server) -> Iterator[None]:
    """It stands still meanwhile."""
    signal_all(server, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(server, signal.SIGCONT)


@contextlib.asynccontextmanager
async def cloned_database(servers: Servers, template: str) -> AsyncIterator[str]:
    """The URL of a fresh clone of ``template`` with an epoch of its own; dropped at the end, whoever is connected."""
    url = await clone_database(servers, template)
    try:
        yield url
    finally:
        admin = await postgres.connect(servers.postgres.url)
        try:
            await admin.execute(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')
        finally:
            await admin.close()


async def clone_database(servers: Servers, template: str) -> str:
    """The same, for as long as the servers run."""
    name = f"t_{secrets.token_hex(6)}"
    admin = await postgres.connect(servers.postgres.url)
    try:
        # FILE_COPY makes two checkpoints, which cost nothing without fsync, and copies files instead of pages.
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    finally:
        await admin.close()
    clone = await postgres.connect(servers.database_url(name))
    try:
        await clone.execute("UPDATE hub SET epoch = $1", secrets.token_hex(4))
    finally:
        await clone.close()
    return servers.database_url(name)


PATIENCE = 40.0
"""Seconds to wait for what another process does: many times what it takes, since the machine may be busy."""
CLOSED = -2
"""In place of a descriptor: there is none."""
_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on, and that this process has not named before: it is bound some time later."""
    while True:
        port = ports.free_port()
        if port not in _given:
            _given.add(port)
            return port


@functools.cache
def hash_of_the_password() -> str:
    return argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)


@dataclass(slots=True)
class Account:
    """Somebody who is logged in. ``client`` sends the token with each request."""

    email: str
    token: str
    client: httpx.AsyncClient


@dataclass(slots=True)
class HubServer:
    """A running `hub serve`, and what tests do to it from outside."""

    url: str
    environ: dict[str, str]
    data_dir: Path
    process: subprocess.Popen[bytes]
    log: Path
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def output(self) -> str:
        """All that it has written to its standard output and error."""
        return self.log.read_text(errors="replace")

    @property
    def live_url(self) -> str:
        return self.url.replace("http://", "ws://", 1) + "/live"

    def whole_output(self) -> str:
        """``output``, once it holds all that its processes have logged until now: lines are written a moment later."""
        if self.process.poll() is None:
            serving = workers_of(self)
            for pid in serving:
                with alone(self, pid) if len(serving) > 1 else contextlib.nullcontext():
                    self._mark()
        return self.output

    def _mark(self) -> None:
        """Ask for something whose line is then the last one, and wait until it is written."""
        mark = f"mark.{secrets.token_hex(8)}"
        httpx.get(f"{self.url}/health/live", headers={"X-Request-ID": mark}, timeout=PATIENCE, verify=NO_CERTIFICATES)
        deadline = time.monotonic() + PATIENCE
        while mark not in self.output:
            assert time.monotonic() < deadline, f"the line of a request was not written:\n{self.output[-2000:]}"
            time.sleep(0.005)

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made = http_client(base_url=self.url, headers=headers, timeout=10)
        self.clients.append(made)
        return made

    async def register(self, email: str | None = None, **fields: Any) -> Account:
        """Register a new user; e-mail and phone number are made up unless they are given."""
        unique = secrets.token_hex(5)
        body = {
            "email": email or f"guest-{unique}@example.com",
            "password": PASSWORD,
            "phone_number": f"+79{secrets.randbelow(10**9):09}",
            "full_name": "Ada Guest",
            **fields,
        }
        answer = await self.client().post("/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        token = answer.json()["access_token"]
        return Account(body["email"], token, self.client(token))

    async def log_in(self, email: str, password: str = PASSWORD) -> Account:
        answer = await self.client().post("/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        return Account(email, token, self.client(token))

    async def staff(self, role: str, email: str | None = None) -> Account:
        """A logged-in host or admin. The row is what `hub create-user` makes, without a process for each; the command
        itself has tests of its own (tests/integration/accounts)."""
        email = email or f"{role}-{secrets.token_hex(5)}@example.com"
        connection = await postgres.connect(self.environ["DATABASE_URL"], prepared=False)
        try:
            await connection.execute(
                "INSERT INTO users (email, full_name, password_hash, role, language, verified_at, "
                "password_confirmed_at, created_at, changed_at) VALUES ($1, $2, $3, $4, 'en', statement_timestamp(), "
                "statement_timestamp(), statement_timestamp(), statement_timestamp())",
                *(email, email.partition("@")[0], hash_of_the_password(), role),
            )
        finally:
            await connection.close()
        return await self.log_in(email)

    async def command(self, *arguments: str, given: str = "") -> str:
        """What `hub ARGUMENTS` prints, run beside the server; AssertionError when it fails."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub.process.cli", *arguments, "--data-dir", str(self.data_dir)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environ,
            cwd=CHECKOUT,
        )
        output, errors = await process.communicate(given.encode())
        assert process.returncode == 0, errors.decode()
        return output.decode()

    async def stop(self, timeout: float = 9.0) -> int:
        """Drain it with SIGTERM and return its exit code; whatever is left of it after ``timeout`` is killed."""
        for client in self.clients:
            await client.aclose()
        self.clients.clear()
        return await asyncio.to_thread(end_group, self.process, timeout)


def workers_of(hub: HubServer) -> list[int]:
    """The ids of the processes that serve: the children that listen."""
    found = []
    for child in psutil.Process(hub.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any(each.status == psutil.CONN_LISTEN for each in child.net_connections("tcp")):
                found.append(child.pid)
    return sorted(found)


@contextlib.contextmanager
def alone(hub: HubServer, pid: int) -> Iterator[None]:
    """Every other serving process stands still, so that a new connection is accepted by this one."""
    others = [other for other in workers_of(hub) if other != pid]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def end_group(process: subprocess.Popen[bytes], timeout: float) -> int:
    """SIGTERM to the leader of a process group, then SIGKILL to what is left of the group."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        return -int(signal.SIGKILL)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class SharedHubs:
    """Real `hub serve` processes for tests that leave one as they found it. Each set of variables has one, on a
    database of its own, which is started when it is first asked for."""

    def __init__(self, servers: Servers, template: str, folder: Path, **variables: str) -> None:
        """``variables`` are those of all of them."""
        self._servers, self._template, self._folder = servers, template, folder
        self._variables = variables
        self._running: dict[frozenset[tuple[str, str]], HubServer] = {}

    async def get(self, **variables: str) -> HubServer:
        """The one with these variables."""
        key = frozenset(variables.items())
        if key not in self._running:
            url = await clone_database(self._servers, self._template)
            redis = self._servers.redis_url(1 + secrets.randbelow(1023))
            environ = environment(DATABASE_URL=url, REDIS_URL=redis, **self._variables | variables)
            self._running[key] = await start_hub(self._folder / f"shared-{secrets.token_hex(4)}", environ)
        return self._running[key]

    def stop(self) -> None:
        """Drain all of them. AssertionError when one did not end in order."""
        with ThreadPoolExecutor(max_workers=32) as pool:
            codes = list(pool.map(lambda hub: end_group(hub.process, PATIENCE), self._running.values()))
        assert not any(codes), codes


UNBOUNDED_CONNECTIONS = {"HTTP_CONNECTIONS_PER_ADDRESS": "0"}
UNBOUNDED_BOOKINGS = {"BOOKINGS_PER_USER": "0", "OVERLAPPING_PER_USER": "0"}
UNBOUNDED = {
    "LOGIN_FAILURES_PER_ADDRESS": "0",
    "REGISTRATIONS_PER_ADDRESS": "0",
    "HOLDS_PER_ADDRESS": "0",
    "HOLDS_WITHOUT_BOOKING": "0",
    "EXPORTS_PER_USER": "0",
    "WAITING_WRITERS": "0",
    "WAITING_WRITERS_PER_USER": "0",
} | UNBOUNDED_BOOKINGS
"""Bounds that many tests, all of one address and often of one account, would meet."""


def environment(**values: str) -> dict[str, str]:
    """An environment for a `hub` process: the variables given and none of ours that the hub would read."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1"} | UNBOUNDED_CONNECTIONS | UNBOUNDED | values


async def start_hub(
    data_dir: Path, environ: dict[str, str], *, workers: int = 1, port: int | None = None, timeout: float = 60.0
) -> HubServer:
    """Start `hub serve` and wait until /health/ready answers 200; AssertionError with its output when it does not."""
    port = port or free_port()
    process, log = spawn(data_dir, environ, "serve", "--port", str(port), "--workers", str(workers))
    server = HubServer(f"http://127.0.0.1:{port}", environ, data_dir, process, log)
    try:
        await until_ready(server.url, process, timeout)
    except BaseException:
        end_group(process, 0)
        raise AssertionError(f"hub serve did not become ready:\n{server.output}") from None
    return server


def spawn(
    data_dir: Path, environ: dict[str, str], *arguments: str, stdout: int | None = None
) -> tuple[subprocess.Popen[bytes], Path]:
    """Start `hub ARGUMENTS` as the leader of a session; its standard output and error go to the file returned.

    ``stdout`` is a descriptor for the standard output in the file's place, or CLOSED.

    Its own session: a test can end all of it, and it can't end the tests.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / f"{arguments[0]}.log"
    command = [sys.executable, "-m", "hub.process.cli", *arguments, "--data-dir", str(data_dir)]
    if stdout == CLOSED:
        command = ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output if stdout in (None, CLOSED) else stdout,
            stderr=output,
            env=environ,
            cwd=CHECKOUT,
            start_new_session=True,
        )
    return process, log


async def until_ready(url: str, process: subprocess.Popen[bytes], timeout: float) -> float:
    """Wait until ``url``/health/ready answers 200; returns the seconds that it took."""
    began = time.monotonic()
    async with http_client(base_url=url, timeout=2) as client:
        while time.monotonic() - began < timeout and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/health/ready")).status_code == 200:
                    return time.monotonic() - began
            await asyncio.sleep(0.02)
    raise TimeoutError(f"not ready within {timeout:g} s, or ended with {process.poll()}")
