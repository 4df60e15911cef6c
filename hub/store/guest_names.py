"""Where names are shown: the days of all venues on which a floor shows a guest, and what it shows there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from hub.store import database, write_queue


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose name it is. ``row`` names the queue of its writers. ``names`` reads it, from the row that a booking which
    is being made shares or locks; ``guests`` is the condition on the guests ``g`` that show it. Both are given ``$1``,
    its id."""

    row: Callable[[int], str]
    names: str
    guests: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A ``booking`` or a ``wait`` that a floor may show, with its entry in the view of its day."""

    subject: str
    id: int
    stream: str
    venue_id: int
    entry: Any


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


async def days(whose: Whose, id: int, since: date) -> frozenset[str]:
    """The streams of the days, from one on, on which a floor may show the name."""
    return frozenset(row["stream"] for row in await database.fetch(STREAMS.format(guests=whose.guests), id, since))


async def names(connection: Any, whose: Whose, id: int, *, lock: bool = False) -> tuple[Any, ...] | None:
    """What floors show of a name, to be compared; ``lock``: until the end of the transaction. None: there is none."""
    row = await connection.fetchrow(f"{whose.names} FOR UPDATE" if lock else whose.names, id)
    return None if row is None else tuple(row)


async def shown(connection: Any, whose: Whose, id: int, since: date) -> list[Shown]:
    """What shows the name on the days from one on, by venue and day."""
    rows = await connection.fetch(SHOWN.format(guests=whose.guests), id, since)
    return [
        Shown(row["subject"], row["id"], row["stream"], row["venue_id"], orjson.loads(row["entry"])) for row in rows
    ]


async def still_waiting(connection: Any, shown: Sequence[Shown]) -> set[int]:
    """The entries of waitlists among these that have not ended."""
    waits = [each for each in shown if each.subject == "wait"]
    if not waits:
        return set()
    rows = await connection.fetch(STILL_WAIT, [each.venue_id for each in waits], [each.id for each in waits])
    return {row["id"] for row in rows}
