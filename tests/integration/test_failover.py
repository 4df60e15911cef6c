"""A standby takes over on the same address, without the last commit of the server that it followed.

What was lost is shown nowhere any more, and nobody who saw it may continue: the first commit on the new server is
already told under another epoch, and every process follows within its next look at the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from hub.process import embedded
from hub.store import migration
from tests.between import Between
from tests.conftest import StartHub, make_settings
from tests.integration.rest import day_after
from tests.servers import PATIENCE, QUICK, free_port
from tests.watching import Watcher, converged, split

DAY = day_after(43)
CHANNELS = ("tables", f"availability:{DAY}", f"floor:{DAY}", f"starts:{DAY}")


def at(url: str, port: int) -> str:
    """The same database and role on another port."""
    where = urlsplit(url)
    return urlunsplit(where._replace(netloc=f"{where.netloc.rpartition('@')[0]}@127.0.0.1:{port}"))


@dataclass
class Pair:
    """A primary, a standby, the link between them, and the address by which the hub reaches one or the other."""

    primary: embedded.Server
    standby_url: str
    replication: Between
    address: Between

    @property
    def url(self) -> str:
        return at(self.primary.url, self.address.port)


async def reachable(url: str) -> asyncpg.Connection:
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError):
                return await asyncpg.connect(url)
            await asyncio.sleep(0.05)


@pytest.fixture
async def pair(data_dir: Path, redis_url: str) -> AsyncIterator[Pair]:
    folder = data_dir / "primary"
    first = await asyncio.to_thread(embedded.start_postgres, folder, settings=QUICK)
    await migration.migrate(make_settings(first.url, redis_url, data_dir))
    first.stop(PATIENCE)  # its files are copied while nobody writes them
    home = (folder / "postgres").resolve()
    copy = home.with_name("standby")
    await asyncio.to_thread(subprocess.run, ["cp", "-a", str(home), str(copy)], check=True)
    primary = await asyncio.to_thread(embedded.start_postgres, folder, settings=QUICK)
    account, port, standby = embedded._account(), free_port(), None
    try:
        where = urlsplit(primary.url)
        async with (
            Between("127.0.0.1", primary.port).open() as replication,
            Between("127.0.0.1", primary.port).open() as address,
        ):
            source = f"host=127.0.0.1 port={replication.port} user={where.username} password={where.password}"
            (copy / "postmaster.pid").unlink(missing_ok=True)
            (copy / "standby.signal").touch()
            chosen = {**embedded.POSTGRES_SETTINGS, **QUICK, "port": str(port), "primary_conninfo": source}
            chosen["unix_socket_directories"] = ""
            options = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
            program = embedded._programs(home.parent, "postgres", account) / "bin" / "postgres"
            who = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            standby = subprocess.Popen(  # noqa: ASYNC220 it goes on beside us
                [str(program), "-D", str(copy), *options],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **who,  # type: ignore[call-overload]
            )  # fmt: skip
            url = at(primary.url, port)
            await (await reachable(url)).close()
            yield Pair(primary, url, replication, address)
    finally:
        if standby is not None:
            standby.kill()
            standby.wait()
        primary.kill()
        shutil.rmtree(copy, ignore_errors=True)
        embedded.remove(folder)


@pytest.mark.slow
async def test_a_commit_that_a_failover_lost_is_continued_by_nobody(start_hub: StartHub, pair: Pair) -> None:
    a, b = await asyncio.gather(start_hub(DATABASE_URL=pair.url), start_hub(DATABASE_URL=pair.url))
    host, guest = await asyncio.gather(a.staff("host"), a.register())
    kept = await guest.client.post("/bookings", json={"date": DAY, "time": "12:00"})
    assert kept.status_code == 201
    standby = await reachable(pair.standby_url)
    async with asyncio.timeout(PATIENCE):
        while not await standby.fetchval("SELECT EXISTS (SELECT FROM bookings)"):  # noqa: ASYNC110 another server's
            await asyncio.sleep(0.05)
    # From here on the standby hears nothing; what is committed now is lost.
    pair.replication.to = ("127.0.0.1", free_port())
    pair.replication.cut()
    lost = await guest.client.post("/bookings", json={"date": DAY, "time": "14:00"})
    assert lost.status_code == 201
    watchers = [await Watcher.connected(hub.live_url, host.token, *CHANNELS) for hub in (a, b)]
    await converged(watchers, pair.primary.url, *CHANNELS)
    old = {channel: view.position for channel, view in watchers[0].held.items()}

    pair.primary.kill()
    assert await standby.fetchval("SELECT pg_promote(true, 30)")
    await standby.close()
    pair.address.to = ("127.0.0.1", urlsplit(pair.standby_url).port or 0)
    pair.address.cut()
    async with asyncio.timeout(PATIENCE):
        while True:  # at once: before any process has looked at the server, where it is quick enough
            again = await guest.client.post("/bookings", json={"date": DAY, "time": "16:00"})
            if again.status_code == 201:
                break
            assert again.status_code == 503, again.text
    # The same version as the one that was lost, and not the same position.
    assert split(again.json()["position"])[1] == split(lost.json()["position"])[1]
    assert again.json()["position"] != lost.json()["position"]
    for watcher in watchers:
        await watcher.until(lambda w=watcher: len(w.all("resync", reason="epoch")) == len(CHANNELS), PATIENCE)  # type: ignore[misc]
    for hub in (a, b):
        async with await Watcher.open(hub.live_url) as late:
            await late.ask("connect", token=host.token, since=old)
            await late.until(lambda late=late: len(late.all("snapshot")) >= len(CHANNELS), PATIENCE)  # type: ignore[misc]
            assert [m["recovered"] for m in late.all("subscribed")] == [False] * len(CHANNELS)
    await converged(watchers, pair.standby_url, *CHANNELS)
    shown = watchers[0].held[CHANNELS[2]].data["bookings"].values()
    assert sorted(booking["start_at"][11:16] for booking in shown) == ["12:00", "16:00"]
    for watcher in watchers:
        await watcher.leave()
