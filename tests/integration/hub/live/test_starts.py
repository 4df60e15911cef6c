"""The starts of a day: who is told what when a day, the tables or the rules change, and what that costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from hub.commands import bookings, floor
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.domain import starts
from hub.domain.events import MAIN, TABLES, database_epoch, parse_position, position_text, stream_of
from hub.errors import Unavailable
from hub.live import channels
from hub.security import Identity
from hub.store import database, epochs
from hub.views.quarantine import Unreadable
from tests.process import AVAILABILITY, DAY, Client, Process, make_user

STARTS, STREAM = f"starts:{DAY}", stream_of(MAIN, DAY)


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often something was worked out of which starts are free."""
    counts: Counter[str] = Counter()

    def counted(name: str) -> None:
        made = getattr(starts, name)

        def count(*given: Any) -> Any:
            counts[name] += 1
            return made(*given)

        monkeypatch.setattr(starts, name, count)

    counted("offer")
    counted("free")
    return counts


async def visitor(process: Process, *names: str) -> Client:
    return await process.enter(*names, role="")


def told(client: Client, begin: int) -> list[dict[str, Any]]:
    """What was said of the starts, and nothing else."""
    return [each for each in client.said[begin:] if each.get("channel") == STARTS]


def held(client: Client) -> str:
    """The position of the last frame."""
    return str(next(each["position"] for each in reversed(client.said) if "position" in each))


async def admin() -> Identity:
    """An account that may change the tables: made once."""
    known = await database.fetch("SELECT id FROM users WHERE full_name = 'Admin'")
    return Identity(known[0]["id"] if known else await make_user("Admin"), "admin", 0, 0.0)


async def add_table(process: Process, seats: int = 20) -> int:
    by = await admin()
    process.committed.clear()
    made = await floor.add_table(process.writer, Call(by), name="Large", seats=seats)
    process.receive()
    return made.item.id


async def resume(process: Process, since: str, name: str = STARTS) -> Client:
    client = await process.enter(role="")
    channel = channels.parse(name)
    assert channel is not None
    await process.broadcaster.subscribe(client, channel, since=since, id=7)
    await client.until(lambda: client.said)
    return client


async def test_a_visitor_is_told_the_starts_that_a_booking_changes_and_no_other(process: Process) -> None:
    client = await visitor(process, STARTS)
    snapshot = next(each for each in client.said if each["op"] == "snapshot")["data"]["starts"]
    assert (len(snapshot), {each["state"] for each in snapshot.values()}) == (33, {"free"})
    assert snapshot["18:00"]["guests"] == [1, 2, 3, 4, 5, 6]
    begin, ada = len(client.said), await make_user("Ada")
    for _ in range(3):  # the three tables for six
        await book_for_six(process, ada, time(15))
        process.receive()
        await client.until(lambda: client.said[begin:])
    await client.until(lambda: parse_position(held(client))[1] == 3)  # type: ignore[index]
    frames = told(client, begin)
    assert [each["op"] for each in frames] == ["update"] * 3
    assert frames[0]["data"] == frames[1]["data"] == {}
    changed = frames[2]["data"]["starts"]
    assert list(changed) == [
        *("13:15", "13:30", "13:45", "14:00", "14:15", "14:30", "14:45", "15:00"),
        *("15:15", "15:30", "15:45", "16:00", "16:15", "16:30", "16:45"),
    ]
    assert {tuple(each["guests"]) for each in changed.values()} == {(1, 2, 3)}


async def book_for_six(process: Process, user: int, at: time) -> None:
    """At one of the three tables that seat six."""
    await bookings.book(process.writer, Call(Identity(user, "user", 0, 0.0)), BookingRequest(DAY, at, 6))


async def test_nothing_is_worked_out_for_a_day_that_nobody_watches_the_starts_of(
    process: Process, worked_out: Counter[str]
) -> None:
    others, ada = await process.enter(AVAILABILITY, f"starts:{DAY + timedelta(days=3)}"), await make_user("Ada")
    worked_out.clear()
    for hour in (12, 15):
        begin = len(others.said)
        await process.book(ada, hour)
        process.receive()
        await others.until(lambda n=begin: "update" in others.ops(n))  # type: ignore[misc]
    assert not worked_out


