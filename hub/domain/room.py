"""The tables of a service day at one moment: what is free from now on, and what is in the way. Pure.

A party that sits is there, whatever was planned: its tables are no one else's, also after its end. Without this a host
could seat two parties at one table, one of which stays longer than the plan says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from hub.domain.allocation import Day, check_seats, is_free, named_unit, units_in
from hub.domain.change import BookingRow
from hub.domain.day import Entry
from hub.domain.floor import FloorView, Unit
from hub.domain.held import BOOKING, Occupied
from hub.errors import SlotTaken, TableTooSmall

SHORTEST = timedelta(minutes=15)
"""No party is seated for less than this."""


class Room:
    """A day's tables at ``now``, as if the bookings ``but`` were not there. With a ``now`` of None whoever sits longer
    than planned counts by the plan alone."""

    def __init__(self, day: Day, now: datetime | None, but: Collection[int] = ()) -> None:
        self._holders: list[tuple[str, int, Occupied]] = []
        for view in (day.day_view, *day.beside):
            for id, entry in view.entries.items():
                if id not in but:
                    self._holders.append((BOOKING, id, entry.occupied if now is None else _held(entry, now)))
            for subject, shown in view.others.items():
                self._holders += [(subject, id, each.occupied) for id, each in shown.items()]

    def free_until(self, table_ids: Sequence[int], starts_at: datetime, wanted: datetime) -> datetime:
        """Until when all these tables are free from ``starts_at`` on, ``wanted`` at most; ``starts_at`` itself when one
        of them is taken then."""
        begins = [begins for begins, _, _ in self._hits(table_ids, starts_at, wanted)]
        return max(min(begins), starts_at) if begins else wanted

    def in_the_way(self, table_ids: Sequence[int], since: datetime, until: datetime) -> list[tuple[str, int]]:
        """What takes one of these tables then: (booking, block or hold, its id), by when it begins."""
        return [(subject, id) for _, subject, id in sorted(self._hits(table_ids, since, until))]

    def _hits(self, table_ids: Sequence[int], since: datetime, until: datetime) -> list[tuple[datetime, str, int]]:
        wanted, hits = set(table_ids), []
        for subject, id, held in self._holders:
            begins = [
                start for table, start, end in held if table in wanted and not is_free([(start, end)], since, until)
            ]
            if begins:
                hits.append((min(begins), subject, id))
        return hits

    def check(self, row: BookingRow) -> None:
        """Raises SlotTaken, with what is in the way, unless all that the booking takes is free."""
        if (held := row.occupied_from_until()) is not None:
            blocking = self.in_the_way([table.id for table in row.tables], *held)
            if blocking:
                raise SlotTaken(in_the_way=blocking)

    def unit(
        self,
        floor: FloorView,
        starts_at: datetime,
        wanted: datetime,
        guests: int,
        table_ids: Sequence[int] | None,
        area_id: int | None = None,
        exceed: Collection[str] | None = None,
    ) -> tuple[Unit, datetime]:
        """The tables for a party that sits from ``starts_at``, and until when; ``wanted`` at most. Without
        ``table_ids`` the first, in the order of choice, that are free for the whole time, else those that are free
        longest. ``exceed`` is as of hub.domain.allocation.check_seats. Raises NotFound, TableTooSmall, and SlotTaken,
        of named tables with what is in the way."""
        units = units_in(floor, guests, area_id) if table_ids is None else [named_unit(floor, table_ids)]
        if not units:
            raise TableTooSmall()
        if table_ids is not None:
            check_seats(units[0], guests, exceed)
        best: tuple[Unit, datetime] | None = None
        for unit in units:
            ends_at = self.free_until(unit.ids, starts_at, wanted)
            if ends_at == wanted:
                return unit, ends_at
            if ends_at - starts_at >= SHORTEST and (best is None or ends_at > best[1]):
                best = unit, ends_at
        if best is None and table_ids is not None:
            raise SlotTaken(in_the_way=self.in_the_way(table_ids, starts_at, min(wanted, starts_at + SHORTEST)))
        if best is None:
            raise SlotTaken()
        return best


def _held(entry: Entry, now: datetime) -> Occupied:
    """What a booking takes, and where its party sits longer than that."""
    if entry.status != "seated" or any(until > now for _, _, until in entry.occupied):
        return entry.occupied
    since = max((until for _, _, until in entry.occupied), default=entry.ends_at)
    return entry.occupied + tuple((table, since, now + SHORTEST) for table in entry.tables)
