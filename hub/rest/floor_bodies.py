"""What a manager sends of the floor: tables, areas and combinations as types. See hub.rest.bodies."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.rest.bodies import Body, Query, left_out
from hub.rest.values import AreaId, AreaName, CombinedGuests, CombinedIds, Extent, Rank, Seats, TableName, Thousandth


class PlaceBody(Body):
    """Where a table stands on the plan of its area, in thousandths of the plan; ``turn`` is in degrees."""

    x: Thousandth
    y: Thousandth
    width: Extent
    height: Extent
    shape: Literal["rect", "round"] = "rect"
    turn: Literal[0, 45, 90, 135] = 0


class NewTable(Body):
    name: TableName
    seats: Seats
    area_id: AreaId | None = None
    place: PlaceBody | None = None


class TableChange(Body):
    """What is left out stays; an area or a place of null is taken away."""

    name: TableName = left_out()
    seats: Seats = left_out()
    area_id: AreaId | None = None
    place: PlaceBody | None = None


class TableChangeQuery(Query):
    clamp: Literal["1"] | None = Field(
        None, description="Combinations that the table then has too few seats for are for fewer guests from now on."
    )


class NewArea(Body):
    name: AreaName
    rank: Rank = 0


class AreaChange(Body):
    """What is left out stays."""

    name: AreaName = left_out()
    rank: Rank = left_out()


class NewCombination(Body):
    name: TableName | None = Field(None, description="Left out or null: it is named by its tables.")
    table_ids: CombinedIds
    min_guests: CombinedGuests
    max_guests: CombinedGuests


class CombinationPatch(Body):
    """What is left out stays; with a name of null it is named by its tables."""

    name: TableName | None = None
    table_ids: CombinedIds = left_out()
    min_guests: CombinedGuests = left_out()
    max_guests: CombinedGuests = left_out()
