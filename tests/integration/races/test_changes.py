"""Tables that change while they are booked, and changes of one booking against each other: the rules hold.

Each race has its negative control. Where a race on two cores might not meet, the crossing is made by hand: a lock on
``events`` stops a verb just before its end.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import time
from types import SimpleNamespace
from typing import Any

import pytest

from hub.commands import bookings, changes, floor
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.config import Settings
from hub.errors import HubError
from hub.views.context import VenueContext
from tests import races
from tests.integration.races.conftest import Crowded, Place
from tests.races import Answer, Line, Person, PostgresLog, day_ahead

# -- a table that goes, or shrinks, while it is being booked

DAYS = [day_ahead(days) for days in range(50, 56)]


@pytest.mark.parametrize("change", ["retired", "made smaller"])
async def test_booking_a_table_while_it_is_changed(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog, change: str
) -> None:
    """Six guests on six days against one admin: either the admin comes first and all six are refused, or one of the six
    does and the admin is; there is no third way."""
    (server, settings), sql = crowded, crowded_sql
    people = await races.make_people(sql, settings, len(DAYS))
    admins = await races.make_people(sql, settings, 2, "admin")
    async with races.lines(server, people) as guests, races.lines(server, admins) as [admin, other]:
        for round_number in range(24):
            made = await other.ask("POST", "/admin/tables", {"name": f"{change} {round_number}", "seats": 6})
            table = made.body["id"]
            path = f"/admin/tables/{table}"
            asks: list[Awaitable[Answer]] = [
                line.ask("POST", "/bookings", Place(day, "18:00", table).body(6))
                for line, day in zip(guests, DAYS, strict=True)
            ]
            place = round_number % (len(asks) + 1)  # the admin's request goes out first, last, and between
            asks.insert(place, admin.ask("DELETE", path) if change == "retired" else admin.ask("PATCH", path, SMALLER))
            told = await asyncio.gather(*asks)
            decided = told.pop(place).code
            refusal, success = ("not_found", "204") if change == "retired" else ("table_too_small", "200")
            assert decided in (success, "table_in_use")
            assert {answer.code for answer in told} == {refusal if decided == success else "201"}
    await races.check_rules(sql)
    assert log.deadlocks() == []


SMALLER = {"seats": 2}


async def test_choosing_a_table_while_the_best_one_is_retired(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog
) -> None:
    """Who named no table is never told of the one that went: there are others."""
    (server, settings), sql = crowded, crowded_sql
    people = await races.make_people(sql, settings, len(DAYS))
    [one] = await races.make_people(sql, settings, 1, "admin")
    days = [day_ahead(days) for days in range(60, 66)]
    async with races.lines(server, people) as guests, races.lines(server, [one]) as [admin]:
        for round_number in range(12):
            # The only table for one that is free then: who dines alone gets it, if it is there.
            added = await admin.ask("POST", "/admin/tables", {"name": f"single {round_number}", "seats": 1})
            told = await asyncio.gather(
                *(
                    line.ask("POST", "/bookings", Place(day, "18:00").body(1))
                    for line, day in zip(guests, days, strict=True)
                ),
                admin.ask("DELETE", f"/admin/tables/{added.body['id']}"),
            )
            assert told.pop().code in ("204", "table_in_use")
            assert {answer.code for answer in told} == {"201"}
    await races.check_rules(sql)
    assert log.deadlocks() == []


@asynccontextmanager
async def held_before_the_end(sql: Any) -> AsyncIterator[None]:
    """No verb can write its event, so each stops with all its locks taken, until the block is left."""
    async with sql.transaction():
        await sql.execute("LOCK TABLE events IN SHARE MODE")
        yield


async def outcome(verb: Awaitable[object]) -> str:
    try:
        await verb
    except HubError as error:
        return error.code
    return "done"


def book_six(context: VenueContext, person: Person, table: int) -> Awaitable[object]:
    return bookings.book(context, Call(person.identity), BookingRequest(DAYS[0], time(18), 6, table_ids=[table]))


def retire(context: VenueContext, admin: Person, table: int) -> Awaitable[object]:
    return floor.remove_table(context, Call(admin.identity), table)


def shrink(context: VenueContext, admin: Person, table: int) -> Awaitable[object]:
    return floor.change_table(context, Call(admin.identity), table, seats=2)


@pytest.mark.parametrize("change", [retire, shrink])
async def test_changing_a_table_waits_for_the_booking_under_way(
    context: VenueContext, settings: Settings, sql: Any, change: Any
) -> None:
    [guest] = await races.make_people(sql, settings, 1)
    [admin] = await races.make_people(sql, settings, 1, "admin")
    async with held_before_the_end(sql):
        booking = asyncio.create_task(outcome(book_six(context, guest, 14)))
        await races.until_waiting(sql, 1)
        changing = asyncio.create_task(outcome(change(context, admin, 14)))
        await races.until_waiting(sql, 2)
    assert (await booking, await changing) == ("done", "table_in_use")
    await races.check_rules(sql)


@pytest.mark.parametrize(("change", "refusal"), [(retire, "not_found"), (shrink, "table_too_small")])
@pytest.mark.parametrize("guarded", [True, False])
async def test_booking_waits_for_the_change_of_its_table_under_way(
    context: VenueContext, settings: Settings, sql: Any, change: Any, refusal: str, guarded: bool
) -> None:
    """And where the versions are not compared (the negative control) it books what is no longer there."""
    [guest] = await races.make_people(sql, settings, 1)
    [admin] = await races.make_people(sql, settings, 1, "admin")
    if not guarded:
        await races.mutate(sql, "hub_commit", races.VERSIONS_NOT_COMPARED)
    async with held_before_the_end(sql):
        changing = asyncio.create_task(outcome(change(context, admin, 14)))
        await races.until_waiting(sql, 1)
        booking = asyncio.create_task(outcome(book_six(context, guest, 14)))
        await races.until_waiting(sql, 2)
    assert (await changing, await booking) == ("done", refusal if guarded else "done")
    if guarded:
        await races.check_rules(sql)
    else:
        with pytest.raises(AssertionError, match="retired table" if change is retire else "more guests than seats"):
            await races.check_rules(sql)


@pytest.mark.parametrize("change", [retire, shrink])
async def test_moving_to_a_table_waits_for_its_change_under_way(
    context: VenueContext, settings: Settings, sql: Any, change: Any
) -> None:
    """A move takes its table as a booking does."""
    [guest] = await races.make_people(sql, settings, 1)
    [admin] = await races.make_people(sql, settings, 1, "admin")
    booked = await bookings.book(context, Call(guest.identity), BookingRequest(DAYS[0], time(18), 6, table_ids=[15]))
    async with held_before_the_end(sql):
        changing = asyncio.create_task(outcome(change(context, admin, 14)))
        await races.until_waiting(sql, 1)
        move = changes.reschedule(context, Call(guest.identity), booked.id, ChangeRequest(table_id=14, day=DAYS[1]))
        moving = asyncio.create_task(outcome(move))
        await races.until_waiting(sql, 2)
    assert await changing == "done"
    assert await moving == ("not_found" if change is retire else "table_too_small")
    assert await bookings.read(context, by=guest.identity, booking_id=booked.id) == booked
    await races.check_rules(sql)


# -- changes of bookings against each other


async def make_bookings(line: Line, places: list[Place]) -> list[int]:
    ids = []
    for place in places:
        answer = await line.ask("POST", "/bookings", place.body())
        assert answer.status == 201, answer.body
        ids.append(answer.body["id"])
    return ids


async def test_moves_that_swap_days_never_deadlock(crowded: Crowded, crowded_sql: Any, log: PostgresLog) -> None:
    """Each pair crosses: one goes from the first day to the second as the other comes back. Both days' locks are taken
    by name, so neither holds what the other waits for. Two who want each other's very place are both refused."""
    pairs, rounds = 8, 12
    first, second = day_ahead(40), day_ahead(41)
    (server, settings), sql = crowded, crowded_sql
    people = await races.make_people(sql, settings, 2 * pairs)
    async with races.lines(server, people) as clients:
        ids, stuck = [], []
        for number in range(pairs):
            same_place = number % 4 == 3
            here, there = 2 * number + 1, 2 * number + (1 if same_place else 2)
            places = [Place(first, "18:00", here), Place(second, "18:00", there)]
            ids += [(await make_bookings(clients[2 * number + i], [place]))[0] for i, place in enumerate(places)]
            stuck += [same_place, same_place]
        days = [second, first] * pairs
        for _ in range(rounds):
            told = await asyncio.gather(
                *(
                    line.ask("PATCH", f"/bookings/{booking}", {"date": day.isoformat()})
                    for line, booking, day in zip(clients, ids, days, strict=True)
                )
            )
            assert [answer.code for answer in told] == ["slot_taken" if alike else "200" for alike in stuck]
            for number in (n for n, alike in enumerate(stuck) if not alike):
                days[number] = first if days[number] == second else second
    await races.check_rules(sql)
    assert log.deadlocks() == []


