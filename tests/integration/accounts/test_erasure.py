"""After an erasure nothing that could name the guest stands in any column of any table, whatever verb was told it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from hub.commands import (
    account_life,
    bookings,
    changes,
    guest_book,
    guests,
    holds,
    search,
    service,
    waitlist,
    waitlist_correction,
    waitlist_order,
)  # fmt: skip
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.commands.guests import Wanted
from hub.commands.service import WalkInRequest
from hub.config import Settings
from hub.manage_links import Link
from hub.security import Identity
from hub.store import account_tokens, database, erasure
from hub.store.bookings import Booking
from hub.store.keys import Key
from hub.views.context import VenueContext
from tests import event_data, tonight
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
    made = await bookings.book(context, Call(by, key=keys[0]), request)
    await changes.reschedule(context, Call(by, key=keys[1]), made.id, ChangeRequest(at=time(19)))
    await database.write("UPDATE bookings SET house_note = 'a gourmet' WHERE id = $1", made.id)
    await database.write("UPDATE guests SET tags = '[\"gourmet\"]' WHERE id = $1", made.guest.id)
    await database.write(
        "INSERT INTO guest_notes (guest_id, kind, text) VALUES ($1, 'dietary', 'no lactose')", made.guest.id
    )
    await database.write("UPDATE outbox SET last_error = '550 <zuleika@example.com> is unknown'")
    link = Link(made.id, 1)
    by_link = Identity(-made.id, "", 0, 0.0, link)
    await changes.cancel(context, Call(by_link, key=Key(by_link.caller, "zuleika-by-link", "0" * 64)), made.id)
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


# -- every verb that is told a name, a phone number, an e-mail or a text

WORDS: dict[str, Any] = {**SAID}
RENAMED, OTHER_PHONE, OTHER_EMAIL = "Zuleika Remarried", "+4930998877", "zuleika@remarried.example"
TOLD = (
    *("zuleika", "erased-guest", "remarried", "suleica", "30765432", "30111222", "30998877", "30555666"),
    *("peanuts", "anniversary", "assistance_dog", "a regular", "squeezed", "stool", "lactose", "stairs", "lilies"),
)


def open_now(settings: Settings) -> Settings:
    """It is midday, and the restaurant is open."""
    opens, closes = timedelta(hours=6), timedelta(hours=22)
    return replace(settings, rules=replace(settings.rules, zone=ZoneInfo(tonight.zone()), opens=opens, closes=closes))


def counted_keys(by: Identity, name: str = "staff") -> Callable[[], Call]:
    """Each verb has a key of its own, which is called so."""
    numbers = iter(range(100))
    return lambda: Call(by, key=Key(by.caller, f"{name}-{next(numbers)}", "0" * 64))


async def of_staff(context: VenueContext, by: Identity) -> Callable[[], Awaitable[object]]:
    """Everything that staff can be told of a guest without an account. No booking is to come then, but they wait, so
    the erasure is told to who shows the waitlist."""
    how, day = counted_keys(by), datetime.now(UTC).date() + TOMORROWS
    wanted = Wanted(name=NAME, phone="+49 (30) 765432", email=EMAIL)
    request = BookingRequest(
        day, time(18), 3, [1], guest=wanted, house_note="a regular", exceed=["seats"], reason="squeezed in", **WORDS
    )
    made = await bookings.book(context, how(), request)
    guest, notes = made.guest.id, {"note": "Lilies make her ill", "house_note": "still a regular"}
    await changes.reschedule(context, how(), made.id, ChangeRequest(at=time(19), said=notes))
    link = Identity(-made.id, "", 0, 0.0, Link(made.id, 1))
    of_link = Key(link.caller, "zuleika-by-link", "0" * 64)
    await changes.reschedule(context, Call(link, key=of_link), made.id, ChangeRequest(said={"note": "Lilies, truly"}))
    await changes.cancel(context, how(), made.id)

    held = await holds.hold(context, how(), day=day, at=time(18), guests=2)
    known = Wanted(id=guest, email=OTHER_EMAIL)
    request = BookingRequest(day, time(18), 2, guest=known, hold=held.token)
    second = await bookings.book(context, how(), request)
    await changes.cancel(context, how(), second.id)
    await guests.change(context, how(), guest, email=EMAIL)

    comes = WalkInRequest(3, name=NAME, phone=PHONE, table_ids=[1], exceed=["seats"], reason="on a stool")
    sits = await service.walk_in(context, how(), comes)
    assert sits.guest.id == guest
    await service.step(context, how(), "finish", sits.id)

    for kind, text in (("dietary", "no lactose"), ("access", "no stairs"), ("note", "sent lilies")):
        note = await guest_book.add_note(context, how(), guest, kind=kind, text=text, keep_until=None)
    await guest_book.remove_note(context, how(), guest, note.id)

    # They were put down by a wrong name and number.
    waits = await waitlist.join(context, how(), guests=2, name="Suleica Misheard", phone="+4930111222", force=True)
    await waitlist_correction.correct(context, how(), waits.id, name="Suleica Again", phone="+4930555666")
    waits = await waitlist_correction.correct(context, how(), waits.id, name=NAME, phone=PHONE)
    assert waits.guest.id == guest
    _, seated = await waitlist.seat(context, how(), waits.id)
    await service.undo(context, how(), seated.id)
    await waitlist.step(context, how(), "ready", waits.id)
    await waitlist_order.undo(context, how(), waits.id)
    await waitlist.step(context, how(), "leave", waits.id)
    waits = await waitlist.join(context, how(), guests=2, name=NAME, phone=PHONE, force=True)
    assert waits.guest.id == guest

    await guests.change(context, how(), guest, name=RENAMED, phone=OTHER_PHONE, email=OTHER_EMAIL, language="ru")
    for text in (RENAMED, OTHER_PHONE, OTHER_EMAIL):
        assert [each.id for each in await guest_book.search(context, by=by, text=text)] == [guest]
        await search.find(context, text=text, limit=5)
    return lambda: guests.erase(context, how(), guest)


async def of_themselves(context: VenueContext, host: Identity) -> Callable[[], Awaitable[object]]:
    """Everything that the owner of an account can say, and what staff note of them."""
    account = await make_guest(email=EMAIL, full_name=NAME)
    how, by_host = counted_keys(account.by, "zuleika"), counted_keys(host)
    day = datetime.now(UTC).date() + TOMORROWS
    held = await holds.hold(context, how(), day=day, at=time(18), guests=2)
    request = BookingRequest(day, time(18), 2, hold=held.token, **WORDS)
    made = await bookings.book(context, how(), request)
    guest, said = made.guest.id, {"note": "Lilies make her ill"}
    await changes.reschedule(context, how(), made.id, ChangeRequest(at=time(19), said=said))
    await changes.reschedule(context, by_host(), made.id, ChangeRequest(said={"house_note": "a regular"}))
    await guest_book.add_note(context, by_host(), guest, kind="dietary", text="no lactose", keep_until=None)
    await account_life.change_profile(context, how(), full_name=RENAMED, phone_number=OTHER_PHONE, language="ru")
    assert [each.id for each in await guest_book.search(context, by=host, text=RENAMED)] == [guest]
    await account_life.ask_reset(context, email=EMAIL, request_id=None)
    await changes.cancel(context, by_host(), made.id)
    return lambda: account_life.erase(context, Call(account.by))


STAND_BEFORE = {
    "bookings.house_note", "bookings.needs", "bookings.note", "bookings.occasion", "guest_notes.text", "guests.email",
    "guests.name", "guests.phone", "idempotency_keys.answer", "idempotency_keys.key", "outbox.target",
}  # fmt: skip
OF_ACCOUNTS = {"users.email", "users.full_name", "users.phone_number"}
OF_STAFF = {
    "booked", "rescheduled", "noted", "canceled", "held", "released", "walked_in", "finished", "renamed", "undone",
    "queued", "queue_corrected", "queue_changed", "queue_undone", "queue_left", "queue_renamed",
}  # fmt: skip


@pytest.mark.parametrize(
    ("tell", "stand", "kinds"),
    [
        (of_staff, STAND_BEFORE, OF_STAFF),
        (of_themselves, STAND_BEFORE | OF_ACCOUNTS, {"booked", "noted", "canceled", "held", "released", "renamed"}),
    ],
    ids=["a guest without an account", "an account"],
)
async def test_nothing_that_any_verb_was_told_outlives_the_erasure(
    connected: Settings, tell: Any, stand: set[str], kinds: set[str]
) -> None:
    context = make_context(open_now(connected))
    host = await make_guest(full_name="Hal Host")
    erase = await tell(context, Identity(host.by.user_id, "manager", 0, 0.0))
    sql = await asyncpg.connect(connected.database_url)
    try:
        assert {trace.partition(":")[0] for trace in await traces(sql, TOLD)} == stand
        await erase()
        assert await traces(sql, TOLD) == []
        assert {row["kind"] for row in await sql.fetch("SELECT DISTINCT kind FROM events")} >= kinds
        await event_data.check_all(sql)
    finally:
        await sql.close()
