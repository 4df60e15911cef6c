"""What a mail of the outbox is about, read right before it is sent, and whether it is still to be sent."""
# ruff: noqa: S608 - the pieces of all statements are constants

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from hub.domain.events import MAIN
from hub.domain.lifecycle import OVER
from hub.store import database
from hub.store.outbox import LEASED, OutboxEntry, leases_of

LATEST = timedelta(minutes=15)
"""A reminder that is later than this is not sent any more."""
ABOUT_ACCOUNTS = ("verify", "reset")
"""Topics of mails that are about an account and hold a link."""
TO_UNVERIFIED = ("confirmed", "canceled")
"""Topics of mails about a booking that go to an address which its owner has not verified."""
TOLD = ("confirmed", "rescheduled")
"""Topics of mails that say when a booking is."""
TOPICS = ("confirmed", "rescheduled", "canceled", "reminder", *ABOUT_ACCOUNTS)

MOST_EARLIER = 20
EARLIER = (
    "CASE WHEN o.topic IN ('confirmed', 'rescheduled') THEN "
    "(SELECT jsonb_agg(jsonb_build_array(p.topic, p.has_left) ORDER BY p.id DESC) "
    "FROM (SELECT e.id, e.topic, e.sent_at IS NOT NULL "
    "OR (e.topic = 'canceled' AND e.attempts + e.expired > 0) AS has_left FROM outbox e WHERE e.venue_id = o.venue_id "
    "AND e.booking_id = o.booking_id AND e.kind = o.kind AND e.topic IN ('confirmed', 'rescheduled', 'canceled') "
    "AND e.target = o.target AND e.payload->>'audience' = o.payload->>'audience' AND e.id < o.id "
    f"ORDER BY e.id DESC LIMIT {MOST_EARLIER}) p) END"
)
"""The mails before one that says when a booking is (TOLD): of no other topic it matters what was told before. A
cancellation that was tried may have left, though nobody said so: it counts as told."""


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail of the outbox with its booking as it was when it was read; ``now`` is that time by the database's clock.

    A mail about an account (ABOUT_ACCOUNTS) has no booking: its ``booking_id`` is 0, and what is a booking's says
    nothing; it is sent for venue 1. ``user_id``, ``verified`` and ``disabled`` are of the guest's account; of a guest
    without one (0) staff wrote the address down, and it counts as verified.

    ``earlier``, of one that says when a booking is (TOLD): the mails about the booking before it, to the same address,
    newest first, each with whether it has left."""

    id: int
    venue_id: int
    topic: str
    revision: int
    lead_minutes: int
    audience: str
    recipient: str
    language: str
    booking_id: int
    reference: str
    booking_revision: int
    status: str
    guests: int
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    table_name: str
    user_id: int
    full_name: str
    phone_number: str | None
    verified: bool
    disabled: bool
    link_version: int
    now: datetime
    earlier: tuple[tuple[str, bool], ...] = ()

    @property
    def takes_back(self) -> bool:
        """Whether it says that the booking stands after all: the last that was told of it is its cancellation."""
        return self._told == "canceled"

    @property
    def is_needless(self) -> bool:
        """Whether the booking stands after a cancellation of which nobody was told, as was told before it."""
        untold = [topic for topic, _ in self.earlier[: self._told_at]]
        is_same = self.topic == "confirmed" and "rescheduled" not in untold
        return is_same and self._told in TOLD and untold[:1] == ["canceled"]

    @property
    def _told_at(self) -> int:
        return next((at for at, (_, has_left) in enumerate(self.earlier) if has_left), len(self.earlier))

    @property
    def _told(self) -> str | None:
        return next((topic for topic, has_left in self.earlier if has_left), None)


async def read(entries: Sequence[OutboxEntry]) -> dict[int, DueMail]:
    """The mails of these rows as they are now, by id: those whose lease is still the caller's."""
    rows = await database.fetch(
        f"SELECT o.id, coalesce(o.venue_id, {MAIN}) AS venue_id, o.topic, "
        "(o.payload->>'revision')::integer AS revision, "
        "(o.payload->>'lead_minutes')::integer AS lead_minutes, o.payload->>'audience' AS audience, "
        "o.target AS recipient, o.payload->>'language' AS language, coalesce(o.booking_id, 0) AS booking_id, "
        "coalesce(b.reference, '') AS reference, "
        "coalesce(b.notice_revision, (o.payload->>'revision')::integer) AS booking_revision, "
        "coalesce(b.status, '-') AS status, coalesce(b.guests, 0) AS guests, "
        "coalesce(b.starts_at, o.created_at) AS starts_at, coalesce(b.ends_at, o.created_at) AS ends_at, "
        "coalesce(b.created_at, o.created_at) AS created_at, coalesce(t.name, '') AS table_name, "
        "coalesce(u.id, 0) AS user_id, "
        "coalesce(g.name, u.full_name) AS full_name, coalesce(g.phone, u.phone_number) AS phone_number, "
        "u.id IS NULL OR u.verified_at IS NOT NULL AS verified, u.disabled_at IS NOT NULL AS disabled, "
        "coalesce(b.link_version, 0) AS link_version, "
        f"clock_timestamp() AS now, {EARLIER} AS earlier FROM {LEASED} "
        "LEFT JOIN bookings b ON b.venue_id = o.venue_id AND b.id = o.booking_id "
        "LEFT JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id "
        "LEFT JOIN guests g ON g.group_id = b.group_id AND g.id = b.guest_id "
        "LEFT JOIN users u ON u.id = coalesce(o.user_id, g.user_id) WHERE coalesce(g.id, u.id) IS NOT NULL",
        *leases_of(entries),
    )
    return {row["id"]: DueMail(**{**row, "earlier": _pairs(row["earlier"])}) for row in rows}


def _pairs(found: str | None) -> tuple[tuple[str, bool], ...]:
    return tuple((topic, has_left) for topic, has_left in orjson.loads(found or "[]"))


def over(mail: DueMail) -> str | None:
    """Why a mail is not to be sent any more, or None. A mail about a cancellation is stale when that was taken back;
    what was to come is, once the party has left or did not come. What was taken back before anybody was told of it
    needs no word either.

    An address that its owner has not verified is told of what was booked and canceled with it, also that it is not
    canceled after all, and of nothing else.
    """
    if mail.topic in ABOUT_ACCOUNTS:
        if mail.disabled:
            return "stale: the account is disabled"
        return "stale: the address is verified" if mail.topic == "verify" and mail.verified else None
    if mail.topic == "canceled":
        if mail.status != "canceled":
            return "stale: the cancellation was taken back"
        return None if mail.booking_revision == mail.revision else _other_revision(mail)
    if mail.status == "canceled":
        return "stale: the booking is canceled"
    if mail.status in OVER:
        return f"stale: the booking is {mail.status}"
    if mail.booking_revision != mail.revision:
        return _other_revision(mail)
    if mail.is_needless:
        return "stale: nobody was told of the cancellation that was taken back"
    is_for_all = mail.topic in TO_UNVERIFIED or mail.takes_back
    if mail.audience == "guest" and not mail.verified and not is_for_all:
        return "unverified: nobody has proved that the address is theirs"
    if mail.topic == "reminder":
        if mail.status != "booked":
            return f"stale: the booking is {mail.status}"
        late = mail.now - (mail.starts_at - timedelta(minutes=mail.lead_minutes))
        if late > LATEST or mail.now >= mail.starts_at:
            return f"late: the reminder was due {late.total_seconds() / 60:.0f} minutes ago"
    return None


def _other_revision(mail: DueMail) -> str:
    return f"stale: the booking is at revision {mail.booking_revision}"
