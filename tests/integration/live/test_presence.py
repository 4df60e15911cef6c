"""Hosts see each other: who has which booking open, in whatever process, as long as they watch."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.integration.live.conftest import Pair
from tests.servers import Account
from tests.watching import Watcher


def people(watcher: Watcher, channel: str) -> dict[str, Any]:
    found: dict[str, Any] = watcher.held[channel].data["people"]
    return found


async def session_of(watcher: Watcher) -> str:
    [connected] = watcher.all("connected")
    return str(connected["session"])


async def test_what_a_host_has_open_is_seen_in_every_process_until_it_leaves(hubs: Pair, day: date) -> None:
    channel = f"presence:{day}"
    async with (
        await Watcher.connected(hubs.a.live_url, hubs.host, channel) as other,
        await Watcher.connected(hubs.b.live_url, hubs.host, channel) as far,
    ):
        async with await Watcher.connected(hubs.a.live_url, hubs.host, channel) as mine:
            name = await session_of(mine)
            answer = await mine.ask("presence", channel=channel, data={"card": 7})
            assert answer == {"op": "noted", "id": answer["id"], "channel": channel}
            for each in (mine, other, far):
                await each.until(lambda each=each: name in people(each, channel))
                shown = people(each, channel)[name]
                assert (shown["card"], shown["dragging"]) == (7, None) and shown["name"]
            await mine.ask("presence", channel=channel, data={"card": None, "dragging": 9})
            await far.until(lambda: people(far, channel)[name]["dragging"] == 9)
            # Who comes later is told of those that are there, also by the other process.
            async with await Watcher.connected(hubs.b.live_url, hubs.host, channel) as late:
                await late.until(lambda: name in people(late, channel))
        for each in (other, far):
            await each.until(lambda each=each: name not in people(each, channel))


async def test_a_process_that_first_watches_asks_the_others(hubs: Pair, day: date) -> None:
    channel = f"presence:{day}"
    async with await Watcher.connected(hubs.a.live_url, hubs.host, channel) as mine:
        name = await session_of(mine)
        await mine.ask("presence", channel=channel, data={"card": 1})
        async with await Watcher.connected(hubs.b.live_url, hubs.host, channel) as far:
            await far.until(lambda: name in people(far, channel))


async def test_unsubscribing_takes_presence_away(hubs: Pair, day: date) -> None:
    channel = f"presence:{day}"
    async with (
        await Watcher.connected(hubs.a.live_url, hubs.host, channel) as mine,
        await Watcher.connected(hubs.a.live_url, hubs.host, channel) as other,
    ):
        name = await session_of(mine)
        await mine.ask("presence", channel=channel, data={"card": 1})
        await other.until(lambda: name in people(other, channel))
        await mine.ask("unsubscribe", channel=channel)
        await other.until(lambda: name not in people(other, channel))
        refused = await mine.ask("presence", channel=channel, data={"card": 1})
        assert (refused["op"], refused["code"]) == ("error", "unknown_channel")


async def test_presence_is_for_the_staff_and_at_most_five_a_second(hubs: Pair, day: date, guest: Account) -> None:
    channel = f"presence:{day}"
    async with await Watcher.connected(hubs.a.live_url, guest.token) as watcher:
        assert (await watcher.ask("subscribe", channel=channel))["code"] == "forbidden"
        assert (await watcher.ask("presence", channel=channel, data={}))["code"] == "unknown_channel"
    async with await Watcher.connected(hubs.a.live_url, hubs.host, channel) as mine:
        for data in ("x", None, {"card": "7"}, {"card": True}, {"dragging": 0}, {"dragging": 2**63}):
            assert (await mine.ask("presence", channel=channel, data=data))["code"] == "bad_request"
        answers = [await mine.ask("presence", channel=channel, data={"card": card + 1}) for card in range(6)]
        assert [each["op"] for each in answers[:5]] == ["noted"] * 5
        # The sixth may come a second after the first on a machine that is busy: then it is noted.
        assert answers[5]["op"] == "noted" or (answers[5]["code"], answers[5]["retryable"]) == ("rate_limited", True)
