"""What the tests of slow and hostile clients share: a hub with small bounds, writers, and a reader who does all right.

The bounds are small so that waiting for them is quick; memory may grow by no more than is the allocator's own.
"""

from __future__ import annotations

from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.servers import HubServer
from tests.sockets import UNBOUNDED, Wire
from tests.traffic import Traffic

DAY = day_after(7)
CHANNELS = [f"floor:{DAY}", f"availability:{DAY}"]
STALL, STUCK, FLOOD, FIRST = 1.0, 2.0, 1.0, 1.0
TIGHT = UNBOUNDED | {
    "LIVE_OUTBOUND_BYTES": "16384",
    "LIVE_STALL_SECONDS": str(STALL),
    "LIVE_STUCK_SECONDS": str(STUCK),
    "LIVE_FLOOD_SECONDS": str(FLOOD),
    "LIVE_FIRST_FRAME_SECONDS": str(FIRST),
}
GROWTH = 12 * 2**20
"""What a process may grow by in a minute for reasons of its own: pools, caches and the allocator's."""


async def prepare(start_hub: StartHub, **variables: str) -> tuple[HubServer, str, Traffic, Wire]:
    """A hub, a host's token, writers, and a reader that does everything right."""
    hub = await start_hub(**TIGHT | variables)
    host = await hub.staff("host")
    traffic = Traffic([hub.url], host.token, [DAY])
    await traffic.seed(40)
    steady = await Wire.open(hub)
    steady.connect(host.token, *CHANNELS)
    await steady.until(lambda: steady.holds(*CHANNELS))
    return hub, host.token, traffic, steady


def undisturbed(steady: Wire) -> None:
    """It was told every version once and in order, and nothing had to be mended for it."""
    assert not steady.gone.done()
    assert steady.faults == []
    assert not steady.all("resync") and not steady.all("error")
    assert all(previous is not None for links in steady.chain.values() for previous, _ in links[1:])
