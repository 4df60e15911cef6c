"""What a caller gets: each answer as a type, which is part of the OpenAPI document.

How what is found becomes one of them is hub.rest.serializers'.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field, RootModel

from hub.rest.answer import Answer
from hub.rest.floor_answers import AdminTable, Area, Combination, FreeCombination, Named, Table
from hub.rest.values import Language, Need, Position


class Token(Answer):
    access_token: str
    token_type: Literal["bearer"]
    expires_in: int


class ManageToken(Token):
    """Good for GET, PATCH and DELETE of this booking, below the venue's ``url_prefix``."""

    booking_id: int
    venue: str = Field(description="The venue's slug.")
    url_prefix: str


class Account(Answer):
    id: int
    email: str
    phone_number: str | None
    full_name: str
    role: Literal["user", "host", "admin"]
    language: Language
    created_at: datetime
    verified: bool = Field(description="Whether the owner has proved that the e-mail is theirs.")
    password_confirmed: bool = Field(
        description="Whether the owner of the e-mail has confirmed that the password is theirs. Without that the "
        "account has the role of a user, whatever ADMIN_EMAILS says; POST /auth/reset confirms it."
    )


class Export(Answer):
    """All that is kept of an account."""

    account: dict[str, Any]
    sessions: list[dict[str, Any]]
    memberships: list[dict[str, Any]]
    guests: list[dict[str, Any]] = Field(description="What each group of venues knows of its owner.")
    notes: list[dict[str, Any]]
    bookings: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    mails: list[dict[str, Any]]


class Left(Answer):
    service_date: date
    position: Position


class BookingGuest(Answer):
    """Who dines, as they are called now."""

    id: int
    name: str
    phone: str | None
    email: str | None


class Guest(BookingGuest):
    language: Language
    has_account: bool = Field(description="Their account says all this, and they alone change it.")
    created_at: datetime


class Undo(Answer):
    """A step that may be taken back until then."""

    action: str
    until: datetime


class Booking(Answer):
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
    table: Table
    tables: list[Table] = Field(description="All of its tables; the first is ``table``.")
    pinned: bool = Field(description="It is to keep its table.")
    arrived_at: datetime | None
    seated_at: datetime | None
    left_at: datetime | None
    venue: str = Field(description="The venue's slug.")
    reference: str = Field(description="8 characters by which people name the booking; none looks like another.")
    channel: Literal["online", "phone", "walkin", "waitlist"]
    guest: BookingGuest
    note: str | None = Field(description="What the guest wants the house to know.")
    occasion: str | None
    needs: list[Need]
    house_note: str | None = Field(None, description="For staff: what the house noted.")
    undo: Undo | None = Field(None, description="For staff: the last step, which may still be taken back.")
    left: Left | None = Field(None, description="Only after a change of day: the day that was left.")


class Moved(RootModel[list[Booking]]):
    """All bookings that changed, the one that was named first."""


class Bookings(Answer):
    items: list[Booking]
    next: str | None


class Actor(Answer):
    id: int
    name: str | None = Field(description="The present one; null: the account was erased.")
    role: Literal["user", "host", "admin"] | None = Field(description="The present one.")


class BookingState(Answer):
    """A booking at a revision; ``date`` and ``time`` are the start's."""

    service_date: date
    date: date
    time: str
    guests: int
    table: Table | None = Field(description="As it is named now, also when it is retired; null: it was deleted.")
    status: Literal["booked", "arrived", "seated", "finished", "no_show", "canceled"]
    revision: int
    start_at: datetime
    end_at: datetime


class Act(Answer):
    at: datetime
    actor: Actor | None = Field(description="Null: the hub itself, or its operator by a command.")
    action: str = Field(
        description="booked, rescheduled, canceled; refiled: a change of the rules put it on another service day. "
        "Others may come."
    )
    before: BookingState | None = Field(description="Null: there was no booking yet, or it is not known any more.")
    after: BookingState | None = Field(description="Null: this release can't read it.")
    request_id: str | None = Field(description="The X-Request-ID of the answer to this change.")


class History(RootModel[list[Act]]):
    """What was done to a booking, oldest first."""


class Available(Answer):
    date: date
    time: str
    guests: int
    slot_hours: float
    tables: list[Table]
    combinations: list[FreeCombination] = Field(description="Free for as long, of tables each of which may be free.")
    position: Position
    tables_position: Position


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
    reference: str
    channel: Literal["online", "phone", "walkin", "waitlist"]
    note: str | None
    house_note: str | None
    occasion: str | None
    needs: list[Need]
    pinned: bool
    arrived_at: datetime | None
    seated_at: datetime | None
    left_at: datetime | None
    undo: Undo | None
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


class FloorWaiting(Answer):
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


class Floor(Answer):
    """A service day by ids: its bookings, but for the canceled ones; closed and held tables; who waits."""

    bookings: dict[str, FloorBooking]
    blocks: dict[str, FloorBlock]
    holds: dict[str, FloorHold]
    waitlist: dict[str, FloorWaiting]


class Availability(Answer):
    """When tables are taken, by id: half-open ranges, sorted. A table that is not there is free all day."""

    tables: dict[str, list[tuple[datetime, datetime]]]


class Shift(Answer):
    """A period of service; today's rules give each day one."""

    date: date
    id: int
    name: str
    opens: datetime
    last_seating: datetime
    closes: datetime


class Turn(Answer):
    guests_up_to: int
    minutes: int


class GuestRules(Answer):
    """What a guest may ask for; ``step``, ``notice`` and the deadline are in minutes."""

    step: int
    turns: list[Turn]
    guests_min: int
    guests_max_online: int
    days_ahead: int
    notice: int
    cancel_deadline_minutes: int


class Contact(Answer):
    phone: str | None
    website: str | None


class OnlineBooking(Answer):
    open: bool
    paused_until: datetime | None


class VenueFacts(Answer):
    """``service_day`` is the day that is on until ``day_ends_at``: what "today" means."""

    slug: str
    name: str
    phone: str | None
    address: str | None
    website: str | None
    zone: str
    country: str | None
    languages: list[Language]
    now: datetime
    service_day: date
    day_ends_at: datetime
    shifts: list[Shift]
    rules: GuestRules
    contact: Contact
    online_booking: OnlineBooking


class SeenVenue(Answer):
    """``url_prefix`` stands before each path, ``channel_prefix`` before each channel at /live: both are empty for the
    installation's first venue."""

    slug: str
    name: str
    zone: str
    url_prefix: str
    channel_prefix: str
    roles: list[Literal["user", "viewer", "host", "manager", "owner", "admin"]]


class Venues(Answer):
    items: list[SeenVenue]


class Health(Answer):
    status: Literal["live", "ready", "degraded", "not_ready"]
    checks: dict[str, str]


class FieldError(Answer):
    field: str
    message: str


class Alternative(Answer):
    date: date
    time: str
    table: Table
    tables: list[Table] = Field(description="All that are offered; the first is ``table``.")


class DayChange(Answer):
    at: datetime
    what: Literal["booked", "rescheduled", "canceled", "moved_away", "moved_here", "renamed"]


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
    changed: list[DayChange] | None = Field(None, description="What changed on the day since `seen`, the last of it.")
    next_valid: str | None = None
    present: Booking | AdminTable | Area | Combination | None = Field(
        None, description="With 412: the thing as it is now."
    )
    rule: str | None = Field(None, description="With combination_invalid: the code of the rule that is broken.")
    combination: Named | None = Field(
        None, description="With combination_invalid: the one that would break it, after a change of a table of it."
    )
