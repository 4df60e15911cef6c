"""A hub with three venues, which all of these files share: Berlin without a prefix, and two with a whole day between
them, so that it is always another date there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest_asyncio

from hub.security import Tokens
from tests.http_clients import http_client
from tests.integration.rest import running
from tests.servers import HubServer, Servers
from tests.venues import (
    VISITOR,
    Person,
    Place,
    add_venue,
    database_of,
    make_person,
    settings_of,
    settle,
    until_known,
    until_roles,
)


@dataclass(slots=True)
class Town:
    hub: HubServer
    places: dict[str, Place]
    client: httpx.AsyncClient
    """Sends no token of its own."""
    rows: asyncpg.Connection[asyncpg.Record]
    tokens: Tokens
    admin: Person
    house_host: Person
    """A host by the account's role: of the venue without a prefix."""
    user: Person

    @property
    def house(self) -> dict[str, Person]:
        """Those who are members of no venue, by what they are."""
        return {"visitor": VISITOR, "user": self.user, "house host": self.house_host}


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town(servers: Servers, template: str, folder: Path) -> AsyncIterator[Town]:
    async with running(servers, template, folder, RESTAURANT_TIMEZONE="Europe/Berlin") as hub:
        rows = await asyncpg.connect(hub.environ["DATABASE_URL"])
        async with database_of(hub) as settings, http_client(base_url=hub.url, timeout=20) as client:
            kiri = await add_venue(settings, "kiri", "Pacific/Kiritimati", closes=26 * 60)
            pago = await add_venue(settings, "pago", "Pacific/Pago_Pago")
            places = {
                "main": Place(1, "main", ""),
                "kiri": Place(kiri, "kiri", "/v/kiri"),
                "pago": Place(pago, "pago", "/v/pago"),
            }
            tokens = Tokens(settings_of(hub))
            admin, house_host = [await make_person(rows, tokens, role=role, label=role) for role in ("admin", "host")]
            made = Town(hub, places, client, rows, tokens, admin, house_host, await make_person(rows, tokens))
            for place in places.values():
                await until_known(client, place)
                await settle(rows, hub, client, place, admin)
            for place in places.values():
                for role, member in place.members.items():
                    await until_roles(client, member, {place.slug: role})
            yield made
        await rows.close()
