"""Every way in which the hub says no: one family of errors, each with a code that a host understands.

An error that a caller can cause belongs here, with its slug and the HTTP status that the contract gives it. How it is
rendered, as an answer or as a frame of the live channel, stands at the edges (hub.rest.errors, hub.live.protocol).
"""

from __future__ import annotations

from typing import Any


class HubError(Exception):
    """A refusal with a code.

    ``code`` is the slug of the REST contract, ``status`` the HTTP status that goes with it, ``retryable`` whether the
    same request may succeed later, ``extra`` further members of the answer (JSON-ready values or domain objects that
    the edge renders), ``retry_after`` whole seconds.
    """

    code = "internal"
    status = 500
    message = "Something went wrong on our side."
    retryable = False
    retry_after: int | None = None
    replayed = False
    """Whether it is the first answer to a request that came again with its idempotency key."""

    def __init__(self, message: str | None = None, **extra: Any) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.extra = extra


class ValidationFailed(HubError):
    """The request's fields are not of their form; ``errors`` is a list of {field, message}."""

    code, status, message = "validation_error", 422, "The request has fields that can't be accepted."

    def __init__(self, errors: list[dict[str, str]], message: str | None = None) -> None:
        first = ": ".join(filter(None, (errors[0]["field"], errors[0]["message"]))) if errors else None
        super().__init__(message or first)
        self.errors = errors


class Malformed(HubError):
    code, status, message = "malformed", 400, "The request's body is not valid JSON."


class AuthError(HubError):
    code, status, message = "auth_error", 401, "Log in first: the token is missing, wrong or no longer valid."


class SessionOver(HubError):
    code, status, message = "session_over", 401, "The session is over. Log in again."


class Forbidden(HubError):
    code, status, message = "forbidden", 403, "Your role does not allow this."


class NotFound(HubError):
    code, status, message = "not_found", 404, "There is nothing here."


class MethodNotAllowed(HubError):
    code, status, message = "method_not_allowed", 405, "This method is not allowed here."


class TooLarge(HubError):
    code, status, message = "too_large", 413, "The request's body is larger than 64 KB."


class OutsideOpeningHours(HubError):
    code, status, message = "outside_opening_hours", 400, "The restaurant is closed for at least a part of that time."


class InThePast(HubError):
    code, status, message = "in_the_past", 400, "That time is already past."


class TooFarAhead(HubError):
    code, status, message = "too_far_ahead", 400, "That day can't be booked yet."


class TableTooSmall(HubError):
    code, status, message = "table_too_small", 400, "The table is too small for so many guests."


class TooLateToCancel(HubError):
    code, status, message = "too_late_to_cancel", 400, "It is too late to cancel this booking; call the restaurant."


class TooLateToChange(HubError):
    code, status, message = "too_late_to_change", 400, "It is too late to change this booking; call the restaurant."


class NonexistentLocalTime(HubError):
    """``next_valid`` is the first wall time (HH:MM:SS) of that day that the clock shows after the jump."""

    code, status, message = "nonexistent_local_time", 400, "The clocks jump over that time on that day."


class SlotTaken(HubError):
    """``alternatives`` holds up to three other starts, nearest first."""

    code, status, message = "slot_taken", 409, "No suitable table is free at that time."


class HoldOver(HubError):
    """``alternatives`` as of a slot that is taken."""

    code, status, message = "hold_over", 409, "The time for which the table was held is over, and it is taken by now."


class ExceedWithoutReason(HubError):
    code, status, message = "exceed_without_reason", 400, "Say why others are passed over: a reason is needed."


class HoldDiffers(HubError):
    code, status, message = "hold_differs", 409, "A table is held for another time, or for fewer guests."


class TooManyBookings(HubError):
    code, status = "too_many_bookings", 409
    message = "You have as many bookings as one guest may have, or as many at that time. Cancel one, or call us."


class EmailTaken(HubError):
    code, status, message = "email_taken", 409, "An account with this e-mail exists already."


class PhoneTaken(HubError):
    code, status, message = "phone_taken", 409, "An account with this phone number exists already."


