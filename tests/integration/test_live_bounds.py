"""Bounds of the live channel that a stranger could turn against others, and the hub's own stall against everybody."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from hub.config import LiveBounds
from tests.conftest import ShareHub, StartHub
from tests.integration.tight import GROWTH
from tests.outside import complaints, resident, standing_still
from tests.sockets import Wire, frame
from tests.traffic import Traffic
from tests.watching import PATIENCE, Watcher, converged

DAY = datetime.now(UTC).date() + timedelta(days=9)


@pytest.mark.slow
async def test_sockets_that_never_connect_keep_nobody_of_their_address_out(share_hub: ShareHub) -> None:
    hub = await share_hub()
    host = await hub.staff("host")
    idle = [await Wire.open(hub) for _ in range(60)]
    async with await Watcher.connected(hub.live_url, host.token, "tables", f"floor:{DAY}") as stand:
        assert (await stand.ask("ping"))["op"] == "pong"
    sent_away = [wire for wire in idle if wire.all("bye")]
    assert len(sent_away) >= 60 - LiveBounds().unconnected_per_address
    assert {wire.all("bye")[0]["name"] for wire in sent_away} == {"overloaded"}
    for wire in idle:
        await wire.leave()
    assert complaints(hub) == []


@pytest.mark.slow
async def test_visitors_are_bounded_and_keep_no_user_out(start_hub: StartHub) -> None:
    hub = await start_hub(LIVE_VISITORS=3, LIVE_SESSIONS_PER_ADDRESS=5)
    guest = await hub.register()
    visitors = [await Wire.open(hub) for _ in range(4)]
    for wire in visitors:
        wire.say("connect", since={"venue": None})
        await wire.until(lambda w=wire: w.all("snapshot") or w.all("bye"))
    assert [bool(wire.all("snapshot")) for wire in visitors] == [True, True, True, False]
    assert visitors[3].all("bye")[0]["code"] == 1013
    async with await Watcher.connected(hub.live_url, guest.token, "tables"):
        pass
    for wire in visitors:
        await wire.leave()


@pytest.mark.slow
async def test_hub_that_stood_still_blames_nobody(start_hub: StartHub) -> None:
    """What arrived meanwhile is read before it is judged, and its own silence is not the clients'."""
    hub = await start_hub(LIVE_FIRST_FRAME_SECONDS=1, LIVE_SILENCE_SECONDS=3, LIVE_PING_SECONDS=1)
    guest = await hub.register()
    watchers = [await Watcher.connected(hub.live_url, guest.token, "tables") for _ in range(3)]
    late = [await Wire.open(hub) for _ in range(6)]
    for wire in late:
        # What the hub's loop will find when it goes on: a connect that arrived in time.
        asyncio.get_running_loop().call_later(0.2, wire.connect, guest.token, "tables")
    await asyncio.to_thread(standing_still, hub, 4.5)
    for wire in late:
        await wire.until(lambda w=wire: w.holds("tables"), PATIENCE)
    begins = [len(watcher.said) for watcher in watchers]
    for watcher, begin in zip(watchers, begins, strict=True):
        await watcher.until(lambda w=watcher, b=begin: len(w.all("fresh", b)) >= 2)  # two sweeps and more
        assert (await watcher.ask("ping"))["op"] == "pong"
        await watcher.leave()
    for wire in late:
        assert not wire.gone.done()
        await wire.leave()
    assert complaints(hub) == []


@pytest.mark.slow
async def test_bound_of_nothing_bounds_nothing(start_hub: StartHub) -> None:
    hub = await start_hub(**{f"LIVE_{field.name.upper()}": "0" for field in fields(LiveBounds)})
    guest = await hub.register()
    channels = [f"availability:{DAY + timedelta(days=n)}" for n in range(60)]
    wire = await Wire.open(hub)
    wire.say("connect", token=guest.token, since=dict.fromkeys(channels), client={"name": "x" * 10_000})
    await wire.until(lambda: len(wire.all("snapshot")) == 60)
    for number in range(200):
        wire.say("ping", more="x" * (500 * number))
    await wire.until(lambda: len(wire.all("pong")) == 200)
    answer = await guest.client.post("/bookings", json={"date": str(DAY), "time": "18:00"})
    assert answer.status_code == 201
    await wire.until(lambda: wire.all("update"))
    assert not wire.all("error") and not wire.all("bye")
    limits = wire.all("connected")[0]["limits"]
    assert {limits[name] for name in ("messages_per_second", "burst", "subscriptions", "frame_bytes")} == {None}
    await wire.leave()
    assert complaints(hub) == []


REFUSED = [
    (frame(b"{}", 0x41), 1002, "protocol_error"),  # a reserved bit
    (frame(b"{}", 3), 1002, "protocol_error"),  # an opcode that means nothing
    (frame(b"x", 0), 1002, "protocol_error"),  # goes on with nothing
    (frame(b" " * 70_000), 1009, "too_big"),
]


async def test_frame_that_the_parser_refuses_gets_bye_too(share_hub: ShareHub) -> None:
    hub = await share_hub()
    guest = await hub.register()
    for sent, code, name in REFUSED:
        wire = await Wire.open(hub)
        wire.connect(guest.token, "tables")
        await wire.until(lambda w=wire: w.holds("tables"))
        wire.raw(sent)
        assert await asyncio.wait_for(wire.gone, PATIENCE) == code
        [bye] = wire.all("bye")
        assert (bye["code"], bye["name"], bye["reconnect"]) == (code, name, False)
    assert complaints(hub) == []


DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


async def test_state_that_is_compressed_is_the_databases(share_hub: ShareHub) -> None:
    hub = await share_hub()
    host = await hub.staff("host")
    channels = ["tables", f"availability:{DAY}", f"floor:{DAY}"]
    async with (
        await Watcher.connected(hub.live_url, host.token, *channels, compression="deflate") as packed,
        await Watcher.connected(hub.live_url, host.token, *channels) as plain,
    ):
        agreed = packed.socket.response.headers["sec-websocket-extensions"].split(";")
        without = {"server_no_context_takeover", "client_no_context_takeover"}
        assert {part.strip() for part in agreed} >= without
        assert "sec-websocket-extensions" not in plain.socket.response.headers
        await Traffic([hub.url], host.token, [str(DAY)]).seed(10)
        await converged([packed, plain], hub.environ["DATABASE_URL"], *channels)
    # A smaller window than all others have is not agreed on.
    small = "permessage-deflate; server_max_window_bits=10; client_max_window_bits"
    async with await Watcher.open(hub.live_url, additional_headers={"Sec-WebSocket-Extensions": small}) as other:
        assert "sec-websocket-extensions" not in other.socket.response.headers


async def test_message_that_inflates_beyond_its_bound_is_refused(share_hub: ShareHub) -> None:
    hub = await share_hub()
    guest = await hub.register()
    before = None
    for _ in range(20):
        wire = await Wire.open(hub, handshake=False)
        wire.shake(DEFLATE)
        assert await asyncio.wait_for(wire.status, PATIENCE) == 101
        wire.connect(guest.token)
        await wire.until(lambda w=wire: w.all("connected"))
        packer = zlib.compressobj(9, wbits=-15)
        bomb = (packer.compress(b" " * (15 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
        assert len(bomb) < 16384
        wire.raw(frame(bomb, 0x41))
        assert await asyncio.wait_for(wire.gone, PATIENCE) == 1009
        assert wire.all("bye")[0]["name"] == "too_big"
        before = before or resident(hub)
    assert resident(hub) - before < GROWTH
    assert complaints(hub) == []
