"""Valkey and PostgreSQL killed, stopped, paused and back: it is said, nothing wrong is shown, and all comes back.

The servers that suffer belong to the test alone. Deadlines are three times the contract's bound, and guard against a
hang only. What every watcher holds in the end is compared with the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.process import embedded
from tests import servers as made
from tests.conftest import SECRET_KEY, StartHub, two_hubs
from tests.servers import CHECKOUT, Account, HubServer
from tests.watching import PATIENCE, converged, watch

DAY = datetime.now(UTC).date() + timedelta(days=7)
CHANNELS = [f"availability:{DAY}", f"floor:{DAY}", f"starts:{DAY}", "tables"]


@dataclass(slots=True)
class Victim:
    """An embedded server of the test's own, which it may kill, stop and bring back on the same port."""

    folder: Path
    begin: Callable[[Path], embedded.Server]
    server: embedded.Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = self.begin(self.folder)

    @property
    def url(self) -> str:
        return self.server.url

    def kill(self) -> None:
        self.server.kill()

    async def start(self) -> None:
        port = self.server.port
        self.server = await asyncio.to_thread(self.begin, self.folder)
        assert self.server.port == port

    def paused(self) -> contextlib.AbstractContextManager[None]:
        return made.paused(self.server)


def start_valkey(folder: Path) -> embedded.Server:
    return embedded.start_valkey(folder, settings={"appendonly": "no"})


def start_postgres(folder: Path) -> embedded.Server:
    return embedded.start_postgres(folder, settings=made.QUICK)


@pytest.fixture
def valkey(folder: Path) -> Iterator[Victim]:
    victim = Victim(folder / f"valkey-{secrets.token_hex(4)}", start_valkey)
    yield victim
    victim.server.stop()
    embedded.remove(victim.folder)


@pytest.fixture
def postgres(folder: Path) -> Iterator[Victim]:
    victim = Victim(folder / f"postgres-{secrets.token_hex(4)}", start_postgres)
    yield victim
    victim.server.stop()
    embedded.remove(victim.folder)


async def health(hub: HubServer) -> tuple[int, dict[str, Any]]:
    answer = await hub.client().get("/health/ready")
    return answer.status_code, answer.json()


async def until(found: Callable[[], Awaitable[bool]], within: float = PATIENCE) -> None:
    async with asyncio.timeout(within):
        while not await found():  # noqa: ASYNC110 - another process is asked: there is nothing to wait for
            await asyncio.sleep(0.1)


@dataclass(slots=True)
class Custom:
    """Guests who go on through every hub: each request is bounded, and what was answered is kept."""

    hubs: list[HubServer]
    guest: Account
    answers: list[tuple[str, int, float]] = field(default_factory=list)
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._clients = [hub.client(self.guest.token) for hub in self.hubs]

    async def ask(self, client: httpx.AsyncClient, method: str, path: str, **how: Any) -> httpx.Response:
        began = time.monotonic()
        answer = await client.request(method, path, timeout=3, **how)
        self.answers.append((f"{method} {path.split('?')[0]}", answer.status_code, time.monotonic() - began))
        return answer

    async def once(self, n: int) -> None:
        """A guest's visit: look, book, change, and cancel one of two."""
        client, other = self._clients[n % 2], self._clients[(n + 1) % 2]
        at = f"{12 + n % 5 * 2}:00"
        await self.ask(client, "GET", f"/tables/available?date={DAY}&time={at}&guests=2")
        answer = await self.ask(client, "POST", "/bookings", json={"date": str(DAY), "time": at, "guests": 1 + n % 4})
        if answer.status_code == 201:
            path = f"/bookings/{answer.json()['id']}"
            await self.ask(other, "PATCH", path, json={"guests": 1})
            if n % 2:
                await self.ask(other, "DELETE", path)
        await self.ask(client, "GET", "/bookings/my")
        if n % 8 == 0:
            credentials = {"email": self.guest.email, "password": made.PASSWORD}
            await self.ask(other, "POST", "/auth/login", json=credentials)

    async def during(self, seconds: float) -> None:
        end, n = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            await self.once(n)
            n += 1

    def check(self) -> None:
        """No answer was the hub's fault, and each kind of request was served."""
        assert [a for a in self.answers if a[1] >= 500] == []
        served = {what.rstrip("0123456789") for what, status, _ in self.answers if status < 400}
        wanted = {"GET /tables/available", "POST /bookings", "PATCH /bookings/", "DELETE /bookings/"}
        assert served == wanted | {"GET /bookings/my", "POST /auth/login"}


# -- Valkey


@pytest.mark.slow
async def test_valkey_killed_costs_no_answer_and_every_view_stays_right(
    start_hub: StartHub, valkey: Victim, database_url: str
) -> None:
    hubs = await two_hubs(start_hub, REDIS_URL=valkey.url)
    host = await hubs[0].staff("host")
    custom = Custom(hubs, await hubs[0].register())
    watchers = await watch(hubs, host.token, *CHANNELS)
    valkey.kill()
    await custom.during(3)
    for hub in hubs:
        status, said = await health(hub)
        assert (status, said["status"], said["checks"]["redis"]) == (200, "degraded", "does not answer")
    await converged(watchers, database_url, *CHANNELS)  # while it is away
    newcomers = await watch(hubs, host.token, *CHANNELS)
    await custom.during(2)
    await converged(watchers + newcomers, database_url, *CHANNELS)
    await valkey.start()
    for hub in hubs:
        await until(lambda h=hub: _is(h, "ready"))
    await custom.during(1)
    await converged(watchers + newcomers, database_url, *CHANNELS)
    custom.check()
    for watcher in watchers:
        assert all(m["verified_at"] for m in watcher.all("fresh"))
        assert not watcher.all("resync")
        await watcher.leave()
    for watcher in newcomers:
        await watcher.leave()