class NameTaken(HubError):
    code, status, message = "name_taken", 409, "A table with this name exists already."


class TableInUse(HubError):
    """``parties`` holds the first bookings that are in the way."""

    code, status, message = "table_in_use", 409, "A future booking holds this table or would not fit at it."


class CombinationInvalid(HubError):
    """``rule`` is the code of the rule that is broken (hub.domain.combinations). ``combination`` is the one that would
    break it, where it is another than whoever asks speaks of; ``clamped_to`` for how many guests it would break none.
    """

    code, status, message = "combination_invalid", 409, "These tables can't be a combination."


class AlreadyCanceled(HubError):
    code, status, message = "already_canceled", 409, "The booking is canceled already."


class AlreadyOver(HubError):
    code, status, message = "already_over", 409, "The booking is over."


class LastOwner(HubError):
    code, status, message = "last_owner", 409, "A venue needs an owner: let somebody else become one first."


class HasBookings(HubError):
    code, status, message = "has_bookings", 409, "Bookings are still to come. Cancel them first."


class AlreadyWaiting(HubError):
    """``waitlist_id`` is their entry."""

    code, status, message = "already_waiting", 409, "This guest is on the waitlist already."


class NoWait(HubError):
    """``free`` holds the tables that are free at once, in the order of choice."""

    code, status, message = "no_wait", 409, "A table is free at once: nobody need wait."


class PassedOver(HubError):
    """``waitlist_id`` is the entry of who waits before them, ``unit`` what that party was to get."""

    code, status, message = "passed_over", 409, "Somebody who waits before them would get that table."


class WaitlistClosed(HubError):
    code, status, message = "waitlist_closed", 409, "The waitlist is closed: no table is expected in time."


class Changed(HubError):
    """``present`` is the thing as it is now."""

    code, status, message = "changed", 412, "It was changed since you read it."


class KeyMismatch(HubError):
    code, status = "idempotency_mismatch", 422
    message = "This idempotency key was used for another request. Take a new key for a new request."


class InProgress(HubError):
    code, status = "in_progress", 409
    message = "The first request with this idempotency key is not over yet. Ask again for its answer."
    retryable = True


class Conflict(HubError):
    code, status, message = "conflict", 409, "Somebody changed this at the same moment. Try again."
    retryable = True


class NotAsSeen(Conflict):
    """A thing is not what was read a moment ago: read it again, and decide anew."""


class NotAtThisTime(Conflict):
    """It is too early for it, or too late, by a clock that may be wrong: the database's has the last word."""

    retryable = False


class NotAsShown(Conflict):
    """The rows are not what a view shows: load the view anew."""


class TooManyRequests(HubError):
    code, status, message = "too_many_requests", 429, "Too many of your requests wait already."
    retryable, retry_after = True, 1


class HoldLimit(HubError):
    """As many tables are held as may be."""

    code, status, message = "hold_limit", 429, "No more tables can be held for you at the moment."
    retryable = True
    retry_after: int | None = 60


class TooManyAttempts(HubError):
    """``retry_after`` is given anew each time."""

    code, status, message = "too_many_attempts", 429, "Too many attempts. Try again later."
    retryable = True

    def __init__(self, message: str | None = None, *, retry_after: int = 1, **extra: Any) -> None:
        super().__init__(message, **extra)
        self.retry_after = retry_after


class Overloaded(HubError):
    code, status, message = "overloaded", 503, "The hub has too much to do at the moment. Try again shortly."
    retryable, retry_after = True, 1


class Unavailable(HubError):
    code, status, message = "unavailable", 503, "A part that is needed does not answer. Try again shortly."
    retryable, retry_after = True, 2


class OutcomeUnknown(HubError):
    """Whether it was done nobody knows: the database's word on it was lost. The caller should look, not repeat."""

    code, status = "outcome_unknown", 503
    message = (
        "It is not known whether this was done: the connection to the database was lost. Look before you try again."
    )


def every_error() -> dict[str, type[HubError]]:
    """Every code with its class, for the documents and the tests that must know them all."""
    classes: list[type[HubError]] = [HubError, *HubError.__subclasses__()]
    return {cls.code: cls for cls in classes}
