"""Areas, combinations and places of tables: /admin/areas, /admin/combinations, and what is booked of them."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, registers

PLACE = {"x": 100, "y": 200, "width": 80, "height": 80, "shape": "round", "turn": 0}
PAIR = {"table_ids": ["{one.id}", "{two.id}"], "min_guests": 13, "max_guests": 19}


def ask(name: str, call: str, body: Any = None, who: str | None = "admin", **how: Any) -> Ask:
    return Ask(name, call, body, who=who, **how) if body is not None else Ask(name, call, who=who, **how)


def table(name: str, keep: str, seats: int) -> Ask:
    body = {"name": keep.title(), "seats": seats, "area_id": "{hall.id}", "place": PLACE}
    return ask(name, "POST /admin/tables", body, keep=keep)


CAPABILITY = Capability(
    "floor",
    [
        registers("joy", 611),
        ask("add an area", "POST /admin/areas", {"name": " Hall ", "rank": 2}, keep="hall"),
        ask("an area's name that is taken", "POST /admin/areas", {"name": "HALL"}),
        ask("an area without a name", "POST /admin/areas", {"name": " "}),
        ask("an area as a host", "POST /admin/areas", {"name": "Bar"}, "host"),
        ask("an area as nobody", "POST /admin/areas", {"name": "Bar"}, None),
        ask("the areas", "GET /admin/areas"),
        ask("the areas for a host", "GET /admin/areas", who="host"),
        ask("rename the area", "PATCH /admin/areas/{hall.id}", {"name": "Great hall"}),
        ask("change what there is not", "PATCH /admin/areas/999", {"rank": 1}),
        ask("change it as it was", "PATCH /admin/areas/{hall.id}", {"rank": 1}, headers={"If-Match": '"r1"'}),
        table("add a table in the area", "one", 10),
        table("add another one", "two", 10),
        ask("a place beyond the plan", "PATCH /admin/tables/{one.id}", {"place": {**PLACE, "x": 1001}}),
        ask("an area that is not there", "PATCH /admin/tables/{one.id}", {"area_id": 999}),
        ask("take away the place", "PATCH /admin/tables/{one.id}", {"place": None}),
        ask("remove an area with tables", "DELETE /admin/areas/{hall.id}"),
        ask("combine them", "POST /admin/combinations", PAIR, keep="pair"),
        ask("combine them again", "POST /admin/combinations", PAIR),
        ask("a combination of one", "POST /admin/combinations", {**PAIR, "table_ids": ["{one.id}"]}),
        ask("a combination with none that is there", "POST /admin/combinations", {**PAIR, "table_ids": [1, 999]}),
        ask("a combination over two areas", "POST /admin/combinations", {**PAIR, "table_ids": [1, "{one.id}"]}),
        ask("a combination for too many", "POST /admin/combinations", {**PAIR, "max_guests": 21}),
        ask("a combination for no more than one table", "POST /admin/combinations",
            {**PAIR, "min_guests": 1, "max_guests": 10}),
        ask("a combination for fewer than it is for", "POST /admin/combinations", {**PAIR, "max_guests": 12}),
        ask("a combination as a host", "POST /admin/combinations", PAIR, "host"),
        ask("the combinations", "GET /admin/combinations"),
        ask("rename a table of it", "PATCH /admin/tables/{two.id}", {"name": "Deux"}),
        ask("the combinations with the new name", "GET /admin/combinations"),
        ask("name it", "PATCH /admin/combinations/{pair.id}", {"name": "The board", "max_guests": 18}),
        ask("change the combination as it was", "PATCH /admin/combinations/{pair.id}", {"max_guests": 17},
            headers={"If-Match": '"r1"'}),
        ask("a table of it with too few seats", "PATCH /admin/tables/{two.id}", {"seats": 7}),
        ask("a table of it elsewhere", "PATCH /admin/tables/{two.id}", {"area_id": None}),
        ask("free for many", "GET /tables/available?date={day}&time=18:00&guests=15", who="joy"),
        ask("book for many", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 15}, "joy", keep="booked"),
        ask("book for as many again", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 15}, "joy"),
        ask("book in an area", "POST /bookings", {"date": "{day}", "time": "12:00", "area": "{hall.id}"}, "joy",
            keep="other"),
        ask("book in an area that is not there", "POST /bookings", {"date": "{day}", "time": "12:00", "area": 999},
            "joy"),
        ask("book a table that is not in the area", "POST /bookings",
            {"date": "{day}", "time": "12:00", "area": "{hall.id}", "table_id": 1}, "joy"),
        ask("remove a table of it that is booked", "DELETE /admin/tables/{two.id}"),
        ask("cancel for many", "DELETE /bookings/{booked.id}", who="joy"),
        ask("cancel in the area", "DELETE /bookings/{other.id}", who="joy"),
        ask("remove the combination", "DELETE /admin/combinations/{pair.id}"),
        ask("remove the combination again", "DELETE /admin/combinations/{pair.id}"),
        ask("combine them anew", "POST /admin/combinations", PAIR, keep="pair"),
        ask("remove a table of it", "DELETE /admin/tables/{two.id}"),
        ask("the combination is gone", "PATCH /admin/combinations/{pair.id}", {"max_guests": 17}),
        ask("remove what is gone", "DELETE /admin/combinations/{pair.id}"),
        ask("remove the other table", "DELETE /admin/tables/{one.id}"),
        ask("remove the area", "DELETE /admin/areas/{hall.id}"),
        ask("remove the area again", "DELETE /admin/areas/{hall.id}"),
    ],
)  # fmt: skip
