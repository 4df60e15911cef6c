"""Links of mails, followed again with the same idempotency key: a link is good once, and its answer is kept."""

from __future__ import annotations

from typing import Any

import pytest

from hub.store import database
from tests.integration.accounts.conftest import OTHER, Life, me
from tests.integration.rest import refused
from tests.servers import PASSWORD

KEY = {"Idempotency-Key": "one-tap-too-many"}


async def post(life: Life, path: str, **body: Any) -> Any:
    return await life.hub.client().post(path, json=body, headers=KEY)


@pytest.mark.slow
async def test_link_that_is_followed_again_is_answered_as_the_first_time(life: Life) -> None:
    ada = await life.hub.register()
    token = await life.token(ada.email, "verify")
    first, again = [await post(life, "/auth/verify", token=token, password=PASSWORD) for _ in range(2)]
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert (again.headers["idempotency-replayed"], again.headers["etag"]) == ("true", first.headers["etag"])
    assert again.json() == await me(ada) and again.json()["verified"]
    refused(await post(life, "/auth/verify", token=token, password=OTHER), "idempotency_mismatch")
    refused(await life.post("/auth/verify", token=token), "auth_error")  # without the key it is over
    # The key of another link is another caller's.
    bob = await life.hub.register()
    other = await post(life, "/auth/verify", token=await life.token(bob.email, "verify"))
    assert "idempotency-replayed" not in other.headers and other.json()["email"] == bob.email
    assert (await ada.client.delete("/auth/me")).status_code == 204
    gone = await post(life, "/auth/verify", token=token)
    refused(gone, "auth_error")
    assert ada.email not in gone.text


@pytest.mark.slow
async def test_reset_again_is_a_log_in_with_the_new_password(life: Life) -> None:
    ada = await life.hub.register()
    token = await life.ask_reset(ada.email)
    answers = [await post(life, "/auth/reset", token=token, password=OTHER) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true"]
    tokens = [answer.json()["access_token"] for answer in answers]
    assert tokens[0] != tokens[1]
    for each in tokens:
        assert (await life.hub.client(each).get("/auth/me")).json()["email"] == ada.email
    refused(await post(life, "/auth/reset", token=token, password=PASSWORD), "idempotency_mismatch")
    # Who has seen the first request has no way in once the password is another one.
    changed = {"old": OTHER, "new": PASSWORD}
    assert (await life.hub.client(tokens[1]).post("/auth/password", json=changed)).status_code == 204
    refused(await post(life, "/auth/reset", token=token, password=OTHER), "idempotency_mismatch")
    kept = await database.fetch("SELECT answer::text FROM idempotency_keys WHERE caller LIKE 'token:%'")
    [row] = await database.fetch("SELECT id FROM users WHERE email = $1", ada.email)
    assert [each["answer"] for each in kept] == [f'{{"account": {row["id"]}}}']


async def test_weak_password_leaves_the_link_and_the_key_good(life: Life) -> None:
    ada = await life.hub.register()
    token = await life.ask_reset(ada.email)
    refused(await post(life, "/auth/reset", token=token, password="password"), "validation_error")
    assert (await post(life, "/auth/reset", token=token, password=OTHER)).status_code == 200


async def test_reset_is_mailed_once_for_a_key_and_nobody_learns_of_an_account(life: Life) -> None:
    ada = await life.hub.register()
    for email in (ada.email, "nobody@example.com"):
        answers = [await post(life, "/auth/reset-request", email=email) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202] * 3
        assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true", "true"]
    rows = await database.fetch("SELECT id FROM outbox WHERE topic = 'reset' AND target = $1", ada.email)
    assert len(rows) == 1
