"""GET and POST /waitlist, and what the staff do with an entry: GET, PATCH /waitlist/{id}, its history, POST
/waitlist/{id}/ready, here, leave, seat, undo; and GET /waitlist/estimate, for everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import orjson
from sanic import HTTPResponse

from hub.commands import waitlist, waitlist_correction, waitlist_history, waitlist_order
from hub.commands.unset import UNSET
from hub.domain import calendar
from hub.errors import (
    AlreadyWaiting,
    Conflict,
    NotFound,
    NoWait,
    OutsideOpeningHours,
    PassedOver,
    SlotTaken,
    TableTooSmall,
    TooManyRequests,
    WaitlistClosed,
)
from hub.live import channels
from hub.rest import answers, bodies, serializers, waitlist_bodies
from hub.rest.conditions import headers
from hub.rest.endpoint import ANYONE, STAFF, AppState, Endpoint, RequestContext, answer
from hub.rest.repeats import COMMIT
from hub.store.bookings import Booking
from hub.store.waitlist import WaitlistEntry

ESTIMATE_SECONDS = 15
"""For so long an estimate is good: an evening is played forward for it, and anybody may ask."""


async def list_all(state: AppState, ctx: RequestContext) -> HTTPResponse:
    """What the floor's channel shows of it, at the same position."""
    day = calendar.service_day(ctx.context.now(), ctx.context.rules)
    channel = replace(channels.FLOOR.channel(day), venue_id=ctx.context.id).as_seen_by(ctx.by.role)
    position, snapshot = await state.broadcaster.reader.read(channel)
    shown: list[dict[str, Any]] = [{"id": int(id), **each} for id, each in snapshot()["waitlist"].items()]
    shown.sort(key=lambda each: (each["place"], each["id"]))
    return answer({"service_date": day.isoformat(), "position": position, "items": shown})


def _show(ctx: RequestContext, found: WaitlistEntry, status: int = 200) -> HTTPResponse:
    shown = serializers.waitlist_entry(found, ctx.context)
    return answer(shown, status, headers(found.revision, replayed=found.replayed))


