"""A restaurant in which it is noon, whenever the tests run: a hub of two processes with people of every role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest_asyncio

from hub.commands import venues
from hub.domain.roles import OF_MEMBERS
from hub.security import Tokens
from tests.http_clients import http_client
from tests.integration.rest import running
from tests.servers import HubServer, Servers
from tests.tonight import midday, shift, soon
from tests.venues import VISITOR, Person, database_of, make_person, settings_of, until_roles

STAFF = ("host", "manager", "owner", "admin")


@dataclass(slots=True)
class Tonight:
    hub: HubServer
    client: httpx.AsyncClient
    """Sends no token of its own."""
    rows: asyncpg.Connection[asyncpg.Record]
    people: dict[str, Person]
    """By role in the venue; ``guest`` is the one who books, ``user`` is another."""
    zone: ZoneInfo

    async def ask(self, method: str, path: str, by: str = "host", body: Any = None, **headers: str) -> httpx.Response:
        return await self.client.request(method, path, json=body, headers={**self.people[by].headers, **headers})

    async def done(self, method: str, path: str, body: Any = None, by: str = "host", **headers: str) -> dict[str, Any]:
        answer = await self.ask(method, path, by, body, **headers)
        assert answer.is_success, answer.text
        found = answer.json()
        return dict(found) if isinstance(found, dict) else {"items": found}

    async def booked(self, table: int | None = None, *, start: int = 1, by: str = "guest", **fields: Any) -> int:
        """Book for a minute from now, and let it have been so many minutes from now. Returns the booking's id."""
        body = {**soon(self.zone.key), "guests": 2, **fields}
        if table is not None:
            body["table_id"] = table
        made = await self.done("POST", "/bookings", body, by)
        id = int(made["id"])
        if start != 1:
            await self.shift(id, start - 1)
        return id

    async def shift(self, booking: int, minutes: int) -> None:
        """Move a booking and what it holds, as no request can: with an event, so that every view follows."""
        await shift(self.rows, booking, minutes)

    async def kept(self, booking: int) -> Any:
        """The booking's row with what it holds, and how many events and mails there are of it."""
        return await self.rows.fetchrow(
            "SELECT to_jsonb(b) AS row, b.status AS row_status, hub_entry(b) AS entry, "
            "(SELECT count(*) FROM events e WHERE e.data->>'booking' = b.id::text) AS events, "
            "(SELECT count(*) FROM outbox o WHERE o.booking_id = b.id) AS mails FROM bookings b WHERE b.id = $1",
            booking,
        )

    async def table(self, name: str, seats: int = 2) -> int:
        made = await self.done("POST", "/admin/tables", {"name": name, "seats": seats}, "admin")
        return int(made["id"])


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def tonight(servers: Servers, template: str, folder: Path) -> AsyncIterator[Tonight]:
    hours = midday()
    zone = hours["RESTAURANT_TIMEZONE"]
    async with running(
        servers, template, folder, workers=2, BOOKINGS_PER_USER=0, OVERLAPPING_PER_USER=0, CANCEL_DEADLINE_MINUTES=0,
        **hours,
    ) as hub:  # fmt: skip
        rows = await asyncpg.connect(hub.environ["DATABASE_URL"])
        async with database_of(hub), http_client(base_url=hub.url, timeout=20) as client:
            tokens = Tokens(settings_of(hub))
            people = {"visitor": VISITOR}
            for role in ("guest", "user", "admin"):
                account = role if role == "admin" else "user"
                people[role] = await make_person(rows, tokens, role=account, label=role)
            for role in OF_MEMBERS:
                people[role] = await make_person(rows, tokens, label=role)
                await venues.set_member(slug="main", email=people[role].email, role=role)
            for role in OF_MEMBERS:
                await until_roles(client, people[role], {"main": role})
            yield Tonight(hub, client, rows, people, ZoneInfo(zone))
        await rows.close()
