"""``python -m workers --data-dir DIR``: one process that sends what is due, until SIGTERM or SIGINT.

The parts are joined here: settings, the database, the dispatchers, the tasks that run them, metrics. ``hub worker``
becomes this."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from hub import config, log_writer, logs
from hub.config import Settings
from hub.errors import HubError
from hub.process import signals
from hub.store import database, migration
from hub.variables import ConfigError
from workers.dispatcher import Dispatcher
from workers.forgetting import Forgetting
from workers.handlers import Handler, all_handlers
from workers.metrics import WorkerMetrics
from workers.tasks import Dispatchers, listen, sweep_regularly

SESSION = {
    # A claim or a mark need not wait for the disk: should PostgreSQL itself crash, the last half second of them is
    # forgotten, and those mails are sent once more, under the same Message-ID, as after any kill.
    "synchronous_commit": "off",
    # Plans are kept for as long as a connection; one made while the table was small must not read all of a large one.
    "enable_seqscan": "off",
}
"""What this process's sessions are set to, beside what hub.store.postgres sets."""
WAIT_SECONDS = 0.5
"""Between two looks for a database that is away, or has no schema yet."""
POOL_SIZE = 6


def main() -> None:
    """Exits 0 after a signal, 1 after a fault, 2 with one line for a wrong setting."""
    log_writer.open_missing_streams()
    parser = argparse.ArgumentParser(prog="hub worker")
    parser.add_argument("--data-dir", type=Path, default=Path(".hub"))
    options = parser.parse_args()
    try:
        settings = config.load(data_dir=options.data_dir.resolve(), need=("DATABASE_URL", "REDIS_URL"))
        handlers = all_handlers(settings)
    except ConfigError as error:
        print(f"hub: {error}", file=sys.stderr)
        sys.exit(2)
    logs.setup(settings, part="worker")
    signals.leave(start(settings, handlers))


def start(settings: Settings, handlers: Sequence[Handler]) -> int:
    """Run a worker in an event loop of its own."""
    try:
        import uvloop
    except ImportError:  # where there is none
        return asyncio.run(run(settings, handlers))
    return uvloop.run(run(settings, handlers))


async def run(settings: Settings, handlers: Sequence[Handler]) -> int:
    """Until a signal; returns the exit code."""
    stopping = asyncio.Event()
    with signals.heard(stopping.set):
        return await _work(settings, handlers, stopping)


async def _work(settings: Settings, handlers: Sequence[Handler], stopping: asyncio.Event) -> int:
    """Until ``stopping`` is set, or a fault."""
    log = logs.get("workers")
    loop = asyncio.get_running_loop()
    faults: list[BaseException] = []
    metrics = WorkerMetrics()
    metrics.serve(settings.worker_metrics_host, settings.worker_metrics_port)
    log.info("the worker started", pid=os.getpid(), mail="smtp" if settings.smtp_url else "files")

    def fail(error: BaseException) -> None:
        faults.append(error)
        stopping.set()

    dispatchers, beside = Dispatchers(), []
    try:
        await wait_for_schema(settings, stopping)
        if not stopping.is_set():
            forgetting = Forgetting(settings, metrics)
            dispatchers.update((each.kind, Dispatcher(each, metrics, forgetting, fault=fail)) for each in handlers)
            for work in (database.watch(lambda: None), sweep_regularly(dispatchers)):
                beside.append(loop.create_task(work))
            beside.append(loop.create_task(listen(settings, dispatchers, stopping)))
            await stopping.wait()
        if faults:
            raise faults[0]
        code = 0
    except Exception:
        log.exception("the worker failed")
        code = 1
    finally:
        stopping.set()
        for task in beside[:2]:
            task.cancel()
        await asyncio.gather(*(each.stop() for each in dispatchers.values()))
        if beside:
            await asyncio.wait(beside, timeout=0.2)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        with contextlib.suppress(TimeoutError, HubError):
            async with asyncio.timeout(0.3):
                await database.close()
    log.info("the worker stopped", code=code)
    return code


async def wait_for_schema(settings: Settings, stopping: asyncio.Event) -> None:
    """Wait until PostgreSQL answers and has every migration of this code; `hub migrate` makes them."""
    log = logs.get("workers")
    said = None
    while not stopping.is_set():
        missing = await _missing(settings)
        if missing is None:
            return
        if missing != said:
            log.warning("the worker is waiting for the database", missing=missing)
            said = missing
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                await stopping.wait()


async def _connect(settings: Settings) -> None:
    """hub.store.database's pool, with sessions of our own kind. Raises HubErrors."""
    await database.connect(settings, pool_size=POOL_SIZE, name="hub worker", session=SESSION)


async def _missing(settings: Settings) -> str | None:
    try:
        await _connect(settings)
        if await migration.pending():
            return "migrations"
    except HubError as error:
        return f"postgresql ({error.code})"
    except asyncpg.UndefinedTableError:
        return "migrations"
    except asyncpg.PostgresError as error:  # no such database yet, or no right to it: the same to us
        return f"postgresql ({type(error).__name__})"
    return None


if __name__ == "__main__":
    main()
