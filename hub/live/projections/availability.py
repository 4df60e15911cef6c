"""The channels ``availability:DAY``: when each table is taken, and nothing of by whom. Pure.

{tables: {id: [[start_at, end_at], …]}}: half-open intervals, sorted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.domain.day import DayView
from hub.domain.roles import USERS
from hub.live.projections.day import OfDay
from hub.live.projections.projection import Rendering, touched_tables
from hub.live.schemas import INSTANT, Schema, by_id, pair, record, ref
from hub.views.step import Step

TAKEN: Schema = {
    "description": "When the table is taken: [start_at, end_at] each, half-open, sorted, never overlapping.",
    "type": "array",
    "items": pair(INSTANT),
}


class Availability(OfDay[DayView]):
    name = "availability"
    source = "views"
    roles = USERS
    data = record({"tables": by_id({**TAKEN, "minItems": 1})})
    changes = record({"tables": by_id(ref("taken"))}, "tables")
    components: ClassVar[Mapping[str, Schema]] = {"taken": TAKEN}

    def snapshot(self, view: DayView, rendering: Rendering) -> dict[str, Any]:
        return view.availability(rendering.text)

    def update(self, view: DayView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        tables = touched_tables(steps)
        return view.availability(rendering.text, tables) if tables else {}
