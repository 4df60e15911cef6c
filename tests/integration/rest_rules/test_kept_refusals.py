"""Refusals under idempotency keys: which are kept, which are decided again, and what they show."""

from __future__ import annotations

import secrets

import pytest

from tests.integration.rest import query, refused
from tests.integration.rest_rules.conftest import book
from tests.integration.rest_rules.test_guests import somebody
from tests.integration.rest_rules.test_keys import key, keys_of, said
from tests.servers import Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
