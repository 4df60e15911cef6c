"""Idempotency-Key on the writes that no commit of a day makes, and what is kept of refusals."""

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


# -- refusals


async def test_final_refusal_is_kept_and_told_again(hub: HubServer, admin: Account, guest: Account, day: str) -> None:
    """Of a decision, and of what is found out before one."""
    room = (await admin.client.post("/admin/tables", json={"name": secrets.token_hex(4), "seats": 2})).json()
    small = {"date": day, "time": "18:00", "guests": 4, "table_id": room["id"]}
    early = {"date": day, "time": "03:00"}
    forbidden = {"date": day, "time": "18:00", "guest": somebody()}
    for body, code in ((small, "table_too_small"), (early, "outside_opening_hours"), (forbidden, "forbidden")):
        headers = key()
        first = await guest.client.post("/bookings", json=body, headers=headers)
        refused(first, code)
        assert "idempotency-replayed" not in first.headers
        if body is small:
            larger = await admin.client.patch(f"/admin/tables/{room['id']}", json={"seats": 4})
            assert larger.status_code == 200
        again = await guest.client.post("/bookings", json=body, headers=headers)
        assert (said(again), again.headers["idempotency-replayed"]) == (said(first), "true")
        other = await guest.client.post("/bookings", json={**body, "note": "another request"}, headers=headers)
        refused(other, "idempotency_mismatch")
    made = await guest.client.post("/bookings", json=small, headers=key())
    assert (await guest.client.delete(f"/bookings/{made.json()['id']}")).status_code == 200
    assert (await admin.client.delete(f"/admin/tables/{room['id']}")).status_code == 204


async def test_refusal_by_the_hours_shows_the_first_answer_of_what_was_booked(
    hub: HubServer, guest: Account, day: str
) -> None:
    """What was booked is answered with, also when the same could not be asked any more."""
    headers, body = key(), {"date": day, "time": "18:00"}
    made = await guest.client.post("/bookings", json=body, headers=headers)
    other = await guest.client.post("/bookings", json={**body, "time": "03:00"}, headers=headers)
    refused(other, "idempotency_mismatch")
    # As if it had been asked for at that time, before the hours were changed.
    late, early = {**body, "time": "03:00"}, key()
    refused(await guest.client.post("/bookings", json=late, headers=early), "outside_opening_hours")
    await query(
        hub,
        "UPDATE idempotency_keys k SET answer = o.answer FROM idempotency_keys o "
        "WHERE k.answer ? 'refusal' AND k.caller = o.caller AND o.answer->>'id' = $1::text",
        str(made.json()["id"]),
    )
    again = await guest.client.post("/bookings", json=late, headers=early)
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, made.content, "true")


async def test_what_may_be_over_soon_is_not_kept(
    hub: HubServer, admin: Account, host: Account, guest: Account, day: str
) -> None:
    taken = await book(host.client, day, table_id=1)
    headers, before = key(), await keys_of(hub)
    body = {"date": day, "time": "18:00", "table_id": 1}
    refused(await guest.client.post("/bookings", json=body, headers=headers), "slot_taken")
    phone = {"phone_number": (await (await hub.register()).client.get("/auth/me")).json()["phone_number"]}
    refused(await guest.client.patch("/auth/me", json=phone, headers=key()), "phone_taken")
    refused(await hub.client().post("/auth/verify", json={"token": "x" * 43}, headers=key()), "auth_error")
    assert await keys_of(hub) == before
    await host.client.delete(f"/bookings/{taken['id']}")
    assert (await guest.client.post("/bookings", json=body, headers=headers)).status_code == 201


async def test_what_was_changed_meanwhile_is_shown_as_it_is_now(hub: HubServer, day: str) -> None:
    admin = await hub.staff("admin")
    made = await book(admin.client, day, guest=somebody())
    room = (await admin.client.post("/admin/tables", json={"name": secrets.token_hex(4), "seats": 2})).json()
    things = [
        (f"/bookings/{made['id']}", [{"guests": 2}, {"guests": 1}, {"guests": 2}]),
        (f"/guests/{made['guest']['id']}", [{"name": "Ida B"}, {"name": "Ida C"}, {"name": "Ida D"}]),
        (f"/admin/tables/{room['id']}", [{"seats": 3}, {"seats": 4}, {"seats": 5}]),
        ("/auth/me", [{"full_name": "Boss B"}, {"full_name": "Boss C"}, {"full_name": "Boss D"}]),
    ]
    for path, changes in things:
        stale = '"r999999"'
        headers = {**key(), "If-Match": stale}
        first = refused(await admin.client.patch(path, json=changes[1], headers=headers), "changed")
        now = (await admin.client.patch(path, json=changes[2])).json()
        again = await admin.client.patch(path, json=changes[1], headers=headers)
        assert again.headers["idempotency-replayed"] == "true"
        present = refused(again, "changed")["present"]
        assert present["revision"] == now["revision"] == first["present"]["revision"] + 1
        other = {**headers, "If-Match": f'"r{now["revision"]}"'}  # another condition is another request
        refused(await admin.client.patch(path, json=changes[1], headers=other), "idempotency_mismatch")
    assert (await admin.client.delete(f"/admin/tables/{room['id']}")).status_code == 204


