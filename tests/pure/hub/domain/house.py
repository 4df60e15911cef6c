"""A house that decides on views of its own and writes what was decided, for the tests of decisions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hub.domain import calendar, decisions, lifecycle
from hub.domain.allocation import Day
from hub.domain.calendar import Slot
from hub.domain.day import DayView
from hub.domain.change import BookingRow, Change, Party, Seen
from hub.domain.events import MAIN, ApplyResult, Event, day_of, floor_of, stream_of
from hub.domain.floor import FloorView, Table
from hub.domain.rules import Rules
from tests.pure.hub.domain.rules import make_rules

TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, number) for number in (24, 25, 26))
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
RULES = make_rules()
AROUND_THE_CLOCK = make_rules(opens=0, closes=24)
PLAN = [Table(1, "T2-1", 2), Table(2, "T2-2", 2), Table(3, "T6-1", 6)]
ADA = Party(guest_id=70, user_id=7, reference="2A3B4C5D")
WALK_IN = Party(71, None, "6E7F8G9H", "walkin", "By the window", "Pays cash", "birthday", ("wheelchair",))


def slot(at: str = "18:00", day: date = TUESDAY, rules: Rules = RULES) -> Slot:
    return calendar.slot_at(day, time.fromisoformat(at), rules)


@dataclass
class House:
    """The views as a process holds them, and each booking as somebody has read it last."""

    rules: Rules = RULES
    venue_id: int = MAIN
    party: Party = ADA
    now: datetime = NOW
    room: FloorView = field(default_factory=lambda: FloorView(len(PLAN), PLAN))
    days: dict[date, DayView] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)
    rows: int = 0

    def view(self, day: date) -> DayView:
        return self.days.setdefault(day, DayView(day, 0, {}))

    def day(self, day: date) -> Day:
        return Day(self.view(day), [self.view(day + timedelta(days=n)) for n in (-1, 1)])

    def book(self, wanted: Slot, guests: int = 2, table: int | None = None) -> Change:
        return decisions.book(
            self.day(wanted.day),
            self.room,
            wanted,
            venue_id=self.venue_id,
            party=self.party,
            guests=guests,
            table_id=table,
            rules=self.rules,
            now=self.now,
        )

    def move(
        self,
        booking: int,
        wanted: Slot,
        guests: int = 2,
        table: int | None = None,
        *,
        staff: bool = False,
        **seen: Any,
    ) -> Change:
        read = self.read(booking, **seen)
        return decisions.reschedule(
            read,
            self.view(read.service_date),
            self.day(wanted.day),
            self.room,
            wanted,
            guests=guests,
            table_id=table,
            staff=staff,
            rules=self.rules,
            now=self.now,
        )

    def cancel(self, booking: int, *, staff: bool = False, day: date | None = None, **seen: Any) -> Change:
        read = self.read(booking, **seen)
        return decisions.cancel(read, self.view(day or read.service_date), staff=staff, rules=self.rules, now=self.now)

    def read(self, booking: int, **other: Any) -> Seen:
        found = self.seen[booking]
        return Seen(**{name: other.get(name, getattr(found, name)) for name in Seen.__slots__})

    def commit(self, change: Change) -> int:
        """Write it as hub_commit does: rows get their ids, events their versions. Returns the booking's id, or the
        table's."""
        booking, table = change.booking, change.table
        key = (booking.id if booking else table.id if table else 0) or self.rows + 1000
        for event in change.events:
            self.rows += 1
            day = day_of(event.stream)
            assert event.stream == (floor_of(self.venue_id) if day is None else stream_of(self.venue_id, day))
            view = self.room if day is None else self.view(day)
            data = {"table" if day is None else "booking": key, "entry": event.data["entry"]}
            written = Event(
                event.stream, view.version + 1, event.kind, data, self.now, id=self.rows, previous=view.head
            )
            assert view.apply(written) is ApplyResult.APPLIED
        if booking is not None:
            made = self.now if booking.created_at is None else booking.created_at
            self.seen[key] = Seen(
                key, booking.venue_id, booking.party, booking.service_date, booking.status, booking.revision,
                booking.table, made,
            )  # fmt: skip
            shown = self.view(booking.service_date)
            assert shown.raw.get(key) == booking.entry()
            if booking.status != lifecycle.CANCELED:
                row = BookingRow.of(self.seen[key], shown.entries[key])
                assert row == replace(booking, id=key, created_at=made)
            assert not any(key in view.entries for day, view in self.days.items() if day != booking.service_date)
        return key

    def booked(self, wanted: Slot | None = None, guests: int = 2, table: int | None = None) -> int:
        return self.commit(self.book(wanted or slot(), guests, table))

    def ended(self, booking: int, status: str) -> None:
        """The house has said that it is seated, finished or a no-show."""
        view = self.view(self.seen[booking].service_date)
        view.put(booking, {**view.raw[booking], "status": status})

    def state(self) -> Any:
        return self.room.checkpoint(), {day: view.checkpoint() for day, view in self.days.items() if view.version}
