"""The outbox: rows that say what must be sent to whom, and the verbs by which workers and operators handle them.

A claim is a lease: ``claimed_until`` is when it ends and, because each claim or renewal writes a later one, whose it
is. So every verb here that needs a lease names it, and does nothing to a row that somebody else has by now. One
statement each, in its own transaction: a worker that stops in the middle holds no lock. Nothing here knows what a row
is about: ``kind`` says which handler sends it.
"""
# ruff: noqa: S608 - the pieces of all statements are constants of this file

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from hub.store import database

LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 12
"""Answers of the receiver, after which a row has failed."""
MOST_EXPIRED = 5
"""Leases in a row that ran out (a worker that ended), or messages that could not be made, after which it has failed."""
OPEN = "{0}.sent_at IS NULL AND {0}.dropped_at IS NULL AND {0}.failed_at IS NULL"
LEASED = (
    "unnest($1::bigint[], $2::timestamptz[]) h(id, lease) "
    f"JOIN outbox o ON o.id = h.id AND o.claimed_until = h.lease AND {OPEN.format('o')}"
)
"""For a handler's FROM: the rows ``o`` of these ids whose leases are still the caller's (:func:`leases_of`)."""
CLAIM = (
    # A row waits while another one of its ordering key is claimed, or is due and comes first: the lower id.
    # The inner one says "open" so that the index of due rows does not fit it: only the key's few rows are read,
    # whatever the planner believes. In the order of that index alone: a claim reads no more rows than it takes.
    "WITH chosen AS MATERIALIZED (SELECT o.id FROM outbox o "
    f"WHERE o.kind = $1 AND {OPEN.format('o')} AND o.due_at <= now() AND o.claimed_until IS NULL "
    "AND (o.expired > 0) = $3 "
    "AND (SELECT true FROM outbox b WHERE b.ordering_key = o.ordering_key AND b.id <> o.id "
    "AND coalesce(b.sent_at, b.dropped_at, b.failed_at) IS NULL AND (b.claimed_until IS NOT NULL "
    "OR b.due_at <= now() AND b.id < o.id) LIMIT 1) IS NULL "
    "ORDER BY o.due_at LIMIT $2 FOR UPDATE OF o SKIP LOCKED) "
    "UPDATE outbox o SET claimed_until = now() + $4 FROM chosen c WHERE o.id = c.id "
    "RETURNING o.id, o.claimed_until AS lease, o.kind, o.topic, o.target, o.payload, o.booking_id, o.user_id, "
    "o.due_at, o.attempts, o.request_id"
)


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A row as it was claimed. ``claimed_at`` is this process's monotonic time from before the claim."""

    id: int
    lease: datetime
    kind: str
    topic: str
    target: str
    payload: dict[str, Any]
    booking_id: int | None
    user_id: int | None
    due_at: datetime
    attempts: int
    request_id: str | None
    claimed_at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How sending one row went. ``wait`` is until the next try; ``answered`` whether the receiver had its say."""

    entry: OutboxEntry
    what: Literal["sent", "dropped", "failed", "again", "unmade", "released"]
    error: str | None = None
    wait: timedelta = timedelta(0)
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Expired:
    """A row whose lease ran out; ``failed`` when that was once too often."""

    id: int
    topic: str
    failed: bool
    request_id: str | None


async def claim(kind: str, most: int, *, quarantined: bool = False) -> list[OutboxEntry]:
    """Take up to ``most`` due rows of a kind, of different ordering keys, the longest due first, for one LEASE.

    ``quarantined`` rows are those a lease of which ran out; they are never among the others.
    """
    claimed_at = time.monotonic()
    rows = await database.write(CLAIM, kind, most, quarantined, LEASE)
    entries = [
        OutboxEntry(**{**row, "payload": json.loads(row["payload"])}, claimed_at=claimed_at) for row in map(dict, rows)
    ]
    return sorted(entries, key=lambda entry: (entry.due_at, entry.id))


def leases_of(entries: Sequence[OutboxEntry]) -> tuple[list[int], list[datetime]]:
    """The two arguments of LEASED."""
    return [entry.id for entry in entries], [entry.lease for entry in entries]


async def renew(entries: Sequence[OutboxEntry]) -> dict[int, datetime]:
    """Begin these leases anew; returns by id the ones that still were the caller's."""
    rows = await database.write(
        "UPDATE outbox o SET claimed_until = now() + $3 FROM unnest($1::bigint[], $2::timestamptz[]) h(id, lease) "
        f"WHERE o.id = h.id AND o.claimed_until = h.lease AND {OPEN.format('o')} RETURNING o.id, o.claimed_until",
        *leases_of(entries),
        LEASE,
    )
    return {row["id"]: row["claimed_until"] for row in rows}


