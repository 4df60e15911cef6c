"""POST /auth/verify, /auth/reset-request, /auth/reset, /auth/password; PATCH, DELETE /auth/me; GET /auth/me/export."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import nullcontext
from typing import Any, TypeVar

from sanic import HTTPResponse

from hub.commands import account_life, accounts
from hub.commands.throttle import Attempt
from hub.errors import (
    AuthError,
    Conflict,
    HasBookings,
    KeyMismatch,
    LastOwner,
    NotFound,
    Overloaded,
    PhoneTaken,
    TooManyAttempts,
    TooManyRequests,
    ValidationFailed,
)
from hub.http.client import client_address
from hub.rest import account_bodies, serializers
from hub.rest import people_answers as answers
from hub.rest.accounts import log_in_again, present, show
from hub.rest.endpoint import ANYONE, AppState, Endpoint, RequestContext, answer, empty, signed_in
from hub.rest.repeats import KEPT

T = TypeVar("T")


def end(state: AppState, ended: Collection[int]) -> None:
    """The other processes learn of ended sessions from the database; this one need not wait for that."""
    state.tokens.learn(ended=ended, now=time.time())
    state.broadcaster.ended(set(ended), set())


async def verify(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: account_bodies.EmailVerification = ctx.body
    address, by = client_address(ctx.request), signed_in(ctx.request, state.tokens)

    async def work() -> account_life.ChangedAccount:
        async with state.throttle.hashing(address) if body.password is not None else nullcontext():
            return await account_life.verify(
                ctx.context, passwords=state.passwords, token=body.token, by=by, password=body.password, key=ctx.key
            )

    changed = await state.throttle.guard_tokens(address, work)
    end(state, changed.ended)
    return show(ctx, changed.account)


async def repeat_verify(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    user_id, body = kept["account"], ctx.body
    if body.password is not None:
        await _check_password(state, ctx, user_id, body.password)
    try:
        return show(ctx, await accounts.who_am_i(user_id=user_id))
    except NotFound:
        raise AuthError(account_life.LINK_IS_OVER) from None


async def _check_password(state: AppState, ctx: RequestContext, user_id: int, password: str) -> None:
    """Whoever asks again says the password that the first request made. Raises KeyMismatch for another one."""

    async def attempt(made: Attempt) -> None:
        if not await accounts.is_password(state.passwords, user_id=user_id, password=password, attempt=made):
            raise AuthError()

    try:
        await _as_a_log_in(state, ctx, user_id, attempt, event="repeat")
    except AuthError:
        raise KeyMismatch() from None


async def _as_a_log_in(
    state: AppState, ctx: RequestContext, user_id: int, work: Callable[[Attempt], Awaitable[T]], *, event: str
) -> T:
    """Run ``work``, which checks a password of this account: it counts as a log-in does. ``event`` is what the log
    calls it. Raises TooManyAttempts, and what ``work`` raises: AuthError for a wrong password."""

    async def attempt(made: Attempt) -> T:
        made.user_id = user_id
        return await work(made)

    address = client_address(ctx.request)
    return await state.throttle.log_in(f"user {user_id}", address, attempt, request_id=ctx.request_id, event=event)


async def ask_reset(state: AppState, ctx: RequestContext) -> HTTPResponse:
    await state.throttle.count("reset", client_address(ctx.request))
    email = accounts.as_stored(ctx.body.email)
    await account_life.ask_reset(ctx.context, email=email, request_id=ctx.request_id, key=ctx.key)
    return empty(202)


async def repeat_ask_reset(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    return empty(202)


async def reset(state: AppState, ctx: RequestContext) -> HTTPResponse:
    address = client_address(ctx.request)

    async def work() -> tuple[accounts.Grant, list[int]]:
        async with state.throttle.hashing(address):
            return await account_life.reset(
                ctx.context,
                passwords=state.passwords,
                tokens=state.tokens,
                token=ctx.body.token,
                password=ctx.body.password,
                key=ctx.key,
            )

    grant, ended = await state.throttle.guard_tokens(address, work)
    end(state, ended)
    return answer(serializers.token(grant))


async def repeat_reset(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    email = await accounts.email_of(kept["account"])
    if email is None:
        raise AuthError(account_life.LINK_IS_OVER)
    return answer(serializers.token(await log_in_again(state, ctx, email, ctx.body.password)))


async def change_password(state: AppState, ctx: RequestContext) -> HTTPResponse:
    async def work(attempt: Attempt) -> list[int]:
        return await account_life.change_password(
            ctx.context, ctx.call, passwords=state.passwords, old=ctx.body.old, new=ctx.body.new
        )

    try:
        ended = await _as_a_log_in(state, ctx, ctx.by.user_id, work, event="password_change")
    except AuthError as error:
        # The token is good, so nobody need log in for it.
        raise ValidationFailed([{"field": "old", "message": error.message}]) from None
    end(state, ended)
    return empty()


async def repeat_change_password(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    await _check_password(state, ctx, ctx.by.user_id, ctx.body.new)
    return empty()


async def change_profile(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: account_bodies.ProfileChange = ctx.body
    changed = await account_life.change_profile(
        ctx.context, ctx.call, full_name=body.full_name, phone_number=body.phone_number, language=body.language
    )
    return show(ctx, changed)


async def repeat_change_profile(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    """As the account is now: what was written of it is not kept under a key."""
    return show(ctx, await present(ctx))


async def erase(state: AppState, ctx: RequestContext) -> HTTPResponse:
    end(state, await account_life.erase(ctx.context, ctx.call))
    return empty()


async def repeat_erase(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    """In the two seconds before every process knows that the sessions are ended."""
    return empty()


async def export(state: AppState, ctx: RequestContext) -> HTTPResponse:
    found = await state.throttle.export(ctx.by.user_id, lambda: account_life.export(by=ctx.by))
    return answer(
        found, headers={"content-disposition": 'attachment; filename="account.json"', "cache-control": "no-store"}
    )


ENDPOINTS = [
    Endpoint(
        "POST", "/auth/verify", "verify", "The address is mine: follow a link", verify, who=ANYONE, tag="accounts",
        body=account_bodies.EmailVerification, answers={200: answers.AccountAnswer},
        codes=(AuthError, Conflict, Overloaded, TooManyAttempts, TooManyRequests), keyed=KEPT, repeat=repeat_verify,
    ),
    Endpoint(
        "POST", "/auth/reset-request", "ask_reset", "Ask for a link to set a new password", ask_reset, who=ANYONE,
        tag="accounts", body=account_bodies.ResetQuestion, answers={202: None}, codes=(TooManyAttempts,),
        keyed=KEPT, repeat=repeat_ask_reset,
    ),
    Endpoint(
        "POST", "/auth/reset", "reset", "Set a new password by a link, and log in", reset, who=ANYONE, tag="accounts",
        body=account_bodies.Reset, answers={200: answers.Token},
        codes=(AuthError, Overloaded, TooManyAttempts, TooManyRequests),
        keyed=KEPT, repeat=repeat_reset,
    ),
    Endpoint(
        "POST", "/auth/password", "change_password", "Another password; every session ends", change_password,
        tag="accounts", body=account_bodies.PasswordChange, answers={204: None},
        codes=(Overloaded, TooManyAttempts, TooManyRequests),
        keyed=KEPT, repeat=repeat_change_password,
    ),
    Endpoint(
        "PATCH", "/auth/me", "change_profile", "Change my name, phone number or language", change_profile,
        tag="accounts", body=account_bodies.ProfileChange, answers={200: answers.AccountAnswer},
        codes=(NotFound, PhoneTaken, TooManyRequests), keyed=KEPT, repeat=repeat_change_profile, present=present,
    ),
    Endpoint(
        "DELETE", "/auth/me", "erase", "Erase my account: my name and addresses are gone everywhere", erase,
        tag="accounts", answers={204: None}, codes=(NotFound, HasBookings, LastOwner, TooManyRequests),
        keyed=KEPT, repeat=repeat_erase, present=present,
    ),
    Endpoint(
        "GET", "/auth/me/export", "export", "All that is kept of me", export, tag="accounts",
        answers={200: answers.Export}, codes=(NotFound, TooManyAttempts, TooManyRequests),
    ),
]  # fmt: skip
