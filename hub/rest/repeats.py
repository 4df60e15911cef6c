"""A request with an idempotency key: carried out once, and answered again as the first time.

Whoever keeps what was done under the key, in the same transaction, is hub.store.keys or hub_commit. What is the same
for all of them is here: one request of a key at a time, what is kept of a refusal, and the answer from what was kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sanic import HTTPResponse

from hub import logs
from hub.errors import HubError, InProgress, KeyMismatch, NotFound, OutcomeUnknown, Unavailable
from hub.rest.conditions import REPLAYED
from hub.rest.statuses import status_of
from hub.store import keys
from hub.store.keys import Key, Repeated

if TYPE_CHECKING:
    from hub.rest.endpoint import AppState, Endpoint, RequestContext

COMMIT, KEPT, REPEATABLE = "commit", "kept", "repeatable"
"""How a call takes an Idempotency-Key: hub_commit looks it up and keeps it; the verb's transaction keeps it; or the
call may be repeated as it is, and keeps nothing."""
FINAL = frozenset(range(400, 500)) - {401, 409, 429}
"""The statuses of refusals that are kept. 409 and 429 may be over at the next try, and who is not known (401) keeps
nothing here."""
log = logs.get("hub.rest.repeats")


@contextmanager
def alone(running: set[tuple[str, str]], key: Key) -> Iterator[None]:
    """While a request of this key runs in this process. Raises InProgress for a second one."""
    name = (key.caller, key.key)
    if name in running:
        raise InProgress()
    running.add(name)
    try:
        yield
    finally:
        running.discard(name)


async def answer(endpoint: Endpoint, state: AppState, ctx: RequestContext, key: Key) -> HTTPResponse:
    """The handler's answer, or that of the first request with this key."""
    with alone(state.running, key):
        try:
            if endpoint.keyed == KEPT:
                await keys.look_up(key)  # before what costs much, and before refusals that the first one did not get
            return await _carried_out(endpoint, state, ctx, key)
        except Repeated as repeated:
            return await _again(endpoint, state, ctx, repeated)


async def _carried_out(endpoint: Endpoint, state: AppState, ctx: RequestContext, key: Key) -> HTTPResponse:
    try:
        return await endpoint.handler(state, ctx)
    except OutcomeUnknown as error:
        if endpoint.keyed != KEPT:  # hub.views.batch_commit has asked already
            raise
        await keys.find_out(key)
        raise Unavailable("It was not done: the connection to the database was lost. Try again.") from error
    except HubError as refusal:
        # Nothing is kept by which one password could be told from another, so they are judged again.
        if not is_final(refusal) or (ctx.body is not None and ctx.body.SECRETS):
            if endpoint.keyed == KEPT and status_of(refusal) < 500 and not refusal.replayed:
                await keys.look_up(key)  # perhaps another process has carried it out, and this one came too late
            raise
        if isinstance(refusal, NotFound) and ctx.identity is not None and ctx.identity.link is not None:
            raise  # a link that was ended: whoever has it is told nothing else
        await _keep(endpoint, key, refusal)
        raise


def is_final(refusal: HubError) -> bool:
    """Whether a refusal is kept under a key. One that was kept already is not kept again."""
    return status_of(refusal) in FINAL and not isinstance(refusal, KeyMismatch) and not refusal.replayed


async def _keep(endpoint: Endpoint, key: Key, refusal: HubError) -> None:
    """Keep a refusal, or raise what the key stands for; but nothing else in its place."""
    try:
        await keys.keep_refusal(key, refusal)
    except Repeated:
        # hub_commit was not asked. What they may not see any more, or is gone, the first answer does not show either.
        if endpoint.keyed == COMMIT and status_of(refusal) != 400:
            return
        raise
    except HubError as error:
        if error.replayed or error.code in ("idempotency_mismatch", "in_progress"):
            raise
        log.warning("a refusal could not be kept under its idempotency key", error=error.code)


async def _again(endpoint: Endpoint, state: AppState, ctx: RequestContext, repeated: Repeated) -> HTTPResponse:
    if endpoint.repeat is None:
        raise OutcomeUnknown() from repeated
    try:
        response = await endpoint.repeat(state, ctx, repeated.answer)
    except (KeyError, TypeError, ValueError) as error:  # another release kept it
        raise OutcomeUnknown() from error
    response.headers[REPLAYED] = "true"
    return response
