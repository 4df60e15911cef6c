"""What a caller gets of bookings and of a service day: each answer as a type, which is part of the OpenAPI document.

Those of people, of the floor, of venues, and problems have modules of their own. How what is found becomes one of them
is hub.rest.serializers'. A name ends in Answer where the plain one belongs to what the verbs return.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field, RootModel

from hub.rest.answer import Answer
from hub.rest.floor_answers import FreeCombination, TableAnswer
from hub.rest.people_answers import BookingGuest
from hub.rest.values import Channel, Need, Position


class Left(Answer):
    service_date: date
    position: Position


class UndoAnswer(Answer):
    """A step that may be taken back until then."""

    action: str
    until: datetime
    swap_with: int | None = Field(description="Two bookings exchanged their tables: the other one goes back with it.")
    service_date: date | None = Field(description="It was moved to another day: it goes back to this one.")


class BookingAnswer(Answer):
    id: int
    start_at: datetime
    end_at: datetime
    canceled_at: datetime | None
    created_at: datetime
    guests: int
    status: Literal["booked", "arrived", "seated", "finished", "no_show", "canceled"]
    revision: int
    service_date: date
    position: Position
    table: TableAnswer
    tables: list[TableAnswer] = Field(description="All of its tables; the first is ``table``.")
    pinned: bool = Field(description="It is to keep its table.")
    arrived_at: datetime | None
    seated_at: datetime | None
    left_at: datetime | None
    venue: str = Field(description="The venue's slug.")
    reference: str = Field(description="8 characters by which people name the booking; none looks like another.")
    channel: Channel
    guest: BookingGuest
    note: str | None = Field(description="What the guest wants the house to know.")
    occasion: str | None
    needs: list[Need]
    house_note: str | None = Field(None, description="For staff: what the house noted.")
    undo: UndoAnswer | None = Field(None, description="For staff: the last step, which may still be taken back.")
    left: Left | None = Field(None, description="Only after a change of day: the day that was left.")


class Moved(RootModel[list[BookingAnswer]]):
    """All bookings that changed, the one that was named first."""


class Bookings(Answer):
    items: list[BookingAnswer]
    next: str | None


class HoldAnswer(Answer):
    """``expires_in`` counts in seconds from the answer, whatever the clock of whoever reads it says."""

    id: int
    token: str = Field(description="With it the hold becomes a booking, or is let go. It is told once, to its maker.")
    tables: list[int]
    start_at: datetime
    end_at: datetime
    guests: int
    expires_in: int
    expires_at: datetime
    service_date: date
    position: Position


class BlockAnswer(Answer):
    id: int
    tables: list[int]
    start_at: datetime
    end_at: datetime
    reason: str
    service_date: date
    revision: int
    position: Position


class Blocks(Answer):
    items: list[BlockAnswer]


class ActorAnswer(Answer):
    id: int
    name: str | None = Field(description="The present one; null: the account was erased.")
    role: Literal["user", "host", "admin"] | None = Field(description="The present one.")


class BookingState(Answer):
    """A booking at a revision; ``date`` and ``time`` are the start's."""

    service_date: date
    date: date
    time: str
    guests: int
    table: TableAnswer | None = Field(description="As it is named now, also when it is retired; null: it was deleted.")
    status: Literal["booked", "arrived", "seated", "finished", "no_show", "canceled"]
    revision: int
    start_at: datetime
    end_at: datetime
    tables: list[TableAnswer] = Field(description="All of its tables; the first is ``table``.")
    pinned: bool
    arrived_at: datetime | None
    seated_at: datetime | None
    left_at: datetime | None


FORGOTTEN = "There was more before this, which is not kept any more."


class ActAnswer(Answer):
    at: datetime
    actor: ActorAnswer | None = Field(description="Null: the hub itself, or its operator by a command.")
    action: str = Field(
        description="booked, rescheduled, canceled, walked_in, arrived, seated, reseated, extended, finished, no_show, "
        "undone, noted; refiled: a change of the rules put it on another service day. Others may come."
    )
    before: BookingState | None = Field(description="Null: there was no booking yet, or it is not known any more.")
    after: BookingState | None = Field(description="Null: this release can't read it.")
    request_id: str | None = Field(description="The X-Request-ID of the answer to this change.")
    forgotten: bool = Field(description=FORGOTTEN)
    exceed: list[str] = Field(description="The rules that staff passed over: hold, seats. Why, the house note says.")


class HistoryAnswer(RootModel[list[ActAnswer]]):
    """What was done to a booking, oldest first. None at all: it is so old that nothing of this is kept."""


class Available(Answer):
    date: date
    time: str
    guests: int
    slot_hours: float
    tables: list[TableAnswer]
    combinations: list[FreeCombination] = Field(description="Free for as long, of tables each of which may be free.")
    position: Position
    tables_position: Position


class KeptNote(Answer):
    """Its text is in GET /guests/{id}."""

    id: int
    kind: Literal["dietary", "access", "note"]


