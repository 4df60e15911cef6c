"""POST and DELETE /holds: a table is kept for somebody who is about to book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import HTTPResponse

from hub.commands import holds
from hub.errors import (
    Conflict,
    Forbidden,
    HoldLimit,
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
    if not ctx.by.is_staff:
        await state.throttle.hold(client_address(ctx.request))
    made = await holds.hold(
        ctx.context, by=ctx.by, day=body.date, at=body.time, guests=body.guests,
        table_ids=None if body.table_id is None else (body.table_id,), area_id=body.area, request_id=ctx.request_id,
        key=ctx.key,
    )  # fmt: skip
    return _show(ctx, made)


def _show(ctx: RequestContext, made: holds.Made) -> HTTPResponse:
    headers = {REPLAYED: "true"} if made.replayed else {}
    return answer(serializers.hold(made, ctx.context.rules), 201, headers)


async def repeat_hold(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return _show(ctx, holds.repeat(ctx.context, kept, ctx.key))


async def release(state: AppState, ctx: RequestContext) -> HTTPResponse:
    await holds.release(ctx.context, by=ctx.by, token=ctx.token, request_id=ctx.request_id, key=ctx.key)
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
        "DELETE", "/holds/<token:str>", "release_hold", "Let go of a hold", release, tag="bookings",
        answers={204: None}, codes=(NotFound, TooManyRequests), keyed=COMMIT, repeat=repeat_release,
    ),
]  # fmt: skip
