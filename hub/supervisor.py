"""`hub up`: starts the parts on this machine, restarts one that ends, and stops all of them in order.

When a part starts, what happens after it ends, and in which order all end belongs here; how a server is started is
hub.embedded's, and what stands in the data directory hub.datadir's.
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

from hub import config, datadir, embedded, logs, welcome
from hub.leftovers import end_group, end_leftovers
from hub.ports import can_listen, free_port

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
class House:
    """What `hub up` holds while it runs: the parts by name, and whether they are being stopped."""

    data_dir: Path
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    parts: dict[str, Part] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    console: welcome.Console = field(default_factory=lambda: welcome.Console(sys.stdout))


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
    end_leftovers(data_dir)
    if not can_listen(settings.host, settings.port):
        print(f"hub up: {settings.host}:{settings.port} is taken: choose another --port or --host", file=sys.stderr)
        return 1
    try:
        console = welcome.console(data_dir, show_logs=show_logs)
        return asyncio.run(_run(House(data_dir, console=console), dict(environ), demo=not empty))
    finally:
        os.close(held)


async def _run(house: House, environ: dict[str, str], *, demo: bool) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, house.stopping.set)  # a second one changes nothing
    keepers: list[asyncio.Task[None]] = []
    bounding = loop.create_task(welcome.bound_log(house.console), name="log file")
    try:
        # What the migrations need takes as long to import as the servers take to start.
        importing = loop.run_in_executor(None, importlib.import_module, "hub.accounts")
        settings = await _start_servers(house, environ)
        logs.setup(settings, part="up")
        for name, command in (("server", "serve"), ("worker", "worker")):
            house.parts[name] = Part(name, _program(command, house, environ))
        # The hub waits for the schema by itself, and is not ready before: its processes may start meanwhile.
        await _start(house, house.parts["server"])
        await importing
        made = await welcome.prepare(settings, house.console, demo=demo and "postgres" in house.parts)
        environ.setdefault("WORKER_METRICS_PORT", str(_metrics_port(settings)))
        await _start(house, house.parts["worker"])
        keepers = [loop.create_task(_keep(house, part), name=part.name) for part in house.parts.values()]
        greeting = loop.create_task(welcome.greet(settings, house.console, made, house.stopping))
        stopped = loop.create_task(house.stopping.wait())
        await asyncio.wait([stopped, *keepers], return_when=asyncio.FIRST_COMPLETED)  # a keeper ends first by a fault
        house.stopping.set()
        await greeting
    except (embedded.EmbeddedError, welcome.NotPrepared) as error:
        print(f"hub up: {error}", file=sys.stderr)
        return 1
    finally:
        house.stopping.set()
        await _stop(house)
        bounding.cancel()
        await asyncio.gather(*keepers)
    return 0


async def _start_servers(house: House, environ: Mapping[str, str]) -> config.Settings:
    """Start what the environment does not name, side by side, and write hub.env; returns the settings of all."""

    async def own(variable: str) -> None:
        name, start = EMBEDDED[variable]

        def begin() -> subprocess.Popen[bytes]:
            server = start(house.data_dir)
            house.urls[variable] = server.serving_url
            if variable == "DATABASE_URL":
                house.urls[OWNER] = server.url
            return server.process

        house.parts[name] = Part(name, begin)
        await _start(house, house.parts[name])
        house.console.step(f"{TITLES[name]} runs")

    datadir.make_secret_key(house.data_dir, environ)
    mine = [variable for variable in EMBEDDED if not environ.get(variable)]
    house.urls = {variable: environ[variable] for variable in EMBEDDED if variable not in mine}
    # Written also when it is empty: what stood there was the owner's of another server.
    house.urls |= {} if "DATABASE_URL" in mine else {OWNER: environ.get(OWNER, "")}
    results = await asyncio.gather(*(own(variable) for variable in mine), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return _write_env(house, environ)


def _write_env(house: House, environ: Mapping[str, str]) -> config.Settings:
    datadir.write_env(house.data_dir, dict(sorted(house.urls.items())))
    return config.load(environ, data_dir=house.data_dir)


def _program(command: str, house: House, environ: dict[str, str]) -> Callable[[], subprocess.Popen[bytes]]:
    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "hub.cli", command, "--data-dir", str(house.data_dir)],
            stdin=subprocess.DEVNULL,
            # Where the log is a file, what a part says in its last moments belongs there too.
            stderr=subprocess.STDOUT if house.console.log else None,
            env=environ,
            start_new_session=True,  # Ctrl-C is ours, and its whole group can be ended
        )

    return start


def _metrics_port(settings: config.Settings) -> int:
    """The worker's port for metrics, or a free one where a second hub on this machine has that one already."""
    port = settings.worker_metrics_port
    return port if can_listen("127.0.0.1", port) else free_port()


async def _start(house: House, part: Part) -> None:
    part.process = process = await asyncio.to_thread(part.start)
    datadir.write_pid(house.data_dir, part.name, process.pid)
    # In a thread: a waiting thread costs nothing, and works alike on every system and for every event loop.
    part.ended = asyncio.create_task(asyncio.to_thread(process.wait))


async def _keep(house: House, part: Part) -> None:
    """Restart ``part`` whenever it ends, until the house stops."""
    log = logs.get("hub.supervisor")
    pause = SHORTEST_PAUSE
    while not house.stopping.is_set() and part.process and part.ended:
        began = time.monotonic()
        code = await asyncio.shield(part.ended)
        if house.stopping.is_set():
            return
        end_group(part.process.pid)  # what it had started would keep its port
        pause = SHORTEST_PAUSE if time.monotonic() - began > SETTLED_SECONDS else pause
        log.error("part_ended", which=part.name, code=code, restart_in=pause)
        started = False
        while not started:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(house.stopping.wait(), pause)
            if house.stopping.is_set():
                return
            pause = min(pause * 2, LONGEST_PAUSE)
            started = await _restart(house, part)


async def _restart(house: House, part: Part) -> bool:
    log = logs.get("hub.supervisor")
    before = dict(house.urls)
    try:
        await _start(house, part)
    except (embedded.EmbeddedError, OSError) as error:
        log.error("part_not_started", which=part.name, error=str(error))
        return False
    log.info("part_restarted", which=part.name)
    if house.urls != before:  # its port got taken while it was away
        datadir.write_env(house.data_dir, house.urls)
        for name in ("server", "worker"):
            if (other := house.parts.get(name)) and other.process:
                end_group(other.process.pid)  # they come back with what hub.env says now
    return True


async def _stop(house: House) -> None:
    """The hub and the worker are told first; the servers end when nobody needs them any more."""
    began = time.monotonic()

    async def end(name: str, number: signal.Signals, latest: float) -> None:
        part = house.parts.get(name)
        if not part or not part.process or not part.ended:
            return
        if not part.ended.done():
            with contextlib.suppress(ProcessLookupError):
                part.process.send_signal(number)
            await asyncio.wait([part.ended], timeout=max(0.1, began + latest - time.monotonic()))
        end_group(part.process.pid)
        await part.ended
        datadir.pid_file(house.data_dir, name).unlink(missing_ok=True)

    await asyncio.gather(end("server", signal.SIGTERM, SERVER_SECONDS), end("worker", signal.SIGTERM, WORKER_SECONDS))
    await end("valkey", signal.SIGTERM, VALKEY_SECONDS)
    await end("postgres", signal.SIGINT, POSTGRES_SECONDS)