async def expire_leases(kind: str) -> list[Expired]:
    """Take back every lease of this kind that ran out."""
    rows = await database.write(
        f"WITH over AS (SELECT o.id FROM outbox o WHERE o.kind = $1 AND {OPEN.format('o')} AND o.due_at <= now() "
        "AND o.claimed_until <= now() ORDER BY o.id FOR UPDATE OF o SKIP LOCKED) "
        "UPDATE outbox o SET claimed_until = NULL, expired = o.expired + 1, "
        "failed_at = CASE WHEN o.expired + 1 >= $2 THEN now() END, "
        "last_error = 'the lease ran out: the worker that had it ended, or was cut off' "
        "FROM over WHERE o.id = over.id RETURNING o.id, o.topic, o.failed_at IS NOT NULL AS failed, o.request_id",
        kind,
        MOST_EXPIRED,
    )
    return [Expired(*row) for row in rows]


async def mark(outcomes: Sequence[Outcome]) -> dict[int, bool]:
    """Write how these went and end their leases; returns by id whether the row has failed for good by it.

    What was sent is marked sent whoever has the lease by now: it is the truth, and it may spare a second copy.
    """
    rows = await database.write(
        "UPDATE outbox o SET claimed_until = NULL, attempts = o.attempts + m.answered::int, "
        "sent_at = CASE WHEN m.what = 'sent' THEN now() END, "
        "dropped_at = CASE WHEN m.what = 'dropped' THEN now() END, "
        "failed_at = CASE WHEN m.what = 'failed' OR (m.what = 'again' AND o.attempts + 1 >= $7) "
        "OR (m.what = 'unmade' AND o.expired + 1 >= $8) THEN now() END, "
        "first_due_at = CASE WHEN m.what IN ('again', 'unmade') THEN coalesce(o.first_due_at, o.due_at) "
        "ELSE o.first_due_at END, "
        "due_at = CASE WHEN m.what IN ('again', 'unmade') THEN now() + m.wait ELSE o.due_at END, "
        # An answer shows that the row ends nobody, so it leaves quarantine.
        "expired = CASE WHEN m.what = 'unmade' THEN o.expired + 1 WHEN m.what = 'again' THEN 0 ELSE o.expired END, "
        "last_error = CASE WHEN m.what = 'released' THEN o.last_error ELSE m.error END "
        "FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::interval[], $6::boolean[]) "
        "AS m(id, lease, what, error, wait, answered) WHERE o.id = m.id AND o.sent_at IS NULL "
        "AND (m.what = 'sent' OR o.claimed_until = m.lease) RETURNING o.id, o.failed_at IS NOT NULL AS failed",
        *leases_of([o.entry for o in outcomes]),
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
    """How many rows are due now, and since how many seconds the oldest is due that was not sent: those that wait for
    another try count since they were first due."""

    due: int
    oldest_seconds: float


async def backlog(kind: str) -> Backlog:
    # The bound keeps reminders of later days out of the scan; no wait for another try is longer.
    [row] = await database.fetch(
        "SELECT count(*) FILTER (WHERE o.due_at <= now()) AS due, "
        "extract(epoch FROM now() - min(coalesce(o.first_due_at, o.due_at))) AS oldest FROM outbox o "
        f"WHERE o.kind = $1 AND {OPEN.format('o')} AND o.due_at <= now() + interval '7 hours' "
        "AND coalesce(o.first_due_at, o.due_at) <= now()",
        kind,
    )
    return Backlog(row["due"], max(0.0, float(row["oldest"] or 0)))


async def unsent(*, failed: bool = False, most: int = 1000) -> list[Any]:
    """The rows that were not sent and are due, or failed: those that failed alone, with ``failed``; oldest first."""
    which = "o.failed_at IS NOT NULL"
    if not failed:
        which = f"({which} OR ({OPEN.format('o')} AND coalesce(o.first_due_at, o.due_at) <= now()))"
    return await database.fetch(
        "SELECT o.id, o.kind, o.topic, o.target, o.payload, o.booking_id, o.due_at, o.claimed_until, o.attempts, "
        f"o.expired, o.failed_at, o.last_error FROM outbox o WHERE {which} ORDER BY o.id LIMIT $1",
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
    payload = json.loads(row["payload"])
    lead, audience = payload.get("lead_minutes"), payload.get("audience", row["kind"])
    what = f"{row['topic']} {lead}" if lead else row["topic"]
    about = f"booking {row['booking_id']} revision {payload.get('revision')}" if row["booking_id"] else "account"
    return (
        f"{row['id']}: {state}; {about}, {what} to the {audience} ({row['target']}); "
        f"attempts {row['attempts']}, lost {row['expired']}; {row['last_error'] or 'no error'}"
    )


async def retry(which: int | Literal["failed"]) -> list[int]:
    """Make a failed row, or all of them, due again from the start; returns the ids. Workers drop the stale."""
    rows = await database.write(
        "UPDATE outbox SET failed_at = NULL, attempts = 0, expired = 0, claimed_until = NULL, "
        "first_due_at = coalesce(first_due_at, due_at), due_at = now() "
        "WHERE failed_at IS NOT NULL AND ($1::bigint IS NULL OR id = $1) RETURNING id",
        None if which == "failed" else which,
    )
    return sorted(row["id"] for row in rows)
