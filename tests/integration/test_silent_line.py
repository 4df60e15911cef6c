"""A line that stands and swallows everything, both ways and without an end: as behind a router that forgot it.

Neither side is told. Both clients and the hub give it up by themselves, each within its own bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from hub.client.client import LiveClient
from hub.client.watched import State
from hub.live.registry import SILENCE_MS
from tests.between import Between
from tests.conftest import StartHub
from tests.integration.test_slow_lines import CHANNEL, DAY, Screen
from tests.outside import complaints, reaches, total
from tests.servers import PATIENCE
from tests.sockets import where
from tests.watching import Watcher

HUBS = {"LIVE_PING_SECONDS": 1, "LIVE_SILENCE_SECONDS": 3}
"""The hub's own bound, short: its clients' is the protocol's."""


@pytest.mark.slow
async def test_line_that_swallows_everything_is_given_up_by_both_clients_and_by_the_hub(start_hub: StartHub) -> None:
    hub = await start_hub(**HUBS)
    host = await hub.staff("host")
    async with Between(*where(hub)).open() as between:
        line = f"127.0.0.1:{between.port}"
        page = Screen("node", between)
        async with (
            LiveClient(f"http://{line}", host.token) as client,
            contextlib.aclosing(client.watch(CHANNEL)) as states,
            await Watcher.connected(f"ws://{line}/live", host.token, CHANNEL) as control,
        ):
            showing = asyncio.create_task(page.node(host.token))
            await both_show(0, states, page)
            assert between.connections == 3
            between.strand()
            stranded = time.monotonic()
            # The hub lets go of all three, and nobody hears of it.
            await reaches(hub, lambda found: total(found, "hub_live_sessions") == 0, PATIENCE)
            print(f"the hub gave them up after {time.monotonic() - stranded:.1f} s")
            assert (between.connections, client.connections) == (3, 1)
            answer = await host.client.post("/bookings", json={"date": DAY, "time": "18:00", "guests": 2})
            assert answer.status_code == 201
            count = len(page.samples)
            await both_show(1, states, page)
            print(f"both clients were back after {time.monotonic() - stranded:.1f} s")
            # Not before the silence was long enough; what was heard last may be two seconds older than the line's end.
            assert time.monotonic() - stranded > SILENCE_MS / 1000 - 3
            assert (between.connections, client.connections) == (5, 2)
            assert not all(sample.live for sample in page.samples[count:])
            # Whoever has no such rule stays on the dead line, with what it held.
            assert control.socket.close_code is None
            assert control.held[CHANNEL].data == {"bookings": {}, "blocks": {}, "holds": {}, "waitlist": {}}
            assert complaints(hub) == []
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
            between.cut()


async def both_show(version: int, states: AsyncIterator[State], page: Screen) -> None:
    """Wait until both clients show this version as live."""
    async with asyncio.timeout(SILENCE_MS / 1000 + PATIENCE):
        async for state in states:
            if state.fresh == "live" and state.position.endswith(f":{version}"):
                break
        while not page.shows(version):  # noqa: ASYNC110 - another process says so
            await asyncio.sleep(0.05)
