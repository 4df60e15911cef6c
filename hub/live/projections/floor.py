"""The channels ``floor:DAY``: who comes, sits and waits, and what is closed or held, with names, for those who work in
the venue. Pure.

{bookings, blocks, holds, waitlist}, each {id: what hub.domain.shown says of it}. To a viewer every phone number, note
and need is null or empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.domain.day import DayView
from hub.domain.roles import STAFF, VIEWERS
from hub.live.projections.day import OfDay
from hub.live.projections.projection import Rendering, touched_bookings, touched_others
from hub.live.schemas import DATE, FROM_ONE, INSTANT, SEATS, STATUS, TEXT, Schema, by_id, or_null, record, ref
from hub.views.step import Step

AT = or_null(INSTANT)
WORDS: Schema = {"type": ["string", "null"]}
IDS: Schema = {"type": "array", "items": FROM_ONE}
NOTES: Schema = {
    "type": "array",
    "items": record({"id": FROM_ONE, "kind": {"enum": ["dietary", "access", "note"]}}),
    "description": "Which notes the guest book has about the guest; GET /guests/{id} has their texts.",
}
PARTS = {"bookings": "booking", "blocks": "block", "holds": "hold", "waitlist": "waiting"}
"""The parts of the data, and the schema of what each holds."""
SCHEMAS: dict[str, Schema] = {
    "booking": record(
        {
            "table_id": FROM_ONE,
            "tables": {**IDS, "description": "All of its tables; the first is table_id."},
            "start_at": {**INSTANT, "description": "What was promised."},
            "end_at": {**INSTANT, "description": "When its tables are to be free."},
            "guests": SEATS,
            "status": STATUS,
            "guest_id": FROM_ONE,
            "guest_name": {**TEXT, "description": "Empty for a walk-in who gave none."},
            "phone_number": WORDS,
            "guest_notes": NOTES,
            "reference": TEXT,
            "channel": {"enum": ["account", "public", "phone", "walk-in", "waitlist"]},
            "note": WORDS,
            "house_note": WORDS,
            "occasion": WORDS,
            "needs": {"type": "array", "items": TEXT},
            "pinned": {"type": "boolean"},
            "arrived_at": AT,
            "seated_at": AT,
            "left_at": AT,
            "undo": or_null(
                record(
                    {"action": TEXT, "until": INSTANT, "swap_with": or_null(FROM_ONE), "service_date": or_null(DATE)}
                )
            ),
            "revision": FROM_ONE,
        }
    ),
    "block": record({"tables": IDS, "start_at": INSTANT, "end_at": INSTANT, "reason": TEXT, "revision": FROM_ONE}),
    "hold": record(
        {"tables": IDS, "start_at": INSTANT, "end_at": INSTANT, "guests": SEATS, "expires_at": INSTANT, "by": WORDS}
    ),
    "waiting": record(
        {
            "guests": SEATS,
            "guest_id": FROM_ONE,
            "guest_name": TEXT,
            "phone_number": WORDS,
            "guest_notes": NOTES,
            "status": {"enum": ["waiting", "ready", "here"]},
            "place": FROM_ONE,
            "area_id": {"type": ["integer", "null"]},
            "joined_at": INSTANT,
            "quoted_from": AT,
            "quoted_until": AT,
            "promised_until": AT,
            "revision": FROM_ONE,
        }
    ),
}


class Floor(OfDay[DayView]):
    name = "floor"
    source = "named_views"
    roles = VIEWERS
    names_guests = True
    data = record({name: by_id(ref(kind)) for name, kind in PARTS.items()})
    changes = record({name: by_id(or_null(ref(kind))) for name, kind in PARTS.items()}, *PARTS)
    components: ClassVar[Mapping[str, Schema]] = SCHEMAS

    def as_seen_by(self, role: str) -> Floor:
        return FOR_STAFF if role in STAFF else FOR_VIEWERS

    def snapshot(self, view: DayView, rendering: Rendering) -> dict[str, Any]:
        return view.floor(rendering.text, rendering.names, texts=rendering.texts)

    def update(self, view: DayView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        bookings, others = touched_bookings(steps), touched_others(steps)
        shown = view.floor(rendering.text, rendering.names, bookings, texts=rendering.texts, others=sorted(others))
        if not bookings:
            del shown["bookings"]
        return shown


class ForViewers(Floor):
    reduced = True

    def snapshot(self, view: DayView, rendering: Rendering) -> dict[str, Any]:
        return _reduced(super().snapshot(view, rendering))

    def update(self, view: DayView, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        return _reduced(super().update(view, steps, rendering))


def _reduced(data: dict[str, Any]) -> dict[str, Any]:
    return {
        part: {
            id: shown and {name: FOR_STAFF_ALONE.get(name, value) for name, value in shown.items()}
            for id, shown in items.items()
        }
        for part, items in data.items()
    }


FOR_STAFF_ALONE: dict[str, Any] = {
    "phone_number": None, "note": None, "house_note": None, "occasion": None, "needs": [],
    "guest_notes": [],
}  # fmt: skip
"""What is shown to viewers instead."""
FOR_STAFF, FOR_VIEWERS = Floor(), ForViewers()
