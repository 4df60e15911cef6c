"""POST /walk-ins, and what the staff do with a booking in the room: POST /bookings/{id}/arrive, seat, finish, …"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sanic import HTTPResponse

from hub.commands import service
from hub.commands.service import Step, WalkInRequest
from hub.errors import (
    AlreadyCanceled,
    AlreadyOver,
    AlreadyWaiting,
    Conflict,
    ExceedWithoutReason,
    NotFound,
    OutsideOpeningHours,
    SlotTaken,
    TableTooSmall,
    TooManyRequests,
)
from hub.rest import answers, bodies, serializers
from hub.rest.bookings import exceeding, present, repeat, repeat_made, show
from hub.rest.conditions import headers
from hub.rest.endpoint import STAFF, AppState, Endpoint, RequestContext, answer
from hub.rest.repeats import COMMIT
from hub.store.bookings import Booking


async def walk_in(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.WalkIn = ctx.body
    wanted = WalkInRequest(body.guests, body.name, body.phone, body.table_ids, body.minutes, **exceeding(body))
    return show(ctx, await service.walk_in(ctx.context, ctx.call, wanted), 201)


def _step(what: Step) -> Callable[[AppState, RequestContext], Awaitable[HTTPResponse]]:
    async def take(state: AppState, ctx: RequestContext) -> HTTPResponse:
        return show(ctx, await service.step(ctx.context, ctx.call, what, ctx.ids[0]))

    return take


async def undo(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return show(ctx, await service.undo(ctx.context, ctx.call, ctx.ids[0]))


async def seat(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.Seating = ctx.body or bodies.Seating()
    seated = await service.seat(
        ctx.context, ctx.call, ctx.ids[0], table_ids=body.table_ids, short=body.short, **exceeding(body)
    )
    return show(ctx, seated)


async def extend(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return show(ctx, await service.extend(ctx.context, ctx.call, ctx.ids[0], minutes=ctx.body.minutes))


async def move(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.TableMove = ctx.body
    wanted = {name: getattr(body, name) for name in body.model_fields_set} | exceeding(body)
    return _show_moved(ctx, await service.move(ctx.context, ctx.call, ctx.ids[0], **wanted))


async def repeat_move(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return _show_moved(ctx, await service.repeat_move(ctx.context, kept, by=ctx.by))


def _show_moved(ctx: RequestContext, moved: Sequence[Booking]) -> HTTPResponse:
    shown = [serializers.booking(each, ctx.context, for_staff=True) for each in moved]
    return answer(shown, headers=headers(moved[0].revision, replayed=moved[0].replayed))


STATUS = (NotFound, AlreadyCanceled, AlreadyOver, Conflict, TooManyRequests)
STEPS: dict[Step, str] = {
    "arrive": "The party is here and waits for its table",
    "finish": "The party has left",
    "no-show": "The party did not come",
}
ENDPOINTS = [
    Endpoint(
        "POST", "/walk-ins", "walk_in", "Seat a party that came in just now", walk_in, who=STAFF, tag="service",
        body=bodies.WalkIn, answers={201: answers.BookingAnswer},
        codes=(OutsideOpeningHours, NotFound, TableTooSmall, SlotTaken, TooManyRequests, ExceedWithoutReason),
        keyed=COMMIT, repeat=repeat_made,
    ),
    *(
        Endpoint(
            "POST", f"/bookings/<booking_id:str>/{what}", what.replace("-", "_"), summary, _step(what), who=STAFF,
            tag="service", body=bodies.Nothing, body_optional=True, answers={200: answers.BookingAnswer},
            codes=STATUS, keyed=COMMIT, repeat=repeat, present=present,
        )
        for what, summary in STEPS.items()
    ),
    Endpoint(
        "POST", "/bookings/<booking_id:str>/undo", "undo", "Take back the last step, for ten minutes", undo, who=STAFF,
        tag="service", body=bodies.Nothing, body_optional=True, answers={200: answers.BookingAnswer},
        codes=(*STATUS, TableTooSmall, SlotTaken, AlreadyWaiting), keyed=COMMIT, repeat=repeat, present=present,
    ),
    Endpoint(
        "POST", "/bookings/<booking_id:str>/seat", "seat", "The party sits", seat, who=STAFF, tag="service",
        body=bodies.Seating, body_optional=True, answers={200: answers.BookingAnswer},
        codes=(*STATUS, OutsideOpeningHours, TableTooSmall, SlotTaken, ExceedWithoutReason), keyed=COMMIT,
        repeat=repeat, present=present,
    ),
    Endpoint(
        "POST", "/bookings/<booking_id:str>/extend", "extend", "The party stays longer", extend, who=STAFF,
        tag="service", body=bodies.Extension, answers={200: answers.BookingAnswer},
        codes=(*STATUS, OutsideOpeningHours, SlotTaken), keyed=COMMIT, repeat=repeat, present=present,
    ),
    Endpoint(
        "POST", "/bookings/<booking_id:str>/table", "move", "Other tables, those of another booking, or keep them",
        move, who=STAFF, tag="service", body=bodies.TableMove, answers={200: answers.Moved},
        codes=(*STATUS, TableTooSmall, SlotTaken, ExceedWithoutReason), keyed=COMMIT, repeat=repeat_move,
        present=present,
    ),
]  # fmt: skip
