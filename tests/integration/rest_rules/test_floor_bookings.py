"""Areas and combinations over REST: how they are booked, and what bookings keep of them."""

from __future__ import annotations

import pytest

from tests.integration.rest import query, refused
from tests.integration.rest_rules.conftest import available, book
from tests.integration.rest_rules.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_party_that_no_table_seats_gets_a_combination(house: House, day: str) -> None:
    area, [a, b] = await house.room(8, 8)
    await house.combination([a, b], 9, 15)
    found = await available(house.guest.client, day, guests=15)
    tables = [each for id, each in (await house.listed("tables")).items() if id in (a, b)]
    tables = [{name: each[name] for name in ("id", "name", "seats")} for each in tables]
    assert (found["tables"], found["combinations"]) == ([], [{"tables": tables, "max_guests": 15}])
    made = await book(house.guest.client, day, guests=15)
    assert (made["table"], made["tables"]) == (tables[0], tables)
    assert (await house.guest.client.get(f"/bookings/{made['id']}")).json()["tables"] == tables
    full = await available(house.guest.client, day, guests=15, after=made["position"])
    assert (full["tables"], full["combinations"]) == ([], [])
    for table in (a, b):
        body = {"date": day, "time": "19:00", "guests": 2, "table_id": table}
        refused(await house.guest.client.post("/bookings", json=body), "slot_taken")
    body = {"date": day, "time": "18:00", "guests": 15, "area": area}
    problem = refused(await house.guest.client.post("/bookings", json=body), "slot_taken")
    assert [(each["time"], each["table"], each["tables"]) for each in problem["alternatives"]] == [
        (at, tables[0], tables) for at in ("16:00:00", "20:00:00", "15:45:00")
    ]
    # Who cancels frees both; each is then sold alone.
    assert (await house.guest.client.delete(f"/bookings/{made['id']}")).status_code == 200
    for table in (a, b):
        await book(house.guest.client, day, "19:00", guests=7, table_id=table)


async def test_an_area_restricts_the_choice(house: House, day: str) -> None:
    area, [a, b] = await house.room(4, 4)
    await house.combination([a, b], 5, 8)
    made = [await book(house.guest.client, day, at, guests=2, area=area) for at in ("12:00", "12:00")]
    assert [each["table"]["id"] for each in made] == [a, b]
    body = {"date": day, "time": "12:00", "guests": 2, "area": area}
    assert "alternatives" in refused(await house.guest.client.post("/bookings", json=body), "slot_taken")
    pair = await book(house.guest.client, day, "18:00", guests=6, area=area)
    assert [each["id"] for each in pair["tables"]] == [a, b]
    refused(await house.guest.client.post("/bookings", json={**body, "guests": 9}), "table_too_small")
    refused(await house.guest.client.post("/bookings", json={**body, "area": 2**62}), "not_found")
    refused(await house.guest.client.post("/bookings", json={**body, "table_id": 1}), "not_found")
    refused(await house.guest.client.post("/bookings", json={**body, "area": 0}), "validation_error")


# -- tables that somebody is to have


async def test_a_table_of_a_joined_booking_may_shrink_while_all_still_sit(house: House, day: str) -> None:
    area, [a, b] = await house.room(4, 4)
    pair = await house.combination([a, b], 5, 8)
    made = await book(house.guest.client, day, guests=6, area=area)
    assert [each["id"] for each in made["tables"]] == [a, b]
    await house.change(f"combinations/{pair}", min_guests=4, max_guests=5)
    refused(await house.change(f"tables/{a}", seats=1), "table_in_use")  # and 4 more
    assert (await house.change(f"tables/{a}", seats=2)).status_code == 200
    refused(await house.change(f"tables/{b}", seats=3), "table_in_use")
    for table in (a, b):
        refused(await house.remove(f"tables/{table}"), "table_in_use")
    assert set(await house.listed("combinations")) >= {pair}
    assert (await house.guest.client.delete(f"/bookings/{made['id']}")).status_code == 200
    assert (await house.change(f"tables/{b}", seats=3)).status_code == 200
    assert (await house.remove(f"tables/{b}")).status_code == 204
    assert pair not in await house.listed("combinations")


async def test_a_refusal_names_the_bookings_that_would_not_fit(house: House, day: str) -> None:
    """And no others; a hold has no name, and is refused for all the same."""
    area, [a] = await house.room(4)
    small = await book(house.guest.client, day, "12:00", guests=2, area=area)
    large = await book(house.guest.client, day, "18:00", guests=4, area=area)
    shown = {
        each["id"]: {
            "booking_id": each["id"], "start_at": each["start_at"], "end_at": each["end_at"],
            "guests": each["guests"], "tables": [a], "name": "Ada Guest",
        }
        for each in (small, large)
    }  # fmt: skip
    assert refused(await house.change(f"tables/{a}", seats=3), "table_in_use")["bookings"] == [shown[large["id"]]]
    assert refused(await house.remove(f"tables/{a}"), "table_in_use")["bookings"] == [*shown.values()]
    for each in (small, large):
        await house.guest.client.delete(f"/bookings/{each['id']}")
    hold = {"date": day, "time": "12:00", "guests": 2, "area": area}
    assert (await house.guest.client.post("/holds", json=hold)).status_code == 201
    assert refused(await house.remove(f"tables/{a}"), "table_in_use")["bookings"] == []


