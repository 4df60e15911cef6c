"""Areas, combinations and places over REST: how they are kept, what they are refused for, and how they are booked."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.integration.rest import day_after, query, refused, running
from tests.integration.rest_rules.conftest import available, book
from tests.servers import Account, HubServer, Servers
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACE = {"x": 10, "y": 20, "width": 100, "height": 50, "shape": "round", "turn": 45}
_number = itertools.count(1)


@dataclass(frozen=True, slots=True)
class House:
    hub: HubServer
    admin: Account
    guest: Account

    async def make(self, what: str, **body: Any) -> dict[str, Any]:
        answer = await self.admin.client.post(f"/admin/{what}", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def table(self, seats: int, **more: Any) -> int:
        return int((await self.make("tables", name=f"Table {next(_number)}", seats=seats, **more))["id"])

    async def area(self) -> int:
        return int((await self.make("areas", name=f"Area {next(_number)}"))["id"])

    async def room(self, *seats: int) -> tuple[int, list[int]]:
        """A new area with tables of so many seats."""
        area = await self.area()
        return area, [await self.table(each, area_id=area) for each in seats]

    async def combination(self, tables: list[int], least: int, most: int, **more: Any) -> int:
        made = await self.make("combinations", table_ids=tables, min_guests=least, max_guests=most, **more)
        return int(made["id"])

    async def change(self, path: str, **body: Any) -> httpx.Response:
        return await self.admin.client.patch(f"/admin/{path}", json=body)

    async def remove(self, path: str) -> httpx.Response:
        return await self.admin.client.delete(f"/admin/{path}")

    async def listed(self, what: str) -> dict[int, dict[str, Any]]:
        return {each["id"]: each for each in (await self.admin.client.get(f"/admin/{what}")).json()["items"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(servers: Servers, template: str, folder: Path) -> AsyncIterator[House]:
    """A hub of its own: the others' choose among the tables of the first room alone."""
    async with running(servers, template, folder, workers=2) as hub:
        yield House(hub, await hub.staff("admin"), await hub.register())


# -- areas and places


async def test_areas_are_kept_with_both_headers(house: House) -> None:
    key, name = {"Idempotency-Key": "an-area"}, f"Garden {next(_number)}"
    wanted = {"name": f"  {name} ", "rank": 3}
    made = await house.admin.client.post("/admin/areas", json=wanted, headers=key)
    again = await house.admin.client.post("/admin/areas", json=wanted, headers=key)
    assert (made.status_code, made.content, made.headers["etag"]) == (201, again.content, '"r1"')
    assert again.headers["idempotency-replayed"] == "true"
    area = made.json()
    assert area == {"id": area["id"], "name": name, "rank": 3, "revision": 1}
    assert (await house.listed("areas"))[area["id"]] == area
    path = f"/admin/areas/{area['id']}"
    refused(await house.admin.client.post("/admin/areas", json={"name": name.upper()}), "name_taken")
    changed = await house.admin.client.patch(path, json={"rank": 0}, headers={"If-Match": '"r1"'})
    assert changed.json() == {**area, "rank": 0, "revision": 2}
    late = await house.admin.client.patch(path, json={"rank": 5}, headers={"If-Match": '"r1"'})
    assert refused(late, "changed")["present"] == changed.json()
    assert (await house.change(f"areas/{area['id']}", rank=0)).headers["etag"] == '"r2"'
    refused(await house.admin.client.delete(path, headers={"If-Match": '"r1"'}), "changed")
    gone = {"If-Match": '"r2"', "Idempotency-Key": "an-area-goes"}
    for replayed in (None, "true"):
        removed = await house.admin.client.delete(path, headers=gone)
        assert (removed.status_code, removed.headers.get("idempotency-replayed")) == (204, replayed)
    assert area["id"] not in await house.listed("areas")
    refused(await house.change(f"areas/{area['id']}", rank=1), "not_found")
    assert (await house.make("areas", name=name))["id"] != area["id"]  # the name may be given again


async def test_areas_are_listed_by_rank_and_then_by_name(house: House) -> None:
    for name, rank in (("zz 2", 9), ("zz 1", 9), ("zz 3", 8)):
        await house.make("areas", name=name, rank=rank)
    found = [each["name"] for each in (await house.listed("areas")).values()]
    assert [name for name in found if name.startswith("zz ")] == ["zz 3", "zz 1", "zz 2"]


