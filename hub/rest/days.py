"""GET /days/{date}/floor and /availability: what the live channels of these names show, for who asks once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sanic import HTTPResponse

from hub.errors import NotFound
from hub.live import channels
from hub.rest import answers
from hub.rest.endpoint import STAFF, USER, Call, Endpoint, Parts, answer, is_known


def _reader(kind: str) -> Callable[[Parts, Call], Awaitable[HTTPResponse]]:
    async def read(parts: Parts, call: Call) -> HTTPResponse:
        """The ETag is the position, from which the channel can be continued."""
        channel = channels.of(kind, call.day)
        if not channels.is_shown(channel, parts.house.now(), parts.house.rules):
            raise NotFound("This day can't be looked at.")
        position, snapshot = await parts.fanout.read(channel)
        headers = {"etag": f'"{position}"'}
        if kind != "floor":  # which names people, and is kept nowhere
            headers["cache-control"] = "no-cache"
        if is_known(call.request.headers.get("if-none-match"), headers["etag"]):
            return HTTPResponse(status=304, headers=headers)
        return answer(snapshot(), headers=headers)

    return read


ENDPOINTS = [
    Endpoint(
        "GET", "/days/<date:str>/floor", "read_floor", "Who comes on a service day", _reader("floor"), who=STAFF,
        tag="days", answers={200: answers.Floor, 304: None}, codes=(NotFound,),
    ),
    Endpoint(
        "GET", "/days/<date:str>/availability", "read_availability", "When each table is taken on a service day",
        _reader("availability"), who=USER, tag="days", answers={200: answers.Availability, 304: None},
        codes=(NotFound,),
    ),
]  # fmt: skip
