"""Every way in which the hub says no: one family of errors, each with a code that a host understands.

An error that a caller can cause belongs here, with its slug. How it is rendered stands at the edges: as an answer with
its HTTP status (hub.rest.statuses, hub.rest.errors), or as a frame of the live channel (hub.live.messages).
"""

from __future__ import annotations

from typing import Any


class HubError(Exception):
    """A refusal with a code.

    ``code`` is the slug of the contract, ``retryable`` whether the same request may succeed later, ``extra`` further
    members of the answer (JSON-ready values or domain objects that the edge renders), ``retry_after`` whole seconds.
    """

    code = "internal"
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

    code, message = "validation_error", "The request has fields that can't be accepted."

    def __init__(self, errors: list[dict[str, str]], message: str | None = None) -> None:
        first = ": ".join(filter(None, (errors[0]["field"], errors[0]["message"]))) if errors else None
        super().__init__(message or first)
        self.errors = errors


class Malformed(HubError):
    code, message = "malformed", "The request's body is not valid JSON."


class AuthError(HubError):
    code, message = "auth_error", "Log in first: the token is missing, wrong or no longer valid."


class SessionOver(HubError):
    code, message = "session_over", "The session is over. Log in again."


class Forbidden(HubError):
    code, message = "forbidden", "Your role does not allow this."


class NotFound(HubError):
    code, message = "not_found", "There is nothing here."


class MethodNotAllowed(HubError):
    code, message = "method_not_allowed", "This method is not allowed here."


class TooLarge(HubError):
    code, message = "too_large", "The request's body is larger than 64 KB."


class OutsideOpeningHours(HubError):
    code, message = "outside_opening_hours", "The restaurant is closed for at least a part of that time."


class InThePast(HubError):
    code, message = "in_the_past", "That time is already past."


class TooFarAhead(HubError):
    code, message = "too_far_ahead", "That day can't be booked yet."


class TableTooSmall(HubError):
    code, message = "table_too_small", "The table is too small for so many guests."


class TooLateToCancel(HubError):
    code, message = "too_late_to_cancel", "It is too late to cancel this booking; call the restaurant."


class TooLateToChange(HubError):
    code, message = "too_late_to_change", "It is too late to change this booking; call the restaurant."


class NonexistentLocalTime(HubError):
    """``next_valid`` is the first wall time (HH:MM:SS) of that day that the clock shows after the jump."""

    code, message = "nonexistent_local_time", "The clocks jump over that time on that day."


class SlotTaken(HubError):
    """``alternatives`` holds up to three other starts, nearest first."""

    code, message = "slot_taken", "No suitable table is free at that time."


class HoldOver(HubError):
    """``alternatives`` as of a slot that is taken."""

    code, message = "hold_over", "The time for which the table was held is over, and it is taken by now."


class ExceedWithoutReason(HubError):
    code, message = "exceed_without_reason", "Say why others are passed over: a reason is needed."


class HoldDiffers(HubError):
    code, message = "hold_differs", "A table is held for another time, or for fewer guests."


class TooManyBookings(HubError):
    code = "too_many_bookings"
    message = "You have as many bookings as one guest may have, or as many at that time. Cancel one, or call us."


class EmailTaken(HubError):
    code, message = "email_taken", "An account with this e-mail exists already."


class PhoneTaken(HubError):
    code, message = "phone_taken", "An account with this phone number exists already."


class NameTaken(HubError):
    code, message = "name_taken", "A table with this name exists already."


class TableInUse(HubError):
    """``parties`` holds the first bookings that are in the way."""

    code, message = "table_in_use", "A future booking holds this table or would not fit at it."


class CombinationInvalid(HubError):
    """``rule`` is the code of the rule that is broken (hub.domain.combinations). ``combination`` is the one that would
    break it, where it is another than whoever asks speaks of; ``clamped_to`` for how many guests it would break none.
    """

    code, message = "combination_invalid", "These tables can't be a combination."


class AlreadyCanceled(HubError):
    code, message = "already_canceled", "The booking is canceled already."


class AlreadyOver(HubError):
    code, message = "already_over", "The booking is over."


class LastOwner(HubError):
    code, message = "last_owner", "A venue needs an owner: let somebody else become one first."


class HasBookings(HubError):
    code, message = "has_bookings", "Bookings are still to come. Cancel them first."


class AlreadyWaiting(HubError):
    """``waitlist_id`` is their entry."""

    code, message = "already_waiting", "This guest is on the waitlist already."


class NoWait(HubError):
    """``free`` holds the tables that are free at once, in the order of choice."""

    code, message = "no_wait", "A table is free at once: nobody need wait."


class PassedOver(HubError):
    """``waitlist_id`` is the entry of who waits before them, ``unit`` what that party was to get."""

    code, message = "passed_over", "Somebody who waits before them would get that table."


class WaitlistClosed(HubError):
    code, message = "waitlist_closed", "The waitlist is closed: no table is expected in time."


class Changed(HubError):
    """``present`` is the thing as it is now."""

    code, message = "changed", "It was changed since you read it."


class KeyMismatch(HubError):
    code = "idempotency_mismatch"
    message = "This idempotency key was used for another request. Take a new key for a new request."


class InProgress(HubError):
    code = "in_progress"
    message = "The first request with this idempotency key is not over yet. Ask again for its answer."
    retryable = True


class Conflict(HubError):
    code, message = "conflict", "Somebody changed this at the same moment. Try again."
    retryable = True


class NotAsSeen(Conflict):
    """A thing is not what was read a moment ago: read it again, and decide anew."""


class NotAtThisTime(Conflict):
    """It is too early for it, or too late, by a clock that may be wrong: the database's has the last word."""

    retryable = False


class NotAsShown(Conflict):
    """The rows are not what a view shows: load the view anew."""


class TooManyRequests(HubError):
    code, message = "too_many_requests", "Too many of your requests wait already."
    retryable, retry_after = True, 1


class HoldLimit(HubError):
    """As many tables are held as may be."""

    code, message = "hold_limit", "No more tables can be held for you at the moment."
    retryable = True
    retry_after: int | None = 60


class TooManyAttempts(HubError):
    """``retry_after`` is given anew each time."""

    code, message = "too_many_attempts", "Too many attempts. Try again later."
    retryable = True

    def __init__(self, message: str | None = None, *, retry_after: int = 1, **extra: Any) -> None:
        super().__init__(message, **extra)
        self.retry_after = retry_after


class Overloaded(HubError):
    code, message = "overloaded", "The hub has too much to do at the moment. Try again shortly."
    retryable, retry_after = True, 1


class Unavailable(HubError):
    code, message = "unavailable", "A part that is needed does not answer. Try again shortly."
    retryable, retry_after = True, 2


class OutcomeUnknown(HubError):
    """Whether it was done nobody knows: the database's word on it was lost. The caller should look, not repeat."""

    code = "outcome_unknown"
    message = (
        "It is not known whether this was done: the connection to the database was lost. Look before you try again."
    )


def every_error() -> dict[str, type[HubError]]:
    """Every code with its class, for the documents and the tests that must know them all."""
    classes: list[type[HubError]] = [HubError, *HubError.__subclasses__()]
    return {cls.code: cls for cls in classes}
