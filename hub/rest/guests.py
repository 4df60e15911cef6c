"""GET and PATCH /guests/{id}, POST /guests/{id}/erase."""

from __future__ import annotations

from typing import Any

from sanic import HTTPResponse

from hub.commands import guests
from hub.errors import Conflict, HasBookings, NotFound, TooManyRequests
from hub.rest import answers, bodies, serializers
from hub.rest.endpoint import MANAGER, STAFF, AppState, Endpoint, RequestContext, answer, empty


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return answer(serializers.guest(await guests.read(ctx.context, ctx.ids[0]), ctx.context.rules))


async def change(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.GuestChange = ctx.body
    wanted: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    changed = await guests.change(ctx.context, ctx.ids[0], by=ctx.by, request_id=ctx.request_id, **wanted)
    return answer(serializers.guest(changed, ctx.context.rules))


async def erase(state: AppState, ctx: RequestContext) -> HTTPResponse:
    await guests.erase(ctx.context, ctx.ids[0], by=ctx.by, request_id=ctx.request_id)
    return empty()


ENDPOINTS = [
    Endpoint(
        "GET", "/guests/<guest_id:str>", "read_guest", "One guest", read, who=STAFF, tag="guests",
        answers={200: answers.GuestAnswer}, codes=(NotFound,),
    ),
    Endpoint(
        "PATCH", "/guests/<guest_id:str>", "change_guest", "Correct what is written of a guest without an account",
        change, who=STAFF, tag="guests", body=bodies.GuestChange, answers={200: answers.GuestAnswer},
        codes=(NotFound, Conflict, TooManyRequests),
    ),
    Endpoint(
        "POST", "/guests/<guest_id:str>/erase", "erase_guest",
        "Erase a guest without an account: the name, the addresses and all that was noted are gone everywhere", erase,
        who=MANAGER, tag="guests", answers={204: None}, codes=(NotFound, HasBookings, Conflict, TooManyRequests),
    ),
]  # fmt: skip
