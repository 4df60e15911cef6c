"""A booking's history in its database: it ends at the booking's row, whatever was done, and is found by an index."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from hub.commands import guest_names, history, stranded
from hub.commands.call import Call
from hub.config import Settings
from hub.domain.events import MAIN
from hub.domain.history import Act, BookingRevision
from hub.errors import NotFound, SlotTaken
from hub.store import database, histories
from hub.views.context import VenueContext
from tests.guests import Guest, make_context, make_guest
from tests.integration.rest import day_after

STATE = "SELECT service_date, table_id, guests, starts_at, ends_at, status, revision FROM bookings WHERE id = $1"
DAY = date.fromisoformat(day_after(40))


async def row_of(booking_id: int) -> BookingRevision:
    [row] = await database.fetch(STATE, booking_id)
    return BookingRevision(*row, tables=(row["table_id"],))


async def rename(context: VenueContext, guest: Guest, name: str) -> None:
    async def work(connection: Any) -> None:
        await connection.execute("UPDATE users SET full_name = $2 WHERE id = $1", guest.by.user_id, name)

    await guest_names.change(context.shared, Call(guest.by, request_id="renamed"), guest.by.user_id, work)


async def test_whatever_is_done_the_history_ends_at_the_row(connected: Settings) -> None:
    chance, context = random.Random(20261129), make_context(connected)
    guest = await make_guest()
    booking = await guest.book(context, day=DAY, at=time(12), guests=2)
    other = await guest.book(context, day=DAY, at=time(12), guests=2)  # whose events lie between
    rows = [await row_of(booking.id)]

    for step in range(24):
        changes: list[dict[str, Any]] = [
            {"at": time(chance.randint(12, 20))},
            {"guests": chance.randint(1, 6), "table_id": None},
            {"day": DAY + timedelta(days=chance.randint(0, 2))},
            {"day": DAY + timedelta(days=chance.randint(0, 2)), "at": time(chance.randint(12, 20)), "table_id": 14},
        ]
        with contextlib.suppress(SlotTaken):
            await guest.move(context, chance.choice([booking, other]), **chance.choice(changes))
        if step % 6 == 0:
            await rename(context, guest, f"Guest {step}")
        if (row := await row_of(booking.id)) != rows[-1]:
            rows.append(row)
    await guest.cancel(context, booking)
    rows.append(await row_of(booking.id))

    found = await history.of_booking(context, booking.id, limit=500)
    assert [act.after for act in found.acts] == rows and len(rows) > 5
    assert [act.before for act in found.acts] == [None, *rows[:-1]]
    assert {act.actor for act in found.acts} == {guest.by.user_id} and found.following is None
    assert {act.action for act in found.acts} == {"booked", "rescheduled", "canceled"}
    assert await pages(context, booking.id, 4) == list(found.acts)


async def pages(context: VenueContext, booking_id: int, limit: int) -> list[Act]:
    """The whole history, read from its end."""
    acts: list[Act] = []
    cursor: int | None = None
    while True:
        found = await history.of_booking(context, booking_id, limit=limit, cursor=cursor)
        acts = [*found.acts, *acts]
        assert len(found.acts) == limit or found.following is None
        if (cursor := found.following) is None:
            return acts


async def test_a_booking_that_the_rules_put_on_another_day_says_so(connected: Settings) -> None:
    guest, late = await make_guest(), replace_hours(connected, 18, 26)
    await stranded.settle(MAIN, late.rules)
    context = make_context(late)
    booking = await guest.book(context, day=DAY, at=time(0), guests=2)
    assert booking.service_date == DAY - timedelta(days=1)
    await stranded.settle(MAIN, replace_hours(connected, 0, 23).rules)
    booked, refiled = (await history.of_booking(context, booking.id, limit=500)).acts
    assert (refiled.action, refiled.actor, refiled.request_id) == ("refiled", None, None)
    assert booked.after is not None
    assert refiled.after == replace(booked.after, service_date=DAY, revision=2) == await row_of(booking.id)


def replace_hours(settings: Settings, opens: int, closes: int) -> Settings:
    hours = {"opens": timedelta(hours=opens), "closes": timedelta(hours=closes)}
    return replace(settings, rules=replace(settings.rules, **hours))


async def test_what_is_not_there_has_no_history(connected: Settings) -> None:
    with pytest.raises(NotFound):
        await history.of_booking(make_context(connected), 4711, limit=1)


async def test_events_of_a_booking_are_found_by_an_index(connected: Settings) -> None:
    async def explain(connection: Any) -> str:
        await connection.execute("SET LOCAL enable_seqscan = off")  # which is the cheapest for a handful of rows
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        rows = await connection.fetch(f"EXPLAIN {histories.OF_BOOKING}", 1, 1, ["moved_away"], histories.NEWEST, 101)
        return "\n".join(row[0] for row in rows)

    plan = await database.transact(explain)
    assert "events_of_booking" in plan and "Index Cond: (((data ->> 'booking'::text) = (b.id)::text)" in plan, plan
