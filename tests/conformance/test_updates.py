"""Updates: what is told of each change, at which position, and that it is what the database holds."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

from tests.conformance.conftest import Hubs, Talker
from tests.conformance.statements import proves
from tests.watching import patched, truth


def version(position: str) -> int:
    return int(position.split(":")[1])


def moved(hubs: Hubs, talker: Talker, held: dict[str, Any], to: str) -> dict[str, Any]:
    """A snapshot moved on by the updates that come, until it is at this position or past it."""
    channel = held["channel"]
    while version(held["position"]) < version(to):
        update = talker.hears("update", lambda message: message["channel"] == channel)
        assert update["previous"] == held["position"]
        held = held | {"position": update["position"], "data": patched(held["data"], update["data"])}
    return held


@proves(54, 56, 57)
def test_each_change_continues_the_frame_before_it_on_both_channels_of_the_day(hubs: Hubs, day: date) -> None:
    on_floor, floor = hubs.watching(f"floor:{day}", hubs.host.token)
    on_times, times = hubs.watching(f"availability:{day}")
    assert floor["position"] == times["position"]
    booking = hubs.guest.book(day)
    table, number = str(booking["table"]["id"]), str(booking["id"])
    frames = [(on_floor.hears("update"), on_times.hears("update"))]
    hubs.guest.done("PATCH", f"/bookings/{number}", {"time": "20:00"})
    frames.append((on_floor.hears("update"), on_times.hears("update")))
    hubs.guest.done("DELETE", f"/bookings/{number}")
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
def test_a_version_with_nothing_to_show_moves_the_position(hubs: Hubs, day: date) -> None:
    booking = hubs.guest.book(day)
    talker, snapshot = hubs.watching(f"availability:{day}")
    answer = hubs.guest.done("PATCH", f"/bookings/{booking['id']}", {"guests": 1})
    update = talker.hears("update")
    assert (update["previous"], update["position"]) == (snapshot["position"], answer["position"])
    assert update["data"] == {}


@proves(58, 61)
def test_what_is_held_is_what_the_database_holds_and_what_rest_has_answered(hubs: Hubs, day: date) -> None:
    channels = [f"floor:{day}", f"availability:{day}"]
    watching = [hubs.watching(channel, hubs.host.token) for channel in channels]

    def guest(number: int) -> str:
        booking = hubs.host.book(day, f"{12 + number}:00", 1 + number % 2)
        answer = hubs.host.done("PATCH", f"/bookings/{booking['id']}", {"guests": 2 - number % 2})
        if number % 3 == 0:
            answer = hubs.host.done("DELETE", f"/bookings/{booking['id']}")
        return str(answer.get("position") or booking["position"])

    with ThreadPoolExecutor(4) as crowd:
        positions = list(crowd.map(guest, range(8)))
    last = hubs.host.book(day, "20:00")["position"]
    assert all(version(position) < version(last) for position in positions)
    held = [moved(hubs, talker, snapshot, last) for talker, snapshot in watching]
    expected = asyncio.run(truth(hubs.database_url, *channels))
    assert [(each["position"], each["data"]) for each in held] == [
        (expected[channel].position, expected[channel].data) for channel in channels
    ]
    # A copy that was just taken is the same.
    for channel, each in zip(channels, held, strict=True):
        _, again = hubs.watching(channel, hubs.host.token)
        assert (again["position"], again["data"]) == (each["position"], each["data"])


@proves(59)
def test_at_is_when_it_was_committed(hubs: Hubs, day: date) -> None:
    talker, _ = hubs.watching(f"availability:{day}")
    position = hubs.guest.book(day)["position"]
    update = talker.hears("update")
    [row] = hubs.query("SELECT at FROM events WHERE stream = $1 AND version = $2", f"day:{day}", version(position))
    difference = datetime.fromisoformat(update["at"]) - row["at"]
    assert abs(difference.total_seconds()) < 0.001


@proves(60)
def test_a_retired_table_is_in_no_snapshot_and_free_in_an_update(hubs: Hubs, day: date) -> None:
    table = hubs.admin.done("POST", "/admin/tables", {"name": f"Last {day}", "seats": 20})["id"]
    booking = hubs.host.done(
        "POST", "/bookings", {"date": day.isoformat(), "time": "18:00", "guests": 2, "table_id": table}
    )
    assert booking["table"]["id"] == table
    hubs.host.done("DELETE", f"/bookings/{booking['id']}")
    hubs.admin.done("DELETE", f"/admin/tables/{table}")
    _, snapshot = hubs.watching(f"availability:{day}")
    assert str(table) not in snapshot["data"]["tables"]
    _, room = hubs.watching("tables")
    assert str(table) not in room["data"]["tables"]
    talker = hubs.joined()
    talker.ask("subscribe", id=2, channel=f"availability:{day}", since=booking["position"])
    assert talker.hears("update")["data"]["tables"][str(table)] in ([], None)
