"""What a running hub says, and what the Python client says to it, against the schemas of the AsyncAPI document."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from hub.client.client import LiveClient
from hub.live import asyncapi
from hub.live.asyncapi import MESSAGES
from tests.frames import faults
from tests.integration.rest import day_after, query, running
from tests.servers import Account, HubServer, Servers
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY = day_after(40)
PRESENCE = f"presence:{DAY}"
CHANNELS = ("venue", "tables", f"availability:{DAY}", f"floor:{DAY}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    """Tokens end after a minute, which is what the hub warns of at once."""
    async with running(servers, template, folder, JWT_EXPIRE_MINUTES=1) as server:
        yield server


def shown(frames: list[dict[str, Any]], op: str) -> set[str]:
    """The kinds of channels of which there is such a frame."""
    return {frame["channel"].partition(":")[0] for frame in frames if frame["op"] == op}


async def book(account: Account, at: str) -> dict[str, Any]:
    answer = await account.client.post("/bookings", json={"date": DAY, "time": at})
    assert answer.status_code == 201, answer.text
    booking: dict[str, Any] = answer.json()
    return booking


async def provoke(hub: HubServer) -> list[dict[str, Any]]:
    """All that one session can be told."""
    host, admin, guest = await asyncio.gather(hub.staff("host"), hub.staff("admin"), hub.register())
    booking = await book(guest, "12:00")
    async with await Watcher.connected(hub.live_url, host.token, *CHANNELS) as watcher:
        answer = await admin.client.post("/admin/tables", json={"name": "Bar", "seats": 1})
        await admin.client.delete(f"/admin/tables/{answer.json()['id']}")
        await guest.client.delete(f"/bookings/{booking['id']}")
        await book(guest, "14:00")
        await watcher.until(lambda: len(watcher.all("update")) >= 3 and watcher.all("expiring"))
        await watcher.ask("subscribe", channel=CHANNELS[2], since=watcher.held[CHANNELS[2]].position)
        renewed = await host.client.post("/auth/refresh")
        await watcher.ask("refresh", token=renewed.json()["access_token"])
        await watcher.ask("refresh", token="no token")
        await watcher.ask("ping")
        await watcher.ask("subscribe", channel=PRESENCE)
        await watcher.ask("presence", channel=PRESENCE, data={"card": booking["id"]})
        await watcher.until(lambda: watcher.all("update", channel=PRESENCE))
        await watcher.ask("unsubscribe", channel=PRESENCE)
        for wrong in ("nonsense", f"floor:{day_after(4000)}", "x" * 70):
            await watcher.ask("subscribe", channel=wrong)
        await watcher.ask("hello")
        await watcher.say("unsubscribe", channel="tables")
        await hub.command("new-epoch")
        await watcher.until(lambda: len(watcher.all("resync")) == 3)
        # Another role: what it may not see is unsubscribed, without an id.
        role = "UPDATE users SET role = 'user', changed_at = clock_timestamp() WHERE email = $1"
        await query(hub, role, host.email)
        await watcher.until(lambda: watcher.all("unsubscribed", id=None))
        await watcher.say("connect", token=host.token)
        await watcher.closed()
        return watcher.said


@pytest.mark.slow
async def test_every_frame_of_a_running_hub_is_as_described(hub: HubServer) -> None:
    said = await provoke(hub)
    assert [fault for frame in said for fault in faults(frame)] == []
    assert shown(said, "snapshot") == {"venue", "tables", "availability", "floor", "presence"}
    assert shown(said, "update") == {"tables", "availability", "floor", "presence"}  # no service day ended
    values = [
        value for frame in said if frame["op"] == "update" for rows in frame["data"].values() for value in rows.values()
    ]
    assert None in values and [] in values
    expected = {op for op, message in MESSAGES.items() if message.by == "hub"}
    assert {frame["op"] for frame in said} == expected


@contextlib.asynccontextmanager
async def listening(
    hub: HubServer, heard: list[dict[str, Any]], *wanted: str
) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """An address that leads to the hub's live channel; ``heard`` takes every frame that clients send over it.

    The event is set when each op that is wanted was heard.
    """
    enough = asyncio.Event()

    async def relay(client: ServerConnection) -> None:
        async with connect(hub.live_url, compression=None, proxy=None) as behind:

            async def back() -> None:
                async for text in behind:
                    await client.send(text)

            task = asyncio.create_task(back())
            with contextlib.suppress(Exception):
                async for text in client:
                    heard.append(json.loads(text))
                    if {frame["op"] for frame in heard} >= set(wanted):
                        enough.set()
                    await behind.send(text)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async with serve(relay, "127.0.0.1", 0, subprotocols=["booking.v1.json"], compression=None) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}", enough


async def test_every_frame_of_the_python_client_is_as_described(hub: HubServer) -> None:
    guest = await hub.register()

    async def renew() -> str:
        token: str = (await guest.client.post("/auth/refresh")).json()["access_token"]
        return token

    heard: list[dict[str, Any]] = []
    relayed = listening(hub, heard, "refresh", "unsubscribe")
    async with relayed as (url, enough), LiveClient(url, guest.token, renew=renew) as live:
        first, second = live.watch("tables"), live.watch(f"availability:{DAY}")
        async with asyncio.timeout(6):
            await anext(first)
            await anext(second)
            await second.aclose()
            await enough.wait()
        await first.aclose()
    assert [fault for frame in heard for fault in faults(frame)] == []
    assert {frame["op"] for frame in heard} == {"connect", "subscribe", "refresh", "unsubscribe", "ping"}
    assert all(MESSAGES[frame["op"]].by == "client" for frame in heard)


async def test_asyncapi_json_is_the_document(hub: HubServer) -> None:
    answer = await hub.client().get("/asyncapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(asyncapi.document()))
    again = await hub.client().get("/asyncapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
