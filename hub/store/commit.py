"""hub_commit from Python: what was decided, on which versions, in one round trip; and what the database answered.

The function itself and the form of what goes to it stand in migrations/sql/hub_commit.sql.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from hub import logs
from hub.domain.change import (
    NEW,
    BlockRow,
    BookingRow,
    Change,
    HoldRow,
    NewEvent,
    NewGuest,
    WaitRow,
    instant_text,
)
from hub.domain.day import AT_THE_TABLE
from hub.domain.events import Event
from hub.errors import OutcomeUnknown
from hub.manage_links import Link
from hub.store import database, kept_answers


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


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key: who gave it, and a digest of the request that it stands for."""

    caller: str
    key: str
    digest: str


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
    in use), ``key`` (another request had this key), ``answer`` (the first answer to the key can't be read), ``link``
    (it was ended), ``busy`` (another commit holds what is this guest's); or ``""`` where nothing was to be written."""

    why: str


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
NOTHING: dict[str, Any] = {"occupied": []}
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
        found["answer"] = kept_answers.keep(change, order.versions)
    if not change.events:
        return found
    found |= {
        "actor": order.actor if order.actor is not None and order.actor > 0 else None,
        "request": order.request_id,
        "from": change.window.since,
        "until": change.window.until,
        "events": [_event(each) for each in change.events],
    }
    if (booking := change.booking) is not None:
        found["booking"] = booking_row(booking)
        if (guest := booking.party.new_guest) is not None and booking.id == NEW:
            found["guest"] = _guest(guest)
        found["occupied"] = (booking.entry() or NOTHING)["occupied"]
        if change.more_bookings:
            found["more"] = [
                {"booking": booking_row(each), "occupied": (each.entry() or NOTHING)["occupied"]}
                for each in change.more_bookings
            ]
        if change.texts:
            found["texts"] = True
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
    found |= _others(change)
    if (table := change.table) is not None:
        found["table"] = {"id": table.id or None, **table.entry(), "retired": change.retired}
    if (area := change.area) is not None:
        found["area"] = {"id": area.id or None, **area.entry(), "retired": change.retired}
    if change.combinations:
        found["combinations"] = [
            {"id": each.id or None, **each.entry(), "retired": change.retired} for each in change.combinations
        ]
    if change.free is not None:
        found["free"] = {"table": change.free[0], "seats": change.free[1]}
    return found


def _event(event: NewEvent) -> dict[str, Any]:
    shown: dict[str, Any] = {"stream": event.stream, "kind": event.kind, "data": event.data}
    if (new := _new(event)) is not None:
        shown["new"] = new
    return shown


def _new(event: NewEvent) -> str | None:
    """The key of an event's data that is to get the id of the row that is made; None: it has its ids."""
    return next((name for name, value in event.data.items() if name != "entry" and value is None), None)


def _guest(guest: NewGuest) -> dict[str, Any]:
    return {
        "id": guest.id, "name": guest.name, "phone": guest.phone, "email": guest.email, "language": guest.language,
    }  # fmt: skip


def booking_row(row: BookingRow) -> dict[str, Any]:
    """A booking's row as hub_commit takes it; what few bookings have is there only where they have it."""
    found: dict[str, Any] = {
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
    if row.more_tables:
        found["table_ids"] = [table.id for table in row.tables]
    if row.pinned:
        found["pinned"] = True
    for name in AT_THE_TABLE:
        if (at := getattr(row, name)) is not None:
            found[name] = instant_text(at)
    if (undo := row.undo_entry()) is not None:
        found["undo"] = undo
    return found


def _others(change: Change) -> dict[str, Any]:
    """The block, the hold and the entry of the waitlist of a change."""
    found: dict[str, Any] = {}
    if (block := change.block) is not None:
        found["block"] = _held(block) | {"reason": block.reason, "revision": block.revision}
        if block.removed:
            found["block"]["removed"] = True
        else:
            found["occupied"] = _occupied(block)
    if (hold := change.hold) is not None:
        found["hold"] = _held(hold)
        if not hold.released:
            found["hold"] |= {
                "guests": hold.guests, "digest": hold.digest, "made_by_id": hold.made_by,
                "expires_at": instant_text(hold.expires_at),
            }  # fmt: skip
            found["occupied"] = _occupied(hold)
    if (wait := change.wait) is not None:
        found["wait"] = _wait(wait)
        if wait.new_guest is not None and wait.id == NEW:
            found["guest"] = _guest(wait.new_guest)
    return found


def _held(row: BlockRow | HoldRow) -> dict[str, Any]:
    return {
        "id": row.id or None,
        "service_date": row.service_date,
        "table_ids": row.tables,
        "starts_at": instant_text(row.starts_at),
        "ends_at": instant_text(row.ends_at),
    }


def _occupied(row: BlockRow | HoldRow) -> list[list[Any]]:
    return [[table, instant_text(row.starts_at), instant_text(row.ends_at)] for table in row.tables]


def _wait(row: WaitRow) -> dict[str, Any]:
    return {
        "id": row.id or None,
        "service_date": row.service_date,
        "guest_id": row.guest_id,
        "guests": row.guests,
        "area_id": row.area_id,
        "status": row.status,
        "place": row.place,
        "joined_at": row.joined_at,
        "quoted_from": row.quoted_from,
        "quoted_until": row.quoted_until,
        "promised_until": row.promised_until,
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
            return _replayed(found["replay"], found.get("guest"))
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
    key = _new(new)
    return dict(new.data) if key is None else {**new.data, key: id}


def _replayed(kept: Mapping[str, Any], guest: Mapping[str, Any] | None) -> Written:
    at = datetime.fromisoformat
    moved = {stream: version for stream, (_, _, version) in zip(kept["streams"], kept["events"], strict=True)}
    versions = {**kept["versions"], **moved}
    return Written(
        kept_answers.restore(kept), kept["id"], at(kept["at"]), kept["epoch"], [], versions, kept["streams"],
        replayed=True, guest=guest,
    )  # fmt: skip
