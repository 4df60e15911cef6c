"""What a read and a booking cost when the database holds a thousand, a hundred thousand and a million bookings."""

from __future__ import annotations

import itertools
from statistics import median

from bench import load, report, seed, writing
from bench.pgbench import Pgbench
from bench.servers import Process, Servers

GUESTS = 5
"""So many fit only on 16 tables: the answer has the same size as a default room's."""


def name_of(count: int) -> str:
    return f"b{count}"


def measure(servers: Servers, counts: list[int], *, rounds: int, seconds: float) -> str:
    """One hub on one database for each size; all are measured in each round."""
    today = seed.today_utc()
    hubs: dict[int, Process] = {}
    took: dict[int, float] = {}
    books, reads, benches = {}, {}, {}
    for count in counts:
        tokens, took[count] = writing.prepare(servers, name_of(count), count)
        hubs[count] = servers.start_hub(name_of(count))
        books[count] = seed.books(tokens, today)
        reads[count] = itertools.cycle(seed.reads(tokens, today, GUESTS))
        benches[count] = Pgbench(servers.url(name_of(count)), servers.folder, today)
    rates: dict[tuple[str, int], list[float]] = {(what, c): [] for what in ("GET", "POST", "pgbench") for c in counts}
    for number in range(-1, rounds):
        for count in counts:
            long = seconds if number >= 0 else 1.0
            read = load.closed(hubs[count].port, reads[count], connections=32, seconds=long)
            read.expect(b"200")
            book = load.closed(hubs[count].port, books[count], connections=writing.CONNECTIONS, seconds=long)
            book.expect(b"201")
            if number >= 0:
                rates["GET", count].append(read.rate)
                rates["POST", count].append(book.rate)
                rates["pgbench", count].append(benches[count].run(clients=writing.CONNECTIONS, seconds=long))
    for bench in benches.values():
        bench.check()
    for hub in hubs.values():
        servers.stop(hub)
    rows = [
        [
            f"{count:,}",
            *(
                f"{median(rates[what, count]):,.0f} · {report.ratio(rates[what, counts[0]], rates[what, count])}"
                for what in ("GET", "POST", "pgbench")
            ),
            f"{took[count]:.1f}",
        ]
        for count in counts
    ]
    head = ("bookings", "GET/s · cost", "POST/s · cost", "pgbench/s · cost", "seeding, s")
    return report.table("Growth: the cost of one, of that with the fewest bookings", head, rows)
