"""POST /manage: the link of a mail becomes a token for one booking."""

from __future__ import annotations

from sanic import HTTPResponse

from hub.commands import manage
from hub.domain.events import MAIN
from hub.errors import NotFound
from hub.rest import bodies
from hub.rest import people_answers as answers
from hub.rest.endpoint import ANYONE, AppState, Endpoint, RequestContext, answer
from hub.rest.repeats import REPEATABLE


async def open_link(state: AppState, ctx: RequestContext) -> HTTPResponse:
    opened = await manage.open_link(ctx.context, tokens=state.tokens, token=ctx.body.token)
    slug = opened.venue.venue.slug
    return answer(
        {
            "access_token": opened.access_token,
            "token_type": "bearer",
            "expires_in": opened.expires_in,
            "booking_id": opened.booking_id,
            "venue": slug,
            "url_prefix": "" if opened.venue.id == MAIN else f"/v/{slug}",
        }
    )


ENDPOINTS = [
    Endpoint(
        "POST", "/manage", "open_manage_link", "Manage one booking by the link of its mail", open_link, who=ANYONE,
        tag="bookings", body=bodies.ManageLink, answers={200: answers.ManageToken}, codes=(NotFound,),
        keyed=REPEATABLE,
    ),
]  # fmt: skip
