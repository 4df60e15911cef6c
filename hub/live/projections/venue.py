"""The channel ``venue``: what GET /venue says, live. Pure.

A client that comes back always gets the whole: what the settings say may have changed with a restart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.domain.events import prefix
from hub.domain.roles import USERS, VISITOR
from hub.live.projections.projection import Channel, Projection, Rendering
from hub.live.schemas import DATE, FROM_ONE, INSTANT, TEXT, Schema, any_of, or_null, record, ref
from hub.views.step import Step

FACTS = record(
    {
        "slug": TEXT,
        "name": TEXT,
        **{name: or_null(TEXT) for name in ("phone", "address", "website", "country")},
        "zone": TEXT,
        "languages": {"type": "array", "items": TEXT},
        "service_day": DATE,
        "day_ends_at": INSTANT,
        "shifts": {"type": "array", "items": ref("shift")},
        "rules": {"type": "object", "description": "As GET /venue says them."},
        "contact": record({"phone": or_null(TEXT), "website": or_null(TEXT)}),
        "online_booking": record({"open": {"type": "boolean"}, "paused_until": or_null(INSTANT)}),
    }
)
OF_THE_DAY = ("service_day", "day_ends_at", "shifts")
"""What another service day changes of it."""


class Venue(Projection[dict[str, Any]]):
    name = "venue"
    source = "service_day"
    roles = USERS | {VISITOR}
    data, changes = FACTS, any_of(FACTS)
    components: ClassVar[Mapping[str, Schema]] = {
        "shift": record(
            {
                "date": DATE,
                "id": FROM_ONE,
                "name": TEXT,
                **{name: INSTANT for name in ("opens", "last_seating", "closes")},
            }
        )
    }

    def stream(self, channel: Channel) -> str:
        return f"{prefix(channel.venue_id)}{self.name}"

    def snapshot(self, view: dict[str, Any], rendering: Rendering) -> dict[str, Any]:
        return view

    def update(self, view: dict[str, Any], steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        return {name: view[name] for name in OF_THE_DAY}