async def test_an_area_in_which_a_table_stands_is_not_removed(house: House) -> None:
    area, [table] = await house.room(4)
    assert "stand in this area" in refused(await house.remove(f"areas/{area}"), "table_in_use")["detail"]
    assert (await house.change(f"tables/{table}", area_id=None)).json()["area_id"] is None
    assert (await house.remove(f"areas/{area}")).status_code == 204
    refused(await house.change(f"tables/{table}", area_id=area), "not_found")
    gone = await house.admin.client.post("/admin/tables", json={"name": "Nowhere", "seats": 2, "area_id": area})
    refused(gone, "not_found")


async def test_a_table_has_an_area_and_a_place_until_they_are_taken_away(house: House) -> None:
    area = await house.area()
    made = await house.make("tables", name=f"Table {next(_number)}", seats=4, area_id=area, place=PLACE)
    assert (made["area_id"], made["place"], made["revision"]) == (area, PLACE, 1)
    path = f"tables/{made['id']}"
    assert (await house.change(path, seats=5)).json() == {**made, "seats": 5, "revision": 2}
    moved = (await house.change(path, place={"x": 0, "y": 1000, "width": 1, "height": 1000})).json()
    assert moved["place"] == {"x": 0, "y": 1000, "width": 1, "height": 1000, "shape": "rect", "turn": 0}
    bare = (await house.change(path, area_id=None, place=None)).json()
    assert bare == {**made, "seats": 5, "revision": 4, "area_id": None, "place": None}
    assert (await house.listed("tables"))[made["id"]] == bare


@pytest.mark.parametrize(
    "wrong",
    [{"x": -1}, {"x": 1001}, {"width": 0}, {"turn": 30}, {"shape": "oval"}, {"x": 1.5}, {"z": 1}, {"y": None}],
)
async def test_a_place_has_its_form(house: House, wrong: dict[str, Any]) -> None:
    table = await house.table(4)
    answer = await house.change(f"tables/{table}", place={**PLACE, **wrong})
    [error] = refused(answer, "validation_error")["errors"]
    assert error["field"] == f"place.{next(iter(wrong))}"


# -- combinations


async def test_combinations_are_kept_with_both_headers(house: House) -> None:
    _, [a, b, c] = await house.room(4, 4, 2)
    names = {id: each["name"] for id, each in (await house.listed("tables")).items()}
    key, wanted = {"Idempotency-Key": "a-pair"}, {"table_ids": [b, a], "min_guests": 5, "max_guests": 8}
    made = await house.admin.client.post("/admin/combinations", json=wanted, headers=key)
    again = await house.admin.client.post("/admin/combinations", json=wanted, headers=key)
    assert (made.status_code, made.content, made.headers["etag"]) == (201, again.content, '"r1"')
    pair = made.json()
    assert pair == {
        "id": pair["id"], "name": f"{names[a]} + {names[b]}", "table_ids": [a, b], "min_guests": 5, "max_guests": 8,
        "revision": 1,
    }  # fmt: skip
    path = f"combinations/{pair['id']}"
    assert (await house.listed("combinations"))[pair["id"]] == pair
    renamed = (await house.change(path, name="The square")).json()
    assert renamed == {**pair, "name": "The square", "revision": 2}
    larger = (await house.change(path, table_ids=[a, b, c], max_guests=10, name=None)).json()
    assert (larger["name"], larger["table_ids"]) == (f"{names[a]} + {names[b]} + {names[c]}", [a, b, c])
    late = await house.admin.client.patch(f"/admin/{path}", json={"name": "X"}, headers={"If-Match": '"r1"'})
    assert refused(late, "changed")["present"] == larger
    gone = {"If-Match": '"r3"', "Idempotency-Key": "no-pair"}
    for replayed in (None, "true"):
        removed = await house.admin.client.delete(f"/admin/{path}", headers=gone)
        assert (removed.status_code, removed.headers.get("idempotency-replayed")) == (204, replayed)
    refused(await house.remove(path), "not_found")
    assert pair["id"] not in await house.listed("combinations")


