"""Prometheus series of one process, and the text of all processes together.

A Metrics is made once a process, after PROMETHEUS_MULTIPROC_DIR is set (hub.serving) and passed to whoever counts.
Label values are bounded: route templates and codes, never ids. Names and units follow Prometheus' conventions.
"""

from __future__ import annotations

import asyncio
import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FLUSH_SECONDS = 0.05
"""How long a request may be counted in memory before it is written where all processes' series are read."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The series that this process writes."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._own = registry
        self._requests = Counter(
            "hub_http_requests_total", "Requests answered.", ["route", "method", "status"], registry=registry
        )
        self._request_seconds = Histogram(
            "hub_http_request_seconds", "Time to answer.", ["route", "method"], buckets=SECONDS, registry=registry
        )
        self._refusals = Counter("hub_refusals_total", "Errors told to callers.", ["code"], registry=registry)
        self.sessions = Gauge(
            "hub_live_sessions", "Open sessions of the live channel.", multiprocess_mode="livesum", registry=registry
        )
        self.subscriptions = Gauge(
            "hub_live_subscriptions",
            "Open subscriptions.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.commit_to_write = Histogram(
            "hub_live_commit_to_write_seconds",
            "From a commit to the write to its watchers.",
            buckets=SECONDS,
            registry=registry,
        )
        self.frames = Counter("hub_live_frames_total", "Frames built for watchers.", ["op"], registry=registry)
        self.deliveries = Counter("hub_live_deliveries_total", "Frames handed to sessions.", registry=registry)
        self.merged = Counter("hub_live_merged_total", "Changes merged into another's frame.", registry=registry)
        self.recoveries = Counter(
            "hub_live_recoveries_total", "Subscriptions by how they began.", ["outcome"], registry=registry
        )
        self.repairs = Counter(
            "hub_board_repairs_total", "Boards that had to read what they had missed.", ["cause"], registry=registry
        )
        self.loads = Counter(
            "hub_board_loads_total",
            "Boards that were read whole, by what they were read from.",
            ["from"],
            registry=registry,
        )
        self.slow = Counter("hub_live_slow_total", "Slow consumers by outcome.", ["outcome"], registry=registry)
        self.closes = Counter("hub_live_closes_total", "Sessions closed by the hub.", ["code"], registry=registry)
        self.boards = Gauge("hub_boards_held", "Boards in memory.", multiprocess_mode="livesum", registry=registry)
        self.proof_age = Gauge(
            "hub_proof_age_seconds",
            "Since the last proof.",
            multiprocess_mode="livemax",
            registry=registry,
        )
        self.bell_dropped = Counter(
            "hub_bell_dropped_total", "Events that were not published; the proof finds them.", registry=registry
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._pending: dict[tuple[str, str, int], list[float]] = {}

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request. Needs a running loop.

        It is written with others, FLUSH_SECONDS later at most: each write to a series that processes share costs a
        system call, and three of them a request cost more than the route did (docs/performance.md).
        """
        if not self._pending:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        waits = self._pending.get((route, method, status))
        if waits is None:
            waits = self._pending[route, method, status] = []
        waits.append(seconds)

    def flush(self) -> None:
        """Write the requests that were counted since the last time; the label children are looked up once."""
        pending, self._pending = self._pending, {}
        for key, waits in pending.items():
            found = self._children.get(key)
            if found is None:
                route, method, status = key
                found = self._children[key] = (
                    self._requests.labels(route, method, str(status)),
                    self._request_seconds.labels(route, method),
                )
            requests, histogram = found
            requests.inc(len(waits))
            for seconds in waits:
                histogram.observe(seconds)

    def refusal(self, code: str) -> None:
        self._refusals.labels(code).inc()

    def render(self) -> bytes:
        """All processes' series in Prometheus' text format; this process's alone when it runs by itself."""
        self.flush()
        if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            return generate_latest(self._own)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
