"""What a failure of PostgreSQL means to the caller: by the class of its SQLSTATE, and by what was already sent.

What the caller did is a refusal of its own; what the database's state is (read-only, full, starting, nobody let in)
is 503 and passes; anything else is a fault of ours. Whether a change that failed was written all the same is asked of
:func:`is_unclear` alone. Pure but for asyncpg's types.
"""

from __future__ import annotations

import asyncpg
from tortoise.exceptions import DBConnectionError

from hub.errors import (
    AuthError,
    Conflict,
    EmailTaken,
    HubError,
    NameTaken,
    NotAsSeen,
    NotAsShown,
    NotFound,
    Overloaded,
    PhoneTaken,
    SlotTaken,
    Unavailable,
)

CONSTRAINTS: dict[str, type[HubError]] = {
    "occupancies_never_overlap": SlotTaken,
    "users_email_key": EmailTaken,
    "users_phone_number_key": PhoneTaken,
    "tables_name_in_use": NameTaken,
    "areas_name_in_use": NameTaken,
}
REPEATED = ("40001", "40P01")
"""A failed serialisation, a deadlock: the same again may work."""
BUSY = ("57014", "55P03", "53300", "53400")
"""Canceled by a bound of time, a lock not had in time, no connection free."""
STATES = {
    "08": "the connection is lost",
    "25006": "it is read-only",
    "25P": "the transaction took too long",
    "28": "the hub's role may not log in",
    "3D000": "there is no such database",
    "42501": "the hub's role lacks a right",
    "53": "it lacks disk, memory or connections",
    "55000": "it is not in a state to do that",
    "57P": "it stops, starts or was asked to end the session",
    "58": "its system fails",
    "F0": "its configuration is broken",
    "XX": "it is damaged or has a fault of its own",
}
"""What the database's own state is, by the SQLSTATE's beginning; none of it is the caller's or this program's doing."""
UNCLEAR = "40003"
"""The server's own word for a completion that it does not know."""


def sqlstate_of(error: BaseException) -> str | None:
    """The SQLSTATE of an error or of what caused it."""
    cause: BaseException | None = error
    while cause is not None:
        state = getattr(cause, "sqlstate", None)
        if isinstance(state, str):
            return state
        cause = cause.__cause__
    return None


def state_of(sqlstate: str | None) -> str | None:
    """What the database's state is by an SQLSTATE, in words; None when it is not about its state."""
    return next((said for start, said in STATES.items() if (sqlstate or "").startswith(start)), None)


def classify(error: BaseException) -> HubError | None:
    """What a failure of the database means to the caller, or None when it is a fault of ours."""
    cause: BaseException | None = error
    while cause is not None:
        state = getattr(cause, "sqlstate", None)
        if state in ("23P01", "23505"):
            refusal = CONSTRAINTS.get(getattr(cause, "constraint_name", None) or "")
            return refusal() if refusal else None
        if state == "HB003":  # hub_commit: a row is not at the revision that was decided on
            return NotAsShown()
        if state == "HB004":  # hub_commit: the venue was retired meanwhile
            return NotFound("There is no such venue.")
        if state == "HB006":  # hub_commit: of a guest more was written since they were read
            return NotAsSeen()
        if state == "HB002":  # hub_enqueue: the account, or the guest, was erased meanwhile
            return AuthError("This account does not exist any more.")
        if state in REPEATED or isinstance(cause, asyncpg.InvalidCachedStatementError):
            return Conflict()
        if state in BUSY:
            return Overloaded()
        if isinstance(cause, asyncpg.PostgresConnectionError):
            return Unavailable("The database does not answer.")
        if state_of(state) is not None:
            return Unavailable("The database can't be used at the moment.")
        if isinstance(cause, TimeoutError) and cause.errno is None:  # a wait of ours, not the system's ETIMEDOUT
            return Overloaded("The database has too much to do at the moment.")
        # asyncpg's own "internal" one comes when the connection is cut off between its being taken and its first use.
        if isinstance(cause, asyncpg.InterfaceError | asyncpg.InternalClientError | DBConnectionError | OSError):
            return Unavailable("The database does not answer.")
        cause = cause.__cause__
    return None


def is_unclear(error: BaseException) -> bool:
    """Whether a change may have been written though ``error`` ended the wait for the word that it was.

    For an error that came after the statement, or COMMIT, was sent. A refusal by the server is clear: nothing was
    written. So is what asyncpg refuses to send.
    """
    if isinstance(error, asyncpg.InterfaceError):
        return False
    if isinstance(error, asyncpg.PostgresError):
        # Errors end the statement; what ends the session may come after a commit, and a lost line says nothing at all.
        return getattr(error, "severity_en", None) != "ERROR" or error.sqlstate == UNCLEAR
    return isinstance(error, OSError | asyncpg.InternalClientError)  # a TimeoutError is an OSError
