"""GET, POST /admin/tables; PATCH, DELETE /admin/tables/{id}."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, registers


def add(name: str, body: Any, who: str | None = "admin", keep: str | None = None) -> Ask:
    return Ask(name, "POST /admin/tables", body, who=who, keep=keep)


def change(name: str, body: Any, who: str | None = "admin") -> Ask:
    return Ask(name, "PATCH /admin/tables/{new.id}", body, who=who)


def remove(name: str, who: str | None = "admin") -> Ask:
    return Ask(name, "DELETE /admin/tables/{new.id}", who=who)


CAPABILITY = Capability(
    "tables",
    [
        registers("hal", 501),
        Ask("the room", "GET /admin/tables", who="admin"),
        Ask("the room, the head", "HEAD /admin/tables", who="admin"),
        Ask("the room for a host", "GET /admin/tables", who="host"),
        Ask("the room for a guest", "GET /admin/tables", who="hal"),
        Ask("the room for nobody", "GET /admin/tables"),
        add("add a table", {"name": " Window 1 ", "seats": 8}, keep="new"),
        add("a name that is taken", {"name": "Window 1", "seats": 2}),
        add("no name", {"name": " ", "seats": 2}),
        add("no seats", {"name": "Window 2", "seats": 0}),
        add("too many seats", {"name": "Window 2", "seats": 21}),
        add("seats as a text", {"name": "Window 2", "seats": "2"}),
        add("a field that is unknown", {"name": "Window 2", "seats": 2, "area": "garden"}),
        add("nothing is filled in", {}),
        add("no JSON", "table"),
        add("add as a host", {"name": "Window 2", "seats": 2}, "host"),
        add("add as nobody", {"name": "Window 2", "seats": 2}, None),
        change("rename it", {"name": "Window 3"}),
        change("fewer seats", {"seats": 7}),
        change("both", {"name": "Window 4", "seats": 9}),
        change("nothing", {}),
        change("a table's name that is taken", {"name": "T2-1"}),
        change("a name that is null", {"name": None}),
        change("too many seats for a table", {"seats": 21}),
        change("a field of a table that is unknown", {"retired": True}),
        change("change with no JSON", "seats"),
        change("change as a guest", {"seats": 2}, "hal"),
        change("change as nobody", {"seats": 2}, None),
        Ask("change what there is not", "PATCH /admin/tables/999", {"seats": 2}, who="admin"),
        Ask(
            "book it", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 8, "table_id": "{new.id}"},
            who="hal", keep="booked",
        ),
        change("fewer seats than are booked", {"seats": 7}),
        remove("remove what is booked"),
        Ask("cancel", "DELETE /bookings/{booked.id}", who="hal"),
        remove("remove as a host", "host"),
        remove("remove as nobody", None),
        remove("remove it"),
        remove("remove it again"),
        change("change what was removed", {"seats": 2}),
        Ask("book what was removed", "POST /bookings",
            {"date": "{day}", "time": "18:00", "guests": 8, "table_id": "{new.id}"}, who="hal"),
        Ask("its booking still names it", "GET /bookings/{booked.id}", who="hal"),
        Ask("the room as it was", "GET /admin/tables", who="admin"),
        Ask("the room can't be deleted", "DELETE /admin/tables", who="admin"),
    ],
)  # fmt: skip
