"""What is owed to guests and the house, as workers take it: claim, look again, mark; and what operators ask for.

A claim is a lease: ``claimed_until`` is when it ends and, because each claim or renewal writes a later one, whose it
is. So every verb here that needs a lease names it, and does nothing to a row that somebody else has by now. One
statement each, in its own transaction: a worker that stops in the middle holds no lock.
"""
# ruff: noqa: S608 - the pieces of all statements are constants of this file

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from hub.store import database

LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 12
"""Answers of the mail server, after which a delivery has failed."""
MOST_EXPIRED = 5
"""Leases in a row that ran out (a worker that ended), or mails that could not be made, after which it has failed."""
LATEST = timedelta(minutes=15)
"""A reminder that is later than this is not sent any more."""
ABOUT_ACCOUNTS = ("verify", "reset")
"""Kinds of mails that are about an account and hold a link."""
TO_UNVERIFIED = ("confirmed", "canceled")
"""Kinds of mails about a booking that go to an address which its owner has not verified."""
OPEN = "{0}.sent_at IS NULL AND {0}.dropped_at IS NULL AND {0}.failed_at IS NULL"
CLAIM = (
    # A row waits while another one of its booking is held, or is due and comes first: lowest revision, reminders last.
    # The inner one says "open" so that the index of due rows does not fit it: only the booking's few rows are read,
    # whatever the planner believes. In the order of that index alone: a claim reads no more rows than it takes.
    "WITH chosen AS MATERIALIZED (SELECT d.id FROM deliveries d "
    f"WHERE {OPEN.format('d')} AND d.due_at <= now() AND d.claimed_until IS NULL AND (d.lost > 0) = $2 "
    "AND (SELECT true FROM deliveries o WHERE o.booking_id = d.booking_id AND o.id <> d.id "
    "AND coalesce(o.sent_at, o.dropped_at, o.failed_at) IS NULL AND (o.claimed_until IS NOT NULL OR o.due_at <= now() "
    "AND (o.revision, o.kind = 'reminder', o.id) < (d.revision, d.kind = 'reminder', d.id)) LIMIT 1) IS NULL "
    "ORDER BY d.due_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED), "
    "claimed AS (UPDATE deliveries d SET claimed_until = now() + $3 FROM chosen c WHERE d.id = c.id RETURNING d.*) "
)
READ = (
    "SELECT d.id, d.claimed_until AS lease, d.kind, d.revision, d.lead_minutes, d.audience, d.recipient, d.language, "
    "d.due_at, d.attempts, d.request_id, coalesce(d.booking_id, 0) AS booking_id, "
    "coalesce(b.notice_revision, d.revision) AS booking_revision, coalesce(b.status, '-') AS status, "
    "coalesce(b.guests, 0) AS guests, coalesce(b.starts_at, d.created_at) AS starts_at, "
    "coalesce(b.ends_at, d.created_at) AS ends_at, coalesce(b.created_at, d.created_at) AS created_at, "
    "coalesce(t.name, '') AS table_name, u.id AS user_id, u.full_name, u.phone_number, "
    "u.verified_at IS NOT NULL AS verified, u.disabled_at IS NOT NULL AS disabled, clock_timestamp() AS now "
    "FROM {0} d LEFT JOIN bookings b ON b.id = d.booking_id LEFT JOIN tables t ON t.id = b.table_id "
    "JOIN users u ON u.id = coalesce(d.user_id, b.user_id)"
)