class FloorBooking(Answer):
    table_id: int
    tables: list[int]
    start_at: datetime
    end_at: datetime
    guests: int
    status: Literal["booked", "arrived", "seated", "finished", "no_show"]
    guest_id: int
    guest_name: str
    phone_number: str | None
    guest_notes: list[KeptNote] = Field(description="About the guest, of the guest book; to a viewer none.")
    reference: str
    channel: Channel
    note: str | None
    house_note: str | None
    occasion: str | None
    needs: list[Need]
    pinned: bool
    arrived_at: datetime | None
    seated_at: datetime | None
    left_at: datetime | None
    undo: UndoAnswer | None
    revision: int


class FloorBlock(Answer):
    tables: list[int]
    start_at: datetime
    end_at: datetime
    reason: str
    revision: int


class FloorHold(Answer):
    tables: list[int]
    start_at: datetime
    end_at: datetime
    guests: int
    expires_at: datetime
    by: str | None = Field(description="Who of the staff holds it.")


class WaitingAnswer(Answer):
    guests: int
    guest_id: int
    guest_name: str
    phone_number: str | None
    status: Literal["waiting", "ready", "here"]
    place: int
    area_id: int | None
    joined_at: datetime
    quoted_from: datetime | None
    quoted_until: datetime | None
    promised_until: datetime | None
    revision: int


class FloorWaiting(WaitingAnswer):
    guest_notes: list[KeptNote] = Field(description="About the guest, of the guest book; to a viewer none.")


class WaitlistEntryAnswer(WaitingAnswer):
    """A party that waits, or waited. ``promised_until`` is the end of the first quote and never changes; the present
    quote moves with the room, without a new revision."""

    id: int
    status: Literal["waiting", "ready", "here", "seated", "left"]  # type: ignore[assignment]
    service_date: date
    position: Position
    link: str = Field(
        description="The address of the guest's own page, to be shown or sent to them; relative to the hub's own where "
        "PUBLIC_URL is not set."
    )


class WaitlistItem(FloorWaiting):
    id: int


class WaitlistAnswer(Answer):
    """Who waits tonight, first come first; the same that the floor's channel shows at this position."""

    service_date: date
    position: Position
    items: list[WaitlistItem]


class QueueStateAnswer(Answer):
    """An entry of the waitlist at a revision."""

    status: Literal["waiting", "ready", "here", "seated", "left"]
    place: int
    guests: int
    revision: int


class QueueActAnswer(Answer):
    at: datetime
    actor: ActorAnswer | None = Field(description="Null: the hub itself, or the guest by their link.")
    action: str = Field(description="joined, ready, here, moved, corrected, left, seated, undone. Others may come.")
    before: QueueStateAnswer | None
    after: QueueStateAnswer | None
    fields: list[str] = Field(
        description="What was corrected: guests, name, phone. Of a name and a phone number no more than that is kept."
    )
    reason: str | None = Field(description="Why it was moved: asked, fits, needs, mistake, other.")
    request_id: str | None = Field(description="The X-Request-ID of the answer to this change.")
    forgotten: bool = Field(description=FORGOTTEN)


class QueueHistoryAnswer(RootModel[list[QueueActAnswer]]):
    """What was done to an entry of the waitlist, oldest first. None at all: nothing of this is kept any more."""


class WaitPlaceAnswer(Answer):
    """What a guest sees of their wait, and nothing of anybody else. ``ahead`` is null when they wait no more."""

    status: Literal["waiting", "ready", "here", "seated", "left"]
    guests: int
    ahead: int | None
    joined_at: datetime
    quoted_from: datetime | None
    quoted_until: datetime | None
    promised_until: datetime | None


class SeatedFromWaitlist(Answer):
    entry: WaitlistEntryAnswer
    booking: BookingAnswer


class WaitEstimate(Answer):
    """What a party that comes now would be told. Both ends are null unless the list is open."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    guests: int
    ahead: int = Field(description="How many parties wait.")
    state: Literal["open", "no_wait", "closed"]
    from_: datetime | None = Field(alias="from")
    until: datetime | None


class FloorAnswer(Answer):
    """A service day by ids: its bookings, but for the canceled ones; closed and held tables; who waits."""

    bookings: dict[str, FloorBooking]
    blocks: dict[str, FloorBlock]
    holds: dict[str, FloorHold]
    waitlist: dict[str, FloorWaiting]


class FreeStart(Answer):
    """``state`` is full where it is free for no size of a party. It knows no clock: one that is past may be free."""

    start_at: datetime
    guests: list[int] = Field(description="For which sizes of a party tables are free, ascending.")
    state: Literal["free", "full"]


class StartsAnswer(Answer):
    """The starts of a service day by wall time (HH:MM). One before the opening is of the next calendar date."""

    starts: dict[str, FreeStart]


class AvailabilityAnswer(Answer):
    """When tables are taken, by id: half-open ranges, sorted. A table that is not there is free all day."""

    tables: dict[str, list[tuple[datetime, datetime]]]
