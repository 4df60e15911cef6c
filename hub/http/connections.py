"""All HTTP connections of one process: how many there may be, and the sweep that looks at each once a second.

A connection that became a session of the live channel still counts as one of all, but not as one of its address: the
live channel has a bound of its own for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from typing import Protocol

import orjson

from hub import logs
from hub.config import HttpBounds
from hub.http.client import Proxies, address_group, normal_address
from hub.metrics import Metrics

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

SWEEP_SECONDS = 1.0
AT_ONCE = 512
"""Connections that are looked at in one turn of the loop."""
WARN_SECONDS = 10.0
KEPT_FILES = 64
"""Of the files that the process may open these are kept back for what already runs: the database and Redis must be
able to connect again."""
MOST_LINGERING = 32
"""Refused connections that may stay until their clients have read why."""
log = logs.get("hub.http.connections")


class RegisteredConnection(Protocol):
    """A connection, as its registry sees it. ``group`` says whose it is; "" for a trusted proxy's."""

    group: str

    def mind(self, now: float) -> None: ...
    def close_if_idle(self) -> bool: ...
    def abort(self) -> None: ...


class Connections:
    """The connections of this process, and their bounds."""

    def __init__(self, bounds: HttpBounds, proxies: Proxies) -> None:
        self.bounds = bounds
        self.always: dict[str, str] = {}
        """Headers that every answer has."""
        self._proxies = proxies
        self._open: set[RegisteredConnection] = set()
        self._refused: set[RegisteredConnection] = set()
        self._taken: set[RegisteredConnection] = set()
        self._groups: Counter[str] = Counter()
        self._news: Counter[tuple[str, str]] = Counter()
        self._warned_at = -WARN_SECONDS
        self._files = _file_limit()
        self._metrics: Metrics | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._all_left = asyncio.Event()
        self.now = SWEEP_SECONDS
        """What the deadlines of connections count by: seconds in which this process ran. While it stands still it reads
        nothing, so no client is to blame for the silence."""

    def start(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._sweeper = asyncio.create_task(self._sweep(), name="connections")

    async def stop(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)

    async def end(self, within: float) -> None:
        """Close connections on which nothing is asked, wait ``within`` seconds for the others, and cut who is left."""
        for member in self._all():
            member.close_if_idle()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._all():
                    self._all_left.clear()
                    await self._all_left.wait()
        for member in self._all():
            member.abort()

    def _all(self) -> list[RegisteredConnection]:
        return [*self._open, *self._refused, *self._taken]

    # -- coming and going

    def enter(self, member: RegisteredConnection, address: str, descriptor: int) -> bytes | None:
        """Take a new connection in; returns None, or the answer of its refusal.

        ``address`` is the peer's. ``descriptor`` is the number of the connection's file: the kernel gives the lowest
        that is free, so a high number says that all below it are in use.
        """
        address = normal_address(address)
        member.group = "" if self._proxies.trusts(address) else address_group(address)
        reason = self._reason(member.group, descriptor)
        if reason is not None:
            self._refused.add(member)
            self._refuse(reason)
            return REFUSALS[reason]
        self._open.add(member)
        self._groups[member.group] += 1
        if self._metrics:
            self._metrics.connections.inc()
        return None

    def _refuse(self, reason: str) -> None:
        self._note("refused", reason)
        if self._metrics:
            self._metrics.connections_refused.labels(reason).inc()

    def _reason(self, group: str, descriptor: int) -> str | None:
        bounds = self.bounds
        if self._files and descriptor >= self._files - min(KEPT_FILES, self._files // 4):
            return "files"
        if bounds.connections and len(self._open) + len(self._taken) >= bounds.connections:
            return "total"
        most = bounds.connections_per_address
        if group and most and self._groups[group] >= most:
            return "address"
        return None

    def may_linger(self) -> bool:
        """Whether a connection that was just refused may stay until its client has read why."""
        return len(self._refused) <= MOST_LINGERING

    def take(self, member: RegisteredConnection) -> None:
        """The live channel minds this connection from now on."""
        if member in self._open:
            self._open.discard(member)
            self._taken.add(member)
            self._forget(member.group)

    def leave(self, member: RegisteredConnection) -> None:
        if member in self._refused:
            self._refused.discard(member)
        elif member in self._open:
            self._open.discard(member)
            self._forget(member.group)
            self._count_one_less()
        elif member in self._taken:
            self._taken.discard(member)
            self._count_one_less()
        if not (self._open or self._refused or self._taken):
            self._all_left.set()

    def _count_one_less(self) -> None:
        if self._metrics:
            self._metrics.connections.dec()

    def _forget(self, group: str) -> None:
        self._groups[group] -= 1
        if not self._groups[group]:
            del self._groups[group]

    def cut(self, reason: str) -> None:
        """Note that a connection was ended because its client made no progress."""
        self._note("cut", reason)
        if self._metrics:
            self._metrics.connections_cut.labels(reason).inc()

    # -- the sweep

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            began, before = before, loop.time()
            self.now += min(before - began, 2 * SWEEP_SECONDS)
            now = self.now
            for number, member in enumerate([*self._open, *self._refused], 1):
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
                try:
                    member.mind(now)
                except Exception:  # one connection's fault may not end the deadlines of all
                    log.exception("the check of a connection's timeouts failed, and the connection is closed")
                    member.abort()
            if not _can_open_a_file():
                self._refuse("files")
            self._warn(now)

    def _note(self, what: str, reason: str) -> None:
        self._news[what, reason] += 1

    def _warn(self, now: float) -> None:
        """One line for all that was refused or cut, at most every WARN_SECONDS."""
        if not self._news or now - self._warned_at < WARN_SECONDS:
            return
        self._warned_at = now
        news, self._news = self._news, Counter()
        for what in ("refused", "cut"):
            counts = {reason: count for (kind, reason), count in news.items() if kind == what}
            if counts:
                log.warning(f"connections were {what}", **counts, open=len(self._open), sessions=len(self._taken))
        if news["refused", "files"]:
            log.error("new connections are refused: too many files are open", limit=self._files, reserved=KEPT_FILES)


def _file_limit() -> int:
    """How many files this process may open; 0 for no limit."""
    if resource is None:
        return 0
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 0 if soft == resource.RLIM_INFINITY else soft


def _can_open_a_file() -> bool:
    """Whether this process may open one more file. When it may not, libuv closes each new connection before anybody
    here is notified: only who asks knows."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    return True


def _refusal(detail: str) -> bytes:
    body = orjson.dumps(
        {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": detail,
            "error_code": "overloaded",
        }
    )
    return (
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\n"
        b"retry-after: 5\r\ncache-control: no-store\r\nconnection: close\r\n\r\n%s" % (len(body), body)
    )


REFUSALS = {
    "files": _refusal("The hub has as many connections as it can take."),
    "total": _refusal("The hub has as many connections as it may take."),
    "address": _refusal("Your address has as many connections as one address may have."),
}
