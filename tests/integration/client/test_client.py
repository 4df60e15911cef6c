"""The Python client against a hub that says what the contract allows: states and refusals."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from hub.client.client import LiveClient, LiveClosed, LiveRefused
from tests.integration.client.scripted import CHANNEL, PATIENCE, Peer, at, scripted
from tests.integration.client.watched import held, is_live

# -- who may see what


async def test_a_visitor_sends_no_token() -> None:
    async def talk(peer: Peer) -> None:
        asked = await peer.bring()
        assert asked == {"op": "connect", "id": asked["id"], "since": {"venue": None}}

    async with scripted(talk) as url, LiveClient(url) as client:
        assert is_live(await held(client, is_live, "venue"))
        assert client.venue is not None and client.venue["service_day"] == "2026-11-24"


async def test_a_channel_that_the_hub_takes_away_is_refused_and_not_called_live() -> None:
    narrowed = asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.bring()
        await narrowed.wait()
        await peer.say("roles", roles={"main": "user"})
        await peer.say("unsubscribed", id=None, channel=CHANNEL)
        await peer.fresh()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(LiveRefused) as raised:
                async for _ in client.watch(CHANNEL):
                    narrowed.set()
        assert (raised.value.code, client.roles) == ("forbidden", {"main": "user"})


@pytest.mark.parametrize("role", ["viewer", "host"])
async def test_who_comes_back_with_another_role_asks_as_if_nothing_were_held(role: str) -> None:
    """At the same position another role may see more. What continues the old state meanwhile is not the answer."""
    shown = {"bookings": {"1": {"phone_number": None if role == "viewer" else "+902125550100"}}}

    async def talk(peer: Peer) -> None:
        asked = await peer.connected(role="viewer" if peer.number == 1 else role)
        if peer.number == 1:
            await peer.snapshot(asked["id"], bookings={"1": {"phone_number": None}})
            await peer.fresh()
            await peer.socket.close(1012)
            return
        assert asked["since"] == {CHANNEL: at(1)}
        await peer.subscribed(asked["id"], 1, recovered=True)
        if role != "viewer":
            again = await peer.hears("subscribe")
            assert again["channels"] == {CHANNEL: None}
            await peer.snapshot(again["id"], **shown)
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        state = await held(client, lambda state: is_live(state) and client.connections == 2)
        assert state.data == shown
        assert client.roles == {"main": role}


async def test_a_refused_channel_leaves_the_others_alone() -> None:
    async def talk(peer: Peer) -> None:
        asked = await peer.connected()
        refusal = {"code": "forbidden", "message": "no", "retryable": False, "retry_after_ms": None}
        await peer.say("error", id=asked["id"], channel="floor:2026-11-24", **refusal)
        await peer.snapshot(asked["id"])
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        refused = asyncio.create_task(held(client, channel="floor:2026-11-24"))
        assert is_live(await held(client, is_live))
        with pytest.raises(LiveRefused):
            await refused


async def test_a_channel_that_is_refused_for_now_is_stale_and_asked_again() -> None:
    async def talk(peer: Peer) -> None:
        await peer.bring()
        await peer.update(5, 6)
        asked = await peer.hears("subscribe")
        for_now = {"code": "unavailable", "message": "not now", "retryable": True, "retry_after_ms": 50}
        await peer.say("error", id=asked["id"], channel=CHANNEL, **for_now)
        again = await peer.hears("subscribe", 2)
        assert again["channels"] == {CHANNEL: at(1)}
        await peer.fresh()
        await peer.snapshot(again["id"], 6)

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        shown: list[tuple[str, str]] = []
        async with asyncio.timeout(PATIENCE):
            async for state in client.watch(CHANNEL):
                shown.append((state.position, state.fresh))
                if shown[-1] == (at(6), "live"):
                    break
        assert (at(1), "stale") in shown
        assert (at(6), "stale") not in shown


async def test_a_connect_that_is_wrong_ends_the_client_and_one_that_is_too_much_does_not() -> None:
    async def talk(peer: Peer) -> None:
        asked = await peer.hears("connect")
        what = {"code": "rate_limited" if peer.number == 1 else "bad_request", "message": "since: too many"}
        await peer.say("error", id=asked["id"], **what, retryable=peer.number == 1, retry_after_ms=None)

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        with pytest.raises(LiveClosed, match="since: too many"):
            await held(client)
        assert client.connections == 2


# -- states


async def test_a_gap_is_asked_for_once() -> None:
    async def talk(peer: Peer) -> None:
        await peer.bring()
        for version in (5, 6, 7):
            await peer.update(version, version + 1, tables={"1": {"seats": version}})
        asked = await peer.hears("subscribe")
        assert asked["channels"] == {CHANNEL: at(1)}
        await peer.subscribed(asked["id"], 8, recovered=True)
        await peer.update(1, 8, tables={"1": {"seats": 7}})
        await peer.update(8, 9)
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        state = await held(client, lambda state: state.position == at(9) and is_live(state))
        assert state.data == {"tables": {"1": {"seats": 7}}}


async def test_duplicates_and_overlaps_do_no_harm() -> None:
    async def talk(peer: Peer) -> None:
        await peer.bring()
        for previous, version in ((1, 3), (1, 3), (2, 4), (1, 2), (3, 5), (3, 5), (1, 6)):
            await peer.update(previous, version, tables={str(version): {"seats": version}})
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        state = await held(client, lambda state: state.position == at(6) and is_live(state))
        assert sorted(state.data["tables"]) == ["3", "4", "5", "6"]
        assert client.connections == 1


async def test_channels_that_came_while_connecting_are_asked_for_in_one_message() -> None:
    opened = asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.hears("connect")
        opened.set()
        await peer.socket.ping()
        await connecting.wait()
        await peer.connected()
        asked = await peer.hears("subscribe")
        assert asked["channels"] == {"tables": None, "mine": None}
        for channel in asked["channels"]:
            await peer.snapshot(asked["id"], 1, channel)
        await peer.goes_on()

    connecting = asyncio.Event()
    async with scripted(talk) as url, LiveClient(url, "token") as client:
        await asyncio.wait_for(opened.wait(), PATIENCE)
        both = [asyncio.create_task(held(client, is_live, channel)) for channel in ("tables", "mine")]
        await asyncio.sleep(0)
        connecting.set()
        assert [(await each).channel for each in both] == ["tables", "mine"]


async def test_a_reconnect_resumes_with_what_is_held() -> None:
    async def talk(peer: Peer) -> None:
        if peer.number == 1:
            await peer.bring(7)
            await peer.socket.close(1012)
            return
        asked = await peer.connected()
        assert asked["since"] == {CHANNEL: at(7)}
        await peer.subscribed(asked["id"], 9, recovered=True)
        await peer.update(7, 9)
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        state = await held(client, lambda state: state.position == at(9) and is_live(state))
        assert state.stale_since is None


async def test_a_state_is_the_watchers_own() -> None:
    async def talk(peer: Peer) -> None:
        asked = await peer.connected()
        await peer.snapshot(asked["id"], tables={"1": {"seats": 2}})
        await peer.goes_on()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        states = client.watch(CHANNEL)
        first = await anext(states)
        first.data["tables"]["1"]["seats"] = 99
        while not is_live(state := await anext(states)):
            pass
        assert state.data == {"tables": {"1": {"seats": 2}}}
        await states.aclose()


async def test_a_frame_that_makes_no_sense_costs_the_connection_and_not_the_client(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def talk(peer: Peer) -> None:
        await peer.bring()
        await peer.say("something_new", fields=[1])  # of a newer hub: ignored
        if peer.number == 1:
            await peer.socket.send(json.dumps({"op": "update", "channel": CHANNEL}))
        await peer.goes_on()

    with caplog.at_level(logging.WARNING):
        async with scripted(talk) as url, LiveClient(url, "token") as client:
            async with asyncio.timeout(PATIENCE):
                async for state in client.watch(CHANNEL):
                    if client.connections == 2 and is_live(state):
                        break
    assert "could not read a frame" in caplog.text


async def test_compression_is_offered() -> None:
    async def talk(peer: Peer) -> None:
        assert "permessage-deflate" in peer.socket.request.headers["Sec-WebSocket-Extensions"]  # type: ignore[union-attr]
        await peer.bring()

    async with scripted(talk) as url, LiveClient(url, "token") as client:
        await held(client)


@pytest.mark.parametrize("path", ["/live", "/v/lia/live"])
@pytest.mark.parametrize("given", ["", "/", "/live"])
async def test_address_of_the_channel(given: str, path: str) -> None:
    paths = []
    url = path.removesuffix("/live") + given

    async def talk(peer: Peer) -> None:
        paths.append(peer.socket.request.path)  # type: ignore[union-attr]
        await peer.bring()

    async with scripted(talk) as address, LiveClient(address + url, "token") as client:
        await held(client)
    assert paths == [path]
