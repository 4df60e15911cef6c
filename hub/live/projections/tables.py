"""The channel ``tables``: the floor, as {tables: {id: {name, seats, area_id, place}}, areas, combinations}. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.domain import floor
from hub.domain.events import Event, floor_of
from hub.domain.floor import FloorView
from hub.domain.roles import USERS
from hub.live.projections.projection import Channel, Projection, Rendering, touched_others
from hub.live.schemas import COUNT, FROM_ONE, NAME, SEATS, TEXT, Schema, by_id, or_null, record, ref
from hub.views.step import Step


class Tables(Projection[FloorView]):
    name = "tables"
    source = "views"
    roles = USERS
    resumable = True
    data = record({
        "tables": by_id(ref("table")), "areas": by_id(ref("area")), "combinations": by_id(ref("combination")),
    })  # fmt: skip
    changes = record(
        {
            "tables": by_id(or_null(ref("table"))),
            "areas": by_id(or_null(ref("area"))),
            "combinations": by_id(or_null(ref("combination"))),
        },
        "tables",
        "areas",
        "combinations",
    )
    components: ClassVar[Mapping[str, Schema]] = {
        "table": record(
            {"name": NAME, "seats": SEATS, "area_id": {"type": ["integer", "null"]}, "place": or_null(ref("place"))}
        ),
        "place": record(
            {
                "x": COUNT,
                "y": COUNT,
                "width": FROM_ONE,
                "height": FROM_ONE,
                "shape": {"enum": ["rect", "round"]},
                "turn": {"enum": [0, 45, 90, 135]},
            }
        ),
        "area": record({"name": NAME, "rank": COUNT}),
        "combination": record(
            {
                "name": TEXT,
                "tables": {"type": "array", "items": FROM_ONE},
                "min_guests": FROM_ONE,
                "max_guests": FROM_ONE,
            }
        ),
    }

    def stream(self, channel: Channel) -> str:
        return floor_of(channel.venue_id)

    def snapshot(self, view: FloorView, rendering: Rendering) -> dict[str, Any]:
        return view.project()

    def update(self, view: FloorView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        return view.project(sorted(touched_others(steps)))

    def step_of(self, event: Event, tables: frozenset[int]) -> Step | None:
        subject = floor.KINDS.get(event.kind)
        if subject is None:
            return None
        return Step(
            event.version, event.at, frozenset(), frozenset(), frozenset(((subject, int(event.data[subject])),))
        )