async def _is(hub: HubServer, status: str) -> bool:
    return bool((await health(hub))[1]["status"] == status)


@pytest.mark.slow
async def test_valkey_paused_costs_no_answer_and_every_view_stays_right(
    start_hub: StartHub, valkey: Victim, database_url: str
) -> None:
    hubs = await two_hubs(start_hub, REDIS_URL=valkey.url)
    host = await hubs[0].staff("host")
    custom = Custom(hubs, await hubs[0].register())
    watchers = await watch(hubs, host.token, *CHANNELS)
    with valkey.paused():
        await custom.during(3)
        assert [(await health(hub))[1]["status"] for hub in hubs] == ["degraded", "degraded"]
        await converged(watchers, database_url, *CHANNELS)
        other = DAY + timedelta(days=1)
        newcomers = await watch(hubs, host.token, f"availability:{other}")  # a day that nobody has loaded
    for hub in hubs:
        await until(lambda h=hub: _is(h, "ready"), 15)
    await custom.during(1)
    await converged(watchers, database_url, *CHANNELS)
    custom.check()
    for watcher in watchers + newcomers:
        await watcher.leave()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["killed", "paused"])
async def test_log_out_and_role_bite_everywhere_without_valkey(start_hub: StartHub, valkey: Victim, how: str) -> None:
    hubs = await two_hubs(start_hub, REDIS_URL=valkey.url)
    host, guest = await hubs[0].staff("host"), await hubs[0].register()
    on_floor = await watch(hubs, host.token, f"floor:{DAY}")
    of_guest = await watch(hubs, guest.token, "tables")
    with contextlib.ExitStack() as outage:
        if how == "killed":
            valkey.kill()
        else:
            outage.enter_context(valkey.paused())
        assert (await guest.client.post("/auth/logout")).status_code == 204
        for watcher in of_guest:
            assert (await watcher.closed())[0] == 4003
        for hub in hubs:
            assert (await hub.client(guest.token).get("/auth/me")).status_code == 401
        await hubs[0].command("create-user", host.email, "--role", "user")
        for watcher in on_floor:
            assert (await watcher.closed())[0] == 4003


# -- PostgreSQL


async def migrate(url: str, redis_url: str, data_dir: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.process.cli", "migrate", "--data-dir", str(data_dir)),
        env=made.environment(DATABASE_URL=url, REDIS_URL=redis_url, SECRET_KEY=SECRET_KEY),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0


@pytest.mark.slow
@pytest.mark.parametrize("how", ["stopped", "paused"])
async def test_postgresql_away_is_said_and_nothing_stale_is_shown(
    start_hub: StartHub, postgres: Victim, redis_url: str, data_dir: Path, how: str
) -> None:
    await migrate(postgres.url, redis_url, data_dir)
    hubs = await two_hubs(start_hub, DATABASE_URL=postgres.url)
    host, guest = await hubs[0].staff("host"), await hubs[0].register()
    watchers = await watch(hubs, host.token, *CHANNELS)
    booking = {"date": str(DAY), "time": "18:00", "guests": 2}
    assert (await guest.client.post("/bookings", json=booking)).status_code == 201
    await converged(watchers, postgres.url, *CHANNELS)
    clients = [hub.client(guest.token) for hub in hubs]
    path = f"/tables/available?date={DAY}&time=18:00"
    assert {(await client.get(path)).status_code for client in clients} == {200}

    async def unverified() -> None:
        for watcher in watchers:
            # It goes on to be told, and stands still.
            begin = len(watcher.said)
            await watcher.until(lambda w=watcher, b=begin: len(w.all("fresh", b)) >= 4, 12)
            last = [m["verified_at"] for m in watcher.all("fresh", begin)]
            assert last[2] == last[3]
            assert (await watcher.ask("ping"))["op"] == "pong"
        for hub, client in zip(hubs, clients, strict=True):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["error_code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) >= 1
            status, said = await health(hub)
            assert (status, said["status"]) == (503, "not_ready")
            assert (await client.get("/health/live")).status_code == 200

    if how == "paused":
        with postgres.paused():
            await unverified()
    else:
        await asyncio.to_thread(postgres.server.stop)
        await unverified()
        await postgres.start()
    for watcher in watchers:
        await watcher.verified(len(watcher.said) - 1, 20)
    for hub in hubs:
        await until(lambda h=hub: _is(h, "ready"), 20)
    assert {(await client.get(path)).status_code for client in clients} == {200}
    assert (await clients[1].post("/bookings", json=booking)).status_code == 201
    await converged(watchers, postgres.url, *CHANNELS)
    for watcher in watchers:
        assert watcher.socket.close_code is None
        await watcher.leave()
