"""What each verb does to the floor: tables, areas, combinations. Pure; see hub.domain.decisions."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.change import NEW, Change, NewEvent
from hub.domain.events import floor_of
from hub.domain.floor import FloorView, Table
from hub.domain.text import folded
from hub.errors import Changed, NameTaken, NotFound


def add_table(floor: FloorView, venue_id: int, *, name: str, seats: int) -> Change:
    """A new table. Raises NameTaken."""
    _check_name(floor, name)
    return _of_table(venue_id, "table_added", Table(NEW, name, seats))


def change_table(
    floor: FloorView,
    venue_id: int,
    table_id: int,
    *,
    name: str | None,
    seats: int | None,
    revisions: frozenset[int] | None = None,
) -> Change:
    """Another name or number of seats; None: as it is. Raises NotFound, NameTaken, and Changed for a table at another
    revision than these. That every booking still fits is a condition of the change."""
    old = _table(floor, table_id, revisions)
    new = replace(old, name=old.name if name is None else name, seats=old.seats if seats is None else seats)
    if new == old:
        return Change(table=old)
    if new.name != old.name:
        _check_name(floor, new.name, but=table_id)
    return _of_table(
        venue_id,
        "table_changed",
        replace(new, revision=old.revision + 1),
        free=(table_id, new.seats) if new.seats < old.seats else None,
    )


def remove_table(floor: FloorView, venue_id: int, table_id: int, revisions: frozenset[int] | None = None) -> Change:
    """Retire a table. Raises NotFound and Changed. That no booking holds it now or later is a condition."""
    old = _table(floor, table_id, revisions)
    removed = replace(old, revision=old.revision + 1)
    return _of_table(venue_id, "table_removed", removed, retired=True, free=(table_id, 0))


def _of_table(
    venue_id: int, kind: str, table: Table, *, retired: bool = False, free: tuple[int, int] | None = None
) -> Change:
    entry = None if retired else {"name": table.name, "seats": table.seats, "revision": table.revision}
    event = NewEvent(floor_of(venue_id), kind, {"table": table.id or None, "entry": entry})
    return Change(table=table, retired=retired, events=[event], free=free)


def _table(floor: FloorView, table_id: int, revisions: frozenset[int] | None) -> Table:
    found = floor.tables.get(table_id)
    if found is None:
        raise NotFound("There is no such table.")
    if revisions is not None and found.revision not in revisions:
        raise Changed(present=found)
    return found


def _check_name(floor: FloorView, name: str, but: int = 0) -> None:
    """Raises NameTaken when people would take another table's name for this one."""
    if any(folded(table.name) == folded(name) for table in floor.tables.values() if table.id != but):
        raise NameTaken()
