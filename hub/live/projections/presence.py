"""The channels ``presence:DAY``: who of the staff looks at a service day, and what each has open or drags. Pure.

{people: {session: {name, card, dragging}}}; ``card`` and ``dragging`` are bookings. It is gone with the session, and
kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from hub.domain.events import prefix
from hub.domain.roles import STAFF
from hub.live.projections.projection import Channel, Projection, Rendering, touched_others
from hub.live.schemas import FROM_ONE, TEXT, Schema, or_null, record, ref
from hub.views.step import Step


@dataclass(frozen=True, slots=True)
class Presence:
    """What one session shows to the others: the user's id, and the bookings that they have open and drag."""

    user_id: int
    card: int | None
    dragging: int | None


People: TypeAlias = Mapping[int, Presence]
"""By session, as a number: its name is that in hexadecimal."""


def by_session(values: Schema) -> Schema:
    """An object with sessions as its keys."""
    return {"type": "object", "propertyNames": {"pattern": "^[0-9a-f]{16}$"}, "additionalProperties": values}


class PresenceProjection(Projection[People]):
    name = "presence"
    source = "presence"
    roles = STAFF
    dated = True
    data = record({"people": by_session(ref("person"))})
    changes = record({"people": by_session(or_null(ref("person")))}, "people")
    components: ClassVar[Mapping[str, Schema]] = {
        "person": record({"name": TEXT, "card": or_null(FROM_ONE), "dragging": or_null(FROM_ONE)})
    }

    def stream(self, channel: Channel) -> str:
        assert channel.day is not None
        return f"{prefix(channel.venue_id)}{self.name}:{channel.day.isoformat()}"

    def snapshot(self, view: People, rendering: Rendering) -> dict[str, Any]:
        return {"people": {_name(session): _shown(view[session], rendering) for session in sorted(view)}}

    def update(self, view: People, steps: Sequence[Step], rendering: Rendering) -> dict[str, Any]:
        touched = sorted(session for _, session in touched_others(steps))
        people = {_name(session): _shown(view[session], rendering) if session in view else None for session in touched}
        return {"people": people} if people else {}


def _name(session: int) -> str:
    return f"{session:016x}"


def _shown(person: Presence, rendering: Rendering) -> dict[str, Any]:
    return {"name": rendering.names[person.user_id][0], "card": person.card, "dragging": person.dragging}
