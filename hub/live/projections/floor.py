"""The channels ``floor:DAY``: who comes, with names, for those who work in the venue. Pure.

{bookings: {id: {table_id, start_at, end_at, guests, status, guest_name, phone_number, revision}}}. To a viewer every
phone number is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.domain.day import DayView
from hub.domain.roles import STAFF, VIEWERS
from hub.live.projections.day import OfDay
from hub.live.projections.projection import Rendering, S, Sources, touched_bookings
from hub.live.schemas import FROM_ONE, INSTANT, SEATS, STATUS, TEXT, Schema, by_id, or_null, record, ref
from hub.views.step import Step


class Floor(OfDay):
    name = "floor"
    roles = VIEWERS
    names_guests = True
    data = record({"bookings": by_id(ref("booking"))})
    changes = record({"bookings": by_id(or_null(ref("booking")))}, "bookings")
    components: ClassVar[Mapping[str, Schema]] = {
        "booking": record(
            {
                "table_id": FROM_ONE,
                "start_at": INSTANT,
                "end_at": INSTANT,
                "guests": SEATS,
                "status": STATUS,
                "guest_name": TEXT,
                "phone_number": {"type": ["string", "null"]},
                "revision": FROM_ONE,
            }
        )
    }

    def as_seen_by(self, role: str) -> Floor:
        return FOR_STAFF if role in STAFF else FOR_VIEWERS

    def source(self, sources: Sources[S]) -> S:
        return sources.named_views

    def snapshot(self, view: DayView, rendering: Rendering) -> dict[str, Any]:
        return view.floor(rendering.text, rendering.names)

    def update(self, view: DayView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        bookings = touched_bookings(steps)
        return view.floor(rendering.text, rendering.names, bookings) if bookings else {}


class WithoutPhones(Floor):
    reduced = True

    def snapshot(self, view: DayView, rendering: Rendering) -> dict[str, Any]:
        return _without_phones(super().snapshot(view, rendering))

    def update(self, view: DayView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        return _without_phones(super().update(view, steps, rendering))


def _without_phones(data: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {id: shown and {**shown, "phone_number": None} for id, shown in bookings.items()}
        for name, bookings in data.items()
    }


FOR_STAFF, FOR_VIEWERS = Floor(), WithoutPhones()
