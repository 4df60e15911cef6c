"""A service day on paper: who comes by time and by table, which tables are closed, who waits; and what changed since an
earlier paper. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeAlias, TypeVar

from hub.domain.day import DayView, Entry
from hub.domain.floor import FloorView
from hub.domain.shown import UNTOLD, BookingTexts, Names, Texts

LATE_AFTER = timedelta(minutes=15)
"""So long after its start a party that has not come is late, as at the stand (hub/web/src/stand/model/phase.ts)."""
AWAY = "no_show"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One party. ``starts_at`` is what was promised; it has its tables from ``since``, when it sat down or is to, to
    ``until``, when it left or is to. ``tables`` are names; ``state`` is its status, or late, or overdue."""

    booking_id: int
    guest_id: int
    starts_at: datetime
    since: datetime
    until: datetime
    guests: int
    name: str
    phone: str | None
    tables: tuple[str, ...]
    status: str
    state: str
    texts: BookingTexts


@dataclass(frozen=True, slots=True)
class Closed:
    """Tables that are closed for a while."""

    block_id: int
    since: datetime
    until: datetime
    tables: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Waits:
    """A party on the waitlist."""

    entry_id: int
    guest_id: int
    place: int
    guests: int
    name: str
    phone: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of a day, also of those who did not come: :attr:`lines` are without them."""

    parties: Sequence[PaperLine]
    closed: Sequence[Closed]
    waits: Sequence[Waits]

    @property
    def lines(self) -> list[PaperLine]:
        """The parties that are expected, here, or have left, by time, then by name."""
        return [line for line in self.parties if line.status != AWAY]


T = TypeVar("T", "PaperLine", "Closed", "Waits")


@dataclass(frozen=True, slots=True)
class Differing(Generic[T]):
    """How something is now, and was on the earlier paper; None: it is not there (any more). ``what``: new, gone,
    changed, or the status that a party got."""

    what: str
    now: T | None
    before: T | None


@dataclass(frozen=True, slots=True)
class Differences:
    """What another paper says otherwise: of parties, by time; of closed tables; and of who waits."""

    parties: Sequence[Differing[PaperLine]]
    closed: Sequence[Differing[Closed]]
    waits: Sequence[Differing[Waits]]

    def __bool__(self) -> bool:
        return bool(self.parties or self.closed or self.waits)


def sheet(day: DayView, floor: FloorView, names: Names, texts: Texts, now: datetime) -> Sheet:
    """A day at a moment. Raises KeyError for a guest whose name is not there."""
    parties = [_line(id, entry, floor, names, texts.bookings.get(id, UNTOLD), now) for id, entry in day.entries.items()]
    closed = [
        Closed(id, block.starts_at, block.ends_at, _names(block.tables, floor), texts.blocks.get(id, ""))
        for id, block in day.blocks.items()
    ]
    waits = [
        Waits(id, each.guest_id, each.place, each.guests, *names[each.guest_id], each.status)
        for id, each in day.waitlist.items()
    ]
    return Sheet(
        sorted(parties, key=lambda line: (line.starts_at, line.name, line.booking_id)),
        sorted(closed, key=lambda each: (each.since, each.block_id)),
        sorted(waits, key=lambda each: (each.place, each.entry_id)),
    )


Row: TypeAlias = tuple[str, int, list[PaperLine | Closed]]
"""A table with its seats, and who sits there, or why nobody does, by time. One that is there no more has 0 seats."""


def by_table(found: Sheet, floor: FloorView) -> list[Row]:
    """By the tables' names; tables without anybody too, since a host looks for those."""
    seats = {table.name: table.seats for table in floor.tables.values()}
    shown: dict[str, list[PaperLine | Closed]] = {name: [] for name in sorted(seats, key=_natural)}
    together: list[PaperLine | Closed] = [*found.lines, *found.closed]
    for each in sorted(together, key=lambda each: each.since):
        for name in each.tables:
            shown.setdefault(name, []).append(each)
    return [(name, seats.get(name, 0), there) for name, there in shown.items()]


def differences(before: Sheet, now: Sheet) -> Differences:
    """Parties that are new, gone, at another time or table, more or fewer, or that came, sat down, left or did not
    come; tables that were closed or opened; who waits or waits no more. Another place in the queue is none."""
    return Differences(
        _changes(before.parties, now.parties, lambda line: (line.booking_id, line.starts_at), _said),
        _changes(before.closed, now.closed, lambda each: (each.block_id, each.since), lambda each: ""),
        _changes(before.waits, now.waits, lambda each: (each.entry_id, each.place), lambda each: each.guests),
    )


def _said(line: PaperLine) -> Hashable:
    return line.starts_at, line.guests, line.tables


def _changes(
    before: Sequence[T], now: Sequence[T], key: Callable[[T], tuple[int, Any]], said: Callable[[T], Hashable]
) -> list[Differing[T]]:
    """By what stands second in their keys; the first is their id."""
    was, found = {key(each)[0]: each for each in before}, {key(each)[0]: each for each in now}
    changes: list[tuple[Any, int, Differing[T]]] = []
    for id in was.keys() | found.keys():
        what = _what(was.get(id), found.get(id), said)
        if what is not None:
            shown = found.get(id) or was[id]
            changes.append((key(shown)[1], id, Differing(what, found.get(id), was.get(id))))
    return [change for *_, change in sorted(changes, key=lambda each: each[:2])]


def _what(before: T | None, now: T | None, said: Callable[[T], Hashable]) -> str | None:
    """None: nothing."""
    if before is None or now is None:
        return "new" if before is None else "gone"
    status = getattr(now, "status", "")
    if status != getattr(before, "status", ""):
        return str(status)
    return "changed" if said(before) != said(now) else None


def _line(id: int, entry: Entry, floor: FloorView, names: Names, texts: BookingTexts, now: datetime) -> PaperLine:
    state = entry.status
    if state == "booked" and now >= entry.starts_at + LATE_AFTER:
        state = "late"
    elif state == "seated" and now > entry.ends_at:
        state = "overdue"
    return PaperLine(
        id, entry.guest_id, entry.starts_at, *_stay(entry), entry.guests, *names[entry.guest_id],
        _names(entry.tables, floor), entry.status, state, texts,
    )  # fmt: skip


def _stay(entry: Entry) -> tuple[datetime, datetime]:
    """When it has its tables, or had them, as at the stand (hub/web/src/stand/model/phase.ts). Who came early and left
    before the booked start, without having sat, was here from its arrival."""
    since, until = entry.seated_at or entry.starts_at, entry.left_at or entry.ends_at
    return (since, until) if since <= until else (entry.arrived_at or until, until)


def _names(ids: Iterable[int], floor: FloorView) -> tuple[str, ...]:
    return tuple(table.name for id in ids if (table := floor.tables.get(id)) is not None)


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
