"""What a running hub says, and what the Python client says to it, against the schemas of the AsyncAPI document."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from hub.live import asyncapi
from hub.live.asyncapi import MESSAGES
from hub.live.client import LiveClient
from tests.conftest import StartHub
from tests.frames import faults
from tests.integration.rest import day_after
from tests.servers import Account, HubServer
from tests.watching import Watcher

DAY = day_after(40)
CHANNELS = ("tables", f"availability:{DAY}", f"floor:{DAY}")


def shown(frames: list[dict[str, Any]], op: str) -> set[str]:
    """The kinds of channels of which there is such a frame."""
    return {frame["channel"].partition(":")[0] for frame in frames if frame["op"] == op}


async def book(account: Account, at: str) -> dict[str, Any]:
    answer = await account.client.post("/bookings", json={"date": DAY, "time": at})
    assert answer.status_code == 201, answer.text
    booking: dict[str, Any] = answer.json()
    return booking


async def provoke(hub: HubServer) -> list[dict[str, Any]]:
    """All that one session can be told, short of doubt."""
    host, admin, guest = await asyncio.gather(hub.staff("host"), hub.staff("admin"), hub.register())
    booking = await book(guest, "12:00")
    async with await Watcher.connected(hub.live_url, host.token, *CHANNELS) as watcher:
        answer = await admin.client.post("/admin/tables", json={"name": "Bar", "seats": 1})
        await admin.client.delete(f"/admin/tables/{answer.json()['id']}")
        await guest.client.delete(f"/bookings/{booking['id']}")
        await book(guest, "14:00")
        await watcher.until(lambda: len(watcher.all("update")) >= 3 and watcher.all("expiring"))
        await watcher.ask("subscribe", channel=CHANNELS[1], since=watcher.held[CHANNELS[1]].position)
        renewed = await host.client.post("/auth/refresh")
        await watcher.ask("refresh", token=renewed.json()["access_token"])
        await watcher.ask("refresh", token="no token")
        await watcher.ask("ping")
        for wrong in ("nonsense", f"floor:{day_after(4000)}", "x" * 70):
            await watcher.ask("subscribe", channel=wrong)
        await watcher.ask("hello")
        await watcher.say("unsubscribe", channel="tables")
        await hub.command("new-epoch")
        await watcher.until(lambda: len(watcher.all("resync")) == 2)
        # Another role: what it may not see is unsubscribed, without an id.
        await hub.command("create-user", host.email, "--role", "user", given="\n")
        await watcher.until(lambda: watcher.all("unsubscribed", id=None))
        await watcher.say("connect", token=host.token)
        await watcher.closed()
        return watcher.said


async def test_every_frame_of_a_running_hub_is_as_described(start_hub: StartHub) -> None:
    hub = await start_hub(JWT_EXPIRE_MINUTES="1")
    said = await provoke(hub)
    assert [fault for frame in said for fault in faults(frame)] == []
    kinds = {"tables", "availability", "floor"}
    assert shown(said, "snapshot") == shown(said, "update") == kinds
    values = [
        value for frame in said if frame["op"] == "update" for rows in frame["data"].values() for value in rows.values()
    ]
    assert None in values and [] in values
    expected = {op for op, message in MESSAGES.items() if message.by == "hub"} - {"doubt"}
    assert {frame["op"] for frame in said} == expected


@contextlib.asynccontextmanager
async def listening(hub: HubServer) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """An address that leads to the hub's live channel, and every frame that clients send over it."""
    heard: list[dict[str, Any]] = []

    async def relay(client: ServerConnection) -> None:
        async with connect(hub.live_url, compression=None, proxy=None) as behind:

            async def back() -> None:
                async for text in behind:
                    await client.send(text)

            task = asyncio.create_task(back())
            with contextlib.suppress(Exception):
                async for text in client:
                    heard.append(json.loads(text))
                    await behind.send(text)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async with serve(relay, "127.0.0.1", 0, subprotocols=["booking.v1.json"], compression=None) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}", heard


async def test_every_frame_of_the_python_client_is_as_described(start_hub: StartHub) -> None:
    hub = await start_hub(JWT_EXPIRE_MINUTES="1")
    guest = await hub.register()

    async def renew() -> str:
        token: str = (await guest.client.post("/auth/refresh")).json()["access_token"]
        return token

    async with listening(hub) as (url, heard), LiveClient(url, guest.token, renew=renew) as live:
        first, second = live.watch("tables"), live.watch(f"availability:{DAY}")
        async with asyncio.timeout(6):
            await anext(first)
            await anext(second)
            await second.aclose()
            while not {"refresh", "unsubscribe"} <= {frame["op"] for frame in heard}:
                await asyncio.sleep(0.02)
        await first.aclose()
    assert [fault for frame in heard for fault in faults(frame)] == []
    assert {frame["op"] for frame in heard} == {"connect", "subscribe", "refresh", "unsubscribe"}
    assert all(MESSAGES[frame["op"]].by == "client" for frame in heard)


async def test_asyncapi_json_is_the_document(hub_server: HubServer) -> None:
    answer = await hub_server.client().get("/asyncapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(asyncapi.document()))
    again = await hub_server.client().get("/asyncapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
