"""The view: one service day at one version, as every process holds it in memory. Pure.

A view is made from the entries of the day's bookings (in the form of the database's ``hub_entry``) and moves forward
by events. Whether a table is taken is asked of its occupancies alone. What a channel shows of a day belongs here;
which tables are free for a party is hub.domain.allocation's.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.domain.events import ApplyResult, Event, check_continuity

RENAMED = "renamed"
"""The kind of the event that a guest's name or phone number is another; the booking itself is as it was."""
MOVED_AWAY, MOVED_HERE = "moved_away", "moved_here"
"""The kinds of the two events of a booking that gets another service day: on the day before, and on the new one."""
KINDS = frozenset({"booked", "rescheduled", "canceled", MOVED_AWAY, MOVED_HERE, RENAMED})
"""The kinds of a day's events that this release can apply."""
Interval = tuple[datetime, datetime]
Render = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking on a view. ``user_id`` is the account that booked, None where staff did for a guest without one.
    ``occupied``: (table id, from, until), half-open; may differ from the booked time."""

    guest_id: int
    user_id: int | None
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
            guest_id=data["guest_id"],
            user_id=data["user_id"],
            table_id=data["table_id"],
            guests=data["guests"],
            starts_at=at(data["starts_at"]),
            ends_at=at(data["ends_at"]),
            status=data["status"],
            revision=data["revision"],
            occupied=tuple((table, at(start), at(end)) for table, start, end in data["occupied"]),
        )


class DayView:
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
        """Guest → the last version of this view at which their name or phone number became another."""
        self.answers: dict[Hashable, Any] = {}
        """What hub.domain.allocation was asked of this day and wants to keep: forgotten with each change of it."""
        for booking, entry in entries.items():
            self.put(booking, entry)

    def apply(self, event: Event) -> ApplyResult:
        """Take the next event. Any verdict but APPLIED changes nothing."""
        verdict = check_continuity(self.version, self.head, event)
        if verdict is ApplyResult.APPLIED:
            if event.kind not in KINDS:
                return ApplyResult.UNREADABLE
            try:
                self.put(int(event.data["booking"]), event.data["entry"])
                if event.kind == RENAMED:
                    self.renamed[event.data["entry"]["guest_id"]] = event.version
            except (KeyError, TypeError, ValueError, AttributeError):
                return ApplyResult.UNREADABLE
            self.version, self.head = event.version, event.id
        return verdict

    def copy(self) -> DayView:
        """The same day, to be changed without changing this one."""
        new = DayView(self.day, self.version, {}, self.head)
        new.raw, new.entries = dict(self.raw), dict(self.entries)
        new.taken = {table: list(taken) for table, taken in self.taken.items()}
        return new

    def put(self, booking: int, data: Mapping[str, Any] | None) -> None:
        """Show a booking as ``data`` says, or no longer when that is None. Raises as :meth:`touched` does, and then
        nothing is changed."""
        entry = None if data is None else Entry.parse(data)  # what can't be read raises before anything is changed
        self.answers.clear()
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
        self, render: Render, names: Mapping[int, tuple[str, str | None]], bookings: Iterable[int] | None = None
    ) -> dict[str, Any]:
        """The bookings with who dines: all, or those named (then null for one that is gone).

        ``names`` maps guests' ids to (full name, phone number); a guest that is not in it raises KeyError.
        """
        chosen = self.entries if bookings is None else bookings
        shown: dict[str, Any] = {}
        for booking in sorted(chosen):
            entry = self.entries.get(booking)
            if entry is None:
                shown[str(booking)] = None
                continue
            name, phone = names[entry.guest_id]
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
    def restore(cls, day: date, saved: Mapping[str, Any]) -> DayView:
        entries = {int(key): entry for key, entry in saved["entries"].items()}
        return cls(day, saved["version"], entries, saved["head"])
