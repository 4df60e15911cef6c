"""Both addresses of a venue's channels, with both clients; and what is told of a venue that is retired."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.exceptions import InvalidStatus

from hub.client.client import LiveClient, LiveRefused
from hub.commands import venues
from hub.live.channels import KINDS
from tests.frames import faults
from tests.integration.venues.conftest import Town
from tests.node import live_client
from tests.servers import PATIENCE
from tests.venues import Place, add_venue, book, settings_of, until_known
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")
NEVER = [
    *("nowhere/tables", "main/tables", "/tables", "kiri//tables", "kiri/", "2/tables", "Kiri/tables", "v/kiri/tables"),
    *("kiri/kiri/tables", "tables/kiri", "kiri/floor", "kiri/floor:2026-13-01"),
]


def url_of(town: Town, place: Place) -> str:
    return f"{town.hub.url.replace('http:', 'ws:', 1)}{place.prefix}/live"


def names(place: Place, *, prefixed: bool) -> list[str]:
    day, prefix = place.booking["service_date"], place.channel_prefix if prefixed else ""
    return [f"{prefix}{kind.name}" + (f":{day}" if kind.dated else "") for kind in KINDS.values()]


async def test_channels_of_a_venue_are_the_same_at_both_addresses(town: Town) -> None:
    kiri = town.places["kiri"]
    token = kiri.members["host"].token
    own = await Watcher.connected(url_of(town, kiri), token, *names(kiri, prefixed=False))
    other = await Watcher.connected(town.hub.live_url, token, *names(kiri, prefixed=True))
    made = await book(town.client, kiri, kiri.members["host"], day=kiri.booking["service_date"], time="13:00")
    for watcher, prefix in ((own, ""), (other, "kiri/")):
        floor = f"{prefix}floor:{kiri.booking['service_date']}"
        await watcher.until(lambda w=watcher, f=floor: w.held[f].position == made["position"])
        mine = f"{prefix}mine"
        await watcher.until(lambda w=watcher, m=mine: str(made["id"]) in w.held[m].data["bookings"])
        assert [fault for message in watcher.said for fault in faults(message)] == [] == watcher.faults
    assert {name.removeprefix("kiri/"): view for name, view in other.held.items()} == own.held
    path = f"/v/kiri/bookings/{made['id']}"
    assert (await town.client.delete(path, headers=town.admin.headers)).status_code == 200
    for watcher in (own, other):
        await watcher.leave()


async def test_there_is_one_name_of_each_channel(town: Town) -> None:
    """At a venue's own address its slug names nothing, nor does what is no slug; the others' do."""
    async with await Watcher.connected(town.hub.live_url, town.admin.token) as watcher:
        for name in NEVER:
            answer = await watcher.ask("subscribe", channel=name)
            assert (answer["op"], answer.get("code"), answer["channel"]) == ("error", "unknown_channel", name)
    async with await Watcher.connected(url_of(town, town.places["kiri"]), town.admin.token) as watcher:
        told = {name: await watcher.ask("subscribe", channel=name) for name in ("kiri/tables", "main/tables", "tables")}
        assert [told[name]["op"] for name in told] == ["error", "subscribed", "subscribed"]
        tables = {name: watcher.held[name].data["tables"].keys() for name in ("main/tables", "tables")}
        assert not tables["main/tables"] & tables["tables"]
    with pytest.raises(InvalidStatus) as refused:
        await Watcher.open(f"{town.hub.url.replace('http:', 'ws:', 1)}/v/nowhere/live")
    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body or b"")["error_code"] == "not_found"


@pytest.mark.parametrize("where", ["/live", "/v/kiri/live"])
async def test_client_in_python_watches_any_venue(town: Town, where: str) -> None:
    kiri = town.places["kiri"]
    channel = "tables" if where.startswith("/v/") else "kiri/tables"
    async with asyncio.timeout(PATIENCE), LiveClient(town.hub.url + where, kiri.members["viewer"].token) as live:
        async for state in live.watch(channel):
            if state.fresh == "live":
                break
        assert state.channel == channel
        assert state.data["tables"][str(kiri.table["id"])]["name"] == kiri.table["name"]
        assert live.roles["kiri"] == "viewer"
        with pytest.raises(LiveRefused) as refused:
            async for _ in live.watch("nowhere/tables"):
                raise AssertionError("it was shown")
        assert refused.value.code == "unknown_channel"


@pytest.mark.parametrize("where", ["/live", "/v/kiri/live"])
async def test_client_of_the_pages_watches_any_venue(town: Town, where: str) -> None:
    kiri = town.places["kiri"]
    channel = "tables" if where.startswith("/v/") else "kiri/tables"
    position = (await town.client.get(
        "/v/kiri/tables/available",
        params={"date": kiri.booking["service_date"], "time": "18:00"},
        headers=town.user.headers,
    )).json()["tables_position"]  # fmt: skip
    url = town.hub.url.replace("http:", "ws:", 1) + where
    told: dict[str, object] = {}
    process = await asyncio.create_subprocess_exec(
        *(*live_client(), url, town.user.token, channel),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            async for line in process.stdout:
                told = json.loads(line)
                if told["state"] == "live" and told["position"] == position:
                    break
    finally:
        process.kill()
        await process.wait()
    assert told["position"] == position


@pytest.mark.slow
async def test_subscriptions_end_when_their_venue_is_retired(town: Town) -> None:
    id = await add_venue(settings_of(town.hub), "gone", "Europe/London")
    gone = Place(id, "gone", "/v/gone")
    await until_known(town.client, gone)
    day = (await town.client.get("/v/gone/venue")).json()["service_day"]
    kinds = [f"{kind.name}" + (f":{day}" if kind.dated else "") for kind in KINDS.values()]
    token = town.admin.token
    async with (
        await Watcher.connected(url_of(town, gone), token, *kinds, "kiri/tables") as own,
        await Watcher.connected(town.hub.live_url, token, *(f"gone/{kind}" for kind in kinds), "tables") as other,
        LiveClient(f"{town.hub.url}/v/gone", token) as client,
    ):
        states = client.watch("tables")
        await anext(states)
        since = {own: len(own.said), other: len(other.said)}
        await venues.retire("gone")
        for watcher, prefix, kept in ((own, "", "kiri/tables"), (other, "gone/", "tables")):
            expected = {f"{prefix}{kind}" for kind in kinds}
            await watcher.until(lambda w=watcher, e=expected: len(w.all("error", since[w])) == len(e))
            errors = watcher.all("error", since[watcher])
            assert {error["channel"] for error in errors} == expected
            assert {(e["code"], e["id"], e["retryable"], e["retry_after_ms"]) for e in errors} == {
                ("unknown_channel", None, False, None)
            }
            assert [fault for message in watcher.said for fault in faults(message)] == []
            for channel in expected:
                answer = await watcher.ask("subscribe", channel=channel)
                assert (answer["op"], answer.get("code")) == ("error", "unknown_channel")
            assert (await watcher.ask("subscribe", channel=kept))["op"] == "subscribed"
            await watcher.verified(len(watcher.said) - 1)
        with pytest.raises(LiveRefused) as refused:
            async with asyncio.timeout(PATIENCE):
                async for _ in states:
                    pass
        assert refused.value.code == "unknown_channel"
    assert (await town.client.get("/v/gone/venue")).status_code == 404
    assert (await town.client.get("/v/gone/bookings/my", headers=town.user.headers)).status_code == 404
    with pytest.raises(InvalidStatus) as closed:
        await Watcher.open(url_of(town, gone))
    assert closed.value.response.status_code == 404
    slugs = [each["slug"] for each in (await town.client.get("/venues", headers=token_of(token))).json()["items"]]
    assert "gone" not in slugs


def token_of(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
