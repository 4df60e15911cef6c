"""hub_commit from Python: what was decided, on which versions, in one round trip; and what the database answered.

The function itself stands in migrations/sql/hub_commit.sql, what goes to it in hub.store.orders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import orjson

from hub import logs
from hub.domain.change import Change, NewEvent
from hub.domain.events import Event
from hub.errors import HubError, OutcomeUnknown
from hub.store import database, kept_answers, streams
from hub.store.keys import refusal_of
from hub.store.orders import Basis, Order, new_row, shown


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
    in use), ``hoarded`` (its user holds others), ``key`` (another request had this key), ``running`` (a transaction
    that is not over holds it), ``answer`` (the first answer to the key can't be read), ``link`` (it was ended),
    ``busy`` (another commit holds what is this guest's), ``again`` (one before it was left out, on whose day it was
    decided); or ``""`` where nothing was to be written. ``first`` is the refusal that was the first answer to its
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


@dataclass(frozen=True, slots=True)
class Early:
    """Nothing was written: by the database's clock, at ``at``, the time of a change that is due has not come."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Locked:
    """Nothing was written: others hold ``streams`` at the moment, and they were not waited for."""

    at: datetime
    streams: frozenset[str]


Answer = Committed | Missed | Early | Locked
log = logs.get("hub.store.commit")
COMMIT = "SELECT hub_commit($1::text::jsonb) AS answer"


async def commit(
    epoch: str,
    venue_id: int,
    basis: Iterable[Basis],
    orders: Sequence[Order],
    connection: Any = None,
    *,
    together: bool = False,
) -> Answer:
    """Write ``orders``, all of one venue, if the database is at ``basis`` in ``epoch``. ``connection``: within its
    transaction. ``together``: do not wait for those who write to a stream of these.

    Raises HubErrors; OutcomeUnknown when nobody said whether it was written.
    """
    request = orjson.dumps(
        {
            "epoch": epoch,
            "venue": venue_id,
            "streams": [
                {"name": each.stream, "version": each.version, "head": each.head, "write": each.write} for each in basis
            ],
            "changes": [shown(each) for each in orders],
            **({"together": True} if together else {}),
        }
    ).decode()
    [row] = await (connection.fetch(COMMIT, request) if connection is not None else database.write(COMMIT, request))
    try:
        return _answer(orders, orjson.loads(row["answer"]))
    except Exception as error:  # it may be written: nothing of this may be tried again as if it were not
        log.exception("the answer of hub_commit can't be read")
        raise OutcomeUnknown() from error


def _answer(orders: Sequence[Order], answer: Mapping[str, Any]) -> Answer:
    epoch, at = answer["epoch"], datetime.fromisoformat(answer["at"])
    if "missed" in answer:
        missed = answer["missed"]
        events = [streams.chain(name, epoch, found["held"] or 0, found["events"]) for name, found in missed.items()]
        return Missed(epoch, at, [*chain.from_iterable(events)], frozenset(missed))
    if "early" in answer:
        return Early(at)
    if "held" in answer:
        return Locked(at, frozenset(answer["held"]))
    results = [_result(epoch, order, result) for order, result in zip(orders, answer["results"], strict=True)]
    return Committed(epoch, at, results)


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
    key = new_row(new)
    return dict(new.data) if key is None else {**new.data, key: id}


def replayed(kept: Mapping[str, Any], guest: Mapping[str, Any] | None) -> Written:
    """What was written first, from what was kept of it, and its guest as they are now. Raises KeyError, TypeError and
    ValueError for what this release can't read."""
    at = datetime.fromisoformat
    moved = {stream: version for stream, (_, _, version) in zip(kept["streams"], kept["events"], strict=True)}
    versions = {**kept["versions"], **moved}
    return Written(
        kept_answers.restore(kept), kept["id"], at(kept["at"]), kept["epoch"], [], versions, kept["streams"],
        replayed=True, guest=guest,
    )  # fmt: skip


async def replayed_anew(kept: Mapping[str, Any]) -> Written:
    """As :func:`replayed`, with the guest read now. Raises HubErrors too."""
    [row] = await database.fetch("SELECT hub_guest_facts($1) AS facts", kept["guest"])
    return replayed(kept, orjson.loads(row["facts"])["guest"])
