"""Guessing and floods against a running hub: who has to wait, who does not, and what the log and the metrics say."""

from __future__ import annotations

import asyncio
import os
import signal

import httpx
import pytest

from tests.conftest import StartHub, two_hubs
from tests.http_clients import NO_CERTIFICATES, http_client
from tests.integration.rest import log_lines, refused
from tests.servers import PASSWORD, UNBOUNDED, HubServer, Servers

BOUNDED = {name: "" for name in UNBOUNDED}
"""The defaults, which the environment of tests takes away."""
STRANGER, OWNER = "127.0.0.7", "127.0.0.8"
"""Addresses of this machine from which a client may ask."""


def client_at(hub: HubServer, address: str, *, most: int = 300) -> httpx.AsyncClient:
    """A client of another address than everybody else's."""
    transport = httpx.AsyncHTTPTransport(
        local_address=address,
        # None is closed here while it is idle: the hub would count it for a moment beside the one that replaces it.
        limits=httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=None),
        verify=NO_CERTIFICATES,
    )
    made = http_client(base_url=hub.url, transport=transport, timeout=60)
    hub.clients.append(made)
    return made


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/auth/login", json={"email": email, "password": password})


async def until_throttled(client: httpx.AsyncClient, email: str) -> int:
    """Guess on until it has to wait; returns how many guesses were taken before: on a slow machine the first, short
    delays may be over by the time of the next guess."""
    for number in range(6):
        answer = await log_in(client, email, f"one more guess {number}")
        if answer.status_code == 429:
            refused(answer, "too_many_attempts")
            assert 1 <= int(answer.headers["retry-after"]) <= 900
            return number
    raise AssertionError("nothing has to wait")


@pytest.mark.slow
async def test_guessing_ends_and_the_owner_still_gets_in(start_hub: StartHub) -> None:
    """In two processes, whose counts are one, from one address; and the owner is at another one."""
    hubs = await two_hubs(start_hub, **BOUNDED)
    ada = await hubs[0].register()
    strangers = [client_at(hub, STRANGER) for hub in hubs]
    answers = [await log_in(strangers[number % 2], ada.email, f"guess {number}") for number in range(10)]
    assert [answer.status_code for answer in answers] == [401] * 10
    failures = 10 + sum([await until_throttled(stranger, ada.email) for stranger in strangers])
    for hub in hubs:
        assert (await log_in(client_at(hub, OWNER), ada.email)).status_code == 200
    lines = [line for hub in hubs for line in log_lines(hub) if line["event"] == "log_in"]
    outcomes = [line["outcome"] for line in lines]
    assert [outcomes.count(each) for each in ("refused", "throttled", "done", "failed")] == [failures, 2, 2, 0]
    assert {line["address"] for line in lines} == {STRANGER, OWNER}
    me = (await ada.client.get("/auth/me")).json()["id"]
    assert all(line["user_id"] == (None if line["outcome"] == "throttled" else me) for line in lines)
    for secret in (ada.email, "guess", PASSWORD):
        assert not any(secret in hub.output for hub in hubs)
    series = (await hubs[0].client().get("/metrics")).text
    assert 'hub_log_ins_total{outcome="done"} 1.0' in series
    assert 'hub_throttled_total{call="log_in"} 1.0' in series


@pytest.mark.slow
async def test_flood_of_wrong_log_ins_takes_nothing_from_others(start_hub: StartHub) -> None:
    """200 connections of one address, and the right log-ins of another: none of these waits for its turn in vain."""
    hub = await start_hub(**BOUNDED)
    guests = [await hub.register() for _ in range(16)]
    flood, honest = client_at(hub, STRANGER), client_at(hub, OWNER)
    going = asyncio.Event()
    seen: list[int] = []

    async def guess(number: int) -> None:
        while not going.is_set():
            seen.append((await log_in(flood, f"guest-{number}@example.com", "a guess")).status_code)

    guessing = [asyncio.create_task(guess(number)) for number in range(200)]
    try:
        for _ in range(3):
            answers = await asyncio.gather(*(log_in(honest, guest.email) for guest in guests))
            assert [answer.status_code for answer in answers] == [200] * 16
    finally:
        going.set()
        await asyncio.gather(*guessing)
    assert set(seen) <= {401, 429}
    assert seen.count(401) <= 100 + 8 + (os.cpu_count() or 1)  # the bound of an hour, and what ran beside its last


@pytest.mark.slow
async def test_registrations_of_one_address_are_bounded(start_hub: StartHub) -> None:
    hub = await start_hub(**BOUNDED | {"REGISTRATIONS_PER_ADDRESS": "3"})
    stranger = client_at(hub, STRANGER)
    bodies = [
        {"email": f"g{n}@example.com", "password": PASSWORD, "phone_number": f"+4930123450{n}", "full_name": "Guest"}
        for n in range(5)
    ]
    answers = [await stranger.post("/auth/register", json=body) for body in bodies]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    refused(answers[3], "too_many_attempts")
    assert 0 < int(answers[3].headers["retry-after"]) <= 3600
    assert (await client_at(hub, OWNER).post("/auth/register", json=bodies[3])).status_code == 201


@pytest.mark.parametrize("how", ["stopped", "killed"])
@pytest.mark.slow
async def test_each_process_counts_by_itself_while_redis_is_away(
    start_hub: StartHub, servers: Servers, how: str
) -> None:
    """A Redis that stands still, or is gone: nobody is locked out for it, and guessing ends all the same."""
    if how == "stopped":
        hub = await start_hub(**BOUNDED)
    else:
        hub = await start_hub(**BOUNDED, REDIS_URL="redis://127.0.0.1:1/0")
    ada = await hub.register()
    if how == "stopped":
        os.kill(servers.valkey.process.pid, signal.SIGSTOP)
    try:
        stranger, owner = client_at(hub, STRANGER), client_at(hub, OWNER)
        for number in range(10):
            assert (await log_in(stranger, ada.email, f"guess {number}")).status_code == 401
        await until_throttled(stranger, ada.email)
        assert (await log_in(owner, ada.email)).status_code == 200
    finally:
        if how == "stopped":
            os.kill(servers.valkey.process.pid, signal.SIGCONT)
    assert "attempts are counted in this process alone" in hub.whole_output()
