"""`hub up`: starts the parts on this machine, restarts one that ends, and stops all of them in order.

When a part starts, what happens after it ends, and in which order all end belongs here; how a server is started is
hub.process.embedded's, and what stands in the data directory hub.process.datadir's.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hub import config, logs
from hub.process import bootstrap, datadir, embedded
from hub.process.orphans import end_group, end_orphans
from hub.process.ports import can_listen, free_port

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Before a restart, in seconds: the first one, and what it doubles up to while a part keeps ending."""
SETTLED_SECONDS = 10.0
"""A part that has run for so long begins again with the shortest pause."""
WORKER_SECONDS, SERVER_SECONDS, VALKEY_SECONDS, POSTGRES_SECONDS = 5.0, 6.5, 7.2, 8.5
"""When a part that has not ended by itself is killed, in seconds since the signal."""
EMBEDDED = {"DATABASE_URL": ("postgres", embedded.start_postgres), "REDIS_URL": ("valkey", embedded.start_valkey)}

OWNER = "MIGRATION_DATABASE_URL"
TITLES = {"postgres": "PostgreSQL", "valkey": "Valkey"}


@dataclass(slots=True)
class Part:
    """One of the parts, and its process while it has one. ``start`` blocks until it runs."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    ended: asyncio.Task[int] | None = None


@dataclass(slots=True)
class Supervisor:
    """What `hub up` holds while it runs: the parts by name, and whether they are being stopped."""

    data_dir: Path
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    parts: dict[str, Part] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    console: bootstrap.Console = field(default_factory=lambda: bootstrap.Console(sys.stdout))


def up(data_dir: Path, environ: Mapping[str, str], *, empty: bool = False, show_logs: bool = False) -> int:
    """Run everything until SIGTERM, SIGINT or SIGHUP; returns the exit code.

    ``empty``: make no demo accounts. ``show_logs``: show the log on a terminal too, where it else goes to a file.
    ``environ`` says which servers are somebody else's (DATABASE_URL, REDIS_URL), and is what the parts inherit.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    settings = config.load(environ, data_dir=data_dir, need=())  # a wrong value stops it before anything is started
    held = datadir.lock(data_dir)
    if held is None:
        print(f"hub up: another `hub up` runs on {data_dir}", file=sys.stderr)
        return 1
    end_orphans(data_dir)
    if not can_listen(settings.host, settings.port):
        print(f"hub up: {settings.host}:{settings.port} is taken: choose another --port or --host", file=sys.stderr)
        return 1
    try:
        console = bootstrap.console(data_dir, show_logs=show_logs)
        return asyncio.run(_run(Supervisor(data_dir, console=console), dict(environ), demo=not empty))
    finally:
        os.close(held)


async def _run(supervisor: Supervisor, environ: dict[str, str], *, demo: bool) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stopping.set)  # a second one changes nothing
    keepers: list[asyncio.Task[None]] = []
    bounding = loop.create_task(bootstrap.bound_log(supervisor.console), name="log file")
    try:
        # What the migrations need takes as long to import as the servers take to start.
        importing = loop.run_in_executor(None, importlib.import_module, "hub.commands.accounts")
        settings = await _start_servers(supervisor, environ)
        logs.setup(settings, part="up")
        for name, command in (("server", "serve"), ("worker", "worker")):
            supervisor.parts[name] = Part(name, _program(command, supervisor, environ))
        # The hub waits for the schema by itself, and is not ready before: its processes may start meanwhile.
        await _start(supervisor, supervisor.parts["server"])
        await importing
        made = await bootstrap.prepare(settings, supervisor.console, demo=demo and "postgres" in supervisor.parts)
        environ.setdefault("WORKER_METRICS_PORT", str(_metrics_port(settings)))
        await _start(supervisor, supervisor.parts["worker"])
        keepers = [loop.create_task(_keep(supervisor, part), name=part.name) for part in supervisor.parts.values()]
        greeting = loop.create_task(bootstrap.greet(settings, supervisor.console, made, supervisor.stopping))
        stopped = loop.create_task(supervisor.stopping.wait())
        await asyncio.wait([stopped, *keepers], return_when=asyncio.FIRST_COMPLETED)  # a keeper ends first by a fault
        supervisor.stopping.set()
        await greeting
    except (embedded.EmbeddedError, bootstrap.NotPrepared) as error:
        print(f"hub up: {error}", file=sys.stderr)
        return 1
    finally:
        supervisor.stopping.set()
        await _stop(supervisor)
        bounding.cancel()
        await asyncio.gather(*keepers)
    return 0


