"""POST and DELETE /holds, and POST /holds/…/extend: a table is kept for somebody who is about to book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import HTTPResponse

from hub.commands import holds
from hub.errors import (
    Conflict,
    Forbidden,
    HoldLimit,
    HoldOver,
    InThePast,
    NonexistentLocalTime,
    NotFound,
    OutsideOpeningHours,
    SlotTaken,
    TableTooSmall,
    TooFarAhead,
    TooManyRequests,
)
from hub.http.client import client_address
from hub.rest import answers, bodies, serializers
from hub.rest.conditions import REPLAYED
from hub.rest.endpoint import AppState, Endpoint, RequestContext, answer, empty
from hub.rest.repeats import COMMIT


async def hold(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.NewHold = ctx.body

    async def work() -> holds.Made:
        return await holds.hold(
            ctx.context, ctx.call, day=body.date, at=body.time, guests=body.guests,
            table_ids=body.table_ids or (None if body.table_id is None else (body.table_id,)), area_id=body.area,
            instead=body.instead,
        )  # fmt: skip

    if ctx.by.is_staff:
        return _show(ctx, await work())
    return _show(ctx, await state.throttle.hold(client_address(ctx.request), ctx.by.user_id, work))


def _show(ctx: RequestContext, made: holds.Made, status: int = 201) -> HTTPResponse:
    headers = {REPLAYED: "true"} if made.replayed else {}
    return answer(serializers.hold(made, ctx.context.rules), status, headers)


async def repeat_hold(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return _show(ctx, holds.repeat(ctx.context, kept, ctx.key))


async def extend(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(ctx, await holds.extend(ctx.context, ctx.call, ctx.token), 200)


async def repeat_extend(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return _show(ctx, holds.repeat_extend(ctx.context, kept, ctx.token), 200)


async def release(state: AppState, ctx: RequestContext) -> HTTPResponse:
    await holds.release(ctx.context, ctx.call, ctx.token)
    return empty()


async def repeat_release(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return empty()


ENDPOINTS = [
    Endpoint(
        "POST", "/holds", "hold", "Keep a table for five minutes, while somebody books", hold, tag="bookings",
        body=bodies.NewHold, answers={201: answers.HoldAnswer},
        codes=(
            OutsideOpeningHours, InThePast, TooFarAhead, NonexistentLocalTime, TableTooSmall, NotFound, SlotTaken,
            Conflict, HoldLimit, TooManyRequests, Forbidden,
        ),
        keyed=COMMIT, repeat=repeat_hold,
    ),
    Endpoint(
        "POST", "/holds/<token:str>/extend", "extend_hold", "Keep it five minutes longer, once", extend,
        tag="bookings", body=bodies.Nothing, body_optional=True, answers={200: answers.HoldAnswer},
        codes=(HoldOver, HoldLimit, TooManyRequests), keyed=COMMIT, repeat=repeat_extend,
    ),
    Endpoint(
        "DELETE", "/holds/<token:str>", "release_hold", "Let go of a hold", release, tag="bookings",
        answers={204: None}, codes=(NotFound, TooManyRequests), keyed=COMMIT, repeat=repeat_release,
    ),
]  # fmt: skip
