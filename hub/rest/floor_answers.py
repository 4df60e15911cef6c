"""What a caller gets of the floor: tables, areas and combinations as types. See hub.rest.answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.rest.answer import Answer


class TableAnswer(Answer):
    id: int
    name: str
    seats: int


class PlaceAnswer(Answer):
    """Where a table stands on the plan of its area, in thousandths of the plan; ``turn`` is in degrees."""

    x: int
    y: int
    width: int
    height: int
    shape: Literal["rect", "round"]
    turn: Literal[0, 45, 90, 135]


class AdminTable(TableAnswer):
    area_id: int | None
    place: PlaceAnswer | None = Field(description="Null: it stands on no plan.")
    revision: int


class TablesAnswer(Answer):
    items: list[AdminTable]


class AreaAnswer(Answer):
    id: int
    name: str
    rank: int
    revision: int


class Areas(Answer):
    """In the order in which they are shown."""

    items: list[AreaAnswer]


class CombinationAnswer(Answer):
    id: int
    name: str
    table_ids: list[int]
    min_guests: int
    max_guests: int
    revision: int


class Combinations(Answer):
    items: list[CombinationAnswer]


class Named(Answer):
    id: int
    name: str


class FreeCombination(Answer):
    tables: list[TableAnswer]
    max_guests: int
