"""/blocks: tables that the house keeps closed, on one service day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.rest import day_after, query, refused
from tests.integration.rest_rules.conftest import DAYS
from tests.servers import Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def block_of(day: str, since: str = "18:00", until: str = "20:00", **what: Any) -> dict[str, Any]:
    times = {"start_at": f"{day}T{since}:00Z", "end_at": f"{day}T{until}:00Z"}
    return times | ({"table_ids": [1, 2]} | what if "area_id" not in what else what)


async def test_block_is_shown_kept_and_opened_again(hub: HubServer, admin: Account) -> None:
    day = day_after(next(DAYS))
    made = await admin.client.post("/blocks", json=block_of(day, reason=" Leak "))
    assert made.status_code == 201, made.text
    block = made.json()
    assert block | {"id": 0, "position": ""} == {
        "id": 0, "tables": [1, 2], "start_at": f"{day}T18:00:00+00:00", "end_at": f"{day}T20:00:00+00:00",
        "reason": "Leak", "service_date": day, "revision": 1, "position": "",
    }  # fmt: skip
    listed = await admin.client.get("/blocks", params={"date": day})
    assert listed.json() == {"items": [block]}
    floor = (await admin.client.get(f"/days/{day}/floor", params={"after": block["position"]})).json()
    assert floor["blocks"] == {
        str(block["id"]): {name: block[name] for name in ("tables", "start_at", "end_at", "reason", "revision")}
    }
    booking = {"date": day, "time": "19:00", "table_id": 2}
    refused(await admin.client.post("/bookings", json=booking), "slot_taken")

    opened = await admin.client.delete(f"/blocks/{block['id']}")
    assert (opened.status_code, opened.json()["revision"], opened.json()["reason"]) == (200, 2, "Leak")
    refused(await admin.client.delete(f"/blocks/{block['id']}"), "not_found")
    assert (await admin.client.get("/blocks", params={"date": day})).json() == {"items": []}
    assert (await admin.client.post("/bookings", json=booking)).status_code == 201


async def test_block_over_bookings_names_them(hub: HubServer, admin: Account) -> None:
    day = day_after(next(DAYS))
    booked = (await admin.client.post("/bookings", json={"date": day, "time": "18:00", "table_id": 1})).json()
    other = (await admin.client.post("/blocks", json=block_of(day, "19:00", "21:00", table_ids=[2]))).json()
    problem = refused(await admin.client.post("/blocks", json=block_of(day, "17:00", "22:00")), "slot_taken")
    assert problem["in_the_way"] == [{"what": "booking", "id": booked["id"]}, {"what": "block", "id": other["id"]}]
    assert problem["bookings"] == [
        {"booking_id": booked["id"], "start_at": booked["start_at"], "end_at": booked["end_at"], "guests": 1,
         "tables": [1]},
    ]  # fmt: skip


async def test_tables_of_an_area_that_are_free_are_closed_without_the_others(hub: HubServer, admin: Account) -> None:
    day = day_after(next(DAYS))
    area = (await admin.client.post("/admin/areas", json={"name": f"Terrace {day}"})).json()
    tables = [
        (
            await admin.client.post("/admin/tables", json={"name": f"{at} {day}", "seats": 2, "area_id": area["id"]})
        ).json()
        for at in range(10)
    ]
    ids = [each["id"] for each in tables]
    booked = await admin.client.post("/bookings", json={"date": day, "time": "18:00", "table_id": ids[3]})
    problem = refused(await admin.client.post("/blocks", json=block_of(day, area_id=area["id"])), "slot_taken")
    assert [each["booking_id"] for each in problem["bookings"]] == [booked.json()["id"]]
    free = problem["free_tables"]
    assert free == [id for id in ids if id != ids[3]]  # more than a party may have
    made = await admin.client.post("/blocks", json=block_of(day, table_ids=free))
    assert (made.status_code, made.json()["tables"]) == (201, free), made.text
    # Somebody may have come meanwhile: nothing is closed then, and what is free by now is told.
    assert (await admin.client.delete(f"/blocks/{made.json()['id']}")).status_code == 200
    came = await admin.client.post("/bookings", json={"date": day, "time": "18:00", "table_id": ids[0]})
    problem = refused(await admin.client.post("/blocks", json=block_of(day, table_ids=free)), "slot_taken")
    assert problem["free_tables"] == free[1:]
    assert (await admin.client.get("/blocks", params={"date": day})).json() == {"items": []}
    gone = [*(f"/bookings/{each.json()['id']}" for each in (booked, came)), *(f"/admin/tables/{id}" for id in ids)]
    for path in (*gone, f"/admin/areas/{area['id']}"):
        assert (await admin.client.delete(path)).is_success, path


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"until": "18:00"}, "validation_error"),
        ({"table_ids": [99]}, "not_found"),
        ({"area_id": 99}, "not_found"),
        ({"since": "00:00", "until": "11:00"}, "outside_opening_hours"),
        ({"day": day_after(-1)}, "in_the_past"),
        ({"day": day_after(900)}, "too_far_ahead"),
        ({"reason": "x" * 201}, "validation_error"),
    ],
)
async def test_block_is_refused(hub: HubServer, admin: Account, what: dict[str, Any], code: str) -> None:
    refused(await admin.client.post("/blocks", json=block_of(**{"day": day_after(next(DAYS))} | what)), code)


@pytest.mark.parametrize(("begins", "ends"), [
    ("13:00:00.1", "13:00:00.2"), ("13:00:00", "13:30:59"), ("13:00:07", "14:00:00"),
])  # fmt: skip
async def test_block_is_given_to_the_minute(hub: HubServer, admin: Account, begins: str, ends: str) -> None:
    day = day_after(next(DAYS))
    body = {"table_ids": [1], "start_at": f"{day}T{begins}Z", "end_at": f"{day}T{ends}Z"}
    refused(await admin.client.post("/blocks", json=body), "validation_error")
    assert await query(hub, "SELECT id FROM blocks WHERE service_date::text = $1", day) == []


async def test_block_of_several_days_is_refused_whole(hub: HubServer, admin: Account) -> None:
    first, second = day_after(next(DAYS)), day_after(next(DAYS))
    body = {"table_ids": [1], "start_at": f"{first}T18:00:00Z", "end_at": f"{second}T18:00:00Z"}
    problem = refused(await admin.client.post("/blocks", json=body), "validation_error")
    assert first in problem["detail"] and second in problem["detail"]
    assert await query(hub, "SELECT id FROM blocks WHERE service_date::text = ANY($1)", [first, second]) == []


async def test_block_is_made_once_with_a_key(hub: HubServer, admin: Account) -> None:
    day, headers = day_after(next(DAYS)), {"Idempotency-Key": "close-the-terrace"}
    first = await admin.client.post("/blocks", json=block_of(day), headers=headers)
    again = await admin.client.post("/blocks", json=block_of(day), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await admin.client.get("/blocks", params={"date": day})).json()["items"]) == 1
