"""Who dines: the names of guests on a floor. Events hold ids only, so names are read when they are first shown.

Names belong to a board's version as all else does: a change of one is an event (hub.guest_names). They are read
together with the version of the stream, and a board that is behind it is brought there before they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import orjson

from hub import database
from hub.boards import Boards
from hub.domain.board import Board
from hub.errors import Unavailable
from hub.held import Held

Name = tuple[str, str | None]
UNKNOWN: Name = ("?", None)
ATTEMPTS = 10
"""How often it reads again because new guests came meanwhile, or names changed."""
READ = """
SELECT h.epoch, coalesce(s.version, 0) AS version,
       (SELECT coalesce(jsonb_object_agg(id, jsonb_build_array(full_name, phone_number)), '{}')
        FROM users WHERE id = ANY($2)) AS names
FROM hub h LEFT JOIN streams s ON s.name = $1
"""


@dataclass(slots=True)
class _Known:
    """What is known of one board's guests. ``names``: (full name, phone number) by user id."""

    names: dict[int, Name] = field(default_factory=dict)
    read_at: dict[int, int] = field(default_factory=dict)
    """User → the version of the stream at which the name was read."""
    newest: int = 0
    """The newest of these versions: a board before it may not be shown with these names."""
    whole_at: int = -1
    """The version of the board at which no name was missing."""


class People:
    """Names and phone numbers of the guests on each board that this process has shown."""

    def __init__(self, boards: Boards) -> None:
        self._boards = boards
        self._known: WeakKeyDictionary[Board, _Known] = WeakKeyDictionary()

    def forget(self) -> None:
        self._known.clear()

    def of(self, board: Board) -> Mapping[int, Name]:
        """The names for a board that :meth:`is_known`."""
        return self._of(board).names

    def is_known(self, board: Board) -> bool:
        """Whether all names are in memory as they were at the board's version."""
        known = self._of(board)
        return known.newest <= board.version and not self._missing(board, known)

    async def meet(self, held: Held) -> None:
        """Learn the names of all guests on a board; when it returns they are known. Raises HubError.

        A user whom the database does not know is UNKNOWN, and not asked for again.
        """
        for _ in range(ATTEMPTS):
            board = held.board
            known = self._of(board)
            missing = self._missing(board, known)
            if missing:
                await self._read(held, known, missing)
            if known.newest > held.version:
                await self._boards.get(held.stream, at_least=known.newest)
            if self.is_known(held.board):
                return
        raise Unavailable()  # others came each time while we read, or it is held no more

    def _of(self, board: Board) -> _Known:
        known = self._known.get(board)
        if known is None:
            known = self._known[board] = _Known()
        return known

    def _missing(self, board: Board, known: _Known) -> set[int]:
        if known.whole_at == board.version:
            return set()
        read_at, renamed = known.read_at, board.renamed
        missing = {
            user for entry in board.entries.values() if read_at.get(user := entry.user_id, -1) < renamed.get(user, 0)
        }
        if not missing:
            known.whole_at = board.version
        return missing

    async def _read(self, held: Held, known: _Known, users: set[int]) -> None:
        [row] = await database.fetch(READ, held.stream, sorted(users))
        if row["epoch"] != held.epoch:
            raise Unavailable()  # the next look at the database finds it
        version, found = row["version"], orjson.loads(row["names"])
        for user in users:
            if known.read_at.get(user, -1) <= version:
                known.read_at[user] = version
                known.names[user] = tuple(found.get(str(user), UNKNOWN))
        known.newest = max(known.newest, version)
