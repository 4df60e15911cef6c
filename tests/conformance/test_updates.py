"""Updates: what is told of each change, at which position, and that it is what the database holds."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

from tests.conformance.conftest import House, Talker
from tests.conformance.statements import proves
from tests.watching import patched, truth


def version(position: str) -> int:
    return int(position.split(":")[1])


def moved(house: House, talker: Talker, held: dict[str, Any], to: str) -> dict[str, Any]:
    """A snapshot moved on by the updates that come, until it is at this position or past it."""
    channel = held["channel"]
    while version(held["position"]) < version(to):
        update = talker.hears("update", lambda message: message["channel"] == channel)
        assert update["previous"] == held["position"]
        held = held | {"position": update["position"], "data": patched(held["data"], update["data"])}
    return held


@proves(54, 56, 57)
def test_each_change_continues_the_frame_before_it_on_both_channels_of_the_day(house: House, day: date) -> None:
    on_floor, floor = house.watching(f"floor:{day}", house.host.token)
    on_times, times = house.watching(f"availability:{day}")
    assert floor["position"] == times["position"]
    booking = house.guest.book(day)
    table, number = str(booking["table"]["id"]), str(booking["id"])
    frames = [(on_floor.hears("update"), on_times.hears("update"))]
    house.guest.done("PATCH", f"/bookings/{number}", {"time": "20:00"})
    frames.append((on_floor.hears("update"), on_times.hears("update")))
    house.guest.done("DELETE", f"/bookings/{number}")
    frames.append((on_floor.hears("update"), on_times.hears("update")))
    held = floor["position"]
    for one, other in frames:
        assert one["previous"] == other["previous"] == held
        assert one["position"] == other["position"]
        assert version(one["position"]) == version(held) + 1
        held = one["position"]
    assert set(frames[0][0]["data"]["bookings"]) == {number}
    assert frames[0][1]["data"] == {"tables": {table: [[booking["start_at"], booking["end_at"]]]}}
    # What is gone has null, a table that is free all day has an empty list.
    assert frames[2][0]["data"] == {"bookings": {number: None}}
    assert list(frames[2][1]["data"]["tables"].values()) == [[]]


@proves(55)
def test_a_version_with_nothing_to_show_moves_the_position(house: House, day: date) -> None:
    booking = house.guest.book(day)
    talker, snapshot = house.watching(f"availability:{day}")
    answer = house.guest.done("PATCH", f"/bookings/{booking['id']}", {"guests": 1})
    update = talker.hears("update")
    assert (update["previous"], update["position"]) == (snapshot["position"], answer["position"])
    assert update["data"] == {}


@proves(58, 61)
def test_what_is_held_is_what_the_database_holds_and_what_rest_has_answered(house: House, day: date) -> None:
    channels = [f"floor:{day}", f"availability:{day}"]
    watching = [house.watching(channel, house.host.token) for channel in channels]

    def guest(number: int) -> str:
        booking = house.host.book(day, f"{12 + number}:00", 1 + number % 2)
        answer = house.host.done("PATCH", f"/bookings/{booking['id']}", {"guests": 2 - number % 2})
        if number % 3 == 0:
            answer = house.host.done("DELETE", f"/bookings/{booking['id']}")
        return str(answer.get("position") or booking["position"])

    with ThreadPoolExecutor(4) as crowd:
        positions = list(crowd.map(guest, range(8)))
    last = house.host.book(day, "20:00")["position"]
    assert all(version(position) < version(last) for position in positions)
    held = [moved(house, talker, snapshot, last) for talker, snapshot in watching]
    expected = asyncio.run(truth(house.database_url, *channels))
    assert [(each["position"], each["data"]) for each in held] == [
        (expected[channel].position, expected[channel].data) for channel in channels
    ]
    # A copy that was just taken is the same.
    for channel, each in zip(channels, held, strict=True):
        _, again = house.watching(channel, house.host.token)
        assert (again["position"], again["data"]) == (each["position"], each["data"])


@proves(59)
def test_at_is_when_it_was_committed(house: House, day: date) -> None:
    talker, _ = house.watching(f"availability:{day}")
    position = house.guest.book(day)["position"]
    update = talker.hears("update")
    [row] = house.query("SELECT at FROM events WHERE stream = $1 AND version = $2", f"day:{day}", version(position))
    difference = datetime.fromisoformat(update["at"]) - row["at"]
    assert abs(difference.total_seconds()) < 0.001


@proves(60)
def test_a_retired_table_is_in_no_snapshot_and_free_in_an_update(house: House, day: date) -> None:
    table = house.admin.done("POST", "/admin/tables", {"name": f"Last {day}", "seats": 20})["id"]
    booking = house.host.done(
        "POST", "/bookings", {"date": day.isoformat(), "time": "18:00", "guests": 2, "table_id": table}
    )
    assert booking["table"]["id"] == table
    house.host.done("DELETE", f"/bookings/{booking['id']}")
    house.admin.done("DELETE", f"/admin/tables/{table}")
    _, snapshot = house.watching(f"availability:{day}")
    assert str(table) not in snapshot["data"]["tables"]
    _, room = house.watching("tables")
    assert str(table) not in room["data"]["tables"]
    talker = house.joined()
    talker.ask("subscribe", id=2, channel=f"availability:{day}", since=booking["position"])
    assert talker.hears("update")["data"]["tables"][str(table)] in ([], None)