async def test_what_is_free_is_worked_out_once_a_version_for_all(process: Process, worked_out: Counter[str]) -> None:
    first, second = await visitor(process, STARTS), await visitor(process, STARTS)
    assert worked_out == {"offer": 1, "free": 1}
    begin = len(first.said)
    await process.book(await make_user("Ada"))
    process.receive()
    for client in (first, second):
        await client.until(lambda c=client: "update" in c.ops())  # type: ignore[misc]
    await visitor(process, STARTS)
    channel = channels.parse(STARTS)
    assert channel is not None
    _, snapshot = await process.broadcaster.reader.read(channel)
    assert snapshot() and told(first, begin) == told(second, begin)
    assert worked_out == {"offer": 1, "free": 2}


async def test_another_table_is_another_epoch_for_those_who_watch_the_starts_alone(process: Process) -> None:
    client, other = await visitor(process, STARTS), await process.enter(AVAILABILITY)
    before, marks = held(client), (len(client.said), len(other.said))
    table = await add_table(process)
    await client.until(lambda: "snapshot" in client.ops(marks[0]))
    resync, snapshot = told(client, marks[0])
    assert (resync["op"], resync["reason"]) == ("resync", "rules")
    assert snapshot["data"]["starts"]["18:00"]["guests"] == list(range(1, 21))
    old, new = parse_position(before), parse_position(snapshot["position"])
    assert old is not None and new is not None
    assert old[0] != new[0] and database_epoch(old[0]) == database_epoch(new[0]) and old[1] == new[1]
    assert other.ops(marks[1]) == []

    # Who held what was before is told the whole; who comes with it is current; and so is what was, once it is again.
    late, current = await resume(process, before), await resume(process, snapshot["position"])
    assert late.said[0]["recovered"] is False and late.said[1]["op"] == "snapshot"
    assert current.said[0]["recovered"] is True and current.said[0]["position"] == snapshot["position"]
    process.committed.clear()
    await floor.remove_table(process.writer, Call(await admin()), table)
    process.receive()
    await client.until(lambda: client.ops(marks[0]).count("snapshot") == 2)
    assert held(client) == before


async def test_what_is_cut_off_is_told_before_anything_newer(process: Process) -> None:
    """How fresh it is, and a snapshot at the new position for one who comes: before the others' turn had come."""
    client = await visitor(process, STARTS)
    begin = len(client.said)
    await add_table(process)
    process.broadcaster.fresh.send()
    await client.until(lambda: "fresh" in client.ops(begin))
    assert [op for op in client.ops(begin) if op != "fresh"] == ["resync", "snapshot"]
    assert client.ops(begin)[0] == "resync"

    for other in (STARTS, "venue"):
        begin = len(client.said)
        await change_seats(process, 4 if other == STARTS else 5)
        late = await process.enter(role="")
        await process.subscribe(late, other)  # waits for nothing: all is in memory
        await process.subscribe(client, other)
        await client.until(lambda n=begin: "fresh" in client.ops(n))  # type: ignore[misc]
        assert [each["op"] for each in told(client, begin)][:2] == ["resync", "snapshot"]
        assert client.ops(begin).index("resync") < client.ops(begin).index("fresh")
        await late.until(lambda c=late: "snapshot" in c.ops())  # type: ignore[misc]
        assert other != STARTS or late.said[0]["position"] == held(client) == held(late)


async def change_seats(process: Process, seats: int) -> None:
    """Of a table; this process hears of it."""
    process.committed.clear()
    await floor.change_table(process.writer, Call(await admin()), 1, seats=seats)
    process.receive()


async def test_tables_that_were_loaded_anew_are_told_where_they_are_others(process: Process) -> None:
    client = await visitor(process, STARTS)
    begin = len(client.said)
    await process.views.reload(TABLES)
    await floor.add_table(process.writer, Call(await admin()), name="Large", seats=20)  # of which it hears nothing
    await process.views.reload(TABLES)
    await client.until(lambda: "snapshot" in client.ops(begin))
    assert [each.get("reason") for each in told(client, begin)] == ["rules", None]


async def test_a_table_that_is_moved_or_renamed_is_no_change_of_the_starts(
    process: Process, worked_out: Counter[str]
) -> None:
    client = await visitor(process, STARTS)
    staff = await process.enter("tables")
    begin, by = (len(client.said), len(staff.said)), await admin()
    process.committed.clear()
    await floor.change_table(process.writer, Call(by), 1, name="Window", place=None)
    process.receive()
    await staff.until(lambda: "update" in staff.ops(begin[1]))
    assert told(client, begin[0]) == []
    channel = channels.parse(STARTS)
    assert channel is not None
    _, snapshot = await process.broadcaster.reader.read(channel)
    assert snapshot() and worked_out == {"offer": 2, "free": 1}


