"""What a watcher holds is what the database holds: after each change, after a resume, on both processes, in a burst."""

from __future__ import annotations

import asyncio
import secrets
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import httpx
import pytest

from tests.integration.live.conftest import Pair, book, cancel, change
from tests.servers import Account, HubServer
from tests.watching import View, Watcher, converged, patched, split, truth

# -- one change after the other


async def test_update_follows_each_change_and_continues_what_is_held(hubs: Pair, day: date, guest: Account) -> None:
    channels = [f"availability:{day}", f"floor:{day}"]
    async with await Watcher.connected(hubs.a.live_url, hubs.host, *channels) as watcher:

        async def told(version: int) -> dict[str, dict[str, Any]]:
            """The update of each channel that leads to this version."""
            frames = {}
            for channel in channels:
                frames[channel] = await watcher.until(
                    lambda c=channel: next(
                        (m for m in watcher.all("update", channel=c) if split(m["position"])[1] == version), None
                    )
                )
                assert split(frames[channel]["previous"])[1] == version - 1
                assert datetime.fromisoformat(frames[channel]["at"]).tzinfo is not None
            mark = watcher.said.index(frames[channels[-1]])
            await watcher.verified(mark)
            await converged([watcher], hubs.database_url, *channels)
            return {channel.partition(":")[0]: frame["data"] for channel, frame in frames.items()}

        booking = await book(guest.client, day, "18:00", table_id=1)
        data = await told(1)
        id = str(booking["id"])
        assert data["availability"] == {"tables": {"1": [[booking["start_at"], booking["end_at"]]]}}
        assert data["floor"]["bookings"][id]["guest_name"] == "Ada Guest"
        assert data["floor"]["bookings"][id]["revision"] == 1

        booking = await change(guest.client, booking, table_id=2, time="19:00")
        data = await told(2)
        assert data["availability"] == {"tables": {"1": [], "2": [[booking["start_at"], booking["end_at"]]]}}
        assert (data["floor"]["bookings"][id]["table_id"], data["floor"]["bookings"][id]["revision"]) == (2, 2)

        booking = await change(guest.client, booking, guests=1)
        data = await told(3)
        assert data["floor"]["bookings"][id]["guests"] == 1

        await cancel(guest.client, booking)
        data = await told(4)
        assert data == {"availability": {"tables": {"2": []}}, "floor": {"bookings": {id: None}}}


async def test_update_of_the_floor_follows_each_change_of_a_table(hubs: Pair) -> None:
    admin = hubs.a.client(hubs.admin)
    name = secrets.token_hex(4)
    async with await Watcher.connected(hubs.a.live_url, hubs.host, "tables") as watcher:
        table = (await admin.post("/admin/tables", json={"name": name, "seats": 4})).json()
        key = str(table["id"])
        stands: dict[str, Any] = {"area_id": None, "place": None}
        for data, call in (
            ({"name": name, "seats": 4, **stands}, None),
            ({"name": name, "seats": 5, **stands}, admin.patch(f"/admin/tables/{key}", json={"seats": 5})),
            (None, admin.delete(f"/admin/tables/{key}")),
        ):
            if call is not None:
                assert (await call).is_success
            await watcher.until(lambda d=data: [m for m in watcher.all("update") if m["data"] == {"tables": {key: d}}])
        await converged([watcher], hubs.database_url, "tables")


async def test_availability_never_shows_who_dines(hubs: Pair, day: date, guest: Account) -> None:
    channel = f"availability:{day}"
    async with await Watcher.connected(hubs.a.live_url, guest.token, channel) as watcher:
        booking = await book(guest.client, day)
        await converged([watcher], hubs.database_url, channel)
        await cancel(guest.client, booking)
        await converged([watcher], hubs.database_url, channel)
        frames = [m for m in watcher.said if m["op"] in ("snapshot", "update")]
        assert {key for frame in frames for key in frame["data"]} == {"tables"}
        values = [rows for frame in frames for rows in frame["data"]["tables"].values()]
        assert all(datetime.fromisoformat(at) for rows in values for interval in rows for at in interval)


# -- resuming


