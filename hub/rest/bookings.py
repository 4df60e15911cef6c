"""POST, GET, PATCH and DELETE /bookings…, and a booking's history."""

from __future__ import annotations

from typing import Any

from sanic import HTTPResponse

from hub.commands import bookings, changes, history
from hub.commands.guests import Wanted
from hub.domain.events import parse_position
from hub.errors import (
    AlreadyCanceled,
    AlreadyOver,
    Conflict,
    Forbidden,
    InThePast,
    NonexistentLocalTime,
    NotFound,
    OutsideOpeningHours,
    SlotTaken,
    TableTooSmall,
    TooFarAhead,
    TooLateToCancel,
    TooLateToChange,
    TooManyBookings,
    TooManyRequests,
)
from hub.rest import answers, bodies, serializers
from hub.rest.conditions import headers
from hub.rest.endpoint import STAFF, AppState, Endpoint, RequestContext, answer


def show(ctx: RequestContext, found: bookings.Booking, status: int = 200) -> HTTPResponse:
    shown = serializers.booking(found, ctx.context, for_staff=ctx.by.is_staff)
    return answer(shown, status, headers(found.revision, replayed=found.replayed))


async def book(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.NewBooking = ctx.body
    made = await bookings.book(
        ctx.context,
        by=ctx.by,
        day=body.date,
        at=body.time,
        guests=body.guests,
        table_ids=body.table_ids or (None if body.table_id is None else (body.table_id,)),
        area_id=body.area,
        minutes=body.minutes,
        house_note=body.house_note,
        guest=Wanted(**body.guest.model_dump()) if body.guest is not None else None,
        note=body.note,
        occasion=body.occasion,
        needs=body.needs,
        seen=parse_position(body.seen),
        request_id=ctx.request_id,
        key=ctx.key,
    )
    return show(ctx, made, 201)


async def list_mine(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.Page = ctx.query
    items, following = await bookings.list_mine(ctx.context, by=ctx.by, limit=query.limit, after=query.after)
    shown = [serializers.booking(item, ctx.context) for item in items]
    return answer({"items": shown, "next": following})


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return show(ctx, await bookings.read(ctx.context, by=ctx.by, booking_id=ctx.ids[0]))


async def reschedule(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.BookingChange = ctx.body
    named = {"date": "day", "time": "at", "guests": "guests", "table_id": "table_id"}
    wanted = {named[name]: getattr(body, name) for name in body.model_fields_set}
    moved = await changes.reschedule(ctx.context, booking_id=ctx.ids[0], **how(ctx), **wanted)
    return show(ctx, moved)


def how(ctx: RequestContext) -> dict[str, Any]:
    return {"by": ctx.by, "request_id": ctx.request_id, "key": ctx.key, "revisions": ctx.revisions}


async def cancel(state: AppState, ctx: RequestContext) -> HTTPResponse:
    canceled = await changes.cancel(ctx.context, booking_id=ctx.ids[0], **how(ctx))
    return show(ctx, canceled)


async def read_history(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.HistoryPage = ctx.query
    found = await history.of_booking(
        ctx.context, ctx.ids[0], limit=query.limit, cursor=int(query.cursor) if query.cursor else None
    )
    # A list without an object around it has no place for `next` but a header (RFC 8288); the path is the request's own.
    following = f'<?limit={query.limit}&cursor={found.following}>; rel="next"'
    return answer(
        serializers.history(found, ctx.context.rules), headers={"link": following} if found.following else None
    )


QUEUE = (TooManyRequests,)
WHEN = (
    OutsideOpeningHours, InThePast, TooFarAhead, NonexistentLocalTime, TableTooSmall, NotFound, SlotTaken,
    TooManyBookings, Conflict,
)  # fmt: skip
ENDPOINTS = [
    Endpoint(
        "POST", "/bookings", "book", "Book a table", book, tag="bookings",
        body=bodies.NewBooking, answers={201: answers.Booking}, codes=(*WHEN, *QUEUE, Forbidden), keyed=True,
    ),
    Endpoint(
        "GET", "/bookings/my", "list_my_bookings", "My bookings that are to come", list_mine, tag="bookings",
        query=bodies.Page, answers={200: answers.Bookings},
    ),
    Endpoint(
        "GET", "/bookings/<booking_id:str>", "read_booking", "One booking", read, tag="bookings",
        scoped=True, answers={200: answers.Booking}, codes=(NotFound,),
    ),
    Endpoint(
        "GET", "/bookings/<booking_id:str>/history", "read_booking_history", "Who did what to a booking, and when",
        read_history, who=STAFF, tag="bookings", query=bodies.HistoryPage, answers={200: answers.History},
        codes=(NotFound,),
    ),
    Endpoint(
        "PATCH", "/bookings/<booking_id:str>", "reschedule_booking", "Change a booking", reschedule, tag="bookings",
        body=bodies.BookingChange, scoped=True, answers={200: answers.Booking},
        codes=(*WHEN, *QUEUE, TooLateToChange, AlreadyCanceled, AlreadyOver), keyed=True, matched=True,
    ),
    Endpoint(
        "DELETE", "/bookings/<booking_id:str>", "cancel_booking", "Cancel a booking", cancel, tag="bookings",
        scoped=True, answers={200: answers.Booking},
        codes=(NotFound, *QUEUE, TooLateToCancel, AlreadyCanceled, AlreadyOver, Conflict), keyed=True, matched=True,
    ),
]  # fmt: skip