async def test_a_party_that_gets_smaller_keeps_its_tables(house: House, day: str) -> None:
    area, [a, b] = await house.room(4, 4)
    await house.combination([a, b], 5, 7)
    made = await book(house.guest.client, day, guests=6, area=area)
    for guests in (2, 7):
        kept = await house.guest.client.patch(f"/bookings/{made['id']}", json={"guests": guests})
        assert (kept.json()["tables"], kept.json()["guests"]) == (made["tables"], guests)
    refused(await house.guest.client.patch(f"/bookings/{made['id']}", json={"guests": 8}), "table_too_small")


async def test_a_booking_keeps_its_tables_when_its_combination_goes(house: House, day: str) -> None:
    area, [a, b, c] = await house.room(4, 4, 4)
    pair = await house.combination([a, b], 5, 8)
    made = await book(house.guest.client, day, guests=6, area=area)
    assert (await house.change(f"combinations/{pair}", table_ids=[b, c])).status_code == 200
    assert (await house.guest.client.get(f"/bookings/{made['id']}")).json()["tables"] == made["tables"]
    assert (await house.remove(f"combinations/{pair}")).status_code == 204
    assert (await house.guest.client.get(f"/bookings/{made['id']}")).json()["tables"] == made["tables"]
    refused(await house.remove(f"tables/{a}"), "table_in_use")


async def test_a_hold_counts_until_it_expires_and_a_block_never(house: House, day: str) -> None:
    """Rows as the verbs write them: two tables that are held for six, and one that is closed."""
    _, [a, b, closed] = await house.room(4, 4, 4)
    times = ("($1::text || ' 18:00+00')::timestamptz", "($1::text || ' 20:00+00')::timestamptz")
    [hold] = await query(
        house.hub,
        "INSERT INTO holds (venue_id, service_date, table_ids, starts_at, ends_at, guests, digest, expires_at) "
        f"VALUES (1, $1::text::date, jsonb_build_array($2::bigint, $3::bigint), {times[0]}, {times[1]}, 6, 'none', "
        "clock_timestamp() + interval '1 hour') RETURNING id",
        day, a, b,
    )  # fmt: skip
    [block] = await query(
        house.hub,
        "INSERT INTO blocks (venue_id, service_date, table_ids, starts_at, ends_at, reason) "
        f"VALUES (1, $1::text::date, jsonb_build_array($2::bigint), {times[0]}, {times[1]}, 'Painted') RETURNING id",
        day, closed,
    )  # fmt: skip
    for table, hold_id, block_id in ((a, hold["id"], None), (b, hold["id"], None), (closed, None, block["id"])):
        await query(
            house.hub,
            "INSERT INTO occupancies (venue_id, table_id, hold_id, block_id, starts_at, ends_at) "
            f"VALUES (1, $2, $3, $4, {times[0]}, {times[1]})",
            day, table, hold_id, block_id,
        )  # fmt: skip
    assert (await house.change(f"tables/{closed}", seats=1)).status_code == 200
    assert (await house.remove(f"tables/{closed}")).status_code == 204
    assert (await house.change(f"tables/{a}", seats=2)).status_code == 200
    refused(await house.change(f"tables/{a}", seats=1), "table_in_use")
    refused(await house.remove(f"tables/{a}"), "table_in_use")
    await query(house.hub, "UPDATE holds SET expires_at = clock_timestamp() WHERE id = $1", hold["id"])
    assert (await house.remove(f"tables/{a}")).status_code == 204


async def test_a_party_that_sits_longer_than_planned_keeps_its_table(house: House, day: str) -> None:
    area, [a, b] = await house.room(4, 4)
    await house.combination([a, b], 5, 8)
    made = await book(house.guest.client, day, guests=6, area=area)
    for table, column in (("bookings", "id"), ("occupancies", "booking_id")):
        times = "starts_at = starts_at - interval '730 days', ends_at = ends_at - interval '730 days'"
        await query(house.hub, f"UPDATE {table} SET {times} WHERE {column} = $1", made["id"])
    await query(house.hub, "UPDATE bookings SET status = 'seated' WHERE id = $1", made["id"])
    refused(await house.remove(f"tables/{b}"), "table_in_use")
    await query(house.hub, "UPDATE bookings SET status = 'finished' WHERE id = $1", made["id"])
    assert (await house.remove(f"tables/{b}")).status_code == 204
