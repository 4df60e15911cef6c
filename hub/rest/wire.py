"""What goes over the wire: each body, query and answer as a type. They validate, and they are the OpenAPI document.

Bodies are strict: a number is no string, an unknown field is refused. Instants, dates and times are read here and
written here, and nowhere else in the REST layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from hub import accounts, bookings
from hub.config import LANGUAGES, Rules
from hub.domain import text
from hub.domain.event import position_text
from hub.domain.room import Table as RoomTable
from hub.domain.slots import local_date_time, local_text

BIGGEST_ID = 2**63 - 1
DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
TIME = r"^([01]\d|2[0-3]):[0-5]\d(:00)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$"
POSITION = r"^[a-z0-9]{8}:(0|[1-9]\d{0,17})$"
NO_NUL = r"^[^\u0000]*$"


def _by_pattern(pattern: str, parse: Callable[[str], Any], wrong: str) -> Callable[[Any], Any]:
    form = re.compile(pattern, re.ASCII)

    def read(value: Any) -> Any:
        if not isinstance(value, str) or not form.match(value) or value.endswith("\n"):
            raise ValueError(wrong)
        try:
            return parse(value)
        except ValueError:
            raise ValueError(wrong) from None

    return read


Date = Annotated[
    date,
    BeforeValidator(_by_pattern(DATE, date.fromisoformat, "a date as YYYY-MM-DD is needed")),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DATE, "examples": ["2026-11-24"]}),
]
Time = Annotated[
    time,
    BeforeValidator(_by_pattern(TIME, time.fromisoformat, "a time as HH:MM[±HH:MM] is needed, to the minute")),
    WithJsonSchema({"type": "string", "pattern": TIME, "examples": ["18:00"]}),
]
Position = Annotated[str, StringConstraints(pattern=POSITION), Field(examples=["k3v9x0ab:17"])]


def _whole(value: Any) -> Any:
    """An integer as JSON Schema has it: 18.0 is one."""
    return int(value) if type(value) is float and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""It stands after the bounds: pydantic writes the bounds of what comes after a validator in words of its own."""
MOST_GUESTS = 20
Guests = Annotated[int, Field(ge=1, le=MOST_GUESTS, description="How many dine."), WHOLE]
TableId = Annotated[int, Field(ge=1, le=BIGGEST_ID), WHOLE]
Email = Annotated[
    str,
    StringConstraints(max_length=254, strip_whitespace=True),
    AfterValidator(accounts.address),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254}),
]
Password = Annotated[str, StringConstraints(min_length=8, max_length=128)]
Phone = Annotated[str, StringConstraints(min_length=5, max_length=32, strip_whitespace=True, pattern=NO_NUL)]
FullName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, strip_whitespace=True, pattern=NO_NUL),
    AfterValidator(lambda value: text.name(value, most=255)),
]
TableName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=NO_NUL),
    AfterValidator(lambda value: text.name(value, most=64)),
]
Seats = Annotated[int, Field(ge=1, le=20), WHOLE]
Language = Literal["en", "ru"]
assert set(LANGUAGES) == {"en", "ru"}


def _count(value: Any) -> Any:
    """A whole number in a query, which is text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    raise ValueError("a whole number is needed")


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


# -- what is asked


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


LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Verification(Body):
    token: LinkToken


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

    full_name: FullName = Field(default=None)  # type: ignore[assignment]
    phone_number: Phone = Field(default=None)  # type: ignore[assignment]
    language: Language = Field(default=None)  # type: ignore[arg-type]


class NewBooking(Body):
    date: Date
    time: Time
    guests: Guests = 1
    table_id: TableId | None = Field(None, description="Left out or null: the smallest free table that fits.")


class BookingChange(Body):
    """What is left out stays; ``table_id`` null means: choose a table."""

    date: Date = Field(default=None)  # type: ignore[assignment]
    time: Time = Field(default=None)  # type: ignore[assignment]
    guests: Guests = Field(default=None)  # type: ignore[assignment]
    table_id: TableId | None = None


class NewTable(Body):
    name: TableName
    seats: Seats


class TableChange(Body):
    name: TableName = Field(default=None)  # type: ignore[assignment]
    seats: Seats = Field(default=None)  # type: ignore[assignment]


class Wish(Query):
    date: Date
    time: Time
    guests: Annotated[Guests, BeforeValidator(_count)] = 1
    after: Position | None = None


class Page(Query):
    limit: Annotated[int, Field(ge=1, le=100), BeforeValidator(_count)] = 50
    before: Annotated[str, StringConstraints(max_length=128)] | None = None


# -- what is answered


class Token(Answer):
    access_token: str
    token_type: Literal["bearer"]
    expires_in: int


class Account(Answer):
    id: int
    email: str
    phone_number: str | None
    full_name: str
    role: Literal["user", "host", "admin"]
    language: Language
    created_at: datetime
    verified: bool = Field(description="Whether the owner has proved that the e-mail is theirs.")


class Export(Answer):
    """All that is kept of an account."""

    account: dict[str, Any]
    sessions: list[dict[str, Any]]
    bookings: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    mails: list[dict[str, Any]]


class Table(Answer):
    id: int
    name: str
    seats: int


class Tables(Answer):
    items: list[Table]


class Left(Answer):
    service_date: date
    position: Position


class Booking(Answer):
    id: int
    start_at: datetime
    end_at: datetime
    canceled_at: datetime | None
    created_at: datetime
    guests: int
    status: Literal["booked", "seated", "finished", "no_show", "canceled"]
    revision: int
    service_date: date
    position: Position
    table: Table
    left: Left | None = Field(None, description="Only after a change of day: the day that was left.")


class Bookings(Answer):
    items: list[Booking]
    next: str | None


class Available(Answer):
    date: date
    time: str
    guests: int
    slot_hours: float
    tables: list[Table]
    position: Position
    tables_position: Position


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
    next_valid: str | None = None


# -- rendering


def token(grant: accounts.Grant) -> dict[str, Any]:
    return {"access_token": grant.access_token, "token_type": "bearer", "expires_in": grant.expires_in}


def account(found: accounts.Account, rules: Rules) -> dict[str, Any]:
    return {
        "id": found.id,
        "email": found.email,
        "phone_number": found.phone_number,
        "full_name": found.full_name,
        "role": found.role,
        "language": found.language,
        "created_at": local_text(found.created_at, rules),
        "verified": found.verified,
    }


def booking(found: bookings.Booking, rules: Rules) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": found.id,
        "start_at": local_text(found.starts_at, rules),
        "end_at": local_text(found.ends_at, rules),
        "canceled_at": local_text(found.canceled_at, rules) if found.canceled_at else None,
        "created_at": local_text(found.created_at, rules),
        "guests": found.guests,
        "status": found.status,
        "revision": found.revision,
        "service_date": found.service_date.isoformat(),
        "position": position_text(found.epoch, found.version),
        "table": found.table.as_json(),
    }
    if found.left is not None:
        day, version = found.left
        shown["left"] = {"service_date": day.isoformat(), "position": position_text(found.epoch, version)}
    return shown


def alternative(starts_at: datetime, table: RoomTable, rules: Rules) -> dict[str, Any]:
    day, at = local_date_time(starts_at, rules)
    return {"date": day.isoformat(), "time": at.strftime("%H:%M:%S"), "table": table.as_json()}