@pytest.mark.parametrize("process", ["a", "b"])
async def test_resume_at_the_position_held_says_nothing_more(
    hubs: Pair, day: date, guest: Account, process: str
) -> None:
    booking = await book(guest.client, day)
    channel = f"availability:{day}"
    hub: HubServer = getattr(hubs, process)
    async with await Watcher.open(hub.live_url) as watcher:
        watcher.held[channel] = (await truth(hubs.database_url, channel))[channel]
        await watcher.ask("connect", token=guest.token, since={channel: booking["position"]})
        answer = await watcher.until(lambda: watcher.all("subscribed"))
        assert (answer[0]["position"], answer[0]["recovered"]) == (booking["position"], True)
        assert (await watcher.ask("ping"))["op"] == "pong"
        assert not watcher.all("update") and not watcher.all("snapshot")


@pytest.mark.parametrize("kind", ["availability", "floor"])
@pytest.mark.parametrize("process", ["a", "b"])
async def test_resume_from_an_older_position_takes_exactly_one_update(
    hubs: Pair, day: date, guest: Account, process: str, kind: str
) -> None:
    """From memory on the process that booked, from the events on one that never held the day."""
    channel = f"{kind}:{day}"
    first = await book(guest.client, day, table_id=1)
    gone = await book(guest.client, day, table_id=2)
    held = (await truth(hubs.database_url, channel))[channel]
    await change(guest.client, first, table_id=3, time="20:00")
    await cancel(guest.client, gone)
    await book(guest.client, day, table_id=4)
    wanted = (await truth(hubs.database_url, channel))[channel]
    hub: HubServer = getattr(hubs, process)
    async with await Watcher.connected(hub.live_url, hubs.host) as watcher:
        watcher.held[channel] = held
        old = held.position
        answer = await watcher.ask("subscribe", channel=channel, since=old)
        assert (answer["recovered"], answer["position"]) == (True, wanted.position)
        await watcher.until(lambda: watcher.all("update"))
        assert (await watcher.ask("ping"))["op"] == "pong"
        [update] = watcher.all("update")
        assert (update["previous"], update["position"]) == (old, wanted.position)
        assert not watcher.all("snapshot")
        assert watcher.held[channel] == wanted
        assert watcher.faults == []


async def test_resume_of_the_floor_takes_exactly_one_update(hubs: Pair) -> None:
    admin = hubs.a.client(hubs.admin)
    names = [secrets.token_hex(4) for _ in range(3)]
    tables = [(await admin.post("/admin/tables", json={"name": name, "seats": 4})).json() for name in names[:2]]
    held = (await truth(hubs.database_url, "tables"))["tables"]
    await admin.patch(f"/admin/tables/{tables[0]['id']}", json={"seats": 6})
    await admin.delete(f"/admin/tables/{tables[1]['id']}")
    await admin.post("/admin/tables", json={"name": names[2], "seats": 2})
    wanted = (await truth(hubs.database_url, "tables"))["tables"]
    async with await Watcher.connected(hubs.b.live_url, hubs.host, "tables") as other:
        await converged([other], hubs.database_url, "tables")  # else it may tell the last change by itself
    for hub in (hubs.a, hubs.b):
        async with await Watcher.connected(hub.live_url, hubs.host) as watcher:
            watcher.held["tables"] = View(held.position, held.data)
            await watcher.ask("subscribe", channel="tables", since=held.position)
            [update] = await watcher.until(lambda w=watcher: w.all("update"))
            assert (update["previous"], update["position"]) == (held.position, wanted.position)
            assert patched(held.data, update["data"]) == wanted.data


async def test_resume_after_a_table_was_freed_and_removed_shows_it_free(hubs: Pair, day: date, guest: Account) -> None:
    admin = hubs.a.client(hubs.admin)
    channel = f"availability:{day}"
    table = (await admin.post("/admin/tables", json={"name": secrets.token_hex(4), "seats": 4})).json()
    booking = await book(guest.client, day, table_id=table["id"])
    held = (await truth(hubs.database_url, channel))[channel]
    await change(guest.client, booking, table_id=1)
    assert (await admin.delete(f"/admin/tables/{table['id']}")).status_code == 204
    wanted = (await truth(hubs.database_url, channel))[channel]
    async with await Watcher.connected(hubs.b.live_url, hubs.host) as watcher:
        watcher.held[channel] = held
        await watcher.ask("subscribe", channel=channel, since=held.position)
        await watcher.until(lambda: watcher.all("update"))
        assert watcher.held[channel] == wanted


