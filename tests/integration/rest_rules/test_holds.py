"""/holds: a table is kept for five minutes, and becomes a booking."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import event_data
from tests.integration.rest import day_after, query, refused
from tests.integration.rest_rules.conftest import DAYS
from tests.servers import Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def wanted(day: str, at: str = "18:00", **more: Any) -> dict[str, Any]:
    return {"date": day, "time": at, "guests": 2, **more}


async def holds_of(hub: HubServer, day: str) -> list[Any]:
    return await query(hub, "SELECT * FROM holds WHERE service_date = $1::text::date ORDER BY id", day)


async def test_hold_takes_a_table_and_becomes_a_booking(hub: HubServer, admin: Account) -> None:
    guest, day = await hub.register(), day_after(next(DAYS))
    made = await guest.client.post("/holds", json=wanted(day))
    assert made.status_code == 201, made.text
    hold = made.json()
    assert hold["tables"] == [1] and hold["guests"] == 2 and 290 <= hold["expires_in"] <= 300
    assert (hold["start_at"], hold["end_at"]) == (f"{day}T18:00:00+00:00", f"{day}T20:00:00+00:00")
    [row] = await holds_of(hub, day)
    assert row["digest"] == hashlib.sha256(hold["token"].encode()).hexdigest() and len(hold["token"]) == 43
    assert row["expires_at"] == datetime.fromisoformat(hold["expires_at"])

    floor = (await admin.client.get(f"/days/{day}/floor", params={"after": hold["position"]})).json()["holds"]
    [shown] = floor.values()
    assert (shown["tables"], shown["expires_at"], shown["by"]) == ([1], hold["expires_at"], None)
    other = await hub.register()
    first = (await other.client.post("/bookings", json=wanted(day))).json()
    assert first["table"]["id"] == 2

    answer = await guest.client.post("/bookings", json=wanted(day, hold=hold["token"]))
    assert answer.status_code == 201, answer.text
    assert [table["id"] for table in answer.json()["tables"]] == [1]
    assert await holds_of(hub, day) == []
    kinds = await query(hub, "SELECT kind FROM events WHERE stream = $1 ORDER BY version", f"day:{day}")
    assert [row["kind"] for row in kinds] == ["held", "booked", "booked", "released"]


async def test_hold_of_staff_names_its_table_and_shows_who_holds_it(hub: HubServer, admin: Account) -> None:
    day = day_after(next(DAYS))
    host = await hub.staff("host")
    hold = (await host.client.post("/holds", json=wanted(day, table_id=5))).json()
    assert hold["tables"] == [5]
    more = await host.client.post("/holds", json=wanted(day))
    assert more.status_code == 201  # for another guest on the phone
    floor = (await admin.client.get(f"/days/{day}/floor", params={"after": more.json()["position"]})).json()["holds"]
    assert {shown["by"] for shown in floor.values()} == {host.email.partition("@")[0]} and len(floor) == 2
    guest = await hub.register()
    refused(await guest.client.post("/holds", json=wanted(day, table_id=6)), "forbidden")


async def test_a_guest_has_one_hold(hub: HubServer, admin: Account) -> None:
    guest, first, second = await hub.register(), day_after(next(DAYS)), day_after(next(DAYS))
    before = (await guest.client.post("/holds", json=wanted(first))).json()
    for day, at in ((first, "18:15"), (second, "18:00")):
        after = await guest.client.post("/holds", json=wanted(day, at))
        assert after.status_code == 201, after.text
        refused(await guest.client.delete(f"/holds/{before['token']}"), "not_found")
        before = after.json()
    assert await holds_of(hub, first) == [] and len(await holds_of(hub, second)) == 1


async def test_hold_is_let_go_by_whoever_has_its_token(hub: HubServer, admin: Account) -> None:
    guest, day = await hub.register(), day_after(next(DAYS))
    hold = (await guest.client.post("/holds", json=wanted(day))).json()
    headers = {"Idempotency-Key": "let-it-go"}
    for _ in range(2):
        assert (await guest.client.delete(f"/holds/{hold['token']}", headers=headers)).status_code == 204
    for token in (hold["token"], "nothing", "1"):
        refused(await guest.client.delete(f"/holds/{token}"), "not_found")
    refused(await guest.client.delete("/holds/nothing", headers={"Idempotency-Key": "another"}), "not_found")
    assert await holds_of(hub, day) == []


async def test_hold_is_extended_once_by_whoever_has_its_token(hub: HubServer) -> None:
    guest, day = await hub.register(), day_after(next(DAYS))
    hold = (await guest.client.post("/holds", json=wanted(day))).json()
    headers = {"Idempotency-Key": "longer"}
    for again in (False, True):
        answer = await guest.client.post(f"/holds/{hold['token']}/extend", headers=headers)
        assert answer.status_code == 200, answer.text
        longer = answer.json()
        assert 590 <= longer["expires_in"] <= 600 and longer["token"] == hold["token"]
        assert longer["tables"] == hold["tables"] and longer["id"] == hold["id"]
        assert ("idempotency-replayed" in answer.headers) is again
    [row] = await holds_of(hub, day)
    assert row["expires_at"] == datetime.fromisoformat(longer["expires_at"])
    assert row["expires_at"] - datetime.fromisoformat(hold["expires_at"]) == timedelta(minutes=5)
    answer = await guest.client.post(f"/holds/{hold['token']}/extend")
    assert refused(answer, "hold_limit") and "retry-after" not in answer.headers
    # It holds its tables as before, and becomes a booking as any.
    assert (await (await hub.register()).client.post("/bookings", json=wanted(day))).json()["table"]["id"] == 2
    booked = await guest.client.post("/bookings", json=wanted(day, hold=hold["token"]))
    assert [table["id"] for table in booked.json()["tables"]] == hold["tables"]
    for more in ({}, {"headers": {"Idempotency-Key": "too-late"}}):
        refused(await guest.client.post(f"/holds/{hold['token']}/extend", **more), "hold_over")
        refused(await guest.client.post("/holds/nothing/extend", **more), "hold_over")


async def test_staff_may_take_what_is_held_and_its_guest_hears_so(hub: HubServer, admin: Account) -> None:
    guest, day, host = await hub.register(), day_after(next(DAYS)), await hub.staff("host")
    for table in range(2, 17):
        assert (await admin.client.post("/bookings", json=wanted(day, table_id=table))).status_code == 201
    hold = (await guest.client.post("/holds", json=wanted(day))).json()
    mine = wanted(day, table_id=1)
    assert refused(await host.client.post("/bookings", json=mine), "slot_taken")["exceed"] == ["hold"]
    assert "exceed" not in refused(await guest.client.post("/bookings", json=mine), "slot_taken")
    refused(await host.client.post("/bookings", json=mine | {"exceed": ["hold"]}), "exceed_without_reason")
    refused(await host.client.post("/bookings", json=mine | {"reason": "they stand here"}), "validation_error")
    refused(await host.client.post("/bookings", json=mine | {"exceed": ["pace"], "reason": "x"}), "validation_error")
    why = {"exceed": ["hold"], "reason": "they stand here"}
    refused(await guest.client.post("/bookings", json=wanted(day) | why), "forbidden")
    made = await host.client.post("/bookings", json=mine | why | {"house_note": "regulars"})
    assert made.status_code == 201, made.text
    assert made.json()["table"]["id"] == 1 and made.json()["house_note"] == "regulars · they stand here"
    assert await holds_of(hub, day) == []
    problem = refused(await guest.client.post("/bookings", json=wanted(day, hold=hold["token"])), "hold_over")
    assert problem["alternatives"]
    refused(await guest.client.post(f"/holds/{hold['token']}/extend"), "hold_over")
    refused(await host.client.post("/bookings", json=mine | why), "slot_taken")  # a booking gives way to none


async def test_staff_change_a_booking_and_seat_a_party_where_tables_are_held(hub: HubServer, admin: Account) -> None:
    guest, day = await hub.register(), day_after(next(DAYS))
    made = (await admin.client.post("/bookings", json=wanted(day, table_id=3, house_note="regulars"))).json()
    hold = (await guest.client.post("/holds", json=wanted(day))).json()
    [table] = hold["tables"]
    path, change, why = f"/bookings/{made['id']}", {"table_id": table}, {"exceed": ["hold"], "reason": "by the door"}
    assert refused(await admin.client.patch(path, json=change), "slot_taken")["exceed"] == ["hold"]
    refused(await admin.client.patch(path, json=change | {"exceed": ["hold"]}), "exceed_without_reason")
    refused(await guest.client.patch(path, json=why), "forbidden")
    moved = (await admin.client.patch(path, json=change | why)).json()
    assert (moved["table"]["id"], moved["house_note"]) == (table, "regulars · by the door")
    assert await holds_of(hub, day) == []
    events = await query(hub, "SELECT kind, data FROM events WHERE stream = 'day:' || $1::text ORDER BY version", day)
    for event in events:
        event_data.check(event["kind"], json.loads(event["data"]))
    assert [event["kind"] for event in events] == ["booked", "held", "rescheduled", "released", "noted"]
    refused(await guest.client.post(f"/holds/{hold['token']}/extend"), "hold_over")


async def test_what_staff_hold_is_not_of_the_guests_share(hub: HubServer) -> None:
    day, host = day_after(next(DAYS)), await hub.staff("host")
    for table in range(1, 8):  # more than the fifth of 16 tables that guests may hold
        assert (await host.client.post("/holds", json=wanted(day, table_id=table))).status_code == 201
    for allowed in (True, True, True, False):
        answer = await (await hub.register()).client.post("/holds", json=wanted(day))
        if allowed:
            assert answer.status_code == 201, answer.text
        else:
            refused(answer, "hold_limit")


async def test_staff_hold_several_tables(hub: HubServer, admin: Account) -> None:
    day = day_after(next(DAYS))
    hold = await admin.client.post("/holds", json=wanted(day, table_ids=[3, 4]))
    assert hold.status_code == 201 and hold.json()["tables"] == [3, 4]
    booked = await admin.client.post("/bookings", json=wanted(day, hold=hold.json()["token"]))
    assert sorted(table["id"] for table in booked.json()["tables"]) == [3, 4]


async def test_what_differs_from_the_hold_is_refused_and_the_hold_stays(hub: HubServer) -> None:
    guest, day = await hub.register(), day_after(next(DAYS))
    token = (await guest.client.post("/holds", json=wanted(day))).json()["token"]
    for change in ({"time": "18:15"}, {"guests": 3}, {"date": day_after(next(DAYS))}):
        refused(await guest.client.post("/bookings", json=wanted(day, hold=token) | change), "hold_differs")
    for more in ({"table_id": 1}, {"area": 1}):
        refused(await guest.client.post("/bookings", json=wanted(day, hold=token, **more)), "validation_error")
    assert (await guest.client.post("/bookings", json=wanted(day, hold=token, guests=1))).status_code == 201


async def test_hold_that_is_over_books_what_is_free_and_else_says_so(hub: HubServer, admin: Account) -> None:
    guest, day = await hub.register(), day_after(next(DAYS))
    token = (await guest.client.post("/holds", json=wanted(day))).json()["token"]
    await guest.client.delete(f"/holds/{token}")
    assert (await guest.client.post("/bookings", json=wanted(day, hold=token))).status_code == 201
    for table in range(2, 17):
        made = await admin.client.post("/bookings", json=wanted(day, guests=1, table_id=table))
        assert made.status_code == 201
    problem = refused(await guest.client.post("/bookings", json=wanted(day, hold=token)), "hold_over")
    assert problem["alternatives"]


async def test_the_same_request_gets_the_same_token(hub: HubServer) -> None:
    """Though nobody kept it; and another key gets another."""
    guest, day = await hub.register(), day_after(next(DAYS))
    headers = {"Idempotency-Key": "hold-it"}
    first = await guest.client.post("/holds", json=wanted(day), headers=headers)
    again = await guest.client.post("/holds", json=wanted(day), headers=headers)
    assert again.status_code == 201 and again.headers["idempotency-replayed"] == "true"
    assert again.json()["token"] == first.json()["token"]
    [hold] = await holds_of(hub, day)
    kept = await query(hub, "SELECT to_jsonb(k)::text AS row FROM idempotency_keys k")
    assert [row for row in kept if hold["digest"] in row["row"]] != []
    assert [row for row in kept if first.json()["token"] in row["row"]] == []
    booked = await guest.client.post("/bookings", json=wanted(day, hold=first.json()["token"]))
    assert booked.status_code == 201
    other = await guest.client.post("/holds", json=wanted(day), headers={"Idempotency-Key": "once-more"})
    assert other.json()["token"] != first.json()["token"]


async def test_guests_hold_no_more_than_a_fifth_of_the_tables(hub: HubServer) -> None:
    day = day_after(next(DAYS))
    for _ in range(3):  # of sixteen
        assert (await (await hub.register()).client.post("/holds", json=wanted(day))).status_code == 201
    answer = await (await hub.register()).client.post("/holds", json=wanted(day))
    assert refused(answer, "hold_limit") and int(answer.headers["retry-after"]) >= 1
