"""One guest over many connections: whatever they write, others find a connection; beyond a bound they are told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

from hub.commands import account_life, accounts, bookings, guest_book, guests, holds
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.errors import HubError, Overloaded, TooManyRequests
from hub.rest.contract import ENDPOINTS
from hub.rest.repeats import COMMIT
from hub.security import Tokens
from hub.store import account_tokens, database
from hub.views.context import VenueContext
from tests.guests import Guest, make_guest
from tests.servers import PASSWORD, PATIENCE
from tests.writing import writing_context

CROWD, BOUND = 40, 4
DAY = datetime.now(UTC).date() + timedelta(days=15)
OTHER_PASSWORD = "another long one 17"
LOCKS = [
    "SELECT FROM users WHERE id = $1 FOR UPDATE",
    "SELECT FROM sessions WHERE user_id = $1 FOR UPDATE",
    "SELECT FROM guests WHERE user_id = $1 OR user_id IS NULL AND $1 > 0 FOR UPDATE",
    "SELECT FROM account_tokens WHERE user_id = $1 FOR UPDATE",
]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@dataclass
class Scene:
    context: VenueContext
    tokens: Tokens
    passwords: Passwords
    greedy: Guest
    ida: int
    """A guest without an account."""
    links: dict[str, str]

    @property
    def of_account(self) -> dict[str, Any]:
        return {"passwords": self.passwords, "tokens": self.tokens}


@pytest.fixture
async def scene(connected: Settings) -> AsyncIterator[Scene]:
    bounded = replace(connected, waiting_writers=BOUND, waiting_writers_per_user=BOUND)
    context, passwords = writing_context(bounded, lambda events: None), Passwords()
    greedy = await make_guest()
    await database.write("UPDATE users SET password_hash = $1", await passwords.hash(PASSWORD))
    await database.write("INSERT INTO sessions (user_id) VALUES ($1)", greedy.by.user_id)
    links = {kind: await account_tokens.issue(greedy.by.user_id, kind) for kind in ("verify", "reset")}
    [ida] = await database.write("INSERT INTO guests (group_id, name, language) VALUES (1, 'Ida', 'en') RETURNING id")
    yield Scene(context, Tokens(bounded), passwords, greedy, ida["id"], links)
    passwords.close()


def change(scene: Scene, **values: str) -> Awaitable[object]:
    given = {"full_name": None, "phone_number": None, "language": None} | values
    return account_life.change_profile(scene.context, Call(scene.greedy.by), **given)


def register(scene: Scene) -> Awaitable[object]:
    return accounts.register(
        scene.context, **scene.of_account, email=scene.greedy.email, password=PASSWORD, phone_number="+4915550000001",
        full_name="Ada",
    )  # fmt: skip


def note(scene: Scene) -> Awaitable[object]:
    return guest_book.add_note(
        scene.context, Call(scene.greedy.by), scene.ida, kind="note", text="Window", keep_until=None
    )


def book(scene: Scene) -> Awaitable[object]:
    return bookings.book(scene.context, Call(scene.greedy.by), BookingRequest(DAY, time(18), 2))


def hold(scene: Scene) -> Awaitable[object]:
    return holds.hold(scene.context, Call(scene.greedy.by), day=DAY, at=time(18), guests=2)


WRITES: dict[str, Callable[[Scene], Awaitable[object]]] = {
    "register": register,
    "log_in": lambda scene: accounts.log_in(
        scene.context, **scene.of_account, email=scene.greedy.email, password=PASSWORD),
    "log_out": lambda scene: accounts.log_out(scene.context, by=scene.greedy.by, everywhere=True),
    "verify": lambda scene: account_life.verify(
        scene.context, passwords=scene.passwords, token=scene.links["verify"], by=scene.greedy.by, password=None),
    "ask_reset": lambda scene: account_life.ask_reset(scene.context, email=scene.greedy.email, request_id=None),
    "reset": lambda scene: account_life.reset(
        scene.context, **scene.of_account, token=scene.links["reset"], password=OTHER_PASSWORD),
    "change_password": lambda scene: account_life.change_password(
        scene.context, Call(scene.greedy.by), passwords=scene.passwords, old=PASSWORD, new=OTHER_PASSWORD),
    "change_profile": lambda scene: change(scene, language="ru"),
    "change_profile: the name": lambda scene: change(scene, full_name="Zoë"),
    "erase": lambda scene: account_life.erase(scene.context, Call(scene.greedy.by)),
    "change_guest": lambda scene: guests.change(scene.context, Call(scene.greedy.by), scene.ida, name="Zoë"),
    "erase_guest": lambda scene: guests.erase(scene.context, Call(scene.greedy.by), scene.ida),
    "add_guest_note": note,
    "remove_guest_note": lambda scene: guest_book.remove_note(scene.context, Call(scene.greedy.by), scene.ida, 1),
    "book": book,
    "hold": hold,
}  # fmt: skip
READS = {"refresh", "open_manage_link", "read_place"}


def test_every_call_that_takes_a_key_is_tried_or_goes_through_the_days_queue() -> None:
    named = {name.partition(":")[0] for name in WRITES}
    keyed = {each.name for each in ENDPOINTS if each.keyed and each.keyed != COMMIT}
    assert keyed - named == READS
    assert named <= {each.name for each in ENDPOINTS if each.keyed}


@pytest.mark.slow
@pytest.mark.parametrize("what", WRITES)
async def test_whatever_one_guest_writes_over_many_connections_others_are_served(
    scene: Scene, database_url: str, what: str
) -> None:
    other, sql = await make_guest(), await asyncpg.connect(database_url)
    found: Counter[type[BaseException] | None] = Counter()

    async def one() -> None:
        try:
            await WRITES[what](scene)
        except HubError as error:
            found[type(error)] += 1
        else:
            found[None] += 1

    try:
        async with sql.transaction():
            for statement in LOCKS:
                await sql.execute(statement, scene.greedy.by.user_id)
            if what == "register":  # nobody has the address before: it is being taken
                await sql.execute("UPDATE users SET email = email || '.org' WHERE id = $1", scene.greedy.by.user_id)
            crowd = [asyncio.create_task(one()) for _ in range(CROWD)]
            async with asyncio.timeout(PATIENCE):  # until each waits in its place, or was refused
                while True:
                    await sql.execute("SELECT pg_stat_clear_snapshot()")
                    waiting = await sql.fetchval(WAITING)
                    if waiting and (sum(found.values()) >= CROWD - BOUND - 1 or waiting >= database.WRITERS):
                        break
                    await asyncio.sleep(0.005)
            assert waiting == 1
            assert found.keys() <= {TooManyRequests, Overloaded}
            assert (await other.book(scene.context, day=DAY + timedelta(days=1))).status == "booked"
            assert await database.fetch("SELECT")
    finally:
        await sql.close()
    await asyncio.gather(*crowd)
    assert sum(found.values()) == CROWD
    assert found[TooManyRequests] + found[Overloaded] >= CROWD - BOUND - 1
