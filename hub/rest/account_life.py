"""POST /auth/verify, /auth/reset-request, /auth/reset, /auth/password; PATCH, DELETE /auth/me; GET /auth/me/export."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import nullcontext

from sanic import HTTPResponse

from hub.commands import account_life, accounts
from hub.commands.throttle import Attempt
from hub.errors import (
    AuthError,
    Conflict,
    HasBookings,
    LastOwner,
    NotFound,
    Overloaded,
    PhoneTaken,
    TooManyAttempts,
    ValidationFailed,
)
from hub.http.client import client_address
from hub.rest import answers, bodies, serializers
from hub.rest.endpoint import ANYONE, AppState, Endpoint, RequestContext, answer, empty, signed_in


def end(state: AppState, ended: Collection[int]) -> None:
    """The other processes learn of ended sessions from the database; this one need not wait for that."""
    state.tokens.learn(ended=ended, now=time.time())
    state.broadcaster.ended(set(ended), set())


async def verify(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.EmailVerification = ctx.body
    address, by = client_address(ctx.request), signed_in(ctx.request, state.tokens)

    async def work() -> account_life.ChangedAccount:
        async with state.throttle.hashing(address) if body.password is not None else nullcontext():
            return await account_life.verify(
                ctx.context.settings, passwords=state.passwords, token=body.token, by=by, password=body.password
            )

    changed = await state.throttle.guard_tokens(address, work)
    end(state, changed.ended)
    return answer(serializers.account(changed.account, ctx.context.rules))


async def ask_reset(state: AppState, ctx: RequestContext) -> HTTPResponse:
    await state.throttle.count("reset", client_address(ctx.request))
    await account_life.ask_reset(email=accounts.as_stored(ctx.body.email), request_id=ctx.request_id)
    return empty(202)


async def reset(state: AppState, ctx: RequestContext) -> HTTPResponse:
    address = client_address(ctx.request)

    async def work() -> tuple[accounts.Grant, list[int]]:
        async with state.throttle.hashing(address):
            return await account_life.reset(
                ctx.context.settings,
                passwords=state.passwords,
                tokens=state.tokens,
                token=ctx.body.token,
                password=ctx.body.password,
            )

    grant, ended = await state.throttle.guard_tokens(address, work)
    end(state, ended)
    return answer(serializers.token(grant))


async def change_password(state: AppState, ctx: RequestContext) -> HTTPResponse:
    async def work(attempt: Attempt) -> list[int]:
        attempt.user_id = ctx.by.user_id
        return await account_life.change_password(
            ctx.context.settings, passwords=state.passwords, by=ctx.by, old=ctx.body.old, new=ctx.body.new
        )

    try:
        ended = await state.throttle.log_in(
            f"user {ctx.by.user_id}",
            client_address(ctx.request),
            work,
            request_id=ctx.request_id,
            event="password_change",
        )
    except AuthError as error:
        # The token is good, so nobody need log in for it.
        raise ValidationFailed([{"field": "old", "message": error.message}]) from None
    end(state, ended)
    return empty()


async def change_profile(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: bodies.ProfileChange = ctx.body
    changed = await account_life.change_profile(
        ctx.context,
        by=ctx.by,
        full_name=body.full_name,
        phone_number=body.phone_number,
        language=body.language,
        request_id=ctx.request_id,
    )
    return answer(serializers.account(changed, ctx.context.rules))


async def erase(state: AppState, ctx: RequestContext) -> HTTPResponse:
    end(state, await account_life.erase(ctx.context, by=ctx.by, request_id=ctx.request_id))
    return empty()


async def export(state: AppState, ctx: RequestContext) -> HTTPResponse:
    found = await account_life.export(by=ctx.by)
    return answer(
        found, headers={"content-disposition": 'attachment; filename="account.json"', "cache-control": "no-store"}
    )


ENDPOINTS = [
    Endpoint(
        "POST", "/auth/verify", "verify", "The address is mine: follow a link", verify, who=ANYONE, tag="accounts",
        body=bodies.EmailVerification, answers={200: answers.AccountAnswer},
        codes=(AuthError, Conflict, Overloaded, TooManyAttempts),
    ),
    Endpoint(
        "POST", "/auth/reset-request", "ask_reset", "Ask for a link to set a new password", ask_reset, who=ANYONE,
        tag="accounts", body=bodies.ResetQuestion, answers={202: None}, codes=(TooManyAttempts,),
    ),
    Endpoint(
        "POST", "/auth/reset", "reset", "Set a new password by a link, and log in", reset, who=ANYONE, tag="accounts",
        body=bodies.Reset, answers={200: answers.Token}, codes=(AuthError, Overloaded, TooManyAttempts),
    ),
    Endpoint(
        "POST", "/auth/password", "change_password", "Another password; every session ends", change_password,
        tag="accounts", body=bodies.PasswordChange, answers={204: None}, codes=(Overloaded, TooManyAttempts),
    ),
    Endpoint(
        "PATCH", "/auth/me", "change_profile", "Change my name, phone number or language", change_profile,
        tag="accounts", body=bodies.ProfileChange, answers={200: answers.AccountAnswer}, codes=(NotFound, PhoneTaken),
    ),
    Endpoint(
        "DELETE", "/auth/me", "erase", "Erase my account: my name and addresses are gone everywhere", erase,
        tag="accounts", answers={204: None}, codes=(NotFound, HasBookings, LastOwner),
    ),
    Endpoint(
        "GET", "/auth/me/export", "export", "All that is kept of me", export, tag="accounts",
        answers={200: answers.Export}, codes=(NotFound,),
    ),
]  # fmt: skip
