"""A hub that is full: whom it refuses, with what answer, and that the next is let in after one has left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from websockets.exceptions import InvalidStatus

from tests.backlog import established, knocking
from tests.conftest import ShareHub, StartHub
from tests.outside import complaints, series, total
from tests.sockets import where
from tests.watching import PATIENCE, Watcher

MOST = 2


async def refusal(url: str, **how: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
    """The HTTP answer to an upgrade that is refused: status, headers, body."""
    with pytest.raises(InvalidStatus) as refused:
        await Watcher.open(url, **how)
    answer = refused.value.response
    assert answer.body is not None
    return (
        answer.status_code,
        {name.lower(): value for name, value in answer.headers.items()},
        orjson.loads(answer.body),
    )


async def let_in(url: str, token: str, **how: Any) -> Watcher:
    """A session of the next one, as soon as the hub has seen that another has left."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(InvalidStatus):
                return await Watcher.connected(url, token, **how)


def bound_of_the_kernel() -> int:
    return int(Path("/proc/sys/net/core/somaxconn").read_text())


def from_address(address: str) -> dict[str, Any]:
    """An upgrade of that client, as the proxy in front of the hub tells it."""
    return {"additional_headers": {"X-Forwarded-For": address}}


@pytest.mark.slow
async def test_full_hub_refuses_with_overloaded_until_one_leaves(start_hub: StartHub) -> None:
    hub = await start_hub(LIVE_SESSIONS=MOST)
    guest = await hub.register()
    open_ones = [await Watcher.connected(hub.live_url, guest.token, "tables") for _ in range(MOST)]
    status, headers, body = await refusal(hub.live_url)
    assert (status, headers["content-type"]) == (503, "application/problem+json")
    assert (body["status"], body["error_code"]) == (503, "overloaded")
    assert body["request_id"] == headers["x-request-id"]
    assert int(headers["retry-after"]) >= 1
    # The refused one cost nobody anything, and REST answers.
    assert [(await watcher.ask("ping"))["op"] for watcher in open_ones] == ["pong"] * MOST
    assert (await guest.client.get("/auth/me")).status_code == 200
    await open_ones[0].leave()
    async with await let_in(hub.live_url, guest.token):
        assert (await refusal(hub.live_url))[2]["error_code"] == "overloaded"
        assert total(await series(hub), "hub_live_sessions") == MOST
    await open_ones[1].leave()
    assert complaints(hub) == []


async def test_one_address_takes_no_more_than_its_share_and_others_get_in(start_hub: StartHub) -> None:
    hub = await start_hub(LIVE_SESSIONS_PER_ADDRESS=MOST, PROXIES_COUNT=1)
    guest = await hub.register()
    here, elsewhere = from_address("192.0.2.1"), from_address("192.0.2.2")
    open_ones = [await Watcher.connected(hub.live_url, guest.token, **here) for _ in range(MOST)]
    status, headers, body = await refusal(hub.live_url, **here)
    assert (status, body["error_code"]) == (503, "overloaded")
    assert "address" in body["detail"]
    assert int(headers["retry-after"]) >= 1
    async with await Watcher.connected(hub.live_url, guest.token, **elsewhere) as other:
        assert (await other.ask("ping"))["op"] == "pong"
    await open_ones[0].leave()
    async with await let_in(hub.live_url, guest.token, **here):
        assert (await refusal(hub.live_url, **here))[0] == 503
    await open_ones[1].leave()
    assert complaints(hub) == []


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the state of a connection in TCP_INFO")
async def test_connections_at_once_wait_in_the_backlog(share_hub: ShareHub) -> None:
    """While the hub is held nobody accepts: what connects is what the kernel has room for. Sanic's own is 100."""
    many = min(bound_of_the_kernel(), 400)
    if many <= 101:
        pytest.skip("this kernel's own bound is no larger than Sanic's default")
    hub = await share_hub()
    os.killpg(hub.process.pid, signal.SIGSTOP)
    try:
        with knocking(where(hub), many) as clients:
            assert established(clients, many) == many
    finally:
        os.killpg(hub.process.pid, signal.SIGCONT)
