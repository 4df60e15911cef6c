"""A guest's name and phone number are shown on floors, and which notes there are about them: whatever changes these
writes an event to each day that shows them, in every venue.

The change and its events, one for each booking and each entry of a waitlist that a floor may show, are written in one
transaction; so is the end of the entries of a guest who is erased. Order of locks:
the streams of the days, by name; then the row of the account, or of the guest who has none, which keeps out bookings
that are being made. So nobody who holds a day at a version has other names than the database had at that version. The
database copies what an account says to its guests (the trigger ``users_are_guests``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import orjson

from hub.domain import calendar
from hub.domain.day import QUEUE_RENAMED, RENAMED
from hub.domain.events import Event
from hub.errors import Conflict
from hub.store import database, keys, streams, write_queue
from hub.store.keys import Key, nothing
from hub.views.context import Context

T = TypeVar("T")
ATTEMPTS = 5
"""How often it begins again because the guest got a booking on another day meanwhile."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose name it is. ``row`` names the queue of its writers. ``names`` reads it, from the row that a booking which
    is being made shares or locks; ``guests`` is the condition on the guests ``g`` that show it. Both are given ``$1``,
    its id."""

    row: Callable[[int], str]
    names: str
    guests: str


ACCOUNT = Whose(write_queue.account, "SELECT full_name, phone_number FROM users WHERE id = $1", "g.user_id = $1")
GUEST = Whose(write_queue.guest, "SELECT name, phone, email FROM guests WHERE id = $1", "g.id = $1")
"""One without an account. Of another e-mail no floor says what it is, but that who shows it is to read it again."""
NOTED = Whose(
    write_queue.guest,
    "SELECT g.id, ARRAY(SELECT n.id FROM guest_notes n WHERE n.guest_id = g.id ORDER BY n.id) FROM guests g "
    "WHERE g.id = $1",
    "g.id = $1",
)
"""The notes about one, with an account or without."""
OF_BOOKINGS = (
    "FROM bookings b JOIN guests g ON g.group_id = b.group_id AND g.id = b.guest_id "
    "WHERE {guests} AND b.service_date >= $2 AND b.status <> 'canceled'"
)
OF_WAITLISTS = (
    "FROM waitlist w JOIN guests g ON g.group_id = w.group_id AND g.id = w.guest_id "
    "WHERE {guests} AND w.service_date >= $2 AND w.status IN ('waiting', 'ready', 'here')"
)
SHOWN = (
    "SELECT 'booking' AS subject, b.id, hub_stream(b.venue_id, b.service_date) AS stream, b.venue_id, b.service_date, "
    f"hub_entry(b) AS entry {OF_BOOKINGS} UNION ALL "
    "SELECT 'wait', w.id, hub_stream(w.venue_id, w.service_date), w.venue_id, w.service_date, "
    f"hub_wait_entry(w) {OF_WAITLISTS} ORDER BY venue_id, service_date, subject, id"
)
STREAMS = (
    f"SELECT hub_stream(b.venue_id, b.service_date) AS stream {OF_BOOKINGS} "
    f"UNION SELECT hub_stream(w.venue_id, w.service_date) {OF_WAITLISTS}"
)
STILL_WAIT = (
    "SELECT w.id FROM waitlist w WHERE w.venue_id = ANY($1) AND w.id = ANY($2) "
    "AND w.status IN ('waiting', 'ready', 'here')"
)


async def change(
    context: Context,
    id: int,
    work: Callable[[Any], Awaitable[T]],
    *,
    whose: Whose = ACCOUNT,
    by: int | None,
    request_id: str | None = None,
    key: Key | None = None,
    kept: Callable[[T], Mapping[str, Any]] = nothing,
) -> T:
    """Run ``work(connection)``, which may change the name and phone number of an account (or a guest without one: see
    ``whose``), in one transaction with the events that follow of it, and announce them. ``by``: the user who does it;
    None: an operator, by command. ``key``, and what is ``kept`` of the result under it: see hub.store.keys.once.

    Returns what ``work`` returns and raises what it raises, and HubErrors. ``work`` may be run more than once.
    """
    since = _first_day(context)
    for _ in range(ATTEMPTS):
        days = frozenset(row["stream"] for row in await database.fetch(STREAMS.format(guests=whose.guests), id, since))
        done = await context.write_queue.transact(
            [whose.row(id), *days],
            keys.once(
                key,
                lambda c, d=days: _change(c, whose, id, work, d, since, by, request_id),  # type: ignore[misc]
                lambda done: None if done is None else kept(done[0]),
            ),
            user=by if by is not None else id,
        )
        if done is not None:
            result, events = done
            context.publish(events)
            return result
    raise Conflict()


def _first_day(context: Context) -> date:
    """The earliest day that a floor may still show: it was in range when somebody who is still there subscribed."""
    # One day more than venue 1 needs: in another zone it may be the day before.
    back = timedelta(days=context.settings.rules.days_back + 2) + context.settings.session_length
    return calendar.today(context.now(), context.settings.rules) - back


async def _change(
    connection: Any,
    whose: Whose,
    id: int,
    work: Callable[[Any], Awaitable[T]],
    days: frozenset[str],
    since: date,
    by: int | None,
    request_id: str | None,
) -> tuple[T, Sequence[Event]] | None:
    """None when a day is shown that is not locked."""
    await streams.lock(connection, days)
    before = await connection.fetchrow(f"{whose.names} FOR UPDATE", id)
    shown = await connection.fetch(SHOWN.format(guests=whose.guests), id, since)
    if not days.issuperset(row["stream"] for row in shown):
        return None
    result = await work(connection)
    events: list[tuple[str, str, dict[str, Any]]] = []
    renamed = before is not None and before != await connection.fetchrow(whose.names, id)
    waits = [row for row in shown if row["subject"] == "wait"]
    venues, ids = [row["venue_id"] for row in waits], [row["id"] for row in waits]
    waiting = {row["id"] for row in await connection.fetch(STILL_WAIT, venues, ids)} if waits else set()
    for row in shown:
        entry = orjson.loads(row["entry"])
        if row["subject"] == "wait" and row["id"] not in waiting:
            events.append((row["stream"], "queue_left", {"wait": row["id"], "entry": None}))
        elif renamed:
            kind = RENAMED if row["subject"] == "booking" else QUEUE_RENAMED
            events.append((row["stream"], kind, {row["subject"]: row["id"], "entry": entry}))
    return result, [
        await streams.append(connection, stream=stream, kind=kind, data=data, actor=by, request_id=request_id)
        for stream, kind, data in events
    ]