async def test_a_cancellation_against_moves_of_the_same_booking(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog
) -> None:
    """Two moves can make the cancellation begin again twice at most, so it always gets through; a move that comes after
    it is told so, and brings nothing back to life."""
    (server, settings), sql = crowded, crowded_sql
    hosts = await races.make_people(sql, settings, 3, "host")
    first, second = days = day_ahead(42), day_ahead(43)
    async with races.lines(server, hosts) as crew:
        for number in range(20):
            [booking] = await make_bookings(crew[0], [Place(first, "18:00", 1 + number % 7)])
            path = f"/bookings/{booking}"
            orders = [
                ("DELETE", path, None),
                ("PATCH", path, {"date": second.isoformat()}),
                ("PATCH", path, {"time": "20:00"}),
            ]
            orders = orders[number % 3 :] + orders[: number % 3]
            told = await asyncio.gather(*(line.ask(*order) for line, order in zip(crew, orders, strict=True)))
            by_method = {(order[0], answer.code) for order, answer in zip(orders, told, strict=True)}
            assert ("DELETE", "200") in by_method
            assert by_method <= {("DELETE", "200"), ("PATCH", "200"), ("PATCH", "already_canceled")}
    left = "SELECT count(*) FROM bookings b WHERE service_date = ANY($1) AND (status <> 'canceled' OR EXISTS "
    assert await sql.fetchval(left + "(SELECT FROM occupancies o WHERE o.booking_id = b.id))", days) == 0
    await races.check_rules(sql)
    assert log.deadlocks() == []


