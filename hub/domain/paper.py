"""A service day on paper: who comes by time and by table, and what changed since an earlier paper. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.domain.day import DayView, Entry
from hub.domain.floor import FloorView
from hub.domain.lifecycle import ACTIVE
from hub.domain.shown import UNTOLD, BookingTexts, Names, Texts


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One party. ``needs`` are codes; ``tables`` are names."""

    booking_id: int
    starts_at: datetime
    ends_at: datetime
    guests: int
    name: str
    phone: str | None
    tables: tuple[str, ...]
    status: str
    texts: BookingTexts


@dataclass(frozen=True, slots=True)
class Difference:
    """How a party is now, and was on the earlier paper; None: it is not there (any more)."""

    now: PaperLine | None
    before: PaperLine | None


def lines(day: DayView, floor: FloorView, names: Names, texts: Texts) -> list[PaperLine]:
    """The parties that are expected or here, by time, then by name."""
    found = [
        _line(id, entry, floor, names, texts.bookings.get(id, UNTOLD))
        for id, entry in day.entries.items()
        if entry.status in ACTIVE
    ]
    return sorted(found, key=lambda line: (line.starts_at, line.name, line.booking_id))


def by_table(found: list[PaperLine], floor: FloorView) -> Mapping[str, list[PaperLine]]:
    """The parties of each table, by the tables' names; tables without any too, since a host looks for those."""
    names = sorted((table.name for table in floor.tables.values()), key=_natural)
    shown: dict[str, list[PaperLine]] = {name: [] for name in names}
    for line in found:
        for name in line.tables:
            shown.setdefault(name, []).append(line)
    return shown


def differences(before: list[PaperLine], now: list[PaperLine]) -> list[Difference]:
    """What another paper would say otherwise: parties that are new, gone, or at another time or table, or more or
    fewer; by time. A party that arrived or sat down is where it was."""
    was, found = {line.booking_id: line for line in before}, {line.booking_id: line for line in now}
    changed = [
        Difference(found.get(id), was.get(id))
        for id in was.keys() | found.keys()
        if _said(was.get(id)) != _said(found.get(id))
    ]
    return sorted(changed, key=_when)


def _when(each: Difference) -> tuple[datetime, int]:
    line = each.now or each.before
    assert line is not None
    return line.starts_at, line.booking_id


def _said(line: PaperLine | None) -> tuple[object, ...] | None:
    return None if line is None else (line.starts_at, line.guests, line.tables)


def _line(id: int, entry: Entry, floor: FloorView, names: Names, texts: BookingTexts) -> PaperLine:
    name, phone = names[entry.guest_id]
    tables = tuple(table.name for id in entry.tables if (table := floor.tables.get(id)) is not None)
    return PaperLine(id, entry.starts_at, entry.ends_at, entry.guests, name, phone, tables, entry.status, texts)


def _natural(name: str) -> tuple[object, ...]:
    """T2-10 comes after T2-9."""
    parts: list[object] = []
    digits = ""
    for character in f"{name} ":
        if character.isdecimal():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, character))
    return tuple(parts)
