"""A hub as it looks from outside: its processes and what they hold, its series, and what its log complains of."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import Callable

import httpx
import psutil

from tests.http_clients import http_client
from tests.servers import HubServer, workers_of


def workers(server: HubServer) -> list[psutil.Process]:
    """The processes of a hub that listen."""
    found = []
    for pid in workers_of(server):
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(pid))
    return found


def serving(server: HubServer) -> list[psutil.Process]:
    """Those of them that answer: one that still loads has the socket already."""
    ready = told("process_serves", server.output)
    return [process for process in workers(server) if process.pid in ready]


def told(event: str, log: str) -> list[int]:
    """The processes of which a log tells this event, in its order."""
    lines = (line for line in log.splitlines() if f'"event":"{event}"' in line)
    return [int(pid) for line in lines for pid in re.findall(r'"pid":(\d+)', line)]


def clients(process: psutil.Process, server: HubServer) -> int:
    """How many connections of clients a process holds (beside those that it made to databases)."""
    port = httpx.URL(server.url).port
    return sum(c.laddr.port == port and c.status == psutil.CONN_ESTABLISHED for c in process.net_connections("tcp"))


async def both_serve(*hubs: HubServer) -> None:
    """Wait until both processes of each hub serve: ready is what the first one answers."""
    async with asyncio.timeout(20):
        while any(len(serving(hub)) < 2 for hub in hubs):  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.1)


def resident(server: HubServer) -> int:
    """Bytes that only the serving processes have in memory."""
    return sum(process.memory_full_info().uss for process in workers(server))


def descriptors(server: HubServer) -> int:
    return sum(process.num_fds() for process in workers(server))


async def series(server: HubServer) -> dict[str, float]:
    """/metrics of all processes of a hub: every series by its name and labels."""
    async with http_client(base_url=server.url, timeout=10) as client:
        text = (await client.get("/metrics")).text
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def total(found: dict[str, float], name: str, **labels: str) -> float:
    """The sum of a metric's series that have these labels."""
    wanted = [f'{key}="{value}"' for key, value in labels.items()]
    return sum(
        value
        for series, value in found.items()
        if series.partition("{")[0] == name and all(label in series for label in wanted)
    )


def complaints(server: HubServer) -> list[str]:
    """Lines of a hub's log that tell of an error or a fault of its own."""
    wrong = re.compile(r'"level":\s*"(error|critical)"|Traceback|never retrieved|Exception in')
    return [line for line in server.whole_output().splitlines() if wrong.search(line)]


async def reaches(server: HubServer, found: Callable[[dict[str, float]], bool], within: float) -> float:
    """Wait until the metrics of another process show it; returns the seconds it took."""
    begun = time.monotonic()
    while not found(await series(server)):
        if time.monotonic() - begun > within:
            raise AssertionError(f"not within {within:g} s")
        await asyncio.sleep(0.1)
    return time.monotonic() - begun


def standing_still(hub: HubServer, seconds: float) -> None:
    """The whole hub stands still, as on a machine that was paused."""
    os.killpg(hub.process.pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        os.killpg(hub.process.pid, signal.SIGCONT)
