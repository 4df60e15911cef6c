"""A house that decides on views of its own and writes what was decided, for the tests of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from hub.domain import calendar, decisions, lifecycle
from hub.domain.allocation import Day
from hub.domain.calendar import Slot
from hub.domain.change import NEW, BookingRow, Change, Party, Seen
from hub.domain.day import DayView
from hub.domain.events import MAIN, ApplyResult, Event, day_of, floor_of, stream_of
from hub.domain.floor import FloorView, Table
from hub.domain.rules import Rules
from tests import event_data
from tests.pure.hub.domain.rules import make_rules

TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, number) for number in (24, 25, 26))
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
RULES = make_rules()
AROUND_THE_CLOCK = make_rules(opens=0, closes=24)
PLAN = [Table(1, "T2-1", 2), Table(2, "T2-2", 2), Table(3, "T6-1", 6)]
ADA = Party(guest_id=70, user_id=7, reference="2A3B4C5D")
WALK_IN = Party(71, None, "6E7F8G9H", "walk-in", "By the window", "Pays cash", "birthday", ("wheelchair",))


Tables: TypeAlias = int | tuple[int, ...] | None
"""The table, or the tables, that somebody names; None: choose."""


def ids(tables: Tables) -> Sequence[int] | None:
    return (tables,) if isinstance(tables, int) else tables


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

    def book(self, wanted: Slot, guests: int = 2, table: Tables = None, area: int | None = None) -> Change:
        return decisions.book(
            self.day(wanted.day),
            self.room,
            wanted,
            venue_id=self.venue_id,
            party=self.party,
            guests=guests,
            table_ids=ids(table),
            rules=self.rules,
            now=self.now,
            area_id=area,
        )

    def move(
        self,
        booking: int,
        wanted: Slot,
        guests: int = 2,
        table: Tables = None,
        *,
        staff: bool = False,
        pinned: bool | None = None,
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
            table_ids=ids(table),
            staff=staff,
            rules=self.rules,
            now=self.now,
            pinned=pinned,
        )

    def cancel(self, booking: int, *, staff: bool = False, day: date | None = None, **seen: Any) -> Change:
        read = self.read(booking, **seen)
        return decisions.cancel(read, self.view(day or read.service_date), staff=staff, rules=self.rules, now=self.now)

    def read(self, booking: int, **other: Any) -> Seen:
        found = self.seen[booking]
        return Seen(**{name: other.get(name, getattr(found, name)) for name in Seen.__slots__})

    def commit(self, change: Change) -> int:
        """Write it as hub_commit does: rows get their ids, events their versions. Returns the id of the booking, or
        else of what was written."""
        written_rows = (
            change.booking, change.block, change.hold, change.wait, change.table, change.area, *change.combinations,
        )  # fmt: skip
        key = next((row.id for row in written_rows if row is not None), NEW) or self.rows + 1000
        for event in change.events:
            self.rows += 1
            day = day_of(event.stream)
            assert event.stream == (floor_of(self.venue_id) if day is None else stream_of(self.venue_id, day))
            view = self.room if day is None else self.view(day)
            data = {name: key if id is None and name != "entry" else id for name, id in event.data.items()}
            written = Event(
                event.stream, view.version + 1, event.kind, data, self.now, id=self.rows, previous=view.head
            )
            event_data.check(written.kind, written.data)
            assert view.apply(written) is ApplyResult.APPLIED
        for booking in (change.booking, *change.more_bookings):
            if booking is not None:
                made = self.now if booking.created_at is None else booking.created_at
                self._wrote(replace(booking, id=booking.id or key, created_at=made))
        return key

    def _wrote(self, booking: BookingRow) -> None:
        """Its day shows what was decided, and no other day shows it."""
        assert booking.created_at is not None
        self.seen[booking.id] = Seen(
            booking.id, booking.venue_id, booking.party, booking.service_date, booking.status, booking.revision,
            booking.table, booking.created_at, more_tables=booking.more_tables,
            canceled=booking if booking.status == lifecycle.CANCELED else None,
        )  # fmt: skip
        shown = self.view(booking.service_date)
        assert shown.raw.get(booking.id) == booking.entry()
        if booking.status != lifecycle.CANCELED:
            assert BookingRow.of(self.seen[booking.id], shown.entries[booking.id]) == booking
        assert not any(booking.id in view.entries for day, view in self.days.items() if day != booking.service_date)

    def booked(self, wanted: Slot | None = None, guests: int = 2, table: Tables = None) -> int:
        return self.commit(self.book(wanted or slot(), guests, table))

    def ended(self, booking: int, status: str) -> None:
        """The house has said that it is seated, finished or a no-show."""
        view = self.view(self.seen[booking].service_date)
        view.put(booking, {**view.raw[booking], "status": status})

    def state(self) -> Any:
        return self.room.checkpoint(), {day: view.checkpoint() for day, view in self.days.items() if view.version}
