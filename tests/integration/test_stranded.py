"""Bookings that outlive a change of the zone or the hours: where they are found, what is said, what is not offered."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from hub.process import doctor
from hub.process.doctor.findings import WELL, WRONG
from tests.conftest import StartHub, make_settings
from tests.integration.rest import day_after
from tests.servers import HubServer

DAY = day_after(60)
NEXT = day_after(61)


async def rows(database_url: str, text: str, *values: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetch(text, *values)
    finally:
        await connection.close()


def warnings(hub: HubServer, event: str) -> list[dict[str, Any]]:
    lines = (json.loads(line) for line in hub.whole_output().splitlines() if line.startswith("{"))
    return [line for line in lines if line["event"] == event]


async def free(account: Any, day: str, at: str, guests: int) -> set[int]:
    answer = await account.client.get("/tables/available", params={"date": day, "time": at, "guests": guests})
    assert answer.status_code == 200, answer.text
    return {table["id"] for table in answer.json()["tables"]}


async def book(account: Any, day: str, at: str, guests: int, table_id: int) -> tuple[int, dict[str, Any]]:
    body = {"date": day, "time": at, "guests": guests, "table_id": table_id}
    answer = await account.client.post("/bookings", json=body)
    return answer.status_code, answer.json()


async def test_around_the_clock_a_booking_holds_its_table_beyond_midnight(start_hub: StartHub) -> None:
    hub = await start_hub(WORKDAY_START_HOUR=0, WORKDAY_END_HOUR=24)
    guest = await hub.register()
    assert (await book(guest, DAY, "23:00", 6, 14))[0] == 201
    assert (await book(guest, NEXT, "01:30", 6, 15))[0] == 201
    assert await free(guest, NEXT, "00:30", 6) == {16}
    assert await free(guest, NEXT, "01:00", 6) == {14, 16}
    assert await free(guest, DAY, "23:45", 6) == {16}  # by what comes after midnight too
    status, problem = await book(guest, NEXT, "00:30", 6, 14)
    assert (status, problem["error_code"]) == (409, "slot_taken")
    for offer in problem["alternatives"]:
        taken = await book(guest, offer["date"], offer["time"], 6, offer["table"]["id"])
        assert taken[0] == 201, (offer, taken)
        assert (await guest.client.delete(f"/bookings/{taken[1]['id']}")).status_code == 200


@pytest.mark.slow
async def test_after_a_change_of_hours_no_taken_table_is_listed(start_hub: StartHub, database_url: str) -> None:
    late = await start_hub(WORKDAY_START_HOUR=18, WORKDAY_END_HOUR=26)
    guest = await late.register()
    made = [await book(guest, DAY, "22:30", 6, 14), await book(guest, NEXT, "00:00", 6, 15)]
    assert [status for status, _ in made] == [201, 201]
    await late.stop()
    early = await start_hub(WORKDAY_START_HOUR=0, WORKDAY_END_HOUR=23)
    [changed] = warnings(early, "the rules changed since the last start")
    assert changed["changed"] == {"opens": "1080 → 0", "closes": "1560 → 1380"} and changed["bookings_moved"] == 1
    [stranded] = warnings(early, "bookings do not fit the rules any more")
    assert stranded["bookings"] == [f"{made[0][1]['id']} ({DAY} 22:30 is outside the opening hours)"]
    guest = await early.log_in(guest.email)
    assert await free(guest, NEXT, "00:15", 6) == {16}  # one is of the evening before, the other of the new day
    assert await free(guest, DAY, "21:00", 6) == {15, 16}
    [filed] = await rows(database_url, "SELECT service_date, revision FROM bookings WHERE id = $1", made[1][1]["id"])
    assert (filed["service_date"].isoformat(), filed["revision"]) == (NEXT, 2)
    heads = await rows(
        database_url,
        "SELECT s.name, s.version, count(e.version) AS events FROM streams s JOIN events e ON e.stream = s.name "
        "GROUP BY s.name, s.version",
    )
    assert all(row["version"] == row["events"] for row in heads)
    moves = await rows(database_url, "SELECT stream, kind FROM events WHERE kind LIKE 'moved%' ORDER BY id")
    assert [tuple(row) for row in moves] == [(f"day:{DAY}", "moved_away"), (f"day:{NEXT}", "moved_here")]
    # Again with the same rules: nothing is moved, and what is stranded is said again.
    await early.stop()
    again = await start_hub(WORKDAY_START_HOUR=0, WORKDAY_END_HOUR=23)
    assert not warnings(again, "the rules changed since the last start")
    assert warnings(again, "bookings do not fit the rules any more")
    streams = "SELECT name, version FROM streams"
    assert dict(await rows(database_url, streams)) == {row["name"]: row["version"] for row in heads}


@pytest.mark.slow
async def test_after_a_change_of_zone_what_was_promised_is_known(
    start_hub: StartHub, database_url: str, redis_url: str, data_dir: Any
) -> None:
    berlin = await start_hub(RESTAURANT_TIMEZONE="Europe/Berlin")
    guest = await berlin.register()
    _, made = await book(guest, DAY, "19:00", 2, 1)
    await berlin.stop()
    tokyo = {"RESTAURANT_TIMEZONE": "Asia/Tokyo", "WORKDAY_START_HOUR": "0", "WORKDAY_END_HOUR": "24"}
    hub = await start_hub(**tokyo)
    [said] = warnings(hub, "bookings do not fit the rules any more")
    assert f"{DAY} 19:00 was promised, the same instant is now {NEXT} 03:00" in said["bookings"][0] or (
        f"{DAY} 19:00 was promised, the same instant is now {NEXT} 02:00" in said["bookings"][0]
    )
    settings = make_settings(database_url, redis_url, data_dir, **tokyo)
    found = await doctor.bounded("PostgreSQL", "DATABASE_URL", doctor.check_postgresql(settings))
    assert [f for f in found if f.mark == WRONG and "do not fit the opening hours or the zone: 1 (" in f.text], found
    # Whoever moves it promises anew.
    host = await hub.staff("host")
    answer = await host.client.patch(f"/bookings/{made['id']}", json={"date": DAY, "time": "19:00"})
    assert answer.status_code == 200, answer.text
    found = await doctor.bounded("PostgreSQL", "DATABASE_URL", doctor.check_postgresql(settings))
    assert [f for f in found if f.mark == WELL and "every booking to come fits" in f.text], found
