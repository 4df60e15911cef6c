"""The view: one service day at one version, as every process holds it in memory. Pure.

A view is made from the entries of the day's bookings (in the form of the database's ``hub_entry``) and moves forward
by events. Whether a table is taken is asked of its occupancies alone. What a channel shows of a day belongs here;
which tables are free for a party is hub.domain.allocation's.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.domain import shown
from hub.domain.events import ApplyResult, Event, check_continuity
from hub.domain.held import BOOKING, OTHERS, Block, Hold, Occupied, Other, Waiting, subject_of
from hub.domain.shown import NO_TEXTS, Names, Render, Texts

RENAMED = "renamed"
"""The kind of the event that a guest's name, phone number or e-mail is another, or that there are other notes about
them; the booking itself is as it was."""
QUEUE_RENAMED = "queue_renamed"
"""The same of a guest on the waitlist."""
QUEUE_CORRECTED = "queue_corrected"
"""The kind of the event that a party of the waitlist is of another number of guests, or was put down by a wrong name or
phone number."""
MOVED_AWAY, MOVED_HERE = "moved_away", "moved_here"
"""The kinds of the two events of a booking that gets another service day: on the day before, and on the new one."""
NOTED = "noted"
"""The kind of the event that what is said of a booking is another: its notes, occasion and needs."""
NAMES = frozenset({RENAMED, QUEUE_RENAMED, QUEUE_CORRECTED})
TEXTS = NAMES | {NOTED}
"""After these, names and texts are to be read again."""
BACK = frozenset({MOVED_HERE, "undone", "queue_undone"})
"""By these something may come that was on the day before; what was said of it may have changed meanwhile."""
OF_BOOKINGS = frozenset({
    "booked", "rescheduled", "canceled", MOVED_AWAY, MOVED_HERE, RENAMED, NOTED, "walked_in", "arrived", "seated",
    "reseated", "extended", "finished", "no_show", "undone",
})  # fmt: skip
KINDS = OF_BOOKINGS | {
    "blocked", "unblocked", "held", "released", "queued", "queue_changed", "queue_left", "queue_moved", "queue_undone",
    QUEUE_RENAMED, QUEUE_CORRECTED,
}  # fmt: skip
"""The kinds of a day's events that this release can apply."""
AT_THE_TABLE = ("arrived_at", "seated_at", "table_since", "left_at")
"""The times of a party in the room, as entries name them."""
Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Undo:
    """The last step of a booking, which staff may take back until ``until``, and what the booking was before it."""

    action: str
    until: datetime
    before: Mapping[str, Any]
    """{status, tables, guests, pinned, starts_at, ends_at, arrived_at, seated_at, table_since, left_at}; of who was
    seated from the waitlist also wait, its entry there, with its id; of more guests than its tables had seats for also
    crowded; of one that was moved to another day service_date, the day before it; of one to whose house note a reason
    was added house_note, so many of its characters were there before"""
    swap_with: int | None = None
    """The booking with which it exchanged its tables: both go back."""

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Undo:
        return cls(data["action"], datetime.fromisoformat(data["until"]), data["before"], data.get("swap_with"))

    @property
    def back_to(self) -> date | None:
        """The service day to which the booking goes back, where that is another one."""
        day = self.before.get("service_date")
        return None if day is None else date.fromisoformat(day)

    def shown(self, render: Callable[[datetime], str | None]) -> dict[str, Any]:
        """What staff see of it."""
        return {
            "action": self.action, "until": render(self.until), "swap_with": self.swap_with,
            "service_date": self.before.get("service_date"),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking on a view. ``user_id`` is the account that booked, None where staff did for a guest without one.

    ``starts_at`` is what was promised; ``ends_at`` is when its tables are to be free. ``tables`` are all of its
    tables, ``table_id`` the first. ``occupied``: (table id, from, until), half-open; differs from the booked time once
    the party sits, has left, or did not come.
    """

    guest_id: int
    user_id: int | None
    table_id: int
    guests: int
    starts_at: datetime
    ends_at: datetime
    status: str
    revision: int
    occupied: Occupied
    tables: tuple[int, ...]
    pinned: bool = False
    arrived_at: datetime | None = None
    seated_at: datetime | None = None
    table_since: datetime | None = None
    """Since when the party sits at these tables, where it sat at others before."""
    left_at: datetime | None = None
    undo: Undo | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Entry:
        """From the JSON form that ``hub_entry`` makes: times as RFC 3339 in UTC; what few bookings have is there only
        where they have it."""
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
            tables=tuple(data["tables"]) if "tables" in data else (data["table_id"],),
            pinned=data.get("pinned", False),
            arrived_at=at(data["arrived_at"]) if "arrived_at" in data else None,
            seated_at=at(data["seated_at"]) if "seated_at" in data else None,
            table_since=at(data["table_since"]) if "table_since" in data else None,
            left_at=at(data["left_at"]) if "left_at" in data else None,
            undo=Undo.parse(data["undo"]) if "undo" in data else None,
        )


class DayView:
    """One service day at ``version``, whose last event has the id ``head``.

    ``entries`` maps booking ids to what is shown of them, ``others`` the ids of blocks, holds and waitlist entries;
    ``taken`` maps table ids to sorted half-open intervals.
    """

    def __init__(
        self,
        day: date,
        version: int,
        entries: Mapping[int, Mapping[str, Any]],
        head: int = 0,
        others: Mapping[str, Mapping[int, Mapping[str, Any]]] | None = None,
    ) -> None:
        self.day = day
        self.version = version
        self.head = head
        self.raw: dict[int, Mapping[str, Any]] = {}
        self.entries: dict[int, Entry] = {}
        self.raw_others: dict[str, dict[int, Mapping[str, Any]]] = {subject: {} for subject in OTHERS}
        self.others: dict[str, dict[int, Any]] = {subject: {} for subject in OTHERS}
        self.taken: dict[int, list[Interval]] = {}
        self.renamed: dict[int, int] = {}
        """Guest → the last version of this view at which their name, phone number or notes became others."""
        self.noted: dict[int, int] = {}
        """Booking → the last version of this view at which its notes became others."""
        self.answers: dict[Hashable, Any] = {}
        """What hub.domain.allocation and hub.domain.housekeeping were asked of this day and keep: forgotten with each
        change of it."""
        for booking, entry in entries.items():
            self.put(booking, entry)
        for subject, found in (others or {}).items():
            for id, data in found.items():
                self.put(id, data, subject)

    @property
    def blocks(self) -> dict[int, Block]:
        return self.others["block"]

    @property
    def holds(self) -> dict[int, Hold]:
        return self.others["hold"]

    @property
    def waitlist(self) -> dict[int, Waiting]:
        return self.others["wait"]

    def apply(self, event: Event) -> ApplyResult:
        """Take the next event. Any verdict but APPLIED changes nothing."""
        verdict = check_continuity(self.version, self.head, event)
        if verdict is ApplyResult.APPLIED:
            if event.kind not in KINDS:
                return ApplyResult.UNREADABLE
            try:
                subject = subject_of(event.data)
                if (subject == BOOKING) != (event.kind in OF_BOOKINGS):
                    return ApplyResult.UNREADABLE
                id, entry = int(event.data[subject]), event.data["entry"]
                shown: dict[int, Any] = self.entries if subject == BOOKING else self.others[subject]
                comes = id not in shown and entry is not None
                self.put(id, entry, subject)
                # A guest who comes may have been on the day before: no event of it tells what changed meanwhile.
                if event.kind in NAMES or (comes and "guest_id" in entry):
                    self.renamed[entry["guest_id"]] = event.version
                if event.kind == NOTED or (comes and event.kind in BACK and subject == BOOKING):
                    self.noted[id] = event.version
            except (KeyError, TypeError, ValueError, AttributeError):
                return ApplyResult.UNREADABLE
            self.version, self.head = event.version, event.id
        return verdict

    def copy(self) -> DayView:
        """The same day, to be changed without changing this one."""
        new = DayView(self.day, self.version, {}, self.head)
        new.raw, new.entries = dict(self.raw), dict(self.entries)
        new.raw_others = {subject: dict(found) for subject, found in self.raw_others.items()}
        new.others = {subject: dict(found) for subject, found in self.others.items()}
        new.taken = {table: list(taken) for table, taken in self.taken.items()}
        return new

    def put(self, id: int, data: Mapping[str, Any] | None, subject: str = BOOKING) -> None:
        """Show a booking, or another ``subject``, as ``data`` says, or no longer when that is None. Raises as
        :meth:`touched` does, and then nothing is changed."""
        parsed: Entry | Other | None = None
        if data is not None:  # what can't be read raises before anything is changed
            parsed = Entry.parse(data) if subject == BOOKING else OTHERS[subject].parse(data)
        self.answers.clear()
        shown: dict[int, Any] = self.entries if subject == BOOKING else self.others[subject]
        raw = self.raw if subject == BOOKING else self.raw_others[subject]
        old = shown.pop(id, None)
        raw.pop(id, None)
        for table, start, end in old.occupied if old else ():
            self.taken[table].remove((start, end))
            if not self.taken[table]:
                del self.taken[table]
        if parsed is not None and data is not None:
            shown[id] = parsed
            raw[id] = data
            for table, start, end in parsed.occupied:
                insort(self.taken.setdefault(table, []), (start, end))

    def touched(self, event: Event) -> tuple[str, int, frozenset[int]]:
        """What an event changes, its id, and the tables that are taken at other times by it; asked before it is
        applied. Raises KeyError, TypeError, ValueError or AttributeError for an event that can't be read."""
        subject = subject_of(event.data)
        id, data = int(event.data[subject]), event.data["entry"]
        if event.kind in TEXTS:
            return subject, id, frozenset()
        if subject != BOOKING:
            before: Collection[Any] = old.occupied if (old := self.others[subject].get(id)) else ()
            now = OTHERS[subject].parse(data).occupied if data is not None else ()
            return subject, id, frozenset(row[0] for row in set(before) ^ set(now))
        # Compared as the database writes them: to read the times would take several times as long.
        held = self.raw.get(id)
        was = {tuple(row) for row in held["occupied"]} if held else set()
        becomes = {tuple(row) for row in data["occupied"]} if data else set()
        return subject, id, frozenset(row[0] for row in was ^ becomes)

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
        self,
        render: Render,
        names: Names,
        bookings: Iterable[int] | None = None,
        *,
        texts: Texts = NO_TEXTS,
        others: Iterable[tuple[str, int]] | None = None,
    ) -> dict[str, Any]:
        """The bookings with who dines, and what stands on the day beside them: all, or those named (then null for one
        that is gone, and no key for a part of which none is named).

        ``names`` maps guests' ids to (full name, phone number); a guest that is not in it raises KeyError.
        """
        found: dict[str, Any] = {}
        if bookings is not None or others is None:
            chosen = self.entries if bookings is None else bookings
            found["bookings"] = {
                str(id): shown.booking(entry, render, names, texts, id) if (entry := self.entries.get(id)) else None
                for id in sorted(chosen)
            }
        for subject, part in shown.PARTS.items():
            ids = self.others[subject] if others is None else [id for each, id in others if each == subject]
            if others is None or ids:
                found[part] = {
                    str(id): shown.other(subject, id, item, render, names, texts)
                    if (item := self.others[subject].get(id)) is not None
                    else None
                    for id in sorted(ids)
                }
        return found

    def checkpoint(self) -> dict[str, Any]:
        """What :meth:`restore` takes: JSON-ready."""
        entries = {str(key): dict(entry) for key, entry in self.raw.items()}
        others = {
            subject: {str(key): dict(data) for key, data in found.items()} for subject, found in self.raw_others.items()
        }
        return {"version": self.version, "head": self.head, "entries": entries, "others": others}

    @classmethod
    def restore(cls, day: date, saved: Mapping[str, Any]) -> DayView:
        entries = {int(key): entry for key, entry in saved["entries"].items()}
        others = {
            subject: {int(key): data for key, data in found.items()} for subject, found in saved["others"].items()
        }
        return cls(day, saved["version"], entries, saved["head"], others)
