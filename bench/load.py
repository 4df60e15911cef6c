"""Load over HTTP/1.1 with keep-alive from one uvloop thread: a closed loop for rates, an open loop for waiting times.

It knows just enough of HTTP to find where an answer ends, so that it is never what limits a measure (its own limit is
measured against a server that does nothing, and printed).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvloop


@dataclass(slots=True)
class Result:
    """What one run saw. ``rate`` is in answers a second, ``waits`` in seconds, one for each answer."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    statuses: Counter[bytes] = field(default_factory=Counter)
    last_body: bytes = b""

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The waiting time that ``share`` of the answers did not exceed, in milliseconds."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] * 1000 if ordered else math.nan

    def expect(self, status: bytes) -> None:
        """Refuse a measure in which not every answer was what it should be."""
        wrong = {key.decode(): count for key, count in self.statuses.items() if key != status}
        if wrong or not self.waits:
            raise RuntimeError(f"answers that were not {status.decode()}: {wrong or 'none at all'}: {self.last_body!r}")


class _Connection(asyncio.Protocol):
    """One connection with one request at a time."""

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.buffer = b""
        self.due = 0.0
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self.buffer:
            data = self.buffer + data
        head = data.find(b"\r\n\r\n")
        if head < 0:
            self.buffer = data
            return
        at = data.find(b"ontent-", 0, head)  # Content-Length or content-length, and not Content-Type
        while at >= 0 and data[at + 7 : at + 14].lower() != b"length:":
            at = data.find(b"ontent-", at + 7, head)
        end = head + 4 + (int(data[at + 14 : data.find(b"\r", at)]) if at >= 0 else 0)
        if len(data) < end:
            self.buffer = data
            return
        self.buffer = b""
        self.run.answered(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.lost()


class _Run:
    """The connections of one run. In a closed loop each sends anew when it is answered, in an open loop what is due."""

    def __init__(self, requests: Iterator[bytes], rate: float | None) -> None:
        self.requests = requests
        self.rate = rate
        self.result = Result()
        self.idle: deque[_Connection] = deque()
        self.waiting: deque[float] = deque()
        self.end = math.inf
        self.open = 0
        self.over = asyncio.Event()
        self.all_sent = False
        self.finished = False

    def answered(self, connection: _Connection, data: bytes) -> None:
        now = time.perf_counter()
        result = self.result
        status = data[9:12]
        result.statuses[status] += 1
        result.waits.append(now - connection.due)
        if status >= b"300":
            result.last_body = data
        if self.rate is None:
            if now < self.end:
                connection.send(next(self.requests), now)
                return
        elif self.waiting:
            connection.send(next(self.requests), self.waiting.popleft())
            return
        else:
            self.idle.append(connection)
        self.open -= 1
        if not self.open and (self.rate is None or self.all_sent):
            self.over.set()

    def lost(self) -> None:
        if not self.finished:
            self.result.statuses[b"connection lost"] += 1
            self.over.set()

    async def pace(self, began: float, seconds: float) -> None:
        """Send what is due, at the rate, whether or not the server keeps up; a wait counts from the moment due."""
        assert self.rate is not None
        sent, count = 0, int(self.rate * seconds)
        while sent < count:
            now = time.perf_counter()
            until = min(count, int((now - began) * self.rate) + 1)
            while sent < until:
                due = began + sent / self.rate
                sent += 1
                if self.idle:
                    self.open += 1
                    self.idle.popleft().send(next(self.requests), due)
                else:
                    self.waiting.append(due)
            await asyncio.sleep(max(0.0, began + sent / self.rate - time.perf_counter()))


async def _go(port: int, requests: Iterator[bytes], connections: int, seconds: float, rate: float | None) -> Result:
    run = _Run(requests, rate)
    loop = asyncio.get_running_loop()
    made = [(await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port))[1] for _ in range(connections)]
    began = time.perf_counter()
    run.end = began + seconds
    if rate is None:
        run.open = len(made)
        for connection in made:
            connection.send(next(requests), time.perf_counter())
    else:
        run.idle.extend(made)
        await run.pace(began, seconds)
        run.all_sent = True
        if not run.open:
            run.over.set()
    async with asyncio.timeout(seconds + 30):
        await run.over.wait()
    run.result.seconds = time.perf_counter() - began
    run.finished = True
    for connection in made:
        connection.transport.close()
    return run.result


def closed(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Result:
    """As many requests as the server answers, ``connections`` at a time."""
    return uvloop.run(_go(port, requests, connections, seconds, None))


def paced(port: int, requests: Iterator[bytes], *, rate: float, connections: int, seconds: float) -> Result:
    """``rate`` requests a second, whatever the server does: a wait is counted from the moment a request was due, so
    a server that stalls can't hide what it kept waiting."""
    return uvloop.run(_go(port, requests, connections, seconds, rate))
