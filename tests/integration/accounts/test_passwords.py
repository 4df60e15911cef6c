"""A new password, by the old one or by a link in a mail: every session ends, and nobody learns who has an account."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from hub.commands import accounts
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.errors import AuthError
from hub.security import Tokens
from hub.store import database
from tests import servers as made
from tests.guests import make_context, make_guest
from tests.integration.accounts.conftest import OTHER, Life, me, until_refused
from tests.integration.rest import refused
from tests.servers import PASSWORD, Account, HubServer


@pytest.mark.slow
async def test_reset_gives_a_new_password_and_ends_every_session(life: Life, data_dir: Path) -> None:
    async with AsyncExitStack() as stack:
        second = await made.start_hub(data_dir, life.hub.environ)
        stack.push_async_callback(second.stop)
        await reset_gives_a_new_password_and_ends_every_session(life, second)


async def reset_gives_a_new_password_and_ends_every_session(life: Life, second: HubServer) -> None:
    ada = await life.hub.register()
    there = Account(ada.email, ada.token, second.client(ada.token))
    assert (await me(there))["email"] == ada.email
    token = await life.ask_reset(ada.email)
    weak = refused(await life.post("/auth/reset", token=token, password="password"), "validation_error")
    assert weak["errors"][0]["field"] == "password"
    answer = await life.post("/auth/reset", token=token, password=OTHER)
    assert answer.status_code == 200
    now = Account(ada.email, answer.json()["access_token"], life.hub.client(answer.json()["access_token"]))
    assert (await me(now))["verified"] is True
    for old in (ada, there):
        await until_refused(old)
    refused(await life.post("/auth/reset", token=token, password="yet another password"), "auth_error")
    refused(await life.post("/auth/login", email=ada.email, password=PASSWORD), "auth_error")
    assert (await life.hub.log_in(ada.email, OTHER)).token


async def test_reset_question_tells_nobody_whether_there_is_an_account(life: Life) -> None:
    ada = await life.hub.register()
    answers = [await life.post("/auth/reset-request", email=email) for email in (ada.email, "nobody@example.com")]
    ignored = {"x-request-id", "date"}
    shown = [(a.status_code, a.content, {k: v for k, v in a.headers.items() if k not in ignored}) for a in answers]
    assert shown[0] == shown[1] and shown[0][0] == 202
    await life.token(ada.email, "reset")
    assert life.box.to("nobody@example.com") == []
    rows = await database.fetch("SELECT * FROM outbox WHERE topic = 'reset' ORDER BY id")
    assert [row["target"] for row in rows] == [ada.email, ""]  # as much is written for nobody
    assert rows[1]["dropped_at"] is not None


async def test_change_of_password_needs_the_old_one_and_ends_every_session(life: Life) -> None:
    ada = await life.hub.register()
    other = await life.hub.log_in(ada.email)
    wrong = refused(
        await ada.client.post("/auth/password", json={"old": "not it at all", "new": OTHER}), "validation_error"
    )
    assert wrong["errors"][0]["field"] == "old"
    weak = await ada.client.post("/auth/password", json={"old": PASSWORD, "new": "12345678"})
    assert refused(weak, "validation_error")["errors"][0]["field"] == "new"
    assert (await ada.client.post("/auth/password", json={"old": PASSWORD, "new": OTHER})).status_code == 204
    for session in (ada, other):
        await until_refused(session)
    refused(await life.post("/auth/login", email=ada.email, password=PASSWORD), "auth_error")
    assert (await life.hub.log_in(ada.email, OTHER)).token


async def test_log_in_that_is_under_way_does_not_outlive_a_new_password(connected: Settings) -> None:
    """The old password was found right, and then it is changed: no session is made by it."""
    context, passwords, tokens = make_context(connected), Passwords(), Tokens(connected)
    guest = await make_guest()
    await database.fetch("UPDATE users SET password_hash = $1", await passwords.hash(PASSWORD))
    checked, go = asyncio.Event(), asyncio.Event()

    class Slow(Passwords):
        async def verify(self, password: str, stored: str | None, *, last: bool = False) -> bool:
            found = await super().verify(password, stored, last=last)
            checked.set()
            await go.wait()
            return found

    slow = Slow()
    logging_in = asyncio.create_task(
        accounts.log_in(context, passwords=slow, tokens=tokens, email=guest.email, password=PASSWORD)
    )
    await checked.wait()
    await database.fetch("UPDATE users SET password_hash = $1", await passwords.hash(OTHER))
    go.set()
    with pytest.raises(AuthError):
        await logging_in
    assert await database.fetch("SELECT * FROM sessions") == []
    for each in (passwords, slow):
        each.close()