@pytest.mark.parametrize("since", ["other epoch", "future", "garbage", "wrong type", "empty", "none"])
@pytest.mark.parametrize("process", ["a", "b"])
async def test_resume_from_what_cannot_be_continued_takes_a_snapshot(
    hubs: Pair, day: date, guest: Account, process: str, since: str
) -> None:
    channel = f"availability:{day}"
    await book(guest.client, day)
    booking = await book(guest.client, day)
    epoch, version = split(booking["position"])
    asked: Any = {
        "other epoch": f"{'zzzzzzzz' if epoch != 'zzzzzzzz' else 'aaaaaaaa'}:{version - 1}",
        "future": f"{epoch}:{version + 1}",
        "garbage": f"{epoch}:{version - 1} ",
        "wrong type": 7,
        "empty": "",
        "none": None,
    }[since]
    hub: HubServer = getattr(hubs, process)
    async with await Watcher.connected(hub.live_url, guest.token) as watcher:
        answer = await watcher.ask("subscribe", channel=channel, since=asked)
        assert (answer["op"], answer["recovered"], answer["position"]) == ("subscribed", False, booking["position"])
        await converged([watcher], hubs.database_url, channel)
        assert len(watcher.all("snapshot")) == 1
        assert not watcher.all("update")


async def add_events(database_url: str, day: date, many: int, *, age: timedelta = timedelta()) -> None:
    """More events of a day, each of which repeats the day's first booking: the rows stay as they are."""
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        stream = f"day:{day}"
        version = await connection.fetchval("SELECT hub_lock($1)", stream)
        await connection.execute(
            "INSERT INTO events (stream, version, kind, data, at) SELECT e.stream, $2::bigint + n, e.kind, e.data, "
            "clock_timestamp() - $4::interval FROM events e, generate_series(1, $3::bigint) n "
            "WHERE e.stream = $1 AND e.version = 1",
            stream,
            version,
            many,
            age,
        )
        await connection.execute(
            "UPDATE streams s SET version = s.version + $2, head = (SELECT max(id) FROM events WHERE stream = s.name) "
            "WHERE name = $1",
            stream,
            many,
        )
    await connection.close()


@pytest.mark.parametrize(("behind", "recovered"), [(200, True), (201, False)])
async def test_resume_reaches_back_two_hundred_versions(
    hubs: Pair, day: date, guest: Account, behind: int, recovered: bool
) -> None:
    channel = f"availability:{day}"
    old = (await book(guest.client, day))["position"]
    await add_events(hubs.database_url, day, behind)
    wanted = (await truth(hubs.database_url, channel))[channel]
    for hub in (hubs.a, hubs.b):
        # Who booked through this process finds the day there: first it must have heard of the events.
        asked = {"date": f"{day}", "time": "18:00", "after": wanted.position}
        assert (await hub.client(guest.token).get("/tables/available", params=asked)).status_code == 200
        async with await Watcher.connected(hub.live_url, guest.token) as watcher:
            watcher.held[channel] = View(old, {})
            answer = await watcher.ask("subscribe", channel=channel, since=old)
            assert answer["recovered"] is recovered
            await watcher.until(lambda w=watcher: w.all("update" if recovered else "snapshot"))
            assert [m["position"] for m in watcher.said if m["op"] in ("update", "snapshot")] == [wanted.position]


@pytest.mark.parametrize(("minutes", "recovered"), [(9, True), (11, False)])
async def test_resume_reaches_back_ten_minutes(
    hubs: Pair, day: date, guest: Account, minutes: int, recovered: bool
) -> None:
    old = (await book(guest.client, day))["position"]
    await add_events(hubs.database_url, day, 1, age=timedelta(minutes=minutes))
    await add_events(hubs.database_url, day, 1)
    async with await Watcher.connected(hubs.b.live_url, guest.token) as watcher:
        watcher.held[f"availability:{day}"] = View(old, {})
        answer = await watcher.ask("subscribe", channel=f"availability:{day}", since=old)
        assert answer["recovered"] is recovered


# -- many watchers, two processes


