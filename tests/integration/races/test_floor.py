"""The floor is changed while it is booked and by others: no party has a table that is gone, no combination is broken.

Each race has its negative control: with the guards taken away, the same judge finds what it must.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import date, time
from itertools import count
from typing import Any

import pytest

from hub.commands import areas, bookings, combinations, floor
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.config import Settings
from hub.errors import HubError
from hub.views.context import VenueContext
from tests import races
from tests.integration.races.conftest import Crowded
from tests.integration.races.test_changes import held_before_the_end, outcome
from tests.races import Answer, Line, Person, PostgresLog, day_ahead

DAYS = [day_ahead(days) for days in range(70, 76)]
_number = count(1)


async def made(line: Line, what: str, **body: Any) -> int:
    answer = await line.ask("POST", f"/admin/{what}", body)
    assert answer.status == 201, answer.body
    return int(answer.body["id"])


async def a_pair(line: Line) -> tuple[int, list[int], int]:
    """A new area with two tables of four, and their combination."""
    number = next(_number)
    area = await made(line, "areas", name=f"Area {number}")
    tables = [await made(line, "tables", name=f"Pair {number} {n}", seats=4, area_id=area) for n in (1, 2)]
    return area, tables, await made(line, "combinations", table_ids=tables, min_guests=5, max_guests=7)


def party_of(guests: int, day: date, area: int) -> dict[str, Any]:
    return {"date": day.isoformat(), "time": "18:00", "guests": guests, "area": area}


@pytest.mark.parametrize("change", ["table retired", "table elsewhere", "combination removed", "combination smaller"])
async def test_a_combination_is_booked_while_it_or_a_table_of_it_is_changed(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog, change: str
) -> None:
    """Six guests on six days against one admin. Whoever books first keeps both tables, and a table that somebody is to
    have is not retired; whoever comes after the admin finds no combination."""
    (server, settings), sql = crowded, crowded_sql
    people = await races.make_people(sql, settings, len(DAYS))
    admins = await races.make_people(sql, settings, 2, "admin")
    async with races.lines(server, people) as guests, races.lines(server, admins) as [admin, other]:
        for round_number in range(14):
            area, [first, second], pair = await a_pair(other)
            order: tuple[str, str, dict[str, Any] | None] = {
                "table retired": ("DELETE", f"/admin/tables/{second}", None),
                "table elsewhere": ("PATCH", f"/admin/tables/{second}", {"area_id": None}),
                "combination removed": ("DELETE", f"/admin/combinations/{pair}", None),
                "combination smaller": ("PATCH", f"/admin/combinations/{pair}", {"max_guests": 5}),
            }[change]
            asks: list[Awaitable[Answer]] = [
                line.ask("POST", "/bookings", party_of(6, day, area)) for line, day in zip(guests, DAYS, strict=True)
            ]
            place = round_number % (len(asks) + 1)  # the admin's request goes out first, last, and between
            asks.insert(place, admin.ask(*order))
            told = await asyncio.gather(*asks)
            decided, codes = told.pop(place).code, {answer.code for answer in told}
            for answer in told:
                if answer.status == 201:
                    assert [table["id"] for table in answer.body["tables"]] == [first, second]
            if change == "table retired":
                assert (decided, codes) in (("204", {"table_too_small"}), ("table_in_use", {"201"}))
            elif change == "table elsewhere":
                assert (decided, codes) == ("combination_invalid", {"201"})
            else:
                assert decided == ("204" if change == "combination removed" else "200")
                assert codes <= {"201", "table_too_small"}
    await races.check_rules(sql)
    assert log.deadlocks() == []


async def test_changes_of_one_floor_by_many_leave_it_whole(
    crowded: Crowded, crowded_sql: Any, log: PostgresLog
) -> None:
    """Of those who declare the same tables one does. An area goes before a table is put into it, or stays."""
    (server, settings), sql = crowded, crowded_sql
    async with races.lines(server, await races.make_people(sql, settings, 6, "admin")) as admins:
        for round_number in range(10):
            _, tables, pair = await a_pair(admins[0])
            assert (await admins[0].ask("DELETE", f"/admin/combinations/{pair}")).status == 204
            body = {"table_ids": tables, "min_guests": 5, "max_guests": 7}
            told = await asyncio.gather(*(line.ask("POST", "/admin/combinations", body) for line in admins))
            assert Counter(answer.code for answer in told) == {"201": 1, "combination_invalid": 5}

            area = await made(admins[0], "areas", name=f"Patio {round_number}")
            loose = await made(admins[0], "tables", name=f"Loose {round_number}", seats=2)
            asks = [
                admins[0].ask("DELETE", f"/admin/areas/{area}"),
                admins[1].ask("PATCH", f"/admin/tables/{loose}", {"area_id": area}),
            ]
            told = await asyncio.gather(*(asks if round_number % 2 else asks[::-1]))
            assert {answer.code for answer in told} in ({"204", "not_found"}, {"200", "table_in_use"})
    await races.check_rules(sql)
    assert log.deadlocks() == []


# -- the crossing, made by hand


async def a_pair_of(context: VenueContext, admin: Person) -> tuple[int, list[int]]:
    area = (await areas.add_area(context, Call(admin.identity), name=f"Area {next(_number)}")).item.id
    tables = [
        (await floor.add_table(context, Call(admin.identity), name=f"{area} {n}", seats=4, area_id=area)).item.id
        for n in (1, 2)
    ]
    await combinations.add_combination(context, Call(admin.identity), table_ids=tables, min_guests=5, max_guests=8)
    return area, tables


async def booked(context: VenueContext, guest: Person, area: int) -> str:
    try:
        found = await bookings.book(context, Call(guest.identity), BookingRequest(DAYS[0], time(18), 6, area_id=area))
    except HubError as error:
        return error.code
    return f"{len(found.tables)} tables"


@pytest.mark.parametrize("guarded", [True, False])
async def test_booking_a_combination_waits_for_the_retirement_of_its_table_under_way(
    context: VenueContext, settings: Settings, sql: Any, guarded: bool
) -> None:
    """And where the versions are not compared (the negative control) it books what is no longer there."""
    [guest] = await races.make_people(sql, settings, 1)
    [admin] = await races.make_people(sql, settings, 1, "admin")
    area, [_, second] = await a_pair_of(context, admin)
    if not guarded:
        await races.mutate(sql, "hub_commit", races.VERSIONS_NOT_COMPARED)
    async with held_before_the_end(sql):
        retiring = asyncio.create_task(outcome(floor.remove_table(context, Call(admin.identity), second)))
        await races.until_waiting(sql, 1)
        booking = asyncio.create_task(booked(context, guest, area))
        await races.until_waiting(sql, 2)
    assert (await retiring, await booking) == ("done", "table_too_small" if guarded else "2 tables")
    if guarded:
        await races.check_rules(sql)
    else:
        with pytest.raises(AssertionError, match="a retired table has a future occupancy"):
            await races.check_rules(sql)


@pytest.mark.parametrize("guarded", [True, False])
async def test_retiring_a_table_waits_for_the_booking_of_its_combination_under_way(
    context: VenueContext, settings: Settings, sql: Any, guarded: bool
) -> None:
    """And where nobody looks who is to have it (the negative control) it takes the table from under the party."""
    [guest] = await races.make_people(sql, settings, 1)
    [admin] = await races.make_people(sql, settings, 1, "admin")
    area, [_, second] = await a_pair_of(context, admin)
    if not guarded:
        await races.mutate(sql, "hub_parties_of_table", {"num_nonnulls(b.id, h.id) > 0": "false"})
    async with held_before_the_end(sql):
        booking = asyncio.create_task(booked(context, guest, area))
        await races.until_waiting(sql, 1)
        retiring = asyncio.create_task(outcome(floor.remove_table(context, Call(admin.identity), second)))
        await races.until_waiting(sql, 2)
    assert (await booking, await retiring) == ("2 tables", "table_in_use" if guarded else "done")
    if guarded:
        await races.check_rules(sql)
        assert [len(each.tables) for each in await combinations.list_combinations(context)] == [2]
    else:
        with pytest.raises(AssertionError, match="a retired table has a future occupancy"):
            await races.check_rules(sql)


@pytest.mark.parametrize("seats", [2, 1])
async def test_shrinking_a_table_of_a_joined_party_is_judged_by_all_its_seats(
    context: VenueContext, settings: Settings, sql: Any, seats: int
) -> None:
    """Six at 4 + 4 still sit at 4 + 2, and not at 4 + 1."""
    [host] = await races.make_people(sql, settings, 1, "admin")
    ids = [(await floor.add_table(context, Call(host.identity), name=f"Joined {n}", seats=4)).item.id for n in (1, 2)]
    async with held_before_the_end(sql):
        booking = asyncio.create_task(
            outcome(bookings.book(context, Call(host.identity), BookingRequest(DAYS[0], time(18), 6, table_ids=ids)))
        )
        await races.until_waiting(sql, 1)
        shrinking = asyncio.create_task(outcome(floor.change_table(context, Call(host.identity), ids[0], seats=seats)))
        await races.until_waiting(sql, 2)
    assert (await booking, await shrinking) == ("done", "done" if seats == 2 else "table_in_use")
    await races.check_rules(sql)
