"""The restaurant of the evening: its hub, its room, its bookings of before, and the judge that compares all screens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx

from hub.domain.events import MAIN, stream_of
from tests.browser import stand_judge
from tests.browser.stand_screen import Screen
from tests.http_clients import http_client
from tests.servers import PATIENCE, Account, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

SIZES = {"desktop": (1280, 800), "tablet": (1024, 768), "phone": (390, 844)}
SEATINGS = ("16:00", "19:00")
LARGEST = 6


@dataclass(slots=True)
class Evening:
    """``client`` outlives the hub's processes. ``compared`` counts the screens that were compared with the rows."""

    hub: HubServer
    client: httpx.AsyncClient
    rows: Any
    staff: Account
    zone: ZoneInfo
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """By the hub's clock."""
    past_midnight: timedelta = timedelta()
    """How far a service day reaches into the next date."""
    screens: list[Screen] = field(default_factory=list)
    tables: dict[int, list[int]] = field(default_factory=dict)
    """Ids by their seats."""
    names: dict[int, str] = field(default_factory=dict)
    combination: dict[str, Any] = field(default_factory=dict)
    browser: str = ""
    """Where the browser is driven."""
    compared: int = 0
    acts: int = 0

    @property
    def day(self) -> str:
        """The service day that is on."""
        return (self.now().astimezone(self.zone) - self.past_midnight).date().isoformat()

    def start(self, minutes: int) -> dict[str, str]:
        """The date and the time of what begins so many minutes from now; with the offset, since a time may repeat."""
        at = (self.now() + timedelta(minutes=minutes)).astimezone(self.zone).replace(second=0, microsecond=0)
        return {"date": at.date().isoformat(), "time": at.timetz().isoformat()}

    def at(self, minutes: int) -> str:
        """The wall time so many minutes from now."""
        return self.start(minutes)["time"][:5]

    async def ask(self, method: str, path: str, body: Any = None, by: Account | None = None) -> Any:
        headers = {"Authorization": f"Bearer {(by or self.staff).token}"}
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.is_success, (method, path, body, answer.text)
        return answer.json() if answer.content else None

    async def book(self, name: str, ahead: int, table: int | None = None, **fields: Any) -> int:
        """By REST, so many minutes from now."""
        body = {**self.start(ahead), "guests": 2, "guest": {"name": name}, **fields}
        made = await self.ask("POST", "/bookings", body | ({} if table is None else {"table_id": table}))
        return int(made["id"])

    async def version(self, day: str | None = None) -> int:
        """Of the rows."""
        stream = stream_of(MAIN, datetime.fromisoformat(day or self.day).date())
        return int(await self.rows.fetchval("SELECT coalesce(max(version), 0) FROM events WHERE stream = $1", stream))

    async def committed(self) -> list[tuple[int, float]]:
        """Each version of the day with when it was written."""
        stream = stream_of(MAIN, datetime.fromisoformat(self.day).date())
        found = await self.rows.fetch("SELECT version, at FROM events WHERE stream = $1", stream)
        return [(row["version"], row["at"].timestamp() * 1000) for row in found]

    async def floor(self, version: int = 0, day: str | None = None) -> tuple[int, dict[str, Any]]:
        """What the hub says of the day, at this version or a later one."""
        epoch = await self.rows.fetchval("SELECT epoch FROM hub")
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self.client.get(
                    f"/days/{day or self.day}/floor", params={"after": f"{epoch}:{version}"},
                    headers={"Authorization": f"Bearer {self.staff.token}"},
                )  # fmt: skip
                if answer.status_code != 503:  # it can't verify what it has at the moment, on a busy machine for one
                    break
        assert answer.status_code == 200, answer.text
        return int(answer.headers["etag"].strip('"').split(":")[1].split("-")[0]), answer.json()

    async def booking(self, id: int) -> Any:
        """As the floor shows it now; None when it is not shown."""
        return (await self.floor(await self.version()))[1]["bookings"].get(str(id))

    async def named(self, name: str) -> tuple[int, dict[str, Any]]:
        bookings = (await self.floor(await self.version()))[1]["bookings"]
        [(id, found)] = [(int(id), each) for id, each in bookings.items() if each["guest_name"] == name]
        return id, found

    async def agree(self, *screens: Screen) -> None:
        """Each screen comes to show the rows as they are now, and shows them at the same position in every part."""
        version = await self.version()
        for screen in screens or self.screens:
            async with asyncio.timeout(PATIENCE):
                while True:
                    version, floor = await self.floor(version)
                    await screen.until_version(version)
                    before = self.now().timestamp() * 1000
                    seen = await screen.shown()
                    after = self.now().timestamp() * 1000
                    shown = int(seen["position"].split(":")[1])
                    if shown == version:
                        break
                    version = shown  # somebody, the keeper for one, was between
            # A screen's clock ticks once a second: a party may have become late since its last look.
            moments = (before, before - stand_judge.TICK_MS, after)
            wrong = [stand_judge.differences(seen, floor, self.names, now) for now in moments]
            assert [] in wrong, (screen.name, version, wrong[0])
            self.compared += 1

    @asynccontextmanager
    async def act(self) -> AsyncIterator[None]:
        """What is done within changes the day; then every screen shows it."""
        version = await self.version()
        yield
        await asyncio.gather(*(screen.until_version(version + 1) for screen in self.screens))
        self.acts += 1
        await self.agree()

    async def know_tables(self) -> None:
        for table in (await self.ask("GET", "/admin/tables"))["items"]:
            self.tables.setdefault(table["seats"], []).append(table["id"])
            self.names[table["id"]] = table["name"]

    async def furnish(self) -> None:
        """Two tables for two that join; and parties to come at two seatings."""
        pair = self.tables[2][-2:]
        self.combination = await self.ask(
            "POST", "/admin/combinations", {"table_ids": pair, "min_guests": 3, "max_guests": 4}
        )
        number = 0
        for seating in SEATINGS:
            for seats, tables in self.tables.items():
                for table in tables:
                    if seats == LARGEST and seating == SEATINGS[0]:
                        continue  # who waits for such a table is told of a time before the last seating
                    number += 1
                    body = {"date": self.day, "time": seating, "guests": min(seats, 3), "table_id": table}
                    await self.ask("POST", "/bookings", {**body, "guest": {"name": f"Party {number}"}, "minutes": 90})

    async def fill_tomorrow(self, bookings: int) -> int:
        """So many bookings on the day after; returns the first one."""
        tomorrow = (datetime.fromisoformat(self.day) + timedelta(days=1)).date().isoformat()
        tables = [id for ids in self.tables.values() for id in ids]
        places = [(f"{hour:02}:00", table) for hour in range(7, 21) for table in tables][:bookings]
        assert len(places) == bookings

        async def fill(mine: list[tuple[str, int]]) -> list[int]:
            return [
                (await self.ask("POST", "/bookings", {
                    "date": tomorrow, "time": at, "guests": 2, "table_id": table, "minutes": 60,
                    "guest": {"name": f"Tomorrow {at} {table}"},
                }))["id"]
                for at, table in mine
            ]  # fmt: skip

        made = await asyncio.gather(*(fill(places[start::8]) for start in range(8)))
        return int(made[0][0])


@asynccontextmanager
async def begun(
    hub: HubServer,
    zone: str,
    open_tab: Callable[[str], AbstractAsyncContextManager[Page]],
    browser: str,
    lines: dict[str, str] | None = None,
    **fields: Any,
) -> AsyncIterator[Evening]:
    """Three hosts on three screens; ``lines`` are the addresses at which some of them reach the hub."""
    rows = await asyncpg.connect(hub.environ["DATABASE_URL"])
    async with AsyncExitStack() as stack, http_client(base_url=hub.url, timeout=20) as client:
        stack.push_async_callback(rows.close)
        made = Evening(hub, client, rows, await hub.staff("admin"), ZoneInfo(zone), browser=browser, **fields)
        await made.know_tables()
        for name, size in SIZES.items():
            page = await stack.enter_async_context(open_tab(browser))
            screen = Screen(name, page, await hub.staff("host", f"{name}@example.com"), size)
            made.screens.append(screen)
            await screen.enter((lines or {}).get(name, hub.url))
        yield made
