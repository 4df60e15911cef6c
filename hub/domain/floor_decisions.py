"""What each verb does to the floor: tables, areas, combinations. Pure; see hub.domain.decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict, TypeVar, Unpack

from hub.domain import combinations
from hub.domain.change import NEW, Change, NewEvent
from hub.domain.events import floor_of
from hub.domain.floor import Area, Combination, FloorView, Place, Table
from hub.domain.text import folded
from hub.errors import Changed, CombinationInvalid, NameTaken, NotFound, TableInUse

T = TypeVar("T", Table, Area, Combination)


class Standing(TypedDict, total=False):
    """Where a table is to stand; what is left out stays as it is."""

    area_id: int | None
    place: Place | None


class CombinationChange(TypedDict, total=False):
    """What a combination is to be; what is left out stays as it is. A ``name`` of None is made of its tables' names."""

    name: str | None
    table_ids: Sequence[int]
    min_guests: int
    max_guests: int


# -- tables


def add_table(floor: FloorView, venue_id: int, *, name: str, seats: int, **standing: Unpack[Standing]) -> Change:
    """A new table. Raises NameTaken, and NotFound for the area."""
    table = replace(Table(NEW, name, seats), **standing)
    _check_name(floor.tables.values(), name)
    _check_area(floor, table)
    return Change(table=table, events=[_event(venue_id, "table_added", "table", table)])


def change_table(
    floor: FloorView,
    venue_id: int,
    table_id: int,
    *,
    name: str | None = None,
    seats: int | None = None,
    revisions: frozenset[int] | None = None,
    clamp: bool = False,
    **standing: Unpack[Standing],
) -> Change:
    """Another name (None: as it is), number of seats, area or place. A combination that was named by its tables gets
    their names as they are now; with ``clamp`` one that they have too few seats for is for fewer guests from now on.

    Raises NotFound for the table or the area, NameTaken, Changed for a table at another revision than these, and
    CombinationInvalid when a combination with it would break a rule (with ``clamped_to`` where clamping helps). That
    every booking still fits is a condition of the change.
    """
    old = _found(floor.tables, table_id, revisions, "table")
    new = replace(old, name=old.name if name is None else name, seats=old.seats if seats is None else seats, **standing)
    if new == old:
        return Change(table=old)
    if new.name != old.name:
        _check_name(floor.tables.values(), new.name, but=table_id)
    if new.area_id != old.area_id:
        _check_area(floor, new)
    new = replace(new, revision=old.revision + 1)
    tables = {**floor.tables, table_id: new}
    follow = []
    for each in _combined(floor, table_id):
        wanted = each
        if each.name == combinations.made_name(each.tables, floor.tables):
            wanted = replace(wanted, name=combinations.made_name(each.tables, tables))
        fitting = combinations.clamped(wanted, tables)
        if clamp:
            wanted = fitting
        try:
            combinations.check(wanted, tables, named=True)
        except CombinationInvalid as refusal:
            if combinations.broken_rule(fitting, tables) is None:
                refusal.extra["clamped_to"] = fitting.max_guests
            raise
        if wanted != each:
            follow.append(replace(wanted, revision=each.revision + 1))
    return Change(
        table=new,
        combinations=follow,
        events=[
            _event(venue_id, "table_changed", "table", new),
            *(_event(venue_id, "combo_changed", "combination", each) for each in follow),
        ],
        free=(table_id, new.seats) if new.seats < old.seats else None,
    )


def remove_table(floor: FloorView, venue_id: int, table_id: int, revisions: frozenset[int] | None = None) -> Change:
    """Retire a table, and every combination with it. Raises NotFound and Changed. That no booking holds it now or later
    is a condition."""
    old = _found(floor.tables, table_id, revisions, "table")
    removed = replace(old, revision=old.revision + 1)
    without = [replace(each, revision=each.revision + 1) for each in _combined(floor, table_id)]
    return Change(
        table=removed,
        combinations=without,
        retired=True,
        events=[
            *(_event(venue_id, "combo_removed", "combination", each, gone=True) for each in without),
            _event(venue_id, "table_removed", "table", removed, gone=True),
        ],
        free=(table_id, 0),
    )


# -- areas


def add_area(floor: FloorView, venue_id: int, *, name: str, rank: int = 0) -> Change:
    """A new area. Raises NameTaken."""
    _check_name(floor.areas.values(), name, what="An area")
    area = Area(NEW, name, rank)
    return Change(area=area, events=[_event(venue_id, "area_added", "area", area)])


