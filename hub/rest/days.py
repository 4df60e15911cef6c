"""GET /days/{date}/floor and /availability: what the live channels of these names show, for who asks once; and for
staff the day as it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

from sanic import HTTPResponse

from hub.domain.calendar import local_text
from hub.domain.events import parse_position, position_text
from hub.errors import Forbidden, NotFound
from hub.live import channels
from hub.rest import answers, bodies
from hub.rest.endpoint import STAFF, USER, AppState, Endpoint, RequestContext, answer, empty, is_known
from hub.views import day_history


def _reader(kind: str) -> Callable[[AppState, RequestContext], Awaitable[HTTPResponse]]:
    async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
        """The ETag is the position, from which the channel can be continued."""
        question: bodies.DayQuestion = ctx.query
        channel = channels.of(kind, ctx.day)
        if question.is_past and ctx.by.role not in channels.STAFF:
            raise Forbidden("The day as it was is for staff.")
        if not channels.is_shown(channel, state.context.now(), state.context.rules):
            raise NotFound("This day can't be looked at.")
        if question.is_past:
            position, snapshot = await _as_it_was(state, kind, channel.day, question)
        else:
            position, snapshot = await state.broadcaster.read(channel, at_least=await _at_least(state, question.after))
        headers = {"etag": f'"{position}"'}
        if kind != "floor":  # which names people, and is kept nowhere
            headers["cache-control"] = "no-cache"
        known = is_known(ctx.request.headers.get("if-none-match"), headers["etag"])
        if known and not (question.is_past and kind == "floor"):  # whose names are the present ones at any version
            return empty(304, headers)
        return answer(snapshot(), headers=headers)

    return read


async def _at_least(state: AppState, after: str | None) -> int:
    """The version that the answer must have reached."""
    position = parse_position(after)
    if position is None:
        return 0
    if position[0] != state.context.epoch:
        await state.views.verify()  # the client may know of a new epoch before this process does
    return position[1] if position[0] == state.context.epoch else 0


async def _as_it_was(
    state: AppState, kind: str, day: date | None, question: bodies.DayQuestion
) -> tuple[str, Callable[[], dict[str, Any]]]:
    """The position of an earlier version of a day, and what makes its data."""
    assert day is not None
    if question.version is not None:
        epoch, day_view = await day_history.at_version(state.views, day, *question.version)
    else:
        assert question.at is not None
        epoch, day_view = await day_history.at_instant(state.views, day, question.at)
    names = await day_history.names_of(day_view) if kind == "floor" else {}

    def render(instant: datetime) -> str:
        return local_text(instant, state.context.rules)

    def snapshot() -> dict[str, Any]:
        return day_view.floor(render, names) if kind == "floor" else day_view.availability(render)

    return position_text(epoch, day_view.version), snapshot


ENDPOINTS = [
    Endpoint(
        "GET", "/days/<date:str>/floor", "read_floor", "Who comes on a service day", _reader("floor"), who=STAFF,
        tag="days", query=bodies.DayQuestion, answers={200: answers.Floor, 304: None}, codes=(NotFound,),
    ),
    Endpoint(
        "GET", "/days/<date:str>/availability", "read_availability", "When each table is taken on a service day",
        _reader("availability"), who=USER, tag="days", query=bodies.DayQuestion,
        answers={200: answers.Availability, 304: None}, codes=(NotFound, Forbidden),
    ),
]  # fmt: skip
