"""POST /auth/register, /auth/login, /auth/refresh, /auth/logout; GET /auth/me."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sanic import HTTPResponse

from hub.commands import accounts
from hub.commands.throttle import Attempt
from hub.errors import (
    AuthError,
    EmailTaken,
    KeyMismatch,
    NotFound,
    Overloaded,
    PhoneTaken,
    SessionOver,
    TooManyAttempts,
    TooManyRequests,
)
from hub.http.client import client_address
from hub.rest import account_bodies, serializers
from hub.rest import people_answers as answers
from hub.rest.conditions import headers
from hub.rest.endpoint import ANYONE, RENEWABLE, AppState, Endpoint, RequestContext, answer, empty
from hub.rest.repeats import KEPT, REPEATABLE
from hub.store.accounts import Account


async def register(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: account_bodies.Registration = ctx.body
    address = client_address(ctx.request)
    await state.throttle.count("register", address)

    async def work() -> accounts.Grant:
        async with state.throttle.recipient(body.email), state.throttle.hashing(address):
            return await accounts.register(
                ctx.context,
                passwords=state.passwords,
                tokens=state.tokens,
                request_id=ctx.request_id,
                key=ctx.key,
                **body.model_dump(),
            )

    return answer(serializers.token(await state.throttle.finish(work())), 201)


async def repeat_register(state: AppState, ctx: RequestContext, kept: Mapping[str, Any]) -> HTTPResponse:
    body: account_bodies.Registration = ctx.body
    return answer(serializers.token(await log_in_again(state, ctx, body.email, body.password)), 201)


async def log_in_again(state: AppState, ctx: RequestContext, email: str, password: str) -> accounts.Grant:
    """A session for who asked again for what ended with one: no token is kept, so they log in. Raises KeyMismatch for
    another password than the account has now."""
    try:
        return await _log_in(state, ctx, email, password)
    except AuthError:
        raise KeyMismatch() from None


async def log_in(state: AppState, ctx: RequestContext) -> HTTPResponse:
    body: account_bodies.Credentials = ctx.body
    return answer(serializers.token(await _log_in(state, ctx, body.email, body.password)))


async def _log_in(state: AppState, ctx: RequestContext, email: str, password: str) -> accounts.Grant:
    async def attempt(made: Attempt) -> accounts.Grant:
        return await accounts.log_in(
            ctx.context,
            passwords=state.passwords,
            tokens=state.tokens,
            email=email,
            password=password,
            attempt=made,
        )

    return await state.throttle.log_in(
        accounts.as_stored(email), client_address(ctx.request), attempt, request_id=ctx.request_id
    )


async def refresh(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return answer(serializers.token(await accounts.refresh(ctx.context, tokens=state.tokens, by=ctx.by)))


async def log_out(state: AppState, ctx: RequestContext) -> HTTPResponse:
    ended = await accounts.log_out(ctx.context, by=ctx.by, everywhere=ctx.body.everywhere)
    # The other processes learn it from the database; this one need not wait for that.
    state.tokens.learn(ended=ended, now=time.time())
    state.broadcaster.ended(set(ended), set())
    return empty()


async def who_am_i(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return show(ctx, await present(ctx))


async def present(ctx: RequestContext) -> Account:
    return await accounts.who_am_i(user_id=ctx.by.user_id)


def show(ctx: RequestContext, found: Account) -> HTTPResponse:
    return answer(serializers.account(found, ctx.context.rules), headers=headers(found.revision))


ENDPOINTS = [
    Endpoint(
        "POST", "/auth/register", "register", "Make an account and log in", register, who=ANYONE, tag="accounts",
        body=account_bodies.Registration, answers={201: answers.Token},
        codes=(EmailTaken, PhoneTaken, Overloaded, TooManyAttempts), keyed=KEPT, repeat=repeat_register,
    ),
    Endpoint(
        "POST", "/auth/login", "log_in", "Log in", log_in, who=ANYONE, tag="accounts",
        body=account_bodies.Credentials, answers={200: answers.Token},
        codes=(AuthError, Overloaded, TooManyAttempts, TooManyRequests),
        keyed=REPEATABLE,
    ),
    Endpoint(
        "POST", "/auth/refresh", "refresh", "A new token of the same session", refresh, who=RENEWABLE, tag="accounts",
        answers={200: answers.Token}, codes=(SessionOver,), keyed=REPEATABLE,
    ),
    Endpoint(
        "POST", "/auth/logout", "log_out", "End this session, or all of mine", log_out, tag="accounts",
        body=account_bodies.LogOut, body_optional=True, answers={204: None}, codes=(TooManyRequests,), keyed=REPEATABLE,
    ),
    Endpoint(
        "GET", "/auth/me", "who_am_i", "My account", who_am_i, tag="accounts",
        answers={200: answers.AccountAnswer}, codes=(NotFound,),
    ),
]  # fmt: skip
