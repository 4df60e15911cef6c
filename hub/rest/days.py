"""GET /days/{date}/floor, /availability and /starts: what the live channels of these names show, for who asks once;
and for staff the day as it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sanic import HTTPResponse

from hub.domain import roles
from hub.domain.calendar import local_text
from hub.domain.events import database_epoch, parse_position, position_text
from hub.domain.roles import VISITOR
from hub.domain.shown import NO_TEXTS
from hub.errors import Forbidden, NotFound
from hub.live import channels
from hub.live.projections.projection import Channel, Projection, Rendering
from hub.rest import answers, bodies
from hub.rest.endpoint import (
    ANYONE,
    USER,
    VIEWER,
    AppState,
    Endpoint,
    RequestContext,
    answer,
    empty,
    is_known,
    signed_in,
)
from hub.views import day_history, day_texts
from hub.views.context import VenueContext


def _reader(projection: Projection[Any]) -> Callable[[AppState, RequestContext], Awaitable[HTTPResponse]]:
    async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
        """The ETag is the position, from which the channel can be continued; to a viewer of the floor with the role
        behind it."""
        question: bodies.DayQuestion = ctx.query
        role = _role(state, ctx)
        channel = _channel(projection, ctx, role)
        if question.is_past:
            position, snapshot = await _as_it_was(state, ctx.context, channel, question)
        else:
            after = await _after(state, question.after)
            position, snapshot = await state.broadcaster.reader.read(channel, after=after)
        # What a role sees less of is another answer.
        headers = {"etag": f'"{position}-{role}"' if channel.projection.reduced else f'"{position}"'}
        if not projection.names_guests:
            headers["cache-control"] = "no-cache"
        # Of an earlier version the names are the present ones, so its position does not say what the answer is.
        named = not (question.is_past and projection.names_guests)
        if named and is_known(ctx.request.headers.get("if-none-match"), headers["etag"]):
            return empty(304, headers)
        return answer(snapshot(), headers=headers)

    return read


def _channel(projection: Projection[Any], ctx: RequestContext, role: str) -> Channel:
    """The channel of the day that is asked for, as this role sees it. Raises Forbidden and NotFound."""
    if ctx.query.is_past and role not in roles.STAFF:
        raise Forbidden("Only staff may see a day as it was.")
    channel = replace(projection.channel(ctx.day), venue_id=ctx.context.id).as_seen_by(role)
    if not channel.is_shown(ctx.context.now(), ctx.context.rules):
        raise NotFound("This day can't be shown.")
    return channel


def _role(state: AppState, ctx: RequestContext) -> str:
    """Of who asks; a visitor's where nobody has to say who they are, and nobody did."""
    if ctx.identity is not None:
        return ctx.identity.role
    identity = signed_in(ctx.request, state.tokens)
    return VISITOR if identity is None else state.tokens.role_at(identity, ctx.context.id)


async def _after(state: AppState, after: str | None) -> tuple[str, int] | None:
    """The position that the answer must have reached, where it is of the present epoch."""
    position = parse_position(after)
    if position is None:
        return None
    epoch = database_epoch(position[0])
    if epoch != state.context.epoch:
        await state.views.verify()  # the client may know of a new epoch before this process does
    return position if epoch == state.context.epoch else None


async def _as_it_was(
    state: AppState, context: VenueContext, channel: Channel, question: bodies.DayQuestion
) -> tuple[str, Callable[[], dict[str, Any]]]:
    """The position of an earlier version of a day, and what makes its data."""
    projection = channel.projection
    asked, version = question.version or (None, None)
    of_database = asked and database_epoch(asked)
    if version is not None:
        epoch, day_view = await day_history.at_version(state.views, channel.stream, of_database, version)
    else:
        assert question.at is not None
        epoch, day_view = await day_history.at_instant(state.views, channel.stream, question.at)
    source = state.broadcaster.reader.source_of(channel)
    epoch, view = await source.as_it_was(channel, epoch, day_view)
    if asked not in (None, of_database, epoch) and epoch != of_database:
        raise NotFound(day_history.NO_SUCH)  # starts, by other tables or rules
    names, texts = await day_texts.read_once(context.id, day_view) if projection.names_guests else ({}, NO_TEXTS)

    def text(instant: datetime) -> str:
        return local_text(instant, context.rules)

    def snapshot() -> dict[str, Any]:
        return projection.snapshot(view, Rendering(text, names, texts))

    return position_text(epoch, day_view.version), snapshot


def _endpoint(projection: Projection[Any], summary: str, shown: type[BaseModel]) -> Endpoint:
    for_members = projection.roles <= roles.VIEWERS
    return Endpoint(
        "GET", f"/days/<date:str>/{projection.name}", f"read_{projection.name}", summary, _reader(projection),
        who=ANYONE if VISITOR in projection.roles else VIEWER if for_members else USER,
        tag="days", query=bodies.DayQuestion, answers={200: shown, 304: None},
        codes=(NotFound,) if for_members else (NotFound, Forbidden),
    )  # fmt: skip


ENDPOINTS = [
    _endpoint(channels.FLOOR, "Who comes on a service day", answers.FloorAnswer),
    _endpoint(channels.STARTS, "For whom the starts of a service day are free", answers.StartsAnswer),
    _endpoint(channels.AVAILABILITY, "When each table is taken on a service day", answers.AvailabilityAnswer),
]
