"""`hub up`: everything on this machine, one part after what it needs, kept alive by hub.process.supervisor.

Which parts there are, when each starts, and in which order they end belongs here; how a server is started is
hub.process.embedded's, and what stands in the data directory hub.process.datadir's.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hub import config, logs
from hub.process import bootstrap, datadir, demo, embedded
from hub.process.orphans import end_group, end_orphans
from hub.process.ports import can_listen, free_port
from hub.process.supervisor import NotStarted, Part, Supervisor

OWNER = "MIGRATION_DATABASE_URL"
EMBEDDED = {
    "DATABASE_URL": ("postgres", "PostgreSQL", embedded.start_postgres),
    "REDIS_URL": ("valkey", "Valkey", embedded.start_valkey),
}
ENDS: dict[str, tuple[float, signal.Signals, tuple[str, ...]]] = {
    "worker": (5.0, signal.SIGTERM, ()),
    "server": (6.5, signal.SIGTERM, ()),
    "valkey": (7.2, signal.SIGTERM, ("server", "worker")),
    "postgres": (8.5, signal.SIGINT, ("server", "worker", "valkey")),
}
"""How each part ends: killed so many seconds after the signal to us, by which signal until then, and after whom."""


@dataclass(slots=True)
class Installation:
    """Where `hub up` runs, and what its parts are told: ``urls`` are those of the servers, as hub.env has them."""

    data_dir: Path
    environ: dict[str, str]
    console: bootstrap.Console
    urls: dict[str, str] = field(default_factory=dict)

    def write_env(self) -> None:
        datadir.write_env(self.data_dir, dict(sorted(self.urls.items())))


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
        if not empty and not (data_dir / "hub.env").exists():
            _open_for_the_demo(data_dir, environ, settings)
        console = bootstrap.console(data_dir, show_logs=show_logs)
        return asyncio.run(_run(Installation(data_dir, dict(environ), console), demo=not empty))
    finally:
        os.close(held)


HOURS = ("WORKDAY_START_HOUR", "WORKDAY_END_HOUR")


def _open_for_the_demo(data_dir: Path, environ: Mapping[str, str], settings: config.Settings) -> None:
    """Write opening hours into hub.env at which an evening is in progress now, unless somebody has said them."""
    if any(environ.get(name) for name in HOURS):
        return
    wanted = demo.hours(datetime.now(UTC), settings.rules)
    if wanted is not None:
        datadir.write_env(data_dir, {name: str(hour) for name, hour in zip(HOURS, wanted, strict=True)})


async def _run(place: Installation, *, demo: bool) -> int:
    bounding = asyncio.create_task(bootstrap.bound_log(place.console), name="log file")
    try:
        async with Supervisor("part", place.data_dir) as supervisor:
            await _start(supervisor, place, demo=demo)
            await supervisor.wait()
    except (NotStarted, bootstrap.NotPrepared) as error:
        print(f"hub up: {error}", file=sys.stderr)
        return 1
    finally:
        bounding.cancel()
    return 0


async def _start(supervisor: Supervisor, place: Installation, *, demo: bool) -> None:
    """Start each part after what it needs, and say what was made; no further once everything is to stop."""
    # What the migrations need takes as long to import as the servers take to start.
    importing = asyncio.get_running_loop().run_in_executor(None, importlib.import_module, "hub.commands.accounts")
    settings = await _start_servers(supervisor, place)
    logs.setup(settings, part="up")
    if not supervisor.stopping.done():
        # The hub waits for the schema by itself, and is not ready before: its processes may start meanwhile.
        await supervisor.start(_program("server", "serve", place))
    await importing
    if supervisor.stopping.done():
        return
    made = await bootstrap.prepare(settings, place.console, demo=demo and "postgres" in supervisor.parts)
    if supervisor.stopping.done():
        return
    place.environ.setdefault("WORKER_METRICS_PORT", str(_metrics_port(settings)))
    await supervisor.start(_program("worker", "worker", place))
    await bootstrap.greet(settings, place.console, made, supervisor.stopping)


async def _start_servers(supervisor: Supervisor, place: Installation) -> config.Settings:
    """Start what the environment does not name, side by side, and write hub.env; returns the settings of all."""
    datadir.make_secret_key(place.data_dir, place.environ)
    mine = [variable for variable in EMBEDDED if not place.environ.get(variable)]
    place.urls = {variable: place.environ[variable] for variable in EMBEDDED if variable not in mine}
    # Written also when it is empty: what stood there was the owner's of another server.
    place.urls |= {} if "DATABASE_URL" in mine else {OWNER: place.environ.get(OWNER, "")}

    async def start(variable: str) -> None:
        await supervisor.start(_server(variable, supervisor, place))
        place.console.step(f"{EMBEDDED[variable][1]} runs")

    results = await asyncio.gather(*(start(variable) for variable in mine), return_exceptions=True)
    for result in results:
        if result is not None:
            raise result
    place.write_env()
    return config.load(place.environ, data_dir=place.data_dir)


def _server(variable: str, supervisor: Supervisor, place: Installation) -> Part:
    """PostgreSQL or Valkey. When it comes back on another port, the hub and the worker start anew with it."""
    name, _title, start_server = EMBEDDED[variable]

    def start() -> subprocess.Popen[bytes]:
        server = start_server(place.data_dir)
        urls = {variable: server.serving_url} | ({OWNER: server.url} if variable == "DATABASE_URL" else {})
        moved = variable in place.urls and not urls.items() <= place.urls.items()
        place.urls |= urls
        if moved:
            place.write_env()
            for other in ("server", "worker"):
                if (part := supervisor.parts.get(other)) is not None and part.runs:
                    end_group(part.process.pid)
        return server.process

    return Part(name, start, _tidy, *ENDS[name])


def _program(name: str, command: str, place: Installation) -> Part:
    """`hub COMMAND`, which reads what hub.env says."""

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "hub.process.cli", command, "--data-dir", str(place.data_dir)],
            stdin=subprocess.DEVNULL,
            # Where the log is a file, what a part says in its last moments belongs there too.
            stderr=subprocess.STDOUT if place.console.log else None,
            env=place.environ,
            start_new_session=True,  # Ctrl-C is ours, and its whole group can be ended
        )

    return Part(name, start, _tidy, *ENDS[name])


def _tidy(process: subprocess.Popen[bytes]) -> None:
    """What a part had started would keep its port."""
    end_group(process.pid)


def _metrics_port(settings: config.Settings) -> int:
    """The worker's port for metrics, or a free one where a second hub on this machine has that one already."""
    port = settings.worker_metrics_port
    return port if can_listen("127.0.0.1", port) else free_port()
