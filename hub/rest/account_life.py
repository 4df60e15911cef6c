"""POST /auth/verify, /auth/reset-request, /auth/reset, /auth/password; PATCH, DELETE /auth/me; GET /auth/me/export."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import nullcontext

from sanic import HTTPResponse

from hub import account_life, accounts
from hub.errors import (
    AuthError,
    Conflict,
    HasBookings,
    NotFound,
    Overloaded,
    PhoneTaken,
    TooManyAttempts,
    ValidationFailed,
)
from hub.http.client import client_address
from hub.rest import answers, bodies
from hub.rest.endpoint import ANYONE, Call, Endpoint, Parts, answer, signed_in
from hub.throttle import Attempt


def end(parts: Parts, ended: Collection[int]) -> None:
    """The other processes learn of ended sessions from the database; this one need not wait for that."""
    parts.tokens.learn(ended=ended, roles=(), now=time.time())
    parts.fanout.ended(set(ended), {})


async def verify(parts: Parts, call: Call) -> HTTPResponse:
    body: bodies.Verification = call.body
    address, by = client_address(call.request), signed_in(call.request, parts.tokens)

    async def work() -> account_life.Changed:
        async with parts.throttle.hashing(address) if body.password is not None else nullcontext():
            return await account_life.verify(
                parts.house.settings, passwords=parts.passwords, token=body.token, by=by, password=body.password
            )

    changed = await parts.throttle.guard_tokens(address, work)
    end(parts, changed.ended)
    return answer(answers.account(changed.account, parts.house.rules))


async def ask_reset(parts: Parts, call: Call) -> HTTPResponse:
    await parts.throttle.count("reset", client_address(call.request))
    await account_life.ask_reset(email=accounts.as_stored(call.body.email), request_id=call.request_id)
    return HTTPResponse(status=202)


async def reset(parts: Parts, call: Call) -> HTTPResponse:
    address = client_address(call.request)

    async def work() -> tuple[accounts.Grant, list[int]]:
        async with parts.throttle.hashing(address):
            return await account_life.reset(
                parts.house.settings,
                passwords=parts.passwords,
                tokens=parts.tokens,
                token=call.body.token,
                password=call.body.password,
            )

    grant, ended = await parts.throttle.guard_tokens(address, work)
    end(parts, ended)
    return answer(answers.token(grant))


async def change_password(parts: Parts, call: Call) -> HTTPResponse:
    async def work(attempt: Attempt) -> list[int]:
        attempt.user_id = call.by.user_id
        return await account_life.change_password(
            parts.house.settings, passwords=parts.passwords, by=call.by, old=call.body.old, new=call.body.new
        )

    try:
        ended = await parts.throttle.log_in(
            f"user {call.by.user_id}",
            client_address(call.request),
            work,
            request_id=call.request_id,
            event="password_change",
        )
    except AuthError as error:
        # The token is good, so nobody need log in for it.
        raise ValidationFailed([{"field": "old", "message": error.message}]) from None
    end(parts, ended)
    return HTTPResponse(status=204)


async def change_profile(parts: Parts, call: Call) -> HTTPResponse:
    body: bodies.ProfileChange = call.body
    changed = await account_life.change_profile(
        parts.house,
        by=call.by,
        full_name=body.full_name,
        phone_number=body.phone_number,
        language=body.language,
        request_id=call.request_id,
    )
    return answer(answers.account(changed, parts.house.rules))


async def erase(parts: Parts, call: Call) -> HTTPResponse:
    end(parts, await account_life.erase(parts.house, by=call.by, request_id=call.request_id))
    return HTTPResponse(status=204)


async def export(parts: Parts, call: Call) -> HTTPResponse:
    found = await account_life.export(by=call.by)
    return answer(
        found, headers={"content-disposition": 'attachment; filename="account.json"', "cache-control": "no-store"}
    )


ENDPOINTS = [
    Endpoint(
        "POST", "/auth/verify", "verify", "The address is mine: follow a link", verify, who=ANYONE, tag="accounts",
        body=bodies.Verification, answers={200: answers.Account},
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
        tag="accounts", body=bodies.ProfileChange, answers={200: answers.Account}, codes=(NotFound, PhoneTaken),
    ),
    Endpoint(
        "DELETE", "/auth/me", "erase", "Erase my account: my name and addresses are gone everywhere", erase,
        tag="accounts", answers={204: None}, codes=(NotFound, HasBookings),
    ),
    Endpoint(
        "GET", "/auth/me/export", "export", "All that is kept of me", export, tag="accounts",
        answers={200: answers.Export}, codes=(NotFound,),
    ),
]  # fmt: skip
