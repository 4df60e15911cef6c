"""Accounts over REST: who registers, logs in and out, and what a token is good for, in every process."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest
from argon2 import PasswordHasher

from hub.security import Tokens
from tests.conftest import make_settings
from tests.http_clients import http_client
from tests.integration.rest import query, refused
from tests.servers import PASSWORD, Account, HubServer, alone, workers_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_register_answers_a_token_of_a_user(hub: HubServer) -> None:
    body = {
        "email": "New.Guest@Example.com",
        "password": PASSWORD,
        "phone_number": " +4930123456 ",
        "full_name": " Ada ",
    }
    answer = await hub.client().post("/auth/register", json=body)
    assert answer.status_code == 201
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 3600
    me = (await hub.client(answer.json()["access_token"]).get("/auth/me")).json()
    assert me.pop("id") > 0
    assert datetime.fromisoformat(me.pop("created_at")).utcoffset() == timedelta(0)
    assert me == {
        "email": "new.guest@example.com",
        "phone_number": "+4930123456",
        "full_name": "Ada",
        "role": "user",
        "language": "en",
        "revision": 1,
        "verified": False,
        "password_confirmed": False,
    }


async def test_register_same_email_or_phone_is_taken(hub: HubServer) -> None:
    first = await hub.register(phone_number="+79990001122")
    body = {"email": first.email.upper(), "password": PASSWORD, "phone_number": "+79990001133", "full_name": "Bo"}
    refused(await hub.client().post("/auth/register", json=body), "email_taken")
    body |= {"email": "somebody.else@example.com", "phone_number": "+79990001122"}
    refused(await hub.client().post("/auth/register", json=body), "phone_taken")


async def test_log_in_answers_alike_for_unknown_email_and_wrong_password(hub: HubServer, guest: Account) -> None:
    unknown = await hub.client().post("/auth/login", json={"email": "nobody@example.com", "password": PASSWORD})
    wrong = await hub.client().post("/auth/login", json={"email": guest.email, "password": "not the password"})
    shown = [refused(answer, "auth_error") for answer in (unknown, wrong)]
    for body in shown:
        del body["request_id"]
    assert shown[0] == shown[1]
    assert unknown.headers["www-authenticate"] == wrong.headers["www-authenticate"] == "Bearer"
    ignored = {"x-request-id", "date"}
    assert {k: v for k, v in unknown.headers.items() if k not in ignored} == {
        k: v for k, v in wrong.headers.items() if k not in ignored
    }


@pytest.mark.parametrize(
    ("registered", "given"),
    [
        ("Plain@example.com", "pLAIN@EXAMPLE.com"),
        ("accent-e\u0301@example.com", "accent-e\u0301@example.com"),
        ("idn@xn--bcher-kva.example", "idn@xn--bcher-kva.example"),
        ("idn-2@xn--bcher-kva.example", "idn-2@bücher.example"),
    ],
)
async def test_log_in_with_the_email_as_it_was_registered(hub: HubServer, registered: str, given: str) -> None:
    await hub.register(registered)
    assert (await hub.log_in(given)).token


async def test_password_is_the_same_however_its_accents_are_composed(hub: HubServer) -> None:
    composed, decomposed = "caf\u00e9 de la gare", "cafe\u0301 de la gare"
    for registered, typed in ((composed, decomposed), (decomposed, composed)):
        guest = await hub.register(password=registered)
        assert (await hub.log_in(guest.email, typed)).token


async def test_password_that_was_hashed_as_it_was_typed_is_still_good(hub: HubServer, guest: Account) -> None:
    """As before passwords had a normal form."""
    decomposed = "cafe\u0301 de la gare"
    await query(
        hub, "UPDATE users SET password_hash = $1 WHERE email = $2", PasswordHasher().hash(decomposed), guest.email
    )
    for typed in (decomposed, "caf\u00e9 de la gare"):
        assert (await hub.log_in(guest.email, typed)).token


@pytest.mark.parametrize(
    "password", ["password", "12345678", "        ", "ada.weak@example.com", "Restaurant1", "Ada Weak"]
)
async def test_register_with_a_password_that_everybody_guesses_is_refused(hub: HubServer, password: str) -> None:
    body = {
        "email": "Ada.Weak@example.com",
        "password": password,
        "phone_number": "+4930123499",
        "full_name": "Ada Weak",
    }
    problem = refused(await hub.client().post("/auth/register", json=body), "validation_error")
    assert [error["field"] for error in problem["errors"]] == ["password"]
    assert problem["errors"][0]["message"].startswith("choose another password: ")


async def test_command_refuses_a_password_that_everybody_guesses(hub: HubServer) -> None:
    for password in ("password", "host.weak@example.com"):
        with pytest.raises(AssertionError, match="choose another password"):
            await hub.command("create-user", "host.weak@example.com", "--role", "host", given=password)


async def test_command_takes_no_address_with_characters_that_nobody_sees(hub: HubServer) -> None:
    """Its owner could not type it, and it would stand beside the one that looks alike."""
    with pytest.raises(AssertionError, match="not an e-mail address"):
        await hub.command("create-user", "host\u200b@example.com", "--role", "host", given=PASSWORD)


async def test_email_is_trimmed(hub: HubServer, guest: Account) -> None:
    assert (await hub.log_in(f"  {guest.email}\t")).token
    unique = "trimmed@example.com"
    made = await hub.register(f" {unique} ")
    assert (await made.client.get("/auth/me")).json()["email"] == unique


async def test_phone_number_is_one_however_it_is_typed(hub: HubServer) -> None:
    first = await hub.register(phone_number="\u202d+49 (0)30/555-0199\u202c")
    assert (await first.client.get("/auth/me")).json()["phone_number"] == "+49305550199"
    body = {"email": "other.phone@example.com", "password": PASSWORD, "full_name": "Bo"}
    for typed in ("+49305550199", "+49 30 555 0199", "+49-30-5550199"):
        refused(await hub.client().post("/auth/register", json={**body, "phone_number": typed}), "phone_taken")
    for typed in ("abcde", "+1", "030 555 0199", "+1 23456789"):
        problem = refused(
            await hub.client().post("/auth/register", json={**body, "phone_number": typed}), "validation_error"
        )
        assert [error["field"] for error in problem["errors"]] == ["phone_number"]


async def test_name_of_one_character_is_a_name_and_of_none_is_not(hub: HubServer) -> None:
    li = await hub.register(full_name=" \u674e\u200b ")
    assert (await li.client.get("/auth/me")).json()["full_name"] == "\u674e"
    body = {
        "email": "nobody@example.com",
        "password": PASSWORD,
        "phone_number": "+4930123498",
        "full_name": "\u200b\u200b",
    }
    problem = refused(await hub.client().post("/auth/register", json=body), "validation_error")
    assert problem["errors"][0]["field"] == "full_name"


async def test_refresh_gives_another_token_of_the_same_session(hub: HubServer, guest: Account) -> None:
    answer = await guest.client.post("/auth/refresh")
    assert answer.status_code == 200
    claims = [
        jwt.decode(token, options={"verify_signature": False}) for token in (guest.token, answer.json()["access_token"])
    ]
    assert claims[0]["sid"] == claims[1]["sid"]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert claims[1].keys() == {"sub", "role", "sid", "iat", "exp", "iss", "aud", "jti"}
    assert answer.json()["expires_in"] == claims[1]["exp"] - claims[1]["iat"] == 3600
    assert (await hub.client(answer.json()["access_token"]).get("/auth/me")).status_code == 200


async def test_refresh_of_a_session_that_is_another_users_now_is_refused(hub: HubServer) -> None:
    """As after a restore, where ids are given again."""
    mine, theirs = await hub.register(), await hub.staff("admin")
    tokens = Tokens(make_settings("postgresql://unused/x", "redis://127.0.0.1:1/0", hub.data_dir))
    identities = [tokens.check(account.token, datetime.now(UTC).timestamp()) for account in (mine, theirs)]
    crossed, _ = tokens.make(user_id=identities[0].user_id, role="user", session_id=identities[1].session_id)
    client = hub.client(crossed)
    refused(await client.post("/auth/refresh"), "auth_error")
    await client.post("/auth/logout")
    assert (await theirs.client.get("/auth/me")).status_code == 200


async def test_refresh_after_session_hours_is_over(berlin: HubServer) -> None:
    guest = await berlin.register()
    sid = jwt.decode(guest.token, options={"verify_signature": False})["sid"]
    await query(berlin, "UPDATE sessions SET created_at = created_at - interval '61 minutes' WHERE id = $1", sid)
    refused(await guest.client.post("/auth/refresh"), "session_over")


async def test_log_out_is_known_to_every_process_within_two_seconds(hub: HubServer, guest: Account) -> None:
    second, third = await hub.log_in(guest.email), await hub.log_in(guest.email)
    answer = await second.client.post("/auth/logout")
    assert (answer.status_code, answer.content) == (204, b"")
    await until_refused(hub, second.token)
    assert (await third.client.get("/auth/me")).status_code == 200
    refused(await second.client.post("/auth/refresh"), "auth_error")
    assert (await third.client.post("/auth/logout", json={"everywhere": True})).status_code == 204
    await until_refused(hub, third.token)
    await until_refused(hub, guest.token)
    assert (await hub.log_in(guest.email)).token


async def until_refused(hub: HubServer, token: str) -> None:
    """Each process refuses the token, within three times the two seconds of the contract."""
    for pid in workers_of(hub):
        with alone(hub, pid):
            async with http_client(base_url=hub.url, headers={"authorization": f"Bearer {token}"}) as client:
                await until_status(client, "/auth/me", 401)


async def until_status(client: httpx.AsyncClient, url: str, status: int) -> None:
    """Ask until the answer has this status, for three times the two seconds in which every process learns a change."""
    async with asyncio.timeout(6):
        while (await client.get(url)).status_code != status:  # noqa: ASYNC110 it is another process that changes
            await asyncio.sleep(0.05)
