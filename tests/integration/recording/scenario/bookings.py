"""POST, GET, PATCH and DELETE /bookings…"""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import NOTHING, Ask, Capability, registers


def book(name: str, who: str | None = "fay", keep: str | None = None, **fields: Any) -> Ask:
    return Ask(name, "POST /bookings", {"date": "{day}", "time": "18:00", **fields}, who=who, keep=keep)


def mine(name: str, query: str = "", who: str | None = "fay", **how: Any) -> Ask:
    return Ask(name, f"GET /bookings/my{query}", who=who, **how)


def change(name: str, body: Any, who: str | None = "fay", of: str = "first") -> Ask:
    return Ask(name, f"PATCH /bookings/{{{of}.id}}", body, who=who)


def cancel(name: str, who: str | None = "fay", of: str = "first", body: Any = NOTHING) -> Ask:
    return Ask(name, f"DELETE /bookings/{{{of}.id}}", body, who=who)


CAPABILITY = Capability(
    "bookings",
    [
        registers("fay", 401),
        registers("gus", 402),
        mine("no bookings yet"),
        book("book", keep="first"),
        book("book for six", keep="second", guests=6),
        book("book a named table", keep="third", table_id=9, guests=3),
        book("book with an offset", keep="fourth", time="15:30Z", guests=2),
        book("book as a host", "host", table_id=16),
        book("without a token", None),
        book("no such table", table_id=999),
        book("a table that can't be", table_id=0),
        book("the table is too small", table_id=1, guests=3),
        book("no table is large enough", guests=20),
        book("before the house opens", time="11:00"),
        book("over its closing", time="20:30"),
        book("yesterday", date="{yesterday}"),
        book("long ago", date="{long_ago}"),
        book("too far ahead", date="{too_far}"),
        book("the table is taken", table_id=9, guests=3),
        book("the table is taken in part", time="16:30", table_id=9, guests=3),
        book("no guests", guests=0),
        book("guests as a text", guests="2"),
        book("no such date", date="2026-02-30"),
        book("no such time", time="6 pm"),
        book("a field that is unknown", party="Fay"),
        Ask("nothing is filled in", "POST /bookings", {}, who="fay"),
        Ask("no JSON", "POST /bookings", "[", who="fay"),
        Ask("read", "GET /bookings/{first.id}", who="fay"),
        Ask("read, the head", "HEAD /bookings/{first.id}", who="fay"),
        Ask("read as a host", "GET /bookings/{first.id}", who="host"),
        Ask("read as an admin", "GET /bookings/{first.id}", who="admin"),
        Ask("read as another guest", "GET /bookings/{first.id}", who="gus"),
        Ask("read as nobody", "GET /bookings/{first.id}"),
        Ask("read what there is not", "GET /bookings/999999", who="fay"),
        Ask("read what can't be", "GET /bookings/first", who="fay"),
        mine("all of mine"),
        mine("mine, the first page", "?limit=2", keep="page"),
        mine("mine, the next page", "?limit=2&before={page.next}"),
        mine("mine, none", "?limit=0"),
        mine("mine, too many", "?limit=101"),
        mine("mine, from no page", "?before=nowhere"),
        mine("mine, a name that is unknown", "?after=1"),
        mine("another guest's", who="gus"),
        mine("nobody's", who=None),
        Ask("mine, the head", "HEAD /bookings/my", who="fay"),
        change("to another time", {"time": "14:00"}),
        change("to more guests, at the same table", {"guests": 1}),
        change("nothing changes", {"time": "14:00", "guests": 1}),
        change("nothing at all", {}),
        change("to another table", {"table_id": 5}),
        change("to a table that the house chooses", {"table_id": None, "guests": 5}),
        change("to another day", {"date": "{next_day}", "time": "19:00", "guests": 2, "table_id": 2}),
        change("as a host", {"guests": 1}, "host"),
        change("as another guest", {"guests": 2}, "gus"),
        change("as nobody", {"guests": 2}, None),
        change("to a table that is taken", {"date": "{day}", "time": "18:00", "table_id": 9}),
        change("to a table that is too small", {"guests": 3}),
        change("to no such table", {"table_id": 999}),
        change("to more guests than any table takes", {"guests": 20, "table_id": None}),
        change("to a time before the house opens", {"time": "10:00"}),
        change("to yesterday", {"date": "{yesterday}"}),
        change("to a day too far ahead", {"date": "{too_far}"}),
        change("to a date that is null", {"date": None}),
        change("to no such time", {"time": "19"}),
        change("a field of a booking that is unknown", {"status": "seated"}),
        change("with no JSON", "now"),
        Ask("change what there is not", "PATCH /bookings/999999", {"guests": 2}, who="fay"),
        Ask("it is as it was changed", "GET /bookings/{first.id}", who="fay"),
        cancel("cancel as another guest", "gus"),
        cancel("cancel as nobody", None),
        cancel("cancel"),
        cancel("cancel again"),
        change("change what is canceled", {"guests": 1}),
        cancel("cancel as a host", "host", "second"),
        cancel("cancel with a body", of="third", body={"reason": "rain"}),
        cancel("cancel the last", of="fourth"),
        Ask("cancel what there is not", "DELETE /bookings/999999", who="fay"),
        Ask("read what is canceled", "GET /bookings/{first.id}", who="fay"),
        mine("none is left"),
        Ask("bookings can't be put", "PUT /bookings/{first.id}", {}, who="fay"),
        Ask("bookings can't be put all at once", "PUT /bookings", {}, who="host"),
    ],
)
