"""The floor's areas: list, add, change, remove."""

from __future__ import annotations

from hub.commands.floor import Answered, answered, write
from hub.domain import floor_decisions
from hub.domain.floor import Area
from hub.security import Identity
from hub.store import floors
from hub.store.keys import Key
from hub.views.context import VenueContext
from hub.views.writes import Done


async def list_areas(context: VenueContext) -> list[Area]:
    """As they are shown: by rank, then by name."""
    floor, _ = await floors.read(context.id)
    return sorted(floor.areas.values(), key=lambda area: (area.rank, area.name, area.id))


async def add_area(
    context: VenueContext,
    *,
    by: Identity,
    name: str,
    rank: int = 0,
    request_id: str | None = None,
    key: Key | None = None,
) -> Answered[Area]:
    """A new area. Raises NameTaken."""
    return _area(
        await write(
            context, by, request_id, key,
            lambda floor: floor_decisions.add_area(floor, context.id, name=name, rank=rank),
        )
    )  # fmt: skip


async def change_area(
    context: VenueContext,
    *,
    by: Identity,
    area_id: int,
    name: str | None = None,
    rank: int | None = None,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Answered[Area]:
    """Another name or rank. Raises NotFound, NameTaken and Changed."""
    return _area(
        await write(
            context, by, request_id, key,
            lambda floor: floor_decisions.change_area(
                floor, context.id, area_id, name=name, rank=rank, revisions=revisions
            ),
        )
    )  # fmt: skip


async def remove_area(
    context: VenueContext,
    *,
    by: Identity,
    area_id: int,
    revisions: frozenset[int] | None = None,
    request_id: str | None = None,
    key: Key | None = None,
) -> Answered[Area]:
    """Retire an area. Raises NotFound, Changed, and TableInUse while tables stand in it."""
    return _area(
        await write(
            context, by, request_id, key,
            lambda floor: floor_decisions.remove_area(floor, context.id, area_id, revisions),
        )
    )  # fmt: skip


def _area(done: Done) -> Answered[Area]:
    assert done.change.area is not None
    return answered(done, done.change.area)
