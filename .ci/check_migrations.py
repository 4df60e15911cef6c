"""Two checks of migrations/: no two files share a number, and `aerich migrate` would find nothing to write."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
from collections import Counter
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from aerich import Command  # noqa: E402 - the path comes first
from tortoise import Tortoise  # noqa: E402 - the path comes first

from hub import config  # noqa: E402 - found by the path above
from hub.process import embedded  # noqa: E402 - found by the path above
from hub.store import migration, orm  # noqa: E402 - found by the path above


def shared_numbers() -> list[str]:
    """The numbers that more than one migration has."""
    files = (CHECKOUT / "migrations" / "models").glob("[0-9]*.py")
    return [number for number, count in Counter(file.name.split("_")[0] for file in files).items() if count > 1]


async def drift(folder: Path, url: str) -> str:
    """The migration that Aerich would write for the models as they are now; "" when they match."""
    environ = {"DATABASE_URL": url, "REDIS_URL": "redis://nowhere", "SECRET_KEY": "x" * 32}
    await migration.migrate(config.load(environ, data_dir=folder))
    copy = folder / "migrations"
    await asyncio.to_thread(shutil.copytree, CHECKOUT / "migrations", copy)
    models = orm.tortoise_config(url, pool_size=2, migrating=True)
    await Tortoise.init(config=models, _enable_global_fallback=True)  # Aerich does it only once a process
    command = Command(models, app="models", location=str(copy))
    try:
        await command.init()
        written = await command.migrate("drift", no_input=True)
    finally:
        await command.aclose()
    return (copy / "models" / written).read_text() if written else ""


def main() -> None:
    """Exit with what is wrong, or with 0."""
    if shared := shared_numbers():
        sys.exit(f"migrations: several files have the number {', '.join(shared)}")
    folder = CHECKOUT / ".test" / secrets.token_hex(4)
    server = embedded.start_postgres(folder)
    try:
        difference = asyncio.run(drift(folder, server.url))
    finally:
        server.stop()
        embedded.remove(folder)
    if difference:
        sys.exit(f"migrations: the models and the migrations differ; `aerich migrate` would write:\n{difference}")
    print("migrations: numbers are unique, models match")


main()
