"""What a caller sends: each body and query as a type. They validate, and they are part of the OpenAPI document.

Bodies are strict: a number is no string, an unknown field is refused.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from hub.rest.values import (
    NO_NUL,
    AreaId,
    BookingId,
    Date,
    Email,
    EventCursor,
    FullName,
    GuestId,
    Guests,
    Instant,
    Language,
    LinkToken,
    Minutes,
    Needs,
    Note,
    Occasion,
    Password,
    Phone,
    Position,
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


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Registration(Body):
    email: Email
    password: Password
    phone_number: Phone
    full_name: FullName
    language: Language | None = None


class Credentials(Body):
    email: Annotated[str, StringConstraints(min_length=1, max_length=254, strip_whitespace=True, pattern=NO_NUL)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class LogOut(Body):
    everywhere: bool = False


class Verification(Body):
    """The link says who reads the mailbox, the password or a session whose account it is."""

    token: LinkToken
    password: Password = Field(
        default=None,  # type: ignore[assignment]
        description="The safe way where the call is not made by a session of the account. Another one than the "
        "account's present password becomes its password, and every session ends. With neither the address is "
        "verified and the password is not confirmed: see password_confirmed.",
    )


class ResetQuestion(Body):
    email: Email


class Reset(Body):
    token: LinkToken
    password: Password


class PasswordChange(Body):
    old: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    new: Password


class ProfileChange(Body):
    """What is left out stays."""

    full_name: FullName = left_out()
    phone_number: Phone = left_out()
    language: Language = left_out()


class BookingGuest(Body):
    """A guest whom the house knows, by ``id``; or one as they were named, who may be known by it."""

    id: GuestId | None = None
    name: FullName = left_out()
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None

    @model_validator(mode="after")
    def known_or_named(self) -> Self:
        if (self.id is None) == (self.name is None):
            raise ValueError("either id or name is needed")
        if self.id is not None and len(self.model_fields_set) > 1:
            raise ValueError("with id nothing else may be given")
        return self


class NewBooking(Body):
    date: Date
    time: Time
    guests: Guests = 1
    table_id: TableId | None = Field(None, description="Left out or null: the smallest free table that fits.")
    guest: BookingGuest | None = Field(None, description="For staff: who dines. Left out or null: whoever books.")
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

    @model_validator(mode="after")
    def tables_once(self) -> Self:
        if self.table_id is not None and self.table_ids is not None:
            raise ValueError("only one of table_id and table_ids may be given")
        return self


class WalkIn(Body):
    guests: Guests
    name: FullName | None = None
    phone: Phone | None = None
    table_ids: TableIds | None = Field(None, description="Left out: the first that is free for the whole time.")
    minutes: Minutes | None = Field(None, description="Left out: as long as everybody.")


class Seating(Body):
    table_ids: TableIds | None = Field(None, description="Left out: the booked ones.")


class Extension(Body):
    minutes: Minutes


class TableMove(Body):
    """Other tables, or those of another booking, and whether it is to keep them."""

    table_ids: TableIds = left_out()
    swap_with: BookingId = left_out()
    pinned: bool = left_out()

    @model_validator(mode="after")
    def something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("one of table_ids, swap_with and pinned is needed")
        return self


class Nothing(Body):
    """No field is needed."""


class ManageLink(Body):
    token: LinkToken


class GuestChange(Body):
    """What is left out stays; a phone number or an e-mail of null is taken away."""

    name: FullName = left_out()
    phone: Phone | None = None
    email: Email | None = None
    language: Language = left_out()


class BookingChange(Body):
    """What is left out stays; ``table_id`` null means: choose a table."""

    date: Date = left_out()
    time: Time = left_out()
    guests: Guests = left_out()
    table_id: TableId | None = None


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


class HistoryPage(Query):
    """The last acts of a booking, or the last ones before those of another answer."""

    limit: Annotated[int, Field(ge=1, le=500), BeforeValidator(count)] = 100
    cursor: EventCursor | None = Field(
        None, description='Where there is more, the header Link has rel="next" with the cursor of the acts before.'
    )