async def test_what_was_missed_is_told_within_the_history_also_by_a_process_that_was_not_there(
    process: Process,
) -> None:
    client, ada = await visitor(process, STARTS), await make_user("Ada")
    since = held(client)
    for hour in (12, 15):
        await process.book(ada, hour)
    process.receive()
    await client.until(lambda: parse_position(held(client))[1] == 2)  # type: ignore[index]
    position = held(client)
    for forgets in (False, True):
        if forgets:
            process.broadcaster.leave(client)
            process.views._updater.cached.clear()
        late = await resume(process, since)
        await late.until(lambda c=late: "update" in c.ops())  # type: ignore[misc]
        assert (late.said[0]["recovered"], late.said[0]["position"]) == (True, position)
        assert (late.said[1]["previous"], late.said[1]["position"]) == (since, position)
        process.broadcaster.leave(late)


async def test_what_another_process_has_seen_of_the_tables_is_looked_for(process: Process) -> None:
    """It gave a position of another epoch: this process has not heard of the table yet."""
    client = await visitor(process, STARTS)
    before = held(client)
    await floor.add_table(process.writer, Call(await admin()), name="Large", seats=20)  # it hears of nothing
    channel, elsewhere = channels.parse(STARTS), before.replace(before[9:21], "0" * 12)
    assert channel is not None
    late = await resume(process, elsewhere)
    assert late.said[0]["recovered"] is False
    assert late.said[1]["data"]["starts"]["18:00"]["guests"] == list(range(1, 21))
    await client.until(lambda: "resync" in client.ops())
    await floor.change_table(process.writer, Call(await admin()), 1, seats=4)
    position, _ = await process.broadcaster.reader.read(channel, after=parse_position(elsewhere))
    assert position.partition(":")[0] not in (before[:21], late.said[0]["position"][:21])


@pytest.mark.parametrize("since", ["{plain}", "{other}", "{ahead}", "nonsense"])
async def test_a_position_that_is_none_of_its_own_gives_a_snapshot(process: Process, since: str) -> None:
    own = held(await visitor(process, STARTS))
    epoch, version = own.split(":")
    given = since.format(plain=f"{epoch[:8]}:{version}", other=f"aaaaaaaa{epoch[8:]}:{version}", ahead=f"{epoch}:9")
    late = await resume(process, given)
    assert (late.said[0]["recovered"], late.said[0]["position"]) == (False, own)
    assert late.said[1]["op"] == "snapshot"
    channel = channels.parse(AVAILABILITY)
    assert channel is not None
    late.role = "user"
    await process.broadcaster.subscribe(late, channel, since=own, id=8)  # nor is its position another channel's
    await late.until(lambda: late.ops().count("snapshot") == 2)
    assert [each["recovered"] for each in late.said if each["op"] == "subscribed"] == [False, False]


async def test_other_rules_are_told_with_the_next_verification(process: Process) -> None:
    client, other = await visitor(process, STARTS), await process.enter(AVAILABILITY)
    begin = len(client.said), len(other.said)
    rules = replace(process.context.settings.rules, closes=timedelta(hours=20))
    process.context.settings = replace(process.context.settings, rules=rules)
    process.context.learn(())
    process.verified(process.context.now())
    await client.until(lambda: "snapshot" in client.ops(begin[0]))
    resync, snapshot = told(client, begin[0])
    assert resync["reason"] == "rules" and list(snapshot["data"]["starts"])[-1] == "18:00"
    assert set(other.ops(begin[1])) <= {"fresh"}


async def test_a_booking_that_reaches_over_the_days_end_is_told_of_both_days(process: Process) -> None:
    tomorrow = DAY + timedelta(days=1)
    around = replace(process.context.settings.rules, opens=timedelta(0), closes=timedelta(hours=24))
    for context in (process.context, process.writer.shared):
        context.settings = replace(context.settings, rules=around)
        context.learn(())
    client = await visitor(process, f"starts:{tomorrow}")
    begin, ada = len(client.said), await make_user("Ada")
    for _ in range(3):
        await book_for_six(process, ada, time(23))
    process.receive()
    await client.until(lambda: "snapshot" in client.ops(begin))
    assert client.said[begin]["reason"] == "rules"
    shown = client.said[begin + 1]["data"]["starts"]
    assert (shown["00:45"]["guests"], shown["01:00"]["guests"]) == ([1, 2, 3], [1, 2, 3, 4, 5, 6])

    # Only what reaches over is of it.
    begin, before = len(client.said), held(client)
    await process.book(ada, 12)
    process.receive()
    assert held(await resume(process, before, f"starts:{tomorrow}")) == before
    assert client.ops(begin) == []


