"""What a caller gets of people: tokens, accounts and guests as types. See hub.rest.answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from hub.rest.answer import Answer
from hub.rest.values import Language


class Token(Answer):
    access_token: str
    token_type: Literal["bearer"]
    expires_in: int


class ManageToken(Token):
    """Good for GET, PATCH and DELETE of this booking, below the venue's ``url_prefix``."""

    booking_id: int
    venue: str = Field(description="The venue's slug.")
    url_prefix: str


class AccountAnswer(Answer):
    id: int
    email: str
    phone_number: str | None
    full_name: str
    role: Literal["user", "host", "admin"]
    language: Language
    created_at: datetime
    revision: int
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
    waits: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    cut: list[str] = Field(description="What is not complete here: the oldest 10,000 of each kind are.")


class BookingGuest(Answer):
    """Who dines, as they are called now."""

    id: int
    name: str
    phone: str | None
    email: str | None


class GuestAnswer(BookingGuest):
    language: Language
    has_account: bool = Field(description="Their account says all this, and they alone change it.")
    revision: int
    created_at: datetime
    visits: int = 0
    no_shows: int = 0
    last: LastVisit | None = None
    usual_guests: int | None = None
    notes: list[GuestNote] = Field(default_factory=list)


class GuestNote(Answer):
    id: int
    kind: Literal["dietary", "access", "note"]
    text: str
    keep_until: date | None = Field(description="The last day on which it is kept; null: for good.")
    created_at: datetime


class LastVisit(Answer):
    date: date
    table: str


class KnownGuest(BookingGuest):
    """A guest with what is known of their visits; ``visits`` and ``no_shows`` are those in all venues of the group."""

    language: Language
    has_account: bool = Field(description="Their account says name, phone and e-mail, and they alone change it.")
    visits: int
    no_shows: int
    last: LastVisit | None = Field(description="The last visit in this venue.")
    usual_guests: int | None = Field(description="How many they most often are.")
    notes: list[GuestNote] = Field(description="To hosts only of guests who come today.")


class KnownGuests(Answer):
    items: list[KnownGuest]