@dataclass(slots=True)
class Due:
    """A claimed delivery with its booking as it was when it was last read: ``now`` by the database's clock, ``read_at``
    by this process's monotonic one, from before the question.

    A mail about an account (ABOUT_ACCOUNTS) has no booking: its ``booking_id`` is 0, and what is a booking's says
    nothing. ``verified`` and ``disabled`` are of the guest's account."""

    id: int
    lease: datetime
    kind: str
    revision: int
    lead_minutes: int
    audience: str
    recipient: str
    language: str
    due_at: datetime
    attempts: int
    request_id: str | None
    booking_id: int
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
    now: datetime
    read_at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one delivery went. ``wait`` is until the next try; ``answered`` whether the mail server had its say."""

    due: Due
    what: Literal["sent", "dropped", "failed", "again", "unmade", "released"]
    error: str | None = None
    wait: timedelta = timedelta(0)
    answered: bool = False


def over(due: Due) -> str | None:
    """Why a delivery is not to be sent any more, or None. A canceled row is never stale.

    An address that its owner has not verified is told of what was booked and canceled with it, and of nothing else.
    """
    if due.kind in ABOUT_ACCOUNTS:
        if due.disabled:
            return "stale: the account is disabled"
        return "stale: the address is verified" if due.kind == "verify" and due.verified else None
    if due.kind == "canceled":
        return None
    if due.status == "canceled":
        return "stale: the booking is canceled"
    if due.booking_revision != due.revision:
        return f"stale: the booking is at revision {due.booking_revision}"
    if due.audience == "guest" and not due.verified and due.kind not in TO_UNVERIFIED:
        return "unverified: nobody has proved that the address is theirs"
    if due.kind == "reminder":
        if due.status != "booked":
            return f"stale: the booking is {due.status}"
        late = due.now - (due.starts_at - timedelta(minutes=due.lead_minutes))
        if late > LATEST or due.now >= due.starts_at:
            return f"late: the reminder was due {late.total_seconds() / 60:.0f} minutes ago"
    return None


async def claim(most: int, *, quarantined: bool = False) -> list[Due]:
    """Take up to ``most`` due rows of different bookings, the longest due first, for one LEASE.

    ``suspect`` rows are those that somebody lost a lease of; they are never among the others.
    """
    read_at = time.monotonic()
    rows = await database.write(CLAIM + READ.format("claimed"), most, quarantined, LEASE)
    return sorted((Due(**row, read_at=read_at) for row in rows), key=lambda due: (due.due_at, due.id))


async def look_again(claimed: Sequence[Due]) -> dict[int, Due]:
    """Bring these up to date, and return by id those whose lease is still the caller's.

    What can decide whether a mail is still true is read: the booking's status and the revision that its guest is told
    of. What a mail says changes with that revision alone, but for the table in the house's copy.
    """
    read_at = time.monotonic()
    rows = await database.fetch(
        "SELECT d.id, coalesce(b.notice_revision, d.revision), coalesce(b.status, '-'), u.verified_at IS NOT NULL, "
        "u.disabled_at IS NOT NULL, clock_timestamp() AS now "
        "FROM unnest($1::bigint[], $2::timestamptz[]) h(id, lease) JOIN deliveries d ON d.id = h.id "
        "AND d.claimed_until = h.lease LEFT JOIN bookings b ON b.id = d.booking_id "
        f"JOIN users u ON u.id = coalesce(d.user_id, b.user_id) WHERE {OPEN.format('d')}",
        [due.id for due in claimed],
        [due.lease for due in claimed],
    )
    by_id, found = {due.id: due for due in claimed}, {}
    for delivery, revision, status, verified, disabled, now in rows:
        found[delivery] = due = by_id[delivery]
        due.booking_revision, due.status, due.now, due.read_at = revision, status, now, read_at
        due.verified, due.disabled = verified, disabled
    return found


async def renew(leases: Sequence[tuple[int, datetime]]) -> dict[int, datetime]:
    """Begin these leases anew; returns by id the ones that still were the caller's."""
    rows = await database.write(
        "UPDATE deliveries d SET claimed_until = now() + $3 FROM unnest($1::bigint[], $2::timestamptz[]) h(id, lease) "
        f"WHERE d.id = h.id AND d.claimed_until = h.lease AND {OPEN.format('d')} RETURNING d.id, d.claimed_until",
        [delivery for delivery, _ in leases],
        [lease for _, lease in leases],
        LEASE,
    )
    return {row["id"]: row["claimed_until"] for row in rows}


async def expire_leases() -> list[tuple[int, str, bool, str | None]]:
    """Take back every lease that ran out; returns the ids, the kinds, which have failed by it, and whose request."""
    rows = await database.write(
        f"WITH lost AS (SELECT d.id FROM deliveries d WHERE {OPEN.format('d')} AND d.due_at <= now() "
        "AND d.claimed_until <= now() ORDER BY d.id FOR UPDATE OF d SKIP LOCKED) "
        "UPDATE deliveries d SET claimed_until = NULL, lost = d.lost + 1, "
        "failed_at = CASE WHEN d.lost + 1 >= $1 THEN now() END, "
        "last_error = 'the lease ran out: the worker that had it ended, or was cut off' "
        "FROM lost WHERE d.id = lost.id RETURNING d.id, d.kind, d.failed_at IS NOT NULL AS failed, d.request_id",
        MOST_EXPIRED,
    )
    return [tuple(row) for row in rows]


