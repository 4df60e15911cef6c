"""The link of a mail manages one booking: no other, no longer than it is good, and by no GET."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from hub.manage_links import Link, ManageLinks
from hub.store import postgres
from tests.conftest import SECRET_KEY
from tests.integration.rest import counts, query, refused
from tests.integration.rest_rules.conftest import book, make_past
from tests.integration.rest_rules.test_guests import somebody
from tests.servers import PATIENCE, Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def token_of(booking: dict[str, Any], version: int = 1, key: str = SECRET_KEY) -> str:
    return ManageLinks(key).make(Link(booking["id"], version))


async def open_link(hub: HubServer, token: str, path: str = "/manage") -> httpx.Response:
    return await hub.client().post(path, json={"token": token})


async def holder(hub: HubServer, booking: dict[str, Any], version: int = 1) -> httpx.AsyncClient:
    answer = await open_link(hub, token_of(booking, version))
    assert answer.status_code == 200, answer.text
    opened = answer.json()
    assert opened == {
        "access_token": opened["access_token"],
        "token_type": "bearer",
        "expires_in": 1800,
        "booking_id": booking["id"],
        "venue": "main",
        "url_prefix": "",
    }
    return hub.client(opened["access_token"])


async def test_link_shows_changes_and_cancels_its_booking(hub: HubServer, host: Account, day: str) -> None:
    made = await book(host.client, day, guests=2, guest=somebody())
    path = f"/bookings/{made['id']}"
    shown = {name: value for name, value in made.items() if name not in ("house_note", "undo")}
    assert len(shown) == len(made) - 2  # which are told to staff alone
    before = await counts(hub)
    client = await holder(hub, made)
    for _ in range(2):
        assert (await client.get(path)).json() == shown
        assert (await client.get("/venue")).status_code == 200
    assert await counts(hub) == before  # neither the link nor what is read by it changes anything
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    moved = [await client.patch(path, json={"time": "16:00"}, headers=headers) for _ in range(2)]
    assert [answer.json()["revision"] for answer in moved] == [2, 2]
    assert moved[1].headers["idempotency-replayed"] == "true"
    refused(await host.client.patch(path, json={"time": "16:00"}, headers={"If-Match": '"r1"'}), "changed")
    assert (await client.delete(path)).json()["status"] == "canceled"
    refused(await client.delete(path), "already_canceled")
    acts = (await host.client.get(f"{path}/history")).json()
    assert [(act["action"], act["actor"] is None) for act in acts] == [
        ("booked", False), ("rescheduled", True), ("canceled", True),
    ]  # fmt: skip


async def test_move_to_another_day_keeps_the_link(hub: HubServer, guest: Account, day: str) -> None:
    made = await book(guest.client, day)
    client = await holder(hub, made)
    another = (await client.patch(f"/bookings/{made['id']}", json={"date": _after(day)})).json()
    assert another["service_date"] == _after(day)
    acts = (await guest.client.get(f"/bookings/{made['id']}")).json()
    assert acts["service_date"] == _after(day)
    assert (await (await holder(hub, made)).get(f"/bookings/{made['id']}")).json()["revision"] == 2


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


async def test_token_of_a_link_opens_nothing_else(hub: HubServer, host: Account, guest: Account, day: str) -> None:
    made, other = await book(host.client, day, guest=somebody()), await book(guest.client, day)
    client = await holder(hub, made)
    refused(await client.get(f"/bookings/{other['id']}"), "not_found")
    refused(await client.delete(f"/bookings/{other['id']}"), "not_found")
    refused(await client.patch(f"/bookings/{other['id']}", json={"guests": 1}), "not_found")
    document = (await client.get("/openapi.json")).json()["paths"]
    asked = 0
    for path, operations in document.items():
        for method, operation in operations.items():
            if not operation.get("security") or path == "/bookings/{booking_id}":
                continue
            asked += 1
            url = path.replace("{date}", day).replace("{booking_id}", str(made["id"]))
            url = url.replace("{guest_id}", str(made["guest"]["id"])).replace("{table_id}", "1")
            answer = await client.request(method, url, json={} if "requestBody" in operation else None)
            refused(answer, "auth_error")
    assert asked > 10
    refused(await client.get(f"/bookings/{made['id']}/history"), "auth_error")


async def test_link_is_over_alike_whatever_ended_it(hub: HubServer, host: Account, guest: Account, day: str) -> None:
    made = await book(host.client, day, guest=somebody())
    path, client = f"/bookings/{made['id']}", await holder(hub, made)
    changed = await host.client.patch(f"/guests/{made['guest']['id']}", json={"email": somebody()["email"]})
    assert changed.status_code == 200
    refused(await client.get(path), "not_found")  # also what it was traded for before
    refused(await client.delete(path), "not_found")
    client = await holder(hub, made, version=2)
    answers = [
        await open_link(hub, token_of(made)),
        await open_link(hub, token_of(made, version=3)),
        await open_link(hub, token_of({"id": 2**62})),
        await open_link(hub, token_of(made, version=2, key="another key of more than 32 bytes in it")),
        await open_link(hub, "x" * 36),
    ]
    assert {refused(answer, "not_found")["detail"] for answer in answers} == {
        "This link is not valid any more. Call us, please."
    }
    await make_past(hub, made["id"])
    refused(await client.get(path), "not_found")
    refused(await open_link(hub, token_of(made, version=2)), "not_found")
    await query(hub, "UPDATE bookings SET ends_at = now() - interval '23 hours' WHERE id = $1", made["id"])
    assert (await open_link(hub, token_of(made, version=2))).status_code == 200
    # Another address ends it also then, when no booking of the guest is to come.
    assert (await host.client.patch(f"/guests/{made['guest']['id']}", json={"email": None})).status_code == 200
    refused(await open_link(hub, token_of(made, version=2)), "not_found")


@pytest.mark.parametrize("replayed", [False, True])
async def test_link_that_ends_under_a_request_is_good_for_nothing(
    hub: HubServer, host: Account, day: str, replayed: bool
) -> None:
    """The first answer to a key neither: it would name the guest as they are now."""
    made = await book(host.client, day, guest=somebody())
    path, headers = f"/bookings/{made['id']}", {"Idempotency-Key": secrets.token_hex(8)}
    client = await holder(hub, made)
    if replayed:
        assert (await client.delete(path, headers=headers)).status_code == 200
    before = (await host.client.get(path)).json()
    connection = await postgres.connect(hub.environ["DATABASE_URL"], prepared=False)
    try:
        await connection.execute("BEGIN")
        await connection.fetch("SELECT hub_lock($1)", f"day:{day}")
        call = asyncio.create_task(client.delete(path, headers=headers))
        await until_it_waits(connection)  # it has read the booking, and waits with its commit
        await connection.execute("UPDATE bookings SET link_version = link_version + 1 WHERE id = $1", made["id"])
        await connection.execute("COMMIT")
        refused(await asyncio.wait_for(call, PATIENCE), "not_found")
    finally:
        await connection.close()
    assert (await host.client.get(path)).json() == before
    if not replayed:  # staff came by no link
        assert (await host.client.delete(path)).json()["status"] == "canceled"


async def until_it_waits(connection: Any) -> None:
    """Until a request waits for what this connection's transaction holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    deadline = time.monotonic() + PATIENCE
    while not await connection.fetchval(waiting):
        assert time.monotonic() < deadline, "no request waits"
        await asyncio.sleep(0.01)
