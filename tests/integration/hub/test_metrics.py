"""What a process counts, as Prometheus reads it; the series of several together are tests/integration's."""

from __future__ import annotations

import asyncio
import time
from typing import get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.domain.lifecycle import Status
from hub.errors import every_error
from hub.metrics import ACTIONS, FLUSH_SECONDS, STATUSES, Metrics
from hub.rest.contract import ENDPOINTS, errors_of
from workers.metrics import WorkerMetrics


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's series alone."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)


def samples(metrics: Metrics, name: str) -> list[tuple[dict[str, str], float]]:
    """All series of this name that are shown: labels and value."""
    lines = [line for line in metrics.render().decode().splitlines() if line.startswith((f"{name}{{", f"{name} "))]
    families = text_string_to_metric_families("\n".join([f"# TYPE {name} untyped", *lines]))
    return [(sample.labels, float(sample.value)) for family in families for sample in family.samples]


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """The value of one series, None when it is not shown."""
    return next((counted for found, counted in samples(metrics, name) if found == labels), None)


async def test_a_request_is_counted_by_its_route_and_error_within_the_flush() -> None:
    metrics = Metrics()
    route = "/bookings/<booking_id:str>"
    metrics.request(route, "PATCH", 409, 0.02, "slot_taken")
    metrics.request(route, "PATCH", 200, 0.02)
    metrics.request(route, "PATCH", 200, 0.3)
    assert value(metrics, "hub_bookings_total", action="reschedule", outcome="done") is None
    async with asyncio.timeout(FLUSH_SECONDS * 60):
        while value(metrics, "hub_bookings_total", action="reschedule", outcome="done") is None:  # noqa: ASYNC110 - a batch
            await asyncio.sleep(FLUSH_SECONDS)
    assert value(metrics, "hub_bookings_total", action="reschedule", outcome="done") == 2
    assert value(metrics, "hub_bookings_total", action="reschedule", outcome="slot_taken") == 1
    assert value(metrics, "hub_refusals_total", code="slot_taken") == 1
    assert value(metrics, "hub_http_requests_total", route=route, method="PATCH", status="200") == 2
    assert value(metrics, "hub_http_request_seconds_bucket", route=route, method="PATCH", le="0.025") == 2
    assert value(metrics, "hub_http_request_seconds_count", route=route, method="PATCH") == 3


async def test_a_read_is_no_attempt_to_book() -> None:
    metrics = Metrics()
    metrics.request("/bookings/my", "GET", 200, 0.02)
    metrics.flush()
    assert value(metrics, "hub_http_requests_total", route="/bookings/my", method="GET", status="200") == 1
    assert b"hub_bookings_total{" not in metrics.render()


def test_what_never_happened_stands_at_zero() -> None:
    metrics = Metrics()
    for each in ENDPOINTS:
        metrics.expect(each.path, each.method, [error.code for error in errors_of(each)])
    assert value(metrics, "hub_bookings_total", action="book", outcome="slot_taken") == 0
    assert value(metrics, "hub_bookings_total", action="book", outcome="internal") == 0
    assert value(metrics, "hub_bookings_total", action="book", outcome="too_late_to_cancel") is None
    assert value(metrics, "hub_http_requests_total", route="/tables/available", method="GET", status="500") == 0
    refusals = samples(metrics, "hub_refusals_total")
    assert {labels["code"]: counted for labels, counted in refusals} == dict.fromkeys(every_error(), 0)
    assert value(metrics, "hub_view_repairs_total", cause="freshness_check") == 0


def test_actions_are_calls_of_the_contract_and_statuses_those_of_a_booking() -> None:
    assert set(ACTIONS) <= {(each.method, each.path) for each in ENDPOINTS}
    assert set(STATUSES) == set(get_args(Status))


def test_a_verification_counts_from_when_it_was_asked() -> None:
    metrics = Metrics()
    begun = value(metrics, "hub_freshness_check_last_success_timestamp_seconds")
    assert begun is not None and abs(time.time() - begun) < 60, "before the first verification its age is the process's"
    metrics.verified(1000.0)
    verified = value(metrics, "hub_freshness_check_last_success_timestamp_seconds")
    assert verified is not None and 990 < begun - verified <= 1000
    assert value(metrics, "hub_freshness_check_seconds_count") == 1


def test_every_series_has_a_unit_and_a_help_that_prometheus_takes() -> None:
    families = list(text_string_to_metric_families(Metrics().render().decode()))
    families += text_string_to_metric_families(_rendered(WorkerMetrics()))
    assert len(families) > 30
    for family in families:
        assert family.name.startswith("hub_") and family.documentation.endswith("."), family.name
        assert not family.name.endswith(("_ms", "_milliseconds", "_minutes")), family.name


def _rendered(metrics: WorkerMetrics) -> str:
    from prometheus_client import generate_latest

    return generate_latest(metrics.registry).decode()
