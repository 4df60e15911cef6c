"""The floor's areas: list, add, change, remove."""

from __future__ import annotations

from hub.commands.call import Call
from hub.commands.floor import Answered, answered, write
from hub.domain import floor_decisions
from hub.domain.floor import Area
from hub.store import floors
from hub.views.context import VenueContext
from hub.views.writes import Done


async def list_areas(context: VenueContext) -> list[Area]:
    """As they are shown: by rank, then by name."""
    floor, _ = await floors.read(context.id)
    return sorted(floor.areas.values(), key=lambda area: (area.rank, area.name, area.id))


async def add_area(context: VenueContext, call: Call, *, name: str, rank: int = 0) -> Answered[Area]:
    """A new area. Raises NameTaken."""
    return _area(
        await write(context, call, lambda floor: floor_decisions.add_area(floor, context.id, name=name, rank=rank))
    )


async def change_area(
    context: VenueContext, call: Call, area_id: int, *, name: str | None = None, rank: int | None = None
) -> Answered[Area]:
    """Another name or rank. Raises NotFound, NameTaken and Changed."""
    return _area(
        await write(
            context, call,
            lambda floor: floor_decisions.change_area(
                floor, context.id, area_id, name=name, rank=rank, revisions=call.revisions
            ),
        )
    )  # fmt: skip


async def remove_area(context: VenueContext, call: Call, area_id: int) -> Answered[Area]:
    """Retire an area. Raises NotFound, Changed, and TableInUse while tables stand in it."""
    return _area(
        await write(
            context, call, lambda floor: floor_decisions.remove_area(floor, context.id, area_id, call.revisions)
        )
    )


def _area(done: Done) -> Answered[Area]:
    assert done.change.area is not None
    return answered(done, done.change.area)
