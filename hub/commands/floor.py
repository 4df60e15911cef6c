"""The floor's tables: list, add, change, remove. Each writes one event to the stream ``tables``.

Order of locks: the stream ``tables``, then the table's row FOR UPDATE, which waits for every booking that is just
taking the table; only then are its future occupancies looked at.
"""

from __future__ import annotations

from typing import Any

from hub.domain.events import TABLES
from hub.domain.floor import Table
from hub.domain.text import folded
from hub.errors import NameTaken, NotFound, TableInUse
from hub.security import Identity
from hub.store import database, streams
from hub.views.context import Context
from models import Table as TableRow

FUTURE = (
    "SELECT 1 FROM occupancies o JOIN bookings b ON b.id = o.booking_id "
    "WHERE int8range(o.table_id, o.table_id, '[]') && int8range($1, $1, '[]') "
    "AND tstzrange(o.starts_at, o.ends_at, '[)') && tstzrange(clock_timestamp(), NULL) AND b.guests > $2 LIMIT 1"
)
"""A present or future occupancy of a table by more guests than $2, through the constraint's index."""


async def list_tables(context: Context) -> list[Table]:
    """The tables that are not retired, by id."""
    rows = await database.ask(TableRow.filter(retired_at=None).order_by("id"))
    return [Table(row.id, row.name, row.seats) for row in rows]


async def add_table(context: Context, *, by: Identity, name: str, seats: int, request_id: str | None = None) -> Table:
    """A new table. Raises NameTaken."""

    async def work(connection: Any) -> tuple[Table, Any]:
        await streams.lock(connection, [TABLES])
        await _refuse_alike(connection, name)
        [row] = await connection.fetch(
            "WITH t AS (INSERT INTO tables (name, seats) VALUES ($1, $2) RETURNING id) SELECT id FROM t", name, seats
        )
        table = Table(row["id"], name, seats)
        return table, await _append_event(connection, "table_added", table.id, table, by, request_id)

    async with context.write_queue.turn([TABLES], user=by.user_id):
        table, event = await database.transact(work)
    context.publish([event])
    return table


async def change_table(
    context: Context,
    *,
    by: Identity,
    table_id: int,
    name: str | None = None,
    seats: int | None = None,
    request_id: str | None = None,
) -> Table:
    """Another name or number of seats. Raises NotFound, NameTaken, TableInUse when a future booking would not fit."""

    async def work(connection: Any) -> tuple[Table, Any]:
        old = await _hold(connection, table_id)
        table = Table(table_id, old.name if name is None else name, old.seats if seats is None else seats)
        if table == old:
            return table, None
        if table.seats < old.seats and await connection.fetch(FUTURE, table_id, table.seats):
            raise TableInUse()
        if table.name != old.name:
            await _refuse_alike(connection, table.name, but=table_id)
        await connection.execute(
            "UPDATE tables SET name = $2, seats = $3 WHERE id = $1", table_id, table.name, table.seats
        )
        return table, await _append_event(connection, "table_changed", table_id, table, by, request_id)

    async with context.write_queue.turn([TABLES], user=by.user_id):
        table, event = await database.transact(work)
    if event is not None:
        context.publish([event])
    return table


async def remove_table(context: Context, *, by: Identity, table_id: int, request_id: str | None = None) -> None:
    """Retire a table. Raises NotFound, TableInUse while a present or future booking holds it."""

    async def work(connection: Any) -> Any:
        await _hold(connection, table_id)
        if await connection.fetch(FUTURE, table_id, 0):
            raise TableInUse()
        await connection.execute("UPDATE tables SET retired_at = clock_timestamp() WHERE id = $1", table_id)
        return await _append_event(connection, "table_removed", table_id, None, by, request_id)

    async with context.write_queue.turn([TABLES], user=by.user_id):
        event = await database.transact(work)
    context.publish([event])


async def _refuse_alike(connection: Any, name: str, *, but: int = 0) -> None:
    """Raises NameTaken when people would take another table's name for this one. Called under the stream's lock, so no
    other table gets its name meanwhile."""
    rows = await connection.fetch("SELECT name FROM tables WHERE retired_at IS NULL AND id <> $1", but)
    if folded(name) in {folded(row["name"]) for row in rows}:
        raise NameTaken()


async def _hold(connection: Any, table_id: int) -> Table:
    await streams.lock(connection, [TABLES])
    rows = await connection.fetch(
        "SELECT id, name, seats FROM tables WHERE id = $1 AND retired_at IS NULL FOR UPDATE", table_id
    )
    if not rows:
        raise NotFound("There is no such table.")
    return Table(rows[0]["id"], rows[0]["name"], rows[0]["seats"])


async def _append_event(
    connection: Any, kind: str, table_id: int, table: Table | None, by: Identity, request_id: str | None
) -> Any:
    entry = None if table is None else {"name": table.name, "seats": table.seats}
    return await streams.append(
        connection,
        stream=TABLES,
        kind=kind,
        data={"table": table_id, "entry": entry},
        actor=by.user_id,
        request_id=request_id,
    )
