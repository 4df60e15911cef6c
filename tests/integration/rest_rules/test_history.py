"""GET /bookings/{id}/history: who did what, for staff alone; and that every event knows who asked for it, and where."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.rest import day_after, log_lines, query, refused
from tests.integration.rest_rules.conftest import DAYS, book
from tests.servers import Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def history_of(account: Account, booking: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    answer = await account.client.get(f"/bookings/{booking['id']}/history{query}")
    assert answer.status_code == 200, answer.text
    acts: list[dict[str, Any]] = answer.json()
    return acts


def state(shown: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A booking as its history has it, from what the booking's own call answers."""
    kept = (
        "service_date", "guests", "table", "tables", "status", "revision", "start_at", "end_at", "pinned", "arrived_at",
        "seated_at", "left_at",
    )  # fmt: skip
    day, _, at = shown["start_at"].partition("T")
    return {"date": day, "time": at[:8], **{name: shown[name] for name in kept}} | fields


async def test_history_says_who_did_what_from_what_to_what(
    hub: HubServer, admin: Account, host: Account, guest: Account, day: str
) -> None:
    other = day_after(next(DAYS))
    path = f"/bookings/{(made := await book(guest.client, day, guests=2))['id']}"
    answers = [
        await host.client.patch(path, json={"time": "20:00", "table_id": 14}),
        await guest.client.patch("/auth/me", json={"full_name": "Ada Another"}),  # no act on the booking
        await guest.client.patch(path, json={"date": other}),
        await host.client.patch(path, json={}),  # changes nothing
        await guest.client.delete(path),
    ]
    assert [answer.status_code for answer in answers] == [200] * 5
    moved, other_day, canceled = (answers[number].json() for number in (0, 2, 4))
    before, *acts = await history_of(host, made)
    assert [before["action"], *(act["action"] for act in acts)] == ["booked", "rescheduled", "rescheduled", "canceled"]
    assert before["before"] is None
    assert [before["after"], *(act["after"] for act in acts)] == [
        state(made), state(moved), state(other_day), state(canceled),
    ]  # fmt: skip
    assert [act["before"] for act in acts] == [state(made), state(moved), state(other_day)]
    assert [act["request_id"] for act in acts] == [answers[n].headers["x-request-id"] for n in (0, 2, 4)]
    ada, henry = before["actor"], acts[0]["actor"]
    assert ada == acts[1]["actor"] == acts[2]["actor"] and (ada["name"], ada["role"]) == ("Ada Another", "user")
    assert (henry["name"], henry["role"]) == (host.email.partition("@")[0], "host")
    assert before["at"][:19] == made["created_at"][:19] and acts[2]["at"][:19] == canceled["canceled_at"][:19]
    lines = {line["request_id"]: line for line in log_lines(hub) if line["event"] == "request"}
    asked = [(lines[act["request_id"]]["method"], lines[act["request_id"]]["user_id"]) for act in acts]
    assert asked == [("PATCH", henry["id"]), ("PATCH", ada["id"]), ("DELETE", ada["id"])]
    assert await history_of(admin, made) == [before, *acts]
    # Just then the day was as this act left it.
    at = acts[0]["at"].replace("+", "%2B")
    floor = (await host.client.get(f"/days/{day}/floor?at={at}")).json()["bookings"][str(made["id"])]
    assert (floor["table_id"], floor["start_at"]) == (14, moved["start_at"])


async def test_history_gives_the_role_in_the_venue(hub: HubServer, host: Account, guest: Account, day: str) -> None:
    made = await book(guest.client, day)
    await query(
        hub,
        "INSERT INTO memberships (user_id, venue_id, role, changed_at) "
        "SELECT id, 1, 'manager', clock_timestamp() FROM users WHERE email = $1",
        guest.email,
    )
    assert [act["actor"]["role"] for act in await history_of(host, made)] == ["manager"]
    await query(
        hub,
        "UPDATE memberships m SET ended_at = clock_timestamp() FROM users u WHERE u.id = m.user_id AND u.email = $1",
        guest.email,
    )
    assert [act["actor"]["role"] for act in await history_of(host, made)] == ["user"]


