"""POST, GET, PATCH and DELETE /bookings…"""

from __future__ import annotations

from sanic import HTTPResponse

from hub.commands import bookings, changes
from hub.errors import (
    AlreadyCanceled,
    AlreadyOver,
    Conflict,
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
from hub.rest import answers, bodies
from hub.rest.endpoint import AppState, Endpoint, RequestContext, answer


def _show(state: AppState, found: bookings.Booking, status: int = 200) -> HTTPResponse:
    return answer(answers.booking(found, state.context.rules), status)


async def book(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.NewBooking = ctx.body
    made = await bookings.book(
        state.context,
        by=ctx.by,
        day=body.date,
        at=body.time,
        guests=body.guests,
        table_id=body.table_id,
        request_id=ctx.request_id,
    )
    return _show(state, made, 201)


async def list_mine(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.Page = ctx.query
    items, following = await bookings.list_mine(state.context, by=ctx.by, limit=query.limit, before=query.before)
    shown = [answers.booking(item, state.context.rules) for item in items]
    return answer({"items": shown, "next": following})


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(state, await bookings.read(state.context, by=ctx.by, booking_id=ctx.ids[0]))


async def reschedule(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.BookingChange = ctx.body
    named = {"date": "day", "time": "at", "guests": "guests", "table_id": "table_id"}
    wanted = {named[name]: getattr(body, name) for name in body.model_fields_set}
    moved = await changes.reschedule(
        state.context, by=ctx.by, booking_id=ctx.ids[0], request_id=ctx.request_id, **wanted
    )
    return _show(state, moved)


async def cancel(state: AppState, ctx: RequestContext) -> HTTPResponse:
    canceled = await changes.cancel(state.context, by=ctx.by, booking_id=ctx.ids[0], request_id=ctx.request_id)
    return _show(state, canceled)


QUEUE = (TooManyRequests,)
WHEN = (
    OutsideOpeningHours, InThePast, TooFarAhead, NonexistentLocalTime, TableTooSmall, NotFound, SlotTaken,
    TooManyBookings, Conflict,
)  # fmt: skip
ENDPOINTS = [
    Endpoint(
        "POST", "/bookings", "book", "Book a table", book, tag="bookings",
        body=bodies.NewBooking, answers={201: answers.Booking}, codes=(*WHEN, *QUEUE),
    ),
    Endpoint(
        "GET", "/bookings/my", "list_my_bookings", "My bookings that are to come", list_mine, tag="bookings",
        query=bodies.Page, answers={200: answers.Bookings},
    ),
    Endpoint(
        "GET", "/bookings/<booking_id:str>", "read_booking", "One booking", read, tag="bookings",
        answers={200: answers.Booking}, codes=(NotFound,),
    ),
    Endpoint(
        "PATCH", "/bookings/<booking_id:str>", "reschedule_booking", "Change a booking", reschedule, tag="bookings",
        body=bodies.BookingChange, answers={200: answers.Booking},
        codes=(*WHEN, *QUEUE, TooLateToChange, AlreadyCanceled, AlreadyOver),
    ),
    Endpoint(
        "DELETE", "/bookings/<booking_id:str>", "cancel_booking", "Cancel a booking", cancel, tag="bookings",
        answers={200: answers.Booking},
        codes=(NotFound, *QUEUE, TooLateToCancel, AlreadyCanceled, AlreadyOver, Conflict),
    ),
]  # fmt: skip
