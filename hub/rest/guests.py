"""GET and PATCH /guests/{id}, POST /guests/{id}/erase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import HTTPResponse

from hub.commands import guests
from hub.errors import Conflict, HasBookings, NotFound, TooManyRequests
from hub.rest import answers, bodies, serializers
from hub.rest.conditions import headers
from hub.rest.endpoint import MANAGER, STAFF, AppState, Endpoint, RequestContext, answer, empty
from hub.rest.repeats import KEPT


def _show(ctx: RequestContext, found: guests.Details) -> HTTPResponse:
    return answer(serializers.guest(found, ctx.context.rules), headers=headers(found.revision))


async def present(ctx: RequestContext) -> guests.Details:
    return await guests.read(ctx.context, ctx.ids[0])


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(ctx, await present(ctx))


async def change(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.GuestChange = ctx.body
    wanted: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    return _show(ctx, await guests.change(ctx.context, ctx.ids[0], **_how(ctx), **wanted))


async def repeat_change(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    """As the guest is now: what was written of them is not kept under a key."""
    return _show(ctx, await guests.read(ctx.context, kept["guest"]))


async def erase(state: AppState, ctx: RequestContext) -> HTTPResponse:
    await guests.erase(ctx.context, ctx.ids[0], **_how(ctx))
    return empty()


async def repeat_erase(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return empty()


def _how(ctx: RequestContext) -> dict[str, Any]:
    return {"by": ctx.by, "request_id": ctx.request_id, "key": ctx.key, "revisions": ctx.revisions}


ENDPOINTS = [
    Endpoint(
        "GET", "/guests/<guest_id:str>", "read_guest", "One guest", read, who=STAFF, tag="guests",
        answers={200: answers.Guest}, codes=(NotFound,),
    ),
    Endpoint(
        "PATCH", "/guests/<guest_id:str>", "change_guest", "Correct what is written of a guest without an account",
        change, who=STAFF, tag="guests", body=bodies.GuestChange, answers={200: answers.Guest},
        codes=(NotFound, Conflict, TooManyRequests), keyed=KEPT, repeat=repeat_change, present=present,
    ),
    Endpoint(
        "POST", "/guests/<guest_id:str>/erase", "erase_guest",
        "Erase a guest without an account: the name, the addresses and all that was noted are gone everywhere", erase,
        who=MANAGER, tag="guests", answers={204: None}, codes=(NotFound, HasBookings, Conflict, TooManyRequests),
        keyed=KEPT, repeat=repeat_erase, present=present,
    ),
]  # fmt: skip
