"""What goes to hub_commit: changes with what belongs to each beside its decision, in the form that the function takes.

That form stands in migrations/sql/hub_commit.sql; hub.store.commit sends it and reads the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.domain.change import NEW, BlockRow, BookingRow, Change, HoldRow, NewEvent, NewGuest, WaitRow, instant_text
from hub.domain.day import AT_THE_TABLE
from hub.manage_links import Link
from hub.store import kept_answers, keys
from hub.store.keys import Key

NOTHING: dict[str, Any] = {"occupied": []}


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
    notifications: Notifications | None = None
    key: Key | None = None
    link: Link | None = None
    """The link of a booking that whoever asks came by."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Where the streams stood when it was decided: kept with the answer under its key."""
    due: bool = False
    """Its time has come, or nothing of the commit is written: those behind it were decided on it."""


def shown(order: Order) -> dict[str, Any]:
    """An order in the form that hub_commit takes."""
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
        if order.key is not None:
            found["key"]["most"] = keys.MOST_OF_CALLER
        return found
    found |= {
        "actor": order.actor if order.actor is not None and order.actor > 0 else None,
        "request": order.request_id,
        "from": change.window.since,
        "until": change.window.until,
        "events": [_event(each) for each in change.events],
    }
    if order.due:
        found["due"] = True
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
        if order.notifications is not None:
            notifications = order.notifications
            found["notices"] = {
                "guest": booking.party.guest_id,
                "house": notifications.copy_to,
                "kinds": notifications.kinds,
                "leads": notifications.leads,
                "audiences": notifications.audiences,
                "dues": notifications.dues,
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
    if (new := new_row(event)) is not None:
        shown["new"] = new
    return shown


def new_row(event: NewEvent) -> str | None:
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
    if change.replaced:
        found["replaced"] = [each.id for each in change.replaced]
    if (block := change.block) is not None:
        found["block"] = _held(block) | {"reason": block.reason, "revision": block.revision}
        if block.removed:
            found["block"]["removed"] = True
        else:
            found["occupied"] = _occupied(block)
    if (hold := change.hold) is not None:
        found["hold"] = _held(hold)
        if hold.id != NEW and not hold.released:
            found["hold"]["expires_at"] = instant_text(hold.expires_at)
        elif not hold.released:
            found["hold"] |= {
                "guests": hold.guests, "digest": hold.digest, "made_by_id": hold.made_by,
                "expires_at": instant_text(hold.expires_at),
            }  # fmt: skip
            found["occupied"] = _occupied(hold)
            found["one_hold_of"] = change.one_hold_of
    if (wait := change.wait) is not None:
        found["wait"] = _wait(wait)
        if wait.new_guest is not None:
            found["guest"] = _guest(wait.new_guest)
        if change.named is not None:
            found["named"] = {"name": change.named.name, "phone": change.named.phone}
    if change.more_waits:
        found["waits"] = [_wait(each) for each in change.more_waits]
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
