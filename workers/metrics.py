"""The worker's own Prometheus series, on WORKER_METRICS_PORT of WORKER_METRICS_HOST (the loopback address)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from hub import logs
from hub.store.outbox import Backlog, Expired, Outcome

log = logs.get("workers.metrics")


class _LinesDropped(Collector):
    """What the log writer counts itself."""

    def collect(self) -> Iterator[Metric]:
        about = "Log lines that standard output did not take in time."
        yield CounterMetricFamily("hub_log_lines_dropped", about, value=logs.dropped())


class WorkerMetrics:
    """What one worker counts. The gauges of what is due speak of all rows, so every worker shows the same ones.

    Label values that are known stand at zero from the start, so that a rate sees the first failure.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._due = self._gauge("due", "Rows that are due and not sent.")
        self._oldest = self._gauge(
            "oldest_due_seconds", "Since when the oldest row is due that was not sent; waiting for another try counts."
        )
        self.claimed = self._gauge("claimed", "Rows that this worker has claimed.")
        self._sent = self._counter("sent_total", "Rows sent.", "topic")
        self._failed = self._counter("failed_total", "Rows given up.", "topic")
        about = "Rows not sent because they were stale, or reminders too late."
        self._dropped = self._counter("dropped_total", about, "topic", "reason")
        self._attempts = self._counter("attempts_total", "Answers of the receiver.", "answer")
        self._expired = self._counter("leases_expired_total", "Leases that ran out.")
        self.swept = Gauge(
            "hub_worker_last_sweep_timestamp_seconds", "When PostgreSQL last answered a sweep.", registry=self.registry
        )
        about = "Rows deleted since their time was over."
        self.forgotten = Counter("hub_worker_forgotten_total", about, ["what"], registry=self.registry)
        self.registry.register(_LinesDropped())

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(f"hub_outbox_{name}", about, ["kind"], registry=self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"hub_outbox_{name}", about, ["kind", *labels], registry=self.registry)

    def know(self, kind: str, topics: Sequence[str]) -> None:
        """Show what may happen to rows of a kind, at zero."""
        for topic in topics:
            self._sent.labels(kind, topic)
            self._failed.labels(kind, topic)
            self._dropped.labels(kind, topic, "stale")
        for answer in ("accepted", "refused"):
            self._attempts.labels(kind, answer)
        self._expired.labels(kind)

    def set_backlog(self, kind: str, backlog: Backlog) -> None:
        self._due.labels(kind).set(backlog.due)
        self._oldest.labels(kind).set(backlog.oldest_seconds)

    def expire(self, kind: str, row: Expired) -> None:
        self._expired.labels(kind).inc()
        if row.failed:
            self._failed.labels(kind, row.topic).inc()

    def count(self, outcome: Outcome, failed: bool | None) -> None:
        """How sending a row went; ``failed`` is whether it has failed for good, None when it was somebody else's."""
        kind, topic = outcome.entry.kind, outcome.entry.topic
        if outcome.answered:
            self._attempts.labels(kind, "accepted" if outcome.what == "sent" else "refused").inc()
        if failed:
            self._failed.labels(kind, topic).inc()
        elif failed is not None and outcome.what == "sent":
            self._sent.labels(kind, topic).inc()
        elif failed is not None and outcome.what == "dropped":
            self._dropped.labels(kind, topic, (outcome.error or "").partition(":")[0]).inc()

    def serve(self, host: str, port: int) -> None:
        """Answer scrapes from a thread; a port that is taken costs the metrics and nothing else."""
        try:
            start_http_server(port, addr=host, registry=self.registry)
        except OSError as error:
            log.warning("the worker's metrics port is in use", port=port, error=error.strerror)
