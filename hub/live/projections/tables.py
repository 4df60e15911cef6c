"""The channel ``tables``: the floor, as {tables: {id: {name, seats}}}. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.domain import floor
from hub.domain.events import Event, floor_of
from hub.domain.floor import FloorView
from hub.domain.roles import USERS
from hub.live.projections.projection import Channel, Projection, Rendering, S, Sources, touched_tables
from hub.live.schemas import NAME, SEATS, Schema, by_id, or_null, record, ref
from hub.views.step import Step


class Tables(Projection[FloorView]):
    name = "tables"
    roles = USERS
    resumable = True
    data = record({"tables": by_id(ref("table"))})
    changes = record({"tables": by_id(or_null(ref("table")))}, "tables")
    components: ClassVar[Mapping[str, Schema]] = {"table": record({"name": NAME, "seats": SEATS})}

    def source(self, sources: Sources[S]) -> S:
        return sources.views

    def stream(self, channel: Channel) -> str:
        return floor_of(channel.venue_id)

    def snapshot(self, view: FloorView, rendering: Rendering) -> dict[str, Any]:
        return view.project()

    def update(self, view: FloorView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        return view.project(touched_tables(steps))

    def step_of(self, event: Event, tables: frozenset[int]) -> Step | None:
        if event.kind not in floor.KINDS:
            return None
        return Step(event.version, event.at, frozenset(), frozenset((int(event.data["table"]),)))
