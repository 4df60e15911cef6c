"""The floor's tables: list, add, change, remove; and how any change of the floor is written: as one or more events of
its stream. (hub.commands.areas, hub.commands.combinations: the rest of the floor.)

Whoever books judges by that stream's version too, so no booking can take a table while it is changed; and the commit of
a change looks at the occupancies that are there then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar, Unpack

from hub.domain import floor_decisions
from hub.domain.change import Change
from hub.domain.floor import Area, Combination, FloorView, Place, Table
from hub.domain.floor_decisions import Standing
from hub.errors import NotFound
from hub.security import Identity
from hub.store import database, floors
from hub.store.keys import Key
from hub.views.context import VenueContext
from hub.views.writes import Done, Write
from models import TableModel

T = TypeVar("T", Table, Area, Combination)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """A table, an area or a combination after a write. ``replayed``: this is the first answer to a request that came
    again with its key."""

    item: T
    replayed: bool = False


async def list_tables(context: VenueContext) -> list[Table]:
    """The tables that are not retired, by id."""
    rows = await database.ask(TableModel.filter(venue_id=context.id, retired_at=None).order_by("id"))
    return [_from_row(row) for row in rows]


async def read(
    context: VenueContext, part: Literal["tables", "areas", "combinations"], id: int
) -> Table | Area | Combination:
    """One thing of the floor. Raises NotFound, also for one that is retired."""
    found: Table | Area | Combination | None = getattr(await floors.read(context.id), part).get(id)
    if found is None:
        raise NotFound(f"There is no such {part[:-1]}.")
    return found


def _from_row(row: TableModel) -> Table:
    return Table(row.id, row.name, row.seats, row.revision, row.area_id, row.place and Place(**row.place))


async def add_table(
    context: VenueContext,
    *,
    by: Identity,
    name: str,
    seats: int,
    request_id: str | None = None,
    key: Key | None = None,
    **standing: Unpack[Standing],
) -> Answered[Table]:
    """A new table. Raises NameTaken, and NotFound for the area."""
    return _table(
        await write(
            context, by, request_id, key,
            lambda floor: floor_decisions.add_table(floor, context.id, name=name, seats=seats, **standing),
        )
    )  # fmt: skip


async def change_table(
    context: VenueContext,
    *,
    by: Identity,
    table_id: int,
    name: str | None = None,
    seats: int | None = None,
    revisions: frozenset[int] | None = None,
    clamp: bool = False,
    request_id: str | None = None,
    key: Key | None = None,
    **standing: Unpack[Standing],
) -> Answered[Table]:
    """Another name, number of seats, area or place; with ``clamp`` its combinations are for as many guests as they then
    have seats for. Raises TableInUse when a future booking would not fit, and what
    hub.domain.floor_decisions.change_table raises."""
    return _table(
        await write(
            context, by, request_id, key,
            lambda floor: floor_decisions.change_table(
                floor, context.id, table_id, name=name, seats=seats, revisions=revisions, clamp=clamp, **standing
            ),
        )
    )  # fmt: skip


async def remove_table(
    context: VenueContext,
    *,
    by: Identity,
    table_id: int,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Answered[Table]:
    """Retire a table and the combinations with it. Raises NotFound, TableInUse while a present or future booking holds
    it, and Changed when the table is at another revision than these."""
    return _table(
        await write(
            context, by, request_id, key,
            lambda floor: floor_decisions.remove_table(floor, context.id, table_id, revisions),
        )
    )  # fmt: skip


async def write(
    context: VenueContext, by: Identity, request_id: str | None, key: Key | None, decide: Callable[[FloorView], Change]
) -> Done:
    """One change of the floor."""
    return await context.writes.submit(
        Write((context.floor_stream,), lambda views, now: decide(views.floor), by.user_id, request_id, key=key)
    )


def _table(done: Done) -> Answered[Table]:
    assert done.change.table is not None
    return answered(done, done.change.table)


def answered(done: Done, item: T) -> Answered[T]:
    """``item`` is the one of the change that was asked for."""
    written = done.written
    return Answered(item) if written is None else Answered(replace(item, id=written.id), written.replayed)
