"""A new token for a live client, by POST /auth/refresh and the standard library."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable
from urllib.error import HTTPError

Renew = Callable[[], Awaitable[str]]
PATIENCE_SECONDS = 10.0


class SessionEnded(Exception):
    """There is no new token: the person must log in again."""


def refresher(http: str, current: Callable[[], str]) -> Renew:
    """A coroutine function that gives a new token of the session of ``current()``.

    It raises SessionEnded when the session is over, OSError when the hub could not be asked (or answers that it can't
    serve now).
    """

    def post() -> str:
        request = urllib.request.Request(  # noqa: S310 the scheme is http or https
            f"{http}/auth/refresh", method="POST", headers={"authorization": f"Bearer {current()}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - as above
                granted = json.loads(answer.read())
        except HTTPError as error:
            error.close()
            if error.code in (401, 403):
                raise SessionEnded("the session is over") from None
            raise OSError(f"POST /auth/refresh answered {error.code}") from None
        except ValueError:
            raise OSError("POST /auth/refresh did not answer JSON") from None
        if not isinstance(granted, dict) or not isinstance(granted.get("access_token"), str):
            raise OSError("POST /auth/refresh answered without a token")
        token: str = granted["access_token"]
        return token

    async def renew() -> str:
        return await asyncio.to_thread(post)

    return renew
