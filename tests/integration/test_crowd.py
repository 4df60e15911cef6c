"""A crowd on one day, or at the log-in: it waits where it takes nothing from others, and is told so beyond a bound."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from hub.rest.endpoint import PACE_SECONDS
from hub.store import database
from tests.conftest import StartHub
from tests.races import WAITING
from tests.servers import PATIENCE, HubServer
from tests.watching import watch

DAY = datetime.now(UTC).date() + timedelta(days=12)
CROWD = 800


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def _post(path: str, body: dict[str, Any], token: str) -> bytes:
    sent = orjson.dumps(body)
    return (
        f"POST {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
    ).encode() + sent


async def _connected(hub: HubServer) -> Streams:
    host, port = hub.url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))


async def _answered(streams: Streams, request: bytes) -> tuple[int, str | None]:
    """What a request is answered: its status and the code of its error."""
    streams[1].write(request)
    head = (await streams[0].readuntil(b"\r\n\r\n")).decode().lower()
    size = int(head.split("content-length: ")[1].split("\r\n")[0])
    answer: dict[str, Any] = orjson.loads(await streams[0].readexactly(size))
    status = int(head.split()[1])
    assert status not in (429, 503) or "retry-after: " in head
    return status, answer.get("error_code")


async def _crowd(hub: HubServer, token: str, requests: int, going: asyncio.Event) -> Counter[tuple[int, str | None]]:
    """What ``CROWD`` connections of one guest are answered, who asks for the same slot on each again and again."""
    request = _post("/bookings", {"date": str(DAY), "time": "18:00", "guests": 2}, token)
    found: Counter[tuple[int, str | None]] = Counter()

    async def one() -> None:
        streams = await _connected(hub)
        await going.wait()
        for _ in range(requests):
            found[await _answered(streams, request)] += 1
        streams[1].close()

    tasks = [asyncio.create_task(one()) for _ in range(CROWD)]
    await asyncio.sleep(0)
    going.set()
    await asyncio.gather(*tasks)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("bounds", [{}, {"WAITING_WRITERS": 64, "WAITING_WRITERS_PER_USER": 32}])
async def test_a_crowd_of_one_guest_on_a_full_day_takes_nothing_from_others(
    start_hub: StartHub, bounds: dict[str, int]
) -> None:
    hub = await start_hub(**bounds)
    greedy, other = await hub.register(), await hub.register()
    host = await hub.staff("host")
    for _ in range(16):
        booking = {"date": str(DAY), "time": "18:00", "guests": 1}
        assert (await other.client.post("/bookings", json=booking)).status_code == 201
    [screen] = await watch([hub], host.token, f"floor:{DAY}")
    going, done = asyncio.Event(), asyncio.Event()
    seen: list[tuple[int, int, int]] = []

    async def others() -> None:
        await going.wait()
        while not done.is_set():
            tomorrow = {"date": str(DAY + timedelta(days=1 + len(seen) // 16)), "time": "18:00", "guests": 1}
            booked = await other.client.post("/bookings", json=tomorrow, timeout=20)
            ready = await hub.client().get("/health/ready", timeout=20)
            mine = await other.client.get("/bookings/my?limit=1", timeout=20)
            seen.append((booked.status_code, ready.status_code, mine.status_code))

    beside = asyncio.create_task(others())
    answers = await _crowd(hub, greedy.token, 3 if bounds else 1, going)
    done.set()
    await beside
    assert set(seen) == {(201, 200, 200)}
    assert "could not be verified" not in hub.output
    if bounds:
        assert answers.keys() == {(409, "slot_taken"), (429, "too_many_requests")}
        assert answers[409, "slot_taken"] >= 32
    else:  # without a bound each is answered in its turn, or told that it took too long
        assert answers.keys() <= {(409, "slot_taken"), (503, "overloaded")}
    await screen.leave()


MANY = 12


@pytest.mark.parametrize(
    ("path", "body", "bounds"),
    [
        ("/bookings", {"date": str(DAY), "time": "18:00", "guests": 2}, {"WAITING_WRITERS_PER_USER": 1}),
        ("/holds", {"date": str(DAY), "time": "18:00", "guests": 2}, {"HOLDS_WITHOUT_BOOKING": 1}),
        ("/auth/login", {"email": "x@example.com", "password": "a guess"}, {"LOGIN_FAILURES_PER_ADDRESS": 1}),
    ],
)
@pytest.mark.slow
async def test_who_is_refused_asks_no_faster_for_it(
    start_hub: StartHub, path: str, body: dict[str, Any], bounds: dict[str, int]
) -> None:
    """A refusal costs little. So over many connections it could be had as fast as the hub answers anybody."""
    hub = await start_hub(**bounds)
    greedy, other = await hub.register(), await hub.register()
    found: Counter[int] = Counter()
    request = _post(path, body, greedy.token)

    async def ask() -> None:
        streams = await _connected(hub)
        try:
            while True:
                found[(await _answered(streams, request))[0]] += 1
        finally:
            streams[1].close()

    began = time.monotonic()
    asking = [asyncio.create_task(ask()) for _ in range(MANY)]
    while not found[429] or time.monotonic() - began < 2:
        assert (await other.client.get("/bookings/my", timeout=PATIENCE)).status_code == 200
    lasted = time.monotonic() - began  # however slow the machine is: then it is longer
    for task in asking:
        task.cancel()
    assert {type(ended) for ended in await asyncio.gather(*asking, return_exceptions=True)} == {asyncio.CancelledError}
    assert found[429] <= MANY * lasted / PACE_SECONDS


@pytest.mark.slow
async def test_hub_whose_connections_are_all_in_use_is_ready(start_hub: StartHub, database_url: str) -> None:
    """PostgreSQL is well and the hub is busy: were it taken out of service, the other processes would get its load.
    And what it shows stays verified: no load takes the connection by which it is compared with the database."""
    hub = await start_hub()
    guest, asks = await hub.register(), hub.client()
    [screen] = await watch([hub], guest.token, f"availability:{DAY}")
    sql = await asyncpg.connect(database_url)
    try:
        async with sql.transaction():
            await sql.execute("LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
            get = f"GET /bookings/my HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {guest.token}\r\n\r\n".encode()
            lines = [await _connected(hub) for _ in range(database.POOL_SIZE + 4)]
            waiting = [asyncio.create_task(_answered(line, get)) for line in lines]
            async with asyncio.timeout(PATIENCE):
                while await sql.fetchval(WAITING) < database.POOL_SIZE:
                    await sql.execute("SELECT pg_stat_clear_snapshot()")
                    await asyncio.sleep(0.01)
            for _ in range(2):  # the first look may have begun before
                await screen.verified(len(screen.said) - 1)
            answers = await asyncio.gather(*(asks.get("/health/ready", timeout=PATIENCE) for _ in range(20)))
            assert await sql.fetchval(WAITING) >= database.POOL_SIZE
        assert [answer.status_code for answer in answers] == [200] * 20
        found = Counter(await asyncio.gather(*waiting))
        for line in lines:
            line[1].close()
            await line[1].wait_closed()
        assert found[200, None] >= database.POOL_SIZE
        assert found.keys() <= {(200, None), (503, "overloaded")}
        await screen.leave()
    finally:
        await sql.close()
