"""The floor's tables: list, add, change, remove; and how any change of the floor is written: as one or more events of
its stream. (hub.commands.areas, hub.commands.combinations: the rest of the floor.)

Whoever books judges by that stream's version too, so no booking can take a table while it is changed; and the commit of
a change looks at the occupancies that are there then.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar, Unpack

from hub.commands.call import Call
from hub.domain import floor_decisions
from hub.domain.change import Change
from hub.domain.floor import Area, Combination, FloorView, Table
from hub.domain.floor_decisions import Standing
from hub.errors import HubError, NotFound, TableInUse
from hub.store import floors
from hub.views.context import VenueContext
from hub.views.writes import Done

T = TypeVar("T", Table, Area, Combination)
NAMED = 20
"""How many bookings a refusal names."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """A table, an area or a combination after a write. ``replayed``: this is the first answer to a request that came
    again with its key."""

    item: T
    replayed: bool = False


async def list_tables(context: VenueContext) -> list[Table]:
    """The tables that are not retired, by id."""
    return await floors.tables(context.id)


async def read(
    context: VenueContext, part: Literal["tables", "areas", "combinations"], id: int
) -> Table | Area | Combination:
    """One thing of the floor. Raises NotFound, also for one that is retired."""
    found: Table | Area | Combination | None = getattr((await floors.read(context.id))[0], part).get(id)
    if found is None:
        raise NotFound(f"There is no such {part[:-1]}.")
    return found


async def add_table(
    context: VenueContext, call: Call, *, name: str, seats: int, **standing: Unpack[Standing]
) -> Answered[Table]:
    """A new table. Raises NameTaken, and NotFound for the area."""
    return _table(
        await write(
            context, call,
            lambda floor: floor_decisions.add_table(floor, context.id, name=name, seats=seats, **standing),
        )
    )  # fmt: skip


async def change_table(
    context: VenueContext,
    call: Call,
    table_id: int,
    *,
    name: str | None = None,
    seats: int | None = None,
    clamp: bool = False,
    **standing: Unpack[Standing],
) -> Answered[Table]:
    """Another name, number of seats, area or place; with ``clamp`` its combinations are for as many guests as they then
    have seats for. Raises TableInUse, with those bookings, when a future one would not fit, and what
    hub.domain.floor_decisions.change_table raises."""
    async with _naming_who_is_in_the_way(context, table_id, seats or 0):
        done = await write(
            context, call,
            lambda floor: floor_decisions.change_table(
                floor, context.id, table_id, name=name, seats=seats, revisions=call.revisions, clamp=clamp, **standing
            ),
        )  # fmt: skip
    return _table(done)


async def remove_table(context: VenueContext, call: Call, table_id: int) -> Answered[Table]:
    """Retire a table and the combinations with it. Raises NotFound, TableInUse while a present or future booking holds
    it, with those bookings, and Changed when the table is at another revision than these."""
    async with _naming_who_is_in_the_way(context, table_id, 0):
        done = await write(
            context, call, lambda floor: floor_decisions.remove_table(floor, context.id, table_id, call.revisions)
        )
    return _table(done)


@contextlib.asynccontextmanager
async def _naming_who_is_in_the_way(context: VenueContext, table_id: int, seats: int) -> AsyncIterator[None]:
    """A refusal because the table is in use gets the bookings that would not fit at it with so many seats."""
    try:
        yield
    except TableInUse as refusal:
        with contextlib.suppress(HubError):  # the refusal stands without them
            refusal.extra["parties"] = await floors.parties_of_table(context.id, table_id, seats, NAMED)
        raise


async def write(context: VenueContext, call: Call, decide: Callable[[FloorView], Change]) -> Done:
    """One change of the floor."""
    asked = call.write(context, (context.floor_stream,), lambda views, now: decide(views.floor))
    return await context.writes.submit(asked)


def _table(done: Done) -> Answered[Table]:
    assert done.change.table is not None
    return answered(done, done.change.table)


def answered(done: Done, item: T) -> Answered[T]:
    """``item`` is the one of the change that was asked for."""
    written = done.written
    return Answered(item) if written is None else Answered(replace(item, id=written.id), written.replayed)
