"""GET /venue: what anybody may know of the restaurant."""

from __future__ import annotations

import hashlib

import orjson
from sanic import HTTPResponse

from hub.domain import calendar, venue
from hub.rest import answers
from hub.rest.endpoint import ANYONE, AppState, Endpoint, RequestContext, answer, empty, is_known


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    """The ETag is over all but ``now``: who has the rest needs nothing anew."""
    now = state.context.now()
    settings = state.context.settings
    facts = venue.facts(
        settings.venue, settings.rules, now, website=settings.public_url, language=settings.default_language
    )
    etag = f'"{hashlib.blake2b(orjson.dumps(facts), digest_size=8).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if is_known(ctx.request.headers.get("if-none-match"), etag):
        return empty(304, headers)
    return answer(facts | {"now": calendar.local_text(now, state.context.rules)}, headers=headers)


ENDPOINTS = [
    Endpoint(
        "GET", "/venue", "read_venue", "The restaurant, its hours and its rules", read, who=ANYONE, tag="venue",
        answers={200: answers.VenueFacts, 304: None},
    ),
]  # fmt: skip
