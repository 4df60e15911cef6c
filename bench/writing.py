"""POST /bookings beside pgbench with the same statement on the same server, spread over days and on one day."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from statistics import median

import asyncpg

from bench import load, report, seed
from bench.pgbench import Pgbench
from bench.servers import Process, Servers

CONNECTIONS = 16


def prepare(servers: Servers, name: str, count: int, *, durable: bool = True) -> tuple[list[str], float]:
    """A database with a big room and ``count`` bookings; returns the users' tokens and the seconds of seeding.

    Without ``durable`` no commit waits for the disk: what is left is the work of the processors.
    """
    servers.make_database(name, seed.ROOM)

    async def fill() -> tuple[list[str], float]:
        connection = await asyncpg.connect(servers.url(name))
        tokens = await seed.users(connection, servers.settings(name))
        seconds = await seed.bookings(connection, count)
        if not durable:
            await connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        await connection.execute("CHECKPOINT")
        await connection.close()
        return tokens, seconds

    return asyncio.run(fill())


def measure(
    servers: Servers, hub: Process, name: str, tokens: list[str], *, rounds: int, seconds: float, how: str
) -> tuple[str, float, Iterator[bytes]]:
    """The table of both loads; the hub's median rate with bookings spread over days; and more such requests."""
    today = seed.today_utc()
    pgbench = Pgbench(servers.url(name), servers.folder, today)
    spread = seed.books(tokens, today)
    ours: dict[str, list[float]] = {"spread": [], "one": []}
    theirs: dict[str, list[float]] = {"spread": [], "one": []}
    load.closed(hub.port, spread, connections=CONNECTIONS, seconds=1).expect(b"201")
    pgbench.run(clients=CONNECTIONS, seconds=1)
    for number in range(rounds):
        found = load.closed(hub.port, spread, connections=CONNECTIONS, seconds=seconds)
        found.expect(b"201")
        ours["spread"].append(found.rate)
        theirs["spread"].append(pgbench.run(clients=CONNECTIONS, seconds=seconds))
        # A day between those that are read and those that are spread, a new one each round.
        day = seed.READ_DAYS + 1 + number
        found = load.closed(hub.port, seed.books(tokens, today, day), connections=CONNECTIONS, seconds=min(seconds, 2))
        found.expect(b"201")
        ours["one"].append(found.rate)
        theirs["one"].append(pgbench.run(clients=CONNECTIONS, seconds=min(seconds, 2), day=day))
    pgbench.check()
    rows = [
        [label, report.spread(ours[key]), report.spread(theirs[key]), report.ratio(ours[key], theirs[key])]
        for key, label in (("spread", "spread over 380 days"), ("one", "all on one day"))
    ]
    head = ("POST /bookings", "hub, bookings/s", "pgbench, bookings/s", "of pgbench")
    title = f"Booking, {how}: {CONNECTIONS} connections on each side, {rounds} × {seconds:g} s"
    return report.table(title, head, rows), median(ours["spread"]), spread
