"""Another database behind a hub that runs: no position of the one before is continued, and nobody has to say it.

PostgreSQL tells its server's identifier, and table `hub` keeps that of the server on which the epoch was made. Where
the two differ the data came from elsewhere, so the process that sees it first makes another epoch, with its next
verification. What an operator says by `hub new-epoch` is test_epoch's; what the first migration finds is
test_migrations'.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from hub.config import Settings
from hub.process import embedded
from hub.store import database, epochs
from tests.between import Between
from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.integration.test_backup import dump, restore
from tests.outside import complaints
from tests.servers import QUICK, HubServer, Servers
from tests.watching import Watcher, converged, epoch_of, split

DAY = day_after(43)
CHANNELS = ("tables", f"availability:{DAY}", f"floor:{DAY}", f"starts:{DAY}")
BOOKING = {"date": DAY, "time": "12:00"}


async def told_anew(watchers: list[Watcher], database_url: str, old: str) -> str:
    """Wait until each has heard of another epoch, channel by channel, and holds what the database holds; returns it."""
    epochs = set()
    for watcher in watchers:
        await watcher.until(lambda w=watcher: len(w.all("resync", reason="epoch")) == len(CHANNELS), 12)
    await converged(watchers, database_url, *CHANNELS)
    for watcher in watchers:
        assert len(watcher.all("resync")) == len(CHANNELS)  # once: the new epoch is not renewed again
        for channel in CHANNELS:
            after = [m for m in watcher.said if m.get("channel") == channel][-2:]
            assert [m["op"] for m in after] == ["resync", "snapshot"]
            epochs.add(epoch_of(watcher.held[channel].position))
        await watcher.verified(max(n for n, m in enumerate(watcher.said) if m["op"] == "resync"))
    [epoch] = epochs  # however many processes saw it at once
    assert epoch != old
    return epoch


@pytest.mark.slow
async def test_data_of_another_server_gives_every_watcher_of_every_hub_a_resync_and_a_snapshot(
    start_hub: StartHub, database_url: str
) -> None:
    a, b = await asyncio.gather(start_hub(), start_hub())
    host, guest = await asyncio.gather(a.staff("host"), a.register(full_name="Ada Before"))
    lost = (await guest.client.post("/bookings", json=BOOKING)).json()
    watchers = [await Watcher.connected(hub.live_url, host.token, *CHANNELS) for hub in (a, b)]
    await converged(watchers, database_url, *CHANNELS)
    old = split(watchers[0].held["tables"].position)[0]

    connection = await asyncpg.connect(database_url)
    async with connection.transaction():  # in one moment, as a swap would: another server's rows and its identifier
        await connection.execute("UPDATE hub SET system_identifier = '7000000000000000001'")
        await connection.execute("UPDATE users SET full_name = 'Eve After' WHERE email = $1", guest.email)
        await connection.execute("DELETE FROM occupancies WHERE booking_id = $1", lost["id"])
        await connection.execute("UPDATE bookings SET status = 'canceled' WHERE id = $1", lost["id"])
        await connection.execute("UPDATE tables SET name = 'Elsewhere' WHERE id = 1")
    epoch = await told_anew(watchers, database_url, old)
    row = await connection.fetchrow(
        "SELECT epoch, h.system_identifier = c.system_identifier::text AS own FROM hub h, pg_control_system() c"
    )
    assert tuple(row) == (epoch, True)
    await connection.close()

    # Both go on, under the new epoch, and hear of each other.
    for hub in (a, b):
        answer = await hub.client(guest.token).post("/bookings", json=BOOKING)
        assert split(answer.json()["position"])[0] == epoch
        await converged(watchers, database_url, *CHANNELS)
    shown = watchers[0].held[CHANNELS[2]].data["bookings"].values()
    assert {booking["guest_name"] for booking in shown} == {"Eve After"}
    assert all(len(watcher.all("resync")) == len(CHANNELS) for watcher in watchers)
    assert complaints(a) == complaints(b) == []
    await asyncio.gather(*(watcher.leave() for watcher in watchers))


async def test_of_two_processes_that_see_it_at_once_one_makes_the_epoch(connected: Settings, database_url: str) -> None:
    """The other waits for the row, though it has seen the identifier of before, and leaves it as it is then."""
    await database.fetch("UPDATE hub SET system_identifier = 'another server'")
    one, other = [await asyncpg.connect(database_url) for _ in range(2)]
    async with one.transaction():
        assert await one.execute(epochs.RENEW_IF_SWAPPED) == "UPDATE 1"
        late = asyncio.create_task(other.execute(epochs.RENEW_IF_SWAPPED))
        async with asyncio.timeout(6):
            while not await database.fetch(WAITING):  # noqa: ASYNC110 only the database knows
                await asyncio.sleep(0.01)
    assert await late == "UPDATE 0"
    await asyncio.gather(one.close(), other.close())


WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


# -- a real one


@dataclass
class Elsewhere:
    """A PostgreSQL of its own, and the link by which the hub reaches one server or the other."""

    postgres: embedded.Server
    between: Between

    def over(self, url: str) -> str:
        """The same database by the link."""
        where = urlsplit(url)
        user = where.netloc.rpartition("@")[0]
        return urlunsplit(where._replace(netloc=f"{user}@127.0.0.1:{self.between.port}"))


@pytest.fixture
async def elsewhere(servers: Servers, data_dir: Path) -> AsyncIterator[Elsewhere]:
    folder = data_dir / "elsewhere"
    postgres = await asyncio.to_thread(embedded.start_postgres, folder, settings=QUICK)
    try:
        async with Between("127.0.0.1", servers.postgres.port).open() as between:
            yield Elsewhere(postgres, between)
    finally:
        await asyncio.to_thread(postgres.stop)
        embedded.remove(folder)


async def restored(elsewhere: Elsewhere, database_url: str, file: Path) -> str:
    """The database as it is now, under its name and password on the other server; its URL there."""
    await dump(database_url, file)
    where = urlsplit(database_url)
    name, own = where.path.lstrip("/"), urlsplit(elsewhere.postgres.url)
    admin = await asyncpg.connect(elsewhere.postgres.url)
    await admin.execute(f'CREATE DATABASE "{name}"')
    there = urlunsplit(own._replace(path=where.path))
    await restore(there, file)
    await admin.execute(f"ALTER ROLE hub PASSWORD '{where.password}'")
    await admin.close()
    return urlunsplit(where._replace(netloc=f"{where.netloc.rpartition('@')[0]}@127.0.0.1:{own.port}"))


async def book(hub: HubServer, token: str) -> dict[str, Any]:
    answer = await hub.client(token).post("/bookings", json=BOOKING)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.mark.slow
async def test_a_database_restored_on_another_server_takes_over_from_the_one_before(
    start_hub: StartHub, elsewhere: Elsewhere, database_url: str, data_dir: Path
) -> None:
    """The address of the database leads to another server all at once: a backup of this very database, an hour old."""
    hub = await start_hub(DATABASE_URL=elsewhere.over(database_url))
    host, guest = await asyncio.gather(hub.staff("host"), hub.register())
    kept = await book(hub, guest.token)
    there = await restored(elsewhere, database_url, data_dir / "hub.dump")
    lost = await book(hub, guest.token)
    async with await Watcher.connected(hub.live_url, host.token, *CHANNELS) as watcher:
        await converged([watcher], database_url, *CHANNELS)
        old = {channel: view.position for channel, view in watcher.held.items()}
        assert set(watcher.held[CHANNELS[2]].data["bookings"]) == {str(kept["id"]), str(lost["id"])}

        elsewhere.between.to = ("127.0.0.1", urlsplit(there).port or 0)
        elsewhere.between.cut()
        epoch = await told_anew([watcher], there, split(old["tables"])[0])
        assert list(watcher.held[CHANNELS[2]].data["bookings"]) == [str(kept["id"])]

        # The number is given anew, to another booking, and at a version that the old epoch had too.
        again = await book(hub, guest.token)
        assert (again["id"], split(again["position"])) == (lost["id"], (epoch, split(lost["position"])[1]))
        await converged([watcher], there, *CHANNELS)
        async with await Watcher.open(hub.live_url) as late:
            await late.ask("connect", token=host.token, since=old)
            await late.until(lambda: len(late.all("snapshot")) == len(CHANNELS))
            assert [m["recovered"] for m in late.all("subscribed")] == [False] * len(CHANNELS)
            await converged([late], there, *CHANNELS)
        assert len(watcher.all("resync")) == len(CHANNELS)
