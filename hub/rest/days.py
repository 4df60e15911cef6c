"""GET /days/{date}/floor and /availability: what the live channels of these names show, for who asks once; and for
staff the day as it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

from sanic import HTTPResponse

from hub import day_history
from hub.domain.event import parse_position, position_text
from hub.domain.slots import local_text
from hub.errors import Forbidden, NotFound
from hub.live import channels
from hub.rest import answers, bodies
from hub.rest.endpoint import STAFF, USER, Call, Endpoint, Parts, answer, is_known


def _reader(kind: str) -> Callable[[Parts, Call], Awaitable[HTTPResponse]]:
    async def read(parts: Parts, call: Call) -> HTTPResponse:
        """The ETag is the position, from which the channel can be continued."""
        question: bodies.DayQuestion = call.query
        channel = channels.of(kind, call.day)
        if question.is_past and call.by.role not in channels.STAFF:
            raise Forbidden("The day as it was is for staff.")
        if not channels.is_shown(channel, parts.house.now(), parts.house.rules):
            raise NotFound("This day can't be looked at.")
        if question.is_past:
            position, snapshot = await _as_it_was(parts, kind, channel.day, question)
        else:
            position, snapshot = await parts.fanout.read(channel, at_least=await _at_least(parts, question.after))
        headers = {"etag": f'"{position}"'}
        if kind != "floor":  # which names people, and is kept nowhere
            headers["cache-control"] = "no-cache"
        known = is_known(call.request.headers.get("if-none-match"), headers["etag"])
        if known and not (question.is_past and kind == "floor"):  # whose names are the present ones at any version
            return HTTPResponse(status=304, headers=headers)
        return answer(snapshot(), headers=headers)

    return read


async def _at_least(parts: Parts, after: str | None) -> int:
    """The version that the answer must have reached."""
    position = parse_position(after)
    if position is None:
        return 0
    if position[0] != parts.house.epoch:
        await parts.boards.prove()  # the client may know of a new epoch before this process does
    return position[1] if position[0] == parts.house.epoch else 0


async def _as_it_was(
    parts: Parts, kind: str, day: date | None, question: bodies.DayQuestion
) -> tuple[str, Callable[[], dict[str, Any]]]:
    """The position of an earlier version of a day, and what makes its data."""
    assert day is not None
    if question.version is not None:
        epoch, board = await day_history.at_version(parts.boards, day, *question.version)
    else:
        assert question.at is not None
        epoch, board = await day_history.at_instant(parts.boards, day, question.at)
    names = await day_history.names_of(board) if kind == "floor" else {}

    def render(instant: datetime) -> str:
        return local_text(instant, parts.house.rules)

    def snapshot() -> dict[str, Any]:
        return board.floor(render, names) if kind == "floor" else board.availability(render)

    return position_text(epoch, board.version), snapshot


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
