"""Bookings that are changed or canceled over REST: at once or not at all, by whom, and until when."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.rest import counts, day_after, query, refused
from tests.integration.rest_rules.conftest import ADMIN, DAYS, available, book, deliveries, make_past, version
from tests.servers import Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

# ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_reschedule_moves_at_once_and_keeps_its_table(hub: HubServer, guest: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2, table_id=5)
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"time": "20:00"})
    assert answer.status_code == 200, answer.text
    moved = answer.json()
    assert moved == made | {
        "start_at": f"{day}T20:00:00+00:00",
        "end_at": f"{day}T22:00:00+00:00",
        "revision": 2,
        "position": moved["position"],
    }
    assert version(moved["position"]) == version(made["position"]) + 1
    assert made["table"] in (await available(guest.client, day, "18:00", after=moved["position"]))["tables"]
    assert made["table"] not in (await available(guest.client, day, "20:00", after=moved["position"]))["tables"]
    kinds = [(row["revision"], row["topic"]) for row in await deliveries(hub, made["id"]) if not row["lead_minutes"]]
    assert kinds == [(1, "confirmed"), (2, "rescheduled")]
    assert {row["lead_minutes"] for row in await deliveries(hub, made["id"]) if row["revision"] == 2} == {0, 120, 1440}


async def test_reschedule_may_overlap_its_own_old_slot(guest: Account, day: str) -> None:
    made = await book(guest.client, day, "18:00", table_id=14)
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"time": "18:30"})
    assert answer.status_code == 200
    assert answer.json()["table"]["id"] == 14


async def test_reschedule_to_another_day_says_what_it_left(hub: HubServer, guest: Account, day: str) -> None:
    other = day_after(next(DAYS))
    made = await book(guest.client, day, guests=2)
    moved = (await guest.client.patch(f"/bookings/{made['id']}", json={"date": other, "guests": 1})).json()
    assert moved["service_date"] == other
    assert moved["guests"] == 1
    assert moved["left"]["service_date"] == day
    assert version(moved["left"]["position"]) == 2
    assert version(moved["position"]) == 1
    assert made["table"] in (await available(guest.client, day, after=moved["left"]["position"]))["tables"]
    assert made["table"] not in (await available(guest.client, other, after=moved["position"]))["tables"]
    assert "left" not in (await guest.client.get(f"/bookings/{made['id']}")).json()
    text = "SELECT kind FROM events WHERE data->>'booking' = $1 ORDER BY id"
    assert [row["kind"] for row in await query(hub, text, str(made["id"]))] == ["booked", "moved_away", "moved_here"]


async def test_reschedule_that_changes_nothing_writes_nothing(hub: HubServer, guest: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2)
    before = await counts(hub)
    same: list[dict[str, Any]] = [
        {}, {"guests": 2}, {"time": "18:00:00"}, {"date": day}, {"table_id": made["table"]["id"]}, {"table_id": None},
        {"date": day, "time": "21:00+03:00"},
    ]  # fmt: skip
    for body in same:
        answer = await guest.client.patch(f"/bookings/{made['id']}", json=body)
        assert (answer.status_code, answer.json()) == (200, made), body
    assert await counts(hub) == before


async def test_reschedule_refused_changes_nothing(hub: HubServer, guest: Account, day: str) -> None:
    await book(guest.client, day, "20:00", table_id=5)
    made = await book(guest.client, day, "18:00", guests=2, table_id=5)
    before = await counts(hub)
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"time": "20:00"}, "slot_taken"),
        ({"time": "19:00", "guests": 1}, "slot_taken"),
        ({"guests": 3}, "table_too_small"),
        ({"guests": 20, "table_id": None}, "table_too_small"),
        ({"table_id": 987654}, "not_found"),
        ({"time": "21:00"}, "outside_opening_hours"),
        ({"date": day_after(-2)}, "in_the_past"),
        ({"date": day_after(401)}, "too_far_ahead"),
        ({"date": "9999-12-31"}, "too_far_ahead"),
        ({"date": "1970-01-01"}, "in_the_past"),
        ({"guests": None}, "validation_error"),
        ({"date": None}, "validation_error"),
    ]
    for body, code in refusals:
        refused(await guest.client.patch(f"/bookings/{made['id']}", json=body), code)
    assert await counts(hub) == before
    assert (await guest.client.get(f"/bookings/{made['id']}")).json() == made
    problem = refused(await guest.client.patch(f"/bookings/{made['id']}", json={"time": "20:00"}), "slot_taken")
    first = problem["alternatives"][0]
    assert (first["time"], first["table"]["id"]) == ("20:00:00", 1)


async def test_reschedule_table_null_chooses_the_smallest_that_fits(guest: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2, table_id=16)
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"table_id": None})
    assert answer.json()["table"]["name"] == "T2-1"
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"guests": 5, "table_id": None})
    assert answer.json()["table"]["name"] == "T6-1"
    answer = await guest.client.patch(f"/bookings/{made['id']}", json={"table_id": 15})
    assert (answer.json()["table"]["name"], answer.json()["revision"]) == ("T6-2", 4)


async def test_reschedule_table_null_leaves_a_pinned_booking_where_it_is_unless_staff_let_it_move(
    guest: Account, host: Account, day: str
) -> None:
    made = await book(guest.client, day, guests=2, table_id=2)
    path = f"/bookings/{made['id']}"
    assert (await host.client.post(f"{path}/table", json={"pinned": True})).status_code == 200
    for account in (guest, host):
        refused(await account.client.patch(path, json={"guests": 3, "table_id": None}), "table_too_small")
    refused(await guest.client.patch(path, json={"pinned": False}), "forbidden")
    moved = (await host.client.patch(path, json={"guests": 3, "table_id": None, "pinned": False})).json()
    assert (moved["guests"], moved["table"]["seats"], moved["pinned"]) == (3, 3, False)


async def test_reschedule_to_several_tables_and_another_time_is_one_write(
    guest: Account, host: Account, day: str
) -> None:
    made = await book(guest.client, day, guests=2, table_id=16)
    path, wanted = f"/bookings/{made['id']}", {"time": "19:30", "guests": 4, "table_ids": [1, 2]}
    refused(await guest.client.patch(path, json=wanted), "forbidden")
    answer = await host.client.patch(path, json=wanted)
    moved = answer.json()
    assert (answer.status_code, moved["revision"], moved["guests"]) == (200, 2, 4)
    assert ([table["id"] for table in moved["tables"]], moved["start_at"][11:16]) == ([1, 2], "19:30")
    other = await book(host.client, day, "18:00", table_id=2, minutes=60)
    refused(await host.client.patch(path, json={"time": "18:30"}), "slot_taken")  # it keeps both
    refused(await host.client.patch(path, json={"guests": 5, "time": "20:00"}), "table_too_small")
    assert (await host.client.get(path)).json() == moved | {"position": other["position"]}
    back = {"time": "18:00", "guests": 2, "table_ids": [16]}
    answer = await guest.client.patch(path, json=back)  # one table anybody may name
    assert answer.json() | {"revision": 1, "position": ""} == made | {"position": ""}
    for both in ({"table_id": 1, "table_ids": [1]}, {"table_id": None, "table_ids": [1]}, {"table_ids": None}):
        refused(await host.client.patch(path, json=both), "validation_error")


async def test_reschedule_that_wins_a_race_is_whole(guest: Account, day: str) -> None:
    """Two bookings that want the same free table at once: one has it, the other stays where it was."""
    made = [await book(guest.client, day, "12:00", table_id=number) for number in (14, 15)]
    answers = await asyncio.gather(
        *(guest.client.patch(f"/bookings/{each['id']}", json={"time": "18:00", "table_id": 16}) for each in made)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    now = [(await guest.client.get(f"/bookings/{each['id']}")).json() for each in made]
    assert sorted(each["table"]["id"] == 16 for each in now) == [False, True]
    [stayed] = [(old, each) for old, each in zip(made, now, strict=True) if each["table"]["id"] != 16]
    assert stayed[1] == stayed[0] | {"position": stayed[1]["position"]}  # where the day stands by now


async def test_another_table_alone_is_not_worth_a_mail(hub: HubServer, guest: Account, host: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2, table_id=5)
    before = await deliveries(hub, made["id"])
    answer = await host.client.patch(f"/bookings/{made['id']}", json={"table_id": 6})
    assert (answer.status_code, answer.json()["revision"], answer.json()["table"]["id"]) == (200, 2, 6)
    assert await deliveries(hub, made["id"]) == before
    # What was to be sent before the move is still true: a worker drops what is of another revision.
    [row] = await query(hub, "SELECT revision, notice_revision FROM bookings WHERE id = $1", made["id"])
    assert (row["revision"], row["notice_revision"]) == (2, 1)
    answer = await host.client.patch(f"/bookings/{made['id']}", json={"guests": 1})
    assert answer.json()["revision"] == 3
    told = [row for row in await deliveries(hub, made["id"]) if row["revision"] == 3]
    assert "rescheduled" in {row["topic"] for row in told}
    [row] = await query(hub, "SELECT notice_revision FROM bookings WHERE id = $1", made["id"])
    assert row["notice_revision"] == 3


async def test_a_time_without_a_date_stays_within_the_night(berlin: HubServer) -> None:
    host = await berlin.staff("host")
    day = day_after(395)
    made = await book(host.client, day, "22:30")
    answer = await host.client.patch(f"/bookings/{made['id']}", json={"time": "00:00"})
    moved = answer.json()
    assert (answer.status_code, moved["service_date"], moved["start_at"][:16]) == (200, day, f"{day_after(396)}T00:00")
    back = await host.client.patch(f"/bookings/{made['id']}", json={"time": "22:30"})
    assert (back.status_code, back.json()["start_at"]) == (200, made["start_at"])
    # The same instant in another offset changes nothing, whatever date the clock shows there.
    utc = datetime.fromisoformat(made["start_at"]).astimezone(UTC)
    same = await host.client.patch(f"/bookings/{made['id']}", json={"time": f"{utc:%H:%M}Z"})
    assert (same.status_code, same.json()["revision"], same.json()["start_at"]) == (200, 3, made["start_at"])


# ── canceling ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_cancel_frees_the_table_and_is_final(hub: HubServer, guest: Account, host: Account, day: str) -> None:
    made = await book(guest.client, day, guests=2)
    answer = await guest.client.delete(f"/bookings/{made['id']}")
    assert answer.status_code == 200
    canceled = answer.json()
    assert canceled == made | {
        "status": "canceled", "revision": 2, "position": canceled["position"], "canceled_at": canceled["canceled_at"],
    }  # fmt: skip
    assert datetime.fromisoformat(canceled["canceled_at"]).tzinfo is not None
    assert made["table"] in (await available(guest.client, day, after=canceled["position"]))["tables"]
    rows = [row for row in await deliveries(hub, made["id"]) if row["revision"] == 2]
    assert [(row["topic"], row["audience"]) for row in rows] == [("canceled", "guest")]
    for client in (guest.client, host.client):
        refused(await client.delete(f"/bookings/{made['id']}"), "already_canceled")
        refused(await client.patch(f"/bookings/{made['id']}", json={"guests": 1}), "already_canceled")


async def test_booking_that_is_over_never_changes(hub: HubServer, guest: Account, host: Account, day: str) -> None:
    made = await book(guest.client, day)
    await make_past(hub, made["id"])
    for client in (guest.client, host.client):
        refused(await client.delete(f"/bookings/{made['id']}"), "already_over")
        refused(await client.patch(f"/bookings/{made['id']}", json={"guests": 2}), "already_over")


async def test_deadline_holds_for_guests_and_not_for_staff(berlin: HubServer) -> None:
    guest, host, boss = await berlin.register(), await berlin.staff("host"), await berlin.staff("admin", ADMIN)
    day, beyond = day_after(20), day_after(391)
    made = [await book(guest.client, day, guests=3) for _ in range(2)]
    for each in made:
        await make_old(berlin, each["id"])
        refused(await guest.client.delete(f"/bookings/{each['id']}"), "too_late_to_cancel")
        refused(await guest.client.patch(f"/bookings/{each['id']}", json={"guests": 4}), "too_late_to_change")
        refused(await guest.client.patch(f"/bookings/{each['id']}", json={"date": beyond}), "too_late_to_change")
        smaller = {"guests": 2, "time": "20:00"}
        refused(await guest.client.patch(f"/bookings/{each['id']}", json=smaller), "too_late_to_change")
        answer = await guest.client.patch(f"/bookings/{each['id']}", json={"guests": 2})
        assert (answer.status_code, answer.json()["guests"]) == (200, 2)
    for each, staff in zip(made, (host, boss), strict=True):
        answer = await staff.client.patch(f"/bookings/{each['id']}", json={"guests": 3})
        assert (answer.status_code, answer.json()["guests"]) == (200, 3)
        assert (await staff.client.delete(f"/bookings/{each['id']}")).json()["status"] == "canceled"
    # The deadline is of the old start: what is far enough off may still be brought near.
    far = await book(guest.client, beyond)
    await make_old(berlin, far["id"])
    assert (await guest.client.patch(f"/bookings/{far['id']}", json={"date": day})).status_code == 200
    refused(await guest.client.delete(f"/bookings/{far['id']}"), "too_late_to_cancel")


async def test_who_booked_by_mistake_may_undo_it_inside_the_deadline(berlin: HubServer) -> None:
    guest = await berlin.register()
    made = [await book(guest.client, day_after(20), "20:00") for _ in range(2)]
    answer = await guest.client.patch(f"/bookings/{made[0]['id']}", json={"time": "21:00"})
    assert answer.status_code == 200, answer.text
    for each in made:
        assert (await guest.client.delete(f"/bookings/{each['id']}")).json()["status"] == "canceled"


async def make_old(hub: HubServer, booking_id: int) -> None:
    """Make a booking's grace end: it was made an hour ago."""
    await query(hub, "UPDATE bookings SET created_at = created_at - interval '1 hour' WHERE id = $1", booking_id)
