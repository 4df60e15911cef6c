"""Idempotency-Key on the writes that no commit of a day makes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from hub.store import postgres
from tests.integration.rest import query, refused
from tests.integration.rest_rules.conftest import book
from tests.integration.rest_rules.test_guests import somebody
from tests.integration.rest_rules.test_manage import until_it_waits
from tests.servers import PASSWORD, Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")
OTHER = "another good password"


def key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


def said(answer: httpx.Response) -> Any:
    """The body without what names this answer alone."""
    body = answer.json() if answer.content else None
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in ("request_id", "access_token")}
    return body


def registration(**other: Any) -> dict[str, Any]:
    unique = secrets.token_hex(6)
    phone = f"+4930{secrets.randbelow(10**8):08}"
    return {
        "email": f"{unique}@example.com", "password": PASSWORD, "phone_number": phone, "full_name": "Ada", **other,
    }  # fmt: skip


async def keys_of(hub: HubServer) -> int:
    [row] = await query(hub, "SELECT count(*) AS n FROM idempotency_keys")
    number: int = row["n"]
    return number


# -- each write, asked for again


@dataclass
class World:
    hub: HubServer
    admin: Account
    day: str


async def change_guest(world: World) -> tuple[httpx.AsyncClient, str, str, dict[str, Any], dict[str, Any]]:
    made = await book(world.admin.client, world.day, guest=somebody())
    path = f"/guests/{made['guest']['id']}"
    return world.admin.client, "PATCH", path, {"name": "Ida Again"}, {"name": "Ida Else"}


async def change_me(world: World) -> tuple[httpx.AsyncClient, str, str, dict[str, Any], dict[str, Any]]:
    client = (await world.hub.register()).client
    return client, "PATCH", "/auth/me", {"full_name": "Ada Again"}, {"full_name": "Ada Else"}


async def change_language(world: World) -> tuple[httpx.AsyncClient, str, str, dict[str, Any], dict[str, Any]]:
    return (await world.hub.register()).client, "PATCH", "/auth/me", {"language": "ru"}, {"language": "en"}


async def register(world: World) -> tuple[httpx.AsyncClient, str, str, dict[str, Any], dict[str, Any]]:
    body = registration()
    return world.hub.client(), "POST", "/auth/register", body, {**body, "full_name": "Eve"}


async def register_elsewhere(world: World) -> tuple[httpx.AsyncClient, str, str, dict[str, Any], dict[str, Any]]:
    """The password is a part of what was asked, though nothing of it is kept."""
    body = registration()
    return world.hub.client(), "POST", "/auth/register", body, {**body, "password": OTHER}


async def ask_reset(world: World) -> tuple[httpx.AsyncClient, str, str, dict[str, Any], dict[str, Any]]:
    body = {"email": (await world.hub.register()).email}
    return world.hub.client(), "POST", "/auth/reset-request", body, {}


@pytest.mark.parametrize(
    "what",
    [change_guest, change_me, change_language, register, register_elsewhere, ask_reset],
    ids=lambda f: f.__name__,
)
async def test_write_that_is_asked_for_again_is_done_once(
    hub: HubServer, admin: Account, day: str, what: Callable[[World], Any]
) -> None:
    client, method, path, body, other = await what(World(hub, admin, day))
    headers, written = key(), "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM outbox) AS n"
    first = await client.request(method, path, json=body, headers=headers)
    assert first.is_success and "idempotency-replayed" not in first.headers, first.text
    before = await query(hub, written)
    for _ in range(2):
        again = await client.request(method, path, json=body, headers=headers)
        assert (again.status_code, said(again)) == (first.status_code, said(first)), again.text
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers.get("etag") == first.headers.get("etag")
    assert await query(hub, written) == before
    if other:
        refused(await client.request(method, path, json=other, headers=headers), "idempotency_mismatch")


async def test_registration_again_is_a_log_in_to_the_account_that_it_made(hub: HubServer) -> None:
    body, headers = registration(), key()
    tokens = [(await hub.client().post("/auth/register", json=body, headers=headers)).json() for _ in range(2)]
    me = [(await hub.client(token["access_token"]).get("/auth/me")).json() for token in tokens]
    assert me[0] == me[1] and tokens[0] != tokens[1]
    changed = {"old": PASSWORD, "new": OTHER}
    client = hub.client(tokens[0]["access_token"])
    assert (await client.post("/auth/password", json=changed)).status_code == 204
    # Whoever knows the first request only knows no password of the account any more.
    refused(await hub.client().post("/auth/register", json=body, headers=headers), "idempotency_mismatch")
    # A key is told apart by the address: nobody can use up another's.
    other = registration()
    assert (await hub.client().post("/auth/register", json=other, headers=headers)).status_code == 201


async def test_many_registrations_at_once_with_one_key_make_one_account(hub: HubServer) -> None:
    body, headers = registration(), key()

    async def ask() -> httpx.Response:
        return await hub.client().post("/auth/register", json=body, headers=headers)

    answers = await asyncio.gather(*(ask() for _ in range(8)))
    for answer in answers:
        assert answer.status_code == 201 or refused(answer, "in_progress")
    assert [answer.headers.get("idempotency-replayed") for answer in answers if answer.status_code == 201].count(
        None
    ) == 1
    assert (await ask()).headers["idempotency-replayed"] == "true"
    [row] = await query(hub, "SELECT count(*) AS n FROM users WHERE email = $1", body["email"])
    assert row["n"] == 1


async def test_password_is_changed_once(hub: HubServer, guest: Account) -> None:
    """Every session ends with it, so the repeat comes with another one."""
    headers, body = key(), {"old": PASSWORD, "new": OTHER}
    assert (await guest.client.post("/auth/password", json=body, headers=headers)).status_code == 204
    token = (await hub.client().post("/auth/login", json={"email": guest.email, "password": OTHER})).json()
    client = hub.client(token["access_token"])
    again = await client.post("/auth/password", json=body, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (204, "true")
    refused(
        await client.post("/auth/password", json={"old": OTHER, "new": "yet another password"}, headers=headers),
        "idempotency_mismatch",
    )
    # A refusal is judged anew: what is kept can't tell its password from another.
    headers = key()
    for old in ("wrong horse battery", "wrong again battery"):
        refused(
            await client.post("/auth/password", json={"old": old, "new": PASSWORD}, headers=headers), "validation_error"
        )
    assert (
        await client.post("/auth/password", json={"old": OTHER, "new": PASSWORD}, headers=headers)
    ).status_code == 204


async def test_calls_that_may_be_repeated_take_a_key_and_keep_nothing(hub: HubServer, guest: Account) -> None:
    headers, before = key(), await keys_of(hub)
    body = {"email": guest.email, "password": PASSWORD}
    tokens = {(await guest.client.post("/auth/login", json=body, headers=headers)).json()["access_token"] for _ in "ab"}
    assert len(tokens) == 2
    for _ in range(2):
        assert (await guest.client.post("/auth/refresh", headers=headers)).status_code == 200
    wrong = {"Idempotency-Key": "a b"}
    refused(await hub.client().post("/auth/login", json=body, headers=wrong), "validation_error")
    assert (await guest.client.post("/auth/logout", headers=headers)).status_code == 204
    assert await keys_of(hub) == before


async def test_second_request_beside_the_first_is_told_so(hub: HubServer, admin: Account, day: str) -> None:
    """In whichever process it is, and the first one goes on."""
    made = await book(admin.client, day, guest=somebody())
    path, headers, body = f"/guests/{made['guest']['id']}", key(), {"language": "ru"}
    holder = await postgres.connect(hub.environ["DATABASE_URL"], prepared=False)
    try:
        await holder.execute("BEGIN")
        await holder.execute("SELECT FROM guests WHERE id = $1 FOR UPDATE", made["guest"]["id"])
        first = asyncio.create_task(admin.client.patch(path, json=body, headers=headers))
        await until_it_waits(holder)
        for _ in range(6):
            again = await hub.client(admin.token).patch(path, json=body, headers=headers)
            refused(again, "in_progress")
    finally:
        await holder.close()
    assert (await first).status_code == 200
    assert (await admin.client.patch(path, json=body, headers=headers)).headers["idempotency-replayed"] == "true"
