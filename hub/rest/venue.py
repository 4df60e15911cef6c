"""GET /venue: what anybody may know of the restaurant."""

from __future__ import annotations

import hashlib

import orjson
from sanic import HTTPResponse

from hub.domain import slots, venue
from hub.rest import answers
from hub.rest.endpoint import ANYONE, Call, Endpoint, Parts, answer, is_known


async def read(parts: Parts, call: Call) -> HTTPResponse:
    """The ETag is over all but ``now``: who has the rest needs nothing anew."""
    now = parts.house.now()
    facts = venue.facts(parts.house.settings, now)
    etag = f'"{hashlib.blake2b(orjson.dumps(facts), digest_size=8).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if is_known(call.request.headers.get("if-none-match"), etag):
        return HTTPResponse(status=304, headers=headers)
    return answer(facts | {"now": slots.local_text(now, parts.house.rules)}, headers=headers)


ENDPOINTS = [
    Endpoint(
        "GET", "/venue", "read_venue", "The restaurant, its hours and its rules", read, who=ANYONE, tag="venue",
        answers={200: answers.VenueFacts, 304: None},
    ),
]  # fmt: skip
