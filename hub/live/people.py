"""Who dines: the names of guests on a floor. Events hold ids only, so names are read when they are first shown."""

from __future__ import annotations

from hub import database
from hub.errors import Unavailable
from hub.held import Held

MOST = 50_000
UNKNOWN = ("?", None)
ATTEMPTS = 10
"""How often it reads again because new guests came meanwhile."""


class People:
    """Names and phone numbers by user id, as far as this process has shown them. A name never changes."""

    def __init__(self) -> None:
        self.names: dict[int, tuple[str, str | None]] = {}

    def strangers(self, held: Held) -> set[int]:
        """The users on a board whose names are not known yet."""
        return {entry.user_id for entry in held.board.entries.values()} - self.names.keys()

    async def meet(self, held: Held) -> None:
        """Learn the names of all guests on a board; when it returns there is no stranger. Raises HubError.

        A user whom the database does not know is UNKNOWN, and not asked for again.
        """
        for _ in range(ATTEMPTS):
            missing = self.strangers(held)
            if not missing:
                return
            rows = await database.fetch(
                "SELECT id, full_name, phone_number FROM users WHERE id = ANY($1)", sorted(missing)
            )
            if len(self.names) > MOST:
                self.names.clear()
            self.names.update(dict.fromkeys(missing, UNKNOWN))
            self.names.update((row["id"], (row["full_name"], row["phone_number"])) for row in rows)
        if self.strangers(held):  # others came each time while we read
            raise Unavailable()
