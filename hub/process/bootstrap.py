"""What `hub up` does between its servers and its first request, and what it says to the person who started it.

Migrations, the demo accounts, a line for each step, and the last lines: where the page is and how to log in.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from hub import config, log_writer, logs
from hub.process import datadir, demo

LOG_BYTES = 10_000_000
LOOK_SECONDS = 2.0
"""How often the size of the log file is looked at."""


class NotPrepared(Exception):
    """The database can't be brought up to date; the text says why."""


@dataclass(slots=True)
class Console:
    """Where lines for people go: standard output, which logs share unless ``log`` names their file."""

    stream: TextIO
    log: Path | None = None
    began: float = field(default_factory=time.monotonic)

    def step(self, text: str) -> None:
        """A line for what is done now, with the seconds since the start."""
        self.say(f"{time.monotonic() - self.began:6.1f} s  {text}")

    def say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # nobody may read it any more
            print(text, file=self.stream, flush=True)


def console(data_dir: Path, *, show_logs: bool) -> Console:
    """On a terminal the logs of this process and of all that it starts go to a file, unless ``show_logs``.

    Elsewhere (a pipe, a container, systemd) they go to standard output.
    """
    if show_logs or not sys.stdout.isatty():
        return Console(sys.stdout)
    path = log_writer.log_file(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    log_writer.move_when_large(path, LOG_BYTES)
    handle = log_writer.open_log(path)
    terminal = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, errors="replace")
    os.dup2(handle, 1)
    os.close(handle)
    return Console(terminal, path)


async def bound_log(console: Console) -> None:
    """Move the log file away whenever it is too large, until cancelled. Whoever writes to it opens a new one."""
    while console.log:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            log_writer.move_when_large(console.log, LOG_BYTES)
        except OSError as error:
            logs.get("hub.process.bootstrap").warning("the full log file can't be moved away", error=str(error))


@dataclass(frozen=True, slots=True)
class DemoAccount:
    role: str
    email: str
    password: str


def demo_file(data_dir: Path) -> Path:
    """Where the log-ins of the demo can be found again, as lines that a shell reads."""
    return data_dir / "demo-log-ins"


async def prepare(settings: config.Settings, console: Console, *, demo: bool) -> list[DemoAccount]:
    """Migrate; with ``demo``, and no user at all, make an admin and a host. Returns those that were made now.

    Raises NotPrepared when the database does not answer or refuses.
    """
    # Imported when the servers are starting already: it takes as long as they do.
    import asyncpg

    from hub.commands import staff
    from hub.errors import HubError
    from hub.store import accounts, database, migration
    from hub.store.roles import RoleError

    try:
        applied = await migration.migrate(settings)
        console.step(f"the database is up to date: {len(applied)} migrations applied")
        if not demo:
            return []
        await database.connect(settings, pool_size=1)
        try:
            if await accounts.any_exists():
                return []
            made = [DemoAccount(role, f"{role}@example.com", secrets.token_urlsafe(12)) for role in ("admin", "host")]
            # Written first: an account whose password nobody knows would be worse than a file that is too early.
            text = ""
            for each in made:
                name = each.role.upper()
                text += f"{name}_EMAIL={each.email}\n{name}_PASSWORD={each.password}\n"
            datadir.replace_private(demo_file(settings.data_dir), text)
            for each in made:
                await staff.create_user(
                    settings, email=each.email, role=each.role, password=each.password, name=None, phone=None
                )
            console.step("a demo admin and a demo host are made")
            return made
        finally:
            await database.close()
    except (HubError, RoleError, migration.SlugInUse, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NotPrepared(f"the database can't be used: {error}") from error


async def greet(
    settings: config.Settings, console: Console, made: list[DemoAccount], stopping: asyncio.Future[Any]
) -> None:
    """When the hub is ready, say where its data, its log, its log-ins and its page are; nothing if it stops before."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 compared, not bound
    waiting: asyncio.Future[Any] = asyncio.create_task(_until_ready(host, settings.port))
    await asyncio.wait([waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        return
    console.step("the hub answers")
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    if made:
        await _make_evening(address, made, console)
    console.say("")
    console.say(f"Data and settings: {settings.data_dir} (hub.env)")
    if console.log:
        console.say(f"Log: {console.log} (`hub up --logs` shows it here)")
    for each in made:
        console.say(f"Demo {each.role}: {each.email}  password: {each.password}")
    if (kept := demo_file(settings.data_dir)).exists():
        console.say(f"Demo log-ins: {kept} keeps them as they were made")
    page = settings.public_url or f"{address}/"
    console.say(f"Host stand: {page.rstrip('/')}/stand")
    console.say(f"Owner: {page.rstrip('/')}/admin")
    console.say(f"Guests: {page}")


async def _make_evening(address: str, made: list[DemoAccount], console: Console) -> None:
    """Fill the demo venue; a hub without it is a hub too."""
    people = {each.role: (each.email, each.password) for each in made}
    try:
        await asyncio.to_thread(demo.make, address, people["admin"], people["host"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        logs.get("hub.process.bootstrap").warning("the demo evening could not be made", error=repr(error))
        return
    console.step("a demo evening is under way")


async def _until_ready(host: str, port: int) -> None:
    """Return when /health/ready answers 200."""
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET /health/ready HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                if (await reader.readuntil(b"\r\n")).split()[1:2] == [b"200"]:
                    return
            finally:
                writer.close()
        await asyncio.sleep(0.05)
