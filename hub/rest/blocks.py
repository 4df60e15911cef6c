"""POST, GET and DELETE /blocks: tables that the house keeps closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import HTTPResponse

from hub.commands import blocks
from hub.errors import InThePast, NotFound, OutsideOpeningHours, SlotTaken, TooFarAhead, TooManyRequests
from hub.rest import answers, bodies, serializers
from hub.rest.conditions import headers
from hub.rest.endpoint import STAFF, AppState, Endpoint, RequestContext, answer
from hub.rest.repeats import COMMIT
from hub.store.blocks import FoundBlock


def _show(ctx: RequestContext, found: FoundBlock, status: int = 200) -> HTTPResponse:
    shown = serializers.block(found, ctx.context.rules)
    return answer(shown, status, headers(found.row.revision, replayed=found.replayed))


async def close(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.NewBlock = ctx.body
    made = await blocks.close(
        ctx.context, ctx.call, starts_at=body.start_at, ends_at=body.end_at, table_ids=body.table_ids,
        area_id=body.area_id, reason=body.reason,
    )  # fmt: skip
    return _show(ctx, made, 201)


async def list_of_day(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.DayQuery = ctx.query
    found = await blocks.of_day(ctx.context, query.date)
    return answer({"items": [serializers.block(each, ctx.context.rules) for each in found]})


async def open_again(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(ctx, await blocks.open_again(ctx.context, ctx.call, ctx.ids[0]))


async def repeat_close(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return _show(ctx, blocks.repeat(kept), 201)


async def repeat_open(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return _show(ctx, blocks.repeat(kept))


async def present(ctx: RequestContext) -> FoundBlock:
    return await blocks.read(ctx.context, ctx.ids[0])


ENDPOINTS = [
    Endpoint(
        "POST", "/blocks", "close_tables", "Close tables for a while, on one service day", close, who=STAFF,
        tag="service", body=bodies.NewBlock, answers={201: answers.BlockAnswer},
        codes=(OutsideOpeningHours, InThePast, TooFarAhead, NotFound, SlotTaken, TooManyRequests),
        keyed=COMMIT, repeat=repeat_close,
    ),
    Endpoint(
        "GET", "/blocks", "list_blocks", "The closed tables of a service day", list_of_day, who=STAFF, tag="service",
        query=bodies.DayQuery, answers={200: answers.Blocks},
    ),
    Endpoint(
        "DELETE", "/blocks/<block_id:str>", "open_tables", "Open the tables of a block again", open_again, who=STAFF,
        tag="service", answers={200: answers.BlockAnswer}, codes=(NotFound, TooManyRequests),
        keyed=COMMIT, repeat=repeat_open, present=present,
    ),
]  # fmt: skip
