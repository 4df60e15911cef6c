"""How long callers wait at half of the load, and how much memory the process takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

from bench import load, report
from bench.servers import Process


def measure(rows: list[tuple[str, Process, Iterator[bytes], float, bytes]], *, connections: int, seconds: float) -> str:
    """Rows are (name, server, requests, rate, status expected)."""
    shown = []
    for name, process, requests, rate, status in rows:
        found = load.paced(process.port, requests, rate=rate, connections=connections, seconds=seconds)
        others = sum(found.statuses.values()) - found.statuses[status]
        waits = (f"{found.percentile(p):.1f}" for p in (0.5, 0.99, 0.999))
        shown.append([name, f"{found.rate:,.0f}", *waits, str(others)])
    head = ("at half of its rate", "answers/s", "median, ms", "p99, ms", "p99.9, ms", "refused")
    return report.table("Waiting, counted from the moment a request was due", head, shown)


def memory(rows: list[tuple[str, Process]]) -> str:
    """The process that answers: resident, and its proportional share of what it shares with others."""
    shown = []
    for name, server in rows:
        pid = server.worker()
        shown.append([name, f"{psutil.Process(pid).memory_info().rss / 2**20:.0f}", _pss(pid)])
    return report.table("Memory of the process that answers", ("", "RSS, MiB", "PSS, MiB"), shown)


def _pss(pid: int) -> str:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return "–"
    return f"{next(int(line.split()[1]) for line in lines if line.startswith('Pss:')) / 1024:.0f}"
