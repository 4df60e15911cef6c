"""Guests and accounts: their revision, and what idempotency keys keep of them, also after an erasure."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.rest import query, refused
from tests.integration.rest_rules.conftest import book
from tests.integration.rest_rules.test_guests import somebody
from tests.integration.rest_rules.test_keys import key, registration
from tests.servers import PASSWORD, Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
