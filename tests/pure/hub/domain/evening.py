"""A service day in memory, for the tests of blocks, holds and what happens by time alone: decisions are written to it
as the database would, and it judges itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hub.domain import housekeeping
from hub.domain.allocation import Day
from hub.domain.change import BookingRow, Change, Party, instant_text
from hub.domain.day import DayView
from hub.domain.events import MAIN, ApplyResult, Event, stream_of
from hub.domain.floor import Area, FloorView, Table
from hub.domain.held import subject_of
from hub.domain.rules import Rules
from tests.pure.hub.domain.rules import make_rules

TUESDAY = date(2026, 11, 24)
RULES = make_rules()  # 12:00–22:00 UTC, slots of two hours
TABLES = [Table(1, "T1", 2, area_id=1), Table(2, "T2", 2, area_id=1), Table(3, "T3", 6)]


def at(text: str, day: date = TUESDAY) -> datetime:
    hours, _, minutes = text.partition(":")
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=int(hours), minutes=int(minutes))


@dataclass
class Evening:
    rules: Rules = RULES
    day: date = TUESDAY
    floor: FloorView = field(default_factory=lambda: FloorView(1, TABLES, areas=[Area(1, "Terrace"), Area(2, "Roof")]))
    view: DayView = field(default_factory=lambda: DayView(TUESDAY, 0, {}))
    ids: int = 100
    kinds: list[str] = field(default_factory=list)
    """Of the events, in their order."""

    @property
    def shown(self) -> Day:
        return Day(self.view)

    def write(self, change: Change, now: datetime | None = None) -> int:
        """The id of the new row, or 0. ``now``: it may be written only if its window holds then."""
        assert now is None or change.window.holds(now)
        made = 0
        for event in change.events:
            assert event.stream == stream_of(MAIN, self.day)
            subject = subject_of(event.data)
            if (id := event.data[subject]) is None:
                self.ids += 1
                id = made = self.ids
            data = {subject: id, "entry": event.data["entry"]}
            written = Event(
                event.stream, self.view.version + 1, event.kind, data, at("0:00"), self.view.head + 1, self.view.head
            )  # fmt: skip
            assert self.view.apply(written) is ApplyResult.APPLIED
            self.kinds.append(event.kind)
        return made

    def book(
        self, since: str, until: str, *tables: int, status: str = "booked", guests: int = 2, revision: int = 1
    ) -> int:
        """A booking at these tables; a party that sits has sat since its start."""
        self.ids += 1
        first, *more = (self.floor.tables[id] for id in tables or (1,))
        row = BookingRow(
            self.ids, MAIN, Party(self.ids, None, ""), first, guests, at(since), at(until), self.day, status, revision,
            more_tables=tuple(more), seated_at=at(since) if status == "seated" else None,
        )  # fmt: skip
        self.view.put(row.id, row.entry())
        return row.id

    def hold(self, since: str, until: str, *tables: int, expires: datetime, by: int | None = 7, guests: int = 2) -> int:
        self.ids += 1
        entry = {
            "tables": list(tables or (1,)), "starts_at": instant_text(at(since)), "ends_at": instant_text(at(until)),
            "guests": guests, "expires_at": instant_text(expires), "made_by": by,
        }  # fmt: skip
        self.view.put(self.ids, entry, "hold")
        return self.ids

    def block(self, since: str, until: str, *tables: int) -> int:
        self.ids += 1
        entry = {
            "tables": list(tables), "starts_at": instant_text(at(since)), "ends_at": instant_text(at(until)),
            "revision": 1,
        }  # fmt: skip
        self.view.put(self.ids, entry, "block")
        return self.ids

    def wait(self, place: int, status: str = "waiting") -> int:
        self.ids += 1
        entry: dict[str, Any] = {
            "guest_id": self.ids, "guests": 2, "status": status, "place": place, "joined_at": instant_text(at("18:00")),
            "quoted_from": None, "quoted_until": None, "promised_until": None, "area_id": None, "revision": 3,
        }  # fmt: skip
        self.view.put(self.ids, entry, "wait")
        return self.ids

    def keep(self, now: datetime) -> list[str]:
        """Write all that is due; the kinds of its events."""
        before = len(self.kinds)
        for change in housekeeping.due(self.shown, MAIN, self.rules, now):
            self.write(change, now)
        return self.kinds[before:]

    def check(self) -> None:
        """No table is taken twice at any time."""
        for taken in self.view.taken.values():
            assert all(first[1] <= second[0] for first, second in pairwise(taken)), taken