async def join(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: waitlist_bodies.WaitingParty = ctx.body
    made = await waitlist.join(
        ctx.context, ctx.call, guests=body.guests, name=body.name, phone=body.phone, area_id=body.area,
        force=body.force,
    )  # fmt: skip
    return _show(ctx, made, 201)


def _step(what: Literal["ready", "here", "leave"]) -> Callable[[AppState, RequestContext], Awaitable[HTTPResponse]]:
    async def take(state: AppState, ctx: RequestContext) -> HTTPResponse:
        return _show(ctx, await waitlist.step(ctx.context, ctx.call, what, ctx.ids[0]))

    return take


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(ctx, await present(ctx))


async def read_history(state: AppState, ctx: RequestContext) -> HTTPResponse:
    found = await waitlist_history.of_entry(ctx.context, ctx.ids[0])
    return answer(serializers.queue_history(found, ctx.context.rules))


async def change(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: waitlist_bodies.WaitlistChange = ctx.body
    given = body.model_fields_set
    if "place" in given:
        moved = await waitlist_order.move(ctx.context, ctx.call, ctx.ids[0], place=body.place, reason=body.reason)
        return _show(ctx, moved)
    put_right = await waitlist_correction.correct(
        ctx.context, ctx.call, ctx.ids[0], guests=body.guests, name=body.name,
        phone=body.phone if "phone" in given else UNSET,
    )  # fmt: skip
    return _show(ctx, put_right)


async def undo(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(ctx, await waitlist_order.undo(ctx.context, ctx.call, ctx.ids[0]))


async def seat(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: waitlist_bodies.WaitlistSeating = ctx.body
    seated = await waitlist.seat(ctx.context, ctx.call, ctx.ids[0], table_ids=body.table_ids, in_turn=body.in_turn)
    return _show_both(ctx, *seated)


def _show_both(ctx: RequestContext, entry: WaitlistEntry, booking: Booking) -> HTTPResponse:
    shown = {
        "entry": serializers.waitlist_entry(entry, ctx.context),
        "booking": serializers.booking(booking, ctx.context, for_staff=True),
    }
    return answer(shown, headers=headers(entry.revision, replayed=entry.replayed))


async def estimate(state: AppState, ctx: RequestContext) -> HTTPResponse:
    """Worked out once for all who ask for so many within some seconds."""
    guests, area = ctx.query.guests, ctx.query.area
    age = int(ctx.context.now().timestamp()) // ESTIMATE_SECONDS
    key = ("estimate", ctx.context.epoch, ctx.context.id, guests, area, age)
    made = state.rendered.get(key)
    if made is None:
        found = await waitlist.estimate(ctx.context, state.views, guests, area)
        made = "", orjson.dumps(serializers.wait_estimate(guests, found, ctx.context.rules))
        if state.rendered.get(key) is None:  # somebody else may have been quicker
            state.rendered.keep(key, made)
    return answer(made[1])


async def repeat(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    entry, booking = await waitlist.repeat(kept)
    return _show(ctx, entry) if booking is None else _show_both(ctx, entry, booking)


async def repeat_joined(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    entry, _ = await waitlist.repeat(kept)
    return _show(ctx, entry, 201)


async def present(ctx: RequestContext) -> WaitlistEntry:
    return await waitlist.read(ctx.context, ctx.ids[0])


STATUS = (NotFound, Conflict, TooManyRequests)
STEPS: dict[Literal["ready", "here", "leave"], str] = {
    "ready": "The party was told that its table is ready",
    "here": "The party stands at the door",
    "leave": "The party waits no more",
}
ENDPOINTS = [
    Endpoint(
        "GET", "/waitlist", "list_waitlist", "Who waits tonight", list_all, who=STAFF, tag="waitlist",
        answers={200: answers.WaitlistAnswer},
    ),
    Endpoint(
        "POST", "/waitlist", "join_waitlist", "A party waits from now on", join, who=STAFF, tag="waitlist",
        body=waitlist_bodies.WaitingParty, answers={201: answers.WaitlistEntryAnswer},
        codes=(NotFound, TableTooSmall, AlreadyWaiting, NoWait, WaitlistClosed, TooManyRequests), keyed=COMMIT,
        repeat=repeat_joined,
    ),
    Endpoint(
        "GET", "/waitlist/<waitlist_id:str>", "read_waitlist_entry", "A party that waits, or waited", read, who=STAFF,
        tag="waitlist", answers={200: answers.WaitlistEntryAnswer}, codes=(NotFound,),
    ),
    Endpoint(
        "GET", "/waitlist/<waitlist_id:str>/history", "read_waitlist_history", "Who did what to it, when and why",
        read_history, who=STAFF, tag="waitlist", answers={200: answers.QueueHistoryAnswer}, codes=(NotFound,),
    ),
    Endpoint(
        "PATCH", "/waitlist/<waitlist_id:str>", "change_waitlist_entry", "Another place, number of guests or name",
        change, who=STAFF, tag="waitlist", body=waitlist_bodies.WaitlistChange,
        answers={200: answers.WaitlistEntryAnswer}, codes=(*STATUS, TableTooSmall, AlreadyWaiting), keyed=COMMIT,
        repeat=repeat, present=present,
    ),
    Endpoint(
        "POST", "/waitlist/<waitlist_id:str>/undo", "undo_waitlist", "Take back the last step, for ten minutes", undo,
        who=STAFF, tag="waitlist", body=bodies.Nothing, body_optional=True, answers={200: answers.WaitlistEntryAnswer},
        codes=(*STATUS, AlreadyWaiting), keyed=COMMIT, repeat=repeat, present=present,
    ),
    *(
        Endpoint(
            "POST", f"/waitlist/<waitlist_id:str>/{what}", f"waitlist_{what}", summary, _step(what), who=STAFF,
            tag="waitlist", body=bodies.Nothing, body_optional=True, answers={200: answers.WaitlistEntryAnswer},
            codes=STATUS, keyed=COMMIT, repeat=repeat, present=present,
        )
        for what, summary in STEPS.items()
    ),
    Endpoint(
        "POST", "/waitlist/<waitlist_id:str>/seat", "waitlist_seat", "The party sits: its booking is made with it",
        seat, who=STAFF, tag="waitlist", body=waitlist_bodies.WaitlistSeating, body_optional=True,
        answers={200: answers.SeatedFromWaitlist},
        codes=(*STATUS, OutsideOpeningHours, TableTooSmall, SlotTaken, PassedOver),
        keyed=COMMIT, repeat=repeat, present=present,
    ),
    Endpoint(
        "GET", "/waitlist/estimate", "estimate_wait", "How long a party that comes now would wait", estimate,
        who=ANYONE, tag="waitlist", query=waitlist_bodies.WaitQuestion, answers={200: answers.WaitEstimate},
    ),
]  # fmt: skip
