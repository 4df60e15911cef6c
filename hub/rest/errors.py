"""Errors as answers: every HubError, and what Sanic itself raises, as application/problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from sanic import HTTPResponse
from sanic.exceptions import SanicException

from hub.commands.guest_book import KnownDetails
from hub.errors import (
    AlreadyWaiting,
    Changed,
    CombinationInvalid,
    HoldOver,
    HubError,
    Malformed,
    MethodNotAllowed,
    NotFound,
    NoWait,
    PassedOver,
    SlotTaken,
    TableInUse,
    TooLarge,
    Unavailable,
    ValidationFailed,
)
from hub.printable import printable
from hub.rest import serializers
from hub.rest.conditions import REPLAYED
from hub.rest.statuses import status_of
from hub.store.accounts import Account
from hub.store.blocks import FoundBlock
from hub.store.bookings import Booking
from hub.store.waitlist import WaitlistEntry
from hub.views.context import VenueContext

PROBLEM = "application/problem+json"
FROM_SANIC: dict[int, type[HubError]] = {
    400: Malformed,
    404: NotFound,
    405: MethodNotAllowed,
    408: Malformed,
    413: TooLarge,
    417: Malformed,
    503: Unavailable,
}


def problem(
    error: HubError,
    *,
    request_id: str,
    status: int | None = None,
    context: VenueContext | None = None,
    for_staff: bool = False,
) -> HTTPResponse:
    """The answer to an error. ``status`` where it is not the one of the error's code; ``context`` is that of the venue
    whose things it may show, ``for_staff`` whether to its staff."""
    status = status or status_of(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "error_code": error.code,
        "request_id": request_id,
    }
    if isinstance(error, ValidationFailed):
        body["errors"] = error.errors
    if context is not None:
        body |= _shown(error, context, for_staff)
    if "next_valid" in error.extra:
        body["next_valid"] = error.extra["next_valid"]
    headers = {"x-request-id": request_id, "cache-control": "no-store"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if error.replayed:
        headers[REPLAYED] = "true"
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return HTTPResponse(orjson.dumps(body), status, headers, content_type=PROBLEM)


def _shown(error: HubError, context: VenueContext, for_staff: bool) -> dict[str, Any]:
    """What of the venue an error shows."""
    shown: dict[str, Any] = {}
    if (exceed := error.extra.get("exceed")) is not None:
        shown["exceed"] = exceed
    if isinstance(error, SlotTaken | HoldOver):
        found = error.extra.get("alternatives", [])
        shown["alternatives"] = [serializers.alternative(slot.starts_at, unit, context.rules) for slot, unit in found]
        if (changed := error.extra.get("changed")) is not None:
            shown["changed"] = [serializers.day_change(at, kind, context.rules) for at, kind in changed]
        if (in_the_way := error.extra.get("in_the_way")) is not None:
            shown["in_the_way"] = [{"what": what, "id": id} for what, id in in_the_way]
        if (bookings := error.extra.get("bookings")) is not None:
            shown["bookings"] = [serializers.in_the_way(id, entry, context.rules) for id, entry in bookings]
        if (free := error.extra.get("free_tables")) is not None:
            shown["free_tables"] = free
        if (following := error.extra.get("next")) is not None:
            booking_id, entry, could_move_to = following
            shown["next"] = serializers.next_booking(booking_id, entry, could_move_to, context.rules)
    if isinstance(error, TableInUse) and (parties := error.extra.get("parties")) is not None:
        shown["bookings"] = [
            {**serializers.in_the_way(each.id, each, context.rules), "name": each.name} for each in parties
        ]
    if isinstance(error, NoWait):
        shown["free"] = [serializers.unit(unit) for unit in error.extra.get("free", ())]
    if isinstance(error, PassedOver) and "unit" in error.extra:
        shown["waitlist_id"], shown["tables"] = error.extra["waitlist_id"], list(error.extra["unit"].ids)
    if isinstance(error, AlreadyWaiting) and "waitlist_id" in error.extra:
        shown["waitlist_id"] = error.extra["waitlist_id"]
    if isinstance(error, Changed) and (present := error.extra.get("present")) is not None:
        shown["present"] = _present(present, context, for_staff)
    if isinstance(error, CombinationInvalid) and "rule" in error.extra:
        shown["rule"] = error.extra["rule"]
        if (combination := error.extra.get("combination")) is not None:
            shown["combination"] = {"id": combination.id, "name": combination.name}
        if (clamped_to := error.extra.get("clamped_to")) is not None:
            shown["clamped_to"] = clamped_to
    return shown


def _present(thing: Any, context: VenueContext, for_staff: bool) -> dict[str, Any]:
    """As it is read."""
    if isinstance(thing, Booking):
        return serializers.booking(thing, context, for_staff=for_staff)
    if isinstance(thing, WaitlistEntry):
        return serializers.waitlist_entry(thing, context)
    if isinstance(thing, KnownDetails):
        return serializers.known_details(thing, context.rules)
    if isinstance(thing, Account):
        return serializers.account(thing, context.rules)
    return serializers.block(thing, context.rules) if isinstance(thing, FoundBlock) else serializers.of_floor(thing)


def last_resort() -> HTTPResponse:
    """The answer when making an answer failed: fixed bytes."""
    body = (
        b'{"type":"about:blank","title":"Internal Server Error","status":500,'
        b'"detail":"Something went wrong on our side.","error_code":"internal","request_id":"-"}'
    )
    return HTTPResponse(body, 500, {"cache-control": "no-store"}, content_type=PROBLEM)


def from_sanic(error: SanicException) -> tuple[HubError, int]:
    """(error, status) for what Sanic raised before or beside our handlers."""
    made = FROM_SANIC.get(error.status_code)
    if made is None:
        made = Malformed if 400 <= error.status_code < 500 else HubError
    # Sanic's own words for what it could not read; they may repeat what it read.
    message = printable(str(error)) if made is Malformed else None
    return made(message), error.status_code if 400 <= error.status_code < 500 else status_of(made)