# -- people


async def test_guest_and_account_carry_their_revision(
    hub: HubServer, admin: Account, host: Account, guest: Account, day: str
) -> None:
    made = await book(host.client, day, guest=somebody())
    for client, path, name in (
        (host.client, f"/guests/{made['guest']['id']}", "name"), (guest.client, "/auth/me", "full_name"),
    ):  # fmt: skip
        found = await client.get(path)
        revision, etag = found.json()["revision"], found.headers["etag"]
        assert etag == f'"r{revision}"'
        answers = await asyncio.gather(
            *(client.patch(path, json={name: f"Name {n}"}, headers={"If-Match": etag}) for n in range(5))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
        now = (await client.get(path)).json()
        assert now["revision"] == revision + 1
        assert all(refused(each, "changed")["present"] == now for each in answers if each.status_code == 412)
        same = await client.patch(path, json={name: now[name]}, headers={"If-Match": f'"r{revision + 1}"'})
        assert (same.status_code, same.headers["etag"]) == (200, f'"r{revision + 1}"')  # nothing was changed
        assert (await client.patch(path, json={name: "Without"})).json()["revision"] == revision + 2
    await query(hub, "UPDATE bookings SET status = 'finished' WHERE id = $1", made["id"])
    erase = f"/guests/{made['guest']['id']}/erase"
    refused(await admin.client.post(erase, headers={"If-Match": '"r1"'}), "changed")
    refused(await guest.client.delete("/auth/me", headers={"If-Match": '"r1"'}), "changed")
    assert (await admin.client.post(erase, headers={"If-Match": '"r3"'})).status_code == 204
    assert (await guest.client.delete("/auth/me", headers={"If-Match": '"r3"'})).status_code == 204


async def test_repeat_after_an_erasure_says_nothing_of_who_was_erased(
    hub: HubServer, admin: Account, host: Account, day: str
) -> None:
    ida = somebody()
    made = await book(host.client, day, guest=ida)
    path, corrected, erased = f"/guests/{made['guest']['id']}", key(), key()
    body = {"name": "Ida Corrected"}
    assert (await host.client.patch(path, json=body, headers=corrected)).json()["name"] == "Ida Corrected"
    stale = {**key(), "If-Match": '"r1"'}
    assert refused(await host.client.patch(path, json=body, headers=stale), "changed")["present"]["name"]
    await query(hub, "UPDATE bookings SET status = 'finished' WHERE id = $1", made["id"])
    assert (await admin.client.post(f"{path}/erase", headers=erased)).status_code == 204
    again = await admin.client.post(f"{path}/erase", headers=erased)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (204, "true")
    for headers in (corrected, stale):
        answer = await host.client.patch(path, json=body, headers=headers)
        refused(answer, "not_found")
        assert "Ida" not in answer.text and ida["email"].lower() not in answer.text


async def test_account_that_was_erased_is_not_told_of_by_its_keys(hub: HubServer) -> None:
    body, headers, bye = registration(full_name="Zuleika"), key(), key()
    token = (await hub.client().post("/auth/register", json=body, headers=headers)).json()["access_token"]
    client = hub.client(token)
    assert (await client.patch("/auth/me", json={"full_name": "Zuleika Too"}, headers=key())).status_code == 200
    assert (await client.delete("/auth/me", headers=bye)).status_code == 204
    gone = await client.delete("/auth/me", headers=bye)
    assert gone.status_code == 401 or gone.headers["idempotency-replayed"] == "true"
    answer = await hub.client().post("/auth/register", json=body, headers=headers)
    refused(answer, "idempotency_mismatch")
    assert "Zuleika" not in answer.text


async def test_neither_keys_nor_secrets_nor_people_stand_in_what_is_kept(
    hub: HubServer, admin: Account, day: str
) -> None:
    """A digest of a password would be one that many can be tried against; so would one of a name."""
    body, headers = registration(full_name="Nobody Kept"), {"Idempotency-Key": "chosen-by-nobody-kept"}
    first = await hub.client().post("/auth/register", json=body, headers=headers)
    client = hub.client(first.json()["access_token"])
    await client.patch("/auth/me", json={"full_name": "Nobody Kept Too"}, headers=headers)
    await admin.client.post(
        "/bookings", json={"date": day, "time": "18:00", "guest": {"name": "Nobody Kept"}}, headers=headers
    )
    rows = await query(hub, "SELECT to_jsonb(k)::text AS row FROM idempotency_keys k")
    for text in (
        "nobody kept",
        "chosen-by",
        body["email"],
        body["phone_number"],
        PASSWORD,
        first.json()["access_token"],
    ):
        assert [row["row"] for row in rows if text.lower() in row["row"].lower()] == []
    [row] = await query(
        hub, "SELECT digest FROM idempotency_keys WHERE answer->>'account' IS NOT NULL ORDER BY id DESC LIMIT 1"
    )
    assert len(row["digest"]) == 64
