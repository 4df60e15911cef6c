"""`hub new-epoch`: no position of the old epoch is continued, by any process, and nothing else changes."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import pytest

from hub.config import Settings
from hub.errors import Unavailable
from hub.store import database, epochs
from tests.conftest import StartHub, make_settings
from tests.integration.rest import day_after
from tests.servers import Servers
from tests.watching import Watcher, converged, epoch_of, split

DAY = day_after(41)
CHANNELS = ("tables", f"availability:{DAY}", f"floor:{DAY}", f"starts:{DAY}")


@pytest.mark.slow
async def test_new_epoch_gives_every_watcher_a_resync_and_a_snapshot(start_hub: StartHub, database_url: str) -> None:
    a, b = await asyncio.gather(start_hub(), start_hub())
    host, guest = await asyncio.gather(a.staff("host"), a.register())
    booking = {"date": DAY, "time": "12:00"}
    assert (await guest.client.post("/bookings", json=booking)).status_code == 201
    watchers = [await Watcher.connected(hub.live_url, host.token, *CHANNELS) for hub in (a, b)]
    await converged(watchers, database_url, *CHANNELS)
    old = {channel: view.position for channel, view in watchers[0].held.items()}
    held = {channel: view.data for channel, view in watchers[0].held.items()}
    assert not any(watcher.all("resync") for watcher in watchers)

    epoch = (await a.command("new-epoch")).strip()
    began = time.monotonic()
    for watcher in watchers:
        await watcher.until(lambda watcher=watcher: len(watcher.all("resync", reason="epoch")) == len(CHANNELS))
        await watcher.verified(watcher.said.index(watcher.all("resync")[-1]))
    print(f"all are current {time.monotonic() - began:.2f} s after the new epoch, of 2 s")
    for watcher in watchers:
        ops = [m["op"] for m in watcher.said if m.get("channel") == CHANNELS[1]]
        assert ops[-2:] == ["resync", "snapshot"]
        assert len(watcher.all("resync")) == len(CHANNELS)
        for channel in CHANNELS:
            assert watcher.held[channel].position == old[channel].replace(epoch_of(old[channel]), epoch)
            assert watcher.held[channel].data == held[channel]

    # What comes after is told under the new epoch, across the processes.
    answer = await guest.client.post("/bookings", json={**booking, "time": "14:00"})
    assert split(answer.json()["position"])[0] == epoch
    await converged(watchers, database_url, *CHANNELS)
    assert all(watcher.faults == [] for watcher in watchers)

    for hub in (a, b):
        async with await Watcher.open(hub.live_url) as late:
            await late.ask("connect", token=host.token, since=old)
            await late.until(lambda late=late: len(late.all("snapshot")) == len(CHANNELS))
            assert [m["recovered"] for m in late.all("subscribed")] == [False] * len(CHANNELS)
            assert not late.all("update")
        question = {**booking, "after": old[CHANNELS[1]]}
        free = await hub.client(guest.token).get("/tables/available", params=question)
        assert free.status_code == 200
        assert free.json()["position"] == answer.json()["position"]
    await asyncio.gather(*(watcher.leave() for watcher in watchers))


@pytest.mark.slow
async def test_new_epoch_forgets_the_names_of_the_old_one(start_hub: StartHub, database_url: str) -> None:
    hub = await start_hub()
    host, guest = await asyncio.gather(hub.staff("host"), hub.register(full_name="Ada Before"))
    await guest.client.post("/bookings", json={"date": DAY, "time": "12:00"})
    async with await Watcher.connected(hub.live_url, host.token, CHANNELS[2]) as watcher:
        assert [b["guest_name"] for b in watcher.held[CHANNELS[2]].data["bookings"].values()] == ["Ada Before"]
        # In a restored database an id may be somebody else's.
        connection = await asyncpg.connect(database_url)
        await connection.execute("UPDATE users SET full_name = 'Eve After' WHERE email = $1", guest.email)
        await connection.close()
        await hub.command("new-epoch")
        await watcher.until(lambda: len(watcher.all("snapshot")) == 2)
        await converged([watcher], database_url, CHANNELS[2])
        assert [b["guest_name"] for b in watcher.held[CHANNELS[2]].data["bookings"].values()] == ["Eve After"]


async def test_new_epoch_is_another_and_is_not_renewed_again(connected: Settings) -> None:
    [before] = await database.fetch("SELECT epoch, system_identifier FROM hub")
    await database.fetch("UPDATE hub SET system_identifier = 'another server'")
    epoch = await epochs.renew(connected)
    await database.fetch(epochs.RENEW_IF_SWAPPED)
    [after] = await database.fetch("SELECT epoch, system_identifier FROM hub")
    assert after["epoch"] == epoch != before["epoch"]
    assert after["system_identifier"] == before["system_identifier"]


async def test_new_epoch_without_a_migrated_database_says_so(servers: Servers, settings: Settings) -> None:
    empty = make_settings(servers.postgres.url, settings.redis_url, settings.data_dir)
    with pytest.raises(Unavailable, match="hub migrate"):
        await epochs.renew(empty)
    nowhere = make_settings("postgresql://hub@127.0.0.1:1/hub", settings.redis_url, settings.data_dir)
    with pytest.raises(Unavailable):
        await epochs.renew(nowhere)
    unmade = make_settings(servers.database_url("no_such"), settings.redis_url, settings.data_dir)
    with pytest.raises(Unavailable):
        await epochs.renew(unmade)


async def test_new_epoch_waits_for_nobody_who_reads(connected: Settings, database_url: str) -> None:
    reader = await asyncpg.connect(database_url)
    try:
        async with reader.transaction(isolation="repeatable_read"):
            await reader.fetch("SELECT epoch FROM hub")
            async with asyncio.timeout(5):
                await epochs.renew(connected)
    finally:
        await reader.close()


@pytest.mark.slow
async def test_new_epoch_is_taken_in_full_when_the_database_fails_in_the_middle(
    start_hub: StartHub, database_url: str
) -> None:
    hub = await start_hub()
    host = await hub.staff("host")
    # Two connections: in one transaction pg_stat_activity shows for ever what it showed first.
    connection, onlooker = [await asyncpg.connect(database_url) for _ in range(2)]
    async with await Watcher.connected(hub.live_url, host.token, *CHANNELS) as watcher:
        async with connection.transaction():
            await connection.execute("LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
            await hub.command("new-epoch")
            async with asyncio.timeout(24):  # the rows of the day are asked for, and the connection is lost
                while not await onlooker.fetchval(CUT):  # noqa: ASYNC110 only the database knows
                    await asyncio.sleep(0.05)
        await watcher.until(lambda: len(watcher.all("resync", reason="epoch")) == len(CHANNELS))
        await converged([watcher], database_url, *CHANNELS)
    await asyncio.gather(connection.close(), onlooker.close())


CUT = """
SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FROM bookings%'
"""