async def test_watchers_on_both_processes_see_what_is_booked_through_one(hubs: Pair, day: date, guest: Account) -> None:
    channels = [f"availability:{day}", f"floor:{day}", f"starts:{day}", "tables"]
    async with (
        await Watcher.connected(hubs.a.live_url, hubs.host, *channels) as on_a,
        await Watcher.connected(hubs.a.live_url, hubs.admin, *channels) as beside,
        await Watcher.connected(hubs.b.live_url, hubs.host, *channels) as on_b,
    ):
        booking = await book(guest.client, day)
        await converged([on_a, beside, on_b], hubs.database_url, *channels)
        await cancel(hubs.b.client(guest.token), booking)
        await converged([on_a, beside, on_b], hubs.database_url, *channels)
        for watcher in (on_a, on_b):
            assert [m["position"] for m in watcher.all("update", channel=channels[0])] == [
                m["position"] for m in watcher.all("update", channel=channels[1])
            ]
        shared = ("snapshot", "update")
        assert [m for m in on_a.said if m["op"] in shared] == [m for m in beside.said if m["op"] in shared]


async def test_burst_through_both_processes_ends_at_the_same_state_everywhere(
    hubs: Pair, day: date, guest: Account
) -> None:
    channels = [f"availability:{day}", f"floor:{day}", f"starts:{day}"]
    watchers = [
        await Watcher.connected(hub.live_url, hubs.host, *channels) for hub in (hubs.a, hubs.b) for _ in range(3)
    ]
    clients = [hubs.a.client(guest.token), hubs.b.client(guest.token)]
    answers = await asyncio.gather(
        *(
            clients[n % 2].post(
                "/bookings",
                json={"date": day.isoformat(), "time": f"{12 + n % 4 * 2}:00", "guests": 1 + n % 3},
            )
            for n in range(48)
        )
    )
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    await asyncio.gather(*(cancel(clients[n % 2], booking) for n, booking in enumerate(made[::3])))
    await converged(watchers, hubs.database_url, *channels)
    for watcher in watchers:
        for channel in channels:
            frames = watcher.all("update", channel=channel)
            # One process numbers its frames without a gap, however many changes each of them holds.
            assert all(one["position"] == two["previous"] for one, two in pairwise(frames))
        await watcher.leave()


async def test_change_of_day_is_told_on_both_days(hubs: Pair, day: date, guest: Account) -> None:
    other = day + timedelta(days=150)
    channels = [f"{kind}:{each}" for kind in ("availability", "floor") for each in (day, other)]
    async with (
        await Watcher.connected(hubs.a.live_url, hubs.host, *channels) as on_a,
        await Watcher.connected(hubs.b.live_url, hubs.host, *channels) as on_b,
    ):
        booking = await book(guest.client, day)
        await converged([on_a, on_b], hubs.database_url, *channels)
        await change(guest.client, booking, date=other.isoformat())
        await converged([on_a, on_b], hubs.database_url, *channels)
        for watcher in (on_a, on_b):
            left, came = (watcher.all("update", channel=f"floor:{each}")[-1] for each in (day, other))
            assert left["data"] == {"bookings": {str(booking["id"]): None}}
            assert came["data"]["bookings"][str(booking["id"])]["revision"] == 2


async def test_subscribe_in_the_middle_of_a_burst_misses_nothing(hubs: Pair, day: date, guest: Account) -> None:
    channel = f"availability:{day}"
    clients = [hubs.a.client(guest.token), hubs.b.client(guest.token)]
    watchers: list[Watcher] = []

    async def watch() -> None:
        for n in range(12):
            watchers.append(await Watcher.connected((hubs.a, hubs.b)[n % 2].live_url, hubs.host, channel))

    async def write(client: httpx.AsyncClient, table: int) -> None:
        for n in range(12):
            booking = await book(client, day, table_id=table, time=f"{12 + n % 5 * 2}:00")
            if n % 5 == 4 or n % 2:
                await cancel(client, booking)
            else:
                await cancel(client, await change(client, booking, guests=1))

    await asyncio.gather(watch(), *(write(clients[n % 2], 1 + n) for n in range(4)))
    last = await book(clients[0], day, table_id=1)
    await converged(watchers, hubs.database_url, channel)
    assert split(last["position"])[1] > 100
    for watcher in watchers:
        await watcher.leave()