async def test_days_that_bookings_may_reach_into_from_now_on_are_read(process: Process) -> None:
    """As where other hours leave bookings over a day's end: what was held of one day alone is not enough."""
    client = await visitor(process, STARTS)
    begin = len(client.said)
    process.context.main.reaches_over = True
    await process.book(await make_user("Ada"))
    process.receive()
    await client.until(lambda: "update" in client.ops(begin))
    [subscription] = client.subscriptions.values()
    assert len(subscription.state.beside) == 2  # type: ignore[attr-defined]
    assert all(part.watchers == 1 for part in subscription.state.parts)  # type: ignore[attr-defined]
    process.broadcaster.leave(client)
    assert all(part.watchers == 0 for part in subscription.state.parts)  # type: ignore[attr-defined]


async def test_all_that_it_is_made_of_is_verified_and_kept_while_it_is_watched(process: Process) -> None:
    client = await visitor(process, STARTS)
    parts = [process.views._updater.cached[stream] for stream in (STREAM, TABLES)]
    assert [part.watchers for part in parts] == [1, 1]
    begin, at = len(client.said), process.context.now()
    parts[0].verified_at = at  # the day alone
    process.broadcaster.verified(at)
    process.broadcaster.fresh.send()
    await client.until(lambda: client.ops(begin) == ["fresh"])
    assert client.said[begin] == client.said[begin - 1]
    process.verified(at)
    process.broadcaster.fresh.send()
    await client.until(lambda: len(client.ops(begin)) == 2)
    assert client.said[-1] != client.said[begin]
    process.broadcaster.leave(client)
    assert [part.watchers for part in parts] == [0, 0]


async def test_tables_that_can_t_be_read_any_more_end_it_and_another_day_ends_nothing(process: Process) -> None:
    client = await visitor(process, STARTS)
    tomorrow = await process.views.get(stream_of(MAIN, DAY + timedelta(days=1)))
    process.views._updater.give_up(tomorrow)
    assert client.subscriptions
    process.views._updater.give_up(await process.views.get(TABLES))
    assert not client.subscriptions
    await client.until(lambda: client.ops()[-1] == "error")
    assert (client.said[-1]["code"], client.said[-1]["retryable"]) == (Unreadable.code, True)
    again = await visitor(process, STARTS)
    assert process.views._updater.cached[TABLES].watchers == 1 and again.subscriptions


async def test_another_epoch_is_told_when_all_that_it_is_made_of_is_of_it(process: Process) -> None:
    client, other = await visitor(process, STARTS), await process.enter("tables")
    begin = len(client.said), len(other.said)
    held_before = held(client)
    epoch = await epochs.renew(process.context.settings)
    await process.views.verify()
    await client.until(lambda: "snapshot" in client.ops(begin[0]))
    await other.until(lambda: "snapshot" in other.ops(begin[1]))
    frames = told(client, begin[0])
    assert {each["reason"] for each in frames if each["op"] == "resync"} == {"epoch"}
    position = parse_position(held(client))
    assert position is not None and database_epoch(position[0]) == epoch
    assert held(client) == position_text(epoch + held_before[8:21], position[1])


async def test_views_of_two_epochs_are_shown_to_nobody(process: Process) -> None:
    client = await visitor(process, STARTS)
    [subscription] = client.subscriptions.values()
    cached = process.views._updater.cached[TABLES]
    own, cached.epoch = cached.epoch, "bbbbbbbb"
    begin = len(client.said)
    assert not subscription.is_ready
    process.broadcaster.replaced(process.views._updater.cached[STREAM], "epoch")
    with pytest.raises(Unavailable):
        await subscription.prepare()
    assert client.lagging and client.ops(begin) == []
    cached.epoch = own
    await client.until(lambda: "snapshot" in client.ops(begin))
    assert told(client, begin)[0]["reason"] == "epoch"


async def test_what_nobody_watches_is_forgotten_with_the_next_verification(process: Process) -> None:
    source = process.broadcaster._sources["starts"]
    watched = await visitor(process, STARTS)
    channel = channels.parse(f"starts:{DAY + timedelta(days=2)}")
    assert channel is not None
    await process.broadcaster.reader.read(channel)
    assert len(source._states) == 2  # type: ignore[attr-defined]
    process.verified(process.context.now())
    assert list(source._states) == [STREAM]  # type: ignore[attr-defined]
    process.broadcaster.leave(watched)
    process.verified(process.context.now())
    assert not source._states  # type: ignore[attr-defined]
