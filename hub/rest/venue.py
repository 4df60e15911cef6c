"""GET /venue: what anybody may know of a restaurant; and GET /venues: those that one may see."""

from __future__ import annotations

import hashlib

import orjson
from sanic import HTTPResponse

from hub.commands import venues
from hub.domain import calendar, venue
from hub.rest import serializers
from hub.rest import venue_answers as answers
from hub.rest.endpoint import ANYONE, AppState, Endpoint, RequestContext, answer, empty, is_known


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    """The ETag is over all but ``now``: who has the rest needs nothing anew."""
    now = ctx.context.now()
    facts = venue.facts(ctx.context.venue, ctx.context.rules, now)
    etag = f'"{hashlib.blake2b(orjson.dumps(facts), digest_size=8).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if is_known(ctx.request.headers.get("if-none-match"), etag):
        return empty(304, headers)
    return answer(facts | {"now": calendar.local_text(now, ctx.context.rules)}, headers=headers)


async def list_all(state: AppState, ctx: RequestContext) -> HTTPResponse:
    seen = venues.visible(state.context, state.tokens, ctx.by)
    return answer({"items": [serializers.venue(each) for each in seen]})


ENDPOINTS = [
    Endpoint(
        "GET", "/venues", "list_venues", "The venues that one may see, and what one is there", list_all, tag="venue",
        answers={200: answers.Venues},
    ),
    Endpoint(
        "GET", "/venue", "read_venue", "The restaurant, its hours and its rules", read, who=ANYONE, tag="venue",
        answers={200: answers.VenueFacts, 304: None},
    ),
]  # fmt: skip
