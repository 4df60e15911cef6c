"""BOOKINGS_PER_USER and OVERLAPPING_PER_USER: judged with the booking, so no race passes them; staff are exempt."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.conftest import StartHub, two_hubs
from tests.integration.rest import day_after, query, refused

DAYS = [day_after(number) for number in range(40, 52)]


async def book(client: httpx.AsyncClient, day: str, at: str = "12:00") -> httpx.Response:
    return await client.post("/bookings", json={"date": day, "time": at, "guests": 2})


@pytest.mark.slow
async def test_guest_has_so_many_bookings_ahead_and_no_more(start_hub: StartHub) -> None:
    hub = await start_hub(BOOKINGS_PER_USER=3, OVERLAPPING_PER_USER=0)
    guest, other = await hub.register(), await hub.register()
    made = [await book(guest.client, day) for day in DAYS[:3]]
    assert [answer.status_code for answer in made] == [201] * 3
    refused(await book(guest.client, DAYS[3]), "too_many_bookings")
    assert (await book(other.client, DAYS[3])).status_code == 201
    # One that is moved is not one more, also where there are more than the bound since it was lowered.
    moved = f"/bookings/{made[0].json()['id']}"
    assert (await guest.client.patch(moved, json={"date": DAYS[4], "guests": 1})).status_code == 200
    await query(
        hub, "UPDATE bookings SET starts_at = starts_at - interval '1 year' WHERE id = $1", made[1].json()["id"]
    )
    assert (await book(guest.client, DAYS[3])).status_code == 201  # what is past does not count
    refused(await book(guest.client, DAYS[5]), "too_many_bookings")
    assert (await guest.client.delete(f"/bookings/{made[2].json()['id']}")).status_code == 200
    assert (await book(guest.client, DAYS[5])).status_code == 201  # nor what is canceled


async def test_guest_has_so_many_bookings_at_one_time_and_no_more(start_hub: StartHub) -> None:
    hub = await start_hub(BOOKINGS_PER_USER=0, OVERLAPPING_PER_USER=2)
    guest = await hub.register()
    for at in ("14:00", "15:30"):  # 16:00 is the end of the first
        assert (await book(guest.client, DAYS[0], at)).status_code == 201
    refused(await book(guest.client, DAYS[0], "15:45"), "too_many_bookings")
    third = await book(guest.client, DAYS[0], "16:00")
    assert third.status_code == 201
    path = f"/bookings/{third.json()['id']}"
    refused(await guest.client.patch(path, json={"time": "15:00"}), "too_many_bookings")
    assert (await guest.client.patch(path, json={"guests": 1})).status_code == 200
    assert (await guest.client.patch(path, json={"time": "16:15"})).status_code == 200  # its own time is free


@pytest.mark.slow
async def test_staff_book_for_as_many_as_call(start_hub: StartHub) -> None:
    hub = await start_hub(BOOKINGS_PER_USER=1, OVERLAPPING_PER_USER=1)
    host, guest = await hub.staff("host"), await hub.register()
    for day in (DAYS[0], DAYS[0], DAYS[1]):
        assert (await book(host.client, day)).status_code == 201
    own = await book(guest.client, DAYS[2])
    moved = await host.client.patch(f"/bookings/{own.json()['id']}", json={"date": DAYS[3]})
    assert moved.status_code == 200


@pytest.mark.slow
async def test_no_race_passes_the_bounds(start_hub: StartHub) -> None:
    """Requests at once, over two hubs, each for another day: so no day's lock would stop them."""
    first, second = await two_hubs(start_hub, BOOKINGS_PER_USER=4, OVERLAPPING_PER_USER=0)
    guest = await first.register()
    clients = [guest.client, second.client(guest.token)]
    answers = await asyncio.gather(*(book(client, day) for day in DAYS for client in clients))
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * (len(answers) - 4)
    for answer in answers:
        if answer.status_code == 409:
            refused(answer, "too_many_bookings")
    [row] = await query(first, "SELECT count(*) AS n FROM bookings")
    assert row["n"] == 4


@pytest.mark.slow
async def test_no_race_of_moves_passes_the_bound_of_one_time(start_hub: StartHub) -> None:
    """The slots reach from one day's lock to none: moves to one time of one day, and bookings there, from two hubs."""
    first, second = await two_hubs(start_hub, BOOKINGS_PER_USER=0, OVERLAPPING_PER_USER=2)
    guest = await first.register()
    clients = [guest.client, second.client(guest.token)]
    made = [(await book(guest.client, day)).json()["id"] for day in DAYS[:6]]
    goal = {"date": DAYS[8], "time": "19:00"}
    answers = await asyncio.gather(
        *(clients[at % 2].patch(f"/bookings/{booking}", json=goal) for at, booking in enumerate(made)),
        *(book(client, DAYS[8], "19:00") for client in clients),
    )
    assert sum(answer.status_code < 300 for answer in answers) == 2
    [row] = await query(first, "SELECT count(*) AS n FROM bookings WHERE service_date = $1::text::date", DAYS[8])
    assert row["n"] == 2
