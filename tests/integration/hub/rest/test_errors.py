"""hub.errors: one family, each with a code of its own; what it says at the REST edge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sanic import exceptions
from sanic.exceptions import SanicException

from hub import errors
from hub.domain.calendar import Slot
from hub.domain.floor import Table, Unit
from hub.errors import HoldOver, HubError, SlotTaken, ValidationFailed, every_error
from hub.process import app as process_app
from hub.rest.errors import PROBLEM, from_sanic, problem
from hub.rest.statuses import STATUSES, status_of
from hub.views.context import Context, VenueContext
from tests.conftest import make_settings

CONTRACT = {
    "idempotency_mismatch": 422,
    "in_progress": 409,
    "changed": 412,
    "validation_error": 422,
    "malformed": 400,
    "auth_error": 401,
    "session_over": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "outside_opening_hours": 400,
    "in_the_past": 400,
    "too_far_ahead": 400,
    "table_too_small": 400,
    "too_late_to_cancel": 400,
    "too_late_to_change": 400,
    "nonexistent_local_time": 400,
    "slot_taken": 409,
    "email_taken": 409,
    "phone_taken": 409,
    "name_taken": 409,
    "table_in_use": 409,
    "combination_invalid": 409,
    "exceed_without_reason": 400,
    "already_canceled": 409,
    "already_over": 409,
    "has_bookings": 409,
    "already_waiting": 409,
    "no_wait": 409,
    "passed_over": 409,
    "waitlist_closed": 409,
    "last_owner": 409,
    "conflict": 409,
    "too_many_bookings": 409,
    "hold_over": 409,
    "hold_differs": 409,
    "hold_limit": 429,
    "too_many_attempts": 429,
    "too_many_requests": 429,
    "overloaded": 503,
    "unavailable": 503,
    "outcome_unknown": 503,
    "internal": 500,
}
"""Every code of the contract with its status."""
RETRYABLE = (
    "conflict",
    "in_progress",
    "hold_limit",
    "too_many_attempts",
    "too_many_requests",
    "overloaded",
    "unavailable",
)


@pytest.fixture
def context() -> VenueContext:
    settings = make_settings(
        "postgresql://hub@localhost/hub", "redis://localhost", Path("none"), RESTAURANT_TIMEZONE="Europe/Berlin"
    )
    return Context(settings, lambda events: None).main


def make(cls: type[HubError]) -> HubError:
    return cls([{"field": "date", "message": "missing"}]) if issubclass(cls, ValidationFailed) else cls()


def subclasses(cls: type[HubError]) -> Iterator[type[HubError]]:
    for each in cls.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_code_of_the_contract_has_one_class_and_its_status() -> None:
    assert STATUSES == CONTRACT
    assert every_error().keys() == CONTRACT.keys()
    assert len(every_error()) == 1 + len(HubError.__subclasses__())


def test_every_error_of_the_hub_has_a_status() -> None:
    """Also those that other modules make of these: with a code of their own they would be unknown to all who list
    them."""
    assert process_app  # with it everything that serves is imported
    of_other_modules = [cls for cls in subclasses(HubError) if cls.__module__ not in (errors.__name__, __name__)]
    assert of_other_modules
    for cls in [HubError, *subclasses(HubError)]:
        assert cls.code in STATUSES, cls


def test_error_says_what_is_wrong() -> None:
    for code, cls in every_error().items():
        assert re.fullmatch(r"[a-z_]+", cls.code), code
        assert str(make(cls)) == make(cls).message != "", code
        assert (make(cls).retry_after is not None) == (status_of(cls) in (429, 503) and cls.retryable), code
        assert cls.retryable == (cls.code in RETRYABLE), code


def test_problem_has_every_member(context: VenueContext) -> None:
    for code, cls in every_error().items():
        response = problem(make(cls), context=context, request_id="abc")
        body = orjson.loads(response.body or b"")
        assert response.content_type == PROBLEM, code
        assert response.status == body["status"] == status_of(cls), code
        assert body["error_code"] == cls.code == code
        assert body["request_id"] == response.headers["x-request-id"] == "abc", code
        assert body["type"] and body["title"] and body["detail"] == make(cls).message, code
        assert ("retry-after" in response.headers) == (status_of(cls) in (429, 503) and cls.retryable), code
        assert ("www-authenticate" in response.headers) == (status_of(cls) == 401), code
        assert ("errors" in body) == (cls is ValidationFailed), code
        assert ("alternatives" in body) == (cls in (SlotTaken, HoldOver)), code
        assert response.headers["cache-control"] == "no-store", code


def test_problem_of_a_taken_slot_offers_local_times(context: VenueContext) -> None:
    start = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    slot = Slot(start, start + timedelta(hours=2), start.date())
    error = SlotTaken(alternatives=[(slot, Unit((Table(8, "T3-1", 3), Table(9, "T3-2", 3)), 5))])
    first, second = ({"id": id, "name": name, "seats": 3} for id, name in ((8, "T3-1"), (9, "T3-2")))
    assert orjson.loads(problem(error, context=context, request_id="abc").body or b"")["alternatives"] == [
        {
            "start_at": "2027-01-01T00:30:00+01:00", "date": "2027-01-01", "time": "00:30:00", "table": first,
            "tables": [first, second],
        }
    ]  # fmt: skip


def test_problem_of_no_venue_shows_nothing_of_any() -> None:
    """Outside a venue there is no zone to say a time in."""
    start = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    unit = Unit((Table(8, "T3-1", 3),), 3)
    error = SlotTaken(alternatives=[(Slot(start, start + timedelta(hours=2), start.date()), unit)])
    body = orjson.loads(problem(error, request_id="abc").body or b"")
    assert body["error_code"] == "slot_taken" and "alternatives" not in body


def test_problem_of_a_skipped_time_names_the_next(context: VenueContext) -> None:
    error = errors.NonexistentLocalTime(next_valid="03:00:00")
    assert orjson.loads(problem(error, context=context, request_id="abc").body or b"")["next_valid"] == "03:00:00"


@pytest.mark.parametrize(
    ("raised", "code", "status"),
    [
        (exceptions.NotFound(), "not_found", 404),
        (exceptions.MethodNotAllowed("no", "PUT", ("GET",)), "method_not_allowed", 405),
        (exceptions.PayloadTooLarge("no"), "too_large", 413),
        (exceptions.BadRequest("no"), "malformed", 400),
        (exceptions.RequestTimeout("no"), "malformed", 408),
        (exceptions.ExpectationFailed("no"), "malformed", 417),
        (exceptions.RangeNotSatisfiable("no"), "malformed", 416),
        (exceptions.ServiceUnavailable("no"), "unavailable", 503),
        (exceptions.ServerError("no"), "internal", 500),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_sanic_raises_becomes_one_of_ours(raised: SanicException, code: str, status: int) -> None:
    error, shown = from_sanic(raised)
    assert (error.code, shown) == (code, status)
    # What could not be read is told in the words of who read it; what else there is to say is ours.
    assert (error.message == "no") == (code == "malformed")


def test_validation_error_tells_the_first_field() -> None:
    error = ValidationFailed([{"field": "date", "message": "missing"}, {"field": "time", "message": "missing"}])
    assert error.message == "date: missing"
    assert ValidationFailed([]).message == ValidationFailed.message
