"""A restore to a point in time as docs/operations.md tells it: base and archived WAL, in the manual's own words."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from hub.process import embedded
from hub.store import migration
from tests.conftest import StartHub, make_settings
from tests.integration.rest import day_after
from tests.servers import CHECKOUT, PATIENCE, QUICK
from tests.watching import Watcher, converged

DAY = day_after(44)
CHANNELS = ("tables", f"availability:{DAY}", f"floor:{DAY}")
MANUAL = (CHECKOUT / "docs/operations.md").read_text().split("## Replicas and failover\n")[1].split("\n## ")[0]
pytestmark = pytest.mark.slow


def told(name: str, backup: Path) -> str:
    """The value of a setting of PostgreSQL as the manual tells it, for a backup in this folder."""
    [value] = re.findall(rf"^{name} = '?(.*?)'?$", MANUAL, flags=re.MULTILINE)
    return str(value).replace("/backup", str(backup))


def give(path: Path) -> None:
    """Let the account of the server have a folder."""
    account = embedded._account()
    for each in (path, *path.rglob("*")):
        if account is not None:
            shutil.chown(each, account.pw_uid, account.pw_gid)


@pytest.fixture
def home(data_dir: Path) -> Iterator[Path]:
    """The folder of the files of a cluster that has not been started yet; the backup lies beside it."""
    folder = data_dir / "archived"
    embedded.start_postgres(folder, settings=QUICK).stop(PATIENCE)
    home = (folder / "postgres").resolve()
    wal = home.with_name("backup") / "wal"
    wal.mkdir(parents=True)
    give(wal.parent)
    yield home
    shutil.rmtree(wal.parent)
    embedded.remove(folder)


async def test_what_came_after_the_point_in_time_is_shown_to_nobody(
    start_hub: StartHub, home: Path, data_dir: Path, redis_url: str
) -> None:
    folder, backup = data_dir / "archived", home.with_name("backup")
    archive = {name: told(name, backup) for name in ("archive_mode", "archive_command")}
    server = await asyncio.to_thread(embedded.start_postgres, folder, settings=QUICK | archive)
    try:
        await migration.migrate(make_settings(server.url, redis_url, data_dir))
        hub = await start_hub(DATABASE_URL=server.url)
        host, guest = await asyncio.gather(hub.staff("host"), hub.register())

        async def book(time: str) -> None:
            made = await guest.client.post("/bookings", json={"date": DAY, "time": time})
            assert made.status_code == 201, made.text

        await book("12:00")
        [base] = re.findall(r"`pg_basebackup (--pgdata) /backup/base (.*?)`", MANUAL)
        program = embedded._programs(home.parent, "postgres", embedded._account()) / "bin" / "pg_basebackup"
        command = [str(program), base[0], str(backup / "base"), *base[1].split(), "--dbname", server.url]
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
        await book("14:00")
        sql = await asyncpg.connect(server.url)
        point = await sql.fetchval("SELECT clock_timestamp()::text")
        await book("16:00")
        watcher = await Watcher.connected(hub.live_url, host.token, *CHANNELS)
        await converged([watcher], server.url, *CHANNELS)
        old = {channel: view.position for channel, view in watcher.held.items()}
        last = await sql.fetchval("SELECT pg_walfile_name(pg_switch_wal())")
        async with asyncio.timeout(PATIENCE):
            while not (backup / "wal" / last).exists():  # noqa: ASYNC110 the server's archiver makes it
                await asyncio.sleep(0.05)
        await sql.close()
        await watcher.leave()
        await hub.stop()
    finally:
        await asyncio.to_thread(server.stop, PATIENCE)

    shutil.rmtree(home)
    shutil.copytree(backup / "base", home)
    with (home / "postgresql.conf").open("a") as conf:
        conf.write(f"restore_command = '{told('restore_command', backup)}'\nrecovery_target_time = '{point}'\n")
        conf.write(f"recovery_target_action = '{told('recovery_target_action', backup)}'\n")
    (home / "recovery.signal").touch()
    give(home)
    server = await asyncio.to_thread(embedded.start_postgres, folder, settings=QUICK)
    try:
        hub = await start_hub(DATABASE_URL=server.url)
        async with await Watcher.open(hub.live_url) as late:
            await late.ask("connect", token=host.token, since=old)
            await late.until(lambda: len(late.all("snapshot")) == len(CHANNELS), PATIENCE)
            assert [each["recovered"] for each in late.all("subscribed")] == [False] * len(CHANNELS)
            await converged([late], server.url, *CHANNELS)
            shown = late.held[CHANNELS[2]].data["bookings"].values()
            assert sorted(booking["start_at"][11:16] for booking in shown) == ["12:00", "14:00"]
        again = await hub.client(guest.token).post("/bookings", json={"date": DAY, "time": "16:00"})
        assert again.status_code == 201, again.text
        assert again.json()["position"] != old[CHANNELS[2]]
    finally:
        await hub.stop()
        await asyncio.to_thread(server.stop, PATIENCE)
