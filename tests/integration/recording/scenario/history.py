"""GET /bookings/{id}/history."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, registers


def change(name: str, who: str, **fields: Any) -> Ask:
    return Ask(name, "PATCH /bookings/{booked.id}", fields, who=who)


def history(name: str, query: str = "", who: str | None = "host") -> Ask:
    return Ask(name, f"GET /bookings/{{booked.id}}/history{query}", who=who)


CAPABILITY = Capability(
    "history",
    [
        registers("una", 601),
        Ask("book", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 2}, who="una", keep="booked"),
        history("after the booking"),
        change("another time and table, by the host", "host", time="19:00", table_id=14),
        change("another day", "una", date="{next_day}"),
        Ask("another name", "PATCH /auth/me", {"full_name": "Una Another"}, who="una"),
        change("what changes nothing", "host", guests=2),
        Ask("cancel", "DELETE /bookings/{booked.id}", who="una"),
        history("all of it"),
        history("as an admin", "?limit=1", who="admin"),
        history("the last two", "?limit=2"),
        history("as the guest", who="una"),
        history("as nobody", who=None),
        history("none", "?limit=0"),
        history("too many", "?limit=501"),
        history("from no page", "?cursor=nowhere"),
        history("a name that is unknown", "?before=1"),
        Ask("the head", "HEAD /bookings/{booked.id}/history", who="host"),
        Ask("of what there is not", "GET /bookings/999999/history", who="host"),
        Ask("of what can't be", "GET /bookings/first/history", who="host"),
        Ask("erase the account", "DELETE /auth/me", who="una"),
        history("of an erased account", "?limit=1"),
    ],
)
