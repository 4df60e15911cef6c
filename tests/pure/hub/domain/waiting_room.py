"""A room on one evening, for the tests of the waitlist: entries of its view, and changes written as the commit does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hub.domain import queue_correction, queue_order, undo, waitlist
from hub.domain.allocation import Day
from hub.domain.change import Change, Party, Seen, WaitRow, instant_text
from hub.domain.day import DayView
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from hub.domain.floor import Area, Combination, FloorView, Table
from hub.domain.held import Waiting
from hub.domain.queue_correction import Who
from hub.domain.queue_order import LastStep, Reason
from hub.domain.rules import Rules
from hub.domain.stays import Stays, fitted
from hub.domain.waitlist import SeenEntry
from hub.errors import Conflict
from tests import event_data
from tests.pure.hub.domain.rules import make_rules

TONIGHT = date(2026, 11, 24)
RULES = make_rules(opens=17, closes=24)
NOW = datetime(2026, 11, 24, 19, 2, 33, 250_000, UTC)
STAYS = fitted({}, RULES.slot)
TERRACE = Area(1, "Terrace")
TABLES = [Table(1, "A", 2, area_id=1), Table(2, "B", 2), Table(3, "C", 4), Table(4, "D", 6)]
TOGETHER = Combination(1, "A+B", (1, 2), 3, 4)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def booking(table: int, at: datetime, *, guests: int = 2, status: str = "seated", **more: Any) -> dict[str, Any]:
    since, until = instant_text(at), instant_text(at + RULES.slot)
    entry: dict[str, Any] = {
        "guest_id": 900, "user_id": None, "table_id": table, "guests": guests, "starts_at": since, "ends_at": until,
        "status": status, "revision": 1, "occupied": [[table, since, until]],
    }  # fmt: skip
    return entry | ({"seated_at": since} if status == "seated" else {}) | more


@dataclass
class Evening:
    """The views of one venue; ``rows`` are the entries of the waitlist as the database has them."""

    bookings: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    now: datetime = NOW
    stays: Stays = STAYS
    rules: Rules = RULES
    floor: FloorView = field(default_factory=lambda: FloorView(1, TABLES, areas=[TERRACE]))
    rows: dict[int, WaitRow] = field(default_factory=dict)
    ends: list[tuple[int, str]] = field(default_factory=list)
    seated: dict[int, int] = field(default_factory=dict)
    """Entry → the booking that it became."""
    last: dict[int, LastStep | None] = field(default_factory=dict)
    """Of each entry, as its day's events say it."""
    others: Mapping[str, Mapping[int, Mapping[str, Any]]] | None = None

    def __post_init__(self) -> None:
        self.view = DayView(TONIGHT, 0, self.bookings, others=self.others)

    @property
    def day(self) -> Day:
        return Day(self.view)

    @property
    def how(self) -> dict[str, Any]:
        return {"stays": self.stays, "rules": self.rules, "now": self.now}

    def join(
        self, guests: int = 2, *, guest: int = 1, area: int | None = None, force: bool = False, day: Day | None = None,
        alike: Collection[int] = (),
    ) -> Change:  # fmt: skip
        return waitlist.join(
            day or self.day, self.floor, venue_id=MAIN, guest_id=guest, new_guest=None, guests=guests, area_id=area,
            force=force, alike=alike, **self.how,
        )  # fmt: skip

    def seen(self, id: int, revisions: frozenset[int] | None = None) -> SeenEntry:
        row = self.rows[id]
        return SeenEntry(id, MAIN, row.service_date, row.status, row.revision, revisions)

    def step(self, what: Any, id: int, seen: SeenEntry | None = None) -> Change:
        return waitlist.step(seen or self.seen(id), self.day, self.floor, what, **self.how)

    def move(self, id: int, place: int, reason: Reason = "asked", seen: SeenEntry | None = None) -> Change:
        return queue_order.move(
            seen or self.seen(id), self.day, self.floor, place=place, reason=reason, **self.how
        )  # fmt: skip

    def correct(
        self, id: int, guests: int | None = None, *, who: Who | None = None, seen: SeenEntry | None = None
    ) -> Change:
        return queue_correction.correct(
            seen or self.seen(id), self.day, self.floor, guests=guests, who=who, **self.how
        )  # fmt: skip

    def undo(self, id: int, seen: SeenEntry | None = None) -> Change:
        return queue_order.undo(seen or self.seen(id), self.last.get(id), self.day, self.floor, **self.how)

    def queue(self) -> list[int]:
        """The ids in the order of the places."""
        return sorted(self.view.waitlist, key=lambda id: self.view.waitlist[id].place)

    def seat(
        self, id: int, *, tables: list[int] | None = None, seen: SeenEntry | None = None, in_turn: bool = False
    ) -> Change:
        party = Party(self.rows[id].guest_id, None, "2A3B4C5D", "waitlist")
        return waitlist.seat(
            seen or self.seen(id), self.day, self.floor, party=party, table_ids=tables, in_turn=in_turn, **self.how
        )

    def undo_seat(self, id: int) -> Change:
        """Of the booking that the entry became."""
        number = self.seated[id]
        entry, table = self.view.entries.get(number), self.floor.tables[1]
        if entry is None:
            raise Conflict()
        party = Party(self.rows[id].guest_id, None, "2A3B4C5D", "waitlist")
        seen = Seen(number, MAIN, party, TONIGHT, entry.status, entry.revision, table, entry.starts_at)
        return undo.undo(seen, self.day, self.floor, **self.how)

    def keep(self) -> Change:
        return waitlist.keep(self.day, self.floor, MAIN, **self.how)

    def commit(self, change: Change) -> int:
        """Write it as hub_commit does; returns the id of the entry of the waitlist, or of the last one."""
        made = max(self.rows, default=100) + 1
        booked = max((*self.view.entries, 0)) + 1
        for event in change.events:
            assert event.stream == stream_of(MAIN, TONIGHT)
            data = dict(event.data)
            for key, id in (("wait", made), ("booking", booked)):
                if key in data and data[key] is None:
                    data[key] = id
            number = self.view.version + 1
            written = Event(event.stream, number, event.kind, data, self.now, id=number, previous=self.view.head)
            event_data.check(written.kind, written.data)
            assert self.view.apply(written) is ApplyResult.APPLIED
        if change.wait is not None and change.wait.booking:
            self.seated[change.wait.id] = booked
        kinds = {event.kind for event in change.events}
        id = 0
        for row in (*([change.wait] if change.wait else []), *change.more_waits):
            id = row.id or made
            before = self.rows.get(id)
            if row is change.wait:
                assert row.revision == (before.revision + 1 if before else 1)
                assert change.booking is None or (row.status == "seated") == (change.booking.status == "seated")
            else:
                assert before is not None and row.revision - before.revision in (0, 1)
            if before is not None:
                came_back = queue_order.UNDONE in kinds and (before.status == "left" or change.booking is not None)
                assert before.status not in waitlist.ENDS or came_back
                assert row.promised_until == before.promised_until
            if row.status in waitlist.ENDS:
                self.ends.append((id, row.status))
            if before is not None and row.revision > before.revision:
                shown_before = Waiting.parse(before.entry()) if before.status not in waitlist.ENDS else None
                is_undone = queue_order.UNDONE in kinds or shown_before is None
                self.last[id] = None if is_undone else LastStep(shown_before, self.now)
                if before.status in waitlist.ENDS:
                    self.ends.remove((id, before.status))
            self.rows[id] = row
        shown = {id: row.entry() for id, row in self.rows.items() if row.status not in waitlist.ENDS}
        assert self.view.raw_others["wait"] == shown
        return change.wait.id or made if change.wait else id

    def joined(self, guests: int = 2, *, guest: int = 1, **how: Any) -> int:
        return self.commit(self.join(guests, guest=guest, **how))


def full(**more: Any) -> Evening:
    """Somebody sits at each table."""
    sitting = {
        number: booking(table.id, NOW - minutes(20 * number), guests=table.seats)
        for number, table in enumerate(TABLES, 1)
    }
    return Evening(sitting, **more)
