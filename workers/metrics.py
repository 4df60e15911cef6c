"""The worker's own Prometheus series, on WORKER_METRICS_PORT of WORKER_METRICS_HOST (the loopback address)."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from hub import logs

KINDS = ("confirmed", "rescheduled", "canceled", "reminder", "verify", "reset")
log = logs.get("workers.metrics")


class _LinesDropped(Collector):
    """What the log writer counts itself."""

    def collect(self) -> Iterator[Metric]:
        about = "Log lines that standard output did not take in time."
        yield CounterMetricFamily("hub_log_lines_dropped", about, value=logs.dropped())


class WorkerMetrics:
    """What one worker counts. The gauges speak of all deliveries, so every worker shows the same ones.

    Label values that are known stand at zero from the start, so that a rate sees the first failure.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.due = Gauge("hub_deliveries_due", "Deliveries that are due and not sent.", registry=registry)
        self.oldest = Gauge(
            "hub_deliveries_oldest_due_seconds",
            "Since when the oldest delivery is due that was not sent; waiting for another try counts.",
            registry=registry,
        )
        self.swept = Gauge(
            "hub_worker_last_sweep_timestamp_seconds", "When PostgreSQL last answered a sweep.", registry=registry
        )
        self.sent = Counter("hub_deliveries_sent_total", "Deliveries sent.", ["kind"], registry=registry)
        self.failed = Counter("hub_deliveries_failed_total", "Deliveries given up.", ["kind"], registry=registry)
        self.dropped = Counter(
            "hub_deliveries_dropped_total",
            "Deliveries not sent because they were stale, or reminders too late.",
            ["kind", "reason"],
            registry=registry,
        )
        self.attempts = Counter(
            "hub_deliveries_attempts_total", "Answers of the mail server.", ["answer"], registry=registry
        )
        self.expired = Counter("hub_deliveries_lost_total", "Leases that ran out.", registry=registry)
        self.sending = Gauge("hub_deliveries_in_hand", "Deliveries that this worker has claimed.", registry=registry)
        registry.register(_LinesDropped())
        for kind in KINDS:
            self.sent.labels(kind)
            self.failed.labels(kind)
            if kind != "canceled":
                self.dropped.labels(kind, "stale")
        self.dropped.labels("reminder", "late")
        for kind in ("reminder", "rescheduled"):
            self.dropped.labels(kind, "unverified")
        for answer in ("accepted", "refused"):
            self.attempts.labels(answer)

    def serve(self, host: str, port: int) -> None:
        """Answer scrapes from a thread; a port that is taken costs the metrics and nothing else."""
        try:
            start_http_server(port, addr=host, registry=self.registry)
        except OSError as error:
            log.warning("the worker's metrics port is in use", port=port, error=error.strerror)