async def test_history_is_for_staff_alone(hub: HubServer, host: Account, guest: Account, day: str) -> None:
    path = f"/bookings/{(await book(guest.client, day))['id']}/history"
    refused(await guest.client.get(path), "forbidden")
    refused(await hub.client().get(path), "auth_error")
    for nothing in ("999999", str(2**63 - 1), "0", "one"):
        refused(await host.client.get(f"/bookings/{nothing}/history"), "not_found")
    for wrong in ("limit=0", "limit=501", "cursor=0", "cursor=-1", "cursor=x", f"cursor={10**18}", "before=1"):
        refused(await host.client.get(f"{path}?{wrong}"), "validation_error")
    head = await host.client.head(path)
    assert head.status_code == 200 and head.headers["cache-control"] == "no-store" and not head.content


async def test_history_comes_in_pages_each_oldest_first(host: Account, guest: Account, day: str) -> None:
    made = await book(guest.client, day, guests=1, table_id=16)
    for guests in range(2, 7):
        answer = await host.client.patch(f"/bookings/{made['id']}", json={"guests": guests})
        assert answer.status_code == 200, answer.text
    whole = await history_of(host, made)
    assert [act["after"]["guests"] for act in whole] == [1, 2, 3, 4, 5, 6]
    url, read = httpx.URL(f"{host.client.base_url}/bookings/{made['id']}/history?limit=4"), list[dict[str, Any]]()
    for size in (4, 2):
        answer = await host.client.get(url)
        assert len(answer.json()) == size
        read = answer.json() + read
        if size == 4:
            url = url.join(answer.links["next"]["url"])
    assert read == whole and "link" not in answer.headers


async def test_history_names_what_is_gone_as_it_can(
    hub: HubServer, admin: Account, host: Account, guest: Account, day: str
) -> None:
    table = (await admin.client.post("/admin/tables", json={"name": f"By the door, {day}", "seats": 3})).json()
    made = await book(guest.client, day, guests=3, table_id=table["id"])
    assert (await guest.client.delete(f"/bookings/{made['id']}")).status_code == 200
    assert (await admin.client.delete(f"/admin/tables/{table['id']}")).status_code == 204
    erased = await guest.client.delete("/auth/me")
    assert erased.status_code == 204, erased.text
    booked, canceled = await history_of(host, made)
    assert booked["after"]["table"] == canceled["before"]["table"] == canceled["after"]["table"] == made["table"]
    assert booked["actor"] == canceled["actor"] and booked["actor"]["id"]
    assert (booked["actor"]["name"], booked["actor"]["role"]) == (None, "user")


async def test_every_event_knows_who_asked_for_it(hub: HubServer, admin: Account, guest: Account, day: str) -> None:
    """And by which request. These are all calls that write events."""
    made = await book(guest.client, day, guests=2)
    [[first]] = await query(hub, "SELECT max(id) FROM events")
    asked = [
        await guest.client.patch(f"/bookings/{made['id']}", json={"time": "15:00"}),
        await guest.client.patch(f"/bookings/{made['id']}", json={"date": day_after(next(DAYS))}),
        await guest.client.patch("/auth/me", json={"full_name": "Ada Another"}),
        await guest.client.patch("/auth/me", json={"phone_number": f"+7916{made['id']:07}"}),
        await guest.client.delete(f"/bookings/{made['id']}"),
        table := await admin.client.post("/admin/tables", json={"name": f"At the bar, {day}", "seats": 2}),
        await admin.client.patch(f"/admin/tables/{table.json()['id']}", json={"seats": 3}),
        await admin.client.delete(f"/admin/tables/{table.json()['id']}"),
    ]
    assert all(answer.is_success for answer in asked), [answer.text for answer in asked]
    rows = await query(hub, "SELECT kind, actor, request_id FROM events WHERE id > $1 ORDER BY id", first)
    people = {row["email"]: row["id"] for row in await query(hub, "SELECT id, email FROM users")}
    paths = {answer.headers["x-request-id"]: answer.request.url.path for answer in asked}
    assert {row["request_id"] for row in rows} == set(paths)
    for row in rows:
        by = admin if paths[row["request_id"]].startswith("/admin/") else guest
        assert row["actor"] == people[by.email], row
