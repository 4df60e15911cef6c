"""What `hub up` does between its servers and its first request: migrations, the demo accounts, the first lines."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass

from hub import config


class NotPrepared(Exception):
    """The database can't be brought up to date; the text says why."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    role: str
    email: str
    password: str


async def prepare(settings: config.Settings, *, demo: bool) -> list[DemoAccount]:
    """Migrate; with ``demo``, and no user at all, make an admin and a host. Returns those that were made now.

    Raises NotPrepared when the database does not answer or refuses.
    """
    # Imported when the servers are starting already: it takes as long as they do.
    import asyncpg

    from hub import accounts, database
    from hub.errors import HubError
    from hub.roles import RoleError

    try:
        await database.migrate(settings)
        if not demo:
            return []
        await database.connect(settings, pool_size=1)
        try:
            if await database.fetch("SELECT 1 FROM users LIMIT 1"):
                return []
            made = [DemoAccount(role, f"{role}@example.com", secrets.token_urlsafe(12)) for role in ("admin", "host")]
            for each in made:
                await accounts.create_user(
                    settings, email=each.email, role=each.role, password=each.password, name=None, phone=None
                )
            return made
        finally:
            await database.close()
    except (HubError, RoleError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NotPrepared(f"the database can't be used: {error}") from error


def show(made: list[DemoAccount]) -> None:
    """Print the accounts that were made, at once: nobody will ever see these passwords again."""
    for each in made:
        print(f"Demo {each.role}: {each.email}  password: {each.password}  (shown once)", flush=True)


async def greet(settings: config.Settings, stopping: asyncio.Event) -> None:
    """When the hub is ready, print where its data and its page are."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 compared, not bound
    waiting = asyncio.create_task(_until_ready(host, settings.port))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait([waiting, stopped], return_when=asyncio.FIRST_COMPLETED)
    ready = waiting.done()
    for task in (waiting, stopped):
        task.cancel()
    if ready:
        print(f"Data and settings: {settings.data_dir} (hub.env)")
        print(settings.public_url or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/", flush=True)


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
