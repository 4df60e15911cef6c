"""The channels ``starts:DAY``: for parties of which sizes each start is free, for anybody. Pure.

{starts: {"18:00": {start_at, guests, state}}}. Beside the day it depends on the tables and the rules: their digest is a
part of its epoch, so another table is a resync, and within an epoch each version of the day is one state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.domain.roles import USERS, VISITOR
from hub.domain.starts import DayStarts, Free
from hub.live.projections.day import OfDay
from hub.live.projections.projection import Rendering, touched_tables
from hub.live.schemas import INSTANT, SEATS, Schema, record, ref
from hub.views.step import Step

STARTS: Schema = {
    "type": "object",
    "propertyNames": {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    "additionalProperties": ref("start"),
}
"""An object with wall times as its keys."""


class Starts(OfDay[DayStarts]):
    name = "starts"
    source = "starts"
    roles = USERS | {VISITOR}
    data = record({"starts": STARTS})
    changes = record({"starts": STARTS}, "starts")
    components: ClassVar[Mapping[str, Schema]] = {
        "start": record(
            {
                "start_at": INSTANT,
                "guests": {
                    "description": "For which sizes of a party tables are free, ascending.",
                    "type": "array",
                    "items": SEATS,
                },
                "state": {"enum": ["free", "full"]},
            }
        )
    }

    def snapshot(self, view: DayStarts, rendering: Rendering) -> dict[str, Any]:
        return {"starts": _shown(view, view.free(), rendering)}

    def update(self, view: DayStarts, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        changed = view.changed_since(steps[0].version - 1, touched=bool(touched_tables(steps)))
        return {"starts": _shown(view, changed, rendering)} if changed else {}


def _shown(view: DayStarts, found: Free, rendering: Rendering) -> dict[str, Any]:
    return {
        start: {
            "start_at": rendering.text(view.offer.slots[start].starts_at),
            "guests": list(sizes),
            "state": "free" if sizes else "full",
        }
        for start, sizes in found.items()
    }
