"""Prometheus series of one process, and the text of all processes together.

A Metrics is made once a process, after PROMETHEUS_MULTIPROC_DIR is set (hub.process.serving) and passed to whoever
counts. Label values are bounded (route templates, codes, hours of a day; never ids), and those that are known stand at
zero from the start, so that a rate sees the first of what never happened before. Names and units follow Prometheus'
conventions. A series that is new belongs here; the rules and graphs that read it are in infra/.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from hub.errors import every_error

FLUSH_SECONDS = 0.05
"""How long a request may be counted in memory before it is written where all processes' series are read."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
VERSIONS = (1, 2, 5, 10, 25, 100, 1000)
ACTIONS = {
    ("POST", "/bookings"): "book",
    ("PATCH", "/bookings/<booking_id:str>"): "reschedule",
    ("DELETE", "/bookings/<booking_id:str>"): "cancel",
}
"""The calls that change a booking, as the verbs are called."""
HOURS = tuple(f"{hour:02}" for hour in range(24))
STATUSES = ("booked", "seated", "finished", "no_show", "canceled")
Mode = Literal["livesum", "livemin", "livemax", "livemostrecent"]
"""How the gauges of all processes that live become one."""
Request = tuple[str, str, int, str | None]
"""Route, method, status, and the code of its error."""


