"""The channel `mine`: one's own bookings, whoever changes them, on every process."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hub.process import embedded
from tests.conftest import StartHub, two_hubs
from tests.integration.live.conftest import Pair, book, cancel, change
from tests.servers import PATIENCE, Account, HubServer
from tests.watching import Watcher


async def mine(account: Account) -> dict[str, Any]:
    """What GET /bookings/my says, as the channel shows it."""
    items = (await account.client.get("/bookings/my")).json()["items"]
    shown = (
        "start_at", "end_at", "created_at", "guests", "status", "revision", "service_date", "table", "tables",
        "pinned", "reference", "note", "occasion", "needs",
    )  # fmt: skip
    return {str(item["id"]): {name: item[name] for name in shown} for item in items}


async def shown(watcher: Watcher, account: Account) -> None:
    expected = await mine(account)
    await watcher.until(lambda: watcher.held["mine"].data["bookings"] == expected)


async def test_own_bookings_follow_whoever_changes_them_on_both_processes(
    hubs: Pair, guest: Account, day: date
) -> None:
    other = await hubs.a.register()
    first = await book(guest.client, day)
    async with (
        await Watcher.connected(hubs.a.live_url, guest.token, "mine") as on_a,
        await Watcher.connected(hubs.b.live_url, guest.token, "mine") as on_b,
        await Watcher.connected(hubs.a.live_url, other.token, "mine") as others,
    ):
        both = (on_a, on_b)
        assert list(on_a.held["mine"].data["bookings"]) == [str(first["id"])]
        assert others.held["mine"].data == {"bookings": {}}  # the same name, and another's
        second = await book(guest.client, day, "20:00")
        await change(guest.client, first, time="14:00")
        await change(guest.client, first, note="Nuts", occasion="birthday", needs=["quiet"])
        for watcher in both:
            await shown(watcher, guest)
        await cancel(hubs.b.client(hubs.host), second)  # by the staff, through the other process
        for watcher in both:
            await watcher.until(lambda w=watcher: str(second["id"]) not in w.held["mine"].data["bookings"])
            await shown(watcher, guest)
            assert watcher.faults == []
        assert on_a.held["mine"].position == on_b.held["mine"].position
        assert others.all("update") == []
        # It resumes where nothing changed, on the other process too.
        async with await Watcher.open(hubs.b.live_url) as again:
            again.held = dict(on_a.held)
            await again.say("connect", token=guest.token, since={"mine": on_a.held["mine"].position})
            [answer] = await again.until(lambda: again.all("subscribed"))
            assert answer["recovered"] and answer["position"] == on_a.held["mine"].position
        await on_a.verified(len(on_a.said) - 1)


async def test_change_that_was_never_published_is_found(hubs: Pair, guest: Account, day: date) -> None:
    booking = await book(guest.client, day)
    async with await Watcher.connected(hubs.a.live_url, guest.token, "mine") as watcher:
        connection = await asyncpg.connect(hubs.database_url)
        await connection.execute("UPDATE bookings SET guests = 1, revision = revision + 1 WHERE id = $1", booking["id"])
        await connection.close()
        await watcher.until(lambda: watcher.held["mine"].data["bookings"][str(booking["id"])]["guests"] == 1)


@pytest.mark.slow
async def test_own_bookings_follow_on_both_processes_while_redis_is_away(
    start_hub: StartHub, data_dir: Path, day: date
) -> None:
    """Nothing is told from process to process: what one of them changes the other finds when it verifies."""
    valkey = embedded.start_valkey(data_dir / "valkey", settings={"appendonly": "no"})
    try:
        one, other = await two_hubs(start_hub, REDIS_URL=valkey.url)
        guest = await one.register()
        host = await other.staff("host")
        async with (
            await Watcher.connected(one.live_url, guest.token, "mine") as on_one,
            await Watcher.connected(other.live_url, guest.token, "mine") as on_other,
        ):
            valkey.kill()
            for hub in (one, other):
                await until_logged(hub, "events from Redis do not arrive")
            first = await book(guest.client, day)
            second = await book(guest.client, day, "20:00")
            for watcher in (on_one, on_other):
                await shown(watcher, guest)
            await cancel(host.client, second)
            await change(host.client, first, guests=1)
            for watcher in (on_one, on_other):
                await shown(watcher, guest)
                assert list(watcher.held["mine"].data["bookings"]) == [str(first["id"])]
                await watcher.verified(len(watcher.said) - 1)
                assert watcher.faults == []
            assert on_one.held["mine"].position == on_other.held["mine"].position
    finally:
        valkey.kill()


async def until_logged(hub: HubServer, text: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while text not in hub.output:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)


async def test_visitor_has_no_bookings(hubs: Pair) -> None:
    async with await Watcher.open(hubs.a.live_url) as watcher:
        await watcher.say("connect", since={"mine": None})
        [error] = await watcher.until(lambda: watcher.all("error"))
        assert (error["code"], error["channel"]) == ("forbidden", "mine")
