"""The floor's tables: list, add, change, remove. Each writes one event to the floor's stream.

Whoever books judges by that stream's version too, so no booking can take a table while it is changed; and the commit of
a change looks at the occupancies that are there then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hub.domain import floor_decisions
from hub.domain.change import Change
from hub.domain.floor import FloorView, Table
from hub.errors import NotFound
from hub.security import Identity
from hub.store import database
from hub.store.keys import Key
from hub.views.context import VenueContext
from hub.views.writes import Done, Write
from models import TableModel


@dataclass(frozen=True, slots=True)
class Answered:
    """A table after a write. ``replayed``: this is the first answer to a request that came again with its key."""

    table: Table
    replayed: bool = False


async def list_tables(context: VenueContext) -> list[Table]:
    """The tables that are not retired, by id."""
    rows = await database.ask(TableModel.filter(venue_id=context.id, retired_at=None).order_by("id"))
    return [Table(row.id, row.name, row.seats, row.revision) for row in rows]


async def read_table(context: VenueContext, table_id: int) -> Table:
    """Raises NotFound, also for one that is retired."""
    row = await database.ask(TableModel.get_or_none(venue_id=context.id, id=table_id, retired_at=None))
    if row is None:
        raise NotFound("There is no such table.")
    return Table(row.id, row.name, row.seats, row.revision)


async def add_table(
    context: VenueContext, *, by: Identity, name: str, seats: int, request_id: str | None = None, key: Key | None = None
) -> Answered:
    """A new table. Raises NameTaken."""
    done = await _write(
        context, by, request_id, key, lambda floor: floor_decisions.add_table(floor, context.id, name=name, seats=seats)
    )
    return _answered(done)


async def change_table(
    context: VenueContext,
    *,
    by: Identity,
    table_id: int,
    name: str | None = None,
    seats: int | None = None,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Answered:
    """Another name or number of seats. Raises NotFound, NameTaken, TableInUse when a future booking would not fit, and
    Changed when the table is at another revision than these."""
    done = await _write(
        context,
        by,
        request_id,
        key,
        lambda floor: floor_decisions.change_table(
            floor, context.id, table_id, name=name, seats=seats, revisions=revisions
        ),
    )
    return _answered(done)


async def remove_table(
    context: VenueContext,
    *,
    by: Identity,
    table_id: int,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Answered:
    """Retire a table. Raises NotFound, TableInUse while a present or future booking holds it, and Changed when the
    table is at another revision than these."""
    done = await _write(
        context, by, request_id, key, lambda floor: floor_decisions.remove_table(floor, context.id, table_id, revisions)
    )
    return _answered(done)


async def _write(
    context: VenueContext, by: Identity, request_id: str | None, key: Key | None, decide: Callable[[FloorView], Change]
) -> Done:
    return await context.writes.submit(
        Write((context.floor_stream,), lambda views, now: decide(views.floor), by.user_id, request_id, key=key)
    )


def _answered(done: Done) -> Answered:
    table, written = done.change.table, done.written
    assert table is not None
    return Answered(table) if written is None else Answered(replace(table, id=written.id), written.replayed)
