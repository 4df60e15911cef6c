"""POST /auth/register, /auth/login, /auth/refresh, /auth/logout; GET /auth/me."""

from __future__ import annotations

import time

from sanic import HTTPResponse

from hub import accounts
from hub.errors import AuthError, EmailTaken, NotFound, Overloaded, PhoneTaken, SessionOver, TooManyAttempts
from hub.http.client import client_address
from hub.rest import answers, bodies
from hub.rest.endpoint import ANYONE, RENEWABLE, Call, Endpoint, Parts, answer
from hub.throttle import Attempt


async def register(parts: Parts, call: Call) -> HTTPResponse:
    body: bodies.Registration = call.body
    address = client_address(call.request)
    await parts.throttle.count("register", address)

    async def work() -> accounts.Grant:
        async with parts.throttle.recipient(body.email), parts.throttle.hashing(address):
            return await accounts.register(
                parts.house,
                passwords=parts.passwords,
                tokens=parts.tokens,
                request_id=call.request_id,
                **body.model_dump(),
            )

    return answer(answers.token(await parts.throttle.finish(work())), 201)


async def log_in(parts: Parts, call: Call) -> HTTPResponse:
    body: bodies.Credentials = call.body

    async def attempt(made: Attempt) -> accounts.Grant:
        return await accounts.log_in(
            parts.house,
            passwords=parts.passwords,
            tokens=parts.tokens,
            email=body.email,
            password=body.password,
            attempt=made,
        )

    email, address = accounts.as_stored(body.email), client_address(call.request)
    return answer(answers.token(await parts.throttle.log_in(email, address, attempt, request_id=call.request_id)))


async def refresh(parts: Parts, call: Call) -> HTTPResponse:
    return answer(answers.token(await accounts.refresh(parts.house, tokens=parts.tokens, by=call.by)))


async def log_out(parts: Parts, call: Call) -> HTTPResponse:
    ended = await accounts.log_out(parts.house, by=call.by, everywhere=call.body.everywhere)
    # The other processes learn it from the database; this one need not wait for that.
    parts.tokens.learn(ended=ended, roles=(), now=time.time())
    parts.fanout.ended(set(ended), {})
    return HTTPResponse(status=204)


async def who_am_i(parts: Parts, call: Call) -> HTTPResponse:
    return answer(answers.account(await accounts.who_am_i(parts.house, by=call.by), parts.house.rules))


ENDPOINTS = [
    Endpoint(
        "POST", "/auth/register", "register", "Make an account and log in", register, who=ANYONE, tag="accounts",
        body=bodies.Registration, answers={201: answers.Token},
        codes=(EmailTaken, PhoneTaken, Overloaded, TooManyAttempts),
    ),
    Endpoint(
        "POST", "/auth/login", "log_in", "Log in", log_in, who=ANYONE, tag="accounts",
        body=bodies.Credentials, answers={200: answers.Token}, codes=(AuthError, Overloaded, TooManyAttempts),
    ),
    Endpoint(
        "POST", "/auth/refresh", "refresh", "A new token of the same session", refresh, who=RENEWABLE, tag="accounts",
        answers={200: answers.Token}, codes=(SessionOver,),
    ),
    Endpoint(
        "POST", "/auth/logout", "log_out", "End this session, or all of mine", log_out, tag="accounts",
        body=bodies.LogOut, body_optional=True, answers={204: None},
    ),
    Endpoint(
        "GET", "/auth/me", "who_am_i", "My account", who_am_i, tag="accounts",
        answers={200: answers.Account}, codes=(NotFound,),
    ),
]  # fmt: skip
