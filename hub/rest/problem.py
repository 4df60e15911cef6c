"""What a caller gets instead of an answer: a problem as a type, with what it may bring. See hub.rest.errors."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from hub.rest.answer import Answer
from hub.rest.answers import BlockAnswer, BookingAnswer, WaitlistEntryAnswer
from hub.rest.floor_answers import AdminTable, AreaAnswer, CombinationAnswer, Named, TableAnswer
from hub.rest.people_answers import AccountAnswer, GuestAnswer


class FieldError(Answer):
    field: str
    message: str


class Alternative(Answer):
    start_at: datetime = Field(description="Of a time that the clock shows twice it says which one is meant.")
    date: date
    time: str
    table: TableAnswer
    tables: list[TableAnswer] = Field(description="All of them; the first is ``table``.")


class BookingInTheWay(Answer):
    booking_id: int
    start_at: datetime
    end_at: datetime
    guests: int
    tables: list[int]
    name: str | None = Field(None, description="With table_in_use: whose booking it is.")


class FreeTables(Answer):
    """One table, or several that are pushed together, for ``seats`` at most."""

    tables: list[TableAnswer]
    seats: int


class DayChange(Answer):
    at: datetime
    what: str = Field(description="booked, rescheduled, canceled, seated and the like. Others may come.")


class InTheWay(Answer):
    """What takes a table then."""

    what: Literal["booking", "block", "hold"]
    id: int


class NextBooking(Answer):
    """The booking that follows at the tables of a party that wants to stay."""

    booking_id: int
    start_at: datetime
    tables: list[int]
    could_move_to: list[int] = Field(description="Tables that are free for it; empty: none are, or it sits already.")


class Problem(Answer):
    """RFC 9457, with the code that programs judge by."""

    type: str
    title: str
    status: int
    detail: str
    error_code: str
    request_id: str
    errors: list[FieldError] | None = None
    alternatives: list[Alternative] | None = None
    bookings: list[BookingInTheWay] | None = Field(
        None, description="Of a block, or with table_in_use: those that are in its way."
    )
    changed: list[DayChange] | None = Field(None, description="What changed on the day since `seen`, the last of it.")
    in_the_way: list[InTheWay] | None = Field(None, description="What takes the tables, by when it begins.")
    free_tables: list[int] | None = Field(
        None, description="Of a block: those of its tables that are free then, and could be closed without the others."
    )
    exceed: list[Literal["hold", "seats"]] | None = Field(
        None, description="To staff: with this `exceed`, and a reason, it would be done."
    )
    next: NextBooking | None = None
    next_valid: str | None = None
    free: list[FreeTables] | None = Field(None, description="With no_wait: what is free at once.")
    waitlist_id: int | None = Field(
        None, description="With already_waiting: the guest's entry; with passed_over: that of who waits before them."
    )
    tables: list[int] | None = Field(None, description="With passed_over: the tables which that party was to get.")
    present: (
        BookingAnswer
        | BlockAnswer
        | AdminTable
        | AreaAnswer
        | CombinationAnswer
        | GuestAnswer
        | AccountAnswer
        | WaitlistEntryAnswer
        | None
    ) = Field(None, description="With 412: the thing as it is now.")
    rule: str | None = Field(None, description="With combination_invalid: the code of the rule that is broken.")
    combination: Named | None = Field(
        None, description="With combination_invalid: the one that would break it, after a change of a table of it."
    )
    clamped_to: int | None = Field(
        None, description="With combination_invalid: for how many guests at most `clamp=1` would make it."
    )
