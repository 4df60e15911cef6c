"""The board: one service day at one version, as every process holds it in memory. Pure.

A board is made from the entries of the day's bookings (in the form of the database's ``hub_entry``) and moves forward
by events. Whether a table is taken is asked of its occupancies alone. Whatever only reads a day belongs here: which
tables are free, what a channel shows, which starts are left when one is refused.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.domain.event import Event, Heard, heard
from hub.domain.room import Room, Table
from hub.domain.slots import Slot

RENAMED = "renamed"
"""The kind of the event that a guest's name or phone number is another; the booking itself is as it was."""
KINDS = frozenset({"booked", "rescheduled", "canceled", "left", "arrived", RENAMED})
"""The kinds of a day's events that this release can apply."""
Interval = tuple[datetime, datetime]
Render = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking on a board. ``occupied``: (table id, from, until), half-open; may differ from the booked time."""

    user_id: int
    table_id: int
    guests: int
    starts_at: datetime
    ends_at: datetime
    status: str
    revision: int
    occupied: tuple[tuple[int, datetime, datetime], ...]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Entry:
        """From the JSON form that ``hub_entry`` makes: times as RFC 3339 in UTC."""
        at = datetime.fromisoformat
        return cls(
            user_id=data["user_id"],
            table_id=data["table_id"],
            guests=data["guests"],
            starts_at=at(data["starts_at"]),
            ends_at=at(data["ends_at"]),
            status=data["status"],
            revision=data["revision"],
            occupied=tuple((table, at(start), at(end)) for table, start, end in data["occupied"]),
        )


class Board:
    """One service day at ``version``, whose last event has the id ``head``.

    ``entries`` maps booking ids to what is shown of them; ``taken`` maps table ids to sorted half-open intervals.
    """

    def __init__(self, day: date, version: int, entries: Mapping[int, Mapping[str, Any]], head: int = 0) -> None:
        self.day = day
        self.version = version
        self.head = head
        self.raw: dict[int, Mapping[str, Any]] = {}
        self.entries: dict[int, Entry] = {}
        self.taken: dict[int, list[Interval]] = {}
        self.renamed: dict[int, int] = {}
        """User → the last version of this board at which their name or phone number became another."""
        for booking, entry in entries.items():
            self._put(booking, entry)

    def apply(self, event: Event) -> Heard:
        """Take the next event. Any verdict but APPLIED changes nothing."""
        verdict = heard(self.version, self.head, event)
        if verdict is Heard.APPLIED:
            if event.kind not in KINDS:
                return Heard.UNREADABLE
            try:
                self._put(int(event.data["booking"]), event.data["entry"])
                if event.kind == RENAMED:
                    self.renamed[event.data["entry"]["user_id"]] = event.version
            except (KeyError, TypeError, ValueError, AttributeError):
                return Heard.UNREADABLE
            self.version, self.head = event.version, event.id
        return verdict

    def _put(self, booking: int, data: Mapping[str, Any] | None) -> None:
        entry = None if data is None else Entry.parse(data)  # what can't be read raises before anything is changed
        old = self.entries.pop(booking, None)
        self.raw.pop(booking, None)
        for table, start, end in old.occupied if old else ():
            self.taken[table].remove((start, end))
            if not self.taken[table]:
                del self.taken[table]
        if entry is not None and data is not None:
            self.entries[booking] = entry
            self.raw[booking] = data
            for table, start, end in entry.occupied:
                insort(self.taken.setdefault(table, []), (start, end))

    def touched(self, event: Event) -> tuple[int, frozenset[int]]:
        """The booking that an event changes, and the tables that are taken at other times by it; asked before it is
        applied. Raises KeyError, TypeError, ValueError or AttributeError for an event that can't be read."""
        booking, data = int(event.data["booking"]), event.data["entry"]
        if event.kind == RENAMED:
            return booking, frozenset()
        # Compared as the database writes them: to read the times would take several times as long.
        old = self.raw.get(booking)
        before = {tuple(row) for row in old["occupied"]} if old else set()
        after = {tuple(row) for row in data["occupied"]} if data else set()
        return booking, frozenset(row[0] for row in before ^ after)

    def free_tables(self, room: Room, slot: Slot, guests: int, beside: Sequence[Board] = ()) -> list[Table]:
        """The tables of the room that seat ``guests`` and are free for the whole slot, smallest first, then by id.

        ``beside`` are the boards of the days before and after, where bookings of theirs may reach into this one.
        """
        free = [t for t in room.fitting(guests) if is_free(self.taken.get(t.id, ()), slot.starts_at, slot.ends_at)]
        for other in beside:
            free = [t for t in free if is_free(other.taken.get(t.id, ()), slot.starts_at, slot.ends_at)]
        return free

    def availability(self, render: Render, tables: Iterable[int] | None = None) -> dict[str, Any]:
        """When each table is taken: all that are, or those named (then [] for one that is free all day)."""
        chosen = self.taken if tables is None else tables
        return {
            "tables": {
                str(table): [[render(start), render(end)] for start, end in self.taken.get(table, ())]
                for table in sorted(chosen)
            }
        }

    def floor(
        self, render: Render, people: Mapping[int, tuple[str, str | None]], bookings: Iterable[int] | None = None
    ) -> dict[str, Any]:
        """The bookings with who dines: all, or those named (then null for one that is gone).

        ``people`` maps user ids to (full name, phone number); a user that is not in it raises KeyError.
        """
        chosen = self.entries if bookings is None else bookings
        shown: dict[str, Any] = {}
        for booking in sorted(chosen):
            entry = self.entries.get(booking)
            if entry is None:
                shown[str(booking)] = None
                continue
            name, phone = people[entry.user_id]
            shown[str(booking)] = {
                "table_id": entry.table_id,
                "start_at": render(entry.starts_at),
                "end_at": render(entry.ends_at),
                "guests": entry.guests,
                "status": entry.status,
                "guest_name": name,
                "phone_number": phone,
                "revision": entry.revision,
            }
        return {"bookings": shown}

    def checkpoint(self) -> dict[str, Any]:
        """What :meth:`restore` takes: JSON-ready."""
        entries = {str(key): dict(entry) for key, entry in self.raw.items()}
        return {"version": self.version, "head": self.head, "entries": entries}

    @classmethod
    def restore(cls, day: date, saved: Mapping[str, Any]) -> Board:
        entries = {int(key): entry for key, entry in saved["entries"].items()}
        return cls(day, saved["version"], entries, saved["head"])


