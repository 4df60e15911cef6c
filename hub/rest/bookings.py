"""POST, GET, PATCH and DELETE /bookings…, and a booking's history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import HTTPResponse

from hub.commands import bookings, changes, history
from hub.commands.bookings import BookingRequest
from hub.commands.changes import ChangeRequest
from hub.commands.guests import Wanted
from hub.commands.search import find
from hub.domain.events import parse_version
from hub.errors import (
    AlreadyCanceled,
    AlreadyOver,
    Conflict,
    ExceedWithoutReason,
    Forbidden,
    HoldDiffers,
    HoldOver,
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
from hub.http.client import client_address
from hub.rest import answers, bodies, serializers
from hub.rest.conditions import headers
from hub.rest.endpoint import STAFF, AppState, Endpoint, RequestContext, answer
from hub.rest.repeats import COMMIT
from hub.store.bookings import Booking


def show(ctx: RequestContext, found: Booking, status: int = 200) -> HTTPResponse:
    shown = serializers.booking(found, ctx.context, for_staff=ctx.by.is_staff)
    return answer(shown, status, headers(found.revision, replayed=found.replayed))


async def book(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.NewBooking = ctx.body
    wanted = BookingRequest(
        body.date, body.time, body.guests,
        table_ids=body.table_ids or (None if body.table_id is None else (body.table_id,)), area_id=body.area,
        hold=body.hold, guest=Wanted(**body.guest.model_dump(exclude_unset=True)) if body.guest is not None else None,
        note=body.note, occasion=body.occasion, needs=body.needs, house_note=body.house_note, minutes=body.minutes,
        seen=parse_version(body.seen), **exceeding(body),
    )  # fmt: skip
    made = await bookings.book(ctx.context, ctx.call, wanted)
    if body.hold is not None and not ctx.by.is_staff:
        await state.throttle.booked(client_address(ctx.request), ctx.by.user_id)
    return show(ctx, made, 201)


def exceeding(body: bodies.Reasoned) -> dict[str, Any]:
    """Raises ExceedWithoutReason."""
    if body.exceed and not body.reason:
        raise ExceedWithoutReason()
    return {"exceed": body.exceed, "reason": body.reason}


async def list_mine(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.Page = ctx.query
    items, following = await bookings.list_mine(ctx.context, by=ctx.by, limit=query.limit, after=query.after)
    shown = [serializers.booking(item, ctx.context) for item in items]
    return answer({"items": shown, "next": following})


async def search(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.BookingSearch = ctx.query
    items, following = await find(
        ctx.context, since=query.date or query.since, until=query.date or query.to, text=query.q,
        statuses=query.statuses, limit=query.limit, after=query.after,
    )  # fmt: skip
    shown = [serializers.booking(item, ctx.context, for_staff=True) for item in items]
    return answer({"items": shown, "next": following})


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return show(ctx, await bookings.read(ctx.context, by=ctx.by, booking_id=ctx.ids[0]))


async def reschedule(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.BookingChange = ctx.body
    given = body.model_fields_set
    wanted = {name: getattr(body, field) for field, name in NAMED.items() if field in given}
    said = {name: getattr(body, name) for name in SAID if name in given}
    if said.get("needs", ()) is None:
        said["needs"] = ()
    change = ChangeRequest(said=said, **exceeding(body), **wanted)
    return show(ctx, await changes.reschedule(ctx.context, ctx.call, ctx.ids[0], change))


async def cancel(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return show(ctx, await changes.cancel(ctx.context, ctx.call, ctx.ids[0]))


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


async def repeat(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return show(ctx, await bookings.repeat(kept))


async def repeat_made(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return show(ctx, await bookings.repeat(kept), 201)


async def present(ctx: RequestContext) -> Booking:
    return await bookings.read(ctx.context, by=ctx.by, booking_id=ctx.ids[0])


NAMED = {"date": "day", "time": "at", "guests": "guests", "table_id": "table_id", "table_ids": "table_ids",
         "pinned": "pinned"}  # fmt: skip
"""What a change may ask for, and what its verb calls it."""
SAID = ("note", "house_note", "occasion", "needs")
QUEUE = (TooManyRequests,)
WHEN = (
    OutsideOpeningHours, InThePast, TooFarAhead, NonexistentLocalTime, TableTooSmall, NotFound, SlotTaken,
    TooManyBookings, Conflict,
)  # fmt: skip
ENDPOINTS = [
    Endpoint(
        "POST", "/bookings", "book", "Book a table", book, tag="bookings",
        body=bodies.NewBooking, answers={201: answers.BookingAnswer},
        codes=(*WHEN, *QUEUE, Forbidden, HoldOver, HoldDiffers, ExceedWithoutReason),
        keyed=COMMIT, repeat=repeat_made,
    ),
    Endpoint(
        "GET", "/bookings/my", "list_my_bookings", "My bookings that are to come", list_mine, tag="bookings",
        query=bodies.Page, answers={200: answers.Bookings},
    ),
    Endpoint(
        "GET", "/bookings", "search_bookings", "Bookings of some days, by name, phone number or reference", search,
        who=STAFF, tag="bookings", query=bodies.BookingSearch, answers={200: answers.Bookings},
    ),
    Endpoint(
        "GET", "/bookings/<booking_id:str>", "read_booking", "One booking", read, tag="bookings",
        scoped=True, answers={200: answers.BookingAnswer}, codes=(NotFound,),
    ),
    Endpoint(
        "GET", "/bookings/<booking_id:str>/history", "read_booking_history", "Who did what to a booking, and when",
        read_history, who=STAFF, tag="bookings", query=bodies.HistoryPage, answers={200: answers.HistoryAnswer},
        codes=(NotFound,),
    ),
    Endpoint(
        "PATCH", "/bookings/<booking_id:str>", "reschedule_booking", "Change a booking", reschedule, tag="bookings",
        body=bodies.BookingChange, scoped=True, answers={200: answers.BookingAnswer},
        codes=(*WHEN, *QUEUE, TooLateToChange, AlreadyCanceled, AlreadyOver, Forbidden, ExceedWithoutReason),
        keyed=COMMIT, repeat=repeat, present=present,
    ),
    Endpoint(
        "DELETE", "/bookings/<booking_id:str>", "cancel_booking", "Cancel a booking", cancel, tag="bookings",
        scoped=True, answers={200: answers.BookingAnswer},
        codes=(NotFound, *QUEUE, TooLateToCancel, AlreadyCanceled, AlreadyOver, Conflict, Forbidden),
        keyed=COMMIT, repeat=repeat, present=present,
    ),
]  # fmt: skip
