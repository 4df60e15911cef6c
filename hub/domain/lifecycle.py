"""The life of a booking: which action leads from which status to which, as one table.

A new status or action is a row here and nowhere else. Who may act and until when is not judged here (the verbs do, with
hub.domain.calendar). A pair that the table does not have is an error, and :func:`after` says which.

A seated booking can't be canceled and can't be rescheduled: the party is at the table, and what the restaurant wants to
say is that it left, which is ``finish`` and frees the table at once. To cancel would send the guest a mail in the
middle of the meal, and the record would say that they never came. It is a Conflict: whoever asks holds an old view.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias

from hub.errors import AlreadyCanceled, AlreadyOver, Conflict

Status: TypeAlias = Literal["booked", "seated", "finished", "no_show", "canceled"]
Action: TypeAlias = Literal["book", "reschedule", "cancel", "seat", "finish", "mark_no_show"]

TRANSITIONS: Final[dict[tuple[str | None, str], Status]] = {
    (None, "book"): "booked",
    ("booked", "reschedule"): "booked",
    ("booked", "cancel"): "canceled",
    ("booked", "seat"): "seated",
    ("booked", "mark_no_show"): "no_show",
    ("seated", "finish"): "finished",
}
"""(status, action) → the status after it; None is no booking yet."""

ACTIVE: Final[frozenset[Status]] = frozenset({"booked", "seated"})
"""Expected or here: still to be counted on, and some action is left."""

OVER: Final[frozenset[Status]] = frozenset({"finished", "no_show"})
"""Ended at the table. A canceled booking is not over: it never was."""

CANCELED: Final[Status] = "canceled"


def after(status: str | None, action: Action) -> Status:
    """The status that ``action`` leads to; ``status`` is None before a booking exists.

    Raises AlreadyCanceled for any action on a canceled booking, AlreadyOver on a finished one or a no-show, Conflict
    for every other pair that the table does not have.
    """
    found = TRANSITIONS.get((status, action))
    if found is not None:
        return found
    _check_not_ended(status)
    said = "There is no booking yet" if status is None else f"The booking is {status}"
    raise Conflict(f"{said}: {action} is not possible.")


def is_active(status: str) -> bool:
    """Whether a booking of this status is still expected or here (booked, seated): it can change and holds tables."""
    return status in ACTIVE


def check_open(status: str, ends_at: datetime, now: datetime) -> None:
    """Refuse to change what has ended: AlreadyCanceled, or AlreadyOver, which every booking is from ``ends_at`` on.

    The rule is the REST contract's: a booking that is canceled or over never changes. Both times are aware.
    """
    _check_not_ended(status)
    if ends_at <= now:
        raise AlreadyOver()


def _check_not_ended(status: str | None) -> None:
    if status == CANCELED:
        raise AlreadyCanceled()
    if status in OVER:
        raise AlreadyOver()
