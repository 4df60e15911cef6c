"""Idempotency-Key and If-Match, as a client of the REST API sees them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.integration.rest import refused
from tests.servers import Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def body(day: str, at: str = "18:00", **more: Any) -> dict[str, Any]:
    return {"date": day, "time": at, "guests": 2, **more}


async def test_a_booking_that_is_asked_for_again_with_its_key_is_made_once(
    hub: HubServer, guest: Account, day: str
) -> None:
    """Many at once, over both processes; the answer's bytes are the same, but for the header that says so."""
    key = {"Idempotency-Key": "a-tap-too-many"}
    answers = await asyncio.gather(*(guest.client.post("/bookings", json=body(day), headers=key) for _ in range(12)))
    early = [answer for answer in answers if answer.status_code != 201]
    for answer in early:  # the first one was not over
        refused(answer, "in_progress")
    answers = [answer for answer in answers if answer not in early]
    answers += [await guest.client.post("/bookings", json=body(day), headers=key) for _ in early]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotency-replayed", "") for answer in answers) == ["", *["true"] * 11]
    assert {answer.headers["etag"] for answer in answers} == {'"r1"'}
    mine = (await guest.client.get("/bookings/my")).json()["items"]
    assert [item["id"] for item in mine if item["service_date"] == day] == [answers[0].json()["id"]]
    other_request = await guest.client.post("/bookings", json=body(day, "20:00"), headers=key)
    assert other_request.status_code == 422
    refused(other_request, "idempotency_mismatch")
    # A key is its caller's own.
    other = await hub.register()
    theirs = await other.client.post("/bookings", json=body(day), headers=key)
    assert theirs.status_code == 201 and "idempotency-replayed" not in theirs.headers


async def test_a_refusal_is_not_kept_under_a_key(hub: HubServer, guest: Account, day: str) -> None:
    key = {"Idempotency-Key": "K1"}
    first = await guest.client.post("/bookings", json=body(day, table_id=1))
    refused(await guest.client.post("/bookings", json=body(day, table_id=1), headers=key), "slot_taken")
    assert (await guest.client.delete(f"/bookings/{first.json()['id']}")).status_code == 200
    again = await guest.client.post("/bookings", json=body(day, table_id=1), headers=key)
    assert again.status_code == 201 and "idempotency-replayed" not in again.headers


async def test_a_key_has_its_form(hub: HubServer, guest: Account, day: str) -> None:
    for wrong in ("", "a b", "x" * 129, "ключ".encode()):
        answer = await guest.client.post("/bookings", json=body(day), headers={"Idempotency-Key": wrong})
        found = refused(answer, "validation_error")
        assert [each["field"] for each in found["errors"]] == ["Idempotency-Key"]


async def test_changes_and_cancellations_take_both_headers(hub: HubServer, guest: Account, day: str) -> None:
    made = await guest.client.post("/bookings", json=body(day))
    path = f"/bookings/{made.json()['id']}"
    assert (await guest.client.get(path)).headers["etag"] == made.headers["etag"] == '"r1"'

    def condition(revision: str, key: str | None = None) -> dict[str, str]:
        return {"If-Match": revision, **({"Idempotency-Key": key} if key else {})}

    async def move(at: str, **headers: Any) -> httpx.Response:
        return await guest.client.patch(path, json={"time": at}, headers=headers.get("headers"))

    moved = await move("20:00", headers=condition('"r1"', "move"))
    assert (moved.status_code, moved.headers["etag"], moved.json()["revision"]) == (200, '"r2"', 2)
    # The same again is answered as the first time, though the booking is at another revision by now.
    again = await move("20:00", headers=condition('"r1"', "move"))
    assert (again.content, again.headers["idempotency-replayed"]) == (moved.content, "true")
    for stale in ('"r1"', 'W/"r2"', '"r3"', '"else"', '"r1", "r7"'):
        late = await move("18:30", headers=condition(stale))
        assert late.status_code == 412
        present = refused(late, "changed")["present"]
        assert (present["revision"], present["start_at"]) == (2, moved.json()["start_at"])
        assert (await guest.client.delete(path, headers=condition(stale))).status_code == 412
    for at, fitting in (("18:00", '"r1", "r2"'), ("18:30", "*")):
        assert (await move(at, headers=condition(fitting))).status_code == 200
    revision = (await guest.client.get(path)).headers["etag"]
    canceled = await guest.client.delete(path, headers=condition(revision, "cancel"))
    assert canceled.json()["status"] == "canceled"
    repeated = await guest.client.delete(path, headers=condition(revision, "cancel"))
    assert (repeated.status_code, repeated.content) == (200, canceled.content)
    refused(await guest.client.delete(path), "already_canceled")


