"""POST /wait, /wait/here and /wait/leave: a guest's own place on the waitlist, by the token of their link.

The token stands in the body: no address and no log holds it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from sanic import HTTPResponse

from hub.commands import wait_link
from hub.errors import Conflict, NotFound, TooManyRequests
from hub.rest import answers, serializers, waitlist_bodies
from hub.rest.conditions import REPLAYED
from hub.rest.endpoint import ANYONE, AppState, Endpoint, RequestContext, answer
from hub.rest.repeats import COMMIT, REPEATABLE


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return answer(serializers.place_in_queue(await wait_link.read(ctx.context, ctx.body.token), ctx.context.rules))


def _step(what: Literal["here", "leave"]) -> Callable[[AppState, RequestContext], Awaitable[HTTPResponse]]:
    async def take(state: AppState, ctx: RequestContext) -> HTTPResponse:
        found = await wait_link.step(ctx.context, ctx.body.token, what, request_id=ctx.request_id, key=ctx.key)
        again = {REPLAYED: "true"} if found.replayed else None
        return answer(serializers.place_in_queue(found, ctx.context.rules), headers=again)

    return take


async def repeat(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    """What it is now: the guest wants to know no more than that it was done."""
    return await read(state, ctx)


STEPS: dict[Literal["here", "leave"], str] = {
    "here": "The guest stands at the door",
    "leave": "The guest waits no more",
}
ENDPOINTS = [
    Endpoint(
        "POST", "/wait", "read_place", "A guest's own place on the waitlist, by the token of their link", read,
        who=ANYONE, tag="waitlist", body=waitlist_bodies.WaitLink, answers={200: answers.WaitPlaceAnswer},
        codes=(NotFound,), keyed=REPEATABLE,
    ),
    *(
        Endpoint(
            "POST", f"/wait/{what}", f"place_{what}", summary, _step(what), who=ANYONE, tag="waitlist",
            body=waitlist_bodies.WaitLink, answers={200: answers.WaitPlaceAnswer},
            codes=(NotFound, Conflict, TooManyRequests), keyed=COMMIT, repeat=repeat,
        )
        for what, summary in STEPS.items()
    ),
]  # fmt: skip
