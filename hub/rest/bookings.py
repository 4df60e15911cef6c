"""POST, GET, PATCH and DELETE /bookings…"""

from __future__ import annotations

from sanic import HTTPResponse

from hub import bookings, changes
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
from hub.rest.endpoint import Call, Endpoint, Parts, answer


def _show(parts: Parts, found: bookings.Booking, status: int = 200) -> HTTPResponse:
    return answer(answers.booking(found, parts.house.rules), status)


async def book(parts: Parts, call: Call) -> HTTPResponse:
    body: bodies.NewBooking = call.body
    made = await bookings.book(
        parts.house,
        by=call.by,
        day=body.date,
        at=body.time,
        guests=body.guests,
        table_id=body.table_id,
        request_id=call.request_id,
    )
    return _show(parts, made, 201)


async def list_mine(parts: Parts, call: Call) -> HTTPResponse:
    query: bodies.Page = call.query
    items, following = await bookings.list_mine(parts.house, by=call.by, limit=query.limit, before=query.before)
    shown = [answers.booking(item, parts.house.rules) for item in items]
    return answer({"items": shown, "next": following})


async def read(parts: Parts, call: Call) -> HTTPResponse:
    return _show(parts, await bookings.read(parts.house, by=call.by, booking_id=call.ids[0]))


async def reschedule(parts: Parts, call: Call) -> HTTPResponse:
    body: bodies.BookingChange = call.body
    named = {"date": "day", "time": "at", "guests": "guests", "table_id": "table_id"}
    wanted = {named[name]: getattr(body, name) for name in body.model_fields_set}
    moved = await changes.reschedule(
        parts.house, by=call.by, booking_id=call.ids[0], request_id=call.request_id, **wanted
    )
    return _show(parts, moved)


async def cancel(parts: Parts, call: Call) -> HTTPResponse:
    canceled = await changes.cancel(parts.house, by=call.by, booking_id=call.ids[0], request_id=call.request_id)
    return _show(parts, canceled)


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
