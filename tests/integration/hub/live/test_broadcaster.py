"""What the broadcaster says to whom, with a real database: names that must be read first, freshness, roles."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from hub.commands import changes
from hub.commands.call import Call
from hub.domain.events import MAIN, stream_of
from hub.errors import Forbidden
from hub.live import channels
from hub.live.send_queue import Reply
from hub.security import Identity
from hub.store import database
from hub.views.checkpoints import load
from tests.process import AVAILABILITY, DAY, FLOOR, WITHIN, Client, Process, make_user, messages


def now() -> datetime:
    """To the millisecond, as it is told."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def verified_at(client: Client) -> datetime:
    """What was told last of how fresh it is."""
    return datetime.fromisoformat([m for m in client.said if m["op"] == "fresh"][-1]["verified_at"])


async def hold_names(database_url: str) -> tuple[asyncpg.Connection[Any], Any]:
    """Nobody can read who dines until the transaction that is returned has ended."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE guests IN ACCESS EXCLUSIVE MODE")
    return connection, transaction


async def names_are_wanted(connection: asyncpg.Connection[Any]) -> None:
    """Return when somebody waits for the names that ``connection`` holds."""
    async with asyncio.timeout(WITHIN):
        while not await connection.fetchval(WAITS):
            await asyncio.sleep(0.01)  # only the database knows
            await connection.execute("SELECT pg_stat_clear_snapshot()")


async def test_a_replaced_floor_says_nothing_to_its_watchers_until_the_names_are_read(
    process: Process, database_url: str
) -> None:
    ada = await make_user("Ada")
    await process.book(ada)
    watcher, other = await process.enter(FLOOR), await process.enter(AVAILABILITY)
    cached = await process.views.get(stream_of(MAIN, DAY))
    begin = len(watcher.said)

    connection, transaction = await hold_names(database_url)
    process.broadcaster.replaced(cached, "epoch")  # which forgets every name
    await other.until(lambda: "resync" in other.ops())
    at = now()
    process.verified(at)
    await other.until(lambda: other.ops()[-1] == "fresh")
    assert other.ops()[-3:] == ["resync", "snapshot", "fresh"] and verified_at(other) == at
    # Told what was true before: anything newer would make the old floor current.
    assert watcher.lagging and watcher.said[begin:] == [watcher.said[begin - 1]]
    begin = len(watcher.said)

    await transaction.rollback()
    await watcher.until(lambda: "fresh" in watcher.ops(begin))
    assert watcher.ops(begin) == ["resync", "snapshot", "fresh"] and watcher.said[begin]["reason"] == "epoch"
    assert verified_at(watcher) == at
    [booking] = watcher.said[begin + 1]["data"]["bookings"].values()
    assert booking["guest_name"] == "Ada"
    await connection.close()


async def test_a_slow_watcher_is_told_anew_when_the_names_are_read(process: Process, database_url: str) -> None:
    await process.book(await make_user("Ada"))
    watcher = await process.enter(FLOOR)
    begin, [subscription] = len(watcher.said), watcher.subscriptions.values()
    process.broadcaster.suspend(watcher)
    connection, transaction = await hold_names(database_url)
    subscription.source.forget()
    watcher.lagging.discard(subscription)
    process.broadcaster.resync(watcher, subscription, "slow")
    assert watcher.lagging == {subscription} and watcher.ops(begin) == []
    await transaction.rollback()
    await watcher.until(lambda: watcher.ops(begin) == ["resync", "snapshot", "fresh"])
    assert watcher.said[begin]["reason"] == "slow" and not watcher.lagging
    await connection.close()


async def test_one_reading_at_a_time_tells_all_who_are_behind(process: Process, database_url: str) -> None:
    await process.book(await make_user("Ada"))
    slow, other = await process.enter(FLOOR), await process.enter(FLOOR)
    [subscription] = slow.subscriptions.values()
    connection, transaction = await hold_names(database_url)
    begin, before = (len(slow.said), len(other.said)), set(process.broadcaster._tasks)
    process.broadcaster.replaced(await process.views.get(stream_of(MAIN, DAY)), "epoch")  # which forgets every name
    for _ in range(20):  # each look at the queue of a slow session takes a channel out, and puts it back
        slow.lagging.discard(subscription)
        process.broadcaster.resync(slow, subscription, "slow")
    [reading] = process.broadcaster._tasks - before
    await transaction.rollback()
    await reading
    await slow.until(lambda: slow.ops(begin[0]) == ["resync", "snapshot", "fresh"])
    await other.until(lambda: other.ops(begin[1]) == ["resync", "snapshot", "fresh"])
    assert not subscription.behind and not slow.lagging and not other.lagging
    await connection.close()


async def test_a_watcher_who_leaves_while_names_are_read_is_told_nothing(process: Process, database_url: str) -> None:
    await process.book(await make_user("Ada"))
    watcher, other = await process.enter(FLOOR), await process.enter(FLOOR)
    begin = len(watcher.said)
    connection, transaction = await hold_names(database_url)
    process.broadcaster.replaced(await process.views.get(stream_of(MAIN, DAY)), "epoch")
    process.broadcaster.leave(watcher)
    await transaction.rollback()
    await other.until(lambda: other.ops()[-3:] == ["resync", "snapshot", "fresh"])
    assert watcher.ops(begin) == [] and not watcher.subscriptions
    await connection.close()


async def test_how_fresh_it_is_comes_after_what_was_not_told_yet(process: Process) -> None:
    ada = await make_user("Ada")
    watcher = await process.enter(AVAILABILITY)
    await process.book(ada)
    process.receive()
    await watcher.until(lambda: "update" in watcher.ops())  # after which it is due
    begin = len(watcher.said)
    await process.book(ada, 14)
    process.receive()
    process.verified(datetime.now(UTC))
    await watcher.until(lambda: "fresh" in watcher.ops(begin))
    assert watcher.ops(begin) == ["update", "fresh"]


async def test_those_who_wait_for_a_name_are_told_what_was_true_before(process: Process, database_url: str) -> None:
    ada = await make_user("Ada")
    host, guest = await process.enter(FLOOR), await process.enter(AVAILABILITY)
    eve = await make_user("Eve")
    await process.book(ada)
    process.receive()
    await host.until(lambda: "update" in host.ops())
    await guest.until(lambda: "update" in guest.ops())
    begin = len(host.said)
    await process.book(eve, 14)
    connection, transaction = await hold_names(database_url)
    process.receive()
    at = now()
    process.verified(at)
    await guest.until(lambda: guest.ops()[-1] == "fresh")
    assert guest.ops()[-2:] == ["update", "fresh"] and verified_at(guest) == at
    assert host.ops(begin) == ["fresh"] and verified_at(host) < at  # what was true before she came
    begin = len(host.said)

    await transaction.rollback()
    await host.until(lambda: host.ops(begin) == ["update"])
    [booking] = host.said[-1]["data"]["bookings"].values()
    assert booking["guest_name"] == "Eve"
    later = now()
    process.verified(later)  # due, though the last one is a moment old
    await host.until(lambda: host.ops(begin) == ["update", "fresh"])
    assert verified_at(host) == later
    await connection.close()


async def test_a_role_that_is_lost_while_the_floor_is_read_refuses_it(process: Process, database_url: str) -> None:
    await process.book(await make_user("Ada"))
    client = await process.enter()
    connection, transaction = await hold_names(database_url)
    asked = asyncio.ensure_future(process.subscribe(client, FLOOR))
    await names_are_wanted(connection)
    client.role = "user"
    await transaction.rollback()
    with pytest.raises(Forbidden):
        await asked
    assert not client.subscriptions and client.said == []
    await connection.close()


async def test_a_client_who_leaves_while_the_floor_is_read_is_not_kept(process: Process, database_url: str) -> None:
    await process.book(await make_user("Ada"))
    client = await process.enter()
    connection, transaction = await hold_names(database_url)
    asked = asyncio.ensure_future(process.subscribe(client, FLOOR))
    await names_are_wanted(connection)
    process.broadcaster.leave(client)
    await transaction.rollback()
    await asked
    assert not client.subscriptions and client.said == []
    assert (await process.views.get(stream_of(MAIN, DAY))).watchers == 0
    await connection.close()


async def test_one_session_that_fails_silences_nobody(process: Process) -> None:
    ada = await make_user("Ada")
    broken, watcher = await process.enter(AVAILABILITY), await process.enter(AVAILABILITY)
    broken.fault = RuntimeError
    await process.book(ada)
    process.receive()
    await watcher.until(lambda: "update" in watcher.ops())
    assert broken.ended == "internal" and watcher.ended is None


WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_what_is_pending_for_a_session_in_one_tick_is_one_write(process: Process) -> None:
    ada = await make_user("Ada")
    both, one = await process.enter(AVAILABILITY, FLOOR), await process.enter(AVAILABILITY)
    await process.book(ada)
    process.receive()
    await both.until(lambda: both.ops().count("update") == 2)  # the floor's once her name was read
    begin = len(both.writes), len(one.writes)
    [row] = await database.fetch("SELECT id FROM bookings")
    await changes.cancel(process.writer, Call(Identity(ada, "user", 0, 0.0)), row["id"])
    process.receive()  # nothing is to be read for it
    process.broadcaster.writer.send(one, {"op": "pong", "id": 1})
    await one.until(lambda: one.ops().count("update") == 2)
    await both.until(lambda: both.ops().count("update") == 4)
    told = [message["op"] for message in both.writes[begin[0]]]
    assert (told, len(both.writes)) == (["update", "update"], begin[0] + 1)
    told = [message["op"] for message in one.writes[begin[1]]]
    assert (told, len(one.writes)) == (["pong", "update"], begin[1] + 1)


async def test_full_session_keeps_what_is_pending_for_it_and_the_others_are_told(process: Process) -> None:
    ada = await make_user("Ada")
    full, other = await process.enter(AVAILABILITY), await process.enter(AVAILABILITY)
    begin = len(full.said)
    process.broadcaster.writer.full.add(full)
    process.broadcaster.writer.send(full, {"op": "pong", "id": 1})
    await process.book(ada)
    process.receive()
    await other.until(lambda: other.ops()[-1] == "update")
    await full.until(lambda: full.kept)
    answer, update = full.kept
    assert isinstance(answer, Reply) and not isinstance(update, Reply)  # which of them may be thrown away
    assert full.ops(begin) == []

    process.broadcaster.writer.full.discard(full)
    process.broadcaster.writer.send(full, {"op": "pong", "id": 2})
    await full.until(lambda: full.ops(begin) == ["pong"])


async def test_what_is_taken_is_not_written_again(process: Process) -> None:
    client = await process.enter(AVAILABILITY)
    begin = len(client.said)
    for number in range(3):
        process.broadcaster.writer.send(client, {"op": "pong", "id": number})
    assert [message["id"] for frame in process.broadcaster.writer.take(client) for message in messages(frame)] == [
        0,
        1,
        2,
    ]
    assert process.broadcaster.writer.take(client) == []
    process.broadcaster.writer.send(client, {"op": "pong", "id": 3})
    await client.until(lambda: client.ops(begin) == ["pong"])
    assert client.said[-1]["id"] == 3


async def test_a_subscription_tells_an_older_update_before_how_fresh_it_is(process: Process) -> None:
    ada = await make_user("Ada")
    watcher = await process.enter(AVAILABILITY)
    begin = len(watcher.said)
    # In a burst: the next update waits for what else comes.
    channel = channels.parse(AVAILABILITY)
    assert channel is not None
    process.broadcaster._merging._used_until[channel.stream] = asyncio.get_running_loop().time() + 1000
    await process.book(ada)
    process.receive()
    await process.views.verify()  # of what is not told yet
    await process.subscribe(watcher, "tables")
    await watcher.until(lambda: "fresh" in watcher.ops(begin))
    assert watcher.ops(begin) == ["subscribed", "snapshot", "update", "fresh"]


async def test_a_session_that_cannot_even_be_ended_silences_nobody(process: Process) -> None:
    ada = await make_user("Ada")
    broken, watcher = await process.enter(AVAILABILITY), await process.enter(AVAILABILITY)
    broken.fault, broken.fault_of_end = RuntimeError, RuntimeError
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # it would be logged
    for hour in (12, 14):
        await process.book(ada, hour)
        process.receive()
        await watcher.until(lambda: watcher.ops().count("update") == hour // 2 - 5)  # noqa: B023


async def test_frames_that_tell_no_change_do_not_count_for_the_next_window(process: Process) -> None:
    watcher = await process.enter(AVAILABILITY)
    process.broadcaster.writer.took = 0.02
    process.verified(datetime.now(UTC))
    process.broadcaster.fresh.send()
    await watcher.until(lambda: watcher.ops().count("fresh") == 2)
    assert process.broadcaster.writer.took == 0.02


@pytest.mark.parametrize("how", ["loaded", "loaded anew"])
async def test_a_view_is_not_vouched_for_by_a_look_that_began_after_it_was_read(
    process: Process, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Nobody tells of a change that is committed between: with Redis away only the next look finds it."""
    ada = await make_user("Ada")
    read, go_on, wait = asyncio.Event(), asyncio.Event(), how == "loaded"

    async def slowly(checkpoints: Any, *how: Any) -> Any:
        loaded = await load(checkpoints, *how)
        if wait and checkpoints is process.views._reader._checkpoints:  # not for who books
            read.set()
            await go_on.wait()
        return loaded

    monkeypatch.setattr("hub.views.reader.load", slowly)
    if how == "loaded anew":
        watcher = await process.enter(AVAILABILITY)
        cached, wait = await process.views.get(stream_of(MAIN, DAY)), True
        process.views._updater._mark_inconsistent(cached)
        await read.wait()
        await process.book(ada)
        # A look would wait for it; one that was made meanwhile compared what was held before.
        process.broadcaster.verified(now())
    else:
        entering = asyncio.ensure_future(process.enter(AVAILABILITY))
        await read.wait()
        await process.book(ada)
        await process.views.verify()
    go_on.set()
    if how == "loaded":
        watcher = await entering
    await process.subscribe(watcher, "tables")  # after which it is said how fresh all of it is
    process.broadcaster.fresh.send()
    await asyncio.sleep(0)
    committed = process.committed[-1].at

    def told() -> list[datetime]:
        times = [message["verified_at"] for message in watcher.said if message["op"] == "fresh"]
        return [datetime.fromisoformat(at) for at in times if at]

    assert "update" not in watcher.ops() and all(at < committed for at in told())
    await process.views.verify()
    await watcher.until(lambda: "update" in watcher.ops())
    process.broadcaster.fresh.send()
    await watcher.until(lambda: max(told(), default=committed) > committed)
