"""``python -m bench.beside CHECKOUT [PLAN …]``: how fast this checkout writes beside another one of the project.

Each has databases of its own, as bench.writing fills them, and a process of its own that drives it, with the other's
code. They take turns in short rounds; a ratio is taken within its round. A PLAN is PROCESSES:KIND,…, of the kinds post
(spread over days), one (all on one day), patch (one guest less), delete; without one all of them with one process, and
"one" with two and four.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

if __name__ == "__main__" and sys.argv[1:] == ["--side"]:  # started by path, with the other checkout as its folder
    sys.path[0] = str(Path.cwd())

import asyncpg
import psutil
import uvloop

from bench import load, seed, servers, writing

ROUNDS, SECONDS = 3, 3.0
PLAN = ("1:post,one,patch,delete", "2:one", "4:one")
ENOUGH = 1200
"""Bookings a second that a round of changes may need."""
THEIRS = f"status = 'booked' AND table_id <= {seed.OWN_TABLES} AND starts_at > now() + interval '19 days'"


class Side:
    """The servers of one checkout, in its process: obeys lines of JSON."""

    def __init__(self, started: servers.Servers) -> None:
        self.servers = started
        self.tokens, _ = writing.prepare(started, "beside", 20_000)
        self.today = seed.today_utc()
        self.spread = seed.books(self.tokens, self.today)
        self.day = seed.READ_DAYS
        self.hub: servers.Process | None = None
        self.tokens_of = {
            row["user_id"]: token
            for row, token in zip(self.rows("SELECT user_id FROM sessions ORDER BY id"), self.tokens, strict=True)
        }

    def rows(self, statement: str) -> list[Any]:
        async def ask() -> list[Any]:
            connection = await asyncpg.connect(self.servers.url("beside"))
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

        return uvloop.run(ask())

    def start(self, workers: int) -> None:
        """Start the hub anew, and let it load every day."""
        if self.hub is not None:
            self.servers.stop(self.hub)
        self.hub = self.servers.start_hub("beside", workers=workers)
        answered = 0
        while answered < 4 * (seed.LAST_DAY - seed.FIRST_DAY):
            answered += len(self.run(self.spread, 1.0, b"201").waits)

    def measure(self, kind: str, seconds: float) -> dict[str, float]:
        """Answers a second, waits in ms, and ms of processor an answer took of the hub and of PostgreSQL."""
        requests, status = self.requests(kind, seconds)
        assert self.hub is not None
        leader = int(self.servers.folder.joinpath("postgres/postmaster.pid").read_text().split()[0])
        families = {"hub": family(self.hub.popen.pid), "postgres": family(leader)}
        before = {name: spent(each) for name, each in families.items()}
        found = self.run(requests, seconds, status)
        each = {name: (spent(family) - before[name]) / len(found.waits) * 1e3 for name, family in families.items()}
        return {"rate": found.rate, "p50": found.percentile(0.5), "p99": found.percentile(0.99), **each}

    def run(self, requests: Iterator[bytes], seconds: float, status: bytes) -> load.Result:
        assert self.hub is not None
        found = load.closed(self.hub.port, requests, connections=writing.CONNECTIONS, seconds=seconds)
        found.expect(status)
        return found

    def requests(self, kind: str, seconds: float) -> tuple[Iterator[bytes], bytes]:
        if kind == "post":
            return self.spread, b"201"
        if kind == "one":
            self.day += 1
            return seed.books(self.tokens, self.today, self.day), b"201"
        wanted = f"SELECT id, user_id FROM bookings WHERE {THEIRS}" + (" AND guests = 2" if kind == "patch" else "")
        while len(rows := self.rows(f"{wanted} ORDER BY md5(id::text)")) < ENOUGH * seconds:
            self.run(self.spread, 2.0, b"201")
        return self.changes(kind, rows), b"200"

    def changes(self, kind: str, rows: list[Any]) -> Iterator[bytes]:
        method, body = ("PATCH", '{"guests":1}') if kind == "patch" else ("DELETE", "")
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        for row in rows:
            token = self.tokens_of[row["user_id"]]
            yield (
                f"{method} /bookings/{row['id']} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                f"{length}Accept: */*\r\nUser-Agent: bench\r\n\r\n{body}"
            ).encode()


def family(pid: int) -> list[psutil.Process]:
    leader = psutil.Process(pid)
    return [leader, *leader.children(recursive=True)]


def spent(processes: list[psutil.Process]) -> float:
    times = [each.cpu_times() for each in processes if each.is_running()]
    return float(sum(each.user + each.system for each in times))


def obey() -> None:
    servers.clean_exit()
    with servers.running() as started:
        side = Side(started)
        for line in sys.stdin:
            asked = json.loads(line)
            if asked["kind"] == "start":
                side.start(asked["workers"])
                found: dict[str, float] = {}
            else:
                found = side.measure(asked["kind"], asked["seconds"])
            print(json.dumps(found), flush=True)


def main(other: str, plan: tuple[str, ...]) -> None:
    sides: dict[str, subprocess.Popen[str]] = {}
    for name, folder in (("other", Path(other).resolve()), ("this", servers.CHECKOUT)):
        sides[name] = subprocess.Popen(
            [sys.executable, __file__, "--side"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(name: str, **asked: object) -> dict[str, float]:
        stdin, stdout = sides[name].stdin, sides[name].stdout
        assert stdin is not None and stdout is not None
        print(json.dumps(asked), file=stdin, flush=True)
        if not (line := stdout.readline()):
            sys.exit(f"the {name} side ended")
        return json.loads(line)  # type: ignore[no-any-return]

    print("| | processes | side | a second | p50, ms | p99, ms | CPU ms of the hub | of PostgreSQL | of the other |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for part in plan:
        workers, kinds = part.split(":")
        for name in sides:
            ask(name, kind="start", workers=int(workers))
        for kind in kinds.split(","):
            seconds = min(SECONDS, 2.0) if kind == "one" else SECONDS
            found: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
            for _ in range(ROUNDS):
                for name in sides:
                    found[name].append(ask(name, kind=kind, seconds=seconds))
            for name, rounds in found.items():
                of = {key: median(each[key] for each in rounds) for key in rounds[0]}
                ratios = [a["rate"] / b["rate"] for a, b in zip(rounds, found["other"], strict=True)]
                print(
                    f"| {kind} | {workers} | {name} | {of['rate']:.0f} | {of['p50']:.1f} | {of['p99']:.1f} "
                    f"| {of['hub']:.2f} | {of['postgres']:.2f} "
                    f"| {median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) |",
                    flush=True,
                )
    for each in sides.values():
        each.communicate(timeout=30)


if __name__ == "__main__":
    if sys.argv[1:] == ["--side"]:
        obey()
    elif len(sys.argv) < 2:
        sys.exit(__doc__)
    else:
        main(sys.argv[1], tuple(sys.argv[2:]) or PLAN)