class Metrics:
    """The series that this process writes."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._children: dict[Request, tuple[list[Counter], Histogram]] = {}
        self._pending: dict[Request, list[float]] = {}
        self._add_requests()
        self._add_accounts()
        self._add_connections()
        self._add_live()
        self._add_views()
        self._add_process()
        self._add_service()

    def _add_requests(self) -> None:
        self._requests = self._counter("hub_http_requests_total", "Requests answered.", route=(), method=(), status=())
        self._request_seconds = self._histogram("hub_http_request_seconds", "Time to answer.", "route", "method")
        self._refusals = self._counter("hub_refusals_total", "Errors told to callers.", code=every_error())
        self._bookings = self._counter(
            "hub_bookings_total", "Attempts to book, move or cancel: done, or the error's code.", action=(), outcome=()
        )

    def _add_accounts(self) -> None:
        self.log_ins = self._counter(
            "hub_log_ins_total",
            "Attempts to log in: done, refused (a wrong e-mail or password), throttled, or failed for another reason.",
            outcome=("done", "refused", "throttled", "failed"),
        )
        self.throttled = self._counter(
            "hub_throttled_total",
            "Calls that were refused because of too many attempts.",
            call=("log_in", "register", "reset", "token"),
        )

    def _add_connections(self) -> None:
        self.connections = self._gauge("hub_http_connections", "Open connections, the live channel's among them.")
        self.connections_refused = self._counter(
            "hub_http_connections_refused_total",
            "Connections refused: too many of one address, too many in all, or too few open files left.",
            reason=("address", "total", "files"),
        )
        self.connections_cut = self._counter(
            "hub_http_connections_cut_total",
            "Connections ended because their client made no progress (nothing sent, a slow head, a slow body, an "
            "answer that nobody reads), or because a handler took too long.",
            reason=("silent", "head", "body", "unread", "handler"),
        )

    def _add_live(self) -> None:
        self.sessions = self._gauge("hub_live_sessions", "Open sessions of the live channel.")
        self.subscriptions = self._gauge("hub_live_subscriptions", "Open subscriptions.")
        self.commit_to_write = self._histogram(
            "hub_live_commit_to_write_seconds", "From a commit to the last write that tells of it."
        )
        self.frames = self._counter(
            "hub_live_frames_total",
            "Frames built for watchers; oversized ones were larger than a frame may be, and were not sent.",
            op=("snapshot", "update", "oversized"),
        )
        self.deliveries = self._counter("hub_live_deliveries_total", "Frames written to sessions.")
        self.merged = self._counter("hub_live_merged_total", "Changes merged into another's frame.")
        self.recoveries = self._counter(
            "hub_live_recoveries_total",
            "Subscriptions by how they began.",
            outcome=("current", "resumed", "snapshot"),
        )
        self.slow = self._counter("hub_live_slow_total", "Slow consumers by outcome.", outcome=("resync", "closed"))
        self.closes = self._counter("hub_live_closes_total", "Sessions closed by the hub.", code=())

    def _add_views(self) -> None:
        self.views = self._gauge("hub_boards_held", "Boards in memory.")
        self.repairs = self._counter(
            "hub_board_repairs_total",
            "Boards that had to read what they had missed: a gap between events, found by the check, or asked for by a "
            "reader who knows of more.",
            cause=("gap", "proof", "asked"),
        )
        self.behind = self._histogram(
            "hub_board_behind_versions", "By how many versions a board was behind when the check found it.",
            buckets=VERSIONS,
        )  # fmt: skip
        self.loads = self._counter(
            "hub_board_loads_total",
            "Boards that were read whole, by what they were read from.",
            **{"from": ("rows", "checkpoint")},
        )
        self.unsigned = self._counter(
            "hub_redis_unsigned_total",
            "What was found in Redis without this installation's mark, and dropped.",
            what=("event", "checkpoint"),
        )
        self.unavailable = self._gauge("hub_boards_unavailable", "Boards that can't be read, and are tried again.")
        self._verified_at = self._gauge(
            "hub_proof_last_timestamp_seconds",
            "When the boards were last verified, of the process where that is longest ago; at first: its start.",
            mode="livemin",
        )
        self._verified_at.set_to_current_time()
        self._verify_seconds = self._histogram(
            "hub_proof_seconds", "How long it took to verify the boards: one question to PostgreSQL."
        )

    def _add_process(self) -> None:
        self.processes = self._gauge("hub_processes", "Processes that serve.")
        self.processes_wanted = self._gauge("hub_processes_wanted", "Processes that are to serve.", mode="livemax")
        self.log_lines_dropped = self._counter(
            "hub_log_lines_dropped_total", "Log lines that standard output did not take in time."
        )
        self.loop_lag = self._histogram("hub_event_loop_lag_seconds", "By how much a timer of a process came late.")
        self.tasks = self._gauge("hub_tasks", "Tasks of the event loops that have not ended.")
        self.pool = self._gauge("hub_database_pool_connections", "Connections to PostgreSQL.", state=("used", "idle"))
        self.pool_most = self._gauge("hub_database_pool_most", "Connections that the processes may open.")
        self.pool_wait = self._histogram(
            "hub_database_pool_wait_seconds", "How long a request would wait for a connection, tried each second."
        )
        self.writers_waiting = self._gauge(
            "hub_writers_waiting", "Bookings and changes that wait for their turn on a day, without a connection."
        )
        self.pool_lost = self._counter(
            "hub_database_pool_lost_total", "Processes that ended because no connection came back for half a minute."
        )
        self.redis_up = self._gauge(
            "hub_redis_up", "Whether every process hears Redis; 0 where one does not.", mode="livemin"
        )
        self.subscriber_cuts = self._counter("hub_feed_cuts_total", "How often a process was cut off from Redis.")
        self.beats = self._histogram("hub_feed_beat_seconds", "From publishing a heartbeat in Redis to hearing it.")
        self.publisher_waiting = self._gauge("hub_bell_waiting", "Events that wait to be published.")
        self.publisher_dropped = self._counter(
            "hub_bell_dropped_total", "Events that were not published; the check against PostgreSQL finds them."
        )

    def _add_service(self) -> None:
        """Of the service day that is on; the process that looked last says it."""
        self.covers = self._gauge(
            "hub_tonight_covers",
            "Guests who are to come or came, by the local hour in which their booking starts; neither canceled nor "
            "no-shows.",
            mode="livemostrecent",
            hour=HOURS,
        )
        self.service_bookings = self._gauge(
            "hub_tonight_bookings", "Bookings by status.", mode="livemostrecent", status=STATUSES
        )
        self.tables = self._gauge(
            "hub_tonight_tables", "Tables of the room, by whether one is held now.", mode="livemostrecent",
            state=("taken", "free"),
        )  # fmt: skip
        self.seats = self._gauge("hub_tonight_seats", "Seats of the room.", mode="livemostrecent")

    def _counter(self, name: str, about: str, **labels: Iterable[str]) -> Counter:
        """A counter; of one label, each value named stands at zero."""
        made = Counter(name, about, list(labels), registry=self._own)
        _begin(made, labels)
        return made

    def _gauge(self, name: str, about: str, mode: Mode = "livesum", **labels: Iterable[str]) -> Gauge:
        made = Gauge(name, about, list(labels), multiprocess_mode=mode, registry=self._own)
        _begin(made, labels)
        return made

    def _histogram(self, name: str, about: str, *labels: str, buckets: Iterable[float] = SECONDS) -> Histogram:
        return Histogram(name, about, labels, buckets=tuple(buckets), registry=self._own)

    def expect(self, route: str, method: str, codes: Iterable[str]) -> None:
        """Show the series of a call at zero before it is first asked: ``codes`` are the errors that it may tell."""
        for status in ("500", "503"):
            self._requests.labels(route, method, status)
        if action := ACTIONS.get((method, route)):
            for outcome in ("done", "internal", *codes):
                self._bookings.labels(action, outcome)

    def request(self, route: str, method: str, status: int, seconds: float, code: str | None = None) -> None:
        """Count one answered request, and its error's ``code``. Needs a running loop.

        It is written with others, FLUSH_SECONDS later at most: each write to a series that processes share costs a
        system call, and three of them a request cost more than the route did (docs/performance.md).
        """
        if not self._pending:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        waits = self._pending.get((route, method, status, code))
        if waits is None:
            waits = self._pending[route, method, status, code] = []
        waits.append(seconds)

    def flush(self) -> None:
        """Write the requests that were counted since the last time; the label children are looked up once."""
        pending, self._pending = self._pending, {}
        for key, waits in pending.items():
            found = self._children.get(key)
            if found is None:
                found = self._children[key] = self._find(*key)
            counters, histogram = found
            for counter in counters:
                counter.inc(len(waits))
            for seconds in waits:
                histogram.observe(seconds)

    def _find(self, route: str, method: str, status: int, code: str | None) -> tuple[list[Counter], Histogram]:
        counters = [self._requests.labels(route, method, str(status))]
        if code is not None:
            counters.append(self._refusals.labels(code))
        if action := ACTIONS.get((method, route)):
            counters.append(self._bookings.labels(action, code or "done"))
        return counters, self._request_seconds.labels(route, method)

    def verified(self, seconds: float) -> None:
        """The views equalled the database ``seconds`` ago, when it was asked."""
        self._verified_at.set(time.time() - seconds)
        self._verify_seconds.observe(seconds)

    def render(self) -> bytes:
        """All processes' series in Prometheus' text format; this process's alone when it runs by itself.

        What is counted and not yet flushed is left out: this may be called from a thread.
        """
        if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            return generate_latest(self._own)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def _begin(made: Counter | Gauge, labels: dict[str, Iterable[str]]) -> None:
    if len(labels) == 1:
        for value in next(iter(labels.values())):
            made.labels(value)
