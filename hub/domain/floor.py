"""The floor: areas, the tables that can be booked and the combinations of them, of one venue, at one version of its
stream. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hub.domain.events import ApplyResult, Event, check_continuity

KINDS: dict[str, str] = {
    **dict.fromkeys(("table_added", "table_changed", "table_removed"), "table"),
    **dict.fromkeys(("area_added", "area_changed", "area_removed"), "area"),
    **dict.fromkeys(("combined", "combo_changed", "combo_removed"), "combination"),
}
"""The kinds of the floor's events that this release can apply, and what each is about."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands on the plan of its area: ``x``, ``y``, ``width`` and ``height`` in per mille of the plan,
    ``turn`` in degrees. ``shape`` is ``rect`` or ``round``."""

    x: int
    y: int
    width: int
    height: int
    shape: str = "rect"
    turn: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be booked: its id, its name, and 1–20 seats. ``revision`` counts its changes, from 1."""

    id: int
    name: str
    seats: int
    revision: int = 1
    area_id: int | None = None
    place: Place | None = None

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "seats": self.seats}

    def entry(self) -> dict[str, Any]:
        """What events and checkpoints say of it; what few tables have is there only where they have it."""
        entry: dict[str, Any] = {"name": self.name, "seats": self.seats, "revision": self.revision}
        if self.area_id is not None:
            entry["area_id"] = self.area_id
        if self.place is not None:
            entry["place"] = self.place.as_json()
        return entry

    @classmethod
    def parse(cls, id: int, entry: Mapping[str, Any]) -> Table:
        place = entry.get("place")
        return cls(
            id, entry["name"], entry["seats"], entry.get("revision", 1), entry.get("area_id"),
            None if place is None else Place(**place),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the room: areas are shown by ``rank``, then by name."""

    id: int
    name: str
    rank: int = 0
    revision: int = 1

    def entry(self) -> dict[str, Any]:
        return {"name": self.name, "rank": self.rank, "revision": self.revision}

    @classmethod
    def parse(cls, id: int, entry: Mapping[str, Any]) -> Area:
        return cls(id, entry["name"], entry["rank"], entry["revision"])


@dataclass(frozen=True, slots=True)
class Combination:
    """Tables that are pushed together for ``min_guests`` to ``max_guests``. ``tables`` are their ids, ascending."""

    id: int
    name: str
    tables: tuple[int, ...]
    min_guests: int
    max_guests: int
    revision: int = 1

    def entry(self) -> dict[str, Any]:
        return {
            "name": self.name, "tables": list(self.tables), "min_guests": self.min_guests,
            "max_guests": self.max_guests, "revision": self.revision,
        }  # fmt: skip

    @classmethod
    def parse(cls, id: int, entry: Mapping[str, Any]) -> Combination:
        return cls(
            id, entry["name"], tuple(entry["tables"]), entry["min_guests"], entry["max_guests"], entry["revision"]
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """What a party can be given: one table, or a combination. ``seats`` is for how many at most."""

    tables: tuple[Table, ...]
    seats: int

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(table.id for table in self.tables)

    def is_in(self, area_id: int) -> bool:
        return all(table.area_id == area_id for table in self.tables)


class FloorView:
    """All tables, areas and combinations at ``version``, whose last event has the id ``head``. ``by_size`` lists the
    tables smallest first, then by id: the order of choice everywhere."""

    def __init__(
        self,
        version: int,
        tables: Iterable[Table],
        head: int = 0,
        areas: Iterable[Area] = (),
        combinations: Iterable[Combination] = (),
    ) -> None:
        self.version = version
        self.head = head
        self.tables = {table.id: table for table in tables}
        self.areas = {area.id: area for area in areas}
        self.combinations = {each.id: each for each in combinations}
        self.by_size: list[Table] = []
        self._units: dict[int, list[Unit]] = {}
        self._steps: list[int] = []
        self._largest: dict[tuple[int, ...], int] = {}
        self._sort()

    def _sort(self) -> None:
        self.by_size = sorted(self.tables.values(), key=lambda table: (table.seats, table.id))
        self._units = {}
        self._steps = sorted(
            {table.seats + 1 for table in self.by_size}
            | {step for each in self.combinations.values() for step in (each.min_guests, each.max_guests + 1)}
        )
        self._largest = {}
        for each in self.combinations.values():
            self._largest[each.tables] = max(each.max_guests, self._largest.get(each.tables, 0))

    def apply(self, event: Event) -> ApplyResult:
        """Take the next event. Any verdict but APPLIED changes nothing."""
        verdict = check_continuity(self.version, self.head, event)
        if verdict is ApplyResult.APPLIED:
            try:
                subject = KINDS[event.kind]
                key, entry = int(event.data[subject]), event.data["entry"]
                parsed = None if entry is None else PARSED[subject].parse(key, entry)
            except (KeyError, TypeError, ValueError, AttributeError):
                return ApplyResult.UNREADABLE
            shown: dict[int, Any] = self._shown(subject)
            if parsed is None:
                shown.pop(key, None)
            else:
                shown[key] = parsed
            self._sort()
            self.version, self.head = event.version, event.id
        return verdict

    def _shown(self, subject: str) -> dict[int, Any]:
        every: dict[str, dict[int, Any]] = {
            "table": self.tables, "area": self.areas, "combination": self.combinations,
        }  # fmt: skip
        return every[subject]

    def touched(self, event: Event) -> tuple[str, int]:
        """What an event of this stream changes, ``table``, ``area`` or ``combination``, and its id. Raises KeyError,
        TypeError or ValueError for an event that can't be read."""
        subject = KINDS[event.kind]
        return subject, int(event.data[subject])

    def fitting(self, guests: int) -> list[Table]:
        """The tables with enough seats, smallest first, then by id."""
        return [table for table in self.by_size if table.seats >= guests]

    def units(self, guests: int) -> list[Unit]:
        """What a party of ``guests`` can be given, in the order of choice: single tables, smallest first, then by id;
        then combinations that are meant for so many, smallest first, of fewer tables first, then by id."""
        found = self._units.get(guests)
        if found is None:
            found = [Unit((table,), table.seats) for table in self.fitting(guests)]
            combined = [
                each
                for each in self.combinations.values()
                if each.min_guests <= guests <= each.max_guests and all(table in self.tables for table in each.tables)
            ]
            combined.sort(key=lambda each: (each.max_guests, len(each.tables), each.id))
            found += [Unit(tuple(self.tables[table] for table in each.tables), each.max_guests) for each in combined]
            self._units[guests] = found
        return found

    def least_alike(self, guests: int) -> int:
        """The smallest number of guests who can be given the same units: what is found for one holds for the other."""
        at = bisect_right(self._steps, guests)
        return self._steps[at - 1] if at else 0

    def largest(self, table_ids: tuple[int, ...]) -> int | None:
        """For how many at most just these tables, by id, are combined; None: they are not."""
        return self._largest.get(table_ids)

    def combined(self, guests: int) -> list[Unit]:
        """The combinations among the units, in the same order."""
        return [unit for unit in self.units(guests) if len(unit.tables) > 1]

    def project(self, touched: Iterable[tuple[str, int]] | None = None) -> dict[str, Any]:
        """The channel's data: {tables, areas, combinations}, each {id: what it is, or null}; all of them, or those
        named, and then no key for a part of which none is named."""
        found: dict[str, Any] = {}
        for subject, part in PARTS.items():
            shown = self._shown(subject)
            ids = shown if touched is None else [id for each, id in touched if each == subject]
            if touched is None or ids:
                found[part] = {str(id): _shown(shown[id]) if id in shown else None for id in sorted(ids)}
        return found

    def checkpoint(self) -> dict[str, Any]:
        """What :meth:`restore` takes: JSON-ready."""
        return {
            "version": self.version,
            "head": self.head,
            "tables": [[table.id, table.entry()] for table in self.by_size],
            "areas": [[id, area.entry()] for id, area in sorted(self.areas.items())],
            "combinations": [[id, each.entry()] for id, each in sorted(self.combinations.items())],
        }

    @classmethod
    def restore(cls, saved: dict[str, Any]) -> FloorView:
        return cls(
            saved["version"],
            (Table.parse(id, entry) for id, entry in saved["tables"]),
            saved["head"],
            (Area.parse(id, entry) for id, entry in saved["areas"]),
            (Combination.parse(id, entry) for id, entry in saved["combinations"]),
        )


PARSED: dict[str, type[Table] | type[Area] | type[Combination]] = {
    "table": Table, "area": Area, "combination": Combination,
}  # fmt: skip
PARTS = {"table": "tables", "area": "areas", "combination": "combinations"}
"""The keys of the channel's data, by what an event is about."""


def _shown(item: Table | Area | Combination) -> dict[str, Any]:
    if isinstance(item, Table):
        place = item.place and item.place.as_json()
        return {"name": item.name, "seats": item.seats, "area_id": item.area_id, "place": place}
    return {name: value for name, value in item.entry().items() if name != "revision"}
