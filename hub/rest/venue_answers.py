"""What a caller gets of the venues and of the hub itself, as types. See hub.rest.answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from hub.rest.answer import Answer
from hub.rest.values import Language


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
    """What a guest may ask for; lengths of time are in minutes."""

    step: int
    turns: list[Turn]
    guests_min: int
    guests_max_online: int
    oversize: int | None = Field(
        None, description="How many seats more than the party a guest's tables may have; null: any number."
    )
    days_ahead: int
    notice: int
    cancel_deadline_minutes: int = Field(
        description="How long before its start a booking may still be canceled or changed."
    )
    cancel_grace_minutes: int = Field(description="How long after it was made it may be, also later than that.")


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
