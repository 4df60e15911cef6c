"""Mails to an address that nobody has verified: few of them, and without a word of who registered it."""

from __future__ import annotations

import asyncio
from typing import Any

from hub.config import Settings
from hub.store import database
from tests.guests import make_context, make_guest, until
from tests.integration.accounts.conftest import Life, book
from tests.integration.rest import day_after


async def test_stranger_gets_a_confirmation_and_a_cancellation_without_a_word_of_the_guest(life: Life) -> None:
    guest = await life.hub.register(full_name="Buy cheap pills")
    booking = await book(guest)
    path = f"/bookings/{booking['id']}"
    await life.box.until(lambda: "confirmed" in life.box.kinds(guest.email))
    assert (await guest.client.patch(path, json={"time": "16:00"})).status_code == 200

    async def dropped() -> Any:
        return await database.fetch(
            "SELECT last_error FROM outbox WHERE topic = 'rescheduled' AND coalesce(dropped_at, sent_at) IS NOT NULL"
        )

    [moved] = await until(dropped)  # before the cancellation, by which it would be out of date
    assert (moved["last_error"] or "sent").startswith("unverified")
    assert (await guest.client.delete(path)).status_code == 200
    await life.box.until(lambda: "canceled" in life.box.kinds(guest.email))
    assert sorted(life.box.kinds(guest.email)) == ["canceled", "confirmed", "verify"]
    assert not any("pills" in mail.message.as_string() for mail in life.box.to(guest.email))


async def test_owner_is_told_everything_and_by_name(life: Life) -> None:
    guest = await life.hub.register(full_name="Ada Guest")
    await life.verify(guest)
    booking = await book(guest)
    await life.box.until(lambda: "confirmed" in life.box.kinds(guest.email))
    assert (await guest.client.patch(f"/bookings/{booking['id']}", json={"time": "16:00"})).status_code == 200
    await life.box.until(lambda: "rescheduled" in life.box.kinds(guest.email))
    assert "Hello Ada Guest," in life.box.to(guest.email)[-1].part("text/plain")


async def test_stranger_gets_five_mails_an_hour_and_twenty_a_day(connected: Settings) -> None:
    """Also when they are due at the same time."""
    context, guest = make_context(connected), await make_guest(verified=False)
    owner = await make_guest()
    for by, sent in ((guest, 5), (owner, 12)):
        made = await asyncio.gather(*(by.book(context, day=_day(days)) for days in range(20, 32)))
        assert len(made) == 12
        rows = await database.fetch("SELECT * FROM outbox WHERE target = $1 AND topic = 'confirmed'", by.email)
        assert len([row for row in rows if row["dropped_at"] is None]) == sent
        assert {row["last_error"] for row in rows if row["dropped_at"]} <= {
            "too_many: 5 mails went to this address within an hour"
        }
    await database.fetch("UPDATE outbox SET created_at = created_at - interval '2 hours'")
    for hour in range(4):
        for days in range(33 + 6 * hour, 39 + 6 * hour):
            await guest.book(context, day=_day(days))
        await database.fetch("UPDATE outbox SET created_at = created_at - interval '2 hours'")
    query = "SELECT count(*) FROM outbox WHERE target = $1 AND topic = 'confirmed' AND dropped_at IS NULL"
    [(count,)] = await database.fetch(query, guest.email)
    assert count == 20


def _day(days: int) -> Any:
    from datetime import date

    return date.fromisoformat(day_after(days))


async def test_mailbox_is_not_flooded_with_links(life: Life) -> None:
    ada = await life.hub.register()
    for _ in range(9):
        assert (await life.post("/auth/reset-request", email=ada.email)).status_code == 202
    query = "SELECT count(*) FROM outbox WHERE topic = 'reset' AND dropped_at IS NULL"
    assert (await database.fetch(query))[0][0] == 5
