"""How a hub stops: who is told what, what is still answered, and that nobody is cut off or kept waiting."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import StartHub
from tests.http_clients import http_client
from tests.integration.rest import day_after
from tests.outside import both_serve, complaints
from tests.races import until_waiting
from tests.servers import HubServer
from tests.sockets import UNBOUNDED, Wire, where

pytestmark = pytest.mark.slow  # a minute and more of waiting for bounds

DAY = day_after(7)
CHANNEL = f"availability:{DAY}"


async def test_stop_says_so_refuses_newcomers_and_sends_everybody_away(start_hub: StartHub) -> None:
    hub = await start_hub(workers=2, **UNBOUNDED)
    await both_serve(hub)
    guest = await hub.register()
    told: list[float] = []
    first = asyncio.Event()

    def heard(message: dict[str, Any]) -> None:
        if message["op"] == "bye":
            told.append(time.monotonic())
            first.set()

    wires = [await Wire.open(hub, on_message=heard) for _ in range(40)]
    for wire in wires:
        wire.connect(guest.token, CHANNEL)
        await wire.until(lambda w=wire: w.holds(CHANNEL))
    # Some don't answer the close: so the drain takes its time, and we see what it looks like meanwhile.
    for wire in wires[::4]:
        wire.answers_close = False
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(http_client(base_url=hub.url, timeout=2)) for _ in range(8)]
        for client in clients:
            assert (await client.get("/health/ready")).status_code == 200
        stopping = time.monotonic()
        hub.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(first.wait(), 9)
        said = time.monotonic() - stopping
        # Kept-alive connections are spread over both processes, and each says so once it has begun.
        answers = await asyncio.gather(*(no_longer_ready(client) for client in clients))
        health = [each for each in answers if each is not None]
        assert health
        for answer in health:
            assert (answer.status_code, answer.json()["checks"]["serving"]) == (503, "draining")
        late = await Wire.open(hub, handshake=False)
        late.shake()
        status = await asyncio.wait_for(late.status, 5)
        print(f"bye after {said * 1000:.0f} ms, then ready says no and an upgrade gets {status}")
        assert status == 503
        late.transport.abort()
        codes = await asyncio.wait_for(asyncio.gather(*(wire.gone for wire in wires)), 9)
    assert set(codes) == {1012}
    # One after the other, so that they do not all come back at once.
    print(f"the last bye {told[-1] - told[0]:.2f} s after the first")
    assert len(told) == len(wires) and told[-1] - told[0] > 0.25
    for wire in wires:
        [bye] = wire.all("bye")
        assert (bye["code"], bye["reconnect"]) == (1012, True)
        assert 0 <= bye["retry_after_ms"][0] < bye["retry_after_ms"][1]
        assert wire.said[-1] is bye
    assert await hub.stop() == 0
    print(f"ended after {time.monotonic() - stopping:.1f} s")
    assert complaints(hub) == []


async def no_longer_ready(client: httpx.AsyncClient) -> httpx.Response | None:
    """The first answer that says so; None where the process at the other end had nobody to send away, and is gone."""
    with contextlib.suppress(httpx.TransportError):
        async with asyncio.timeout(9):
            while (answer := await client.get("/health/ready")).status_code == 200:
                pass
        return answer
    return None


async def test_one_watcher_is_enough_for_ready_to_say_no_before_it_is_sent_away(start_hub: StartHub) -> None:
    hub = await start_hub(**UNBOUNDED)
    guest = await hub.register()
    wire = await Wire.open(hub)
    wire.connect(guest.token, CHANNEL)
    await wire.until(lambda: wire.holds(CHANNEL))
    async with http_client(base_url=hub.url, timeout=2) as client:
        hub.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(9):
            while (await client.get("/health/ready")).status_code == 200:
                pass
            answer = await client.get("/health/ready")  # that one may have been asked before the drain began
        assert (answer.status_code, answer.json()["checks"]["serving"]) == (503, "draining")
        assert answer.headers["connection"] == "close"  # so that the next question may go elsewhere
    assert not wire.all("bye")  # and until then it is told what changes
    wire.say("ping")
    await wire.until(lambda: wire.all("pong"))
    assert await asyncio.wait_for(wire.gone, 9) == 1012
    assert wire.said[-1]["op"] == "bye"
    assert await hub.stop() == 0
    assert complaints(hub) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_second_signal_cuts_nobody_off(start_hub: StartHub, number: signal.Signals) -> None:
    """Ctrl-C goes to all processes of a terminal's group, and people press it twice."""
    hub = await start_hub(workers=2, **UNBOUNDED)
    await both_serve(hub)
    guest = await hub.register()
    wires = [await Wire.open(hub) for _ in range(6)]
    for wire in wires:
        wire.connect(guest.token, CHANNEL)
        await wire.until(lambda w=wire: w.holds(CHANNEL))
    async with http_client(base_url=hub.url, timeout=2) as client:
        os.killpg(hub.process.pid, number)
        await no_longer_ready(client)
    os.killpg(hub.process.pid, number)
    codes = await asyncio.wait_for(asyncio.gather(*(wire.gone for wire in wires)), 9)
    assert set(codes) == {1012}
    assert all(wire.said[-1]["op"] == "bye" for wire in wires)
    assert await hub.stop() == 0
    assert complaints(hub) == []


async def test_stop_waits_for_what_is_being_answered_and_for_nobody_else(
    start_hub: StartHub, database_url: str
) -> None:
    """A guest's booking is held up: it is answered, and its connection keeps nobody waiting after that."""
    hub = await start_hub(**UNBOUNDED)
    guest = await hub.register()
    connection = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
    wanted = {"date": DAY, "time": "18:00", "guests": 2}
    booking = asyncio.create_task(guest.client.post("/bookings", json=wanted))
    await until_waiting(connection, 1)
    hub.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(2):  # newcomers are refused while the booking waits: nobody would answer them
        while await accepts(hub):  # noqa: ASYNC110 - only a connection tells
            await asyncio.sleep(0.01)
    assert not booking.done()
    await transaction.rollback()
    await connection.close()
    answer = await booking
    assert (answer.status_code, answer.headers["connection"]) == (201, "close")
    began = time.monotonic()
    assert await hub.stop() == 0
    print(f"ended {time.monotonic() - began:.2f} s after its last answer")
    assert complaints(hub) == []


async def accepts(server: HubServer) -> bool:
    """Whether a connection is taken at the moment."""
    try:
        _, writer = await asyncio.open_connection(*where(server))
    except ConnectionRefusedError:
        return False
    writer.close()
    return True
