"""Errors as answers: every HubError, and what Sanic itself raises, as application/problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from sanic import HTTPResponse
from sanic.exceptions import SanicException

from hub.commands.bookings import Booking
from hub.errors import (
    Changed,
    CombinationInvalid,
    HubError,
    Malformed,
    MethodNotAllowed,
    NotFound,
    SlotTaken,
    TooLarge,
    Unavailable,
    ValidationFailed,
)
from hub.printable import printable
from hub.rest import serializers
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
    error: HubError, *, request_id: str, status: int | None = None, context: VenueContext | None = None
) -> HTTPResponse:
    """The answer to an error. ``status`` where it differs from the error's own; ``context`` is that of the venue whose
    things it may show."""
    status = status or error.status
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
        body |= _shown(error, context)
    if "next_valid" in error.extra:
        body["next_valid"] = error.extra["next_valid"]
    headers = {"x-request-id": request_id, "cache-control": "no-store"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return HTTPResponse(orjson.dumps(body), status, headers, content_type=PROBLEM)


def _shown(error: HubError, context: VenueContext) -> dict[str, Any]:
    """What of the venue an error shows."""
    shown: dict[str, Any] = {}
    if isinstance(error, SlotTaken):
        found = error.extra.get("alternatives", [])
        shown["alternatives"] = [serializers.alternative(slot.starts_at, unit, context.rules) for slot, unit in found]
        if (changed := error.extra.get("changed")) is not None:
            shown["changed"] = [serializers.day_change(at, kind, context.rules) for at, kind in changed]
        if (in_the_way := error.extra.get("in_the_way")) is not None:
            shown["in_the_way"] = [{"what": what, "id": id} for what, id in in_the_way]
        if "could_move_to" in error.extra:
            shown["could_move_to"] = error.extra["could_move_to"]
    if isinstance(error, Changed) and (present := error.extra.get("present")) is not None:
        shown["present"] = (
            serializers.booking(present, context) if isinstance(present, Booking) else serializers.of_floor(present)
        )
    if isinstance(error, CombinationInvalid) and "rule" in error.extra:
        shown["rule"] = error.extra["rule"]
        if (combination := error.extra.get("combination")) is not None:
            shown["combination"] = {"id": combination.id, "name": combination.name}
    return shown


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
    return made(message), error.status_code if 400 <= error.status_code < 500 else made.status