async def test_a_combination_that_breaks_a_rule_is_told_which(house: House) -> None:
    _, [a, b, c] = await house.room(4, 4, 2)
    elsewhere, retired = await house.table(4), await house.table(4)
    assert (await house.remove(f"tables/{retired}")).status_code == 204
    pair = await house.combination([a, b], 5, 8)
    for tables, least, most, rule in (
        ([a], 1, 4, "members"),
        (list(range(1, 10)), 2, 18, "members"),
        ([a, retired], 5, 8, "retired"),
        ([a, 2**62], 5, 8, "retired"),
        ([a, elsewhere], 5, 8, "one_area"),
        ([a, c], 6, 5, "guests"),
        ([a, c], 1, 4, "needed"),
        ([a, c], 1, 7, "seats"),
        ([b, a], 1, 7, "once"),
    ):
        body = {"table_ids": tables, "min_guests": least, "max_guests": most}
        for answer in (
            await house.admin.client.post("/admin/combinations", json=body),
            await house.change(f"combinations/{pair}", **body) if rule != "once" else None,
        ):
            if answer is not None:
                problem = refused(answer, "combination_invalid")
                assert (problem["status"], problem["rule"], "combination" in problem) == (409, rule, False)
    for wrong in ({"min_guests": 0}, {"max_guests": 61}, {"table_ids": []}, {"name": " "}):
        body = {"table_ids": [a, c], "min_guests": 5, "max_guests": 6, **wrong}
        refused(await house.admin.client.post("/admin/combinations", json=body), "validation_error")


async def test_a_change_of_a_table_that_breaks_a_combination_names_it(house: House) -> None:
    _, [a, b] = await house.room(4, 4)
    pair = await house.combination([a, b], 5, 8, name="The square")
    for change, rule in (({"seats": 3}, "seats"), ({"seats": 8}, "needed"), ({"area_id": None}, "one_area")):
        problem = refused(await house.change(f"tables/{a}", **change), "combination_invalid")
        assert (problem["rule"], problem["combination"]) == (rule, {"id": pair, "name": "The square"})
        assert problem.get("clamped_to") == (7 if rule == "seats" else None)
    await house.change(f"combinations/{pair}", max_guests=7)
    assert (await house.change(f"tables/{a}", seats=3)).status_code == 200


async def test_a_table_that_shrinks_may_take_its_combination_with_it(house: House) -> None:
    """Clamped it is for as many as its tables then seat, unless more are to come."""
    _, [a, b] = await house.room(4, 4)
    pair = await house.combination([a, b], 5, 8)
    day = day_after(29)
    body = {"date": day, "time": "18:00", "guests": 8, "table_ids": [a, b]}
    eight = await house.admin.client.post("/bookings", json=body)
    assert eight.status_code == 201, eight.text

    async def shrink(seats: int, clamp: str) -> Any:
        return await house.admin.client.patch(f"/admin/tables/{a}{clamp}", json={"seats": seats})

    refused(await shrink(2, "?clamp=1"), "table_in_use")
    await house.admin.client.patch(f"/bookings/{eight.json()['id']}", json={"guests": 6})
    refused(await shrink(2, ""), "combination_invalid")
    refused(await shrink(2, "?clamp=yes"), "validation_error")
    assert (await house.listed("combinations"))[pair]["max_guests"] == 8
    assert (await shrink(2, "?clamp=1")).status_code == 200
    found = (await house.listed("combinations"))[pair]
    assert (found["max_guests"], found["revision"]) == (6, 2)
    refused(await shrink(1, "?clamp=1"), "table_in_use")  # six are to come


async def test_the_channel_tells_of_areas_combinations_and_places(house: House) -> None:
    socket = house.hub.url.replace("http:", "ws:", 1) + "/live"
    async with await Watcher.connected(socket, house.guest.token, "tables") as watcher:
        area, [a, b] = await house.room(4, 4)
        pair = await house.combination([a, b], 5, 8)
        await house.change(f"tables/{a}", place=PLACE, name="By the window")
        await house.change(f"areas/{area}", rank=3)

        def shown(part: str, id: int) -> Any:
            return watcher.held["tables"].data[part].get(str(id))

        await watcher.until(lambda: (shown("areas", area) or {}).get("rank") == 3)
        assert shown("tables", a) == {"name": "By the window", "seats": 4, "area_id": area, "place": PLACE}
        assert shown("tables", b)["place"] is None
        second = shown("tables", b)["name"]
        assert shown("combinations", pair) == {
            "name": f"By the window + {second}", "tables": [a, b], "min_guests": 5, "max_guests": 8,
        }  # fmt: skip
        assert (await house.remove(f"tables/{b}")).status_code == 204
        await watcher.until(lambda: shown("tables", b) is None)
        assert shown("combinations", pair) is None
        assert pair not in await house.listed("combinations")
    async with await Watcher.connected(socket, house.guest.token, "tables") as late:
        assert late.held["tables"] == watcher.held["tables"]


# -- booking them


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
