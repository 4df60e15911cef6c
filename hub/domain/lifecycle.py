"""The life of a booking: which action leads from which status to which, and who may take it, as one table.

A new status or action is a row here and nowhere else; docs/architecture.md draws its diagram from it. Until when an
action may be taken is not judged here (the verbs do, with hub.domain.calendar). A pair that the table does not have is
an error, and :func:`after` says which.

A seated booking can't be canceled: the party is at the table, and what the restaurant wants to say is that it left,
which is ``finish`` and frees the table at once. To cancel would send the guest a mail in the middle of the meal, and
the record would say that they never came. It is a Conflict: whoever asks holds an old view. Of what was booked only
the number of guests may still be put right (``reschedule``, see hub.domain.decisions).
A party that arrived and leaves without having sat is finished too, also after its planned end, when nothing can be
canceled any more; one that was taken to be here by mistake is a no-show.
A no-show who comes after all is seated; nothing else leads on from an end, but ``undo``, which takes back the last step
for UNDO_TIME.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from hub.errors import AlreadyCanceled, AlreadyOver, Conflict

Status: TypeAlias = Literal["booked", "arrived", "seated", "finished", "no_show", "canceled"]
Action: TypeAlias = Literal[
    "book", "walk_in", "reschedule", "note", "cancel", "arrive", "seat", "move", "extend", "finish", "mark_no_show"
]
Who: TypeAlias = Literal["guest", "staff"]

UNDO_TIME = timedelta(minutes=10)
"""For so long the last step can be taken back."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What an action leads to, and who may take it: ``guest`` is the booking's own guest, and staff; ``staff`` they
    alone."""

    to: Status
    who: Who


TRANSITIONS: Final[dict[tuple[str | None, str], Transition]] = {
    (None, "book"): Transition("booked", "guest"),
    (None, "walk_in"): Transition("seated", "staff"),
    ("booked", "reschedule"): Transition("booked", "guest"),
    ("booked", "note"): Transition("booked", "guest"),
    ("booked", "move"): Transition("booked", "staff"),
    ("booked", "cancel"): Transition("canceled", "guest"),
    ("booked", "arrive"): Transition("arrived", "staff"),
    ("booked", "seat"): Transition("seated", "staff"),
    ("booked", "mark_no_show"): Transition("no_show", "staff"),
    ("arrived", "reschedule"): Transition("arrived", "staff"),
    ("arrived", "note"): Transition("arrived", "staff"),
    ("arrived", "move"): Transition("arrived", "staff"),
    ("arrived", "cancel"): Transition("canceled", "staff"),
    ("arrived", "seat"): Transition("seated", "staff"),
    ("arrived", "finish"): Transition("finished", "staff"),
    ("arrived", "mark_no_show"): Transition("no_show", "staff"),
    ("seated", "reschedule"): Transition("seated", "staff"),
    ("seated", "note"): Transition("seated", "staff"),
    ("seated", "move"): Transition("seated", "staff"),
    ("seated", "extend"): Transition("seated", "staff"),
    ("seated", "finish"): Transition("finished", "staff"),
    ("no_show", "seat"): Transition("seated", "staff"),
}
"""(status, action) → the status after it, and who may; None is no booking yet."""

UNDONE: Final[frozenset[str]] = frozenset(
    {"walk_in", "reschedule", "move", "cancel", "arrive", "seat", "extend", "finish", "mark_no_show"}
)
"""The actions that staff may take back, within UNDO_TIME and while they were the last. There is no booking before a
walk-in: one that was a slip of the hand is canceled, and that can't be taken back."""

ACTIVE: Final[frozenset[Status]] = frozenset({"booked", "arrived", "seated"})
"""Expected or here: still to be counted on, and some action is left."""

OVER: Final[frozenset[Status]] = frozenset({"finished", "no_show"})
"""Ended: they left, or did not come. A canceled booking is not over: it never was."""

CANCELED: Final[Status] = "canceled"


def after(status: str | None, action: Action) -> Status:
    """The status that ``action`` leads to; ``status`` is None before a booking exists.

    Raises AlreadyCanceled for any action on a canceled booking, AlreadyOver on a finished one or a no-show, Conflict
    for every other pair that the table does not have.
    """
    found = TRANSITIONS.get((status, action))
    if found is not None:
        return found.to
    _check_not_ended(status)
    said = "There is no booking yet" if status is None else f"The booking is {status}"
    raise Conflict(f"{said}: {action} is not possible.")


def may(status: str | None, action: Action, *, staff: bool) -> bool:
    """Whether somebody may take an action that the table has; True for a pair that it does not have: see after()."""
    found = TRANSITIONS.get((status, action))
    return found is None or staff or found.who == "guest"


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
