"""The house over REST: what is free, the tables, and what it says of its own health and numbers."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import httpx
import pytest

from tests.http_clients import http_client
from tests.integration.rest import day_after, query, refused, running
from tests.integration.rest_rules.conftest import available, book, version
from tests.servers import Account, HubServer, Servers, alone, workers_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

# ── what is free ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_available_lists_smallest_first_then_by_id(guest: Account, day: str) -> None:
    found = await available(guest.client, day)
    assert {key: found[key] for key in ("date", "time", "guests", "slot_hours")} == {
        "date": day, "time": "18:00:00", "guests": 1, "slot_hours": 2.0,
    }  # fmt: skip
    keys = [(table["seats"], table["id"]) for table in found["tables"]]
    assert keys == sorted(keys)
    assert {seats for seats, _ in keys} >= {2, 3, 6}
    assert {table["seats"] for table in (await available(guest.client, day, guests=4))["tables"]} == {6}
    assert (await available(guest.client, day, guests=20))["tables"] == []


async def test_available_without_a_booked_table_only_while_it_is_booked(guest: Account, day: str) -> None:
    made = await book(guest.client, day, "18:00", guests=6)
    assert made["table"]["seats"] == 6
    for at, free in (("16:00", True), ("16:01", False), ("18:00", False), ("19:59", False), ("20:00", True)):
        tables = (await available(guest.client, day, at, after=made["position"]))["tables"]
        assert (made["table"] in tables) == free, at


async def test_available_etag_answers_304_until_the_day_or_the_floor_changes(
    guest: Account, admin: Account, day: str
) -> None:
    url, params = "/tables/available", {"date": day, "time": "18:00", "guests": 2}
    first = await guest.client.get(url, params=params)
    same = await guest.client.get(url, params=params, headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    for held, status in (("W/{}", 304), ('"a",  W/{}', 304), ("*", 304), ('"a"', 200), ("W/", 200)):
        again = await guest.client.get(
            url, params=params, headers={"if-none-match": held.format(first.headers["etag"])}
        )
        assert again.status_code == status, held
    assert same.headers["etag"] == first.headers["etag"]
    made = await book(guest.client, day, guests=2)
    params["after"] = made["position"]
    changed = await guest.client.get(url, params=params, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    assert version(changed.json()["position"]) == version(made["position"])


async def test_available_position_is_enough_on_the_other_process(hub: HubServer, guest: Account, day: str) -> None:
    first, second = workers_of(hub)
    for writer, reader in ((first, second), (second, first)):
        with alone(hub, writer):
            made = await book(hub.client(guest.token), day, guests=2)
        with alone(hub, reader):
            found = await available(hub.client(guest.token), day, guests=2, after=made["position"])
        assert version(found["position"]) >= version(made["position"])
        assert made["table"] not in found["tables"]


async def test_available_position_of_another_epoch_or_of_the_future_is_no_fault(guest: Account, day: str) -> None:
    position = (await available(guest.client, day))["position"]
    epoch, _, _ = position.partition(":")
    for after in (f"{epoch}:999999999999999999", "zzzzzzzz:5", position):
        assert (await available(guest.client, day, after=after))["position"] == position


async def test_available_reads_30_days_back_and_booking_days_ahead(guest: Account) -> None:
    assert (await available(guest.client, day_after(-30)))["tables"] == []  # it can be asked for, and is past
    assert (await available(guest.client, day_after(400)))["tables"]
    for days, code in ((-31, "in_the_past"), (401, "too_far_ahead")):
        params = {"date": day_after(days), "time": "18:00"}
        refused(await guest.client.get("/tables/available", params=params), code)


# ── the floor ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_tables_are_added_changed_and_removed(admin: Account, guest: Account, day: str) -> None:
    before = version((await available(guest.client, day))["tables_position"])
    added = await admin.client.post("/admin/tables", json={"name": "  Window 🪟 ", "seats": 20})
    assert added.status_code == 201
    table = added.json()
    assert table == {
        "id": table["id"], "name": "Window 🪟", "seats": 20, "area_id": None, "place": None, "revision": 1,
    }  # fmt: skip
    assert table in (await admin.client.get("/admin/tables")).json()["items"]
    changed = await admin.client.patch(f"/admin/tables/{table['id']}", json={"seats": 12})
    assert (changed.status_code, changed.json()) == (200, table | {"seats": 12, "revision": 2})
    for nothing in ({}, {"seats": 12}, {"name": "Window 🪟"}):
        assert (await admin.client.patch(f"/admin/tables/{table['id']}", json=nothing)).json() == changed.json()
    assert (await admin.client.delete(f"/admin/tables/{table['id']}")).status_code == 204
    refused(await admin.client.delete(f"/admin/tables/{table['id']}"), "not_found")
    refused(await admin.client.patch(f"/admin/tables/{table['id']}", json={"seats": 2}), "not_found")
    assert changed.json() not in (await admin.client.get("/admin/tables")).json()["items"]
    again = await admin.client.post("/admin/tables", json={"name": "Window 🪟", "seats": 1})
    assert again.status_code == 201
    await admin.client.delete(f"/admin/tables/{again.json()['id']}")
    async with asyncio.timeout(6):
        while version((await available(guest.client, day))["tables_position"]) != before + 5:  # noqa: ASYNC110 likewise
            await asyncio.sleep(0.05)


async def test_name_that_people_take_for_another_tables_is_taken(hub: HubServer, admin: Account) -> None:
    made = (await admin.client.post("/admin/tables", json={"name": "Caf\u00e9 1", "seats": 2})).json()
    for name in ("t2-1", "\uff34\uff12-\uff11", "T2\u200b-1", "cafe\u0301  1", "CAF\u00c9 1"):
        refused(await admin.client.post("/admin/tables", json={"name": name, "seats": 2}), "name_taken")
    refused(await admin.client.patch(f"/admin/tables/{made['id']}", json={"name": "t2-1"}), "name_taken")
    own = await admin.client.patch(f"/admin/tables/{made['id']}", json={"name": "CAF\u00c9 1"})
    assert own.json()["name"] == "CAF\u00c9 1"  # a table may change the way its own name is written
    assert (await admin.client.delete(f"/admin/tables/{made['id']}")).status_code == 204


async def test_table_name_is_taken_while_another_has_it(admin: Account) -> None:
    refused(await admin.client.post("/admin/tables", json={"name": "T2-1 ", "seats": 2}), "name_taken")
    refused(await admin.client.patch("/admin/tables/2", json={"name": "T2-1"}), "name_taken")


async def test_table_in_use_stays(hub: HubServer, admin: Account, guest: Account, day: str) -> None:
    name = f"in use {secrets.token_hex(3)}"
    table = (await admin.client.post("/admin/tables", json={"name": name, "seats": 10})).json()
    url = f"/admin/tables/{table['id']}"
    made = await book(guest.client, day, guests=8, table_id=table["id"])
    refused(await admin.client.delete(url), "table_in_use")
    refused(await admin.client.patch(url, json={"seats": 7}), "table_in_use")
    assert (await admin.client.patch(url, json={"seats": 8})).status_code == 200
    assert (await admin.client.patch(url, json={"seats": 11, "name": f"{name}!"})).status_code == 200
    assert (await guest.client.get(f"/bookings/{made['id']}")).json()["table"]["seats"] == 11
    await guest.client.delete(f"/bookings/{made['id']}")
    assert (await admin.client.delete(url)).status_code == 204
    # Its past bookings still say which table it was.
    assert (await guest.client.get(f"/bookings/{made['id']}")).json()["table"]["name"] == f"{name}!"
    refused(
        await guest.client.post("/bookings", json={"date": day, "time": "18:00", "table_id": table["id"]}), "not_found"
    )


# ── operations ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_health_says_what_is_ready(hub: HubServer) -> None:
    client = hub.client()
    assert (await client.get("/health/live")).json()["status"] == "live"
    async with asyncio.timeout(6):  # Redis has a fifth of a second to answer
        while (ready := await client.get("/health/ready")).json()["status"] == "degraded":
            pass
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.json()["checks"] == {"postgresql": "ok", "redis": "ok", "serving": "ok"}


@pytest.mark.slow
async def test_health_without_redis_is_degraded_and_without_a_migration_not_ready(
    servers: Servers, template: str, folder: Path, day: str
) -> None:
    async with running(servers, template, folder, REDIS_URL="redis://127.0.0.1:1/0") as server:
        client = server.client()
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert answer.json()["checks"]["redis"] == "does not answer"
        guest = await server.register()
        made = await book(guest.client, day)
        assert made["table"] not in (await available(guest.client, day, after=made["position"]))["tables"]
        await query(server, "UPDATE aerich SET version = 'gone-' || version WHERE version LIKE '1\\_%'")
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
        assert answer.json()["checks"]["postgresql"] == "migrations are missing"
        assert int(answer.headers["retry-after"]) >= 1
        assert (await client.get("/health/live")).status_code == 200


def asked_live(metrics: str) -> float:
    """How many answers to GET /health/live these series count."""
    lines = [line for line in metrics.splitlines() if line.startswith("hub_http_requests_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines if 'route="/health/live"' in line)


async def test_metrics_are_of_all_processes_together(hub: HubServer) -> None:
    for pid in workers_of(hub):
        with alone(hub, pid):
            assert (await hub.client().get("/health/live")).status_code == 200
            async with http_client(base_url=hub.url) as client:
                answer = await client.get("/metrics")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/plain")
            seen = asked_live(answer.text)
        assert seen >= 1
    with alone(hub, workers_of(hub)[0]):
        async with http_client(base_url=hub.url) as client:
            text = (await client.get("/metrics")).text
    assert asked_live(text) == seen


async def test_metrics_with_a_token_want_it(berlin: HubServer) -> None:
    refused(await berlin.client().get("/metrics"), "auth_error")
    refused(await berlin.client("another token").get("/metrics"), "auth_error")
    odd = httpx.Headers([(b"authorization", b"Bearer \xff\xfe")])
    refused(await berlin.client().get("/metrics", headers=odd), "auth_error")
    assert (await berlin.client("a token for the scraper").get("/metrics")).status_code == 200


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "x-forwarded-proto", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"]
)
async def test_metrics_without_a_token_are_not_for_what_a_proxy_passes_on(hub: HubServer, name: str) -> None:
    answer = await hub.client().get("/metrics", headers={name: "127.0.0.1"})
    assert "METRICS_TOKEN" in refused(answer, "forbidden")["detail"]
    assert (await hub.client().get("/metrics")).status_code == 200
