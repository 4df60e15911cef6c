"""GET /guests: the guest book; GET and PATCH /guests/{id}, POST /guests/{id}/erase, and notes about a guest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import HTTPResponse

from hub.commands import guest_book, guests
from hub.errors import Conflict, HasBookings, NotFound, TooManyRequests
from hub.rest import bodies, serializers
from hub.rest import people_answers as answers
from hub.rest.conditions import headers
from hub.rest.endpoint import MANAGER, STAFF, AppState, Endpoint, RequestContext, answer, empty
from hub.rest.repeats import KEPT
from hub.store.guests import Details


def _show(ctx: RequestContext, found: Details) -> HTTPResponse:
    return answer(serializers.guest(found, ctx.context.rules), headers=headers(found.revision))


async def present(ctx: RequestContext) -> guest_book.KnownDetails:
    return await guest_book.read(ctx.context, ctx.ids[0], by=ctx.by)


async def search(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.GuestSearch = ctx.query
    found = await guest_book.search(ctx.context, by=ctx.by, text=query.q)
    return answer({"items": [serializers.known_guest(each, ctx.context.rules) for each in found]})


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    found = await present(ctx)
    return answer(serializers.known_details(found, ctx.context.rules), headers=headers(found.details.revision))


async def add_note(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.NewGuestNote = ctx.body
    made = await guest_book.add_note(
        ctx.context, ctx.call, ctx.ids[0], kind=body.kind, text=body.text, keep_until=body.keep_until
    )
    return answer(serializers.guest_note(made, ctx.context.rules), 201)


async def repeat_add_note(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    made = await guest_book.read_note(ctx.context, ctx.ids[0], kept["note"])
    return answer(serializers.guest_note(made, ctx.context.rules), 201)


async def remove_note(state: AppState, ctx: RequestContext) -> HTTPResponse:
    await guest_book.remove_note(ctx.context, ctx.call, *ctx.ids)
    return empty()


async def repeat_remove(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return empty()


async def change(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.GuestChange = ctx.body
    wanted: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    return _show(ctx, await guests.change(ctx.context, ctx.call, ctx.ids[0], **wanted))


async def repeat_change(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    """As the guest is now: what was written of them is not kept under a key."""
    return _show(ctx, await guests.read(ctx.context, kept["guest"]))


async def erase(state: AppState, ctx: RequestContext) -> HTTPResponse:
    await guests.erase(ctx.context, ctx.call, ctx.ids[0])
    return empty()


ENDPOINTS = [
    Endpoint(
        "GET", "/guests", "search_guests", "Guests by a part of a name, a phone number or an e-mail", search,
        who=STAFF, tag="guests", query=bodies.GuestSearch, answers={200: answers.KnownGuests},
    ),
    Endpoint(
        "POST", "/guests/<guest_id:str>/notes", "add_guest_note", "Note something about a guest", add_note, who=STAFF,
        tag="guests", body=bodies.NewGuestNote, answers={201: answers.GuestNote},
        codes=(NotFound, Conflict, TooManyRequests), keyed=KEPT, repeat=repeat_add_note, present=present,
    ),
    Endpoint(
        "DELETE", "/guests/<guest_id:str>/notes/<note_id:str>", "remove_guest_note", "Remove a note about a guest",
        remove_note, who=STAFF, tag="guests", answers={204: None}, codes=(NotFound, TooManyRequests),
        keyed=KEPT, repeat=repeat_remove, present=present,
    ),
    Endpoint(
        "GET", "/guests/<guest_id:str>", "read_guest", "One guest", read, who=STAFF, tag="guests",
        answers={200: answers.GuestAnswer}, codes=(NotFound,),
    ),
    Endpoint(
        "PATCH", "/guests/<guest_id:str>", "change_guest", "Correct what is written of a guest without an account",
        change, who=STAFF, tag="guests", body=bodies.GuestChange, answers={200: answers.GuestAnswer},
        codes=(NotFound, Conflict, TooManyRequests), keyed=KEPT, repeat=repeat_change, present=present,
    ),
    Endpoint(
        "POST", "/guests/<guest_id:str>/erase", "erase_guest",
        "Erase a guest without an account: the name, the addresses and all that was noted are gone everywhere", erase,
        who=MANAGER, tag="guests", answers={204: None}, codes=(NotFound, HasBookings, Conflict, TooManyRequests),
        keyed=KEPT, repeat=repeat_remove, present=present,
    ),
]  # fmt: skip