async def mark(outcomes: Sequence[Outcome]) -> dict[int, bool]:
    """Write how these went and end their leases; returns by id whether the delivery has failed for good by it.

    What was sent is marked sent whoever has the lease by now: it is the truth, and it may spare a second copy.
    """
    rows = await database.write(
        "UPDATE deliveries d SET claimed_until = NULL, attempts = d.attempts + m.answered::int, "
        "sent_at = CASE WHEN m.what = 'sent' THEN now() END, "
        "dropped_at = CASE WHEN m.what = 'dropped' THEN now() END, "
        "failed_at = CASE WHEN m.what = 'failed' OR (m.what = 'again' AND d.attempts + 1 >= $7) "
        "OR (m.what = 'unmade' AND d.lost + 1 >= $8) THEN now() END, "
        "due_at = CASE WHEN m.what IN ('again', 'unmade') THEN now() + m.wait ELSE d.due_at END, "
        # An answer shows that the row ends nobody, so it is no suspect any more.
        "lost = CASE WHEN m.what = 'unmade' THEN d.lost + 1 WHEN m.what = 'again' THEN 0 ELSE d.lost END, "
        "last_error = CASE WHEN m.what = 'released' THEN d.last_error ELSE m.error END "
        "FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::interval[], $6::boolean[]) "
        "AS m(id, lease, what, error, wait, answered) WHERE d.id = m.id AND d.sent_at IS NULL "
        "AND (m.what = 'sent' OR d.claimed_until = m.lease) RETURNING d.id, d.failed_at IS NOT NULL AS failed",
        [o.due.id for o in outcomes],
        [o.due.lease for o in outcomes],
        [o.what for o in outcomes],
        [o.error for o in outcomes],
        [o.wait for o in outcomes],
        [o.answered for o in outcomes],
        MOST_ATTEMPTS,
        MOST_EXPIRED,
    )
    return {row["id"]: row["failed"] for row in rows}


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many are due now, and since how many seconds the oldest is owed that was not sent: those that wait for
    another try count since they were first due."""

    due: int
    oldest_seconds: float


async def backlog() -> Backlog:
    # The bound keeps reminders of later days out of the scan; no wait for another try is longer.
    [row] = await database.fetch(
        "SELECT count(*) FILTER (WHERE d.due_at <= now()) AS due, extract(epoch FROM now() - min(least(d.due_at, "
        "CASE d.kind WHEN 'reminder' THEN b.starts_at - make_interval(mins => d.lead_minutes) "
        "ELSE coalesce(b.updated_at, d.created_at) END))) AS oldest "
        "FROM deliveries d LEFT JOIN bookings b ON b.id = d.booking_id "
        f"WHERE {OPEN.format('d')} AND d.due_at <= now() + interval '7 hours' AND (d.due_at <= now() OR d.attempts > 0 "
        "OR d.lost > 0)"
    )
    return Backlog(row["due"], max(0.0, float(row["oldest"] or 0)))


async def unsent(*, failed: bool = False, most: int = 1000) -> list[Any]:
    """The rows that were not sent and are due, or failed: those that failed alone, with ``failed``; oldest first."""
    which = "d.failed_at IS NOT NULL"
    if not failed:
        which = f"({which} OR ({OPEN.format('d')} AND (d.due_at <= now() OR d.attempts > 0 OR d.lost > 0)))"
    return await database.fetch(
        "SELECT d.id, d.booking_id, d.revision, d.kind, d.lead_minutes, d.audience, d.recipient, d.due_at, "
        "d.claimed_until, d.attempts, d.lost, d.failed_at, d.last_error FROM deliveries d "
        f"WHERE {which} ORDER BY d.id LIMIT $1",
        most,
    )


def line(row: Any, zone: ZoneInfo) -> str:
    """One of :func:`unsent` as an operator reads it: what, for whom, where it stands, and why."""
    if row["failed_at"] is not None:
        state = f"failed {row['failed_at'].astimezone(zone):%Y-%m-%d %H:%M}"
    elif row["claimed_until"] is not None:
        state = "in hand"
    else:
        state = f"due {row['due_at'].astimezone(zone):%Y-%m-%d %H:%M}"
    kind = f"{row['kind']} {row['lead_minutes']}" if row["lead_minutes"] else row["kind"]
    about = f"booking {row['booking_id']} revision {row['revision']}" if row["booking_id"] else "account"
    return (
        f"{row['id']}: {state}; {about}, {kind} to the "
        f"{row['audience']} ({row['recipient']}); attempts {row['attempts']}, lost {row['lost']}; "
        f"{row['last_error'] or 'no error'}"
    )


async def retry(which: int | Literal["failed"]) -> list[int]:
    """Owe a failed delivery, or all of them, again from the start; returns the ids. Workers drop the stale."""
    rows = await database.write(
        "UPDATE deliveries SET failed_at = NULL, attempts = 0, lost = 0, claimed_until = NULL, due_at = now() "
        "WHERE failed_at IS NOT NULL AND ($1::bigint IS NULL OR id = $1) RETURNING id",
        None if which == "failed" else which,
    )
    return sorted(row["id"] for row in rows)
