"""What a caller sends of the waitlist, as types. See hub.rest.bodies."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from hub.domain.queue_order import Reason as MoveReason
from hub.rest.bodies import Body, ManageLink, Query, left_out
from hub.rest.values import AreaId, FullName, Guests, Phone, QueuePlace, TableIds, count


class WaitingParty(Body):
    guests: Guests
    name: FullName
    phone: Phone | None = None
    area: AreaId | None = Field(None, description="Only a table of this area will do.")
    force: bool = Field(False, description="Also where a table is free at once.")


class WaitlistChange(Body):
    """What was written of a party is put right; what is left out stays. Or it gets another place, and why: the party or
    another asked, the free table fits it, what it needs, a slip of the hand is put right, another reason."""

    guests: Guests = left_out()
    name: FullName = left_out()
    phone: Phone | None = Field(None, description="Null: it is taken away.")
    place: QueuePlace = Field(
        default=None,  # type: ignore[assignment]
        description="The place that the party gets; who has it, and those between, move by one.",
    )
    reason: MoveReason = Field(default=None, description="With place: why.")  # type: ignore[arg-type]

    @model_validator(mode="after")
    def place_or_party(self) -> Self:
        given = self.model_fields_set
        if not given:
            raise ValueError("one of guests, name, phone and place is needed")
        if given & {"place", "reason"} and given != {"place", "reason"}:
            raise ValueError("a place is given with its reason, and with nothing else")
        return self


class WaitQuestion(Query):
    guests: Annotated[Guests, BeforeValidator(count)] = 2
    area: Annotated[AreaId | None, BeforeValidator(count)] = Field(None, description="Only a table of this area.")


class WaitlistSeating(Body):
    table_ids: TableIds | None = Field(None, description="Left out: the first that are free for the whole time.")
    in_turn: bool = Field(False, description="Not where a party that waits before it is to get these tables.")


class WaitLink(ManageLink):
    """``token``: what stands after the # of the link."""
