"""GET /tables/available beside a bare Sanic handler with the same bytes, and what each layer between the two costs."""

from __future__ import annotations

import asyncio
import http.client
import itertools
from statistics import median

import asyncpg
import psutil

from bench import load, report, seed
from bench.peers import LAYERS
from bench.servers import Process, Servers

CONNECTIONS = 64
GUESTS = 2


def prepare(servers: Servers) -> list[bytes]:
    """The database ``small`` with the floor as shipped and a thousand bookings; returns the requests of its readers."""
    servers.make_database("small")

    async def fill() -> list[str]:
        connection = await asyncpg.connect(servers.url("small"))
        tokens = await seed.users(connection, servers.settings("small"))
        # Forty bookings on each day that is read, on tables 1–16.
        cell = seed.READ.replace("501 + n % 16", "1 + n % 16")
        count = seed.READ_DAYS * seed.READ_BOOKINGS
        await connection.execute(seed.INSERT.format(users=seed.USERS, cell=cell), seed.today_utc(), count)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()
        return tokens

    return seed.reads(asyncio.run(fill()), seed.today_utc(), GUESTS)


def body_of(process: Process, request: bytes) -> bytes:
    """The body that the hub answers to a raw request."""
    head = request.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=10)
    connection.request("GET", head[0].split(" ")[1], headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"the hub answered {answer.status}: {body!r}")
    return body


def measure(servers: Servers, hub: Process, requests: list[bytes], *, rounds: int, seconds: float) -> tuple[str, float]:
    """A table of layers, each round one after the other; and the hub's median rate."""
    body = servers.folder / "body.json"
    body.write_bytes(body_of(hub, requests[0]))
    peers = [servers.start_peer(kind, body) for kind in ("fixed", *LAYERS)]
    sides = [*peers, hub]
    rates: dict[str, list[float]] = {side.name: [] for side in sides}
    spent: dict[str, float] = dict.fromkeys(rates, 0.0)
    answers: dict[str, int] = dict.fromkeys(rates, 0)
    workers = {side.name: 0 for side in sides}
    for number in range(-1, rounds):  # the first round warms up, and shows which process answers
        for side in sides:
            if number == 0:
                workers[side.name] = side.worker()
            before = _cpu(workers[side.name])
            found = load.closed(side.port, itertools.cycle(requests), connections=CONNECTIONS, seconds=seconds)
            found.expect(b"200")
            if number >= 0:
                rates[side.name].append(found.rate)
                spent[side.name] += _cpu(workers[side.name]) - before
                answers[side.name] += len(found.waits)
    for peer in peers[2:]:
        servers.stop(peer)
    ours = rates[hub.name]
    names = {
        "fixed": "a protocol that answers fixed bytes: the limit of the load generator",
        "bare": "bare Sanic handler, the same body",
        "headers": "+ the same headers",
        "protocol": "+ the connection that /live can take over",
        "wrapper": "+ our route wrapper",
        hub.name: "+ the answer itself: `hub serve` as shipped",
    }
    rows, before = [], 0.0
    for side in sides:
        cost = spent[side.name] / answers[side.name] * 1e6
        rows.append(
            [
                names.get(side.name, f"+ {side.name}"),
                report.spread(rates[side.name]),
                report.ratio(rates[side.name], rates["bare"]),
                report.ratio(rates[side.name], rates["headers"]),
                f"{cost:.1f}",
                f"{cost - before:+.1f}" if before else "",
            ]
        )
        before = cost if side.name != "fixed" else 0.0
    head = (
        "GET /tables/available",
        "answers/s",
        "of bare",
        "of bare with our headers",
        "CPU µs an answer",
        "more than the line above",
    )
    title = f"Reading: {CONNECTIONS} connections, {len(body.read_bytes())} bytes of body, {rounds} × {seconds:g} s"
    return report.table(title, head, rows), median(ours)


def _cpu(pid: int) -> float:
    """The seconds of processor that a process has used."""
    return float(sum(psutil.Process(pid).cpu_times()[:2])) if pid else 0.0