async def _start_servers(supervisor: Supervisor, environ: Mapping[str, str]) -> config.Settings:
    """Start what the environment does not name, side by side, and write hub.env; returns the settings of all."""

    async def own(variable: str) -> None:
        name, start = EMBEDDED[variable]

        def begin() -> subprocess.Popen[bytes]:
            server = start(supervisor.data_dir)
            supervisor.urls[variable] = server.serving_url
            if variable == "DATABASE_URL":
                supervisor.urls[OWNER] = server.url
            return server.process

        supervisor.parts[name] = Part(name, begin)
        await _start(supervisor, supervisor.parts[name])
        supervisor.console.step(f"{TITLES[name]} runs")

    datadir.make_secret_key(supervisor.data_dir, environ)
    mine = [variable for variable in EMBEDDED if not environ.get(variable)]
    supervisor.urls = {variable: environ[variable] for variable in EMBEDDED if variable not in mine}
    # Written also when it is empty: what stood there was the owner's of another server.
    supervisor.urls |= {} if "DATABASE_URL" in mine else {OWNER: environ.get(OWNER, "")}
    results = await asyncio.gather(*(own(variable) for variable in mine), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return _write_env(supervisor, environ)


def _write_env(supervisor: Supervisor, environ: Mapping[str, str]) -> config.Settings:
    datadir.write_env(supervisor.data_dir, dict(sorted(supervisor.urls.items())))
    return config.load(environ, data_dir=supervisor.data_dir)


def _program(command: str, supervisor: Supervisor, environ: dict[str, str]) -> Callable[[], subprocess.Popen[bytes]]:
    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "hub.process.cli", command, "--data-dir", str(supervisor.data_dir)],
            stdin=subprocess.DEVNULL,
            # Where the log is a file, what a part says in its last moments belongs there too.
            stderr=subprocess.STDOUT if supervisor.console.log else None,
            env=environ,
            start_new_session=True,  # Ctrl-C is ours, and its whole group can be ended
        )

    return start


def _metrics_port(settings: config.Settings) -> int:
    """The worker's port for metrics, or a free one where a second hub on this machine has that one already."""
    port = settings.worker_metrics_port
    return port if can_listen("127.0.0.1", port) else free_port()


async def _start(supervisor: Supervisor, part: Part) -> None:
    part.process = process = await asyncio.to_thread(part.start)
    datadir.write_pid(supervisor.data_dir, part.name, process.pid)
    # In a thread: a waiting thread costs nothing, and works alike on every system and for every event loop.
    part.ended = asyncio.create_task(asyncio.to_thread(process.wait))


async def _keep(supervisor: Supervisor, part: Part) -> None:
    """Restart ``part`` whenever it ends, until the house stops."""
    log = logs.get("hub.process.supervisor")
    pause = SHORTEST_PAUSE
    while not supervisor.stopping.is_set() and part.process and part.ended:
        began = time.monotonic()
        code = await asyncio.shield(part.ended)
        if supervisor.stopping.is_set():
            return
        end_group(part.process.pid)  # what it had started would keep its port
        pause = SHORTEST_PAUSE if time.monotonic() - began > SETTLED_SECONDS else pause
        log.error("part_ended", which=part.name, code=code, restart_in=pause)
        started = False
        while not started:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(supervisor.stopping.wait(), pause)
            if supervisor.stopping.is_set():
                return
            pause = min(pause * 2, LONGEST_PAUSE)
            started = await _restart(supervisor, part)


async def _restart(supervisor: Supervisor, part: Part) -> bool:
    log = logs.get("hub.process.supervisor")
    before = dict(supervisor.urls)
    try:
        await _start(supervisor, part)
    except (embedded.EmbeddedError, OSError) as error:
        log.error("part_not_started", which=part.name, error=str(error))
        return False
    log.info("part_restarted", which=part.name)
    if supervisor.urls != before:  # its port got taken while it was away
        datadir.write_env(supervisor.data_dir, supervisor.urls)
        for name in ("server", "worker"):
            if (other := supervisor.parts.get(name)) and other.process:
                end_group(other.process.pid)  # they come back with what hub.env says now
    return True


async def _stop(supervisor: Supervisor) -> None:
    """The hub and the worker are told first; the servers end when nobody needs them any more."""
    began = time.monotonic()

    async def end(name: str, number: signal.Signals, latest: float) -> None:
        part = supervisor.parts.get(name)
        if not part or not part.process or not part.ended:
            return
        if not part.ended.done():
            with contextlib.suppress(ProcessLookupError):
                part.process.send_signal(number)
            await asyncio.wait([part.ended], timeout=max(0.1, began + latest - time.monotonic()))
        end_group(part.process.pid)
        await part.ended
        datadir.pid_file(supervisor.data_dir, name).unlink(missing_ok=True)

    await asyncio.gather(end("server", signal.SIGTERM, SERVER_SECONDS), end("worker", signal.SIGTERM, WORKER_SECONDS))
    await end("valkey", signal.SIGTERM, VALKEY_SECONDS)
    await end("postgres", signal.SIGINT, POSTGRES_SECONDS)
