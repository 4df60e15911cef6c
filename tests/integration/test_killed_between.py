"""A process that is killed between a request and its answer: asked again with its key, the request is done once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hub.store import postgres
from tests.guests import until
from tests.integration.rest import day_after, query, refused, running
from tests.integration.rest_rules.conftest import book
from tests.integration.rest_rules.test_guests import somebody
from tests.integration.rest_rules.test_manage import until_it_waits
from tests.servers import Account, HubServer, Servers, workers_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY = day_after(33)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    async with running(servers, template, folder, workers=2) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host(hub: HubServer) -> Account:
    return await hub.staff("host")


@pytest_asyncio.fixture(loop_scope="module")
async def holder(hub: HubServer) -> AsyncIterator[Any]:
    """A transaction in which a test holds what a request waits for."""
    connection = await postgres.connect(hub.environ["DATABASE_URL"], prepared=False)
    await connection.execute("BEGIN")
    yield connection
    await connection.close()


def kill_all(hub: HubServer, number: int) -> None:
    for pid in workers_of(hub):
        os.kill(pid, number)


async def asked_again(
    hub: HubServer, host: Account, method: str, path: str, body: dict[str, Any], key: dict[str, str]
) -> httpx.Response:
    """The answer, once a process serves again and the session of the killed one is over."""
    found: list[httpx.Response] = []

    async def is_told() -> bool:
        with contextlib.suppress(httpx.TransportError):
            answer = await hub.client(host.token).request(method, path, json=body, headers=key)
            if answer.is_success:
                found.append(answer)
            else:
                refused(answer, "in_progress", "unavailable")
        return bool(found)

    await until(is_told)
    return found[0]


@pytest.mark.slow
async def test_what_was_committed_and_never_answered_is_answered(hub: HubServer, host: Account, holder: Any) -> None:
    body, key = {"date": DAY, "time": "18:00", "guests": 2}, {"Idempotency-Key": "booked-once"}
    await book(host.client, DAY, "12:00")  # the day is loaded
    await holder.execute("SELECT hub_lock($1)", f"day:{DAY}")
    first = asyncio.create_task(host.client.post("/bookings", json=body, headers=key))
    await until_it_waits(holder)
    kill_all(hub, signal.SIGSTOP)  # whoever asked hears nothing any more
    await holder.execute("ROLLBACK")

    async def is_written() -> bool:
        return bool(await query(hub, "SELECT id FROM idempotency_keys"))

    await until(is_written)
    kill_all(hub, signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        await first
    answer = await asked_again(hub, host, "POST", "/bookings", body, key)
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")
    rows = await query(hub, "SELECT id FROM bookings WHERE starts_at::time = '18:00'")
    assert [row["id"] for row in rows] == [answer.json()["id"]]


@pytest.mark.slow
async def test_what_was_not_committed_is_done_when_it_is_asked_again(
    hub: HubServer, host: Account, holder: Any
) -> None:
    made = await book(host.client, DAY, "14:00", guest=somebody())
    path, body, key = f"/guests/{made['guest']['id']}", {"name": "Ida After"}, {"Idempotency-Key": "renamed-once"}
    await holder.execute("SELECT FROM guests WHERE id = $1 FOR UPDATE", made["guest"]["id"])
    first = asyncio.create_task(host.client.patch(path, json=body, headers=key))
    await until_it_waits(holder)
    kill_all(hub, signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        await first
    again = asyncio.create_task(asked_again(hub, host, "PATCH", path, body, key))
    await holder.execute("ROLLBACK")
    answer = await again
    assert (answer.status_code, answer.json()["name"], answer.json()["revision"]) == (200, "Ida After", 2)
    assert "idempotency-replayed" not in answer.headers
    events = await query(hub, "SELECT id FROM events WHERE kind = 'renamed'")
    assert len(events) == 1