async def test_of_two_hosts_who_saw_the_same_one_changes_it(
    hub: HubServer, guest: Account, host: Account, day: str
) -> None:
    made = await guest.client.post("/bookings", json=body(day))
    path, condition = f"/bookings/{made.json()['id']}", {"If-Match": made.headers["etag"]}
    answers = await asyncio.gather(
        *(host.client.patch(path, json={"time": f"{hour}:00"}, headers=condition) for hour in (12, 13, 14, 15, 16, 17))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]


async def test_tables_take_both_headers(hub: HubServer, admin: Account) -> None:
    key = {"Idempotency-Key": "table-1"}
    wanted = {"name": "Under the lime tree", "seats": 4}
    made = await admin.client.post("/admin/tables", json=wanted, headers=key)
    again = await admin.client.post("/admin/tables", json=wanted, headers=key)
    assert (made.status_code, again.status_code, again.content) == (201, 201, made.content)
    assert (made.headers["etag"], made.json()["revision"]) == ('"r1"', 1)
    path = f"/admin/tables/{made.json()['id']}"
    changed = await admin.client.patch(path, json={"seats": 5}, headers={"If-Match": '"r1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["revision"]) == (200, '"r2"', 2)
    late = await admin.client.patch(path, json={"seats": 6}, headers={"If-Match": '"r1"'})
    assert (late.status_code, refused(late, "changed")["present"]["seats"]) == (412, 5)
    assert (await admin.client.delete(path, headers={"If-Match": '"r1"'})).status_code == 412
    gone = {"If-Match": '"r2"', "Idempotency-Key": "gone"}
    for replayed in (None, "true"):
        removed = await admin.client.delete(path, headers=gone)
        assert (removed.status_code, removed.headers.get("idempotency-replayed")) == (204, replayed)


async def test_a_refusal_says_what_changed_since_the_guest_looked(
    hub: HubServer, guest: Account, host: Account, day: str
) -> None:
    looked = (await guest.client.get("/tables/available", params={"date": day, "time": "18:00"})).json()["position"]
    made = (await host.client.post("/bookings", json=body(day, table_id=1))).json()
    await host.client.patch(f"/bookings/{made['id']}", json={"table_id": 2})
    refusal = refused(await guest.client.post("/bookings", json=body(day, table_id=2, seen=looked)), "slot_taken")
    assert [change["what"] for change in refusal["changed"]] == ["booked", "rescheduled"]
    assert refusal["changed"][0]["at"] <= refusal["changed"][1]["at"]
    seen = (await guest.client.get("/tables/available", params={"date": day, "time": "18:00"})).json()["position"]
    now = refused(await guest.client.post("/bookings", json=body(day, table_id=2, seen=seen)), "slot_taken")
    assert now["changed"] == []
    for other in (None, "zzzzzzzz:1"):
        again = refused(await guest.client.post("/bookings", json=body(day, table_id=2, seen=other)), "slot_taken")
        assert "changed" not in again
    wrong = refused(await guest.client.post("/bookings", json=body(day, table_id=2, seen="17")), "validation_error")
    assert wrong["errors"][0]["field"] == "seen"
