"""Areas, combinations and places over REST: how they are kept, and what they are refused for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.rest import day_after, refused
from tests.integration.rest_rules.house import House, number
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = {"x": 10, "y": 20, "width": 100, "height": 50, "shape": "round", "turn": 45}


# -- areas and places


async def test_areas_are_kept_with_both_headers(house: House) -> None:
    key, name = {"Idempotency-Key": "an-area"}, f"Garden {next(number)}"
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
    made = await house.make("tables", name=f"Table {next(number)}", seats=4, area_id=area, place=PLACE)
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
