"""The channel ``mine``: a user's own bookings in a venue, as GET /bookings/my lists them, live. Pure.

A client that comes back always gets all of them: they are few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from hub.domain.events import prefix
from hub.domain.roles import USERS
from hub.live.projections.projection import Channel, Projection, Rendering, touched_bookings
from hub.live.schemas import DATE, FROM_ONE, INSTANT, NAME, SEATS, STATUS, TEXT, Schema, by_id, or_null, record, ref
from hub.views.step import Step

OwnBookings: TypeAlias = Mapping[int, dict[str, Any]]
"""What is shown of each booking of one user, by its id."""


TABLE = record({"id": FROM_ONE, "name": NAME, "seats": SEATS})


class Mine(Projection[OwnBookings]):
    name = "mine"
    source = "own_bookings"
    roles = USERS
    personal = True
    data = record({"bookings": by_id(ref("own_booking"))})
    changes = record({"bookings": by_id(or_null(ref("own_booking")))}, "bookings")
    components: ClassVar[Mapping[str, Schema]] = {
        "own_booking": record(
            {
                "start_at": INSTANT,
                "end_at": INSTANT,
                "created_at": INSTANT,
                "guests": SEATS,
                "status": STATUS,
                "revision": FROM_ONE,
                "service_date": DATE,
                "table": TABLE,
                "tables": {
                    "description": "All of its tables; the first is table.",
                    "type": "array",
                    "minItems": 1,
                    "items": TABLE,
                },
                "pinned": {"type": "boolean"},
                "reference": TEXT,
                "note": or_null(TEXT),
                "occasion": or_null(TEXT),
                "needs": {"type": "array", "items": TEXT},
            }
        )
    }

    def stream(self, channel: Channel) -> str:
        return f"{prefix(channel.venue_id)}{self.name}:{channel.owner}"

    def snapshot(self, view: OwnBookings, rendering: Rendering) -> dict[str, Any]:
        return {"bookings": {str(id): shown for id, shown in view.items()}}

    def update(self, view: OwnBookings, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        touched = touched_bookings(steps)
        return {"bookings": {str(id): view.get(id) for id in sorted(touched)}} if touched else {}
