"""After an erasure nothing that could name the guest stands in any column of any table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

import asyncpg
import pytest

from hub.commands import account_life, bookings, changes
from hub.commands.bookings import BookingRequest
from hub.commands.changes import ChangeRequest
from hub.commands.guests import Wanted
from hub.config import Settings
from hub.manage_links import Link
from hub.security import Identity
from hub.store import account_tokens, database, erasure
from hub.store.bookings import Booking
from hub.store.keys import Key
from hub.views.context import VenueContext
from tests.guests import TOMORROWS, make_context, make_guest
from tests.integration.accounts.conftest import EMAIL, NAME, PHONE, SAID, TRACES
from tests.traces import traces


@dataclass
class Erasure:
    """Somebody who has left traces, and the statements that take them away."""

    guest_id: int
    user_id: int | None
    words: tuple[str, ...] = TRACES

    async def leaves(self, sql: Any, without: str | None) -> list[str]:
        """What is still found after all statements but one; nothing of it stays."""
        transaction = sql.transaction()
        await transaction.start()
        try:
            for statements, id in ((erasure.GUESTS, [self.guest_id]), (erasure.ACCOUNT, self.user_id)):
                for statement in statements if id is not None else ():
                    if statement != without:
                        await sql.execute(statement, id)
            return await traces(sql, self.words)
        finally:
            await transaction.rollback()


async def leave_traces(context: VenueContext, by: Identity, wanted: Wanted | None, key: str) -> Booking:
    """A booking with all that may be said of one, that was changed and canceled, under keys of idempotency."""
    day = datetime.now(UTC).date() + TOMORROWS
    keys = [Key(f"user:{by.user_id}", f"{key}-{number}", "0" * 64) for number in range(2)]
    request = BookingRequest(day, time(18), 2, guest=wanted, **SAID)  # type: ignore[arg-type]
    made = await bookings.book(context, request, by=by, key=keys[0])
    await changes.reschedule(context, made.id, ChangeRequest(at=time(19)), by=by, key=keys[1])
    await database.write("UPDATE bookings SET house_note = 'a gourmet' WHERE id = $1", made.id)
    await database.write("UPDATE guests SET tags = '[\"gourmet\"]' WHERE id = $1", made.guest.id)
    await database.write(
        "INSERT INTO guest_notes (guest_id, kind, text) VALUES ($1, 'dietary', 'no lactose')", made.guest.id
    )
    await database.write("UPDATE outbox SET last_error = '550 <zuleika@example.com> is unknown'")
    link = Link(made.id, 1)
    by_link = Identity(-made.id, "", 0, 0.0, link)
    await changes.cancel(context, by=by_link, booking_id=made.id, key=Key(by_link.caller, "zuleika-by-link", "0" * 64))
    return made


async def of_account(context: VenueContext) -> Erasure:
    guest = await make_guest(email=EMAIL, full_name=NAME)
    await database.write("UPDATE users SET phone_number = $1", PHONE)
    made = await leave_traces(context, guest.by, None, "zuleika")
    token = await account_tokens.issue(guest.by.user_id, "reset")
    await account_life.ask_reset(context, email=EMAIL, request_id=None)
    return Erasure(made.guest.id, guest.by.user_id, (*TRACES, account_tokens.digest(token)))


async def of_guest(context: VenueContext) -> Erasure:
    host = await make_guest(full_name="Hal Host")
    by = Identity(host.by.user_id, "host", 0, 0.0)
    wanted = Wanted(name=NAME, phone="+49 (30) 765432", email=EMAIL)
    made = await leave_traces(context, by, wanted, "call")
    return Erasure(made.guest.id, None)


@pytest.mark.parametrize("whose", [of_account, of_guest], ids=["an account", "a guest without one"])
async def test_no_column_of_any_table_names_who_was_erased_and_each_statement_is_needed(
    connected: Settings, whose: Any
) -> None:
    context = make_context(replace(connected, host_email="house@example.com"))
    left: Erasure = await whose(context)
    sql = await asyncpg.connect(connected.database_url)
    try:
        assert {name.partition(".")[0] for name in await traces(sql, TRACES)} >= {
            "guests", "guest_notes", "bookings", "outbox", "idempotency_keys",
        }  # fmt: skip
        needed = erasure.GUESTS
        if left.user_id:  # the account's keys of idempotency go with their answers
            needed = erasure.GUESTS[:-1] + erasure.ACCOUNT
        for without in needed:
            assert await left.leaves(sql, without), f"without this nothing is left either: {without}"
        assert await left.leaves(sql, None) == []
    finally:
        await sql.close()
