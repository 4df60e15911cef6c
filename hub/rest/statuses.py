"""The HTTP status of each error, by its code: the contract's, and said nowhere else."""

from __future__ import annotations

from hub.errors import HubError

STATUSES = {
    "malformed": 400,
    "outside_opening_hours": 400,
    "in_the_past": 400,
    "too_far_ahead": 400,
    "table_too_small": 400,
    "too_late_to_cancel": 400,
    "too_late_to_change": 400,
    "nonexistent_local_time": 400,
    "exceed_without_reason": 400,
    "auth_error": 401,
    "session_over": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "slot_taken": 409,
    "hold_over": 409,
    "hold_differs": 409,
    "too_many_bookings": 409,
    "email_taken": 409,
    "phone_taken": 409,
    "name_taken": 409,
    "table_in_use": 409,
    "combination_invalid": 409,
    "already_canceled": 409,
    "already_over": 409,
    "last_owner": 409,
    "has_bookings": 409,
    "already_waiting": 409,
    "no_wait": 409,
    "passed_over": 409,
    "waitlist_closed": 409,
    "in_progress": 409,
    "conflict": 409,
    "changed": 412,
    "too_large": 413,
    "validation_error": 422,
    "idempotency_mismatch": 422,
    "too_many_requests": 429,
    "hold_limit": 429,
    "too_many_attempts": 429,
    "internal": 500,
    "overloaded": 503,
    "unavailable": 503,
    "outcome_unknown": 503,
}


def status_of(error: HubError | type[HubError]) -> int:
    """The status that an error is answered with."""
    return STATUSES[error.code]
