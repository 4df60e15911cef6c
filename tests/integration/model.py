"""What the house says of bookings and tables, in a few lines and without a database: the model of test_machine."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.races import Person

OPENS, CLOSES, SLOT = 12 * 60, 22 * 60, 120


@dataclass(frozen=True)
class Wanted:
    """A booking as the model has it."""

    day: int
    start: int
    guests: int
    table: int
    owner: int
    open: bool = True


class Refused(Exception):
    """The model's refusal; its text is the code."""


class Model:
    """What the house says, without a database: two dicts."""

    def __init__(self) -> None:
        self.tables: dict[int, tuple[str, int]] = {}
        self.bookings: dict[int, Wanted] = {}

    def free(self, day: int, start: int, guests: int, but: int | None = None) -> list[int]:
        """The tables that fit and are free, smallest first, then by id."""
        taken = {
            b.table
            for key, b in self.bookings.items()
            if b.open and key != but and b.day == day and abs(b.start - start) < SLOT
        }
        fitting = [(seats, key) for key, (_, seats) in self.tables.items() if seats >= guests]
        return [key for _, key in sorted(fitting) if key not in taken]

    def choose(self, day: int, start: int, guests: int, table: int | None, but: int | None = None) -> int:
        if table is not None and table not in self.tables:
            raise Refused("not_found")
        room = self.tables if table is None else {table: self.tables[table]}
        if all(seats < guests for _, seats in room.values()):
            raise Refused("table_too_small")
        found = [key for key in self.free(day, start, guests, but) if key in room]
        if not found:
            raise Refused("slot_taken")
        return found[0]

    def check_hours(self, start: int) -> None:
        if not OPENS <= start <= CLOSES - SLOT:
            raise Refused("outside_opening_hours")

    def move(self, key: int, asker: Person, new: Wanted, table: int | None) -> Wanted:
        """The booking after a change to ``new`` at ``table`` (None: choose)."""
        old = self.bookings[key]
        if asker.id != old.owner and asker.identity.role == "user":
            raise Refused("not_found")
        if (new.day, new.start) != (old.day, old.start):
            self.check_hours(new.start)
        if not old.open:
            raise Refused("already_canceled")
        if table is not None and replace(new, table=table) == old:
            return old
        return replace(new, table=self.choose(new.day, new.start, new.guests, table, but=key))

    def most_guests(self, table: int) -> int:
        """Of the bookings that the table still has to serve; all lie in the future here."""
        return max((b.guests for b in self.bookings.values() if b.open and b.table == table), default=0)

    def check_table(self, table: int) -> None:
        if table not in self.tables:
            raise Refused("not_found")

    def check_name(self, name: str, but: int | None = None) -> None:
        if any(name == other for key, (other, _) in self.tables.items() if key != but):
            raise Refused("name_taken")
