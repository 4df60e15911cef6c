"""The servers of a run: PostgreSQL and Valkey as `hub up` starts them, `hub serve`, and the peers. All end with it."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from hub import config
from hub.process import embedded
from hub.process.ports import free_port

CHECKOUT = Path(__file__).resolve().parent.parent
SECRET_KEY = "a key for benchmarks alone, over 32 bytes"
UNBOUNDED = {
    "HTTP_CONNECTIONS_PER_ADDRESS": "0",
    "LOGIN_FAILURES_PER_ADDRESS": "0",
    "REGISTRATIONS_PER_ADDRESS": "0",
    "HOLDS_PER_ADDRESS": "0",
    "HOLDS_WITHOUT_BOOKING": "0",
    "EXPORTS_PER_USER": "0",
    "BOOKINGS_PER_USER": "0",
    "OVERLAPPING_PER_USER": "0",
    "WAITING_WRITERS": "0",
    "WAITING_WRITERS_PER_USER": "0",
}
"""Bounds of one address or one account, which the load of a benchmark is."""


@dataclass(slots=True)
class Process:
    """A server over HTTP that was started for this run, the leader of a session of its own."""

    name: str
    port: int
    popen: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def family(self) -> list[int]:
        """The pids of the process and of all that it started."""
        import psutil

        return [self.popen.pid, *(child.pid for child in psutil.Process(self.popen.pid).children(recursive=True))]

    def worker(self) -> int:
        """The pid of the process that answers: of all children the one that has the port's work, else the leader."""
        import psutil

        def user_time(process: psutil.Process) -> float:
            return float(process.cpu_times().user)

        family = [psutil.Process(self.popen.pid), *psutil.Process(self.popen.pid).children(recursive=True)]
        return int(max(family, key=user_time).pid)


@dataclass(slots=True)
class Servers:
    """The two databases of a run, and every process that was started on them."""

    folder: Path
    postgres: embedded.Server
    valkey: embedded.Server
    processes: list[Process] = field(default_factory=list)
    rooms: dict[str, dict[str, str]] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.postgres.url)._replace(path=f"/{name}"))

    def environment(self, name: str, *, shipped: bool = False) -> dict[str, str]:
        """The environment of a hub on the database ``name``: shipped defaults, but for the floor where that is big and,
        if not ``shipped``, the bounds that a load from one machine would meet."""
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
        return kept | {
            "DATABASE_URL": self.url(name),
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": SECRET_KEY,
            "JWT_EXPIRE_MINUTES": "1440",
            **({} if shipped else UNBOUNDED),
            **self.rooms.get(name, {}),
        }

    def settings(self, name: str) -> config.Settings:
        return config.load(self.environment(name), data_dir=self.folder)

    def make_database(self, name: str, room: dict[str, str] | None = None) -> None:
        """A new database with every migration and the first floor plan; ``room`` holds variables that differ from those
        shipped."""
        self.rooms[name] = room or {}

        async def make() -> None:
            admin = await asyncpg.connect(self.postgres.url)
            await admin.execute(f'CREATE DATABASE "{name}"')
            await admin.close()

        asyncio.run(make())
        done = subprocess.run(
            [sys.executable, "-m", "hub.process.cli", "migrate", "--data-dir", str(self.folder)],
            env=self.environment(name),
            cwd=CHECKOUT,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())

    def start_hub(self, name: str, *, workers: int = 1, shipped: bool = False) -> Process:
        """`hub serve` with one worker process on the database ``name``, as shipped; its log goes to a file."""
        port = free_port()
        folder = str(self.folder / name)
        words = ["hub.process.cli", "serve", "--port", str(port), "--workers", str(workers), "--data-dir", folder]
        return self._start(f"hub-{name}", port, words, self.environment(name, shipped=shipped))

    def start_peer(self, kind: str, body: Path) -> Process:
        port = free_port()
        metrics = self.folder / "metrics" / kind.replace(" ", "-")
        metrics.mkdir(parents=True)
        environ = self.environment("small") | {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}
        return self._start(kind, port, ["bench.peers", kind, str(port), str(body)], environ)

    def _start(self, name: str, port: int, words: list[str], environ: dict[str, str]) -> Process:
        return self.start(name, port, [sys.executable, "-m", *words], environ)

    def start(self, name: str, port: int, command: list[str], environ: dict[str, str]) -> Process:
        """Any program that answers GET /health/ready on its port."""
        log = self.folder / f"{name.replace(' ', '-')}.log"
        with log.open("ab") as output:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environ,
                cwd=CHECKOUT,
                start_new_session=True,
            )
        process = Process(name, port, popen, log)
        self.processes.append(process)
        _wait(process)
        return process

    def stop(self, process: Process) -> None:
        process.stop()
        self.processes.remove(process)


def _wait(process: Process, timeout: float = 30.0) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and process.popen.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=2)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        connection.close()
        time.sleep(0.05)
    raise RuntimeError(f"{process.name} did not start: {process.log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def running() -> Iterator[Servers]:
    """Both servers in a folder inside the checkout; at the end every process is ended and the folder is gone."""
    folder = CHECKOUT / ".test" / f"bench-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    servers = None
    try:
        postgres = embedded.start_postgres(folder)
        try:
            valkey = embedded.start_valkey(folder)
        except BaseException:
            postgres.stop()
            raise
        servers = Servers(folder, postgres, valkey)
        yield servers
    finally:
        if servers is not None:
            for process in reversed(servers.processes):
                process.stop()
            servers.valkey.stop()
            servers.postgres.stop(10)
        embedded.remove(folder)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()


def clean_exit() -> None:
    """SIGTERM ends a run as Ctrl-C does: through the ends of its ``with``."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
