"""A hub with a worker whose mails are read, for the tests of accounts; and what these tests share."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.config import Settings
from hub.store import database
from tests import servers as made
from tests.conftest import make_settings
from tests.guests import until, workers
from tests.integration.rest import day_after
from tests.postbox import Postbox, postbox
from tests.servers import Account, HubServer, Servers

BOSSES = [f"boss-{number}@example.com" for number in range(60)]
"""ADMIN_EMAILS of the hub; each test has two of them for itself."""
OTHER = "another good password"
NAME, PHONE, NOTE = "Zuleika Erased", "+4930765432", "Peanuts make her ill"
SAID = {"note": NOTE, "occasion": "anniversary", "needs": ["assistance_dog"]}
TRACES = ("zuleika", "erased-guest", "30765432", NOTE, "anniversary", "assistance_dog", "gourmet", "lactose")
EMAIL = "zuleika@example.com"


@dataclass(slots=True)
class Life:
    """A hub with a worker, and the mail that it sent."""

    hub: HubServer
    box: Postbox
    settings: Settings
    boss: str
    other_boss: str

    async def token(self, email: str, kind: str, number: int = 1) -> str:
        """The token of the newest link of this kind that was mailed to this address, when ``number`` were."""
        await self.box.until(lambda: self.box.kinds(email).count(kind) >= number)
        newest = [mail for mail in self.box.to(email) if mail.kind == kind][-1]
        found = re.search(rf"/account#{kind}=([\w-]+)", newest.part("text/plain"))
        assert found and f"#{kind}={found[1]}" in newest.part("text/html")
        return found[1]

    async def ask_reset(self, email: str, number: int = 1) -> str:
        assert (await self.post("/auth/reset-request", email=email)).status_code == 202
        return await self.token(email, "reset", number)

    async def post(self, path: str, **body: Any) -> Any:
        return await self.hub.client().post(path, json=body)

    async def verify(self, account: Account) -> None:
        token = await self.token(account.email, "verify")
        assert (await account.client.post("/auth/verify", json={"token": token})).status_code == 200


ROWS = (
    "users, guests, guest_notes, memberships, bookings, occupancies, holds, waitlist, outbox, sessions, "
    "account_tokens, idempotency_keys"
)
"""What an account leaves. No id is given twice, so the hub may remember what it likes of those that are gone."""


@dataclass(slots=True)
class HubWithMail:
    """A hub and a worker for all of these tests, and the port of the mail server that the worker asks."""

    hub: HubServer
    settings: Settings
    port: int
    bosses: Iterator[str]


@pytest.fixture(scope="package")
def mailing(servers: Servers, template: str, folder: Path) -> Iterator[HubWithMail]:
    data_dir = folder / f"life-{secrets.token_hex(4)}"
    data_dir.mkdir()
    with asyncio.Runner() as runner:
        url = runner.run(made.clone_database(servers, template))
        settings = make_settings(url, servers.redis_url(1 + secrets.randbelow(1023)), data_dir)
        environ = made.environment(DATABASE_URL=url, REDIS_URL=settings.redis_url, SECRET_KEY=settings.secret_key)
        hub = runner.run(made.start_hub(data_dir, environ | {"ADMIN_EMAILS": ",".join(BOSSES)}))
        try:
            with workers(settings) as start_worker:
                port = made.free_port()
                start_worker(SMTP_URL=f"smtp://127.0.0.1:{port}", PUBLIC_URL="https://tables.example.com")
                yield HubWithMail(hub, settings, port, iter(BOSSES))
        finally:
            runner.run(hub.stop())


@pytest.fixture
async def life(mailing: HubWithMail) -> AsyncIterator[Life]:
    """The hub with no account in it, and an empty box."""
    async with postbox(port=mailing.port) as box:
        await database.connect(mailing.settings)
        try:
            yield Life(mailing.hub, box, mailing.settings, next(mailing.bosses), next(mailing.bosses))
            await until(nothing_is_due)  # else the next test would get mail of this one
            await database.fetch(f"TRUNCATE {ROWS}")
        finally:
            await database.close()
            for client in mailing.hub.clients:
                await client.aclose()
            mailing.hub.clients.clear()


async def nothing_is_due() -> bool:
    waiting = "SELECT id FROM outbox WHERE coalesce(sent_at, dropped_at, failed_at) IS NULL AND due_at < now()"
    return not await database.fetch(waiting)


async def me(account: Account) -> dict[str, Any]:
    found: dict[str, Any] = (await account.client.get("/auth/me")).json()
    return found


def proved(account: dict[str, Any]) -> tuple[bool, bool, str]:
    """What is known of an account, and what comes of it."""
    return account["verified"], account["password_confirmed"], account["role"]


async def until_refused(account: Account) -> None:
    async def is_refused() -> bool:
        return (await account.client.get("/auth/me")).status_code == 401

    await until(is_refused)


async def book(account: Account, days: int = 40) -> dict[str, Any]:
    answer = await account.client.post("/bookings", json={"date": day_after(days), "time": "18:00", "guests": 2})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