async def test_a_booking_is_canceled_once_however_many_ask(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog
) -> None:
    (server, settings), sql = crowded, crowded_sql
    hosts = await races.make_people(sql, settings, 6, "host")
    async with races.lines(server, hosts) as crew:
        for booking in await make_bookings(crew[0], [Place(day_ahead(44), "18:00", table) for table in range(1, 11)]):
            told = await asyncio.gather(*(line.ask("DELETE", f"/bookings/{booking}") for line in crew))
            assert Counter(answer.code for answer in told) == {"200": 1, "already_canceled": 5}
    await races.check_rules(sql)
    assert log.deadlocks() == []


async def _nothing(streams: Any) -> None: ...


async def test_a_move_that_always_finds_the_booking_changed_ends_in_a_conflict(
    context: VenueContext, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody changes the booking between its reading and its commit, each time: after three tries one is told."""
    [host] = await races.make_people(sql, settings, 1, "host")
    booked = await bookings.book(context, Call(host.identity), BookingRequest(DAYS[0], time(18), 2, table_ids=[1]))
    # A day that is loaded anew and still shows another booking than was read stands for a colleague who is always a
    # moment faster.
    await sql.execute("UPDATE bookings SET revision = revision + 1 WHERE id = $1", booked.id)
    tries: list[Any] = []
    submit = context.writes.submit

    def counted(write: Any) -> Any:
        tries.append(write)
        return submit(write)

    monkeypatch.setattr(context.shared, "writes", SimpleNamespace(submit=counted, renew=_nothing))
    moved = await outcome(changes.reschedule(context, Call(host.identity), booked.id, ChangeRequest(at=time(20))))
    assert (moved, len(tries)) == ("conflict", 3)
