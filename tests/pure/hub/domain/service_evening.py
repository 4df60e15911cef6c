"""A house with an evening on: what its staff do in the room, decided and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hub.domain import decisions, moves, service, undo
from hub.domain.change import Change, Party
from hub.domain.day import Entry
from hub.domain.floor import Combination, FloorView, Table
from hub.domain.stays import fitted
from hub.errors import HubError
from tests.pure.hub.domain.house import RULES, TUESDAY, WALK_IN, House

ROOM = [Table(1, "T2-1", 2), Table(2, "T2-2", 2), Table(3, "T4-1", 4), Table(4, "T6-1", 6)]
PAIR = Combination(9, "The two", (1, 2), 3, 4)
MINUTE = timedelta(minutes=1)
STAYS = fitted({}, RULES.slot)


def at(text: str, day: date = TUESDAY) -> datetime:
    return datetime.fromisoformat(f"{day} {text}+00:00").astimezone(UTC)


@dataclass
class Evening(House):
    room: FloorView = field(default_factory=lambda: FloorView(len(ROOM), ROOM, combinations=[PAIR]))
    guest: Party = WALK_IN

    @property
    def how(self) -> dict[str, Any]:
        return {"stays": STAYS, "rules": self.rules, "now": self.now}

    def entry(self, booking: int) -> Entry:
        return self.view(self.seen[booking].service_date).entries[booking]

    def today(self) -> date:
        return service.calendar.service_day(self.now, self.rules)

    def walk_in(
        self, guests: int = 2, tables: Sequence[int] | None = None, minutes: int | None = None, day: date | None = None
    ) -> Change:
        return service.walk_in(
            self.day(day or self.today()), self.room, venue_id=self.venue_id, party=self.guest, guests=guests,
            table_ids=tables, minutes=minutes, rules=self.rules, now=self.now,
        )  # fmt: skip

    def step(
        self, what: str, booking: int, tables: Sequence[int] | None = None, minutes: int = 30, *, short: bool = False
    ) -> Change:
        """arrive, seat, finish, no_show, undo, extend, cancel (by staff)."""
        seen, now, rules = self.seen[booking], self.now, self.rules
        day = self.day(seen.service_date)
        match what:
            case "arrive":
                return service.arrive(seen, day.day_view, rules=rules, now=now)
            case "seat":
                return service.seat(seen, day, self.room, table_ids=tables, short=short, rules=rules, now=now)
            case "finish":
                return service.finish(seen, day.day_view, now=now)
            case "no_show":
                return service.mark_no_show(seen, day.day_view, now=now)
            case "undo":
                with_it = seen.canceled.undo if seen.canceled else self.entry(booking).undo
                other = self.seen.get(with_it.swap_with) if with_it and with_it.swap_with else None
                back = self.day(with_it.back_to) if with_it and with_it.back_to else None
                return undo.undo(seen, day, self.room, other=other, back_to=back, **self.how)
            case "extend":
                return service.extend(seen, day, self.room, minutes=minutes, rules=rules, now=now)
        assert what == "cancel"
        return decisions.cancel(seen, day.day_view, staff=True, rules=rules, now=now)

    def at_tables(self, booking: int, tables: Sequence[int] | None = None, pinned: bool | None = None) -> Change:
        seen = self.seen[booking]
        return moves.move(
            seen, self.day(seen.service_date), self.room, table_ids=tables, pinned=pinned, rules=self.rules,
            now=self.now,
        )  # fmt: skip

    def swap(self, booking: int, other: int) -> Change:
        seen = self.seen[booking]
        return moves.swap(
            seen, self.seen[other], self.day(seen.service_date), self.room, rules=self.rules, now=self.now
        )

    def does(self, what: str, booking: int, tables: Sequence[int] | None = None, minutes: int = 30) -> Entry:
        """Decide and write; what its day shows then."""
        self.commit(self.step(what, booking, tables, minutes))
        return self.entry(booking)


def come(house: Evening, clock: str) -> Evening:
    house.now = at(clock)
    return house


def held(house: Evening, booking: int) -> list[tuple[int, str, str]]:
    return [(table, f"{since:%H:%M}", f"{until:%H:%M}") for table, since, until in house.entry(booking).occupied]


def refused(error: type[HubError], call: Any, *given: Any, **more: Any) -> HubError:
    with pytest.raises(HubError) as found:
        call(*given, **more)
    assert type(found.value) is error, found.value
    return found.value
