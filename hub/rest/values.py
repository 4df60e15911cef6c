"""The single values of the REST contract as types: each reads, validates and describes itself.

Instants, dates and times are read here and nowhere else in the REST layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from hub.commands import accounts
from hub.domain import lifecycle, text
from hub.domain.venue import LANGUAGES

BIGGEST_ID = 2**63 - 1
DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
TIME = r"^([01]\d|2[0-3]):[0-5]\d(:00)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$"
INSTANT = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?"
    r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$"
)
POSITION = r"^[a-z0-9]{8}(\.[a-z0-9]{12})?:(0|[1-9]\d{0,17})$"
VERSION = r"^([a-z0-9]{8}(\.[a-z0-9]{12})?:)?(0|[1-9]\d{0,17})$"
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


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:  # beyond the year 9999, or before the first
        raise ValueError from None


def _version(text: str) -> tuple[str | None, int]:
    epoch, _, version = text.rpartition(":")
    return epoch or None, int(version)


Instant = Annotated[
    datetime,
    BeforeValidator(_by_pattern(INSTANT, _instant, "an instant as RFC 3339 with its offset is needed, + as %2B")),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "pattern": INSTANT, "examples": ["2026-11-24T18:00:00+03:00"]}
    ),
]
"""In UTC."""
Version = Annotated[
    tuple[str | None, int],
    BeforeValidator(_by_pattern(VERSION, _version, "a version is needed: a whole number, or a position")),
    WithJsonSchema({"type": "string", "pattern": VERSION, "examples": ["17", "k3v9x0ab:17"]}),
]
"""(epoch, version) of a stream; the epoch is None where the present one is meant."""
EventCursor = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,17}$")]
Position = Annotated[str, StringConstraints(pattern=POSITION), Field(examples=["k3v9x0ab:17"])]


def _whole(value: Any) -> Any:
    """An integer as JSON Schema has it: 18.0 is one."""
    return int(value) if type(value) is float and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""It stands after the bounds: pydantic writes the bounds of what comes after a validator in words of its own."""
MOST_GUESTS = 20
Guests = Annotated[int, Field(ge=1, le=MOST_GUESTS, description="How many dine."), WHOLE]
GuestId = Annotated[int, Field(ge=1, le=BIGGEST_ID), WHOLE]
TableId = Annotated[int, Field(ge=1, le=BIGGEST_ID), WHOLE]
AreaId = Annotated[int, Field(ge=1, le=BIGGEST_ID), WHOLE]
BookingId = Annotated[int, Field(ge=1, le=BIGGEST_ID), WHOLE]
QueuePlace = Annotated[int, Field(ge=1, le=10_000), WHOLE]
ONCE = AfterValidator(lambda value: tuple(dict.fromkeys(value)))
TableIds = Annotated[tuple[TableId, ...], Field(min_length=1, max_length=8), ONCE]
ClosedTables = Annotated[tuple[TableId, ...], Field(min_length=1, max_length=64), ONCE]
"""More than a party may have: those of an area that are free."""
Minutes = Annotated[int, Field(ge=5, le=1440), WHOLE]
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
Note = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=NO_NUL),
    AfterValidator(lambda value: text.name(value, most=500)),
]
SearchText = Annotated[
    str,
    StringConstraints(min_length=2, max_length=64, strip_whitespace=True, pattern=NO_NUL),
]
BookingStatus = lifecycle.Status
Reason = Annotated[
    str,
    StringConstraints(max_length=200, strip_whitespace=True, pattern=NO_NUL),
    AfterValidator(lambda value: value and text.name(value, most=200)),
]
Occasion = Annotated[
    str,
    StringConstraints(min_length=1, max_length=20, strip_whitespace=True, pattern=NO_NUL),
    AfterValidator(lambda value: text.name(value, most=20)),
]
Need = Literal["step_free", "wheelchair", "high_chair", "pram", "assistance_dog", "quiet", "hearing"]
Channel = Literal["account", "public", "phone", "walk-in", "waitlist"]
"""How a booking came: by an account; by the guest page without one; by a call; at the door, without or with a wait."""
Needs = Annotated[
    tuple[Need, ...],
    Field(max_length=20, description="What the guests need at the table."),
    AfterValidator(lambda value: tuple(dict.fromkeys(value))),
]
TableName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=NO_NUL),
    AfterValidator(lambda value: text.name(value, most=64)),
]
Seats = Annotated[int, Field(ge=1, le=20), WHOLE]
AreaName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40, strip_whitespace=True, pattern=NO_NUL),
    AfterValidator(lambda value: text.name(value, most=40)),
]
Rank = Annotated[int, Field(ge=0, le=9999, description="Areas are shown by rank, then by name."), WHOLE]
Thousandth = Annotated[int, Field(ge=0, le=1000), WHOLE]
Extent = Annotated[int, Field(ge=1, le=1000), WHOLE]
CombinedIds = Annotated[
    tuple[TableId, ...],
    Field(min_length=1, max_length=32, description="Of two to eight tables."),
    AfterValidator(lambda value: tuple(dict.fromkeys(value))),
]
CombinedGuests = Annotated[int, Field(ge=1, le=60), WHOLE]
Language = Literal["en", "ru"]
assert set(LANGUAGES) == {"en", "ru"}


def count(value: Any) -> Any:
    """A whole number in a query, which is text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    raise ValueError("a whole number is needed")


HoldToken = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=NO_NUL)]
LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=128)]