def is_free(taken: Sequence[Interval], start: datetime, end: datetime) -> bool:
    """Whether [start, end) overlaps none of the sorted, disjoint, half-open intervals; touching is not overlapping."""
    at = bisect_left(taken, (end,))
    return at == 0 or taken[at - 1][1] <= start


def alternatives(
    wanted: Slot,
    *,
    guests: int,
    table_id: int | None,
    tables: Iterable[Table],
    taken: Mapping[int, Sequence[Interval]],
    starts: Iterable[Slot],
    now: datetime,
    most: int = 3,
) -> list[tuple[Slot, Table]]:
    """Up to ``most`` other starts of the day, nearest first (of two as near, the earlier).

    ``starts`` is the day's grid; one that is past is left out. At each start the named table comes first, then the
    smallest that fits and is free. The wanted start itself counts when it is on the grid and another table is free.
    """
    fitting = sorted((t for t in tables if t.seats >= guests), key=lambda t: (t.id != table_id, t.seats, t.id))
    found: list[tuple[Slot, Table]] = []
    for slot in sorted(starts, key=lambda s: (abs(s.starts_at - wanted.starts_at), s.starts_at)):
        if slot.starts_at <= now:
            continue
        free = next((t for t in fitting if is_free(taken.get(t.id, ()), slot.starts_at, slot.ends_at)), None)
        if free is not None:
            found.append((slot, free))
            if len(found) == most:
                break
    return found
