"""The channel ``mine``: what is asked of the database for whom, and one whose bookings can't be read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from hub.domain.events import MAIN, floor_of
from hub.live import channels
from hub.store import bookings, database
from tests.integration.hub.views.test_cache_histories import rewrite
from tests.process import WITHIN, Client, Process, make_user


async def watching(process: Process, *users: int) -> list[Client]:
    clients = []
    for user_id in users:
        client = Client(role="user", user_id=user_id)
        process.broadcaster.subscribers.add(client)
        await process.broadcaster.subscribe(client, channels.MINE.channel().of_user(user_id), since=None, id=None)
        await client.until(lambda client=client: "snapshot" in client.ops())  # type: ignore[misc]
        clients.append(client)
    return clients


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[list[int]]:
    """The users of each comparison with the database."""
    found: asyncio.Queue[list[int]] = asyncio.Queue()
    fetch = database.fetch

    async def noting(query: str, *args: Any) -> list[Any]:
        if query == bookings.OWN_VERSIONS:
            found.put_nowait(sorted(args[0]))
        return await fetch(query, *args)

    monkeypatch.setattr(database, "fetch", noting)
    return found


async def test_change_asks_about_those_alone_whose_bookings_it_may_have_changed(
    process: Process, asked: asyncio.Queue[list[int]]
) -> None:
    users = [await make_user(name) for name in ("Ada", "Ben", "Cid")]
    ada, ben, cid = await watching(process, *users)
    await process.book(users[1])
    async with asyncio.timeout(WITHIN):
        process.broadcaster.hint(process.committed)
        assert await asked.get() == [users[1]]
        await ben.until(lambda: "update" in ben.ops())
        # A cancellation names nobody, but a booking that is shown to one of them.
        [event] = process.committed
        await database.fetch("UPDATE bookings SET revision = revision + 1")
        process.broadcaster.hint([replace(event, data={"block": 1, "entry": None})])  # which is nobody's booking
        process.broadcaster.hint([replace(event, data={"booking": event.data["booking"], "entry": None})])
        assert await asked.get() == [users[1]]
        await ben.until(lambda: ben.ops().count("update") == 2)
        # A table's new name may show to all who watch in its venue, and in no other.
        process.broadcaster.hint([replace(event, stream=floor_of(2), data={"table": 1, "entry": None})])
        process.broadcaster.hint([replace(event, stream=floor_of(MAIN), data={"table": 1, "entry": None})])
        assert await asked.get() == users
        # And a verification asks about everybody.
        process.verified(process.context.now())
        assert await asked.get() == users
    assert "update" not in [*ada.ops(), *cid.ops()]


async def test_one_whose_bookings_cannot_be_read_keeps_nobody_else_from_being_told(
    process: Process, database_url: str
) -> None:
    users = [await make_user(name) for name in ("Ada", "Ben")]
    ada, ben = await watching(process, *users)
    for user in users:
        await process.book(user)
    await rewrite(database_url, f"UPDATE bookings SET created_at = '-infinity' WHERE user_id = {users[0]}")
    process.verified(process.context.now())
    await ben.until(lambda: "update" in ben.ops())
    assert "update" not in ada.ops()
    [unread], [read] = (client.subscriptions.values() for client in (ada, ben))
    assert unread.state.verified_at < read.state.verified_at
    # Who asks for what can't be read is not given what was there before.
    with pytest.raises(ValueError, match="aware"):
        await unread.source.read(unread.channel, at_least=0)
    await rewrite(database_url, f"UPDATE bookings SET created_at = now() WHERE user_id = {users[0]}")
    process.verified(process.context.now())
    await ada.until(lambda: "update" in ada.ops())
