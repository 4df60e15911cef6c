"""What a caller sends: each body and query as a type. They validate, and they are part of the OpenAPI document.

Bodies are strict: a number is no string, an unknown field is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from hub.rest.values import (
    AreaId,
    BookingId,
    BookingStatus,
    ClosedTables,
    Date,
    Email,
    EventCursor,
    FullName,
    GuestId,
    Guests,
    HoldToken,
    Instant,
    Language,
    LinkToken,
    Minutes,
    Needs,
    Note,
    Occasion,
    Phone,
    Position,
    Reason,
    SearchText,
    TableId,
    TableIds,
    Time,
    Version,
    count,
)

Cursor = Annotated[str, StringConstraints(max_length=128)]


def left_out() -> Any:
    """The default of a field that may be left out, though null is refused."""
    return Field(default=None)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    SECRETS: ClassVar[frozenset[str]] = frozenset()
    """Fields of which nothing is kept, not even as a digest under an idempotency key."""
    CALLER: ClassVar[str] = ""
    """The field that tells callers without an account apart."""


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GuestChoice(Body):
    """A guest whom the house knows, by ``id``, with the e-mail that is theirs from now on, where it is given (null:
    none); or one as they were named, who may be known by it."""

    id: GuestId | None = None
    name: FullName = left_out()
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None

    @model_validator(mode="after")
    def known_or_named(self) -> Self:
        if (self.id is None) == (self.name is None):
            raise ValueError("either id or name is needed")
        if self.id is not None and self.model_fields_set - {"id", "email"}:
            raise ValueError("with id nothing but an e-mail may be given")
        return self


class Reasoned(Body):
    exceed: tuple[str, ...] = ()
    reason: Reason = Field("", description="With exceed: why. It is added to the house note.")

    @model_validator(mode="after")
    def reason_with_exceed(self) -> Self:
        if self.reason and not self.exceed:
            raise ValueError("a reason is given with exceed")
        return self


class Exceeding(Reasoned):
    exceed: tuple[Literal["hold", "seats"], ...] = Field(
        (),
        max_length=2,
        description="For staff, with a reason. hold: holds that are in the way of the booking are let go; seats: the "
        "named tables, or those that it has, may have too few.",
    )


class Crowding(Reasoned):
    exceed: tuple[Literal["seats"], ...] = Field(
        (), max_length=1, description="With a reason. seats: the named tables may have too few."
    )


class NewBooking(Exceeding):
    date: Date
    time: Time
    guests: Guests = 1
    table_id: TableId | None = Field(None, description="Left out or null: the smallest free table that fits.")
    guest: GuestChoice | None = Field(None, description="For staff: who dines. Left out or null: whoever books.")
    note: Note | None = Field(None, description="What the guest wants the house to know.")
    occasion: Occasion | None = None
    needs: Needs = ()
    seen: Position | None = Field(
        None, description="The position of the day that was looked at: a refusal then says what changed since."
    )
    area: AreaId | None = Field(None, description="Only in this area.")
    table_ids: TableIds | None = Field(None, description="For staff: these tables together.")
    minutes: Minutes | None = Field(None, description="For staff: how long they stay.")
    house_note: Note | None = Field(None, description="For staff: what only the house reads.")
    hold: HoldToken | None = Field(None, description="The token of a hold: the booking gets its tables.")

    @model_validator(mode="after")
    def tables_once(self) -> Self:
        if self.table_id is not None and self.table_ids is not None:
            raise ValueError("only one of table_id and table_ids may be given")
        if self.hold is not None and (self.table_id, self.table_ids, self.area) != (None, None, None):
            raise ValueError("a hold has its tables: with it neither a table nor an area may be given")
        if self.exceed and self.hold is not None:
            raise ValueError("only one of hold and exceed may be given")
        return self


class NewHold(Body):
    date: Date
    time: Time
    guests: Guests = 1
    table_id: TableId | None = Field(None, description="For staff: this table.")
    table_ids: TableIds | None = Field(None, description="For staff: these tables together.")
    area: AreaId | None = Field(None, description="Only in this area.")
    instead: HoldToken | None = Field(None, description="The token of a hold that this one takes the place of.")

    @model_validator(mode="after")
    def table_or_area(self) -> Self:
        if sum(each is not None for each in (self.table_id, self.table_ids, self.area)) > 1:
            raise ValueError("only one of table_id, table_ids and area may be given")
        return self


class NewBlock(Body):
    """Cut at the opening and the closing of its service day. Tables of several days are closed by a block a day."""

    table_ids: ClosedTables = left_out()
    area_id: AreaId = left_out()
    start_at: Instant
    end_at: Instant
    reason: Reason = ""

    @field_validator("start_at", "end_at")
    @classmethod
    def to_the_minute(cls, at: datetime) -> datetime:
        """As times of bookings are: seconds would be stored and nowhere shown."""
        if at.second or at.microsecond:
            raise ValueError("it is given to the minute")
        return at

    @model_validator(mode="after")
    def tables_or_area(self) -> Self:
        if (self.table_ids is None) == (self.area_id is None):
            raise ValueError("either table_ids or area_id is needed")
        return self


class DayQuery(Query):
    date: Date


class WalkIn(Exceeding):
    guests: Guests
    name: FullName | None = None
    phone: Phone | None = None
    table_ids: TableIds | None = Field(None, description="Left out: the first that is free for the whole time.")
    minutes: Minutes | None = Field(None, description="Left out: as long as everybody.")


class Seating(Crowding):
    table_ids: TableIds | None = Field(None, description="Left out: the booked ones.")
    short: bool = Field(False, description="Also where the named tables are free for less time than was booked.")


class Extension(Body):
    minutes: Minutes


class TableMove(Crowding):
    """Other tables, or those of another booking, and whether it is to keep them."""

    table_ids: TableIds = left_out()
    swap_with: BookingId = left_out()
    pinned: bool = left_out()

    @model_validator(mode="after")
    def something(self) -> Self:
        if not self.model_fields_set & {"table_ids", "swap_with", "pinned"}:
            raise ValueError("one of table_ids, swap_with and pinned is needed")
        if self.exceed and "table_ids" not in self.model_fields_set:
            raise ValueError("exceed is given with table_ids")
        return self


class Nothing(Body):
    """No field is needed."""


class ManageLink(Body):
    SECRETS = frozenset({"token"})
    CALLER = "token"

    token: LinkToken


class GuestChange(Body):
    """What is left out stays; a phone number or an e-mail of null is taken away."""

    name: FullName = left_out()
    phone: Phone | None = None
    email: Email | None = None
    language: Language = left_out()


class BookingChange(Exceeding):
    """What is left out stays; ``table_id`` null means: choose a table; what is said of it is taken away by null."""

    date: Date = left_out()
    time: Time = left_out()
    guests: Guests = left_out()
    table_id: TableId | None = None
    table_ids: TableIds = Field(
        default=None,  # type: ignore[arg-type]
        description="For staff: these tables together.",
    )
    pinned: bool = Field(
        default=None,  # type: ignore[assignment]
        description="For staff: whether it is to keep its tables. While it is, `table_id` null gives it no others.",
    )
    note: Note | None = Field(None, description="What the guest wants the house to know.")
    house_note: Note | None = Field(None, description="For staff: what only the house reads.")
    occasion: Occasion | None = None
    needs: Needs | None = None

    @model_validator(mode="after")
    def tables_once(self) -> Self:
        if {"table_id", "table_ids"} <= self.model_fields_set:
            raise ValueError("only one of table_id and table_ids may be given")
        return self


class AvailabilityQuery(Query):
    date: Date
    time: Time
    guests: Annotated[Guests, BeforeValidator(count)] = 1
    after: Position | None = None


class DayQuestion(Query):
    """The day as it is, or for staff as it was."""

    version: Version | None = Field(
        None, description="For staff: the day at this version of it, also as a position. Names are the present ones."
    )
    at: Instant | None = Field(
        None,
        description="For staff: the day at the last version that was committed by then. Names are the present ones.",
    )
    after: Position | None = Field(None, description="The answer is at least as new as this position.")

    @model_validator(mode="after")
    def one_at_most(self) -> Self:
        if sum(given is not None for given in (self.version, self.at, self.after)) > 1:
            raise ValueError("only one of version, at and after may be given")
        return self

    @property
    def is_past(self) -> bool:
        return self.version is not None or self.at is not None


class Page(Query):
    limit: Annotated[int, Field(ge=1, le=100), BeforeValidator(count)] = 50
    cursor: Cursor | None = Field(None, description="The page after the answer whose `next` this was.")
    before: Cursor | None = Field(None, description="The same as cursor, by its older name.")

    @model_validator(mode="after")
    def one_cursor(self) -> Self:
        if self.cursor is not None and self.before is not None:
            raise ValueError("only one of cursor and before may be given")
        return self

    @property
    def after(self) -> tuple[str, str] | None:
        """The cursor with the name by which it was given."""
        if self.before is not None:
            return "before", self.before
        return ("cursor", self.cursor) if self.cursor is not None else None


class BookingSearch(Page):
    """Of a day, or of some days; without either of today, or with ``q`` of all that are kept and to come: today's and
    later ones first, then the others from the latest on."""

    date: Date | None = None
    since: Date | None = Field(None, alias="from", description="The first of some service days.")
    to: Date | None = Field(None, description="The last of them.")
    q: SearchText | None = Field(None, description="A part of a name, digits of a phone number, or a reference.")
    status: BookingStatus | None = None

    @model_validator(mode="after")
    def one_way(self) -> Self:
        if self.date is not None and (self.since is not None or self.to is not None):
            raise ValueError("only date, or from and to, may be given")
        if self.to is not None and self.since is None:
            raise ValueError("to needs from")
        return self

    @property
    def statuses(self) -> tuple[str, ...]:
        return () if self.status is None else (self.status,)


class GuestSearch(Query):
    q: SearchText = Field(description="A part of a name or an e-mail, or digits of a phone number.")


class NewGuestNote(Body):
    kind: Literal["dietary", "access", "note"]
    text: Note
    keep_until: Date | None = Field(
        None,
        description="Left out: a dietary note until 7 days after the guest's last booking, whenever that is made; "
        "others for good.",
    )


class PaperQuery(Query):
    since: Position | None = Field(
        None, description="The position at the foot of an earlier paper: what changed since then comes first."
    )
    language: Language | None = Field(None, description="Left out: the venue's.")
    clock: Literal["12", "24"] | None = Field(None, description="Of how many hours. Left out: the venue's.")


class HistoryPage(Query):
    """The last acts of a booking, or the last ones before those of another answer."""

    limit: Annotated[int, Field(ge=1, le=500), BeforeValidator(count)] = 100
    cursor: EventCursor | None = Field(
        None, description='Where there is more, the header Link has rel="next" with the cursor of the acts before.'
    )
