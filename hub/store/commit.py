"""hub_commit from Python: what was decided, on which versions, in one round trip; and what the database answered.

The function itself and the form of what goes to it stand in migrations/sql/hub_commit.sql.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson

from hub import logs
from hub.domain.decisions import NEW, BookingRow, Change, NewEvent, Party, instant_text
from hub.domain.events import Event
from hub.domain.floor import Table
from hub.errors import HubError, OutcomeUnknown
from hub.manage_links import Link
from hub.store import database
from hub.store.keys import Key, refusal_of


@dataclass(frozen=True, slots=True)
class Basis:
    """A stream at the version that was decided on. ``write``: events of the changes go to it."""

    stream: str
    version: int
    head: int
    write: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many bookings an account may have ahead in the venue, and at the time of this one; 0 is any number.
    ``booking_id`` is the one that is moved, or 0."""

    user_id: int
    starts_at: datetime
    ends_at: datetime
    booking_id: int
    most: int
    overlapping: int


@dataclass(slots=True)
class Notifications:
    """The mails of a change in columns, as hub_enqueue takes them. A due time of None is at once; one that is past is
    left out. ``copy_to`` is the address of the audience ``house``."""

    copy_to: str | None = None
    kinds: list[str] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    audiences: list[str] = field(default_factory=list)
    dues: list[datetime | None] = field(default_factory=list)

    def add(self, kind: str, audience: str, lead: int = 0, due: datetime | None = None) -> None:
        self.kinds.append(kind)
        self.leads.append(lead)
        self.audiences.append(audience)
        self.dues.append(due)


@dataclass(frozen=True, slots=True)
class Order:
    """One change for the commit, with what belongs to it beside the decision. A ``change`` of None writes nothing: the
    decision was a refusal, and only the versions that it was made on are to be confirmed, and its key looked up."""

    change: Change | None
    actor: int | None = None
    """The account; none has an id below zero, which stands for who came by the link of a booking."""
    request_id: str | None = None
    bounds: Bounds | None = None
    notices: Notifications | None = None
    key: Key | None = None
    link: Link | None = None
    """The link of a booking that whoever asks came by."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Where the streams stood when it was decided: kept with the answer under its key."""


@dataclass(frozen=True, slots=True)
class Written:
    """A change that was written: its row's id, when, and its events. ``epoch`` was the database's, and ``versions`` is
    where each stream of its events stood with it. ``replayed``: it was written before, by the same request with its
    key; then there are no events, and ``change`` is what was decided then."""

    change: Change
    id: int
    at: datetime
    epoch: str
    events: Sequence[Event]
    versions: Mapping[str, int]
    streams: Sequence[str]
    """Those that got its events, in their order."""
    replayed: bool = False
    guest: Mapping[str, Any] | None = None
    """Of a booking: its guest as they are now, {id, name, phone, email}. It is never kept under a key."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A change that the database left out: ``time`` (its clock), ``bounds`` (too many bookings), ``held`` (the table is
    in use), ``key`` (another request had this key), ``running`` (a transaction that is not over holds it), ``answer``
    (the first answer to the key can't be read), ``link`` (it was ended), ``busy`` (another commit holds what is this
    guest's); or ``""`` where nothing was to be written. ``first`` is the refusal that was the first answer to its
    key."""

    why: str
    first: HubError | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """The database's answer to all orders, in their order, at ``at`` by its clock."""

    epoch: str
    at: datetime
    results: Sequence[Written | Refused]


@dataclass(frozen=True, slots=True)
class Missed:
    """Nothing was written: streams had moved on. ``events`` of theirs are what the views lack, or some of it."""

    epoch: str
    at: datetime
    events: Sequence[Event]
    streams: frozenset[str]


log = logs.get("hub.store.commit")
COMMIT = "SELECT hub_commit($1::text::jsonb) AS answer"


async def commit(
    epoch: str, venue_id: int, basis: Iterable[Basis], orders: Sequence[Order], connection: Any = None
) -> Committed | Missed:
    """Write ``orders``, all of one venue, if the database is at ``basis`` in ``epoch``. ``connection``: within its
    transaction.

    Raises HubErrors; OutcomeUnknown when nobody said whether it was written.
    """
    request = orjson.dumps(
        {
            "epoch": epoch,
            "venue": venue_id,
            "streams": [
                {"name": each.stream, "version": each.version, "head": each.head, "write": each.write} for each in basis
            ],
            "changes": [_order(each) for each in orders],
        }
    ).decode()
    [row] = await (connection.fetch(COMMIT, request) if connection is not None else database.write(COMMIT, request))
    try:
        return _answer(orders, orjson.loads(row["answer"]))
    except Exception as error:  # it may be written: nothing of this may be tried again as if it were not
        log.exception("the answer of hub_commit can't be read")
        raise OutcomeUnknown() from error


def _answer(orders: Sequence[Order], answer: Mapping[str, Any]) -> Committed | Missed:
    epoch, at = answer["epoch"], datetime.fromisoformat(answer["at"])
    if "missed" in answer:
        events = [event for stream, found in answer["missed"].items() for event in _missed(epoch, stream, found)]
        return Missed(epoch, at, events, frozenset(answer["missed"]))
    results = [_result(epoch, order, result) for order, result in zip(orders, answer["results"], strict=True)]
    return Committed(epoch, at, results)


