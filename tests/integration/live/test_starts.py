"""The starts of a day as a visitor gets them, over the wire: while others book, close, hold and change the tables."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.frames import faults
from tests.integration.live.conftest import Pair, book, cancel
from tests.servers import Account, HubServer
from tests.watching import View, Watcher, converged, split, truth


async def visitor(hub: HubServer, *channels: str) -> Watcher:
    watcher = await Watcher.open(hub.live_url)
    await watcher.ask("connect", since=dict.fromkeys(channels))
    await watcher.until(lambda: all(channel in watcher.held for channel in channels))
    return watcher


def at(day: date, hour: int) -> str:
    return datetime.combine(day, datetime.min.time(), UTC).replace(hour=hour).isoformat()


async def done(answer: httpx.Response, *statuses: int) -> Any:
    assert answer.status_code in (statuses or (200, 201, 204)), answer.text
    return answer.json() if answer.content else None


async def test_whatever_takes_a_table_and_frees_it_is_told_everywhere(hubs: Pair, day: date, guest: Account) -> None:
    channel, host = f"starts:{day}", hubs.a.client(hubs.host)
    watchers = [await visitor(hub, channel) for hub in (hubs.a, hubs.b)]

    async def told() -> dict[str, Any]:
        await converged(watchers, hubs.database_url, channel)
        return watchers[0].held[channel].data["starts"]

    assert (await told())["18:00"] == {"start_at": at(day, 18), "guests": [1, 2, 3, 4, 5, 6], "state": "free"}
    closed = await done(
        await host.post(
            "/blocks",
            json={"table_ids": [14, 15, 16], "start_at": at(day, 17), "end_at": at(day, 22), "reason": "a wedding"},
        )
    )
    assert [(await told())[start]["guests"][-1] for start in ("15:00", "15:15", "20:00")] == [6, 3, 3]
    booking = await book(guest.client, day, guests=3)
    await told()
    held = await done(await guest.client.post("/holds", json={"date": str(day), "time": "18:00", "guests": 3}))
    await told()
    for ids in (range(1, 8), range(8, 14)):
        body = {"table_ids": list(ids), "start_at": at(day, 12), "end_at": at(day, 14), "reason": "paint"}
        await done(await host.post("/blocks", json=body))
    shown = await told()
    assert (shown["13:45"]["guests"], shown["13:45"]["state"]) == ([1, 2, 3, 4, 5, 6], "free")
    for start, size in (("18:00", 3), ("18:00", 6)):
        answer = await guest.client.post("/bookings", json={"date": str(day), "time": start, "guests": size})
        assert (answer.status_code == 201) is (size in shown[start]["guests"])
        if answer.status_code == 201:
            await cancel(guest.client, answer.json())
    await done(await guest.client.delete(f"/holds/{held['token']}"))
    await cancel(guest.client, booking)
    await done(await host.delete(f"/blocks/{closed['id']}"))
    await told()
    for watcher in watchers:
        assert [fault for frame in watcher.said for fault in faults(frame)] == []
        assert not watcher.all("resync")
        await watcher.leave()


async def test_it_is_full_where_every_table_is_closed(hubs: Pair, day: date) -> None:
    channel, host = f"starts:{day}", hubs.a.client(hubs.host)
    async with await visitor(hubs.b, channel) as watcher:
        for ids in (range(1, 9), range(9, 17)):
            body = {"table_ids": list(ids), "start_at": at(day, 18), "end_at": at(day, 19), "reason": "a speech"}
            await done(await host.post("/blocks", json=body))
        await converged([watcher], hubs.database_url, channel)
        shown = watcher.held[channel].data["starts"]
        assert shown["18:45"] == {"start_at": f"{day}T18:45:00+00:00", "guests": [], "state": "full"}
        assert {start for start, each in shown.items() if each["state"] == "full"} == {
            *(f"16:{minutes}" for minutes in (15, 30, 45)),
            *(f"{hour}:{minutes}" for hour in (17, 18) for minutes in ("00", "15", "30", "45")),
        }


@pytest.mark.slow
async def test_tables_that_come_and_go_while_others_book_end_at_the_same_state_everywhere(
    hubs: Pair, day: date, guest: Account
) -> None:
    """And a change of them is one of each day, on each process; what was held before it is not gone on from."""
    other = day + timedelta(days=100)
    channels = [f"starts:{day}", f"starts:{other}"]
    admin, clients = hubs.a.client(hubs.admin), [hubs.a.client(guest.token), hubs.b.client(guest.token)]
    watchers = [await visitor(hub, *channels) for hub in (hubs.a, hubs.b)]
    before = watchers[0].held[channels[0]].position
    left: list[int] = []
    dining: list[dict[str, Any]] = []

    async def furnish(number: int) -> None:
        table = await done(await admin.post("/admin/tables", json={"name": f"S{day}-{number}", "seats": 7 + number}))
        both = {"table_ids": [1 + 2 * number, 2 + 2 * number], "min_guests": 3, "max_guests": 4}
        combination = await done(await admin.post("/admin/combinations", json=both))
        await done(await admin.patch(f"/admin/tables/{table['id']}", json={"seats": 10 + number}), 200, 409)
        await done(await admin.delete(f"/admin/combinations/{combination['id']}"))
        answer = await admin.delete(f"/admin/tables/{table['id']}")
        if answer.status_code == 409:  # somebody has booked it meanwhile
            left.append(table["id"])

    async def dine(number: int) -> None:
        body = {"date": str(day), "time": f"{12 + number % 4 * 2}:00", "guests": 1 + number % 8}
        answer = await clients[number % 2].post("/bookings", json=body)
        if answer.status_code == 201 and number % 3 == 0:
            await cancel(clients[number % 2], answer.json())
        elif answer.status_code == 201:
            dining.append(answer.json())

    await asyncio.gather(*(furnish(number) for number in range(3)), *(dine(number) for number in range(24)))
    await converged(watchers, hubs.database_url, *channels)
    for booking in dining:
        await cancel(guest.client, booking)
    for table in left:
        await done(await admin.delete(f"/admin/tables/{table}"))
    await converged(watchers, hubs.database_url, *channels)
    for watcher in watchers:
        assert {frame["reason"] for frame in watcher.all("resync")} == {"rules"}
        assert {frame["channel"] for frame in watcher.all("resync")} == set(channels)
        assert [fault for frame in watcher.said for fault in faults(frame)] == []
        await watcher.leave()
    async with await Watcher.open(hubs.b.live_url) as late:
        answer = await late.ask("connect", since={channels[0]: "aaaaaaaa.aaaaaaaaaaaa:1", channels[1]: before})
        assert answer["op"] == "connected"
        await late.until(lambda: len(late.held) == 2)
        assert [each["recovered"] for each in late.all("subscribed")] == [False, False]
        await converged([late], hubs.database_url, *channels)


async def test_what_was_missed_is_told_by_a_process_that_never_held_the_day(
    hubs: Pair, day: date, guest: Account
) -> None:
    channel = f"starts:{day}"
    async with await visitor(hubs.a, channel) as watcher:
        held = View(watcher.held[channel].position, watcher.held[channel].data)
        for hour in (12, 14, 16):
            await book(guest.client, day, f"{hour}:00", guests=6)
        await converged([watcher], hubs.database_url, channel)
    async with await Watcher.open(hubs.b.live_url) as late:
        late.held[channel] = held
        await late.say("connect", since={channel: held.position})
        answer = await late.until(lambda: next(iter(late.all("subscribed")), None))
        assert answer["recovered"]
        await converged([late], hubs.database_url, channel)
        assert not late.all("snapshot") and len(late.all("update")) == 1


async def test_an_answer_is_as_new_as_the_tables_that_were_seen_elsewhere(hubs: Pair, day: date) -> None:
    """``after`` with a position of the channel: of the other process, which has heard of the table."""
    a, b, admin = hubs.a.client(), hubs.b.client(), hubs.a.client(hubs.admin)
    path = f"/days/{day}/starts"
    assert (await b.get(path)).status_code == 200
    table = await done(await admin.post("/admin/tables", json={"name": f"After {day}", "seats": 12}))
    position = (await a.get(path)).headers["etag"].strip('"')
    assert position == (await truth(hubs.database_url, f"starts:{day}"))[f"starts:{day}"].position
    answer = await b.get(path, params={"after": position})
    assert answer.headers["etag"] == f'"{position}"'
    assert answer.json()["starts"]["18:00"]["guests"] == list(range(1, 13))
    await done(await admin.delete(f"/admin/tables/{table['id']}"))


async def test_a_booking_is_refused_with_what_changed_since_the_starts_were_seen(
    hubs: Pair, day: date, guest: Account
) -> None:
    """``seen`` and ``after`` take the positions of this channel too."""
    position = (await hubs.a.client().get(f"/days/{day}/starts")).headers["etag"].strip('"')
    taken = await book(guest.client, day, table_id=14)
    body = {"date": str(day), "time": "18:00", "guests": 2, "table_id": 14, "seen": position}
    answer = await guest.client.post("/bookings", json=body)
    assert answer.status_code == 409 and len(answer.json()["changed"]) == 1
    query = {"date": str(day), "time": "18:00", "guests": 5, "after": f"{position.partition(':')[0]}:1"}
    free = await hubs.b.client(guest.token).get("/tables/available", params=query)
    assert free.json()["position"] == taken["position"] and split(taken["position"])[1] == 1
    assert [table["id"] for table in free.json()["tables"]] == [15, 16]


async def test_a_version_is_named_by_the_position_of_any_channel_of_the_day(
    hubs: Pair, day: date, guest: Account
) -> None:
    booked = await book(guest.client, day, guests=2)
    host = hubs.a.client(hubs.host)
    starts = (await host.get(f"/days/{day}/starts")).headers["etag"].strip('"')
    for channel in ("starts", "floor", "availability"):
        for position in (starts, booked["position"]):
            answer = await host.get(f"/days/{day}/{channel}", params={"version": position})
            assert answer.status_code == 200, answer.text
            assert answer.headers["etag"].strip('"') == (starts if channel == "starts" else booked["position"])
    other = starts.replace(starts[9:21], "0" * 12)
    assert (await host.get(f"/days/{day}/starts", params={"version": other})).status_code == 404
