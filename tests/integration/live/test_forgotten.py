"""What clients are told of days whose events are forgotten: by the live channel, and by each call that reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from hub.views import day_history
from tests.forgetting import forget_events
from tests.integration.live.conftest import Pair, book, cancel, change
from tests.integration.rest import refused
from tests.servers import Account
from tests.watching import View, Watcher


@pytest.fixture
async def sql(hubs: Pair) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(hubs.database_url)
    yield connection
    await connection.close()


async def forget_up_to(sql: Any, day: date) -> None:
    """Forget this day and all before it, as if it were over."""
    assert await forget_events(sql, later=(day - datetime.now(UTC).date()).days + 2) > 0
    assert await sql.fetchval("SELECT count(*) FROM events WHERE stream = $1", f"day:{day}") == 0


@pytest.mark.parametrize("kind", ["floor", "availability"])
async def test_old_position_is_answered_with_a_snapshot_and_is_never_recovered(
    hubs: Pair, day: date, guest: Account, sql: Any, kind: str
) -> None:
    """The present position is still the present one: nothing was missed."""
    old = (await book(guest.client, day, "12:00"))["position"]
    last = (await book(guest.client, day, "18:00"))["position"]
    await forget_up_to(sql, day)
    channel = f"{kind}:{day}"
    for since, recovered in ((old, False), (last, True)):
        async with await Watcher.connected(hubs.b.live_url, hubs.host) as watcher:
            watcher.held[channel] = View(since, {})
            answer = await watcher.ask("subscribe", channel=channel, since=since)
            assert (answer["recovered"], answer["position"]) == (recovered, last)
            if not recovered:
                await watcher.until(lambda w=watcher: w.all("snapshot"))
            assert (await watcher.ask("ping"))["op"] == "pong"
            assert [told["op"] for told in watcher.said if told["op"] in ("update", "snapshot")] == (
                [] if recovered else ["snapshot"]
            )
    async with await Watcher.connected(hubs.b.live_url, hubs.host, channel) as watcher:
        new = await book(guest.client, day, "20:00")
        await watcher.until(lambda: watcher.held.get(channel) and watcher.held[channel].position == new["position"])
        assert watcher.faults == []  # and it goes on from there


async def test_earlier_versions_and_papers_are_not_guessed(hubs: Pair, day: date, guest: Account, sql: Any) -> None:
    host = hubs.b.client(hubs.host)
    first = await book(guest.client, day, "12:00")
    await cancel(guest.client, await book(guest.client, day, "18:00"))
    live = {kind: (await host.get(f"/days/{day}/{kind}")).content for kind in ("floor", "availability")}
    await forget_up_to(sql, day)
    for kind, shown in live.items():
        asked: list[dict[str, Any]] = [{"version": number} for number in (1, 2, 3)]
        asked += [{"version": first["position"]}, {"at": first["created_at"]}, {"at": "9999-12-31T23:59:59Z"}]
        for query in asked:
            answer = await host.get(f"/days/{day}/{kind}", params=query)
            assert refused(answer, "not_found")["detail"] == day_history.GONE, query
        assert (await host.get(f"/days/{day}/{kind}")).content == shown
    paper = await host.get(f"/print/{day}", params={"since": first["position"]})
    assert refused(paper, "not_found")["detail"] == day_history.GONE
    assert (await host.get(f"/print/{day}")).status_code == 200


async def test_history_of_a_booking_begins_with_what_is_kept_and_says_so(
    hubs: Pair, day: date, guest: Account, sql: Any
) -> None:
    host, later = hubs.b.client(hubs.host), day + timedelta(days=150)
    stays = await book(guest.client, day, "12:00")
    moves = await change(guest.client, await book(guest.client, day, "18:00"), date=str(later))
    await change(guest.client, moves, time="19:00")

    async def history(booking: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await host.get(f"/bookings/{booking['id']}/history")
        assert answer.status_code == 200 and "link" not in answer.headers
        acts: list[dict[str, Any]] = answer.json()
        return acts

    before = await history(moves)
    assert [(act["action"], act["forgotten"]) for act in before] == [
        ("booked", False), ("rescheduled", False), ("rescheduled", False),
    ]  # fmt: skip
    await forget_up_to(sql, day)
    assert await history(moves) == [{**before[1], "before": None, "forgotten": True}, before[2]]
    assert await history(stays) == []
    refused(await host.get("/bookings/999999/history"), "not_found")
    again = await host.patch(f"/bookings/{moves['id']}", json={"time": "20:00"}, headers={"if-match": '"r3"'})
    assert again.status_code == 200, again.text  # and it is changed as any other