def _order(order: Order) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if order.link is not None:
        found["link"] = {"booking": order.link.booking_id, "version": order.link.version}
    if order.key is not None:
        found["key"] = {"caller": order.key.caller, "key": order.key.key, "digest": order.key.digest}
    if order.bounds is not None:
        found["bounds"] = {
            "user": order.bounds.user_id,
            "starts": order.bounds.starts_at,
            "ends": order.bounds.ends_at,
            "booking": order.bounds.booking_id,
            "most": order.bounds.most,
            "overlapping": order.bounds.overlapping,
        }
    change = order.change
    if change is None:
        return found
    if order.key is not None:
        found["answer"] = _kept(change, order.versions)
    if not change.events:
        return found
    found |= {
        "actor": order.actor if order.actor is not None and order.actor > 0 else None,
        "request": order.request_id,
        "from": change.window.since,
        "until": change.window.until,
        "events": [{"stream": each.stream, "kind": each.kind, "data": each.data} for each in change.events],
    }
    if (booking := change.booking) is not None:
        found["booking"] = _booking(booking)
        if (guest := booking.party.new_guest) is not None and booking.id == NEW:
            found["guest"] = {
                "id": guest.id, "name": guest.name, "phone": guest.phone, "email": guest.email,
                "language": guest.language,
            }  # fmt: skip
        entry = change.events[-1].data["entry"]
        found["occupied"] = entry["occupied"] if entry else []
        if order.notices is not None:
            notices = order.notices
            found["notices"] = {
                "guest": booking.party.guest_id,
                "house": notices.copy_to,
                "kinds": notices.kinds,
                "leads": notices.leads,
                "audiences": notices.audiences,
                "dues": notices.dues,
            }
    if (table := change.table) is not None:
        found["table"] = {
            "id": table.id or None,
            "name": table.name,
            "seats": table.seats,
            "revision": table.revision,
            "retired": change.retired,
        }
    if change.free is not None:
        found["free"] = {"table": change.free[0], "guests": change.free[1]}
    return found


def _booking(row: BookingRow) -> dict[str, Any]:
    return {
        "id": row.id or None,
        "guest_id": row.party.guest_id,
        "user_id": row.party.user_id,
        "reference": row.party.reference,
        "channel": row.party.channel,
        "note": row.party.note,
        "house_note": row.party.house_note,
        "occasion": row.party.occasion,
        "needs": row.party.needs,
        "table_id": row.table.id,
        "guests": row.guests,
        "starts_at": instant_text(row.starts_at),
        "ends_at": instant_text(row.ends_at),
        "service_date": row.service_date,
        "status": row.status,
        "revision": row.revision,
    }


def _missed(epoch: str, stream: str, found: Mapping[str, Any]) -> list[Event]:
    previous, events = found["held"] or 0, []
    for id, version, kind, data, at in found["events"]:
        events.append(Event(stream, version, kind, data, datetime.fromisoformat(at), id, previous, epoch))
        previous = id
    return events


def _result(epoch: str, order: Order, found: Mapping[str, Any]) -> Written | Refused:
    if "replay" in found:
        try:
            if "refusal" in found["replay"]:
                return Refused("refused", refusal_of(found["replay"]["refusal"]))
            return replayed(found["replay"], found.get("guest"))
        except (KeyError, TypeError, ValueError):
            log.warning("the first answer to an idempotency key can't be read", request_id=order.request_id)
            return Refused("answer")
    if "events" not in found:
        return Refused(found.get("refused", ""))
    at = datetime.fromisoformat(found["at"])
    assert order.change is not None
    events = [
        Event(new.stream, version, new.kind, _data(new, found["id"]), at, id, previous, epoch)
        for new, (id, previous, version) in zip(order.change.events, found["events"], strict=True)
    ]
    versions = {event.stream: event.version for event in events}
    names = [event.stream for event in events]
    return Written(order.change, found["id"], at, epoch, events, versions, names, guest=found.get("guest"))


def _data(new: NewEvent, id: int) -> dict[str, Any]:
    """The event's data with the id of the row that was made."""
    return {name: id if name != "entry" and value is None else value for name, value in new.data.items()}


def _kept(change: Change, versions: Mapping[str, int]) -> dict[str, Any]:
    """What is kept under a key of a change, beside what the database adds: enough to answer as the first time."""
    row, table = change.booking, change.table
    return {
        "booking": None if row is None else {
            **_booking(row), "venue_id": row.venue_id, "table": row.table.as_json(), "created_at": row.created_at,
        },
        "table": None if table is None else {**table.as_json(), "revision": table.revision},
        "streams": [event.stream for event in change.events],
        "versions": versions,
    }  # fmt: skip


def replayed(kept: Mapping[str, Any], guest: Mapping[str, Any] | None) -> Written:
    """What was written first, from what was kept of it, and its guest as they are now. Raises KeyError, TypeError and
    ValueError for what this release can't read."""
    row, table, at = kept["booking"], kept["table"], datetime.fromisoformat
    booking = None if row is None else BookingRow(
        row["id"] or NEW,
        row["venue_id"],
        Party(
            row["guest_id"], row["user_id"], row["reference"], row["channel"], row["note"], row["house_note"],
            row["occasion"], tuple(row["needs"]),
        ),
        Table(**row["table"]),
        row["guests"],
        at(row["starts_at"]),
        at(row["ends_at"]),
        date.fromisoformat(row["service_date"]),
        row["status"],
        row["revision"],
        at(row["created_at"]) if row["created_at"] else None,
    )  # fmt: skip
    moved = {stream: version for stream, (_, _, version) in zip(kept["streams"], kept["events"], strict=True)}
    versions = {**kept["versions"], **moved}
    change = Change(booking=booking, table=None if table is None else Table(**table))
    return Written(
        change, kept["id"], at(kept["at"]), kept["epoch"], [], versions, kept["streams"], replayed=True, guest=guest
    )
