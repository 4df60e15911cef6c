"""Prometheus series of one process, and the text of all processes together.

A Metrics is made once a process, after PROMETHEUS_MULTIPROC_DIR is set (hub.process.serve) and passed to whoever
counts. Label values are bounded (route templates, codes, hours of a day; never ids), and those that are known stand at
zero from the start, so that a rate sees the first of what never happened before. Names and units follow Prometheus'
conventions: hub_<part>_<what>_<unit>, and _total for counters. A series that is new belongs here; the rules and graphs
that read it are in infra/.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from hub.domain.change import Change
from hub.errors import every_error

FLUSH_SECONDS = 0.05
"""How long a request may be counted in memory before it is written where all processes' series are read."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
VERSIONS = (1, 2, 5, 10, 25, 100, 1000)
ACTIONS = {
    ("POST", "/bookings"): "book",
    ("PATCH", "/bookings/<booking_id:str>"): "reschedule",
    ("DELETE", "/bookings/<booking_id:str>"): "cancel",
    ("POST", "/walk-ins"): "walk_in",
    ("POST", "/bookings/<booking_id:str>/arrive"): "arrive",
    ("POST", "/bookings/<booking_id:str>/seat"): "seat",
    ("POST", "/bookings/<booking_id:str>/finish"): "finish",
    ("POST", "/bookings/<booking_id:str>/no-show"): "mark_no_show",
    ("POST", "/bookings/<booking_id:str>/undo"): "undo",
    ("POST", "/bookings/<booking_id:str>/extend"): "extend",
    ("POST", "/bookings/<booking_id:str>/table"): "move",
}
"""The calls that change a booking, as the verbs are called."""
HOUSEKEEPING = ("released", "extended", "finished", "queue_left")
HOURS = tuple(f"{hour:02}" for hour in range(24))
PARTIES = ("late", "overdue", "waiting", "held", "closed")
STATUSES = ("booked", "arrived", "seated", "finished", "no_show", "canceled")
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
        self._add_housekeeping()
        self._add_process()
        self._add_service()

    def _add_requests(self) -> None:
        self._requests = self._counter("hub_http_requests_total", "Requests answered.", route=(), method=(), status=())
        self._request_seconds = self._histogram("hub_http_request_seconds", "Time to answer.", "route", "method")
        self._refusals = self._counter(
            "hub_refusals_total", "Answers that are an error, by the error's code.", code=every_error()
        )
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
            call=("log_in", "register", "reset", "token", "hold", "export"),
        )

    def _add_connections(self) -> None:
        self.connections = self._gauge("hub_http_connections", "Open connections, those of the live channel included.")
        self.connections_refused = self._counter(
            "hub_http_connections_refused_total",
            "Connections refused: too many of one address, too many in all, or too few open files left.",
            reason=("address", "total", "files"),
        )
        self.connections_cut = self._counter(
            "hub_http_connections_cut_total",
            "Connections closed because their client made no progress (nothing sent, a slow head, a slow body, an "
            "answer that nobody reads), or because a handler took too long.",
            reason=("silent", "head", "body", "unread", "handler"),
        )

    def _add_live(self) -> None:
        self.sessions = self._gauge("hub_live_sessions", "Open sessions of the live channel.")
        self.subscriptions = self._gauge("hub_live_subscriptions", "Open subscriptions.")
        self.commit_to_write = self._histogram(
            "hub_live_commit_to_write_seconds", "Time from a commit to the last write of its frames to a session."
        )
        self.frames = self._counter(
            "hub_live_frames_total",
            "Frames built for subscribers; oversized ones were larger than a frame may be, and were not sent.",
            op=("snapshot", "update", "oversized"),
        )
        self.deliveries = self._counter("hub_live_deliveries_total", "Frames written to sessions.")
        self.merged = self._counter(
            "hub_live_merged_total", "Changes that were merged into the frame of another change."
        )
        self.recoveries = self._counter(
            "hub_live_recoveries_total",
            "Subscriptions by how they began: current (nothing was missed), resumed (the missed changes were sent), or "
            "snapshot (the whole state was sent).",
            outcome=("current", "resumed", "snapshot"),
        )
        self.slow = self._counter(
            "hub_live_slow_total",
            "Sessions that read too slowly: they got the newest state in place of each change (resync), or were "
            "closed.",
            outcome=("resync", "closed"),
        )
        self.closes = self._counter("hub_live_closes_total", "Sessions closed by the hub.", code=())

    def _add_views(self) -> None:
        self.views = self._gauge("hub_views_cached", "Views (service days and the floor) in memory.")
        self.compared = self._gauge(
            "hub_views_compared", "Views that the last freshness check compared: those that are in use."
        )
        self.repairs = self._counter(
            "hub_view_repairs_total",
            "Views that read the events they had missed, by what showed it: a gap between two events, the freshness "
            "check, or a request that named a later version.",
            cause=("gap", "freshness_check", "requested"),
        )
        self.lag = self._histogram(
            "hub_view_lag_versions", "How many versions a view had missed when the freshness check found it.",
            buckets=VERSIONS,
        )  # fmt: skip
        self.loads = self._counter(
            "hub_view_loads_total",
            "Views that were loaded whole, from PostgreSQL's rows or from a checkpoint in Redis.",
            source=("rows", "checkpoint"),
        )
        self.unsigned = self._counter(
            "hub_redis_unsigned_total",
            "Events and checkpoints in Redis that this installation did not sign. They were dropped.",
            kind=("event", "checkpoint"),
        )
        self.unavailable = self._gauge(
            "hub_views_unavailable", "Views that can't be loaded. The hub tries each of them again."
        )
        self._verified_at = self._gauge(
            "hub_freshness_check_last_success_timestamp_seconds",
            "When the views were last verified against PostgreSQL, of the process where that is longest ago. A process "
            "that has not verified them yet gives its start.",
            mode="livemin",
        )
        self._verified_at.set_to_current_time()
        self._verify_seconds = self._histogram(
            "hub_freshness_check_seconds",
            "How long a freshness check took: one query for all views in use.",
        )

    def _add_housekeeping(self) -> None:
        self._housekeeping = self._counter(
            "hub_housekeeping_total",
            "What happened by time alone: holds that ended (released), parties that sat longer than planned (extended) "
            "or until the service day was over (finished), and who waited until then (queue_left).",
            what=HOUSEKEEPING,
        )

    def housekept(self, changes: Iterable[Change]) -> None:
        """Count what was written by time alone."""
        for change in changes:
            for event in change.events:
                self._housekeeping.labels(event.kind).inc()

    def _add_process(self) -> None:
        self.processes = self._gauge("hub_processes", "Processes that serve requests.")
        self.processes_wanted = self._gauge(
            "hub_processes_wanted", "Processes that should serve requests.", mode="livemax"
        )
        self.log_lines_dropped = self._counter(
            "hub_log_lines_dropped_total",
            "Log lines that were dropped because standard output did not take them in time.",
        )
        self.loop_lag = self._histogram("hub_event_loop_lag_seconds", "How late a timer of the event loop fired.")
        self.tasks = self._gauge("hub_event_loop_tasks", "Tasks of the event loop that have not ended.")
        self.pool = self._gauge("hub_database_pool_connections", "Connections to PostgreSQL.", state=("used", "idle"))
        self.pool_max = self._gauge(
            "hub_database_pool_connections_max", "Connections to PostgreSQL that the processes may open."
        )
        self.pool_wait = self._histogram(
            "hub_database_pool_wait_seconds", "How long a request would wait for a connection, tried each second."
        )
        self.changes_waiting = self._gauge(
            "hub_changes_waiting", "Bookings and changes that wait for their turn on a day. They hold no connection."
        )
        self.pool_lost = self._counter(
            "hub_database_pool_lost_total",
            "Processes that ended because their pool got no connection back for half a minute.",
        )
        self.redis_up = self._gauge(
            "hub_redis_up", "1 while every process receives events from Redis, 0 while one does not.", mode="livemin"
        )
        self.subscriber_disconnects = self._counter(
            "hub_subscriber_disconnects_total", "How often a process lost its subscription in Redis."
        )
        self.heartbeats = self._histogram(
            "hub_subscriber_heartbeat_seconds", "Time from publishing a heartbeat in Redis to receiving it."
        )
        self.publisher_waiting = self._gauge("hub_publisher_events_waiting", "Events that wait to be published.")
        self.publisher_dropped = self._counter(
            "hub_publisher_events_dropped_total",
            "Events that could not be published. Other processes find them by their freshness check.",
        )

    def _add_service(self) -> None:
        """Of the current service day. Each process measures it, and the latest measurement counts."""
        self.covers = self._gauge(
            "hub_service_covers",
            "Guests of the current service day by the local hour in which their booking starts, without canceled "
            "bookings and no-shows.",
            mode="livemostrecent",
            hour=HOURS,
        )
        self.service_parties = self._gauge(
            "hub_service_parties",
            "Parties and tables of the current service day that want an eye: late, overdue, waiting, held, closed.",
            mode="livemostrecent",
            state=PARTIES,
        )
        self.service_bookings = self._gauge(
            "hub_service_bookings", "Bookings of the current service day by status.", mode="livemostrecent",
            status=STATUSES,
        )  # fmt: skip
        self.tables = self._gauge(
            "hub_service_tables", "Tables that can be booked, by whether one is taken now.", mode="livemostrecent",
            state=("taken", "free"),
        )  # fmt: skip
        self.seats = self._gauge("hub_service_seats", "Seats of all tables that can be booked.", mode="livemostrecent")

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
        """Show the series of a call at zero before it is first asked: ``codes`` are the errors that it may answer."""
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
