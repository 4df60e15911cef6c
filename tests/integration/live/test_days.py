"""GET /days/{date}/floor, /availability and /starts: the same as the channels of these names, at the same position."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.live.conftest import Pair, book, cancel
from tests.servers import Account, HubServer
from tests.watching import Watcher, converged


async def read(client: httpx.AsyncClient, day: date | str, kind: str, **headers: str) -> httpx.Response:
    return await client.get(f"/days/{day}/{kind}", headers=headers)


@pytest.mark.parametrize("kind", ["floor", "availability", "starts"])
async def test_answer_is_the_snapshot_at_the_same_position(hubs: Pair, guest: Account, day: date, kind: str) -> None:
    """On the process where it was booked and on the other one; and who holds it continues by the channel."""
    channel = f"{kind}:{day}"
    first = await book(guest.client, day, "12:00")
    await book(guest.client, day, "18:00")
    async with await Watcher.connected(hubs.a.live_url, hubs.host, channel) as watcher:
        await cancel(guest.client, first)
        await converged([watcher], hubs.database_url, channel)
        held = watcher.held[channel]

        async def agrees(hub: HubServer) -> httpx.Response:
            answer = await read(hub.client(hubs.host), day, kind)
            assert (answer.status_code, answer.json()) == (200, held.data)
            assert answer.headers["etag"] == f'"{held.position}"'
            return answer

        answers = [await agrees(hub) for hub in (hubs.a, hubs.b)]
        assert answers[0].content == answers[1].content
    async with await Watcher.open(hubs.b.live_url) as late:
        late.held[channel] = held
        since = answers[0].headers["etag"].strip('"')
        await late.ask("connect", token=hubs.host, since={channel: since})
        answer = await late.until(lambda: next(iter(late.all("subscribed")), None))
        assert answer["recovered"] and answer["position"] == since


@pytest.mark.parametrize("kind", ["floor", "availability", "starts"])
async def test_nothing_new_is_304_until_it_changes(hubs: Pair, guest: Account, day: date, kind: str) -> None:
    client = hubs.b.client(hubs.host)
    first = await read(client, day, kind)
    etag = first.headers["etag"]
    again = await read(client, day, kind, **{"if-none-match": f"W/{etag}"})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    await book(hubs.b.client(guest.token), day)
    for answer in (first, again):  # people are kept in no cache; a client may still hold what it has
        assert answer.headers["cache-control"] == ("no-store" if kind == "floor" else "no-cache")
    after = await read(client, day, kind, **{"if-none-match": etag})
    assert after.status_code == 200 and after.headers["etag"] != etag
    assert (after.json() == first.json()) is (kind == "starts")  # of many tables one is taken


async def test_who_may_see_the_channel_may_ask(hubs: Pair, guest: Account, day: date) -> None:
    for token, *expected in ((None, 401, 401, 200), (guest.token, 403, 200, 200), (hubs.host, 200, 200, 200)):
        client = hubs.a.client(token)
        found = [(await read(client, day, kind)).status_code for kind in ("floor", "availability", "starts")]
        assert found == expected


@pytest.mark.parametrize("kind", ["floor", "availability", "starts"])
async def test_days_are_those_of_the_channels(hubs: Pair, kind: str) -> None:
    client, today = hubs.a.client(hubs.host), datetime.now(UTC).date()

    async def channel(day: object) -> bool:
        """Whether the live channel takes it."""
        answer: dict[str, Any] = await watcher.ask("subscribe", channel=f"{kind}:{day}", since=None)
        return bool(answer["op"] == "subscribed")

    days = [today + timedelta(days=days) for days in (-32, -29, 399, 402)]
    async with await Watcher.connected(hubs.a.live_url, hubs.host) as watcher:
        for day in (*days, "9999-12-31", "0001-01-01", "2026-02-30", "20261129", "2026-W48-7", "today", "1"):
            answer = await read(client, day, kind)
            assert (answer.status_code == 200) == await channel(day), day
            if answer.status_code != 200:
                assert (answer.status_code, answer.json()["error_code"]) == (404, "not_found")
