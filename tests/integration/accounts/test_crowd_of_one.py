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
class House:
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
async def house(connected: Settings) -> AsyncIterator[House]:
    bounded = replace(connected, waiting_writers=BOUND, waiting_writers_per_user=BOUND)
    context, passwords = writing_context(bounded, lambda events: None), Passwords()
    greedy = await make_guest()
    await database.write("UPDATE users SET password_hash = $1", await passwords.hash(PASSWORD))
    await database.write("INSERT INTO sessions (user_id) VALUES ($1)", greedy.by.user_id)
    links = {kind: await account_tokens.issue(greedy.by.user_id, kind) for kind in ("verify", "reset")}
    [ida] = await database.write("INSERT INTO guests (group_id, name, language) VALUES (1, 'Ida', 'en') RETURNING id")
    yield House(context, Tokens(bounded), passwords, greedy, ida["id"], links)
    passwords.close()


def change(h: House, **values: str) -> Awaitable[object]:
    given = {"full_name": None, "phone_number": None, "language": None} | values
    return account_life.change_profile(h.context, by=h.greedy.by, **given)


def register(h: House) -> Awaitable[object]:
    return accounts.register(
        h.context, **h.of_account, email=h.greedy.email, password=PASSWORD, phone_number="+4915550000001",
        full_name="Ada",
    )  # fmt: skip


def note(h: House) -> Awaitable[object]:
    return guest_book.add_note(h.context, h.ida, by=h.greedy.by, kind="note", text="Window", keep_until=None)


def book(h: House) -> Awaitable[object]:
    return bookings.book(h.context, by=h.greedy.by, day=DAY, at=time(18), guests=2)


def hold(h: House) -> Awaitable[object]:
    return holds.hold(h.context, by=h.greedy.by, day=DAY, at=time(18), guests=2)


WRITES: dict[str, Callable[[House], Awaitable[object]]] = {
    "register": register,
    "log_in": lambda h: accounts.log_in(h.context, **h.of_account, email=h.greedy.email, password=PASSWORD),
    "log_out": lambda h: accounts.log_out(h.context, by=h.greedy.by, everywhere=True),
    "verify": lambda h: account_life.verify(
        h.context, passwords=h.passwords, token=h.links["verify"], by=h.greedy.by, password=None),
    "ask_reset": lambda h: account_life.ask_reset(h.context, email=h.greedy.email, request_id=None),
    "reset": lambda h: account_life.reset(
        h.context, **h.of_account, token=h.links["reset"], password=OTHER_PASSWORD),
    "change_password": lambda h: account_life.change_password(
        h.context, passwords=h.passwords, by=h.greedy.by, old=PASSWORD, new=OTHER_PASSWORD),
    "change_profile": lambda h: change(h, language="ru"),
    "change_profile: the name": lambda h: change(h, full_name="Zoë"),
    "erase": lambda h: account_life.erase(h.context, by=h.greedy.by),
    "change_guest": lambda h: guests.change(h.context, h.ida, by=h.greedy.by, name="Zoë"),
    "erase_guest": lambda h: guests.erase(h.context, h.ida, by=h.greedy.by),
    "add_guest_note": note,
    "remove_guest_note": lambda h: guest_book.remove_note(h.context, h.ida, 1, by=h.greedy.by),
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
    house: House, database_url: str, what: str
) -> None:
    other, sql = await make_guest(), await asyncpg.connect(database_url)
    found: Counter[type[BaseException] | None] = Counter()

    async def one() -> None:
        try:
            await WRITES[what](house)
        except HubError as error:
            found[type(error)] += 1
        else:
            found[None] += 1

    try:
        async with sql.transaction():
            for statement in LOCKS:
                await sql.execute(statement, house.greedy.by.user_id)
            if what == "register":  # nobody has the address before: it is being taken
                await sql.execute("UPDATE users SET email = email || '.org' WHERE id = $1", house.greedy.by.user_id)
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
            assert (await other.book(house.context, day=DAY + timedelta(days=1))).status == "booked"
            assert await database.fetch("SELECT")
    finally:
        await sql.close()
    await asyncio.gather(*crowd)
    assert sum(found.values()) == CROWD
    assert found[TooManyRequests] + found[Overloaded] >= CROWD - BOUND - 1
