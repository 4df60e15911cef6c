"""The floor's combinations: list, add, change, remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from hub.commands.call import Call
from hub.commands.floor import Answered, answered, write
from hub.domain import floor_decisions
from hub.domain.floor import Combination
from hub.domain.floor_decisions import CombinationChange
from hub.store import floors
from hub.views.context import VenueContext
from hub.views.writes import Done


async def list_combinations(context: VenueContext) -> list[Combination]:
    """The combinations that are not retired, by id."""
    floor, _ = await floors.read(context.id)
    return [each for _, each in sorted(floor.combinations.items())]


async def add_combination(
    context: VenueContext,
    call: Call,
    *,
    table_ids: Sequence[int],
    min_guests: int,
    max_guests: int,
    name: str | None = None,
) -> Answered[Combination]:
    """A new combination; without a name it is named by its tables. Raises CombinationInvalid."""
    return _combination(
        await write(
            context, call,
            lambda floor: floor_decisions.add_combination(
                floor, context.id, table_ids=table_ids, min_guests=min_guests, max_guests=max_guests, name=name
            ),
        )
    )  # fmt: skip


async def change_combination(
    context: VenueContext, call: Call, combination_id: int, **wanted: Unpack[CombinationChange]
) -> Answered[Combination]:
    """Other tables, numbers of guests or name. Raises NotFound, Changed and CombinationInvalid."""
    return _combination(
        await write(
            context, call,
            lambda floor: floor_decisions.change_combination(
                floor, context.id, combination_id, revisions=call.revisions, **wanted
            ),
        )
    )  # fmt: skip


async def remove_combination(context: VenueContext, call: Call, combination_id: int) -> Answered[Combination]:
    """Retire a combination. Raises NotFound and Changed."""
    return _combination(
        await write(
            context, call,
            lambda floor: floor_decisions.remove_combination(floor, context.id, combination_id, call.revisions),
        )
    )  # fmt: skip


def _combination(done: Done) -> Answered[Combination]:
    [combination] = done.change.combinations
    return answered(done, combination)