def change_area(
    floor: FloorView,
    venue_id: int,
    area_id: int,
    *,
    name: str | None = None,
    rank: int | None = None,
    revisions: frozenset[int] | None = None,
) -> Change:
    """Another name or rank; None: as it is. Raises NotFound, NameTaken and Changed."""
    old = _found(floor.areas, area_id, revisions, "area")
    new = replace(old, name=old.name if name is None else name, rank=old.rank if rank is None else rank)
    if new == old:
        return Change(area=old)
    if new.name != old.name:
        _check_name(floor.areas.values(), new.name, but=area_id, what="An area")
    new = replace(new, revision=old.revision + 1)
    return Change(area=new, events=[_event(venue_id, "area_changed", "area", new)])


def remove_area(floor: FloorView, venue_id: int, area_id: int, revisions: frozenset[int] | None = None) -> Change:
    """Retire an area. Raises NotFound, Changed, and TableInUse while tables stand in it."""
    old = _found(floor.areas, area_id, revisions, "area")
    if any(table.area_id == area_id for table in floor.tables.values()):
        raise TableInUse("Tables stand in this area. Give them another one, or none, first.")
    removed = replace(old, revision=old.revision + 1)
    event = _event(venue_id, "area_removed", "area", removed, gone=True)
    return Change(area=removed, retired=True, events=[event])


# -- combinations


def add_combination(
    floor: FloorView,
    venue_id: int,
    *,
    table_ids: Sequence[int],
    min_guests: int,
    max_guests: int,
    name: str | None = None,
) -> Change:
    """A new combination; without a name it is named by its tables. Raises CombinationInvalid."""
    ids = tuple(sorted(set(table_ids)))
    made = Combination(NEW, name or combinations.made_name(ids, floor.tables), ids, min_guests, max_guests)
    combinations.check(made, floor.tables, floor.combinations.values())
    return Change(combinations=[made], events=[_event(venue_id, "combined", "combination", made)])


def change_combination(
    floor: FloorView,
    venue_id: int,
    combination_id: int,
    *,
    revisions: frozenset[int] | None = None,
    **wanted: Unpack[CombinationChange],
) -> Change:
    """Other tables, numbers of guests or name. Bookings keep the tables that they have. Raises NotFound, Changed and
    CombinationInvalid."""
    old = _found(floor.combinations, combination_id, revisions, "combination")
    ids = tuple(sorted(set(wanted.get("table_ids", old.tables))))
    is_made = old.name == combinations.made_name(old.tables, floor.tables)
    name = wanted.get("name", None if is_made else old.name) or combinations.made_name(ids, floor.tables)
    new = replace(
        old,
        name=name,
        tables=ids,
        min_guests=wanted.get("min_guests", old.min_guests),
        max_guests=wanted.get("max_guests", old.max_guests),
    )
    if new == old:
        return Change(combinations=[old])
    combinations.check(new, floor.tables, floor.combinations.values())
    new = replace(new, revision=old.revision + 1)
    return Change(combinations=[new], events=[_event(venue_id, "combo_changed", "combination", new)])


def remove_combination(
    floor: FloorView, venue_id: int, combination_id: int, revisions: frozenset[int] | None = None
) -> Change:
    """Retire a combination. Bookings keep the tables that they have. Raises NotFound and Changed."""
    old = _found(floor.combinations, combination_id, revisions, "combination")
    removed = replace(old, revision=old.revision + 1)
    event = _event(venue_id, "combo_removed", "combination", removed, gone=True)
    return Change(combinations=[removed], retired=True, events=[event])


# -- what they share


def _event(venue_id: int, kind: str, subject: str, item: Table | Area | Combination, *, gone: bool = False) -> NewEvent:
    return NewEvent(floor_of(venue_id), kind, {subject: item.id or None, "entry": None if gone else item.entry()})


def _found(items: Mapping[int, T], id: int, revisions: frozenset[int] | None, what: str) -> T:
    found = items.get(id)
    if found is None:
        raise NotFound(f"There is no such {what}.")
    if revisions is not None and found.revision not in revisions:
        raise Changed(present=found)
    return found


def _check_name(items: Iterable[Table] | Iterable[Area], name: str, *, but: int = 0, what: str = "A table") -> None:
    """Raises NameTaken when people would take another one's name for this one."""
    if any(folded(each.name) == folded(name) for each in items if each.id != but):
        raise NameTaken(f"{what} with this name exists already.")


def _check_area(floor: FloorView, table: Table) -> None:
    if table.area_id is not None and table.area_id not in floor.areas:
        raise NotFound("There is no such area.")


def _combined(floor: FloorView, table_id: int) -> list[Combination]:
    """The combinations with this table, by id."""
    return [each for _, each in sorted(floor.combinations.items()) if table_id in each.tables]
