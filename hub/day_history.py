"""A service day as it was at an earlier version: its board is built anew from the day's events, from the first one on.

Nothing of it is kept, since staff alone ask, and rarely. Events are read a page at a time, so other requests have their
turn meanwhile, and no board of more than MOST_EVENTS is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from hub import database, streams
from hub.boards import Boards
from hub.domain.board import Board
from hub.domain.event import Heard, stream_of
from hub.errors import NotFound, Unavailable
from hub.live.people import UNKNOWN, Name

PAGE = 500
MOST_EVENTS = 10_000
NO_SUCH = "There is no such version of this day."
GONE = "The changes that led to this version of the day are not kept any more."
FOREIGN = "A change that led to this version of the day can't be read by this release."
TOO_MANY = f"This version of the day is more than {MOST_EVENTS:,} changes away from its beginning."
# Compared by milliseconds, as the live channel tells when a change was committed.
FIND = """
SELECT h.epoch, coalesce(s.version, 0) AS head,
       coalesce((SELECT e.version FROM events e WHERE $2::timestamptz IS NOT NULL AND e.stream = $1
                 AND date_trunc('milliseconds', e.at) <= $2 ORDER BY e.version DESC LIMIT 1), 0) AS found
FROM hub h LEFT JOIN streams s ON s.name = $1
"""
NAMES = "SELECT id, full_name, phone_number FROM users WHERE id = ANY($1)"


async def at_version(boards: Boards, day: date, epoch: str | None, version: int) -> tuple[str, Board]:
    """The database's epoch, and the board as it was at ``version`` of it.

    Raises NotFound where ``epoch`` is another one, and for a version that does not exist yet, whose events are not kept
    or can't be read; Unavailable and Overloaded.
    """
    present, head, _ = await _find(boards, day, None)
    if version > head or epoch not in (None, present):
        raise NotFound(NO_SUCH)
    return present, await _build(day, present, version)


async def at_instant(boards: Boards, day: date, at: datetime) -> tuple[str, Board]:
    """The database's epoch, and the board at the last version that was committed at ``at`` or before.

    Raises as :func:`at_version`.
    """
    present, head, found = await _find(boards, day, at)
    if found < head:
        after = await streams.events_since(stream_of(day), found, most=1)
        if not after or after[0].version != found + 1:
            raise NotFound(GONE)  # one that is missing may have been committed before ``at`` too
    return present, await _build(day, present, found)


async def names_of(board: Board) -> Mapping[int, Name]:
    """The present names and phone numbers of a board's guests, by user id: events hold none."""
    users = sorted({entry.user_id for entry in board.entries.values()})
    found = {row["id"]: (row["full_name"], row["phone_number"]) for row in await database.fetch(NAMES, users)}
    return {user: found.get(user, UNKNOWN) for user in users}


async def _find(boards: Boards, day: date, at: datetime | None) -> tuple[str, int, int]:
    """The epoch, the day's version, and the last one at an instant or before (0: none)."""
    await boards.prove()  # a database that was restored or promoted gets its own epoch before anything is told of it
    [row] = await database.fetch(FIND, stream_of(day), at)
    return row["epoch"], row["head"], row["found"]


async def _build(day: date, epoch: str, version: int) -> Board:
    if version > MOST_EVENTS:
        raise NotFound(TOO_MANY)
    board = Board(day, 0, {})
    while board.version < version:
        events = await streams.events_since(stream_of(day), board.version, most=min(PAGE, version - board.version))
        if not events:
            raise NotFound(GONE)
        for event in events:
            if event.epoch != epoch:
                raise Unavailable()  # the database is another one since a moment ago
            verdict = board.apply(event)
            if verdict is not Heard.APPLIED:
                raise NotFound(FOREIGN if verdict is Heard.UNREADABLE else GONE)
    return board
