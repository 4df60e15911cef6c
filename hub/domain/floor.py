"""The floor: the tables that can be booked, of one venue, at one version of its stream. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hub.domain.events import ApplyResult, Event, check_continuity

KINDS = frozenset({"table_added", "table_changed", "table_removed"})
"""The kinds of the floor's events that this release can apply."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be booked: its id, its name, and 1–20 seats. ``revision`` counts its changes, from 1."""

    id: int
    name: str
    seats: int
    revision: int = 1

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "seats": self.seats}


class FloorView:
    """All tables at ``version``, whose last event has the id ``head``. ``by_size`` lists them smallest first, then by
    id: the order of choice everywhere."""

    def __init__(self, version: int, tables: Iterable[Table], head: int = 0) -> None:
        self.version = version
        self.head = head
        self.tables = {table.id: table for table in tables}
        self.by_size: list[Table] = []
        self._sort()

    def _sort(self) -> None:
        self.by_size = sorted(self.tables.values(), key=lambda table: (table.seats, table.id))

    def apply(self, event: Event) -> ApplyResult:
        """Take the next event. Any verdict but APPLIED changes nothing."""
        verdict = check_continuity(self.version, self.head, event)
        if verdict is ApplyResult.APPLIED:
            if event.kind not in KINDS:
                return ApplyResult.UNREADABLE
            try:
                key, entry = int(event.data["table"]), event.data["entry"]
                table = None if entry is None else Table(key, entry["name"], entry["seats"], entry.get("revision", 1))
            except (KeyError, TypeError, ValueError, AttributeError):
                return ApplyResult.UNREADABLE
            if table is None:
                self.tables.pop(key, None)
            else:
                self.tables[key] = table
            self._sort()
            self.version, self.head = event.version, event.id
        return verdict

    def touched(self, event: Event) -> int:
        """The id of the table that an event of this stream changes."""
        return int(event.data["table"])

    def fitting(self, guests: int) -> list[Table]:
        """The tables with enough seats, smallest first, then by id."""
        return [table for table in self.by_size if table.seats >= guests]

    def project(self, ids: Iterable[int] | None = None) -> dict[str, Any]:
        """The channel's data: {tables: {id: {name, seats} or null}}; all of them, or those named."""
        chosen = self.tables if ids is None else ids
        return {
            "tables": {
                str(key): {"name": table.name, "seats": table.seats} if (table := self.tables.get(key)) else None
                for key in sorted(chosen)
            }
        }

    def checkpoint(self) -> dict[str, Any]:
        """What :meth:`restore` takes: JSON-ready."""
        tables = [[t.id, t.name, t.seats, t.revision] for t in self.by_size]
        return {"version": self.version, "head": self.head, "tables": tables}

    @classmethod
    def restore(cls, saved: dict[str, Any]) -> FloorView:
        return cls(saved["version"], (Table(*row) for row in saved["tables"]), saved["head"])
